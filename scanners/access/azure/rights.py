"""Who may do what in Azure: role assignments down the tree, denials, groups, and the directory's own rights.

Assignments add up from the root to the resource; a role is its actions less its notActions, which is a subtraction and
no denial: another role may give them back.  Deny assignments come first, whatever is allowed.  What may be activated
(PIM) is not held.  Sources: "Understand how access is evaluated", "Understand Azure role definitions", "List Azure deny
assignments", "Azure attribute-based access control" (Azure RBAC documentation), read 2026-11.

These are the questions of checks, one assignment at a time; whole questions are `engine`'s.  Of conditions none is
decided here: a grant with one is held on that condition, and sentences say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from scanners.model import Gap, Node, Resource, State, Unread
from scanners.model.estate import Estate
from scanners.model.globs import matches

RESOURCE = "resource"
SUBSCRIPTION = "Microsoft.Resources/subscriptions"
ASSIGNMENT, DEFINITION = "Microsoft.Authorization/roleAssignments", "Microsoft.Authorization/roleDefinitions"
DENIAL, ELIGIBLE = "Microsoft.Authorization/denyAssignments", "Microsoft.Authorization/roleEligibilityScheduleInstances"
ELIGIBLE_GROUP, RULING_GROUP = "Microsoft.Graph/eligibleGroups", "Microsoft.Graph/directoryRoleGroups"
GROUP, MEMBERS = "Microsoft.Graph/groups", "groups.transitive_members.list"
APP_ROLE, API = "Microsoft.Graph/appRoleAssignments", "Microsoft.Graph/apis"
DIRECTORY_ROLE = "Microsoft.Graph/directoryRoleAssignments"
MAY_ACTIVATE = "Microsoft.Graph/directoryRoleEligibilities"
PRINCIPAL, APPLICATION = "Microsoft.Graph/servicePrincipals", "Microsoft.Graph/applications"
OWNERS = "applications.owners.list"
Found = TypeVar("Found")
A_GROUP = "#microsoft.graph.group"
EVERYONE = "00000000-0000-0000-0000-000000000000"  # of a deny assignment: all principals of the directory
MANAGEMENT = "/providers/microsoft.management/managementgroups/"
# Who holds one of these where it counts can give themselves all the others.
ASSIGN = "Microsoft.Authorization/roleAssignments/write"
STRONG = (
    ASSIGN,
    "Microsoft.Authorization/roleDefinitions/write",
    "Microsoft.Authorization/elevateAccess/action",
    "Microsoft.Compute/virtualMachines/runCommand/action",
    "Microsoft.Web/sites/publish/action",
    "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
    "Microsoft.Storage/storageAccounts/listKeys/action",
    "Microsoft.KeyVault/vaults/accessPolicies/write",
)


@dataclass(frozen=True, slots=True)
class Grant:
    """One role assignment: `told` are its properties, `who` holds it."""

    told: Node

    @property
    def who(self) -> str:
        return self.told.need("principalId").text().casefold()

    @property
    def kind(self) -> str:
        """User, Group, ServicePrincipal, ForeignGroup or Device; empty where Azure does not know any more."""
        return str(self.told["principalType"].value or "")

    @property
    def scope(self) -> str:
        return self.told.need("scope").text()

    @property
    def role(self) -> str:
        return self.told.need("roleDefinitionId").text().rpartition("/")[2].casefold()

    @property
    def words(self) -> str:
        """On what condition, for a sentence."""
        return " on a condition" if self.told["condition"].value else ""


def steps(scope: str) -> list[str]:
    return [step for step in scope.casefold().split("/") if step]


def covers(scope: str, ref: str) -> bool:
    """Whether what is granted at a scope holds for a resource, by whole steps: /a/b does not cover /a/bc."""
    above, below = steps(scope), steps(ref)
    if f"/{'/'.join(above)}/".startswith(MANAGEMENT):
        return below[:1] == ["subscriptions"] or below == above
    return below[: len(above)] == above


def is_wide(scope: str) -> bool:
    """The whole subscription, or what stands above it."""
    told = steps(scope)
    return len(told) <= 2 or f"/{'/'.join(told)}/".startswith(MANAGEMENT)


def level(scope: str) -> str:
    """For a sentence."""
    told = steps(scope)
    if not told:
        return "everything"
    if told[0] != "subscriptions":
        return f"the management group {scope.rpartition('/')[2]}"
    if len(told) == 2:
        return "the subscription"
    return f"the resource group {scope.strip('/').split('/')[3]}" if len(told) == 4 else "one resource"


def grants(estate: Estate, kind: str = ASSIGNMENT) -> Iterator[Grant]:
    """Every assignment in the subscription and above it; of ELIGIBLE, those that may be activated."""
    for assignment in estate.all(kind):
        yield Grant(assignment[RESOURCE]["properties"])


def definition(grant: Grant, estate: Estate) -> Node:
    """The role, as the cloud tells it.  Raises Unread for one that was not read."""
    for level in (f"/subscriptions/{estate.account}", ""):
        if found := estate.find(DEFINITION, f"{level}/providers/{DEFINITION}/{grant.role}"):
            return found[RESOURCE]["properties"]
    for one in estate.all(DEFINITION):
        if one.ref.rpartition("/")[2].casefold() == grant.role:
            return one[RESOURCE]["properties"]
    call = "authorization.role_definitions.list"
    raise Unread(Gap(call, f"{DEFINITION}/read", State.SKIPPED, f"the role {grant.role} was not read", "global"))


def allows(role: Node, action: str, *, data: bool = False) -> bool:
    """Whether one of a role's permissions names the action, and does not subtract it."""
    named, less = ("dataActions", "notDataActions") if data else ("actions", "notActions")
    return any(_named(one[named], action) and not _named(one[less], action) for one in role["permissions"])


