"""What a principal can do on some resource of the project: all permissions at once, by service and level of access."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache

from scanners.access.explorer import Grant, Held, Service
from scanners.access.gcp.deciding import NONE, Change, Deciding
from scanners.access.gcp.roles import LEVELS, level_of, service_of
from scanners.access.gcp.statements import ALLOW, DENY
from scanners.access.gcp.targets import Scene
from scanners.access.gcp.tree import Level
from scanners.access.gcp.weighing import BOUNDARY, Weighed, weigh
from scanners.access.truth import YES

Permissions = frozenset[str]
Gives = tuple[Weighed, Level, Permissions]
_SHOWN = 400  # actions that one grant tells of


def held(deciding: Deciding, key: str) -> Held:
    """Of all levels, the project's resources among them."""
    gives = list(given(deciding, key, NONE))
    sure, possible, bounds = weighed(deciding, key, gives)
    grants = [*(_gives(*one) for one in gives), *(_bounds(*one) for one in bounds)]
    services = tuple(_services(deciding, sure, possible, grants))
    return Held(services, tuple(grants), tuple(_doubts(deciding, key, gives, bounds)), sure, possible)


def given(deciding: Deciding, key: str, change: Change) -> Iterator[Gives]:
    """Every binding that may count for a principal, with what its role holds."""
    for level in deciding.levels_of(key):
        situation = deciding.anything(level)
        for statement, belongs in deciding.entries(key, level, deciding.private(level)):
            if change.without and deciding.left_out(key, statement, change):
                continue
            if found := weigh(statement, belongs, (), situation):
                yield found, level, statement.role.held if statement.role else statement.on
    for statement in change.more:
        if found := weigh(
            statement, deciding.belongs(key, statement.members[0]), (), deciding.anything(deciding.tree.project)
        ):
            yield found, deciding.tree.project, statement.on


def weighed(
    deciding: Deciding, key: str, gives: Iterable[Gives]
) -> tuple[Permissions, Permissions, list[tuple[Weighed, Level, Permissions]]]:
    """(surely, possibly, what takes away) on some resource."""
    sure, possible = set[str](), set[str]()
    for one, _, permissions in gives:
        if one.truth:
            possible |= permissions
        if one.truth == YES:
            sure |= permissions
    bounds: list[Gives] = []
    situation = deciding.anything(deciding.tree.project)
    for level in deciding.tree.chain:
        for statement, belongs, spared in deciding.denials(key, level):
            if found := weigh(statement, belongs, spared, situation):
                strange = possible - deciding.roles.universe  # what no role holds, and a setting gives
                taken = (deciding.taken_by(statement) & possible) | {one for one in strange if statement.speaks_of(one)}
                bounds.append((found, level, taken))
    bounds += _bounded(deciding, key, possible)
    for found, _, taken in bounds:
        sure -= taken
        if found.truth == YES:
            possible -= taken
    return frozenset(sure), frozenset(possible), bounds


def _bounded(deciding: Deciding, key: str, possible: set[str]) -> Iterator[Gives]:
    """What boundaries take of it in the project, binding by binding."""
    bounding = deciding.bounding
    if not bounding.any or not possible:
        return
    place = bounding.place(Scene(deciding.tree.chain))
    taken: dict[int, tuple[Weighed, set[str]]] = {}
    for permission in possible:
        for one in bounding.blocks(key, permission, place):
            taken.setdefault(id(one.statement), (one, set()))[1].add(permission)
    levels = {level.name: level for level in deciding.tree.chain}
    for one, permissions in taken.values():
        yield one, levels[one.statement.level], frozenset(permissions)


def _gives(one: Weighed, level: Level, permissions: Permissions) -> Grant:
    return _grant(one, level, ALLOW, _some(permissions), permissions)


def _bounds(one: Weighed, level: Level, taken: Permissions) -> Grant:
    if one.statement.layer == BOUNDARY:
        return _grant(one, level, BOUNDARY, _some(taken), taken)
    denies = one.statement.denies
    written = (*sorted(denies.names), *(".".join(group) for group in sorted(denies.groups)))
    return _grant(one, level, DENY, written, taken)


def _grant(one: Weighed, level: Level, layer: str, actions: tuple[str, ...], spoken: Permissions) -> Grant:
    statement = one.statement
    name = statement.role.name if statement.role else statement.written.name
    unread = bool(statement.role and statement.role.unread)
    return Grant(
        layer=layer,
        level=level.name,
        policy=name,
        ref=statement.written.ref,
        place=statement.via.place,
        sid=statement.title,
        effect=statement.via.effect,
        sure=one.truth == YES,
        actions=actions,
        all_but_actions=False,
        resources=(level.ref,),
        all_but_resources=False,
        condition=" and ".join(one.words),
        unknown="; ".join(one.unread),
        services=None if unread else _services_of(spoken),
    )


@lru_cache(maxsize=4_096)
def _some(permissions: Permissions) -> tuple[str, ...]:
    return tuple(sorted(permissions)[:_SHOWN])


@lru_cache(maxsize=4_096)
def _services_of(permissions: Permissions) -> frozenset[str]:
    return frozenset(service_of(one) for one in permissions)


def _services(deciding: Deciding, sure: Permissions, possible: Permissions, grants: list[Grant]) -> Iterator[Service]:
    known: dict[str, int] = deciding.counted
    levels: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for permission in possible:
        count = levels[service_of(permission)][level_of(permission)]
        count[0] += permission in sure
        count[1] += 1
    ranked = {level: place for place, level in enumerate(LEVELS)}
    for name in sorted(levels, key=lambda name: (min(ranked[one] for one in levels[name]), name)):
        counts = {level: (count[0], count[1]) for level, count in levels[name].items()}
        mine = [one for one in grants if one.speaks_of(name)]
        yield Service(
            name,
            {level: counts[level] for level in LEVELS if level in counts},
            known.get(name, 0),
            tuple(one for one in mine if one.effect == "Allow"),
            tuple(one for one in mine if one.effect == "Deny"),
        )


def _doubts(deciding: Deciding, key: str, gives: Iterable[Gives], bounds: Iterable[Gives]) -> Iterator[str]:
    unread = (why for one, _, _ in (*gives, *bounds) for why in one.unread)
    yield from dict.fromkeys((*deciding.doubts, *deciding.bounding.doubts(key), *unread))
