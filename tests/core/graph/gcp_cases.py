"""Cases of the ways in Google Cloud, made from the rules: a caller with what a rule needs, and near misses of it.

The caller is "dev"; "boss" is a service account that owns the project, "app" one that holds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from scanners.access.explorer import Principal, Way
from scanners.access.gcp.kinds import ACCOUNT, BUCKET, DATASET, FUNCTION, KEY, SECRET, SERVICE
from scanners.catalog.escalation import Need, Rule, rules
from scanners.graph.gcp import GoogleExplorer
from scanners.graph.gcp.things import UNCOLLECTED
from scanners.model import Provider, Resource
from scanners.model.estate import Estate
from tests.core.cases import NOW, resource
from tests.core.google import HERE, folder, organization, role

RULES = rules(Provider.GCP)
HOME, PROJECT = "projects/shop", "//cloudresourcemanager.googleapis.com/projects/42"
FOLDER = "//cloudresourcemanager.googleapis.com/folders/5"
ORGANIZATION = "//cloudresourcemanager.googleapis.com/organizations/9"
DEV, OTHER = "user:dev@shop.example", "user:other@shop.example"
BOSS, APP = "boss@shop.iam.gserviceaccount.com", "app@shop.iam.gserviceaccount.com"
AGENT, BUILDER = "42@cloudservices.gserviceaccount.com", "42@cloudbuild.gserviceaccount.com"
GROUP_MAIL = "admins@shop.example"
POOL = "//iam.googleapis.com/projects/42/locations/global/workloadIdentityPools/ci"
FEDERATED = "principalSet:" + POOL.replace("principalSet:", "") + "/attribute.repository/shop"
PAST = {"title": "over", "expression": 'request.time < timestamp("2020-01-01T00:00:00Z")'}
OWNER = "resourcemanager.projects.setIamPolicy iam.serviceAccounts.actAs secretmanager.versions.access"
CONSTRAINT = "iam.disableServiceAccountKeyCreation"
TOPIC, SUBSCRIPTION = "pubsub.googleapis.com/Topic", "pubsub.googleapis.com/Subscription"
THINGS = {  # word of the rules → kind, full name
    "service account": (ACCOUNT, f"//iam.googleapis.com/{HOME}/serviceAccounts/{BOSS}"),
    "run service": (SERVICE, f"//run.googleapis.com/{HOME}/locations/{HERE}/services/shop"),
    "function": (FUNCTION, f"//cloudfunctions.googleapis.com/{HOME}/locations/{HERE}/functions/shop"),
    "cluster": ("container.googleapis.com/Cluster", f"//container.googleapis.com/{HOME}/locations/{HERE}/clusters/c"),
    "provider": ("iam.googleapis.com/WorkloadIdentityPoolProvider", f"{POOL}/providers/github"),
    "role": ("iam.googleapis.com/Role", f"//iam.googleapis.com/{HOME}/roles/held"),
    "secret": (SECRET, "//secretmanager.googleapis.com/projects/42/secrets/s"),
    "bucket": (BUCKET, "//storage.googleapis.com/plain"),
    "dataset": (DATASET, f"//bigquery.googleapis.com/{HOME}/datasets/d"),
    "key": (KEY, f"//cloudkms.googleapis.com/{HOME}/locations/{HERE}/keyRings/r/cryptoKeys/k"),
    "topic": (TOPIC, f"//pubsub.googleapis.com/{HOME}/topics/t"),
    "subscription": (SUBSCRIPTION, f"//pubsub.googleapis.com/{HOME}/subscriptions/s"),
    "API key": ("apikeys.googleapis.com/Key", "//apikeys.googleapis.com/projects/42/locations/global/keys/k"),
    "function bucket": (BUCKET, f"//storage.googleapis.com/gcf-v2-sources-42-{HERE}"),
    "app engine bucket": (BUCKET, "//storage.googleapis.com/staging.shop.appspot.com"),
    "image bucket": (BUCKET, "//storage.googleapis.com/eu.artifacts.shop.appspot.com"),
    "workflow bucket": (BUCKET, f"//storage.googleapis.com/{HERE}-flow-0a1b2c3d-bucket"),
    "template bucket": (BUCKET, f"//storage.googleapis.com/dataflow-staging-{HERE}-42"),
    "image repository": (
        "artifactregistry.googleapis.com/Repository",
        f"//artifactregistry.googleapis.com/{HOME}/locations/{HERE}/repositories/shop",
    ),
    "project": ("", PROJECT),
    "folder": ("", FOLDER),
    "organization": ("", ORGANIZATION),
    **{word: ("", f"{PROJECT}#{word}") for word in ("APIs", "api keys", "OAuth clients")},
}
UNTOLD = {*UNCOLLECTED, "workflow bucket", "template bucket"}  # nobody knows what runs there
LEVELS = ("project", "folder", "organization")
OF_THE_TOP = ("organization", "boundary", "boundary binding")
BARE = ("API key", "cluster", "provider", "role")  # have no policy of their own


@dataclass(frozen=True)
class Setting:
    """What a case is made of.  `on`: where the caller's grants stand, "project" or "thing"."""

    rule: Rule
    on: str = "project"
    without: int = -1  # which of the needs is not held
    denied: int = -1  # which of the needs a deny policy takes
    condition: Any = None
    runs_as: str = BOSS
    handed: str = ""  # the account that may be handed over, if not all of them
    holder: str = DEV
    disabled: bool = False
    enforced: bool = False
    leads: bool = True  # whether the rule leads nowhere at all: else to somebody without power

    def needs(self) -> Iterator[Need]:
        for place, need in enumerate(self.rule.needs):
            if place != self.without:
                yield need

    def estate(self) -> Estate:
        return estate(*_world(self))

    def explorer(self) -> GoogleExplorer:
        return GoogleExplorer(self.estate())

    def way(self) -> Way:
        return way(self.explorer(), self.goal())

    def goal(self) -> str:
        return THINGS[word_of(self.rule)][1] if self.rule.gives == "take" else ""


