"""All that a principal can do somewhere, by resource provider and level of access, with the assignments behind it.

Counted are the actions that the catalogue or a role names one by one; a star may give more that nobody has named.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from scanners.access.azure.actions import Actions, access_level, graph_permission, provider
from scanners.access.azure.conditions import Facts, both, weighed
from scanners.access.azure.deciding import decide_at
from scanners.access.azure.deciding_directory import decide_in
from scanners.access.azure.directory import Directory, Right
from scanners.access.azure.places import place
from scanners.access.azure.rights import EVERYONE
from scanners.access.azure.roles import Permission, Role
from scanners.access.azure.standing import Assignment, Standing, unread_role, via
from scanners.access.explorer import Answer, Decided, Grant, Held, Service

GRAVITY = ("Permissions management", "Write", "Tagging", "Read", "List")
GRAPH, OF_DIRECTORY = "microsoft.graph", "microsoft.directory"


def held(on: Standing, found: Directory, known: Actions, who: str, is_person: bool, now: datetime) -> Held:
    """`who` in small letters."""
    answers = dict(_answers(on, found, known, who, is_person, now))
    sure = frozenset(name for name, one in answers.items() if one.read is Answer.ALLOWED)
    possible = frozenset(name for name, one in answers.items() if one.possible)
    grants = (*_grants(on, who), *_of_directory(found, on, who), *_denials(on, who))
    doubts = dict.fromkeys(why for one in answers.values() for why in one.unknown_because)
    doubts.update(dict.fromkeys((*on.unknown.grants, *on.unknown.denials, *on.unknown.eligible, *found.unread)))
    return Held(tuple(_services(sure, possible, known, found, grants)), grants, tuple(doubts), sure, possible)


def _answers(
    on: Standing, found: Directory, known: Actions, who: str, is_person: bool, now: datetime
) -> Iterator[tuple[str, Decided]]:
    """Of every action that a role of the principal's has; of others it is known that nothing allows them."""
    roles = {one.role for name in on.of(who) for table in (on.held, on.eligible) for one in table.get(name, ())}
    mine = [role for one in roles if isinstance(role := on.roles.get(one), Role)]
    whole = place(f"/subscriptions/{on.account}", any=True)
    for name, data in known.names():
        if any(role.gives(name, data=data) for role in mine):
            yield known.spelled[name], decide_at(on, who, name, whole, now, data=data)
    if any(one in found.rights or one in found.permissions for one in on.of(who)):
        for spelled in found.known.values():
            yield spelled, decide_in(found, on, who, is_person, spelled, "", anywhere=True)


def _services(
    sure: frozenset[str], possible: frozenset[str], known: Actions, found: Directory, grants: tuple[Grant, ...]
) -> Iterator[Service]:
    counts: dict[str, dict[str, list[int]]] = {}
    for name in possible:
        row = counts.setdefault(_provider(name), {}).setdefault(access_level(name), [0, 0])
        row[0] += name in sure
        row[1] += 1
    total: dict[str, int] = {}
    for name in (*(name for name, _ in known.names()), *found.known):
        total[_provider(name)] = total.get(_provider(name), 0) + 1

    def weight(name: str) -> tuple[int, int, str]:
        levels = counts[name]
        worst = min(GRAVITY.index(level) for level in levels)
        return worst, -levels[GRAVITY[worst]][1], name

    for name in sorted(counts, key=weight):
        levels = {level: (pair[0], pair[1]) for level, pair in counts[name].items()}
        speaking = [one for one in grants if one.speaks_of(name)]
        yield Service(name, levels, total.get(name, 0), tuple(one for one in speaking if one.effect == "Allow"),
                      tuple(one for one in speaking if one.effect == "Deny"))  # fmt: skip


def _provider(action: str) -> str:
    return GRAPH if graph_permission(action) else provider(action)


def _grants(on: Standing, who: str) -> Iterator[Grant]:
    for number, name in enumerate(on.of(who)):
        for table in (on.held, on.eligible):
            for one in table.get(name, ()):
                yield from _granted(one, on, on.names.get(name, name) if number else "")


def _granted(one: Assignment, on: Standing, group: str) -> Iterator[Grant]:
    role, told = on.roles.get(one.role), via(one, group)
    if not isinstance(role, Role):
        yield _grant(told.layer, one, told.place, (), "", unread_role(role, one.role), None)
        return
    for part in role.permissions:
        left = both(weighed(one.condition, Facts("")), weighed(part.condition, Facts("")))
        texts, services = _texts(part)
        words = left.words or ("its condition holds" if one.condition or part.condition else "")
        yield _grant(told.layer, one, told.place, texts, words, left.flaw, services)


def _grant(
    layer: str, one: Assignment, place_: str, texts: tuple[str, ...], condition: str, unknown: str,
    services: frozenset[str] | None,
) -> Grant:  # fmt: skip
    return Grant(
        layer=layer, level=one.level, policy=one.written.name, ref=one.written.ref, place=place_, sid="",
        effect="Allow", sure=not (condition or unknown or one.eligible), actions=texts, all_but_actions=False,
        resources=(one.told,), all_but_resources=False, condition=condition, unknown=unknown, services=services,
    )  # fmt: skip


def _texts(part: Permission) -> tuple[tuple[str, ...], frozenset[str] | None]:
    """(patterns, the providers they speak of): what is subtracted stands behind, as "but not …"."""
    given, less = (*part.actions.texts, *part.data.texts), (*part.less.texts, *part.less_data.texts)
    first = {text.casefold().partition("/")[0] for text in given}
    services = None if any("*" in one for one in first) else frozenset(first)
    return (*given, *(f"but not {text}" for text in less)), services


def _of_directory(found: Directory, on: Standing, who: str) -> Iterator[Grant]:
    for name in on.of(who):
        for right in found.rights.get(name, ()):
            yield _right(right, OF_DIRECTORY)
        for right in found.permissions.get(name, ()):
            yield _right(right, GRAPH)


def _right(one: Right, service: str) -> Grant:
    condition = f"{one.condition} holds" if one.condition else "it is activated" if one.eligible else ""
    return Grant(
        layer="directory", level=one.written.level, policy=one.written.name, ref=one.written.ref, place="", sid="",
        effect="Allow", sure=not (condition or one.unknown), actions=one.actions, all_but_actions=False,
        resources=(one.scope,), all_but_resources=False, condition=condition, unknown=one.unknown,
        services=frozenset({service}),
    )  # fmt: skip


def _denials(on: Standing, who: str) -> Iterator[Grant]:
    own = set(on.of(who))
    for one in on.denials:
        if (EVERYONE in one.principals or own & one.principals) and not own & one.spared:
            for part in one.permissions:
                texts, services = _texts(part)
                condition = weighed(one.condition, Facts("")).words
                yield Grant(
                    layer="deny", level=one.written.level, policy=one.written.name, ref=one.written.ref, place="",
                    sid="", effect="Deny", sure=one.condition is None, actions=texts, all_but_actions=False,
                    resources=(one.scope,), all_but_resources=False, condition=condition, unknown="",
                    services=services,
                )  # fmt: skip
