"""What a principal of AWS can do, by service and level of access, with the statements behind it.

Made of two bitmaps over a catalogue's actions and of where statements stand, as `scanners.graph.effects` keeps them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from scanners.access.aws import catalogue
from scanners.access.aws.actions import actions, levels, spelling
from scanners.access.aws.words import in_words
from scanners.access.explorer import Grant, Held, Service
from scanners.graph.effects import Keeper, unpacked
from scanners.graph.explaining import place
from scanners.graph.standing import Standing

LEVELS = ("Permissions management", "Write", "Tagging", "Read", "List")  # the gravest first
NO_LEVEL = "Unknown"


def worked_out(standing: Standing) -> Held:
    """By the engine, as the estate is."""
    keeper = Keeper()
    kept = keeper.keep(standing)
    bodies = {digest.hex(): body for digest, body in keeper.grants.items()}
    grants = [grant(one, bodies[one["grant"]]) for one in kept.stands]
    return held(catalogue().names, unpacked(kept.sure), unpacked(kept.possible), grants, kept.doubts)


def held(names: Sequence[str], sure: int, possible: int, grants: Iterable[Grant], doubts: Iterable[str]) -> Held:
    """`names` of the actions in the order of the bits; a bit beyond them stands for all others and is left out."""
    grants = tuple(grants)
    services = _services(names, sure, possible, grants)
    return Held(services, grants, tuple(doubts), frozenset(named(names, sure)), frozenset(named(names, possible)))


def named(names: Sequence[str], bits: int) -> Iterator[str]:
    while bits:
        lowest = bits & -bits
        bits ^= lowest
        if (number := lowest.bit_length() - 1) < len(names):
            yield spelling(names[number])


def _services(names: Sequence[str], sure: int, possible: int, grants: tuple[Grant, ...]) -> tuple[Service, ...]:
    found: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    rest = possible
    while rest:
        lowest = rest & -rest
        rest ^= lowest
        number = lowest.bit_length() - 1
        if number < len(names):
            service = names[number].partition(":")[0]
            counts = found[service][levels(service).get(names[number], NO_LEVEL)]
            counts[0] += bool(sure & lowest)
            counts[1] += 1
    made = [_service(name, by, grants) for name, by in found.items()]
    return tuple(sorted(made, key=lambda one: ([-one.levels.get(level, (0, 0))[1] for level in LEVELS[:2]], one.name)))


def _service(name: str, by_level: Mapping[str, list[int]], grants: tuple[Grant, ...]) -> Service:
    speaking = [one for one in grants if one.speaks_of(name)]
    return Service(
        name,
        {level: (sure, possible) for level, (sure, possible) in by_level.items()},
        len(levels(name)),
        tuple(one for one in speaking if one.layer == "identity" and one.effect != "Deny"),
        tuple(one for one in speaking if _bounds(one)),
    )


def _bounds(one: Grant) -> bool:
    """What takes something away: a Deny, a boundary, a policy from above that is not "all of everything"."""
    return one.effect == "Deny" or (one.layer != "identity" and one.actions != ("*",))


def grant(stands: Mapping[str, Any], body: Mapping[str, Any]) -> Grant:
    """Of where a statement stands and what it says, as `Keeper` writes both."""
    with_names, but = body.get("actions"), body.get("not_actions")
    on, all_but = body.get("resources"), body.get("not_resources")
    texts = tuple(with_names if with_names is not None else but or ())
    number = stands["statement"]
    return Grant(
        layer=stands["layer"],
        level=stands.get("level"),
        policy=stands["policy"],
        ref=stands["ref"],
        place=place(number),
        sid=stands.get("sid", ""),
        effect=body["effect"],
        sure=body["sure"],
        actions=texts,
        all_but_actions=with_names is None and but is not None,
        resources=tuple(on if on is not None else all_but or ()),
        all_but_resources=on is None and all_but is not None,
        condition=in_words(body.get("condition")),
        unknown=body.get("unknown", ""),
        services=actions(texts, negated=with_names is None).services,
        statement=number,
    )