def word_of(rule: Rule) -> str:
    return rule.target.runs_as or rule.target.kind


def way(explorer: GoogleExplorer, goal: str = "", who: str = DEV) -> Way:
    return explorer.chains.ways(Principal(who, who, "user"), Principal(goal, goal, "") if goal else None).ways[0]


def estate(*resources: Resource, unread: Any = ()) -> Estate:
    return Estate("shop", NOW, lambda kind: [one for one in resources if one.kind == kind], dict(unread))


def near_misses(rule: Rule) -> Iterator[tuple[str, Setting]]:
    """Of what the caller would need, something is not so."""
    plain = Setting(rule)
    for place, need in enumerate(rule.needs):
        yield f"without {need.permission}", replace(plain, without=place)
        if not need.permission.startswith("cloudidentity."):
            yield f"{need.permission} is denied", replace(plain, denied=place)
    yield "held by another one", replace(plain, holder=OTHER)
    if rule.id != "gcp-group-join":
        yield "the time is over", replace(plain, condition=PAST)
    leads = rule.gives == "become"
    handed = any(need.permission == "iam.serviceAccounts.actAs" for need in rule.needs)
    if leads and (handed or word_of(rule) == "service account"):
        yield "for an account that holds nothing", replace(plain, handed=APP, leads=False)
    if leads and word_of(rule) in ("run service", "function", "cluster", "function bucket", "image repository"):
        yield "it runs as an account that holds nothing", replace(plain, runs_as=APP, leads=False)
    if leads and word_of(rule) == "service account":
        yield "the account is disabled", replace(plain, disabled=True, leads=False)
    if rule.target.unless:
        yield "the organisation forbids it", replace(plain, enforced=True)


