"""Cloud Run services: who may call them, from where, as whom they run and what stands in their variables.

Both roads tell a service in the form of the older, Kubernetes-like API (one call of it lists all locations; v2 must be
asked location by location).  What is kept has the names of v2, which people know from the console and from Terraform.
Fields are kept by name, so that nothing volatile stays and no argument or annotation carries a secret past the door.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from scanners.collectors.door import Door
from scanners.collectors.gcp.words import PAGE, ask, get_policy, two_roads
from scanners.model import Place

SERVICE = "run.googleapis.com/Service"
INGRESS = {
    "all": "INGRESS_TRAFFIC_ALL",
    "internal": "INGRESS_TRAFFIC_INTERNAL_ONLY",
    "internal-and-cloud-load-balancing": "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER",
    "none": "INGRESS_TRAFFIC_NONE",
}
KEPT = (
    "name", "uid", "labels", "ingress", "invokerIamDisabled", "defaultUriDisabled", "uri", "urls", "iapEnabled",
    "binaryAuthorization",
)  # fmt: skip
KEPT_OF_TEMPLATE = ("serviceAccount", "vpcAccess", "scaling", "encryptionKey", "executionEnvironment")
LIST = ask(
    "run",
    "namespaces.services.list",
    "run.services.list",
    items="items",
    fills="resource",
    params={"parent": "namespaces/{project}", "limit": PAGE},
)


def as_v2(body: Any, door: Door) -> dict[str, Any]:
    return _kept(_of_knative(body) if "metadata" in body else body, door)


def _kept(body: Mapping[str, Any], door: Door) -> dict[str, Any]:
    template = body.get("template", {})
    return {
        **{name: body[name] for name in KEPT if name in body},
        "template": {
            **{name: template[name] for name in KEPT_OF_TEMPLATE if name in template},
            "containers": [
                {
                    **{name: one[name] for name in ("name", "image") if name in one},
                    "env": [_variable(variable, door) for variable in one.get("env", [])],
                }
                for one in template.get("containers", [])
            ],
        },
    }


def _variable(variable: Mapping[str, Any], door: Door) -> dict[str, Any]:
    """A reference to a secret as it is; of a value, what the door lets through."""
    kept = {"name": variable.get("name", "")}
    if "value" in variable:
        return {**kept, "value": door.variable(str(kept["name"]), variable["value"])}
    return {**kept, **{key: variable[key] for key in ("valueSource", "valueFrom") if key in variable}}


def _of_knative(body: Mapping[str, Any]) -> dict[str, Any]:
    """Source of the names: "Cloud Run Admin API v1" and its annotations ("YAML reference"), read 2026-11."""
    about = body["metadata"]
    notes = about.get("annotations", {})
    spec = body.get("spec", {}).get("template", {}).get("spec", {})
    template_notes = body.get("spec", {}).get("template", {}).get("metadata", {}).get("annotations", {})
    ingress = notes.get("run.googleapis.com/ingress", "all")  # what a service without the annotation has
    limit = template_notes.get("autoscaling.knative.dev/maxScale")
    return {
        "name": f"projects/{about.get('namespace', '-')}/locations/{_location(body)}/services/{about['name']}",
        **({"uid": about["uid"]} if "uid" in about else {}),
        "labels": about.get("labels", {}),
        "ingress": INGRESS.get(ingress, ingress),
        "invokerIamDisabled": notes.get("run.googleapis.com/invoker-iam-disabled") == "true",
        "defaultUriDisabled": notes.get("run.googleapis.com/default-url-disabled") == "true",
        **({"uri": body["status"]["url"]} if body.get("status", {}).get("url") else {}),
        **_urls(notes.get("run.googleapis.com/urls")),
        **_authorized(notes),
        "template": {
            **_network(template_notes),
            **({"serviceAccount": spec["serviceAccountName"]} if "serviceAccountName" in spec else {}),
            **({"scaling": {"maxInstanceCount": limit}} if limit else {}),
            "containers": spec.get("containers", []),
        },
    }


def _authorized(notes: Mapping[str, Any]) -> dict[str, Any]:
    """`default`, or the name of a policy of a platform."""
    told = notes.get("run.googleapis.com/binary-authorization")
    if not told:
        return {}
    return {"binaryAuthorization": {"useDefault": True} if told == "default" else {"policy": told}}


EGRESS = {"all": "ALL_TRAFFIC", "all-traffic": "ALL_TRAFFIC", "private-ranges-only": "PRIVATE_RANGES_ONLY"}


def _network(notes: Mapping[str, Any]) -> dict[str, Any]:
    """Source: "Direct VPC egress", "Connectors" (Cloud Run documentation), read 2026-11."""
    egress = notes.get("run.googleapis.com/vpc-access-egress")
    connector = notes.get("run.googleapis.com/vpc-access-connector")
    networks = notes.get("run.googleapis.com/network-interfaces")
    if not connector and not networks:
        return {}
    told = {"egress": EGRESS.get(egress, egress)} if egress else {}
    direct: dict[str, Any] = {"networkInterfaces": [{}]} if networks else {}
    return {"vpcAccess": {**told, **({"connector": connector} if connector else {}), **direct}}


def _urls(note: Any) -> dict[str, list[str]]:
    """All addresses of a service: the annotation holds a list as JSON."""
    try:
        found = json.loads(note) if isinstance(note, str) else None
    except (ValueError, RecursionError):
        return {}
    return {"urls": [one for one in found if isinstance(one, str)]} if isinstance(found, list) else {}


def _location(body: Mapping[str, Any]) -> str:
    if "metadata" in body:
        return str(body["metadata"].get("labels", {}).get("cloud.googleapis.com/location", "-"))
    return str(body["name"]).split("/")[3]


def _short(body: Mapping[str, Any]) -> str:
    return str(body["metadata"]["name"] if "metadata" in body else body["name"]).rpartition("/")[2]


def full_name(place: Place, body: Any) -> str:
    return f"//run.googleapis.com/projects/{place.account}/locations/{_location(body)}/services/{_short(body)}"


COLLECTORS = (
    two_roads(
        SERVICE,
        service="run",
        types=(SERVICE,),
        policies_of=(SERVICE,),
        listing=LIST,
        full_name=full_name,
        short=_short,
        location=_location,
        shape=as_v2,
        policy=get_policy("run", "projects.locations.services", "run.services.getIamPolicy"),
    ),
)
