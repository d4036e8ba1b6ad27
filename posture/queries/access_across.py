"""Ways across all accounts that somebody may see: by federation from one into another, to an administrator's power."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from posture.queries import access, access_records, estates
from posture.queries.visible import Seer
from scanners.graph.across import LIMITS, Across, Found, Home
from scanners.model import Provider

MOST = 200  # origins in one answer


def records(seer: Seer, at: datetime | None, origin: str = "") -> dict[str, Any]:
    """In the shape of `paths`; each step says in which account it arrives.  Raises NotFound, and NotScanned if no
    account was scanned by then.
    """
    homes = _homes(seer, at)
    across = Across(homes)
    found = sorted(across.ways(origin), key=_order) if across.crossings or origin else []
    return {
        "accounts": [home.estate.account for home in homes],
        "unread": list(across.unread),
        "paths": [_path(one) for one in found[:MOST]],
        "more": max(0, len(found) - MOST),
        "cuts": [access_records.cut(one) for one in across.cuts(found)],
    }


def _homes(seer: Seer, at: datetime | None) -> list[Home]:
    homes = []
    for account in access.accounts(seer):
        try:
            scan = estates.published(seer, account, at)
        except estates.NotScanned:
            continue
        homes.append(Home(Provider(account.provider), *estates.stood(scan, account)))
    if not homes:
        raise estates.NotScanned("no account")
    return homes


def _order(one: Found) -> tuple[bool, bool, int, str]:
    way = one.way
    return way.escalates is False, way.escalates is None, len(way.steps), way.origin.ref


def _path(one: Found) -> dict[str, Any]:
    told = access_records.path(one.way, LIMITS)
    steps = [step | {"account": account} for step, account in zip(told["steps"], one.accounts, strict=True)]
    return told | {"steps": steps}