def _world(setting: Setting) -> list[Resource]:
    grants = _Grants(setting.condition)
    rule, word = setting.rule, word_of(setting.rule)
    grants.bind(PROJECT, "serviceAccount:" + BOSS, OWNER, plain=True)
    _give(setting, grants)
    if word == "deployer":
        grants.bind(PROJECT, f"serviceAccount:{AGENT}", OWNER, plain=True)
    if word in ("build account", "deployment"):
        grants.bind(PROJECT, f"serviceAccount:{BUILDER if word == 'build account' else AGENT}", OWNER, plain=True)
    if word == "app engine bucket":
        grants.bind(PROJECT, "serviceAccount:shop@appspot.gserviceaccount.com", OWNER, plain=True)
    if word == "group":
        grants.bind(PROJECT, f"group:{GROUP_MAIL}", OWNER, plain=True)
    if word == "provider":
        grants.bind(PROJECT, FEDERATED, OWNER, plain=True)
    if word == "role" and rule.gives == "admin_self":
        grants.bindings.setdefault(PROJECT, []).append({"role": f"{HOME}/roles/held", "members": [DEV]})
    if word == "tag condition":
        when = {"title": "tagged", "expression": "resource.matchTag('9/env', 'dev')"}
        grants.bindings[PROJECT].append({"role": "roles/viewer", "members": [OTHER], "condition": when})
    if rule.target.through:
        app = f"//iam.googleapis.com/{HOME}/serviceAccounts/{APP}"
        boss = f"//iam.googleapis.com/{HOME}/serviceAccounts/{BOSS}"
        grants.bind(app if setting.handed else boss, f"serviceAccount:{APP}", rule.target.through, plain=True)
    grants.bind(PROJECT, DEV, "run.services.get", plain=True)
    if rule.gives == "unbound":
        grants.bind(PROJECT, DEV, "iam.serviceAccountKeys.create", plain=True)
    return [*_levels(setting, grants), *_things(setting, grants), *grants.roles]


def _give(setting: Setting, grants: _Grants) -> None:
    """What the rule needs, on the project or on the thing itself."""
    word = word_of(setting.rule)
    for need in setting.needs():
        if need.permission.startswith("cloudidentity."):
            continue
        where = {"folder": FOLDER, **dict.fromkeys(OF_THE_TOP, ORGANIZATION)}.get(word, PROJECT)
        if need.on in ("target", "runs_as", "resource") and (setting.on == "thing" or setting.handed):
            account = need.on == "runs_as" or word == "service account"
            email = setting.handed or (APP if setting.rule.target.through else BOSS)
            own = f"//iam.googleapis.com/{HOME}/serviceAccounts/{email}"
            where = own if account else THINGS[word][1] if word in THINGS and setting.on == "thing" else where
        grants.bind(where, setting.holder, need.permission)


def _denies(setting: Setting) -> dict[str, Any]:
    what = setting.rule.needs[setting.denied].permissions if setting.denied >= 0 else ()
    return _deny_policy(spelled(one) for one in what) if what else {}


def _guards(setting: Setting) -> dict[str, Any]:
    return _deny_policy([spelled("iam.serviceAccountKeys.create")]) if word_of(setting.rule) == "deny policy" else {}


def _bounds(setting: Setting) -> dict[str, Any]:
    """People of the organisation are kept out of the project."""
    if not word_of(setting.rule).startswith("boundary"):
        return {}
    name = "organizations/9/locations/global/principalAccessBoundaryPolicies/b"
    elsewhere = [{"resources": ["//cloudresourcemanager.googleapis.com/projects/77"], "effect": "ALLOW"}]
    when = {"title": "people", "expression": "principal.type == 'iam.googleapis.com/WorkspaceIdentity'"}
    return {
        "principalAccessBoundaryPolicies": [{"name": name, "details": {"rules": elsewhere, "enforcementVersion": "4"}}],
        "policyBindings": [{"target": {"principalSet": ORGANIZATION}, "policy": name, "condition": when}],
    }


def _deny_policy(permissions: Iterable[str]) -> dict[str, Any]:
    rule = {"deniedPrincipals": [_spelled(DEV)], "deniedPermissions": list(permissions)}
    return {"policies/no": {"displayName": "no", "rules": [{"denyRule": rule}]}}


def spelled(permission: str) -> str:
    service, _, rest = permission.partition(".")
    return f"{'cloudresourcemanager' if service == 'resourcemanager' else service}.googleapis.com/{rest}"


