"""Secrets Manager: who may read secrets, and how old they grow.  No value is ever asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanners.collectors.cloud import Call, Collector, Detail
from scanners.collectors.door import Door
from scanners.collectors.parse import with_policy
from scanners.model import Identity, Place, Resource
from scanners.model.canonical import clean

LIST = Call(
    "secretsmanager",
    "ListSecrets",
    items="SecretList",
    params={"MaxResults": 100},
    drop=frozenset({"SecretVersionsToStages"}),
)
POLICY = Call("secretsmanager", "GetResourcePolicy")


def secret(place: Place, item: Any) -> Identity:
    return Identity(item["ARN"], item["Name"])


def to_the_day(item: Mapping[str, Any], door: Door) -> dict[str, Any]:
    """AWS tells the day of the last access only; emulators tell the minute."""
    used = item.get("LastAccessedDate")
    return {**item, "LastAccessedDate": str(clean(used)).partition("T")[0]} if used else dict(item)


def of_secret(secret: Resource) -> dict[str, str]:
    return {"SecretId": secret["ListSecrets"].need("ARN").text()}


COLLECTORS = (
    Collector(
        kind="AWS::SecretsManager::Secret",
        listing=LIST,
        identify=secret,
        shape=to_the_day,
        details=(Detail(POLICY, bind=of_secret, shape=with_policy("ResourcePolicy")),),
    ),
)
