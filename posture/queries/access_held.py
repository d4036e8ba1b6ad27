"""What a principal could do, from what a scan stored: by service and level of access, with the statements behind it."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from posture.models import AccessGrant, AccessVersion, Account
from posture.queries import moments
from posture.queries.access import names_of
from scanners.access.aws.actions import actions, levels
from scanners.access.aws.words import in_words
from scanners.graph.effects import unpacked

LEVELS = ("Permissions management", "Write", "Tagging", "Read", "List")
NO_LEVEL = "Unknown"


@dataclass(frozen=True, slots=True)
class Grant:
    """A statement and where it stands, for people.  `services` None: it may speak of any."""

    layer: str
    level: int | None
    policy: str
    ref: str
    statement: int
    sid: str
    effect: str
    sure: bool
    actions: tuple[str, ...]
    all_but_actions: bool
    resources: tuple[str, ...]
    all_but_resources: bool
    condition: str
    unknown: str
    services: frozenset[str] | None

    @property
    def said(self) -> tuple[object, ...]:
        """What it says, wherever it stands."""
        doing, on = (self.actions, self.all_but_actions), (self.resources, self.all_but_resources)
        return self.layer, self.effect, self.sure, doing, on, self.condition, self.unknown

    def speaks_of(self, service: str) -> bool:
        return self.services is None or service in self.services


@dataclass(slots=True)
class Service:
    """How many actions of a service, by level: (surely, possibly)."""

    name: str
    levels: dict[str, tuple[int, int]]
    known: int
    gives: list[Grant] = field(default_factory=list)
    bounds: list[Grant] = field(default_factory=list)

    @property
    def possible(self) -> int:
        return sum(possible for _, possible in self.levels.values())

    @property
    def sure(self) -> int:
        return sum(sure for sure, _ in self.levels.values())

    @property
    def cells(self) -> list[tuple[str, int, int]]:
        return [(level, *self.levels.get(level, (0, 0))) for level in LEVELS]


@dataclass(frozen=True, slots=True)
class Held:
    """`services` by how much they let one change, the gravest first."""

    since: datetime
    services: list[Service]
    grants: list[Grant]
    doubts: list[str]
    sure: int
    possible: int


@lru_cache(maxsize=4)
def _book(catalogue: int, raw: bytes) -> tuple[str, ...]:
    return tuple(names_of(raw))


def version(account: Account, ref: str, at: datetime | None) -> AccessVersion | None:
    found = AccessVersion.objects.filter(moments.held(at), account=account, resource__ref=ref)
    return found.select_related("catalogue").first()


def held(account: Account, ref: str, at: datetime | None) -> Held | None:
    """None: no scan kept what it could do."""
    if (kept := version(account, ref, at)) is None:
        return None
    sure, possible = unpacked(bytes(kept.sure)), unpacked(bytes(kept.possible))
    grants = grants_of(kept)
    names = _book(kept.catalogue_id, bytes(kept.catalogue.names))
    services, known = _services(names, sure, possible), (1 << len(names)) - 1
    for service in services:
        speaking = [one for one in grants if one.speaks_of(service.name)]
        service.gives = [one for one in speaking if one.layer == "identity" and one.effect != "Deny"]
        service.bounds = [one for one in speaking if _bounds(one)]
    return Held(
        kept.since_at, services, grants, kept.doubts, (sure & known).bit_count(), (possible & known).bit_count()
    )


def _bounds(one: Grant) -> bool:
    """What takes something away: a Deny, a boundary, a policy from above that is not "all of everything"."""
    return one.effect == "Deny" or (one.layer != "identity" and one.actions != ("*",))


def _services(names: tuple[str, ...], sure: int, possible: int) -> list[Service]:
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
    made = [
        Service(name, {level: (n[0], n[1]) for level, n in by.items()}, len(levels(name))) for name, by in found.items()
    ]
    return sorted(made, key=lambda one: ([-one.levels.get(level, (0, 0))[1] for level in LEVELS[:2]], one.name))


def stands(kept: AccessVersion) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = msgspec.json.decode(zlib.decompress(bytes(kept.stands)))
    return found


def bodies(account: int, keys: Iterable[str]) -> dict[str, dict[str, Any]]:
    wanted = [bytes.fromhex(key) for key in set(keys)]
    rows = AccessGrant.objects.filter(account=account, digest__in=wanted).values_list("digest", "body")
    return {bytes(digest).hex(): body for digest, body in rows}


def grants_of(kept: AccessVersion) -> list[Grant]:
    places = stands(kept)
    known = bodies(kept.account_id, (place["grant"] for place in places))
    return [grant(place, known[place["grant"]]) for place in places]


def grant(place: dict[str, Any], body: dict[str, Any]) -> Grant:
    named, but = body.get("actions"), body.get("not_actions")
    on, all_but = body.get("resources"), body.get("not_resources")
    texts = tuple(named if named is not None else but or ())
    return Grant(
        layer=place["layer"],
        level=place.get("level"),
        policy=place["policy"],
        ref=place["ref"],
        statement=place["statement"],
        sid=place.get("sid", ""),
        effect=body["effect"],
        sure=body["sure"],
        actions=texts,
        all_but_actions=named is None and but is not None,
        resources=tuple(on if on is not None else all_but or ()),
        all_but_resources=on is None and all_but is not None,
        condition=in_words(body.get("condition")),
        unknown=body.get("unknown", ""),
        services=actions(texts, negated=named is None).services,
    )


def record(arn: str, found: Held) -> dict[str, Any]:
    """What commands print."""
    services = [
        {
            "service": one.name,
            "levels": {level: {"sure": sure, "possible": possible} for level, (sure, possible) in one.levels.items()},
        }
        for one in found.services
    ]
    return {
        "principal": arn,
        "since": moments.exact(found.since),
        "sure": found.sure,
        "possible": found.possible,
        "doubts": found.doubts,
        "services": services,
        "statements": [statement_record(one) for one in found.grants],
    }


def statement_record(one: Grant) -> dict[str, Any]:
    return {
        "layer": one.layer,
        "level": one.level,
        "policy": one.policy,
        "statement": one.statement,
        "sid": one.sid,
        "effect": one.effect,
        "sure": one.sure,
        "not_actions" if one.all_but_actions else "actions": list(one.actions),
        "not_resources" if one.all_but_resources else "resources": list(one.resources),
        "condition": one.condition,
        "unknown": one.unknown,
    }
