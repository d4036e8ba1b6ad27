"""KMS keys: who may use them, and how they age."""

from __future__ import annotations

from typing import Any

from scanners.collectors.cloud import Attached, Call, Collector, Detail
from scanners.collectors.door import Door
from scanners.collectors.parse import with_policy
from scanners.model import Identity, Place, Resource

LIST = Call("kms", "ListKeys", items="Keys", params={"Limit": 1000})
DESCRIBE = Call("kms", "DescribeKey", take="KeyMetadata")
POLICY = Call("kms", "GetKeyPolicy", params={"PolicyName": "default"})  # the only name there is
ROTATION = Call(
    "kms", "GetKeyRotationStatus", drop=frozenset({"NextRotationDate", "OnDemandRotationStartDate", "KeyId"})
)
GRANTS = Call("kms", "ListGrants", items="Grants", params={"Limit": 100}, drop=frozenset({"CreationDate", "KeyId"}))
ALIASES = Call(
    "kms",
    "ListAliases",
    items="Aliases",
    params={"Limit": 100},
    drop=frozenset({"CreationDate", "LastUpdatedDate"}),
)
LEAVING = ("PendingDeletion", "PendingReplicaDeletion")


def key(place: Place, item: Any) -> Identity:
    return Identity(item["KeyArn"], item["KeyId"])


def id_of(key: Resource) -> str:
    return key["ListKeys"].need("KeyId").text()


def of_key(key: Resource) -> dict[str, str]:
    return {"KeyId": id_of(key)}


def of_alias(alias: Any) -> str | None:
    """AWS's own aliases lead nowhere until something uses them."""
    return str(alias["TargetKeyId"]) if "TargetKeyId" in alias else None


def first_alias(key: Resource) -> str | None:
    """The name that people know: orders, not alias/orders."""
    return min((alias.need("AliasName").text().removeprefix("alias/") for alias in key["ListAliases"]), default=None)


def if_ours(key: Resource) -> dict[str, str] | None:
    """AWS keeps the policies of its own keys, and nobody can change them."""
    return of_key(key) if key["DescribeKey"].need("KeyManager").value == "CUSTOMER" else None


def by_id(grants: Any, door: Door) -> Any:
    """In one order each time: services make grants and let go of them all day."""
    return sorted(grants, key=lambda grant: str(grant["GrantId"]))


def if_rotatable(key: Resource) -> dict[str, str] | None:
    """KMS rotates by itself only symmetric keys whose material it made; of a leaving key it will not say."""
    said = key["DescribeKey"]
    rotatable = (
        said.need("KeyManager").value == "CUSTOMER"
        and said.need("KeySpec").value == "SYMMETRIC_DEFAULT"
        and said.need("Origin").value == "AWS_KMS"
        and said.need("KeyState").value not in LEAVING
    )
    return of_key(key) if rotatable else None


COLLECTORS = (
    Collector(
        kind="AWS::KMS::Key",
        listing=LIST,
        identify=key,
        attached=(Attached(ALIASES, of=of_alias, to=id_of),),
        known_as=first_alias,
        details=(
            Detail(DESCRIBE, bind=of_key),
            Detail(POLICY, bind=if_ours, after="DescribeKey", shape=with_policy("Policy")),
            Detail(GRANTS, bind=if_ours, after="DescribeKey", shape=by_id),
            Detail(ROTATION, bind=if_rotatable, after="DescribeKey"),
        ),
    ),
)
