"""Compute Engine's networks as far as they let the internet in: firewall rules, and load balancers from their address
to what stands behind them.

Limits: rules of VPC firewall policies (organisation, folder, network) are not read.
"""

from __future__ import annotations

from typing import Any

from scanners.collectors.cloud import Collector, Shape
from scanners.collectors.door import Door
from scanners.collectors.gcp.words import RESOURCE, ask, keep, two_roads

FIREWALL, BACKEND = "compute.googleapis.com/Firewall", "compute.googleapis.com/BackendService"
FORWARDING, GLOBAL = "compute.googleapis.com/ForwardingRule", "compute.googleapis.com/GlobalForwardingRule"
HTTP, HTTPS = "compute.googleapis.com/TargetHttpProxy", "compute.googleapis.com/TargetHttpsProxy"
URLS, GROUP = "compute.googleapis.com/UrlMap", "compute.googleapis.com/NetworkEndpointGroup"
TLS, SUBNET = "compute.googleapis.com/SslPolicy", "compute.googleapis.com/Subnetwork"
TYPES = (FIREWALL, BACKEND, FORWARDING, GLOBAL, HTTP, HTTPS, URLS, GROUP, TLS, SUBNET)
MOST = 500
_kept = keep(
    "name", "network", "direction", "disabled", "priority", "sourceRanges", "sourceTags", "sourceServiceAccounts",
    "targetTags", "targetServiceAccounts", "allowed", "denied",
)  # fmt: skip


_WEIGHED = "weightedBackendServices.backendService"
_LEADS = (
    "name",
    "service",
    "defaultService",
    f"routeAction.{_WEIGHED}",
    f"defaultRouteAction.{_WEIGHED}",
)  # no headers


def firewall(body: Any, door: Door) -> Any:
    """The inventory spells IPProtocol with a small i."""
    told = _kept(body, door)
    for rule in [*told.get("allowed", []), *told.get("denied", [])]:
        if "ipProtocol" in rule:
            rule["IPProtocol"] = rule.pop("ipProtocol")
    return told


def link(body: Any) -> str:
    """projects/…: the part of a selfLink that names the resource."""
    return "projects/" + str(body["selfLink"]).partition("/projects/")[2]


def of_all_regions(kind: str, field: str, shape: Shape, also: tuple[str, ...] = ()) -> Collector:
    """`field` is what Compute Engine calls the resources in its answer, and in the permission to list them."""
    return two_roads(
        kind,
        service="compute",
        types=TYPES,
        also=also,
        listing=ask(
            "compute",
            f"{field}.aggregatedList",
            f"compute.{field}.list",
            items=f"items.*.{field}",
            fills=RESOURCE,
            params={"project": "{project}", "maxResults": MOST},
        ),
        full_name=lambda place, body: f"//compute.googleapis.com/{link(body)}",
        short=lambda body: str(body["name"]),
        location=lambda body: str(body.get("region", "global")).rpartition("/")[2],
        shape=shape,
    )


COLLECTORS = (
    two_roads(
        FIREWALL,
        service="compute",
        types=TYPES,
        listing=ask(
            "compute",
            "firewalls.list",
            "compute.firewalls.list",
            items="items",
            fills=RESOURCE,
            params={"project": "{project}", "maxResults": MOST},
        ),
        full_name=lambda place, body: f"//compute.googleapis.com/{link(body)}",
        short=lambda body: str(body["name"]),
        shape=firewall,
    ),
    of_all_regions(
        BACKEND,
        "backendServices",
        keep(
            "name",
            "selfLink",
            "loadBalancingScheme",
            "securityPolicy",
            "edgeSecurityPolicy",
            "protocol",
            "iap.enabled",
            "logConfig.enable",
            "region",
            "backends.group",
        ),
    ),
    of_all_regions(
        FORWARDING,
        "forwardingRules",
        keep("name", "selfLink", "IPAddress", "portRange", "target", "loadBalancingScheme", "region"),
        also=(GLOBAL,),
    ),
    of_all_regions(HTTP, "targetHttpProxies", keep("name", "selfLink", "urlMap", "region")),
    of_all_regions(HTTPS, "targetHttpsProxies", keep("name", "selfLink", "urlMap", "sslPolicy", "region")),
    of_all_regions(
        URLS,
        "urlMaps",
        keep(
            "name",
            "selfLink",
            "defaultService",
            f"defaultRouteAction.{_WEIGHED}",
            "hostRules.hosts",
            "hostRules.pathMatcher",
            *(f"pathMatchers.{one}" for one in _LEADS),
            *(f"pathMatchers.{rules}.{one}" for rules in ("pathRules", "routeRules") for one in _LEADS),
            "region",
        ),
    ),
    of_all_regions(
        GROUP,
        "networkEndpointGroups",
        keep("name", "selfLink", "networkEndpointType", "cloudRun", "cloudFunction", "region"),
    ),
    of_all_regions(TLS, "sslPolicies", keep("name", "selfLink", "minTlsVersion", "profile", "region")),
    of_all_regions(
        SUBNET, "subnetworks", keep("name", "purpose", "enableFlowLogs", "logConfig.enable", "network", "region")
    ),
)
