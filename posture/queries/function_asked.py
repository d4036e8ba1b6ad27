"""The page of a function where its cloud is asked through the seam: who invokes it, what stands in front of it, and
what its identities do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from posture.models import Resource, Scan
from posture.queries import access_shown, explorers
from posture.queries.clouds import CLOUDS, RUNS, Cloud
from posture.queries.function_invokers import table
from posture.queries.function_settings import Setting, reasons, settings, verdicts
from scanners.access.explorer import Answer, Explorer, Held, NotFound, Principal, Sized, Way
from scanners.graph.fronts import Front
from scanners.graph.invokers import Table
from scanners.graph.reach import Reach
from scanners.model import Outcome, Unread
from scanners.model import Resource as Seen
from scanners.model.estate import Estate

COMERS = 20  # named of those who can come to act as it
SHOWN = 60  # things of those that it reaches


@dataclass(slots=True)
class Identity:
    """One that the code acts as.  `way` None: it was not worked out; `comers`: who can come to act as it."""

    who: Principal
    held: Held
    table: dict[str, Any]
    sized: Sized
    reach: Reach
    way: Way | None = None
    comers: tuple[Way, ...] = ()
    more: int = 0
    caveats: tuple[str, ...] = ()


@dataclass(slots=True)
class AskedPage:
    """`open_by`: what checks say lets strangers in, (who, sentence); `open_unknown`: one of them could not look."""

    resource: Resource
    scan: Scan
    seen: Seen
    cloud: Cloud
    table: Table
    settings: list[Setting]
    fronts: list[Front] = field(default_factory=list)
    fronts_unread: list[str] = field(default_factory=list)
    beyond: str = ""
    identities: list[Identity] = field(default_factory=list)
    acts_unknown: str = ""
    open_by: list[tuple[str, str]] = field(default_factory=list)
    open_unknown: bool = False
    notes: tuple[str, ...] = ()
    many: int = 0
    gaps: list[str] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)

    @property
    def noun(self) -> str:
        return RUNS[self.seen.kind].noun

    @property
    def names(self) -> dict[int, str]:
        return {number: one.name for number, one in enumerate(self.table.qualifiers)}

    @property
    def anyone(self) -> Answer:
        """By the engine; of what no identity is asked for, by the checks that look at its doors."""
        if (found := self._worst("anyone")) is not None:
            return found
        return Answer.ALLOWED if self.open_by else Answer.UNKNOWN if self.open_unknown else Answer.DENIED

    @property
    def open_fronts(self) -> list[Front]:
        return [one for one in self.fronts if one.open and not one.off]

    @property
    def accounts(self) -> Answer | None:
        return self._worst("accounts")

    @property
    def accounts_label(self) -> str:
        return next((row.label for row in self.table.of("accounts")), "")

    def _worst(self, kind: str) -> Answer | None:
        return next((row.worst for row in self.table.of(kind)), None)

    @property
    def way(self) -> Way | None:
        """The gravest of its identities' ways."""
        order = {True: 0, None: 1, False: 2}
        ways = [one.way for one in self.identities if one.way]
        return min(ways, key=lambda way: (not way.administrator, order[way.escalates]), default=None)


def asked_page(
    explorer: Explorer, estate: Estate, resource: Resource, scan: Scan, seen: Seen, *, most: int | None
) -> AskedPage:
    """`most`: of how many principals ways are worked out at once; None: of any number."""
    provider = resource.account.provider
    cloud, row = CLOUDS[provider], explorers.ROWS[provider]
    made = AskedPage(
        resource,
        scan,
        seen,
        cloud,
        table(explorer, seen, row.strangers, cloud.account),
        settings(RUNS[seen.kind], seen, estate),
    )
    made.notes = explorer.target(seen.ref).notes
    doors = row.doors
    if doors:
        made.fronts, made.fronts_unread = doors.fronts(explorer, seen)
        made.beyond = doors.beyond
    for check, who in cloud.open_to.items():
        found = verdicts(check, seen, estate)
        made.open_by += [(who, one.sentence) for one in found if one.outcome is Outcome.FAIL]
        made.open_unknown = made.open_unknown or any(one.outcome is Outcome.UNKNOWN for one in found)
    everybody = len(explorer.principals())
    made.many = everybody if most is not None and everybody > most else 0
    try:
        for one in explorer.runs_as(seen):
            reach = doors.reach(explorer, seen, one) if doors else Reach()
            made.identities.append(_identity(explorer, one, reach, ways=not made.many))
    except Unread as gaps:
        made.acts_unknown = reasons(gaps)
    unlisted = (gap for one in made.identities for gap in one.reach.unread)
    made.gaps = list(dict.fromkeys([*explorer.gaps, *made.table.unread, *made.fronts_unread, *unlisted]))
    return made


def _identity(explorer: Explorer, who: Principal, reach: Reach, *, ways: bool) -> Identity:
    held = explorer.held(who)
    made = Identity(who, held, access_shown.columns(held), explorer.right_size(who), reach)
    if ways:
        told = explorer.ways(who)
        made.way, made.caveats = next(iter(told.ways), None), told.caveats
        comers = list(_comers(explorer, who))
        made.comers, made.more = tuple(comers[:COMERS]), max(0, len(comers) - COMERS)
    return made


def _comers(explorer: Explorer, who: Principal) -> Iterator[Way]:
    try:
        found = explorer.ways(goal=who)
    except NotFound:
        return
    yield from (way for way in found.ways if way.escalates and way.steps)


def refs(made: AskedPage) -> set[str]:
    """Of everything the page links to."""
    found = {one.ref for row in made.table.rows for cell in row.cells for one in cell.because}
    found |= {grant.ref for one in made.identities for grant in one.held.grants}
    found |= {thing.ref for one in made.identities for thing in one.reach.things[:SHOWN]}
    return found | {one.who.ref for one in made.identities} | {one.ref for one in made.fronts}
