"""VPC Lattice: services and service networks, and who may call through them.  Those that others share are theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scanners.collectors.cloud import Call, Collector, Detail
from scanners.collectors.parse import with_policy
from scanners.model import Identity, Place, Resource

MOVING = frozenset({
    "createdAt", "lastUpdatedAt", "numberOfAssociatedResourceConfigurations", "numberOfAssociatedServices",
    "numberOfAssociatedVPCs", "status",
})  # fmt: skip
GONE = frozenset({"ResourceNotFoundException"})


def itself(place: Place, item: Any) -> Identity:
    return Identity(item["arn"], item["name"])


def own(place: Place, item: Any) -> bool:
    return bool(item["arn"].split(":")[4] == place.account)


def by(field: str) -> Callable[[Resource], dict[str, str]]:
    return lambda found: {field: found.ref}


def if_asked(section: str) -> Callable[[Resource], dict[str, str] | None]:
    """A policy counts only where callers are asked who they are."""
    return lambda found: {"resourceIdentifier": found.ref} if found[section]["authType"].value == "AWS_IAM" else None


def kind(noun: str, field: str) -> Collector:
    policy = Call("vpc-lattice", "GetAuthPolicy", absent=GONE, drop=MOVING)
    return Collector(
        kind=f"AWS::VpcLattice::{noun}",
        listing=Call("vpc-lattice", f"List{noun}s", items="items", params={"maxResults": 100}, drop=MOVING),
        identify=itself,
        choose=own,
        details=(
            Detail(Call("vpc-lattice", f"Get{noun}", absent=GONE, drop=MOVING), bind=by(field)),
            Detail(policy, bind=if_asked(f"Get{noun}"), after=f"Get{noun}", shape=with_policy("policy")),
        ),
    )


COLLECTORS = (kind("Service", "serviceIdentifier"), kind("ServiceNetwork", "serviceNetworkIdentifier"))
