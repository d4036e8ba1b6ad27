"""Cognito's user pools: how the people in them sign in."""

from __future__ import annotations

from typing import Any

from scanners.collectors.cloud import Call, Collector, Detail
from scanners.model import Identity, Place, Resource

LIST = Call(
    "cognito-idp",
    "ListUserPools",
    items="UserPools",
    params={"MaxResults": 60},
    drop=frozenset({"LastModifiedDate", "Status"}),
)
DESCRIBE = Call(
    "cognito-idp",
    "DescribeUserPool",
    take="UserPool",
    drop=frozenset({
        "EmailConfigurationFailure", "EmailVerificationMessage", "EmailVerificationSubject", "EstimatedNumberOfUsers",
        "LastModifiedDate", "SchemaAttributes", "SmsAuthenticationMessage", "SmsConfigurationFailure",
        "SmsVerificationMessage", "Status", "VerificationMessageTemplate",
    }),
)  # fmt: skip


def pool(place: Place, item: Any) -> Identity:
    arn = f"arn:{place.partition}:cognito-idp:{place.region}:{place.account}:userpool/{item['Id']}"
    return Identity(arn, item["Name"])


def of_pool(pool: Resource) -> dict[str, str]:
    return {"UserPoolId": pool["ListUserPools"].need("Id").text()}


COLLECTORS = (
    Collector(
        kind="AWS::Cognito::UserPool",
        listing=LIST,
        identify=pool,
        details=(Detail(DESCRIBE, bind=of_pool),),
    ),
)
