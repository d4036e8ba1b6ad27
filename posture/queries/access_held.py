"""What a principal could do: from what scans kept, or worked out over the estate of that time."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from posture.models import AccessGrant, AccessVersion, Account
from posture.queries import moments
from posture.queries.access import Asking, names_of
from scanners.access.explorer import Grant, Held, Principal
from scanners.graph import aws_held
from scanners.graph.effects import unpacked

Kept = tuple[Held, datetime | None]  # since when; None: nobody kept that


@lru_cache(maxsize=4)
def _book(catalogue: int, raw: bytes) -> tuple[str, ...]:
    return tuple(names_of(raw))


def held(asked: Asking, who: Principal) -> Kept | None:
    """None: scans keep it, and none had by then."""
    if not asked.kept:
        return asked.explorer.held(who), None
    return kept_of(asked.account, who.ref, asked.at)


def kept_of(account: Account, ref: str, at: datetime | None) -> Kept | None:
    found = AccessVersion.objects.filter(moments.held(at), account=account, resource__ref=ref)
    if (kept := found.select_related("catalogue").first()) is None:
        return None
    names = _book(kept.catalogue_id, bytes(kept.catalogue.names))
    sure, possible = unpacked(bytes(kept.sure)), unpacked(bytes(kept.possible))
    return aws_held.held(names, sure, possible, grants_of(kept), kept.doubts), kept.since_at


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
    return [aws_held.grant(place, known[place["grant"]]) for place in places]


def record(who: Principal, found: Kept) -> dict[str, Any]:
    """What commands print."""
    kept, since = found
    services = [
        {
            "service": one.name,
            "levels": {level: {"sure": sure, "possible": possible} for level, (sure, possible) in one.levels.items()},
        }
        for one in kept.services
    ]
    return {
        "principal": who.ref,
        "since": moments.exact(since) if since else None,
        "sure": len(kept.sure),
        "possible": len(kept.possible),
        "doubts": list(kept.doubts),
        "services": services,
        "statements": [statement_record(one) for one in kept.grants],
    }


def statement_record(one: Grant) -> dict[str, Any]:
    return {
        "layer": one.layer,
        "level": one.level,
        "policy": one.policy,
        "statement": one.statement,
        "place": one.place,
        "sid": one.sid,
        "effect": one.effect,
        "sure": one.sure,
        "not_actions" if one.all_but_actions else "actions": list(one.actions),
        "not_resources" if one.all_but_resources else "resources": list(one.resources),
        "condition": one.condition,
        "unknown": one.unknown,
    }
