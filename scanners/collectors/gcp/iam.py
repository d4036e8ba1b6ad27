"""Service accounts with their keys and their use, roles with their permissions, and who may come in by federation.

Roles are read from the cloud like any other resource: what a predefined role holds changes every week, and a table of
ours would be wrong by then.  They are some two thousand, in a few pages (`view=FULL`).
"""

from __future__ import annotations

from typing import Any

from scanners.collectors.cloud import Attached, Call, Collector, Detail, Over, Params
from scanners.collectors.gcp.hierarchy import ANCESTRY
from scanners.collectors.gcp.words import PAGE, PROJECT, RESOURCE, ask, assets, fields, keep, own, two_roads
from scanners.model import Identity, Place, Resource

ACCOUNT, KEY = "iam.googleapis.com/ServiceAccount", "iam.googleapis.com/ServiceAccountKey"
PROVIDER, ROLE = "iam.googleapis.com/WorkloadIdentityPoolProvider", "iam.googleapis.com/Role"
PREDEFINED, OF_ORGANIZATION = "iam.googleapis.com/PredefinedRole", "iam.googleapis.com/OrganizationRole"
TYPES = (ACCOUNT, KEY, PROVIDER, ROLE)
OURS = "USER_MANAGED"
POOLS = ask(
    "iam",
    "projects.locations.workloadIdentityPools.list",
    "iam.workloadIdentityPools.list",
    items="workloadIdentityPools",
    params={"parent": f"{PROJECT}/locations/global", "pageSize": PAGE},
)
KEYS = ask(
    "iam",
    "projects.serviceAccounts.keys.list",
    "iam.serviceAccountKeys.list",
    items="keys",
    fills="keys",
    params={"keyTypes": [OURS]},
)
ACTIVITIES = ask(
    "policyanalyzer",
    "projects.locations.activityTypes.activities.query",
    "policyanalyzer.serviceAccountLastAuthenticationActivities.query",
    items="activities",
    fills="activities",
    params={
        "parent": f"{PROJECT}/locations/global/activityTypes/serviceAccountLastAuthentication",
        "pageSize": PAGE,
    },
)
KEPT_OF_ACTIVITY = fields("observationPeriod.startTime", "activity.lastAuthenticatedTime")
KEPT_OF_KEY = fields("name", "keyType", "keyOrigin", "validAfterTime", "validBeforeTime", "disabled")
KEPT_OF_PROVIDER = keep(
    "name", "state", "disabled", "attributeCondition", "attributeMapping", "oidc.issuerUri", "oidc.allowedAudiences",
    "aws", "saml.idpMetadataXml", "x509.trustStore",
)  # fmt: skip


def roles(operation: str, parent: str = "", fills: str = RESOURCE) -> Call:
    return ask(
        "iam",
        operation,
        "iam.roles.list",
        items="roles",
        fills=fills,
        params={"view": "FULL", "pageSize": PAGE, **({"parent": parent} if parent else {})},
        drop=frozenset({"etag", "description"}),
    )


def role(place: Place, item: Any) -> Identity:
    return Identity(f"//iam.googleapis.com/{item['name']}", item["name"])


def organization(ancestor: Any) -> Params | None:
    told = ancestor["resourceId"]
    return {"parent": f"organizations/{told['id']}"} if told["type"] == "organization" else None


def account_of(key: Any) -> str | None:
    """Whose key: the e-mail address stands in the key's own name.  Google's keys are not ours to judge."""
    if key.get("assetType") != KEY:
        return None
    body = key["resource"]["data"]
    return str(body["name"]).split("/")[3] if body.get("keyType", OURS) == OURS else None


def bodies(found: list[Any]) -> list[Any]:
    return [KEPT_OF_KEY(item["resource"]["data"]) for item in found]


def active(item: Any) -> str:
    """Whose activity: by the account's number, or by its address where that alone is told."""
    told = item.get("activity", {}).get("serviceAccount", {}).get("serviceAccountId")
    return str(told or item["fullResourceName"].rpartition("/")[2])


def activities(found: list[Any]) -> list[Any]:
    return [KEPT_OF_ACTIVITY(item) for item in found]


def number(account: Resource) -> str:
    return own(account, "uniqueId")


def email(account: Resource) -> str:
    return own(account, "email")


COLLECTORS = (
    two_roads(
        ACCOUNT,
        service="iam",
        types=TYPES,
        policies_of=(ACCOUNT,),
        listing=ask(
            "iam",
            "projects.serviceAccounts.list",
            "iam.serviceAccounts.list",
            items="accounts",
            fills=RESOURCE,
            params={"name": PROJECT, "pageSize": 100},
        ),
        full_name=lambda place, body: (
            f"//iam.googleapis.com/projects/{place.account}/serviceAccounts/{body['uniqueId']}"
        ),
        short=lambda body: str(body["email"]),
        shape=keep("name", "email", "uniqueId", "displayName", "description", "disabled"),
        policy=ask(
            "iam",
            "projects.serviceAccounts.getIamPolicy",
            "iam.serviceAccounts.getIamPolicy",
            fills="iamPolicy",
            params={"options.requestedPolicyVersion": 3},
            drop=frozenset({"etag"}),
        ),
        attached=(
            Attached(ACTIVITIES, of=active, to=number, shape=activities),
            Attached(
                assets("RESOURCE", *TYPES, fills="keys"),
                of=account_of,
                to=email,
                shape=bodies,
                otherwise=Detail(
                    KEYS,
                    bind=lambda account: {"name": own(account)},
                    shape=lambda found, door: [KEPT_OF_KEY(key) for key in found],
                ),
            ),
        ),
    ),
    two_roads(
        PROVIDER,
        service="iam",
        types=TYPES,
        over=(Over(POOLS, lambda pool: {"parent": pool["name"]}),),
        listing=ask(
            "iam",
            "projects.locations.workloadIdentityPools.providers.list",
            "iam.workloadIdentityPoolProviders.list",
            items="workloadIdentityPoolProviders",
            fills=RESOURCE,
            params={"pageSize": 100},
        ),
        full_name=lambda place, body: f"//iam.googleapis.com/{body['name']}",
        short=lambda body: "/".join(str(body["name"]).split("/")[5::2]),
        shape=KEPT_OF_PROVIDER,
    ),
    two_roads(
        ROLE,
        service="iam",
        types=TYPES,
        listing=roles("projects.roles.list", PROJECT),
        full_name=lambda place, body: f"//iam.googleapis.com/{body['name']}",
        short=lambda body: str(body["name"]),
        shape=keep("name", "title", "stage", "includedPermissions", "deleted"),
    ),
    Collector(kind=PREDEFINED, listing=roles("roles.list"), identify=role, service="iam", everywhere=False),
    Collector(
        kind=OF_ORGANIZATION,
        listing=roles("organizations.roles.list"),
        over=(Over(ANCESTRY, organization),),
        identify=role,
        service="iam",
        everywhere=False,
    ),
)
