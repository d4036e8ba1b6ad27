"""The project as a tree: its resources, itself, the folders and the organisation, each with what its policies say.

Allow policies add up from the organisation to the resource; deny policies stand at the upper levels and hold for all
that is below.  Source: "Understanding allow policies", "Deny policies", "Resource hierarchy", read 2026-11.

Limits: of three folders or more only the project's own parent has a known place; policies of a folder that may stand
below the one asked about are then a doubt.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from scanners.access.explorer import Via, Written
from scanners.access.gcp.bindings import DENY as DENY_SECTION
from scanners.access.gcp.bindings import FOLDER, MANAGER, ORGANIZATION, POLICY, PROJECT, RESOURCE
from scanners.access.gcp.boundaries import Bound, Boundaries, bound_at, boundaries_of, parted
from scanners.access.gcp.kinds import ACCOUNT, BARE, DATASET, KINDS, POLICED, SERVICE, level_name
from scanners.access.gcp.roles import Roles, because
from scanners.access.gcp.statements import ALLOW, Statement, bindings, dataset_access, deny_rules
from scanners.access.gcp.tags import Tags, tags_of
from scanners.model import Node, Resource, Unread
from scanners.model.estate import Estate


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """`unread`: why not all of its bindings are known; `unread_denies`: of its deny rules.

    `bounds`: what it binds of principal access boundaries; `unread_bounds`: why not all of that is known.
    """

    ref: str
    name: str
    kind: str
    allows: tuple[Statement, ...] = ()
    denies: tuple[Statement, ...] = ()
    unread: tuple[str, ...] = ()
    unread_denies: tuple[str, ...] = ()
    resource: Resource | None = None
    by_member: dict[str, list[Statement]] = field(default_factory=dict, repr=False)
    bounds: tuple[Bound, ...] = ()
    unread_bounds: tuple[str, ...] = ()


def level_of(resource: Resource, roles: Roles) -> Level:
    name = level_name(resource.ref)
    allows: list[Statement] = []
    unread: list[str] = []
    _parted(_allowed(resource, name, roles), allows, unread)
    denies: list[Statement] = []
    unread_denies: list[str] = []
    bounds: tuple[Bound, ...] = ()
    unread_bounds: tuple[str, ...] = ()
    if resource.kind in (PROJECT, FOLDER, ORGANIZATION):
        _parted(_denied(resource, name), denies, unread_denies)
        bounds, unread_bounds = parted(bound_at(resource, name))
    by_member: dict[str, list[Statement]] = {}
    for one in allows:
        for member in one.members:
            by_member.setdefault(member, []).append(one)
    return Level(resource.ref, name, resource.kind, tuple(allows), tuple(denies), tuple(unread), tuple(unread_denies),
                 resource, by_member, bounds, unread_bounds)  # fmt: skip


def _parted(found: Iterable[Statement | str], statements: list[Statement], unread: list[str]) -> None:
    for one in found:
        if isinstance(one, Statement):
            statements.append(one)
        else:
            unread.append(one)


def _allowed(resource: Resource, name: str, roles: Roles) -> Iterator[Statement | str]:
    """Bindings, and what of the policy was not read."""
    said = f"the policy of {name}"
    try:
        if resource.asked(POLICY):
            yield from (_at(one, said) for one in bindings(resource[POLICY], name, roles, f"allow policy of {name}"))
        elif resource.kind == DATASET:
            yield from (_at(one, said) for one in dataset_access(resource[RESOURCE], name, roles))
        elif resource.kind not in BARE:
            yield f"{said} was not read"
        if resource.kind == SERVICE:
            yield from _unchecked(resource, name)
    except Unread as unread:
        yield f"{said} was not read: {because(unread.gaps)}"


def _unchecked(service: Resource, name: str) -> Iterator[Statement]:
    """A service whose check of callers is switched off is called by anybody ("Allowing public access", Cloud Run)."""
    told = service[RESOURCE]["invokerIamDisabled"]
    if told.value is True:
        written = Written("a setting of the service", told.value, told.ref, told.pointer, name)
        via = Via(ALLOW, "Allow", written, "invoker check switched off", told.pointer)
        yield Statement(ALLOW, name, via, ("allUsers",), on=frozenset({"run.routes.invoke"}), shown=("allUsers",))


def _denied(level: Resource, name: str) -> Iterator[Statement | str]:
    said = f"the deny policies of {name}"
    try:
        for _, policy in level.each(DENY_SECTION):
            yield from (_at(one, said) for one in deny_rules(policy, name))
    except Unread as unread:
        yield f"{said} were not read: {because(unread.gaps)}"


def _at(found: Statement | str, said: str) -> Statement | str:
    return f"{said}: {found}" if isinstance(found, str) else found


@dataclass(slots=True)
class Tree:
    """`chain` are the project, its folders and the organisation; `unread` why not all of those are known."""

    project: Level
    folders: tuple[Level, ...]
    organization: Level | None
    resources: dict[str, Resource]
    unread: tuple[str, ...]
    unread_kinds: dict[str, str]
    roles: Roles
    boundaries: Boundaries
    tags: Tags
    _levels: dict[str, Level] = field(default_factory=dict)

    @property
    def chain(self) -> tuple[Level, ...]:
        top = (self.organization,) if self.organization else ()
        return (self.project, *self.folders, *top)

    def level(self, ref: str) -> Level | None:
        """What stands at a resource of the project itself; None for one that was not seen."""
        if ref not in self._levels:
            found = self.resources.get(ref)
            if found is None:
                return next((one for one in self.chain if one.ref == ref), None)
            self._levels[ref] = level_of(found, self.roles)
        return self._levels[ref]

    def policed(self) -> Iterator[Level]:
        """Every resource that has a policy of its own."""
        for ref, resource in self.resources.items():
            if resource.kind in POLICED and (found := self.level(ref)):
                yield found

    def emails(self) -> Iterator[str]:
        """Of the project's service accounts."""
        yield from (email_of(one) for one in self.resources.values() if one.kind == ACCOUNT)

    def parents(self, ref: str) -> Iterator[Level]:
        """Resources that a resource lies within: the ring of a key.  The nearest first."""
        while len(ref) > 2 and ref.count("/") > 3:
            ref = ref.rpartition("/")[0]
            if ref in self.resources and (found := self.level(ref)):
                yield found

    def above(self, folder: Level) -> tuple[tuple[Level, ...], tuple[str, ...]]:
        """What a folder stands in, and what of that is a doubt."""
        top = (self.organization,) if self.organization else ()
        others = tuple(one for one in self.folders if one is not folder)
        if folder is _parent(self.project, self.folders):
            return (*others, *top), ()
        others = tuple(one for one in others if one is not _parent(self.project, self.folders))
        return top, tuple(f"whether {one.name} stands above {folder.name} was not read" for one in others)


