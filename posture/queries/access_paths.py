"""Ways to an administrator's power in a stored account, hop by hop, and the one edit that closes most of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from posture.queries import access_drawing, access_records
from posture.queries.access import Asking
from scanners.access.explorer import Way, Ways

ADMIN = "admin"
MOST = 200  # principals in one answer


def found(asked: Asking, origin: str = "", goal: str = "") -> Ways:
    """Of one principal, or of all who have a way or of whom nobody knows, the shortest first.  Raises NotFound."""
    start = asked.principal(origin) if origin else None
    end = None if goal in ("", ADMIN) else asked.principal(goal)
    told = asked.explorer.ways(start, end)
    if start is not None:
        return told
    kept = sorted((way for way in told.ways if way.escalates is not False), key=_order)
    return replace(told, ways=tuple(kept))


def _order(way: Way) -> tuple[bool, bool, int, str]:
    return way.escalates is None, way.administrator, len(way.steps), way.origin.ref


def records(asked: Asking, origin: str = "", goal: str = "") -> dict[str, Any]:
    told = found(asked, origin, goal)
    whole = not origin and goal in ("", ADMIN)
    cuts = told.cuts if whole else asked.explorer.ways().cuts
    shown = [access_records.path(way, told.caveats) for way in told.ways[:MOST]]
    more = {"paths": shown, "more": max(0, len(told.ways) - MOST)}
    return access_records.header(asked) | more | {"cuts": [access_records.cut(cut) for cut in cuts]}


def laid_out(way: Way, accounts: Sequence[str] = ()) -> dict[str, Any]:
    """For templates: each hop with the account in which it arrives, where there is more than one."""
    return {"way": way, "hops": list(zip_longest(way.steps, accounts, fillvalue=""))}


def shown(asked: Asking, origin: str, goal: str) -> dict[str, Any]:
    """For the page: the paths, drawn, and without a choice the edits that close most of them.  Raises NotFound."""
    told = found(asked, origin, goal)
    climbing = [way for way in told.ways if way.escalates and way.steps]
    alone = origin != "" and len(climbing) == 1
    steps = [list(way.steps) for way in climbing]
    return {
        "ways": [laid_out(way) for way in told.ways[:MOST] if not way.administrator],
        "more": max(0, len(told.ways) - MOST),
        "drawing": access_drawing.chain(steps[0]) if alone else access_drawing.together(steps),
        "cuts": told.cuts if not origin and goal in ("", ADMIN) else (),
        "administrators": [way.origin for way in told.ways if way.administrator],
        "climbing": climbing,
        "unknown": [way for way in told.ways if way.escalates is None],
        "caveats": told.caveats,
    }
