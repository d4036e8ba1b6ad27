"""Things of the directory: applications and their principals, people, groups, custom roles, conditional access."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scanners.access.azure import APPLICATION, ASSIGNMENT, DEFINITION, GROUP, PRINCIPAL, RESOURCE
from scanners.access.explorer import Principal, Target
from scanners.graph.azure.directory import Directory, group_rows, object_id, ref_of, seen, told
from scanners.graph.ground import Thing
from scanners.model import Gap, Resource, Unread
from scanners.model.estate import Estate

ROOT = "/"
TENANT, POLICIES = "Microsoft.Graph/organization", "identity.conditional_access.policies.list"
OWN = "principal"  # the mark of a thing that is a principal


def type_of(row: Resource) -> str:
    try:
        return str(row[RESOURCE]["servicePrincipalType"].value or "Application")
    except Unread:
        return "Application"


def is_off(row: Resource) -> bool:
    try:
        return row[RESOURCE]["accountEnabled"].value is False
    except Unread:
        return False


def service_principals(rows: Iterable[Resource], given: set[str]) -> Iterator[Thing]:
    """Nobody adds a secret to a managed identity."""
    for row in rows:
        if type_of(row) != "ManagedIdentity" and object_id(row) not in given:
            target = Target(row.ref, row.name, PRINCIPAL, seen=True)
            yield Thing("service principal", target, (object_id(row),), (ROOT,), frozenset({OWN}))


def applications(
    estate: Estate, principals: Iterable[Resource], missing: dict[str, tuple[str, ...]]
) -> Iterator[Thing]:
    by_client: dict[str, list[str]] = {}
    for row in principals:
        try:
            by_client.setdefault(row[RESOURCE].need("appId").text().casefold(), []).append(object_id(row))
        except Unread:
            continue
    gaps: list[Gap] = []
    for row in seen(estate, APPLICATION, gaps):
        target = Target(row.ref, row.name, APPLICATION, seen=True)
        try:
            client = row[RESOURCE].need("appId").text().casefold()
            yield Thing("application", target, tuple(by_client.get(client, ())), (ROOT,))
        except Unread as unread:
            yield Thing("application", target, (), (ROOT,), unsure=told(list(unread.gaps)))
    missing["application"] = (*missing.get("application", ()), *told(gaps))


def people_of(people: Iterable[Principal], facts: Directory) -> Iterator[Thing]:
    for one in people:
        if one.kind == "user":
            kept = facts.protects(one.ref)
            marks = frozenset({OWN, "protected" if kept else "plain"})
            yield Thing("user", Target(f"/users/{one.ref}", one.name, "user"), (one.ref,), (ROOT,), marks)


def groups(estate: Estate, missing: dict[str, tuple[str, ...]]) -> Iterator[Thing]:
    gaps: list[Gap] = []
    for row in group_rows(estate, gaps):
        marks = {OWN}
        try:
            said = row[RESOURCE]
            marks.add("role-assignable" if said["isAssignableToRole"].value is True else "plain")
            if said["membershipRule"].value:
                marks = (marks - {"plain"}) | {"dynamic"}  # nobody is added by hand
        except Unread as unread:
            gaps.extend(unread.gaps)
        target = Target(ref_of(row), row.name, GROUP, seen=True)
        yield Thing("group", target, (object_id(row),), (ROOT,), frozenset(marks))
    missing["group"] = told(gaps)


def roles(estate: Estate, facts: Directory, missing: dict[str, tuple[str, ...]]) -> Iterator[Thing]:
    """Custom roles that somebody holds, by itself or by a group: those whom widening one would serve."""
    members: dict[str, list[str]] = {}
    for member, several in facts.groups.items():
        for group in several:
            members.setdefault(group, []).append(member)
    gaps: list[Gap] = []
    holders: dict[str, dict[str, None]] = {}
    for row in seen(estate, ASSIGNMENT, gaps):
        try:
            said = row[RESOURCE]["properties"]
            role, who = said.need("roleDefinitionId").text(), said.need("principalId").text()
            held = holders.setdefault(role.rpartition("/")[2].casefold(), {})
            held.update(dict.fromkeys((who.casefold(), *members.get(who.casefold(), ()))))
        except Unread as unread:
            gaps.extend(unread.gaps)
    for row in seen(estate, DEFINITION, gaps):
        try:
            custom = row[RESOURCE]["properties"]["type"].value == "CustomRole"
        except Unread as unread:
            gaps.extend(unread.gaps)
            continue
        held = holders.get(object_id(row), {})
        if custom and held:
            yield Thing("role", Target(row.ref, row.name, DEFINITION, seen=True), tuple(held), (ROOT,))
    missing["role"] = told(gaps)


def policies(estate: Estate, missing: dict[str, tuple[str, ...]]) -> Iterator[Thing]:
    gaps: list[Gap] = []
    for row in seen(estate, TENANT, gaps):
        try:
            for one in row[POLICIES]:
                ref = f"/identity/conditionalAccess/policies/{one.need('id').text()}"
                target = Target(ref, str(one["displayName"].value or ref), POLICIES, seen=True)
                yield Thing("conditional access policy", target, (), (ROOT,))
        except Unread as unread:
            gaps.extend(unread.gaps)
    missing["conditional access policy"] = told(gaps)
