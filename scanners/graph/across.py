"""Ways across accounts and clouds: from whoever an issuer vouches for, through federation, to an administrator's power.

A crossing is one hop: a token of one side opens a door of another, a role trusts another account, a project names a
service account of another one.  Between crossings each account's own explorer knows the ways.  Whoever a door speaks of
and no account has (a workflow of GitHub) is an origin by itself; a pattern of subjects is one origin, and stands for
all whom it covers.

Pure: the accounts are as scans left them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count

from scanners.access.explorer import Answer, Cut, Explorer, Hop, NotFound, Principal, Way
from scanners.graph.aws_explorer import AwsExplorer
from scanners.graph.federation import aws, azure, gcp, neighbours
from scanners.graph.federation.bearers import bearers
from scanners.graph.federation.doors import Door, Doors
from scanners.graph.federation.tokens import Token, bearer_of
from scanners.model import Provider
from scanners.model.estate import Estate

OUTSIDE = -1
LIMITS = ("of the account that is entered, policies of its organisation are not asked",)


@dataclass(frozen=True, slots=True)
class Home:
    """One account, and what answers about it."""

    provider: Provider
    estate: Estate
    explorer: Explorer


@dataclass(frozen=True, slots=True)
class Spot:
    """Somebody in an account: its number among the homes, or OUTSIDE."""

    home: int
    ref: str


@dataclass(frozen=True, slots=True)
class Crossing:
    origin: Spot
    target: Spot
    hop: Hop
    answer: Answer
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """The way of one origin over crossings.  `accounts`: for each step the account in which it arrives."""

    way: Way
    accounts: tuple[str, ...] = ()


@dataclass
class Across:
    """All homes together.  What follows from them is worked out when made; ways are asked of explorers as needed."""

    homes: Sequence[Home]
    crossings: tuple[Crossing, ...] = ()
    unread: tuple[str, ...] = ()
    _ways: dict[tuple[Spot, str], Way | None] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        doors = [_doors(home) for home in self.homes]
        self.principals: dict[Spot, Principal] = {}
        unread = [why for one in doors for why in one.unread]
        self.crossings = tuple(self._crossings(doors, unread))
        self.unread = tuple(dict.fromkeys(unread))
        self._from: dict[Spot, list[Crossing]] = {}
        for one in self.crossings:
            self._from.setdefault(one.origin, []).append(one)

    # crossings

    def _crossings(self, doors: list[Doors], unread: list[str]) -> Iterator[Crossing]:
        yield from self._neighbours()
        shown = self._bearers(doors, unread)
        for home, several in enumerate(doors):
            for door in several.doors:
                for spot, tokens in shown.get(door.issuer, {}).items():
                    if spot.home != home and (found := self._through(door, home, spot, tokens)):
                        yield found

    def _neighbours(self) -> Iterator[Crossing]:
        """Between accounts of one cloud."""
        views = {n: home.explorer.view for n, home in enumerate(self.homes) if isinstance(home.explorer, AwsExplorer)}
        projects = {n: home for n, home in enumerate(self.homes) if home.provider is Provider.GCP}
        owned = {n: [who for who, _ in bearers(home.provider, home.estate, (), [])] for n, home in projects.items()}
        engines = {n: home.explorer for n, home in projects.items()}
        for one in (*neighbours.roles(views), *neighbours.granted(engines, owned)):
            origin, target = self._spot(one.home, one.origin), self._spot(one.into, one.target)
            hop = Hop(one.origin, one.target, one.rule, one.title, one.opened.because, one.opened.assumes)
            yield Crossing(origin, target, hop, one.opened.answer, one.opened.unknown)

    def _bearers(self, doors: list[Doors], unread: list[str]) -> dict[str, dict[Spot, list[Token]]]:
        """By issuer, who may show which tokens: principals of the homes, and whom doors name."""
        found: dict[str, dict[Spot, list[Token]]] = {}
        known: dict[tuple[str, str], Spot] = {}
        for number, home in enumerate(self.homes):
            for who, token in bearers(home.provider, home.estate, home.explorer.principals(), unread):
                spot = self._spot(number, who)
                found.setdefault(token.issuer, {}).setdefault(spot, []).append(token)
                known[bearer_of(token)] = spot
        for several in doors:
            for door in several.doors:
                for token in door.named():
                    at = known.get(bearer_of(token)) or self._spot(OUTSIDE, token.bearer())
                    tokens = found.setdefault(token.issuer, {}).setdefault(at, [])
                    if token not in tokens:
                        tokens.append(token)
        return found

    def _spot(self, home: int, who: Principal) -> Spot:
        spot = Spot(home, who.ref)
        self.principals.setdefault(spot, who)
        return spot

    def _through(self, door: Door, home: int, origin: Spot, tokens: list[Token]) -> Crossing | None:
        opened = [found for token in tokens if (found := door.opens(token))]
        if not opened:
            return None
        best = min(opened, key=lambda one: tuple(Answer).index(one.answer))
        who = self.principals[origin]
        target = self._spot(home, door.target)
        hop = Hop(who, self.principals[target], door.rule, door.title, best.because, best.assumes)
        return Crossing(origin, target, hop, best.answer, best.unknown)

    # ways

    def ways(self, origin: str = "") -> tuple[Found, ...]:
        """Of everybody who crosses, or of the one of that ref or name.  Raises NotFound for one who does not."""
        starts = [spot for spot in self._from if not origin or origin in (spot.ref, self.principals[spot].name)]
        if origin and not starts:
            raise NotFound(f"{origin} comes in nowhere: no door of the accounts speaks of it")
        return tuple(self.way(start) for start in sorted(starts, key=lambda spot: (spot.home, spot.ref)))

    def way(self, start: Spot, closed: Crossing | None = None) -> Found:
        """The shortest way over at least one crossing to an administrator's power, without one that is `closed`."""
        for sure in (True, False):
            if found := self._shortest(start, closed, sure=sure):
                crossed, rest = found
                steps = tuple(step for step, _ in crossed)
                accounts = tuple(account for _, account in crossed)
                if sure:
                    return Found(Way(self.principals[start], True, False, _rules(steps), steps), accounts)
                return Found(Way(self.principals[start], None, steps=steps, unknown=rest), accounts)
        return Found(Way(self.principals[start], None if self.unread else False, unknown=self.unread))

    def _shortest(
        self, start: Spot, closed: Crossing | None, *, sure: bool
    ) -> tuple[list[tuple[Hop, str]], tuple[str, ...]] | None:
        """Fewest hops first.  Not `sure`: over what was not read as well, with what that was."""
        number = count()
        queue: list[tuple[int, int, Spot, list[tuple[Hop, str]], tuple[str, ...]]] = [(0, next(number), start, [], ())]
        done = set[Spot]()
        while queue:
            _, _, at, steps, why = heappop(queue)
            if at in done:
                continue
            done.add(at)
            if steps and (end := self._end(at, sure=sure)) is not None:
                whole = [*steps, *((step, self._account(at.home)) for step in end.steps)]
                return whole, (*why, *end.unknown)
            for path, one, more in self._onward(at, moved=bool(steps), sure=sure):
                if one is not closed and one.target not in done:
                    here = [*steps, *((step, self._account(at.home)) for step in path)]
                    here.append((one.hop, self._account(one.target.home)))
                    heappush(queue, (len(here), next(number), one.target, here, (*why, *more, *one.unknown)))
        return None

    def _end(self, at: Spot, *, sure: bool) -> Way | None:
        """The way on within the account, if it leads to an administrator's power."""
        way = self._asked(at, "")
        return way if way and (way.escalates or (way.escalates is None and not sure)) else None

    def _onward(
        self, at: Spot, *, moved: bool, sure: bool
    ) -> Iterator[tuple[Sequence[Hop], Crossing, tuple[str, ...]]]:
        """(steps within the account, a crossing, what was not read) from a spot, or from whom it becomes there."""
        for one in self.crossings:
            if one.answer is Answer.UNKNOWN and sure:
                continue
            if one.origin == at:
                yield (), one, ()
            elif moved and one.origin.home == at.home != OUTSIDE:
                way = self._asked(at, one.origin.ref)
                if way and way.escalates and way.steps:
                    yield way.steps, one, ()

    def _asked(self, at: Spot, goal: str) -> Way | None:
        """What the account's explorer says; None of somebody whom it does not know."""
        key = at, goal
        if key not in self._ways:
            home = self.homes[at.home]
            try:
                aim = home.explorer.principal(goal) if goal else None
                found = home.explorer.ways(home.explorer.principal(at.ref), aim).ways
                self._ways[key] = found[0] if found else None
            except NotFound:
                self._ways[key] = None
        return self._ways[key]

    def _account(self, home: int) -> str:
        return self.homes[home].estate.account

    # edits

    def cuts(self, found: Iterable[Found]) -> tuple[Cut, ...]:
        """The doors whose closing stops most of these origins, best first; each is tried."""
        climbing = [one for one in found if one.way.escalates]
        starts = {self._start(one): one for one in climbing}
        used = {id(one): one for one in self.crossings if any(one.hop in way.way.steps for way in climbing)}
        cuts = []
        for one in used.values():
            stops = tuple(way.way.origin for start, way in starts.items() if not self.way(start, one).way.escalates)
            if stops:
                cuts.append(Cut(f"close the door to {one.hop.origin.name}", one.hop.target, stops))
        return tuple(sorted(cuts, key=lambda cut: (-len(cut.stops), cut.at.ref, cut.edit)))

    def _start(self, found: Found) -> Spot:
        return next(spot for spot in self._from if self.principals[spot] == found.way.origin)


def _rules(steps: Sequence[Hop]) -> tuple[str, ...]:
    return (steps[0].by,) if steps else ()


def _doors(home: Home) -> Doors:
    if home.provider is Provider.AWS:
        return aws.doors(home.estate)
    if home.provider is Provider.GCP:
        return gcp.doors(home.estate, home.explorer.principals())
    return azure.doors(home.estate) if home.provider is Provider.AZURE else Doors(())