def _spelled(who: str) -> str:
    return "principal://goog/subject/" + who.partition(":")[2]


def _levels(setting: Setting, grants: _Grants) -> list[Resource]:
    """A guard that can be lifted stands on the project, what denies the needs on the organisation."""
    on = setting.enforced or word_of(setting.rule) in ("constraint", "tag condition")
    effective = {CONSTRAINT: {"spec": {"rules": [{"enforce": on}]}}}
    project = resource(
        "cloudresourcemanager.googleapis.com/Project",
        PROJECT,
        region="global",
        **{
            "resource": {"name": "projects/42", "projectId": "shop", "parent": "folders/5"},
            "iamPolicy": grants.policy(PROJECT),
            "policies.get": _guards(setting),
            "policyBindings": [],
            "projects.policies.getEffectivePolicy": effective,
            **_members(setting),
        },
    )
    return [
        project,
        folder(grants.policy(FOLDER)),
        organization(grants.policy(ORGANIZATION), **{"policies.get": _denies(setting)}, **_bounds(setting)),
    ]


def _members(setting: Setting) -> dict[str, Any]:
    if word_of(setting.rule) != "group":
        return {}
    named = [{"name": "MEMBER"}, *([] if setting.without >= 0 else [{"name": "OWNER"}])]
    member = {"preferredMemberKey": {"id": setting.holder.partition(":")[2]}, "type": "USER", "roles": named}
    return {"groups.memberships.list": {GROUP_MAIL: [member]}}


def _things(setting: Setting, grants: _Grants) -> list[Resource]:
    word, runs_as = word_of(setting.rule), setting.runs_as
    found = [account(BOSS, grants, disabled=setting.disabled), account(APP, grants)]
    image = "eu.gcr.io/shop/shop:v1" if word == "image bucket" else f"{HERE}-docker.pkg.dev/shop/shop/shop:v1"
    if word in ("run service", "image repository", "image bucket"):
        found.append(_of("run service", grants, template={"serviceAccount": runs_as, "containers": [{"image": image}]}))
    if word in ("function", "function bucket"):
        found.append(_of("function", grants, environment="GEN_2", serviceConfig={"serviceAccountEmail": runs_as}))
    if word == "cluster":
        found.append(_of("cluster", grants, nodePools=[{"name": "p", "config": {"serviceAccount": runs_as}}]))
    if word == "role":
        found.append(role(f"{HOME}/roles/held", "run.services.get"))
    plain = word in THINGS and THINGS[word][0] and word not in ("service account", "run service", "function", "cluster")
    if plain and word not in ("role", "group"):
        found.append(_of(word, grants))
    return found


def account(email: str, grants: _Grants, **more: Any) -> Resource:
    ref = f"//iam.googleapis.com/{HOME}/serviceAccounts/{email}"
    return resource(ACCOUNT, ref, region="global", resource={"email": email, **more}, iamPolicy=grants.policy(ref))


def _of(word: str, grants: _Grants, **body: Any) -> Resource:
    kind, ref = THINGS[word]
    sections = {} if word in BARE else {"iamPolicy": grants.policy(ref)}
    if kind == DATASET:
        entries = grants.policy(ref)["bindings"]
        body["access"] = [{"role": one["role"], "userByEmail": one["members"][0].partition(":")[2]} for one in entries]
    return resource(kind, ref, region=HERE, resource={"name": ref, **body}, **sections)


class _Grants:
    """Bindings by where they stand; every permission has a role of its own."""

    def __init__(self, condition: Any = None) -> None:
        self.condition, self.bindings, self.roles = condition, dict[str, list[Any]](), list[Resource]()

    def bind(self, where: str, who: str, permissions: str, plain: bool = False) -> None:
        name = f"roles/test.r{len(self.roles)}"
        self.roles.append(role(name, permissions))
        when = {} if plain or not self.condition else {"condition": self.condition}
        self.bindings.setdefault(where, []).append({"role": name, "members": [who], **when})

    def policy(self, where: str) -> dict[str, Any]:
        return {"bindings": self.bindings.get(where, [])}


Grants = _Grants
