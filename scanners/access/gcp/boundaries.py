"""Principal access boundaries: what somebody is eligible for, whatever is allowed there.

Whoever a boundary is bound to is eligible for the resources that the boundaries bound to them name, all together, and
for what stands below those; whoever none is bound to, for everything.  A boundary takes only the permissions that its
enforcement version can block.  Source: "Principal access boundary policies", "Permissions that principal access
boundary policies block", "Policy types" (IAM documentation), read 2026-11.

Where a boundary that cannot block a permission is the only one that makes eligible, two of those pages differ, and the
answer is unknown.  Limits: what other projects and organisations bind to their own principals is not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from scanners.access.explorer import Via, Written
from scanners.access.gcp.bindings import MANAGER
from scanners.access.gcp.roles import because
from scanners.access.gcp.statements import Permissions, Statement, denied_permissions, expression_of
from scanners.access.gcp.weighing import BOUNDARY, Weighed
from scanners.access.truth import MAYBE, NO, YES, Truth
from scanners.catalog.boundaries import versions
from scanners.model import Node, Resource, Unread

BOUND, POLICIES = "policyBindings", "principalAccessBoundaryPolicies"
LEVEL = re.compile(rf"//{re.escape(MANAGER)}/((?:projects|folders|organizations)/[^/]+)")
OURS = "PRINCIPAL_ACCESS_BOUNDARY"


@dataclass(frozen=True, slots=True)
class Reach:
    """What an enforcement version can block.  `unsure`: a version of which that is not known in full."""

    rows: tuple[tuple[Permissions, Permissions], ...]
    unsure: str = ""

    def takes(self, permission: str) -> Truth:
        if any(blocks.covers(permission) and not spares.covers(permission) for blocks, spares in self.rows):
            return YES
        return MAYBE if self.unsure else NO


@cache
def reach_of(version: str) -> Reach:
    """`version` as a policy has it: "1", "latest" or nothing, which stand for the default."""
    table = versions()
    number = table.default if version in ("", "latest") else version
    known = [one for one in sorted(table.versions, key=int) if not number.isdecimal() or int(one) <= int(number)]
    rows = tuple(
        (denied_permissions(iter(row.texts("blocks"))), denied_permissions(iter(row.texts("spares"))))
        for row in (table.versions[one] for one in (known if number.isdecimal() else known[:1]))
    )
    fine = number.isdecimal() and 1 <= int(number) <= table.newest
    return Reach(rows, "" if fine else f"what enforcement version {number[:20]} can block is not known in full")


@dataclass(frozen=True, slots=True)
class Boundary:
    """A policy.  `within`: levels by name, "projects/shop"."""

    name: str
    title: str
    within: frozenset[str]
    version: str
    written: Written

    @property
    def reach(self) -> Reach:
        return reach_of(self.version)


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """A boundary bound to a set of principals, which is the one member of `statement`."""

    statement: Statement
    policy: str

    @property
    def target(self) -> str:
        return self.statement.members[0]


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Of an organisation, by name.  `unread`: why not all are known."""

    by_name: dict[str, Boundary]
    unread: str = ""
    organizations: tuple[str, ...] = ()

    def of(self, bound: Bound) -> Boundary | str | None:
        """The policy that is bound, or why it is not known.  None for one that was deleted, which has no effect."""
        found = self.by_name.get(bound.policy) or self.unread
        if not found and not any(bound.policy.startswith(f"{one}/") for one in self.organizations):
            return f"the boundary {bound.policy[:120]} is of another organisation"
        return found or None


def bound_at(level: Resource, name: str) -> Iterator[Bound | str]:
    """What a level binds, and what of that was not read or not understood."""
    said = f"the boundaries bound at {name}"
    try:
        told = level[BOUND]
        found = list(told)
    except Unread as unread:
        yield f"{said} were not read: {because(unread.gaps)}"
        return
    written = Written(said, told.value, told.ref, told.pointer, name)
    for number, one in enumerate(found, 1):
        try:
            if (bound := _bound(one, number, written)) is not None:
                yield bound
        except Unread as unread:
            yield f"{said}: binding {number} was not understood: {because(unread.gaps)}"


def _bound(one: Node, number: int, written: Written) -> Bound | None:
    """None for a binding of policies of another kind."""
    if one["policyKind"].present and one["policyKind"].value != OURS:
        return None
    target, policy, condition = one["target"].need("principalSet").text(), one.need("policy").text(), one["condition"]
    title = str(condition["title"].value or "") if condition.present else ""
    name = str(one["displayName"].value or policy.rpartition("/")[2])
    via = Via(BOUNDARY, "Deny", replace(written, name=name), f"binding {number}", one.pointer, title)
    statement = Statement(
        BOUNDARY, written.level, via, (target,), expression=expression_of(condition), title=title, shown=(target,)
    )
    return Bound(statement, policy)


