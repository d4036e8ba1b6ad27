"""Before a scan: every call that it would make, tried once in one region, and what each refusal would cost.

Listings are asked for their smallest page, details about the first resource found.  Where there is none, they are asked
about a made-up one: "not found" proves that we may ask.  What proves neither is said to be not proven.

Known limits: one region speaks for all (an organisation may forbid others), and a permission that a policy grants for
some resources only is judged by the resource that was tried.
"""

from __future__ import annotations

import asyncio
import importlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, cast

from scanners.collectors.asker import Asker, Cell
from scanners.collectors.background import Put, results
from scanners.collectors.cloud import Call, Caller, Collector, Params, Refusal, Transport, at
from scanners.collectors.door import Door
from scanners.collectors.gather import gather
from scanners.collectors.registry import collectors, of_unit
from scanners.model import Gap, Place, Provider, State, Unit, Unread
from scanners.scan import blinded_by, way_in

SMALLEST = 20  # items a page: the largest of the minima that services set (RDS and EC2 say 20 and 5)
PAGE_SIZES = {
    "MaxItems", "MaxRecords", "MaxResults", "PageSize", "limit", "Limit", "maxResults", "pageSize", "$top",
}  # fmt: skip
EMPTY_PAGES = 3  # of a listing that are turned before it counts as empty: Google and Azure send such pages
RESOURCES = 5  # of a kind that are tried at most, until each question about it has arisen
PATIENCE = {State.THROTTLED: 4, State.UNREACHABLE: 2, State.PARSE_ERROR: 2}
# Refusals that no policy mends: the keys, the clock or the service itself are in the way.
NO_POLICY = {
    "ExpiredToken", "ExpiredTokenException", "InvalidAccessKeyId", "InvalidClientTokenId", "InvalidSignatureException",
    "InvalidToken", "OptInRequired", "RequestExpired", "SignatureDoesNotMatch", "SubscriptionRequiredException",
    "TokenRefreshRequired", "UnrecognizedClientException",
    "DefaultCredentialsError", "NoProject", "RefreshError", "SERVICE_DISABLED", "UNAUTHENTICATED",
}  # fmt: skip
BY_POLICY = "not authorized to perform"  # AWS says so when a policy forbids, and not when the account is the wrong one
ONLY_MANAGERS = "only the account that manages the organisation, and those it delegates to, may ask this"
ELSEWHERE = (
    "explicit deny", "service control policy", "permissions boundary", "session policy", "VPC endpoint policy",
    "organization's policy",  # VPC Service Controls ("Troubleshoot common issues", read 2026-11)
)  # fmt: skip


class Outcome(StrEnum):
    ALLOWED = "allowed"
    DENIED = "denied"
    NOT_PROVEN = "not_proven"
    UNREACHABLE = "unreachable"
    OTHER_ROAD = "other_road"  # refused, and nothing is missing: another call answers the same question


class MadeUp(Protocol):
    """What the module `made_up` of each cloud's folder has: questions about things that are not there."""

    def params(self, call: Call, place: Place) -> Params | None: ...

    def why_not(self, call: Call) -> str: ...

    def proves(self, call: Call, code: str) -> bool: ...


def made_up_in(provider: Provider) -> MadeUp:
    return cast(MadeUp, importlib.import_module(f"scanners.collectors.{provider}.made_up"))


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one call.  `on`: "listing", "resource" or "made-up id"; `code` is the cloud's, `why` words."""

    call: str
    permissions: tuple[str, ...]
    outcome: Outcome
    on: str
    region: str
    code: str = ""
    why: str = ""

    @property
    def refused(self) -> tuple[str, ...]:
        """The permissions that a denial is about: the one that it names, or all that the call needs."""
        if self.outcome is not Outcome.DENIED:
            return ()
        named = tuple(action for action in self.permissions if f"perform: {action} " in f"{self.why} ")
        return named or self.permissions

    @property
    def missing(self) -> tuple[str, ...]:
        """Those that a policy of the role would add."""
        return () if self.elsewhere or self.code in NO_POLICY else self.refused

    @property
    def elsewhere(self) -> str:
        """What forbids it whatever the role's policies allow; such a thing is mended where it stands.

        The words are those of "Troubleshoot access denied error messages", IAM User Guide, 2026.
        """
        return next((words for words in ELSEWHERE if words in self.why), "")


