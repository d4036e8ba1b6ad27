"""Ways to an administrator's power in a stored account, hop by hop, and the one edit that closes most of them."""

from __future__ import annotations

from typing import Any

from posture.queries import access_drawing, access_records
from posture.queries.access import Asking
from scanners.graph.cuts import Cut
from scanners.graph.paths import Answer, answer, between
from scanners.graph.standing import NotFound

ADMIN = "admin"
MOST = 200  # principals in one answer


def found(asked: Asking, origin: str = "", goal: str = "") -> list[tuple[str, Answer]]:
    """(ARN, answer): of one principal or of all, to an administrator's power or to one principal.  Raises NotFound."""
    graph = asked.view.graph
    start = asked.principal(origin) if origin else None
    end = _goal(asked, goal)
    if start and start.arn not in graph.scene.place:  # the root user: nothing of the account binds it
        return [(start.arn, Answer(True, administrator=True))]
    starts = [start.arn] if start else [one.arn for one in graph.scene.principals if one.arn != end]
    ways = [(arn, between(graph, arn, end) if end else answer(graph, arn)) for arn in starts]
    if start:
        return ways
    kept = [(arn, way) for arn, way in ways if way.escalates is not False]
    return sorted(kept, key=_order)


def _goal(asked: Asking, goal: str) -> str:
    """The ARN of whom is to be become; empty: an administrator.  Raises NotFound."""
    if goal in ("", ADMIN):
        return ""
    end = asked.principal(goal)
    if end.arn not in asked.view.graph.scene.place:
        raise NotFound("Nobody becomes the root user by what policies give: name a user or a role.")
    return end.arn


def _order(way: tuple[str, Answer]) -> tuple[bool, bool, int, str]:
    arn, found = way
    return found.escalates is None, found.administrator, len(found.steps), arn


def records(asked: Asking, origin: str = "", goal: str = "") -> dict[str, Any]:
    ways = found(asked, origin, goal)
    shown = [access_records.path(arn, way) for arn, way in ways[:MOST]]
    more = {"paths": shown, "more": max(0, len(ways) - MOST)}
    return access_records.header(asked) | more | {"cuts": [cut_record(cut) for cut in asked.view.cuts]}


def cut_record(cut: Cut) -> dict[str, Any]:
    return {"edit": cut.edit, "at": cut.principal, "stops": list(cut.stopped)}


def shown(asked: Asking, origin: str, goal: str) -> dict[str, Any]:
    """For the page: the paths, drawn, and without a choice the edits that close most of them.  Raises NotFound."""
    ways = found(asked, origin, goal)
    climbing = [(arn, way) for arn, way in ways if way.escalates and way.steps]
    alone = origin != "" and len(climbing) == 1
    steps = [list(way.steps) for _, way in climbing]
    return {
        "ways": [access_records.path(arn, way) for arn, way in ways[:MOST] if not way.administrator],
        "more": max(0, len(ways) - MOST),
        "drawing": access_drawing.chain(steps[0]) if alone else access_drawing.together(steps),
        "cuts": asked.view.cuts if not origin and goal in ("", ADMIN) else [],
        "administrators": [arn for arn, way in ways if way.administrator],
        "climbing": climbing,
        "unknown": [arn for arn, way in ways if way.escalates is None],
        "caveats": list(asked.view.graph.scene.account.caveats),
    }
