"""Cognito: user pools, how the people in them sign in and what their apps may do; identity pools and their roles.

The secret of an app is not kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanners.collectors.cloud import Call, Collector, Detail
from scanners.collectors.door import Door
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


CLIENTS = Call("cognito-idp", "ListUserPoolClients", items="UserPoolClients", params={"MaxResults": 60})
CLIENT = Call(
    "cognito-idp",
    "DescribeUserPoolClient",
    take="UserPoolClient",
    absent=frozenset({"ResourceNotFoundException"}),
    drop=frozenset({"ClientSecret", "CreationDate", "LastModifiedDate", "ReadAttributes", "WriteAttributes"}),
)


GONE = frozenset({"ResourceNotFoundException"})
IDENTITIES = Call("cognito-identity", "ListIdentityPools", items="IdentityPools", params={"MaxResults": 60})
DESCRIBE_IDENTITIES = Call(
    "cognito-identity",
    "DescribeIdentityPool",
    absent=GONE,
    drop=frozenset({"IdentityPoolTags", "SupportedLoginProviders"}),
)
ROLES = Call("cognito-identity", "GetIdentityPoolRoles", absent=GONE)


def pool(place: Place, item: Any) -> Identity:
    arn = f"arn:{place.partition}:cognito-idp:{place.region}:{place.account}:userpool/{item['Id']}"
    return Identity(arn, item["Name"])


def identity_pool(place: Place, item: Any) -> Identity:
    number = item["IdentityPoolId"]
    arn = f"arn:{place.partition}:cognito-identity:{place.region}:{place.account}:identitypool/{number}"
    return Identity(arn, item["IdentityPoolName"])


def listed(item: Any, door: Door) -> dict[str, str]:
    """The rest is told by the description."""
    return {name: item[name] for name in ("IdentityPoolId", "IdentityPoolName")}


def of_identity_pool(pool: Resource) -> dict[str, str]:
    return {"IdentityPoolId": pool["ListIdentityPools"].need("IdentityPoolId").text()}


def of_pool(pool: Resource) -> dict[str, str]:
    return {"UserPoolId": pool["ListUserPools"].need("Id").text()}


def clients(pool: Resource) -> Iterator[tuple[str, dict[str, str]]]:
    for client in pool["ListUserPoolClients"]:
        yield client.need("ClientId").text(), {**of_pool(pool), "ClientId": client.need("ClientId").text()}


COLLECTORS = (
    Collector(
        kind="AWS::Cognito::UserPool",
        listing=LIST,
        identify=pool,
        details=(
            Detail(DESCRIBE, bind=of_pool),
            Detail(CLIENTS, bind=of_pool),
            Detail(CLIENT, each=clients, after="ListUserPoolClients"),
        ),
    ),
    Collector(
        kind="AWS::Cognito::IdentityPool",
        listing=IDENTITIES,
        identify=identity_pool,
        shape=listed,
        details=(Detail(DESCRIBE_IDENTITIES, bind=of_identity_pool), Detail(ROLES, bind=of_identity_pool)),
    ),
)