def rehearse(
    transport: Transport, who: Caller, units: Iterable[Unit], door: Door, *, region: str
) -> Iterator[tuple[Tried, ...] | None]:
    """Of each unit its calls, as they are done; None about once a second in between.  `region` stands for all."""
    mine, enough = list(units), threading.Event()

    async def one(unit: Unit, put: Put[tuple[Tried, ...]]) -> None:
        place = Place(who.account, unit.region, who.partition, (region,) if region else ())
        asker = Once(transport, place, {}, enough.is_set, made_up=made_up_in(who.provider))
        await put(await _unit(unit, asker, door, who.provider))

    async def work(put: Put[tuple[Tried, ...]]) -> None:
        try:
            await asyncio.gather(*(one(unit, put) for unit in mine))
        finally:
            await transport.rest()

    return results(work, enough)


@dataclass
class Once(Asker):
    """Asks each listing for its first page, gives one item of it at a `turn`, and does not insist.

    Of listings in `chosen` only those items count that are meant there.
    """

    made_up: MadeUp = field(default_factory=lambda: made_up_in(Provider.AWS))
    turn: int = 0
    more: bool = False
    chosen: Mapping[str, Callable[[Place, Any], bool]] = field(default_factory=dict)

    async def listing(
        self, call: Call, params: Params | None = None, *, ref: str = "", shared: bool = False
    ) -> list[Any]:
        found = await super().listing(call, params, ref=ref, shared=shared)
        if meant := self.chosen.get(call.name):
            found = [item for item in found if meant(self.place, item)]
        if params is not None:
            return found[:1]
        self.more = self.more or len(found) > self.turn + 1
        return found[self.turn : self.turn + 1]

    async def _all_pages(self, call: Call, params: Params) -> Any:
        few = {name: type(size)(min(int(size), SMALLEST)) for name, size in params.items() if name in PAGE_SIZES}
        paging, asked = self.transport.paging(call), {**params, **few}
        for _ in range(EMPTY_PAGES):
            answer = await self._persist(call, asked)
            yield answer
            tokens = self._tokens(paging, answer) if paging and call.items and not at(call.items, answer) else {}
            if not tokens:
                return
            asked |= tokens

    def _patience(self, refusal: Refusal) -> int:
        return PATIENCE.get(refusal.state, 1)

    async def about_nothing(self, call: Call) -> Tried:
        """Ask about a made-up id."""
        params = self.made_up.params(call, self.place)
        if params is None:
            return self.told(
                call,
                Outcome.NOT_PROVEN,
                "",
                f"nothing found raises this question, and {self.made_up.why_not(call)}",
                on="",
            )
        try:
            await self._persist(call, {**call.params, **params})
        except Refusal as refusal:
            if self.made_up.proves(call, refusal.code):
                return self.told(call, Outcome.ALLOWED, refusal.code, on="made-up id")
            return self.refused(call, refusal.state, refusal.code, refusal.message[:300], on="made-up id")
        return self.told(call, Outcome.ALLOWED, on="made-up id")

    def refused(self, call: Call, state: State, code: str, why: str, *, on: str) -> Tried:
        if state is State.ELSEWHERE or (
            call.service == "organizations" and state is State.DENIED and BY_POLICY not in why
        ):
            return self.told(call, Outcome.NOT_PROVEN, code, ONLY_MANAGERS, on=on)
        return self.told(call, _outcome(state), code, why, on=on)

    def told(self, call: Call, outcome: Outcome, code: str = "", why: str = "", *, on: str) -> Tried:
        return Tried(call.name, call.permissions, outcome, on, self.place.region, code, why)


async def _unit(unit: Unit, asker: Once, door: Door, provider: Provider) -> tuple[Tried, ...]:
    mine = of_unit(unit.service, provider)
    here = [collector for collector in mine if collector.everywhere == (unit.region != "global")]
    for collector in here:
        await _kind(unit, collector, asker, door)
    listed = {road.listing.name for collector in here for road in _roads(collector)}
    calls = {call.name: call for collector in here for _, call in collector.calls()}
    calls |= {name: cell.call for name, cell in asker.cells.items()}  # other roads, where they were taken
    closed = _told_elsewhere(here, asker.cells)
    tried = []
    for name, call in calls.items():
        if cell := asker.cells.get(name):
            tried.append(_seen(cell, asker, name in listed))
        elif name in closed:
            tried.append(asker.told(call, Outcome.NOT_PROVEN, why=ONLY_MANAGERS, on=""))
        else:
            tried.append(await asker.about_nothing(call))
    return tuple(tried)


def _told_elsewhere(here: Iterable[Collector], cells: Mapping[str, Cell]) -> set[str]:
    """Calls that are not asked for where another one before them was not for us."""
    shut = {name for name, cell in cells.items() if cell.state is State.ELSEWHERE}
    return {
        call.name
        for collector in here
        if shut & {collector.listing.name, *(over.call.name for over in collector.over)}
        for _, call in collector.calls()
    }


