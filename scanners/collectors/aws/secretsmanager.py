"""Secrets Manager: who may read secrets, and how old they grow.  No value is ever asked for."""

from __future__ import annotations

from typing import Any

from scanners.collectors.cloud import Call, Collector, Detail
from scanners.collectors.parse import with_policy
from scanners.model import Identity, Place, Resource

LIST = Call(
    "secretsmanager",
    "ListSecrets",
    items="SecretList",
    params={"MaxResults": 100},
    drop=frozenset({"LastAccessedDate", "SecretVersionsToStages"}),
)
POLICY = Call("secretsmanager", "GetResourcePolicy")


def secret(place: Place, item: Any) -> Identity:
    return Identity(item["ARN"], item["Name"])


def of_secret(secret: Resource) -> dict[str, str]:
    return {"SecretId": secret["ListSecrets"].need("ARN").text()}


COLLECTORS = (
    Collector(
        kind="AWS::SecretsManager::Secret",
        listing=LIST,
        identify=secret,
        details=(Detail(POLICY, bind=of_secret, shape=with_policy("ResourcePolicy")),),
    ),
)