def _parent(project: Level, folders: tuple[Level, ...]) -> Level | None:
    if len(folders) == 1:
        return folders[0]
    try:
        parent = project.resource[RESOURCE]["parent"].value if project.resource else None
    except Unread:
        return None
    return next((one for one in folders if one.name == parent), None)


def tree_of(estate: Estate, roles: Roles) -> Tree:
    gaps: list[str] = []
    found = {kind: list(_seen(estate, kind, gaps)) for kind in (PROJECT, FOLDER, ORGANIZATION)}
    if found[PROJECT]:
        project = level_of(found[PROJECT][0], roles)
    else:
        gaps.append("the project was not read")
        project = Level(f"//{MANAGER}/projects/{estate.account}", f"projects/{estate.account}", PROJECT)
    top = [level_of(one, roles) for one in found[ORGANIZATION]]
    unread_kinds: dict[str, str] = {}
    resources = {}
    for kind in KINDS:
        missing: list[str] = []
        resources.update({one.ref: one for one in _seen(estate, kind, missing)})
        if missing:
            unread_kinds[kind] = missing[0]
    folders = tuple(level_of(one, roles) for one in found[FOLDER])
    highest = top[0] if top else None
    boundaries = boundaries_of(highest.resource, highest.name) if highest else boundaries_of(None)
    tags = tags_of(project.resource, estate.account, number_of(project))
    return Tree(project, folders, highest, resources, tuple(gaps), unread_kinds, roles, boundaries, tags)


def _seen(estate: Estate, kind: str, gaps: list[str]) -> Iterator[Resource]:
    try:
        yield from estate.all(kind)
    except Unread as unread:
        gaps.append(f"not all of {kind} were read: {because(unread.gaps)}")


def email_of(account: Resource) -> str:
    """Of a service account; where that was not read, what it is called by."""
    try:
        return str(account[RESOURCE]["email"].value or account.name)
    except Unread:
        return account.name


def number_of(project: Level) -> str:
    """The project's number, where it is known."""
    number = project.name.rpartition("/")[2]
    return number if number.isdigit() else ""


def told(resource: Resource, *path: str) -> Node:
    """A field of what was told of a resource.  Raises Unread."""
    node = resource[RESOURCE]
    for step in path:
        node = node[step]
    return node