def _named(patterns: Node, action: str) -> bool:
    return any(matches(one.text(), action) for one in patterns)


def strengths(role: Node) -> list[str]:
    """What a role holds of that which leads to more."""
    return [action for action in STRONG if allows(role, action)]


Gaps = tuple[Gap, ...]


def read(found: Iterator[Found], gaps: list[Gap]) -> list[Found]:
    """What was read; and what was not, into `gaps`."""
    seen: list[Found] = []
    try:
        for one in found:
            seen.append(one)  # noqa: PERF402  (what came before Unread counts)
    except Unread as unread:
        gaps.extend(unread.gaps)
    return seen


def _by_holder(estate: Estate) -> tuple[dict[str, list[Grant]], Gaps]:
    def work() -> tuple[dict[str, list[Grant]], Gaps]:
        gaps, held = list[Gap](), dict[str, list[Grant]]()
        for grant in read(grants(estate), gaps):
            for who in read(_holder(grant), gaps):
                held.setdefault(who, []).append(grant)
        return held, tuple(gaps)

    return estate.derived("azure grants by holder", work)


def _holder(grant: Grant) -> Iterator[str]:
    yield grant.who


def _by_member(estate: Estate) -> tuple[dict[str, list[tuple[str, Node]]], Gaps]:
    """The groups of a principal, with the proof of each; groups in groups are told by the directory."""

    def work() -> tuple[dict[str, list[tuple[str, Node]]], Gaps]:
        gaps, groups = list[Gap](), dict[str, list[tuple[str, Node]]]()
        for group in read(estate.all(GROUP), gaps):
            name = group.ref.rpartition("/")[2].casefold()
            for who, member in read(_members(group), gaps):
                groups.setdefault(who, []).append((name, member))
        return groups, tuple(gaps)

    return estate.derived("azure groups by member", work)


def _members(group: Resource) -> Iterator[tuple[str, Node]]:
    yield from ((member.need("id").text().casefold(), member) for member in group[MEMBERS])


def held_by(who: Iterable[str], estate: Estate) -> Iterator[tuple[Grant, str, Node | None]]:
    """Grants of some principals, (grant, whose, the membership that it came by): by themselves, and through groups.

    Raises Unread after those that were read.
    """
    (held, ungranted), (groups, unnamed) = _by_holder(estate), _by_member(estate)
    for name in sorted({one.casefold() for one in who}):
        yield from ((grant, name, None) for grant in held.get(name, ()))
        for group, member in groups.get(name, ()):
            yield from ((grant, name, member) for grant in held.get(group, ()))
    if gaps := (*unnamed, *ungranted):
        raise Unread(*gaps)


