"""Who can invoke a function of any cloud, as the table that its page shows: callers down, actions across.

Callers of the account that the same statements let in share a row.  Strangers stand first, also where nothing names
them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from posture.queries.access_shown import mark_in
from posture.queries.function_settings import reasons
from scanners.access.explorer import Answer, Decided, Explorer, Principal, Target, Via, WhoCan
from scanners.graph.deciding import Deciding
from scanners.graph.invokers import ORDER, Cell, Qualifier, Row, Table
from scanners.model import Resource, Unread

MOST = 60  # rows of one's own
Stranger = tuple[str, str, str]  # ref, label, note
_NOBODY = Decided(Answer.DENIED, Answer.DENIED)


def table(explorer: Explorer, function: Resource, strangers: Sequence[Stranger], ours: str) -> Table:
    """`ours`: what the account is called.  Without an action that calls it there are no columns and no rows."""
    on = explorer.target(function.ref)
    try:
        actions = explorer.invocation(function)
    except Unread as gaps:
        return Table((), (), (reasons(gaps),))
    asked = [explorer.who_can(action, on) for action in actions]
    columns = tuple(Qualifier(one.action) for one in asked)
    rows = list(_rows(explorer, on, asked, strangers, ours)) if asked else []
    return Table(columns, tuple(rows), on.doubts)


def _rows(
    explorer: Explorer, on: Target, asked: list[WhoCan], strangers: Sequence[Stranger], ours: str
) -> Iterator[Row]:
    by_who: dict[Principal, list[Decided]] = defaultdict(lambda: [_NOBODY] * len(asked))
    for column, one in enumerate(asked):
        for row in one.rows:
            by_who[row.who][column] = row.decided
    named = {who.ref: who for who in by_who}
    kinds = ("anyone", "accounts")
    for kind, (ref, label, note) in zip(kinds, strangers, strict=False):
        who = named.get(ref) or Principal(ref, label, "everybody", outside=True)
        decided = by_who.pop(who) if who in by_who else [explorer.decide(who, one.action, on) for one in asked]
        yield Row(kind, label, tuple(map(cell, decided)), note)
    outside = [who for who in by_who if who.outside]
    for who in sorted(outside, key=lambda one: one.name):
        yield Row("named", who.name, tuple(map(cell, by_who.pop(who))), f"{who.kind}, outside the {ours}", (who.ref,))
    yield from _own(by_who, ours)
    denied = min(one.denied for one in asked)
    if denied:
        cells = tuple(Cell(Answer.DENIED, why="nothing allows it") for _ in asked)
        yield Row("rest", f"{denied} other principal{'s'[: denied != 1]}", cells, f"of this {ours}")


def _own(by_who: dict[Principal, list[Decided]], ours: str) -> Iterator[Row]:
    alike: dict[Any, list[Principal]] = defaultdict(list)
    for who, decided in by_who.items():
        alike[tuple(map(_likeness, decided))].append(who)
    rows = []
    for members in alike.values():
        cells = tuple(map(cell, by_who[members[0]]))
        kinds = ", ".join(sorted({one.kind for one in members}))
        label = members[0].name if len(members) == 1 else f"{len(members)} principals"
        note = f"{kinds} of this {ours}" if len(members) == 1 else f"{kinds}: by the same statements"
        rows.append(Row("own", label, cells, note, tuple(sorted(one.ref for one in members))))
    rows.sort(key=lambda row: (ORDER.index(row.worst), -len(row.members), row.label))
    yield from rows[:MOST]
    if more := rows[MOST:]:
        cells = tuple(Cell(row.answer, why="access who-can lists them one by one") for row in more[0].cells)
        yield Row("own", f"{sum(len(row.members) for row in more)} more", cells, f"of this {ours}")


def _likeness(decided: Decided) -> tuple[object, ...]:
    via = tuple(sorted((one.layer, one.written.ref, one.written.name, one.place) for one in decided.via))
    return decided.answer, decided.condition, decided.unknown_because, via


def cell(decided: Decided) -> Cell:
    condition = decided.condition if decided.possible else ""
    why = "nothing allows it" if decided.answer is Answer.DENIED and not decided.via else ""
    return Cell(decided.answer, tuple(map(_deciding, decided.via)), condition, why, decided.unknown_because)


def _deciding(via: Via) -> Deciding:
    statement = _at(via.written.document, mark_in(via.written, via.mark))
    return Deciding(via.effect, via.layer, via.written.name, via.sid, statement, via.written.ref, via.written.pointer)


def _at(document: Any, mark: str) -> Any:
    """What stands at a JSON pointer; the whole document where there is no such place."""
    found = document
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except (ValueError, RecursionError):
            return document
    for step in mark.split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and step in found:
            found = found[step]
        elif isinstance(found, list) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        else:
            return document
    return found
