"""Compute Engine's networks as far as they let the internet in: firewall rules and what stands behind load balancers.

Limits: rules of VPC firewall policies (organisation, folder, network) are not read.
"""

from __future__ import annotations

from typing import Any

from scanners.collectors.door import Door
from scanners.collectors.gcp.words import RESOURCE, ask, keep, two_roads

FIREWALL, BACKEND = "compute.googleapis.com/Firewall", "compute.googleapis.com/BackendService"
TYPES = (FIREWALL, BACKEND)
MOST = 500
_kept = keep(
    "name", "network", "direction", "disabled", "priority", "sourceRanges", "sourceTags", "sourceServiceAccounts",
    "targetTags", "targetServiceAccounts", "allowed", "denied",
)  # fmt: skip


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
    two_roads(
        BACKEND,
        service="compute",
        types=TYPES,
        listing=ask(
            "compute",
            "backendServices.aggregatedList",
            "compute.backendServices.list",
            items="items.*.backendServices",
            fills=RESOURCE,
            params={"project": "{project}", "maxResults": MOST},
        ),
        full_name=lambda place, body: f"//compute.googleapis.com/{link(body)}",
        short=lambda body: str(body["name"]),
        location=lambda body: str(body.get("region", "global")).rpartition("/")[2],
        shape=keep(
            "name",
            "selfLink",
            "loadBalancingScheme",
            "securityPolicy",
            "edgeSecurityPolicy",
            "protocol",
            "iap.enabled",
            "logConfig.enable",
            "region",
        ),
    ),
)
