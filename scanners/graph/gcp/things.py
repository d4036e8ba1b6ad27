"""The things of a project that rules of escalation are about, out of what a scan read.

What nobody collects is named in `UNCOLLECTED`: who may change such a thing may come to any service account.

Sources: "Service agents", "Default service accounts" (IAM documentation), "Function identity" (Cloud Run functions),
"About service accounts in GKE", read 2026-11.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from scanners.access.explorer import Principal, Target
from scanners.access.gcp.bindings import CUSTOM, FOLDER, ORGANIZATION, PROJECT, RESOURCE
from scanners.access.gcp.engine import GoogleEngine, statements_of
from scanners.access.gcp.kinds import ACCOUNT, BUCKET, DATASET, FUNCTION, KEY, SECOND, SECRET, SERVICE
from scanners.access.gcp.members import POOL, key_of
from scanners.access.gcp.roles import OF_ORGANIZATION
from scanners.access.gcp.tree import Level, email_of, number_of
from scanners.graph.gcp.code import loaded_from
from scanners.graph.ground import Thing
from scanners.model import Resource, Unread

CLUSTER, PROVIDER = "container.googleapis.com/Cluster", "iam.googleapis.com/WorkloadIdentityPoolProvider"
API_KEY = "apikeys.googleapis.com/Key"
WORDS = {PROJECT: "project", FOLDER: "folder", ORGANIZATION: "organization"}
STORES = {
    SECRET: "secret",
    BUCKET: "bucket",
    DATASET: "dataset",
    KEY: "key",
    API_KEY: "API key",
    "pubsub.googleapis.com/Topic": "topic",
    "pubsub.googleapis.com/Subscription": "subscription",
}
RUNS = {SERVICE: "run service", FUNCTION: "function", SECOND: "function"}
OF_KINDS: dict[str, tuple[str, ...]] = {  # a word of the rules → the kinds it is listed under
    "service account": (ACCOUNT,),
    "run service": (SERVICE,),
    "function": (FUNCTION,),
    "cluster": (CLUSTER,),
    "provider": (PROVIDER,),
    "role": (CUSTOM, OF_ORGANIZATION),
}
UNCOLLECTED = {
    "machine": "machines of Compute Engine are not collected",
    "run job": "jobs of Cloud Run are not collected",
    "deployment": "deployments of Deployment Manager are not collected",
    "build trigger": "build triggers are not collected",
    "composer environment": "environments of Cloud Composer are not collected",
    "dataproc cluster": "clusters of Dataproc are not collected",
    "app engine version": "versions of App Engine are not collected",
    "source repository": "what is built from source repositories is not collected",
    "connected repository": "what is built from connected repositories is not collected",
    "entitlement": "entitlements of Privileged Access Manager are not collected",
}
LEAVES = {"APIs": "the APIs", "api keys": "the API keys", "OAuth clients": "the OAuth clients"}
TAGS = ("matchTag", "hasTagKey")
MARK, LISTS = frozenset({"principal"}), frozenset({"with object lists"})
CONSTRAINTS, TAGGED, DENIES = "#constraints", "#tags", "#denies"
BOUNDARIES, BINDINGS = "#boundaries", "#bindings"


def scopes(engine: GoogleEngine) -> list[Thing]:
    """The widest first."""
    chain = list(reversed(engine.deciding.tree.chain))
    refs = [level.ref for level in chain]
    return [Thing(WORDS[level.kind], target_of(level), within=tuple(refs[:place])) for place, level in enumerate(chain)]


def target_of(level: Level) -> Target:
    return Target(level.ref, level.name, level.kind, level.resource is not None)


def things(engine: GoogleEngine, principals: tuple[Principal, ...]) -> Iterator[Thing]:
    """All but the scopes."""
    above = tuple(level.ref for level in reversed(engine.deciding.tree.chain))
    yield from _agents(engine, principals, above)
    yield from _groups(principals)
    for resource in engine.deciding.tree.resources.values():
        yield from _of_resource(engine, resource, principals, above)
    yield from _roles(engine, principals, above)
    yield from loaded_from(engine, above)
    yield from guards(engine, above)
    project = engine.deciding.tree.project.ref
    for kind, name in LEAVES.items():
        yield Thing(kind, Target(f"{project}#{kind}", f"{name} of the project", kind, True), within=above)


def _agents(engine: GoogleEngine, principals: tuple[Principal, ...], above: tuple[str, ...]) -> Iterator[Thing]:
    """Accounts of Google's that act in the project's name, where they are bound to something."""
    number = number_of(engine.deciding.tree.project)
    names = {f"{number}@cloudservices": "deployer", f"{number}@cloudbuild": "build account"} if number else {}
    for one in principals:
        kind = names.get(one.name.removesuffix(".gserviceaccount.com"))
        if kind and one.ref.startswith("serviceAccount:"):
            yield Thing(kind, Target(one.ref, one.name, kind), (one.ref,), above, MARK)


def _groups(principals: tuple[Principal, ...]) -> Iterator[Thing]:
    for one in principals:
        if one.ref.startswith("group:"):
            yield Thing("group", Target(one.ref, one.name, "group"), (one.ref,), (), MARK)


def _of_resource(
    engine: GoogleEngine, resource: Resource, principals: tuple[Principal, ...], above: tuple[str, ...]
) -> Iterator[Thing]:
    target = Target(resource.ref, resource.name, resource.kind, True)
    if resource.kind == ACCOUNT:
        if not disabled(resource):
            yield Thing("service account", target, (key_of(f"serviceAccount:{email_of(resource)}"),), above, MARK)
    elif resource.kind in RUNS:
        yield _running(RUNS[resource.kind], resource, target, above, lambda: engine.runs_as(resource))
    elif resource.kind == CLUSTER:
        yield _running("cluster", resource, target, above, lambda: _in_cluster(engine, resource, principals))
    elif resource.kind == PROVIDER:
        pool = resource.ref.partition("/workloadIdentityPools/")[2].partition("/")[0]
        yield Thing("provider", target, tuple(one.ref for one in principals if _of_pool(one, pool)), above)
    elif resource.kind in STORES:
        listed = resource.kind == BUCKET and _with_lists(resource)
        around = tuple(level.ref for level in engine.deciding.tree.parents(resource.ref))
        yield Thing(STORES[resource.kind], target, (), (*above, *around), LISTS if listed else frozenset())


def _running(
    kind: str, resource: Resource, target: Target, above: tuple[str, ...], ask: Callable[[], tuple[Principal, ...]]
) -> Thing:
    try:
        return Thing(kind, target, tuple(one.ref for one in ask()), above)
    except Unread:
        return Thing(kind, target, (), above, unsure=(f"as whom {resource.name} runs was not read",))


def disabled(account: Resource) -> bool:
    """Of one that was not read, no."""
    try:
        return account[RESOURCE]["disabled"].value is True
    except Unread:
        return False


def _with_lists(bucket: Resource) -> bool:
    try:
        return bucket[RESOURCE]["iamConfiguration"]["uniformBucketLevelAccess"]["enabled"].value is not True
    except Unread:
        return True


def _in_cluster(engine: GoogleEngine, cluster: Resource, principals: tuple[Principal, ...]) -> tuple[Principal, ...]:
    """The accounts of its nodes, and the workloads that policies name.  Raises Unread."""
    told = cluster[RESOURCE]
    emails = {str(pool["config"]["serviceAccount"].value or "default") for pool in told["nodePools"]} or {"default"}
    number = number_of(engine.deciding.tree.project)
    emails = {f"{number}-compute@developer.gserviceaccount.com" if one == "default" else one for one in emails}
    nodes = {key_of(f"serviceAccount:{email}") for email in emails}
    pool = told["workloadIdentityConfig"]["workloadPool"].value
    beginning = f"serviceAccount:{pool}[" if isinstance(pool, str) else "\0"
    return tuple(one for one in principals if one.ref in nodes or one.ref.startswith(beginning))


def _of_pool(one: Principal, pool: str) -> bool:
    found = POOL.fullmatch(one.ref)
    return found is not None and found["pool"].endswith(f"/workloadIdentityPools/{pool}")


def _roles(engine: GoogleEngine, principals: tuple[Principal, ...], above: tuple[str, ...]) -> Iterator[Thing]:
    """Custom roles, with those who hold them on the project or above it."""
    deciding = engine.deciding
    holders: dict[str, dict[str, None]] = {}
    for one in principals:
        for level in deciding.tree.chain:
            for statement, _ in deciding.entries(key_of(one.ref), level):
                if statement.role is not None and not statement.role.name.startswith("roles/"):
                    holders.setdefault(statement.role.name, {})[one.ref] = None
    for role in deciding.roles.by_name.values():
        if not role.name.startswith("roles/") and not role.off.endswith("deleted"):
            within = above if role.name.startswith("projects/") else above[:1]
            target = Target(role.ref, role.title or role.name, OF_ORGANIZATION if within != above else "role", True)
            yield Thing("role", target, tuple(holders.get(role.name, ())), within)


def guards(engine: GoogleEngine, above: tuple[str, ...]) -> Iterator[Thing]:
    """What keeps power small and can be lifted: deny policies, boundaries, constraints, conditions on tags."""
    tree = engine.deciding.tree
    for level in tree.chain:
        if level.denies:
            name = f"the deny policies of {level.name}"
            within = above[: above.index(level.ref) + 1]
            yield Thing("deny policy", Target(level.ref + DENIES, name, "deny policy", True), within=within)
        if level.bounds:
            name = f"the boundaries bound at {level.name}"
            within = above[: above.index(level.ref) + 1]
            yield Thing("boundary binding", Target(level.ref + BINDINGS, name, "boundary binding", True), within=within)
    if tree.organization and any(level.bounds for level in tree.chain):
        top = tree.organization
        name = f"the boundaries of {top.name}"
        yield Thing("boundary", Target(top.ref + BOUNDARIES, name, "boundary", True), within=(top.ref,))
    project = tree.project.ref
    name = "the constraints of the organisation on the project"
    yield Thing("constraint", Target(project + CONSTRAINTS, name, "constraint", True), within=above)
    if any(on_tags(statement.expression) for statement in statements_of(engine)):
        target = Target(project + TAGGED, "the tags that conditions ask for", "tag condition", True)
        yield Thing("tag condition", target, within=above)


def on_tags(expression: object) -> bool:
    return isinstance(expression, str) and any(word in expression for word in TAGS)
