"""Cloud Run functions of both generations, and the runtimes that Google supports.

Both roads end in the form of the v2 API, which tells first generation functions too.  The inventory has the first
generation under a type of its own, in the form of the v1 API.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanners.collectors.cloud import Collector
from scanners.collectors.door import Door
from scanners.collectors.gcp.words import PAGE, PROJECT, ask, get_policy, two_roads
from scanners.model import Identity, Place

FUNCTION, SECOND = "cloudfunctions.googleapis.com/CloudFunction", "cloudfunctions.googleapis.com/Function"
RUNTIME = "cloudfunctions.googleapis.com/Runtime"
LIST = ask(
    "cloudfunctions",
    "projects.locations.functions.list",
    "cloudfunctions.functions.list",
    items="functions",
    fills="resource",
    params={"parent": f"{PROJECT}/locations/-", "pageSize": PAGE},
)
RUNTIMES = ask(
    "cloudfunctions",
    "projects.locations.runtimes.list",
    "cloudfunctions.runtimes.list",
    items="runtimes",
    params={"parent": f"{PROJECT}/locations/us-central1"},  # dates of support are the same everywhere
)
SERVICE = (
    "service", "ingressSettings", "securityLevel", "serviceAccountEmail", "maxInstanceCount", "uri", "vpcConnector",
    "vpcConnectorEgressSettings", "secretEnvironmentVariables", "secretVolumes",
)  # fmt: skip
BUILD = ("runtime", "serviceAccount", "workerPool", "dockerRepository")


def as_v2(body: Any, door: Door) -> dict[str, Any]:
    told = body if "buildConfig" in body or "serviceConfig" in body else _of_v1(body)
    service, build = told.get("serviceConfig", {}), told.get("buildConfig", {})
    return {
        **{key: told[key] for key in ("name", "environment", "labels", "kmsKeyName") if key in told},
        "serviceConfig": {
            **{key: service[key] for key in SERVICE if key in service},
            "environmentVariables": door.variables(service.get("environmentVariables", {})),
        },
        "buildConfig": {
            **{key: build[key] for key in BUILD if key in build},
            "environmentVariables": door.variables(build.get("environmentVariables", {})),
        },
        **({"eventTrigger": _trigger(told["eventTrigger"])} if "eventTrigger" in told else {}),
    }


def _trigger(trigger: Mapping[str, Any]) -> dict[str, Any]:
    """What it listens to stands in `resource` in the first generation, in `pubsubTopic` or filters in the second."""
    kept = ("eventType", "pubsubTopic", "eventFilters", "resource", "serviceAccountEmail")
    return {key: trigger[key] for key in kept if key in trigger}


def _of_v1(body: Mapping[str, Any]) -> dict[str, Any]:
    """Source of the names: "CloudFunction" of v1 and "Function" of v2, discovery documents of 2026-10-29."""
    https = body.get("httpsTrigger", {})
    service = {
        **{key: body[key] for key in SERVICE if key in body},
        **({"securityLevel": https["securityLevel"]} if "securityLevel" in https else {}),
        **({"maxInstanceCount": body["maxInstances"]} if "maxInstances" in body else {}),
        **({"uri": https["url"]} if "url" in https else {}),
        "environmentVariables": body.get("environmentVariables", {}),
    }
    build = {
        **({"runtime": body["runtime"]} if "runtime" in body else {}),
        **({"serviceAccount": body["buildServiceAccount"]} if "buildServiceAccount" in body else {}),
        "environmentVariables": body.get("buildEnvironmentVariables", {}),
    }
    kept = {key: body[key] for key in ("name", "labels", "kmsKeyName", "eventTrigger") if key in body}
    return {**kept, "environment": "GEN_1", "serviceConfig": service, "buildConfig": build}


def full_name(place: Place, body: Any) -> str:
    return f"//cloudfunctions.googleapis.com/{body['name']}"


def runtime(place: Place, item: Any) -> Identity:
    name = f"{item['name']} {item.get('environment', '')}".strip()
    return Identity(f"//cloudfunctions.googleapis.com/projects/{place.account}/runtimes/{name.replace(' ', '/')}", name)


COLLECTORS = (
    two_roads(
        FUNCTION,
        service="cloudfunctions",
        types=(FUNCTION, SECOND),
        also=(SECOND,),
        policies_of=(FUNCTION, SECOND),
        listing=LIST,
        full_name=full_name,
        location=lambda body: str(body["name"]).split("/")[3],
        shape=as_v2,
        policy=get_policy("cloudfunctions", "projects.locations.functions", "cloudfunctions.functions.getIamPolicy"),
    ),
    Collector(kind=RUNTIME, listing=RUNTIMES, identify=runtime, everywhere=False),
)
