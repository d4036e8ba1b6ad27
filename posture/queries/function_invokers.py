"""Who can invoke a function of any cloud, as the table that its page shows: callers down, actions across.

Callers of the account that the same statements let in share a row.  Strangers stand first, also where nothing names
them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from posture.queries.function_settings import reasons
from scanners.access.explorer import Answer, Decided, Explorer, Principal, Target, WhoCan
from scanners.graph.deciding import as_told
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
    return Cell(decided.answer, tuple(map(as_told, decided.via)), condition, why, decided.unknown_because)
