"""A project to ask about: shop (42) in folder 5 of organisation 9, with stores, keys, services and functions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from scanners.access.gcp.engine import GoogleEngine
from scanners.access.gcp.kinds import ACCOUNT, BUCKET, DATASET, FUNCTION, KEY, RING, SECRET, SERVICE
from scanners.access.gcp.society import MEMBERS
from scanners.model import Resource
from scanners.model.estate import Estate
from tests.core.cases import NOW, refused, resource
from tests.core.google import CUSTOM, ROLES, folder, organization, policy, project, role

PHOTOS, PLANS = "//storage.googleapis.com/photos", "//storage.googleapis.com/plans"
DB = "//secretmanager.googleapis.com/projects/shop/secrets/db"
RINGS = "//cloudkms.googleapis.com/projects/shop/locations/global/keyRings/ring"
LOCK = f"{RINGS}/cryptoKeys/lock"
API = "//run.googleapis.com/projects/shop/locations/europe-west1/services/api"
OLD = "//cloudfunctions.googleapis.com/projects/shop/locations/europe-west1/functions/old"
NEW = "//cloudfunctions.googleapis.com/projects/shop/locations/europe-west1/functions/new"
SALES = "//bigquery.googleapis.com/projects/shop/datasets/sales"
LEDGER = "//sqladmin.googleapis.com/projects/shop/instances/ledger"
APP, BOT = "app@shop.iam.gserviceaccount.com", "bot@shop.iam.gserviceaccount.com"
ACCOUNTS = "//iam.googleapis.com/projects/shop/serviceAccounts"
HOME, FOLDER_5, ORG_9 = (
    f"//cloudresourcemanager.googleapis.com/{one}" for one in ("projects/42", "folders/5", "organizations/9")
)
MORE_ROLES = (
    role("roles/storage.objectViewer", "storage.objects.get storage.objects.list"),
    role(
        "roles/storage.admin",
        "storage.objects.get storage.objects.delete storage.buckets.delete storage.buckets.setIamPolicy",
    ),
    role("roles/cloudkms.cryptoKeyDecrypter", "cloudkms.cryptoKeyVersions.useToDecrypt"),
    role("roles/bigquery.dataViewer", "bigquery.tables.getData bigquery.datasets.get"),
    role("roles/bigquery.dataOwner", "bigquery.tables.getData bigquery.tables.delete bigquery.datasets.update"),
    role("roles/cloudsql.client", "cloudsql.instances.connect"),
    role("roles/run.admin", "run.services.setIamPolicy run.services.update run.routes.invoke"),
    role("projects/shop/roles/gone", "storage.objects.get", deleted=True),
)


def uniform(prevention: str = "inherited") -> dict[str, Any]:
    return {"publicAccessPrevention": prevention, "uniformBucketLevelAccess": {"enabled": True}}


def account(email: str, number: str, allowed: Any = None) -> Resource:
    return resource(ACCOUNT, f"{ACCOUNTS}/{number}", resource={"email": email}, iamPolicy=allowed or {})


def store(kind: str, ref: str, allowed: Any = None, **body: Any) -> Resource:
    about = {"iamConfiguration": uniform()} if kind == BUCKET else {}
    return resource(kind, ref, resource={"name": ref, **about, **body}, iamPolicy=allowed or {})


Group = tuple[str, list[dict[str, Any]]]


def group(email: str, *members: str) -> Group:
    words = {"user": "USER", "serviceAccount": "SERVICE_ACCOUNT", "group": "GROUP", "customer": "OTHER"}
    parts = (one.partition(":") for one in members)
    return email, [{"preferredMemberKey": {"id": name}, "type": words[kind]} for kind, _, name in parts]


def deny(
    permissions: str, whom: str = "principalSet://goog/public:all", *, spares: str = "", but: str = "", when: str = ""
) -> Any:
    rule = {
        "deniedPrincipals": whom.split(),
        "deniedPermissions": permissions.split(),
        "exceptionPrincipals": spares.split(),
        "exceptionPermissions": but.split(),
        **({"denialCondition": {"title": "when", "expression": when}} if when else {}),
    }
    return {"denyRule": rule}


def denies(*rules: Any, name: str = "guard") -> Any:
    return {name: {"name": f"policies/x/denypolicies/{name}", "displayName": name, "rules": list(rules)}}


STORES = (
    store(BUCKET, PHOTOS, iamConfiguration=uniform("inherited")),
    store(BUCKET, PLANS, iamConfiguration=uniform("enforced")),
    store(SECRET, DB),
    store(RING, RINGS),
    store(KEY, LOCK),
    store(SERVICE, API, template={"serviceAccount": APP}),
    store(FUNCTION, OLD, environment="GEN_1", serviceConfig={}),
    store(FUNCTION, NEW, environment="GEN_2", serviceConfig={"service": API.removeprefix("//run.googleapis.com/")}),
    resource(DATASET, SALES, resource={"access": []}),
    resource("sqladmin.googleapis.com/Instance", LEDGER, resource={"name": "ledger"}),
    account(APP, "101"),
    account(BOT, "102"),
)
PREVENTION = {"projects.policies.getEffectivePolicy": {"storage.publicAccessPrevention": {"spec": {"rules": []}}}}


def world(*changed: Resource | Group, unread: tuple[str, ...] = ()) -> GoogleEngine:
    """The project with these resources in place of those of the same name.  `unread`: kinds whose list was refused."""
    rows = {one.ref: one for one in (project(**PREVENTION), folder(), organization(), *STORES, *ROLES, *MORE_ROLES)}
    rows |= {one.ref: one for one in changed if isinstance(one, Resource)}
    if groups := dict(one for one in changed if not isinstance(one, Resource)):
        rows[HOME] = replace(rows[HOME], documents={**rows[HOME].documents, MEMBERS: groups},
                             calls={**rows[HOME].calls, MEMBERS: MEMBERS})  # fmt: skip
    gaps = {kind: (refused("List" + kind),) for kind in unread}
    return GoogleEngine(Estate("shop", NOW, lambda kind: [one for one in rows.values() if one.kind == kind], gaps))


def home(*bindings: tuple[str, str], condition: Any = None, **sections: Any) -> Resource:
    """The project with these bindings."""
    told = policy(*bindings, condition={"title": "when", "expression": condition} if condition else None)
    return project(told, **{**PREVENTION, **sections})


def asked(engine: GoogleEngine, who: str, permission: str, on: str = "*") -> str:
    return str(engine.decide(engine.principal(who), engine.action(permission), engine.target(on)).answer)


__all__ = [
    "CUSTOM",
    "account",
    "asked",
    "denies",
    "deny",
    "folder",
    "group",
    "home",
    "organization",
    "policy",
    "resource",
    "role",
    "store",
    "world",
]
