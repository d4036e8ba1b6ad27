"""The project, the folders and the organisation above it: who is bound, who is denied, and what guard rails hold.

The chain is asked of the Resource Manager (projects.getAncestry), which tells it whole.  Policies of folders and of the
organisation need permissions there: where those lack, the gap is recorded and nothing is taken for unbound.
Effective organisation policies are asked one by one: the inventory's ORG_POLICY tells what is set on the project alone,
not what it inherits.  Deny policies come in two steps, for their listing leaves out the rules.  Groups that a policy
names are looked up in Cloud Identity, with their members: no role of IAM lets us, an administrator of the directory
gives “Groups Reader”.  Principal access boundaries are read with what each level binds of them (its own principal set
and the pools it is the parent of); the policies themselves stand at the organisation.  Effective tags are asked of the
inventory, for all resources at once; services tell them one by one, and are not asked.

Limits: groups that stand in other groups and in no policy here, or in policies of single resources alone, are not read;
nor is what other projects bind to their own accounts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanners.collectors.cloud import Call, Collector, Detail, Params
from scanners.collectors.gcp import tags, watching
from scanners.collectors.gcp.words import PAGE, POLICY, PROJECT, RESOURCE, ask, keep
from scanners.model import Gap, Identity, Place, Resource, Unread

MANAGER = "cloudresourcemanager.googleapis.com"
PROJECT_KIND, FOLDER, ORGANIZATION = f"{MANAGER}/Project", f"{MANAGER}/Folder", f"{MANAGER}/Organization"
ANCESTRY = ask(
    "cloudresourcemanager",
    "projects.getAncestry",
    "resourcemanager.projects.get",
    items="ancestor",
    fills=RESOURCE,
    params={"projectId": "{project}"},
)
CONSTRAINTS = (
    "iam.disableServiceAccountKeyCreation",
    "iam.allowedPolicyMemberDomains",
    "iam.automaticIamGrantsForDefaultServiceAccounts",
    "run.allowedIngress",
    "cloudfunctions.allowedIngressSettings",
    "storage.publicAccessPrevention",
    "sql.restrictPublicIp",
)
DENIED = ask("iam", "policies.listPolicies", "iam.denypolicies.list", items="policies", drop=frozenset({"etag"}))
DENY_RULES = ask("iam", "policies.get", "iam.denypolicies.get", drop=frozenset({"etag", "updateTime", "createTime"}))
BOUNDARIES = ask(
    "iam",
    "organizations.locations.principalAccessBoundaryPolicies.list",
    "iam.principalaccessboundarypolicies.list",
    items="principalAccessBoundaryPolicies",
    fills="principalAccessBoundaryPolicies",
    params={"pageSize": PAGE},
)
EFFECTIVE = ask("orgpolicy", "projects.policies.getEffectivePolicy", "orgpolicy.policy.get")
SERVICE = ask("serviceusage", "services.get", "serviceusage.services.get")
RECOMMENDED = ask(
    "recommender",
    "projects.locations.recommenders.recommendations.list",
    "recommender.iamPolicyRecommendations.list",
    items="recommendations",
)
INSIGHTS = ask(
    "recommender",
    "projects.locations.insightTypes.insights.list",
    "recommender.iamPolicyInsights.list",
    items="insights",
)
GROUP = "principalSet://goog/group/"  # as deny policies spell one
DIRECTORY = "cloudidentity.groups.read"  # no permission of IAM: a privilege of the directory's own roles
LOOKUP = ask("cloudidentity", "groups.lookup", DIRECTORY)
MEMBERS = ask(
    "cloudidentity",
    "groups.memberships.list",
    DIRECTORY,
    items="memberships",
    params={"view": "FULL", "pageSize": 500},
)


def policy_of(level: str) -> Call:
    return ask(
        "cloudresourcemanager",
        f"{level}.getIamPolicy",
        f"resourcemanager.{level}.getIamPolicy",
        fills=POLICY,
        params={"body": {"options": {"requestedPolicyVersion": 3}}},
        drop=frozenset({"etag"}),
    )


def bound_at(level: str) -> Call:
    """Which policies are bound to the principal sets that a level is the parent of."""
    return ask(
        "iam",
        f"{level}.locations.policyBindings.list",
        "iam.policybindings.list",
        items="policyBindings",
        fills="policyBindings",
        params={"pageSize": PAGE},
    )


def named(place: Place, item: Any) -> Identity:
    """projects/123, folders/456 or organizations/789."""
    return Identity(f"//{MANAGER}/{item['name']}", item.get("projectId") or item["name"])


def above(kind: str) -> Any:
    def identify(place: Place, item: Any) -> Identity:
        name = f"{kind}s/{item['resourceId']['id']}"
        return Identity(f"//{MANAGER}/{name}", name)

    return identify


def path_of(resource: Resource) -> str:
    return resource.ref.removeprefix(f"//{MANAGER}/")


def of_itself(resource: Resource) -> Params:
    return {"resource": path_of(resource)}


def deny_policies(resource: Resource) -> Params:
    point = f"{MANAGER}/{path_of(resource)}".replace("/", "%2F")
    return {"parent": f"policies/{point}/denypolicies"}


def each_deny_policy(resource: Resource) -> Iterator[tuple[str, Params]]:
    for policy in resource["policies.listPolicies"]:
        name = policy.need("name").text()
        yield name, {"name": name}


def everywhere_in(resource: Resource) -> Params:
    return {"parent": f"{path_of(resource)}/locations/global"}


def each_constraint(resource: Resource) -> Iterator[tuple[str, Params]]:
    for constraint in CONSTRAINTS:
        yield constraint, {"name": f"{path_of(resource)}/policies/{constraint}"}


def each_group(resource: Resource) -> Iterator[tuple[str, Params]]:
    """Raises Unread after the groups that were seen."""
    gaps: list[Gap] = []
    for named in (_bound, _denied):
        try:
            for email in named(resource):
                yield email, {"groupKey.id": email}
        except Unread as unread:
            gaps.extend(unread.gaps)
    if gaps:
        raise Unread(*gaps)


def _bound(resource: Resource) -> Iterator[str]:
    for binding in resource[POLICY]["bindings"]:
        for member in binding["members"]:
            if member.text().startswith("group:"):
                yield member.text().removeprefix("group:")


def _denied(resource: Resource) -> Iterator[str]:
    for _, policy in resource.each(DENY_RULES.section):
        for rule in policy["rules"]:
            for field in ("deniedPrincipals", "exceptionPrincipals"):
                for member in rule["denyRule"][field]:
                    if member.text().startswith(GROUP):
                        yield member.text().removeprefix(GROUP)


def each_membership(resource: Resource) -> Iterator[tuple[str, Params]]:
    for email, found in resource.each(LOOKUP.section):
        yield email, {"parent": found.need("name").text()}


def recommendations(resource: Resource) -> Params:
    return {"parent": f"{path_of(resource)}/locations/global/recommenders/google.iam.policy.Recommender"}


def insights(resource: Resource) -> Params:
    return {"parent": f"{path_of(resource)}/locations/global/insightTypes/google.iam.policy.Insight"}


def scanning(resource: Resource) -> Params:
    return {"name": f"{path_of(resource)}/services/containerscanning.googleapis.com"}


DENY = (
    Detail(DENIED, bind=deny_policies, after=POLICY, shape=keep("name", "displayName")),
    Detail(DENY_RULES, each=each_deny_policy, after="policies.listPolicies"),
)
GROUPS = (
    Detail(LOOKUP, each=each_group, after=DENY_RULES.section, shape=keep("name")),
    Detail(
        MEMBERS,
        each=each_membership,
        after=LOOKUP.section,
        shape=keep("preferredMemberKey.id", "type", "roles.name"),
    ),
)


def bindings_at(level: str) -> Detail:
    kept = keep("name", "displayName", "target.principalSet", "policyKind", "policy", "condition")
    return Detail(bound_at(level), bind=everywhere_in, shape=kept)


BOUNDED_BY = Detail(
    BOUNDARIES,
    bind=everywhere_in,
    shape=keep("name", "displayName", "details.enforcementVersion", "details.rules.effect", "details.rules.resources"),
)
ABOUT = Detail(  # the organisation's name is the domain it belongs to
    ask("cloudresourcemanager", "organizations.get", "resourcemanager.organizations.get"),
    bind=lambda organization: {"name": path_of(organization)},
    shape=keep("name", "displayName", "directoryCustomerId"),
)


def ancestor(kind: str, word: str, *more: Detail) -> Collector:
    return Collector(
        kind=kind,
        listing=ANCESTRY,
        identify=above(word),
        choose=lambda place, item: item["resourceId"]["type"] == word,
        everywhere=False,
        details=(Detail(policy_of(f"{word}s"), bind=of_itself), *DENY, bindings_at(f"{word}s"), *GROUPS, *more),
    )


COLLECTORS = (
    Collector(
        kind=PROJECT_KIND,
        listing=ask(
            "cloudresourcemanager",
            "projects.get",
            "resourcemanager.projects.get",
            fills=RESOURCE,
            params={"name": PROJECT},
            drop=frozenset({"etag", "updateTime"}),
        ),
        identify=named,
        everywhere=False,
        attached=(tags.ATTACHED,),
        details=(
            Detail(policy_of("projects"), bind=of_itself),
            *DENY,
            bindings_at("projects"),
            *GROUPS,
            *watching.DETAILS,
            Detail(EFFECTIVE, each=each_constraint, shape=keep("name", "spec.rules")),
            Detail(SERVICE, bind=scanning, shape=keep("name", "state")),
            Detail(
                RECOMMENDED,
                bind=recommendations,
                shape=keep(
                    "name", "description", "recommenderSubtype", "priority", "stateInfo.state", "content.overview"
                ),
            ),
            Detail(
                INSIGHTS,
                bind=insights,
                shape=keep(
                    "name",
                    "insightSubtype",
                    "observationPeriod",
                    "content.role",
                    "content.member",
                    "content.condition",
                    "content.exercisedPermissions",
                    "content.inferredPermissions",
                ),
            ),
        ),
    ),
    ancestor(FOLDER, "folder"),
    ancestor(ORGANIZATION, "organization", BOUNDED_BY, ABOUT),
)