async def _kind(unit: Unit, collector: Collector, asker: Once, door: Door) -> None:
    """Resources of it one by one, until every question about them has arisen."""
    questions = {call.name for _, call in collector.calls()}
    asker.chosen = {road.listing.name: road.choose for road in _roads(collector)}
    for asker.turn in range(RESOURCES):
        asker.more = False
        try:
            await gather(unit, (collector,), asker, door)
        except Unread:
            return
        if not asker.more or questions <= asker.cells.keys():
            return


def _roads(collector: Collector | None) -> Iterator[Collector]:
    while collector:
        yield collector
        collector = collector.otherwise


def _seen(cell: Cell, asker: Once, listing: bool) -> Tried:
    on = "listing" if listing else "resource"
    gap = cell.gap
    if gap is None or asker.made_up.proves(cell.call, gap.code):
        return asker.told(cell.call, Outcome.ALLOWED, on=on)
    return asker.refused(cell.call, gap.state, gap.code, gap.message, on=on)


def _outcome(state: State) -> Outcome:
    """Of a refusal.  What is neither a denial nor a closed road was answered by something else than a policy."""
    known = {
        State.DENIED: Outcome.DENIED,
        State.UNREACHABLE: Outcome.UNREACHABLE,
        State.OTHER_ROAD: Outcome.OTHER_ROAD,
    }
    return known.get(state, Outcome.NOT_PROVEN)


def about_regions(gap: Gap | None, provider: Provider = Provider.AWS) -> Tried:
    """The question that every scan begins with: which regions are open; where a cloud has none, who we are."""
    call = way_in(provider).REGIONS
    if gap is None:
        return Tried(call.name, call.permissions, Outcome.ALLOWED, "listing", "global")
    return Tried(call.name, call.permissions, _outcome(gap.state), "listing", "global", gap.code, gap.message)


def by_permission(tried: Iterable[Tried]) -> dict[str, Outcome]:
    """Of each permission the worst that its calls met: one that is refused somewhere is not there."""
    order = [Outcome.ALLOWED, Outcome.OTHER_ROAD, Outcome.NOT_PROVEN, Outcome.UNREACHABLE, Outcome.DENIED]
    worst: dict[str, Outcome] = {}
    for one in tried:
        for action in one.permissions:
            outcome = one.outcome
            if outcome is Outcome.DENIED and action not in one.refused:
                outcome = Outcome.NOT_PROVEN  # the refusal names another
            if action in one.permissions[1:] and one.on != "resource" and outcome is Outcome.ALLOWED:
                outcome = Outcome.NOT_PROVEN  # asked for only once there is something to show
            worst[action] = max(worst.get(action, Outcome.ALLOWED), outcome, key=order.index)
    return dict(sorted(worst.items()))


def missing(tried: Iterable[Tried]) -> list[str]:
    """The permissions that a policy must add."""
    return sorted({action for one in tried for action in one.missing})


def blinded(tried: Iterable[Tried]) -> dict[str, list[str]]:
    """By refused call, the checks that would be unknown without it."""
    harmless = (Outcome.ALLOWED, Outcome.OTHER_ROAD)
    return {one.call: blinded_by(one.call) for one in tried if one.outcome not in harmless and one.code}


@dataclass(frozen=True, slots=True)
class Cost:
    """Calls of one scan: those of an empty account, and how many more each resource of a kind takes at the least."""

    account: int
    region: int
    regions: int
    details: Mapping[str, int]

    @property
    def empty(self) -> int:
        return self.account + self.region * self.regions

    def with_resources(self, counts: Mapping[str, int]) -> int:
        """`counts`: resources by kind."""
        return self.empty + sum(self.details.get(kind, 0) * count for kind, count in counts.items())


def cost(regions: int, provider: Provider = Provider.AWS) -> Cost:
    """Outside the units it is asked who we are and, where that is another call, which regions are open."""
    cloud = way_in(provider)
    listings: dict[bool, set[tuple[str, str, str]]] = {True: set(), False: set()}
    for collector in collectors(provider):
        for call in (collector.listing, *(part.call for part in collector.attached)):
            asked = (collector.unit_service, call.name, repr(sorted(call.params.items(), key=repr)))
            listings[collector.everywhere].add(asked)
    details = {
        one.kind: sum(2 if detail.job else 1 for detail in one.details) for one in collectors(provider) if one.details
    }
    return Cost(
        len(listings[False]) + len({cloud.IDENTITY.name, cloud.REGIONS.name}), len(listings[True]), regions, details
    )