def strong(
    who: Iterable[str], estate: Estate, reach: Callable[[str], bool]
) -> Iterator[tuple[Grant, Node, list[Node]]]:
    """(grant, role, proof) of what makes some principals masters of a scope that `reach` names.

    A grant that is denied in all that makes it strong is none.
    """
    for grant, whose, member in held_by(who, estate):
        if reach(grant.scope):
            role = definition(grant, estate)
            held = strengths(role)
            names = (whose, grant.who)
            if held and not all(denied(names, action, grant.scope, estate) for action in held):
                yield grant, role, [grant.told, role["permissions"], *([member] if member else [])]


def people(grant: Grant, estate: Estate) -> Iterator[tuple[str, Node]]:
    """Who holds it in the end: members in place of their group, which is nobody by itself, nor is a group in it."""
    if grant.kind != "Group":
        yield grant.who, grant.told["principalId"]
        return
    group = estate.find(GROUP, f"/groups/{grant.told.need('principalId').text()}")
    for member in group[MEMBERS] if group else ():
        if member["@odata.type"].value != A_GROUP:
            yield member.need("id").text().casefold(), member["id"]


def denied(who: Iterable[str], action: str, ref: str, estate: Estate, *, data: bool = False) -> Node | None:
    """The denial that forbids it, whatever is allowed.  One that was not read, or has a condition, excuses nothing.

    `who` are the principal and the groups that it is in.
    """
    try:
        found = denials(who, action, ref, estate, data=data)
        return next((told for told in found if not told["condition"].value), None)
    except Unread:
        return None


def denials(who: Iterable[str], action: str, ref: str, estate: Estate, *, data: bool = False) -> Iterator[Node]:
    names = {one.casefold() for one in who}
    for denial in estate.all(DENIAL):
        told = denial[RESOURCE]["properties"]
        if _falls_on(told, ref) and _meets(told, names) and allows(told, action, data=data):
            yield told


def _falls_on(told: Node, ref: str) -> bool:
    scope = str(told["scope"].value or "/")
    if told["doNotApplyToChildScopes"].value is True:
        return steps(scope) == steps(ref)
    return covers(scope, ref)


def _meets(told: Node, names: set[str]) -> bool:
    denied = {one.need("id").text().casefold() for one in told["principals"]}
    spared = {one.need("id").text().casefold() for one in told["excludePrincipals"]}
    return bool(denied & (names | {EVERYONE})) and not spared & names


def app_roles(who: str, estate: Estate) -> Iterator[tuple[Node, Node]]:
    """(name, grant) of the rights that a principal holds of Microsoft Graph.  Raises Unread for one without a name."""
    for held in estate.all(APP_ROLE):
        told = held[RESOURCE]
        if told.need("principalId").value == who:
            yield _role_name(told, estate), told["appRoleId"]


def _role_name(held: Node, estate: Estate) -> Node:
    role, owner = held.need("appRoleId"), held.need("resourceId").text()
    if api := estate.find(API, f"/apis/{owner}"):
        for one in api[RESOURCE]["appRoles"]:
            if one.need("id").value == role.value:
                return one.need("value")
    raise Unread(Gap(role.call, "", State.UNSUPPORTED, f"the app role {role.value} has no name", role.region))


def directory_roles(who: str, estate: Estate) -> Iterator[Node]:
    """The ids of the directory roles that a principal holds over the whole directory."""
    for held in estate.all(DIRECTORY_ROLE):
        told = held[RESOURCE]
        if told.need("principalId").value == who and told["directoryScopeId"].value == "/":
            yield told.need("roleDefinitionId")


def owned(who: str, estate: Estate) -> Iterator[tuple[Resource, Node]]:
    """(application, proof) of those that a principal owns, and may add a credential to."""
    for application in estate.all(APPLICATION):
        for owner in application[OWNERS]:
            if owner.need("id").text().casefold() == who.casefold():
                yield application, owner


def identities(resource: Node) -> Iterator[tuple[str, Node]]:
    """The object ids that a resource runs as: its own, and those of the identities it was given."""
    told = resource["identity"]
    if told["system"].value:
        yield told["system"].text().casefold(), told["system"]
    yield from ((one.text().casefold(), one) for _, one in told["user"].items() if one.value)