def boundaries_of(organization: Resource | None, name: str = "") -> Boundaries:
    if organization is None:
        return Boundaries({}, "the boundaries of the organisation were not read")
    found: dict[str, Boundary] = {}
    unread = ""
    try:
        for one in organization[POLICIES]:
            try:
                boundary = _boundary(one)
                found[boundary.name] = boundary
            except Unread as gaps:
                unread = f"a boundary was not understood: {because(gaps.gaps)}"
    except Unread as gaps:
        unread = f"the boundaries of the organisation were not read: {because(gaps.gaps)}"
    return Boundaries(found, unread, (name,))


def _boundary(one: Node) -> Boundary:
    name, details = one.need("name").text(), one["details"]
    within = {
        found[1]
        for rule in details["rules"]
        if rule["effect"].value in ("ALLOW", None)
        for resource in rule["resources"]
        if (found := LEVEL.fullmatch(resource.text()))
    }
    title = str(one["displayName"].value or name.rpartition("/")[2])
    version = str(details["enforcementVersion"].value or "")
    return Boundary(name, title, frozenset(within), version, Written(title, one.value, one.ref, one.pointer))


@dataclass(frozen=True, slots=True)
class Subject:
    """A binding that may mean the caller, weighed as far as the caller goes, and what it binds."""

    bound: Bound
    weighed: Weighed
    boundary: Boundary | str


@dataclass(frozen=True, slots=True)
class Place:
    """The levels a resource stands in, by all their names.  `unread`: why those are not all known."""

    names: frozenset[str]
    unread: str = ""


def blocks(
    subjects: Sequence[Subject], permission: str, place: Place, widened: frozenset[str] = frozenset()
) -> Iterator[Weighed]:
    """What takes a permission away at a place.  `widened`: names of policies that are to hold the place as well."""
    seen = [(one, _takes(one, permission), _holds(one, place, widened)) for one in subjects]
    if any(takes == YES and holds == YES and one.weighed.least == YES for one, takes, holds in seen):
        return
    helped = [(one, takes) for one, takes, holds in seen if holds == YES]
    for one, takes, holds in seen:
        if takes == NO or holds == YES:
            continue
        weighed = one.weighed
        unread, words, residual = list(weighed.unread), list(weighed.words), list(weighed.residual)
        if isinstance(one.boundary, str):
            unread.append(one.boundary)
        elif takes == MAYBE:
            unread.append(one.boundary.reach.unsure)
        if holds == MAYBE and place.unread:
            unread.append(place.unread)
        for other, blocking in helped:
            _spared(other, blocking, permission, unread, words, residual)
        most = MAYBE if words else YES
        yield replace(
            weighed, truth=NO if unread else most, most=most, unread=tuple(dict.fromkeys(unread)),
            words=tuple(words), residual=tuple(residual),
        )  # fmt: skip


def _spared(
    other: Subject, blocking: Truth, permission: str, unread: list[str], words: list[str], residual: list[object]
) -> None:
    """What another boundary, that holds the place and may mean the caller, leaves open."""
    unread += other.weighed.unread
    if blocking != YES:
        unread.append(f"whether a boundary that cannot block {permission} makes eligible for it is told in two ways")
    if other.weighed.words:
        words.append(f"not ({' and '.join(other.weighed.words)})")
        left = list(other.weighed.residual)
        residual.append({"not": left[0] if len(left) == 1 else {"all": left}})


def _takes(one: Subject, permission: str) -> Truth:
    if isinstance(one.boundary, str):  # it blocks no more than the newest version does, as far as those are known
        return MAYBE if reach_of("latest").takes(permission) else NO
    return one.boundary.reach.takes(permission)


def _holds(one: Subject, place: Place, widened: frozenset[str]) -> Truth:
    if isinstance(one.boundary, str):
        return MAYBE
    if one.boundary.within & place.names or one.boundary.name in widened:
        return YES
    return MAYBE if place.unread else NO


def parted(found: Iterable[Bound | str]) -> tuple[tuple[Bound, ...], tuple[str, ...]]:
    everything = list(found)
    bounds = tuple(one for one in everything if isinstance(one, Bound))
    return bounds, tuple(one for one in everything if isinstance(one, str))


__all__ = [
    "BOUND",
    "BOUNDARY",
    "POLICIES",
    "Bound",
    "Boundaries",
    "Boundary",
    "Place",
    "Subject",
    "blocks",
    "bound_at",
    "boundaries_of",
    "parted",
    "reach_of",
]  # fmt: skip
