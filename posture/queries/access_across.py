"""Ways across all accounts that somebody may see, from one into another, to an administrator's power."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from posture.models import Account, Scan
from posture.queries import access, access_drawing, access_paths, access_records, estates
from posture.queries.visible import Seer
from scanners.access.explorer import Cut
from scanners.graph.across import LIMITS, Across, Found, Home
from scanners.model import Provider

MOST = 200  # origins in one answer
TOGETHER = 40  # accounts in one answer: all of them stand in memory


class Joined:
    """Accounts as their scans left them.  What follows from them is worked out once."""

    def __init__(self, homes: Sequence[Home]) -> None:
        self.homes = homes
        self.across = Across(homes)
        self.found = tuple(sorted(self.across.ways(), key=_order))
        self.cuts = self.across.cuts(self.found)


def records(seer: Seer, at: datetime | None, origin: str = "") -> dict[str, Any]:
    """In the shape of `paths`; each step says in which account it arrives.  Raises NotFound, and NotScanned if no
    account was scanned by then.
    """
    joined, left = _joined_for(seer, at)
    found = joined.across.ways(origin) if origin else joined.found
    return {
        "accounts": [home.estate.account for home in joined.homes],
        "accounts_left_out": [account.ref for account in left],
        "unread": list(joined.across.unread),
        "paths": [_path(one) for one in found[:MOST]],
        "more": max(0, len(found) - MOST),
        "cuts": [access_records.cut(one) for one in _cuts(joined, found, origin)],
    }


def shown(seer: Seer, at: datetime | None, origin: str) -> dict[str, Any]:
    """For the page.  Raises NotFound and NotScanned."""
    joined, left = _joined_for(seer, at)
    found = joined.across.ways(origin) if origin else joined.found
    climbing = [one for one in found if one.way.escalates]
    told = [one for one in found if one.way.escalates is not False or origin]
    steps = [list(one.way.steps) for one in climbing]
    return {
        "joined": len(joined.homes),
        "left": left,
        "unread": joined.across.unread,
        "crossings": len(joined.across.crossings),
        "climbing": climbing,
        "unknown": [one for one in found if one.way.escalates is None],
        "ways": [access_paths.laid_out(one.way, one.accounts) for one in told[:MOST]],
        "more": max(0, len(told) - MOST),
        "drawing": access_drawing.chain(steps[0]) if origin and len(steps) == 1 else access_drawing.together(steps),
        "cuts": _cuts(joined, found, origin),
        "caveats": LIMITS if climbing else (),
        "origins": sorted({one.way.origin.ref for one in joined.found})[:MOST],
    }


def forget() -> None:
    """For tests: another database has other scans of the same number."""
    _joined.cache_clear()


def _joined_for(seer: Seer, at: datetime | None) -> tuple[Joined, list[Account]]:
    """With the accounts that are too many.  Raises NotScanned."""
    scanned: list[tuple[Account, Scan]] = []
    for account in access.accounts(seer):
        try:
            scanned.append((account, estates.published(seer, account, at)))
        except estates.NotScanned:
            continue
    if not scanned:
        raise estates.NotScanned("no account")
    kept, left = scanned[:TOGETHER], [account for account, _ in scanned[TOGETHER:]]
    return _joined(tuple((scan.pk, account.provider) for account, scan in kept)), left


@lru_cache(maxsize=1)
def _joined(scans: tuple[tuple[int, str], ...]) -> Joined:
    found = {scan.pk: scan for scan in Scan.objects.select_related("account").filter(pk__in=[pk for pk, _ in scans])}
    return Joined(
        [Home(Provider(cloud), *estates.stood(found[pk], found[pk].account)) for pk, cloud in scans],
    )


def _cuts(joined: Joined, found: Sequence[Found], origin: str) -> tuple[Cut, ...]:
    return joined.across.cuts(found) if origin else joined.cuts


def _order(one: Found) -> tuple[bool, bool, int, str]:
    way = one.way
    return way.escalates is False, way.escalates is None, len(way.steps), way.origin.ref


def _path(one: Found) -> dict[str, Any]:
    told = access_records.path(one.way, LIMITS)
    steps = [step | {"account": account} for step, account in zip(told["steps"], one.accounts, strict=True)]
    return told | {"steps": steps}
