"""What the double answers to each method, computed from the estate: the inventory and the services tell one story."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from posture.runtime.sample.gcp import family, spec
from posture.runtime.sample.gcp.bodies import BODIES
from posture.runtime.sample.gcp.double import Answer, Asked, Refused
from posture.runtime.sample.gcp.estate import DOMAIN, FOLDER, HERE, HOME, NUMBER, ORGANIZATION, PROJECT, Asset, Estate

ABOVE = [f"projects/{NUMBER}", FOLDER, ORGANIZATION]
POLICED = {  # service → the method that tells one resource's policy
    "run": "run.projects.locations.services.getIamPolicy",
    "cloudfunctions": "cloudfunctions.projects.locations.functions.getIamPolicy",
    "iam": "iam.projects.serviceAccounts.getIamPolicy",
    "storage": "storage.buckets.getIamPolicy",
    "secretmanager": "secretmanager.projects.secrets.getIamPolicy",
    "cloudkms": "cloudkms.projects.locations.keyRings.cryptoKeys.getIamPolicy",
    "cloudkms ring": "cloudkms.projects.locations.keyRings.getIamPolicy",
    "pubsub topic": "pubsub.projects.topics.getIamPolicy",
    "pubsub subscription": "pubsub.projects.subscriptions.getIamPolicy",
    "artifactregistry": "artifactregistry.projects.locations.repositories.getIamPolicy",
}


def answers(estate: Estate) -> dict[str, Answer]:
    """By method id.  Raises Mismatch for an estate that the specification does not allow."""
    for asset in estate.assets:
        spec.check(asset.body, *BODIES[asset.kind])
    listed: dict[str, Answer] = {method: _listing(estate, key, *kinds) for method, (key, *kinds) in LISTINGS.items()}
    policed: dict[str, Answer] = {method: _policy(estate) for method in POLICED.values()}
    return {**listed, **policed, **_singles(estate), **family.answers(estate)}


AGGREGATED = {  # what Compute Engine lists over all regions → asset types
    "backendServices": ("BackendService",),
    "forwardingRules": ("ForwardingRule", "GlobalForwardingRule"),
    "targetHttpProxies": ("TargetHttpProxy",),
    "targetHttpsProxies": ("TargetHttpsProxy",),
    "urlMaps": ("UrlMap",),
    "networkEndpointGroups": ("NetworkEndpointGroup",),
    "sslPolicies": ("SslPolicy",),
    "subnetworks": ("Subnetwork",),
}
LISTINGS = {
    "apigateway.projects.locations.apis.list": ("apis", "apigateway.googleapis.com/Api"),
    "apigateway.projects.locations.apis.configs.list": ("apiConfigs", "apigateway.googleapis.com/ApiConfig"),
    "apigateway.projects.locations.gateways.list": ("gateways", "apigateway.googleapis.com/Gateway"),
    "cloudscheduler.projects.locations.jobs.list": ("jobs", "cloudscheduler.googleapis.com/Job"),
    "run.namespaces.services.list": ("items", "run.googleapis.com/Service"),
    "cloudfunctions.projects.locations.functions.list": (
        "functions", "cloudfunctions.googleapis.com/CloudFunction", "cloudfunctions.googleapis.com/Function",
    ),
    "iam.projects.serviceAccounts.list": ("accounts", "iam.googleapis.com/ServiceAccount"),
    "iam.projects.roles.list": ("roles", "iam.googleapis.com/Role"),
    "iam.projects.locations.workloadIdentityPools.providers.list": (
        "workloadIdentityPoolProviders", "iam.googleapis.com/WorkloadIdentityPoolProvider",
    ),
    "storage.buckets.list": ("items", "storage.googleapis.com/Bucket"),
    "sql.instances.list": ("items", "sqladmin.googleapis.com/Instance"),
    "secretmanager.projects.secrets.list": ("secrets", "secretmanager.googleapis.com/Secret"),
    "cloudkms.projects.locations.keyRings.list": ("keyRings", "cloudkms.googleapis.com/KeyRing"),
    "cloudkms.projects.locations.keyRings.cryptoKeys.list": ("cryptoKeys", "cloudkms.googleapis.com/CryptoKey"),
    "pubsub.projects.topics.list": ("topics", "pubsub.googleapis.com/Topic"),
    "pubsub.projects.subscriptions.list": ("subscriptions", "pubsub.googleapis.com/Subscription"),
    "compute.firewalls.list": ("items", "compute.googleapis.com/Firewall"),
    "container.projects.locations.clusters.list": ("clusters", "container.googleapis.com/Cluster"),
    "artifactregistry.projects.locations.repositories.list": (
        "repositories", "artifactregistry.googleapis.com/Repository",
    ),
    "apikeys.projects.locations.keys.list": ("keys", "apikeys.googleapis.com/Key"),
}  # fmt: skip


def _listing(estate: Estate, key: str, *kinds: str) -> Answer:
    def answer(asked: Asked) -> dict[str, Any]:
        parent = str(asked.params.get("parent") or asked.params.get("name") or asked.params["project"])
        _ours(parent)
        within = [asset for asset in estate.of(*kinds) if _under(asset, parent)]
        return {key: [asset.told or asset.body for asset in within]}

    return answer


def _ours(parent: str) -> None:
    if parent.split("/")[1 if "/" in parent else 0] not in (PROJECT, NUMBER, "-"):
        raise Refused(403, "PERMISSION_DENIED", f"The caller does not have permission on {parent}")


def _under(asset: Asset, parent: str) -> bool:
    """Whether a resource stands under a parent that names a location, a key ring or a pool; "-" is every location."""
    steps = parent.split("/")[2:]
    return all(step in ("-", *asset.path.split("/")) for step in steps)


def _policy(estate: Estate) -> Answer:
    def answer(asked: Asked) -> dict[str, Any]:
        wanted = str(asked.params.get("resource") or asked.params.get("bucket"))
        for asset in estate.assets:
            if asset.name.split("/")[2].split(".")[0] == asked.service:
                names = {asset.path, str(asset.body.get("name")), asset.path.replace(PROJECT, NUMBER)}
                if wanted in names:
                    return dict(asset.policy or {"etag": "ACAB"})
        raise Refused(404, "NOT_FOUND", f"{wanted} was not found")

    return answer


def _singles(estate: Estate) -> dict[str, Answer]:
    by: dict[str, Callable[[Asked], dict[str, Any]]] = {
        "cloudasset.assets.list": lambda asked: {"assets": list(_assets(estate, asked))},
        "cloudresourcemanager.projects.get": lambda asked: _project(asked),
        "cloudresourcemanager.organizations.get": lambda asked: {
            "name": ORGANIZATION,
            "displayName": DOMAIN,
            "directoryCustomerId": "C0fernhol",
            "state": "ACTIVE",
        },
        "cloudresourcemanager.projects.getAncestry": lambda asked: {
            "ancestor": [_ancestor(PROJECT if one == ABOVE[0] else one) for one in ABOVE]
        },
        "cloudresourcemanager.projects.getIamPolicy": lambda asked: _level(estate, HOME, asked),
        "cloudresourcemanager.folders.getIamPolicy": lambda asked: _level(estate, FOLDER, asked),
        "cloudresourcemanager.organizations.getIamPolicy": lambda asked: _level(estate, ORGANIZATION, asked),
        "iam.roles.list": lambda asked: {"roles": [_role(*one, asked) for one in sorted(estate.roles.items())]},
        "iam.projects.serviceAccounts.keys.list": lambda asked: {"keys": list(_keys(estate, asked))},
        "iam.projects.locations.workloadIdentityPools.list": lambda asked: {
            "workloadIdentityPools": [{"name": name, "state": "ACTIVE"} for name in _pools(estate)]
        },
        "iam.policies.listPolicies": lambda asked: {
            "policies": [{k: v for k, v in one.items() if k != "rules"} for one in _denied(estate, asked)]
        },
        "iam.policies.get": lambda asked: _deny_policy(estate, str(asked.params["name"])),
        "iam.organizations.locations.principalAccessBoundaryPolicies.list": lambda asked: {
            "principalAccessBoundaryPolicies": estate.boundaries
        },
        **{
            f"iam.{level}.locations.policyBindings.list": lambda asked: {"policyBindings": _bounded(estate, asked)}
            for level in ("projects", "folders", "organizations")
        },
        "orgpolicy.projects.policies.getEffectivePolicy": lambda asked: _effective(estate, str(asked.params["name"])),
        "serviceusage.services.get": lambda asked: _service(estate, str(asked.params["name"])),
        "recommender.projects.locations.recommenders.recommendations.list": lambda asked: {
            "recommendations": estate.recommendations
        },
        "recommender.projects.locations.insightTypes.insights.list": lambda asked: {"insights": estate.insights},
        "iam.organizations.roles.list": lambda asked: {
            "roles": [_role(*one, asked) for one in sorted(estate.roles_above.items())]
        },
        "apigateway.projects.locations.apis.configs.get": lambda asked: _config(estate, str(asked.params["name"])),
        "policyanalyzer.projects.locations.activityTypes.activities.query": lambda asked: {
            "activities": list(_activities(estate))
        },
        "logging.projects.sinks.list": lambda asked: {"sinks": estate.sinks},
        "logging.projects.metrics.list": lambda asked: {"metrics": estate.metrics},
        "monitoring.projects.alertPolicies.list": lambda asked: {"alertPolicies": estate.alerts},
        "essentialcontacts.projects.contacts.compute": lambda asked: {"contacts": estate.contacts},
        "secretmanager.projects.secrets.versions.list": lambda asked: {
            "versions": list(_versions(estate, str(asked.params["parent"])))
        },
        "cloudidentity.groups.lookup": lambda asked: _group(estate, str(asked.params["groupKey.id"])),
        "cloudidentity.groups.memberships.list": lambda asked: _memberships(estate, str(asked.params["parent"])),
        "cloudfunctions.projects.locations.runtimes.list": lambda asked: {"runtimes": estate.runtimes},
        "bigquery.datasets.list": lambda asked: {"datasets": [_brief(a.body) for a in _datasets(estate)]},
        "bigquery.datasets.get": lambda asked: _dataset(estate, str(asked.params["datasetId"])),
        **{
            f"compute.{field}.aggregatedList": _aggregated(estate, field, *kinds) for field, kinds in AGGREGATED.items()
        },
        "cloudscheduler.projects.locations.list": lambda asked: {"locations": _locations(estate, "cloudscheduler")},
        "cloudkms.projects.locations.list": lambda asked: {"locations": _locations(estate, "cloudkms")},
        "artifactregistry.projects.locations.list": lambda asked: {"locations": _locations(estate, "artifactregistry")},
    }
    return dict(by)


def _assets(estate: Estate, asked: Asked) -> Any:
    _ours(str(asked.params["parent"]))
    wanted = asked.params.get("assetTypes")
    for asset in estate.assets:
        if wanted and asset.kind not in wanted:
            continue
        one: dict[str, Any] = {"name": asset.name, "assetType": asset.kind, "ancestors": ABOVE}
        if asked.params.get("contentType") == "IAM_POLICY":
            if asset.policy:
                yield {**one, "iamPolicy": asset.policy}
        else:
            api, schema = BODIES[asset.kind]
            told = {"version": api.partition(".")[2], "discoveryName": schema, "data": _as_struct(asset.body)}
            yield {**one, "resource": {**told, "location": asset.location}, "updateTime": "2026-11-21T05:00:00Z"}


def _as_struct(value: Any) -> Any:
    """The inventory keeps bodies in a form that knows no whole numbers."""
    if isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, list):
        return [_as_struct(item) for item in value]
    if isinstance(value, dict):
        return {key: _as_struct(item) for key, item in value.items()}
    return value


def _project(asked: Asked) -> dict[str, Any]:
    _ours(str(asked.params["name"]))
    told = {"name": ABOVE[0], "projectId": PROJECT, "displayName": "Fernhollow shop", "parent": FOLDER}
    return {**told, "state": "ACTIVE", "createTime": "2021-03-01T09:00:00Z", "etag": "W/1"}


def _ancestor(name: str) -> dict[str, Any]:
    kind, _, id = name.rpartition("/")
    return {"resourceId": {"type": kind.removesuffix("s") or "project", "id": id}}


def _level(estate: Estate, level: str, asked: Asked) -> dict[str, Any]:
    if str(asked.params["resource"]) not in (level, level.replace(PROJECT, NUMBER)):
        raise Refused(403, "PERMISSION_DENIED", "The caller does not have permission")
    return estate.policies[level]


def _role(name: str, held: list[str], asked: Asked) -> dict[str, Any]:
    full = {"includedPermissions": held} if asked.params.get("view") == "FULL" else {}
    return {"name": name, "title": name.rpartition("/")[2], "stage": "GA", "etag": "AA==", **full}


def _keys(estate: Estate, asked: Asked) -> Any:
    kinds = asked.params.get("keyTypes") or ["USER_MANAGED", "SYSTEM_MANAGED"]
    for asset in estate.of("iam.googleapis.com/ServiceAccountKey"):
        if asset.body["name"].startswith(f"{asked.params['name']}/") and asset.body["keyType"] in kinds:
            yield asset.body


def _pools(estate: Estate) -> list[str]:
    providers = estate.of("iam.googleapis.com/WorkloadIdentityPoolProvider")
    return sorted({asset.body["name"].rpartition("/providers/")[0] for asset in providers})


def _denied(estate: Estate, asked: Asked) -> list[dict[str, Any]]:
    point = str(asked.params["parent"]).split("/", 1)[1].removesuffix("/denypolicies").partition("/")[2]
    return estate.deny.get(point.replace(NUMBER, PROJECT), [])


def _deny_policy(estate: Estate, name: str) -> dict[str, Any]:
    for policy in (one for found in estate.deny.values() for one in found):
        if policy["name"].replace("%2F", "/") == name:
            return policy
    raise Refused(404, "NOT_FOUND", "no such policy")


def _bounded(estate: Estate, asked: Asked) -> list[dict[str, Any]]:
    level = "/".join(str(asked.params["parent"]).split("/")[:2]).replace(NUMBER, PROJECT)
    if level not in estate.bounded:
        raise Refused(403, "PERMISSION_DENIED", "The caller does not have permission")
    return estate.bounded[level]


def _config(estate: Estate, name: str) -> dict[str, Any]:
    for asset in estate.of("apigateway.googleapis.com/ApiConfig"):
        if asset.body["name"] == name:
            return asset.body
    raise Refused(404, "NOT_FOUND", f"{name} was not found")


def _activities(estate: Estate) -> Iterator[dict[str, Any]]:
    for asset in estate.of("iam.googleapis.com/ServiceAccount"):
        last = estate.active.get(asset.body["email"], "2026-11-20T07:00:00Z")
        about = {"serviceAccountId": asset.body["uniqueId"], "projectNumber": NUMBER, "fullResourceName": asset.name}
        yield {
            "fullResourceName": asset.name,
            "activityType": "serviceAccountLastAuthentication",
            "observationPeriod": {"startTime": "2026-02-01T07:00:00Z", "endTime": "2026-11-20T07:00:00Z"},
            "activity": {"serviceAccount": about, **({"lastAuthenticatedTime": last} if last else {})},
        }


def _versions(estate: Estate, secret: str) -> Iterator[dict[str, Any]]:
    for number, made in enumerate(estate.versions.get(secret.rpartition("/")[2], ()), 1):
        yield {"name": f"{secret}/versions/{number}", "createTime": made, "state": "ENABLED"}


def _group(estate: Estate, email: str) -> dict[str, Any]:
    if email not in estate.groups:
        raise Refused(403, "PERMISSION_DENIED", "Permission denied for resource, or it may not exist")
    return {"name": f"groups/{_group_id(email)}"}


def _group_id(email: str) -> str:
    return "01" + email.partition("@")[0].replace("-", "")


def _memberships(estate: Estate, parent: str) -> dict[str, Any]:
    for email, members in estate.groups.items():
        if parent == f"groups/{_group_id(email)}":
            return {"memberships": [_membership(parent, one) for one in members]}
    raise Refused(403, "PERMISSION_DENIED", "Permission denied for resource, or it may not exist")


def _membership(group: str, member: str) -> dict[str, Any]:
    kind, _, email = member.partition(":")
    words = {"user": "USER", "group": "GROUP", "serviceAccount": "SERVICE_ACCOUNT"}
    name = f"{group}/memberships/{_group_id(email)}"
    return {"name": name, "preferredMemberKey": {"id": email}, "roles": [{"name": "MEMBER"}], "type": words[kind]}


def _effective(estate: Estate, name: str) -> dict[str, Any]:
    constraint = name.rpartition("/")[2]
    return {"name": name, "spec": estate.constraints[constraint]}


def _service(estate: Estate, name: str) -> dict[str, Any]:
    return {"name": name, "parent": ABOVE[0], "state": estate.services.get(name.rpartition("/")[2], "DISABLED")}


def _datasets(estate: Estate) -> list[Asset]:
    return estate.of("bigquery.googleapis.com/Dataset")


def _brief(body: dict[str, Any]) -> dict[str, Any]:
    return {key: body[key] for key in ("kind", "id", "datasetReference", "location")}


def _dataset(estate: Estate, wanted: str) -> dict[str, Any]:
    for asset in _datasets(estate):
        if asset.body["datasetReference"]["datasetId"] == wanted:
            return asset.body
    raise Refused(404, "NOT_FOUND", f"Not found: Dataset {PROJECT}:{wanted}")


def _aggregated(estate: Estate, field: str, *words: str) -> Answer:
    """By region; a scope that has nothing warns of it."""
    empty = {"warning": {"code": "NO_RESULTS_ON_PAGE", "message": "There are no results for this scope."}}

    def answer(asked: Asked) -> dict[str, Any]:
        scopes: dict[str, dict[str, Any]] = {"global": {}, f"regions/{HERE}": {}, "regions/us-central1": {}}
        for asset in estate.of(*(f"compute.googleapis.com/{word}" for word in words)):
            scope = asset.location if asset.location == "global" else f"regions/{asset.location}"
            scopes[scope].setdefault(field, []).append(asset.body)
        return {"items": {scope: told or empty for scope, told in scopes.items()}}

    return answer


def _locations(estate: Estate, service: str) -> list[dict[str, Any]]:
    used = {asset.location for asset in estate.assets if asset.kind.startswith(service)}
    return [{"name": f"{HOME}/locations/{one}", "locationId": one} for one in sorted({*used, "us-central1"})]
