"""What a scan left of a subscription's assignments, denials and groups, made ready for many questions.

Scopes are kept as paths in small letters, "/" for the root.  What was not read stands beside, in words, by what it
could change: grants, what may be activated, denials, who is in which group.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from scanners.access.azure.rights import (
    A_GROUP,
    ASSIGNMENT,
    DEFINITION,
    DENIAL,
    DIRECTORY_ROLE,
    ELIGIBLE,
    ELIGIBLE_GROUP,
    GROUP,
    MAY_ACTIVATE,
    MEMBERS,
    RESOURCE,
    RULING_GROUP,
    SUBSCRIPTION,
    level,
    read,
    steps,
)
from scanners.access.azure.roles import Permission, Role
from scanners.access.explorer import Via, Written
from scanners.model import Gap, Node, Resource, Unread
from scanners.model.estate import Estate

POINTER, CHAIN = "resource/properties", "above"


@dataclass(frozen=True, slots=True, eq=False)
class Assignment:
    """`who` and `role` in small letters.  `eligible`: held once it is activated."""

    who: str
    kind: str
    scope: str
    role: str
    condition: Any
    written: Written
    eligible: bool = False

    @property
    def level(self) -> str:
        return self.written.level

    @property
    def told(self) -> str:
        """Its scope as Azure writes it."""
        document = self.written.document or {}
        return str(document["assignment"]["scope"]) if document else self.scope


@dataclass(frozen=True, slots=True, eq=False)
class Denial:
    """`only_here`: what stands below its scope is not meant.  Names in small letters; `groups` are those among them."""

    scope: str
    only_here: bool
    principals: frozenset[str]
    spared: frozenset[str]
    groups: frozenset[str]
    permissions: tuple[Permission, ...]
    condition: Any
    written: Written

    def speaks_of(self, action: str, *, data: bool) -> bool:
        return any(one.covers(action, data=data) for one in self.permissions)


@dataclass(frozen=True, slots=True)
class Unknown:
    """In words, what was not read and could change an answer."""

    grants: tuple[str, ...] = ()
    eligible: tuple[str, ...] = ()
    denials: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Standing:
    """`held` and `eligible` by principal; `groups` by member; `closed` are groups of which nobody knows who is in them.

    `roles` holds under the id of one that was not understood, why.
    """

    account: str
    roles: Mapping[str, Role | str]
    held: Mapping[str, tuple[Assignment, ...]]
    eligible: Mapping[str, tuple[Assignment, ...]]
    denials: tuple[Denial, ...]
    groups: Mapping[str, tuple[str, ...]]
    closed: Mapping[str, str]
    names: Mapping[str, str]  # of groups
    unknown: Unknown
    above: tuple[str, ...] = ()  # the management groups over the subscription, the nearest first; nothing: not told
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    def of(self, who: str) -> tuple[str, ...]:
        """The principal and the groups that it is in, in small letters."""
        return (who, *self.groups.get(who, ()))

    def assignments(self) -> Iterator[Assignment]:
        for table in (self.held, self.eligible):
            for several in table.values():
                yield from several

    def without(self, gone: Iterable[Assignment]) -> Standing:
        ids = {id(one) for one in gone}
        held, eligible = (
            {who: tuple(one for one in several if id(one) not in ids) for who, several in table.items()}
            for table in (self.held, self.eligible)
        )
        return replace(self, held=held, eligible=eligible, memo={})

    def given(self, assignment: Assignment) -> Standing:
        held = {**self.held, assignment.who: (*self.held.get(assignment.who, ()), assignment)}
        return replace(self, held=held, memo={})

    def forbidding(self, denials: Iterable[Denial]) -> Standing:
        return replace(self, denials=tuple(denials), memo={})


def standing(estate: Estate) -> Standing:
    return estate.derived("azure standing", lambda: _standing(estate))


def _standing(estate: Estate) -> Standing:
    ungiven, uneligible, undenied, unnamed, unread_roles = (list[Gap]() for _ in range(5))
    roles = _roles(estate, unread_roles)
    held = list(_assignments(estate, ASSIGNMENT, roles, ungiven))
    eligible = list(_assignments(estate, ELIGIBLE, roles, uneligible))
    denials = tuple(_denials(estate, undenied))
    rows = {row.ref.rpartition("/")[2].casefold(): row for row in read(estate.all(GROUP), unnamed)}
    for kind in (RULING_GROUP, ELIGIBLE_GROUP):
        rows = {**{row.ref.rpartition("/")[2].casefold(): row for row in read(estate.all(kind), unnamed)}, **rows}
    groups, closed = _groups(rows)
    listed, asked = because(unnamed), _of_groups(held)
    told = asked | _of_groups(eligible) | _holding_the_directory(estate)
    for name in told.union(*(denial.groups for denial in denials)) - rows.keys():
        if unnamed:
            closed[name] = listed[0]
        elif name not in asked:  # of those that hold a role, one that is not there is gone
            closed[name] = f"who is in the group {name} was not read"
    return Standing(
        account=estate.account.casefold(),
        roles={**{one: f"the role {one} was not read" for one in _named(held, eligible)}, **roles},
        held=_by_holder(held),
        eligible=_by_holder(eligible),
        denials=denials,
        groups=groups,
        closed=closed,
        names={name: row.name for name, row in rows.items()},
        unknown=Unknown(because(ungiven), because(uneligible), because(undenied), listed),
        above=_above(estate),
    )


def _above(estate: Estate) -> tuple[str, ...]:
    found: list[str] = []
    for row in read(estate.all(SUBSCRIPTION), []):
        if row.asked(CHAIN):
            found += read((one.text() for one in row[CHAIN]), []) if CHAIN not in row.gaps else []
    return tuple(found)


def _of_groups(several: Iterable[Assignment]) -> set[str]:
    return {one.who for one in several if one.kind == "Group"}


def because(gaps: Iterable[Gap]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{gap.call} was not read ({gap.code})" for gap in gaps))


def _named(*several: list[Assignment]) -> set[str]:
    return {one.role for assignments in several for one in assignments}


def _by_holder(assignments: Iterable[Assignment]) -> dict[str, tuple[Assignment, ...]]:
    found: dict[str, list[Assignment]] = {}
    for one in assignments:
        found.setdefault(one.who, []).append(one)
    return {who: tuple(several) for who, several in found.items()}


def _roles(estate: Estate, gaps: list[Gap]) -> dict[str, Role | str]:
    found: dict[str, Role | str] = {}
    for row in read(estate.all(DEFINITION), gaps):
        name = row.ref.rpartition("/")[2].casefold()
        try:
            found[name] = Role.of(name, row[RESOURCE]["properties"], row.ref)
        except Unread as unread:
            found[name] = because(unread.gaps)[0]
    return found


def path(scope: str) -> str:
    return f"/{'/'.join(steps(scope))}"


def named(scope: str) -> str:
    """The level of the tree, for people; a resource by its name."""
    return f"the resource {scope.rstrip('/').rpartition('/')[2]}" if level(scope) == "one resource" else level(scope)


def _assignments(estate: Estate, kind: str, roles: Mapping[str, Role | str], gaps: list[Gap]) -> Iterator[Assignment]:
    for row in read(estate.all(kind), gaps):
        try:
            yield _assignment(row, roles, eligible=kind == ELIGIBLE)
        except Unread as unread:
            gaps.extend(unread.gaps)


def _assignment(row: Resource, roles: Mapping[str, Role | str], *, eligible: bool) -> Assignment:
    told = row[RESOURCE]["properties"]
    role = told.need("roleDefinitionId").text().rpartition("/")[2].casefold()
    scope, kind = told.need("scope").text(), told["principalType"].value
    known = roles.get(role)
    name = known.name if isinstance(known, Role) else role
    document = {"assignment": told.value, "role": known.document if isinstance(known, Role) else None}
    return Assignment(
        who=told.need("principalId").text().casefold(),
        kind=kind if isinstance(kind, str) else "",
        scope=path(scope),
        role=role,
        condition=told["condition"].value,
        written=Written(name, document, row.ref, POINTER, named(scope)),
        eligible=eligible,
    )


def _denials(estate: Estate, gaps: list[Gap]) -> Iterator[Denial]:
    for row in read(estate.all(DENIAL), gaps):
        try:
            yield _denial(row)
        except Unread as unread:
            gaps.extend(unread.gaps)


def _denial(row: Resource) -> Denial:
    told = row[RESOURCE]["properties"]
    scope = told["scope"].text() if told["scope"].present else "/"
    meant, spared = list(told["principals"]), list(told["excludePrincipals"])
    name = told["denyAssignmentName"].value
    return Denial(
        scope=path(scope),
        only_here=told["doNotApplyToChildScopes"].value is True,
        principals=frozenset(_id(one) for one in meant),
        spared=frozenset(_id(one) for one in spared),
        groups=frozenset(_id(one) for one in (*meant, *spared) if one["type"].value == "Group"),
        permissions=tuple(Permission.of(one) for one in told["permissions"]),
        condition=told["condition"].value,
        written=Written(
            name if isinstance(name, str) else row.name, told.value, row.ref, POINTER, named(scope)
        ),
    )  # fmt: skip


def _id(one: Node) -> str:
    return one.need("id").text().casefold()


def _groups(rows: Mapping[str, Resource]) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    groups, closed = dict[str, list[str]](), dict[str, str]()
    for name, row in rows.items():
        try:
            for member in {_id(one) for one in row[MEMBERS]}:
                groups.setdefault(member, []).append(name)
        except Unread as unread:
            closed[name] = because(unread.gaps)[0]
    return {who: tuple(sorted(several)) for who, several in groups.items()}, closed


def _holding_the_directory(estate: Estate) -> set[str]:
    """Groups with a role of the directory, or that may activate one."""
    rows = [row for kind in (DIRECTORY_ROLE, MAY_ACTIVATE) for row in read(estate.all(kind), [])]
    return {one for row in rows for one in read(_group_of(row), [])}


def _group_of(row: Resource) -> Iterator[str]:
    told = row[RESOURCE]
    if told["principal"]["@odata.type"].value == A_GROUP:
        yield told.need("principalId").text().casefold()


def via(one: Assignment, through: str = "", unknown: str = "") -> Via:
    """`through`: the name of the group that it came by."""
    layer = "eligible" if one.eligible else "assignments"
    place = f"{'eligible ' if one.eligible else ''}assignment on {one.level}"
    if through:
        place = f"{place}, through the group {through}"
    return Via(layer, "Allow", one.written, place, "/role/permissions", unknown=unknown)


def via_denial(one: Denial, unknown: str = "") -> Via:
    return Via("deny", "Deny", one.written, f"deny assignment on {one.written.level}", "/permissions", unknown=unknown)


def unread_role(known: Role | str | None, role: str) -> str:
    return known if isinstance(known, str) else f"the role {role} was not read"
