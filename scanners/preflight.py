"""Before a scan: every call that it would make, tried once in one region, and what each refusal would cost.

Listings are asked for their smallest page, details about the first resource found.  Where there is none, they are asked
about a made-up one: "not found" proves that we may ask.  What proves neither is said to be not proven.

Known limits: one region speaks for all (an organisation may forbid others), and a permission that a policy grants for
some resources only is judged by the resource that was tried.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from scanners.collectors.asker import Asker, Cell
from scanners.collectors.aws import account as aws
from scanners.collectors.aws import made_up
from scanners.collectors.aws.account import Caller
from scanners.collectors.background import Put, results
from scanners.collectors.cloud import Call, Collector, Params, Refusal, Transport
from scanners.collectors.door import Door
from scanners.collectors.gather import gather
from scanners.collectors.registry import collectors, of_unit
from scanners.model import Gap, Place, State, Unit, Unread
from scanners.scan import blinded_by

SMALLEST = 20  # items a page: the largest of the minima that services set (RDS and EC2 say 20 and 5)
PAGE_SIZES = {"MaxItems", "MaxRecords", "MaxResults", "PageSize", "limit", "Limit", "maxResults"}
RESOURCES = 5  # of a kind that are tried at most, until each question about it has arisen
PATIENCE = {State.THROTTLED: 4, State.UNREACHABLE: 2, State.PARSE_ERROR: 2}
# Refusals that no policy mends: the keys, the clock or the service itself are in the way.
NO_POLICY = {
    "ExpiredToken", "ExpiredTokenException", "InvalidAccessKeyId", "InvalidClientTokenId", "InvalidSignatureException",
    "InvalidToken", "OptInRequired", "RequestExpired", "SignatureDoesNotMatch", "SubscriptionRequiredException",
    "TokenRefreshRequired", "UnrecognizedClientException",
}  # fmt: skip
BY_POLICY = "not authorized to perform"  # AWS says so when a policy forbids, and not when the account is the wrong one
ONLY_MANAGERS = "only the account that manages the organisation, and those it delegates to, may ask this"
ELSEWHERE = ("explicit deny", "service control policy", "permissions boundary", "session policy", "VPC endpoint policy")


class Outcome(StrEnum):
    ALLOWED = "allowed"
    DENIED = "denied"
    NOT_PROVEN = "not_proven"
    UNREACHABLE = "unreachable"


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
        asker = Once(transport, Place(who.account, unit.region, who.partition, (region,)), {}, enough.is_set)
        await put(await _unit(unit, asker, door))

    async def work(put: Put[tuple[Tried, ...]]) -> None:
        try:
            await asyncio.gather(*(one(unit, put) for unit in mine))
        finally:
            await transport.rest()

    return results(work, enough)


@dataclass
class Once(Asker):
    """Asks each listing for its first page, gives one item of it at a `turn`, and does not insist."""

    turn: int = 0
    more: bool = False

    async def listing(
        self, call: Call, params: Params | None = None, *, ref: str = "", shared: bool = False
    ) -> list[Any]:
        found = await super().listing(call, params, ref=ref, shared=shared)
        if params is not None:
            return found[:1]
        self.more = self.more or len(found) > self.turn + 1
        return found[self.turn : self.turn + 1]

    async def _all_pages(self, call: Call, params: Params) -> Any:
        few = {name: type(size)(min(int(size), SMALLEST)) for name, size in params.items() if name in PAGE_SIZES}
        yield await self._persist(call, {**params, **few})

    def _patience(self, refusal: Refusal) -> int:
        return PATIENCE.get(refusal.state, 1)

    async def about_nothing(self, call: Call) -> Tried:
        """Ask about a made-up id."""
        params = made_up.params(call, self.place)
        if params is None:
            return self.told(
                call,
                Outcome.NOT_PROVEN,
                "",
                f"nothing found raises this question, and {made_up.why_not(call)}",
                on="",
            )
        try:
            await self._persist(call, {**call.params, **params})
        except Refusal as refusal:
            if made_up.proves(call, refusal.code):
                return self.told(call, Outcome.ALLOWED, refusal.code, on="made-up id")
            return self.refused(call, refusal.state, refusal.code, refusal.message[:300], on="made-up id")
        return self.told(call, Outcome.ALLOWED, on="made-up id")

    def refused(self, call: Call, state: State, code: str, why: str, *, on: str) -> Tried:
        if call.service == "organizations" and state is State.DENIED and BY_POLICY not in why:
            return self.told(call, Outcome.NOT_PROVEN, code, ONLY_MANAGERS, on=on)
        return self.told(call, _outcome(state), code, why, on=on)

    def told(self, call: Call, outcome: Outcome, code: str = "", why: str = "", *, on: str) -> Tried:
        return Tried(call.name, call.permissions, outcome, on, self.place.region, code, why)


async def _unit(unit: Unit, asker: Once, door: Door) -> tuple[Tried, ...]:
    mine = of_unit(unit.service)
    here = [collector for collector in mine if collector.everywhere == (unit.region != "global")]
    for collector in here:
        await _kind(unit, collector, asker, door)
    listed = {collector.listing.name for collector in here}
    calls = {call.name: call for collector in here for _, call in collector.calls()}
    tried = []
    for name, call in calls.items():
        cell = asker.cells.get(name)
        tried.append(_seen(cell, asker, name in listed) if cell else await asker.about_nothing(call))
    return tuple(tried)


async def _kind(unit: Unit, collector: Collector, asker: Once, door: Door) -> None:
    """Resources of it one by one, until every question about them has arisen."""
    questions = {call.name for _, call in collector.calls()}
    for asker.turn in range(RESOURCES):
        asker.more = False
        try:
            await gather(unit, (collector,), asker, door)
        except Unread:
            return
        if not asker.more or questions <= asker.cells.keys():
            return


def _seen(cell: Cell, asker: Once, listing: bool) -> Tried:
    on = "listing" if listing else "resource"
    gap = cell.gap
    if gap is None or made_up.proves(cell.call, gap.code):
        return asker.told(cell.call, Outcome.ALLOWED, on=on)
    return asker.refused(cell.call, gap.state, gap.code, gap.message, on=on)


def _outcome(state: State) -> Outcome:
    """Of a refusal.  What is neither a denial nor a closed road was answered by something else than a policy."""
    known = {State.DENIED: Outcome.DENIED, State.UNREACHABLE: Outcome.UNREACHABLE}
    return known.get(state, Outcome.NOT_PROVEN)


def about_regions(gap: Gap | None) -> Tried:
    """The question that every scan begins with: which regions are open."""
    call = aws.REGIONS
    if gap is None:
        return Tried(call.name, call.permissions, Outcome.ALLOWED, "listing", "global")
    return Tried(call.name, call.permissions, _outcome(gap.state), "listing", "global", gap.code, gap.message)


def by_permission(tried: Iterable[Tried]) -> dict[str, Outcome]:
    """Of each permission the worst that its calls met: one that is refused somewhere is not there."""
    order = [Outcome.ALLOWED, Outcome.NOT_PROVEN, Outcome.UNREACHABLE, Outcome.DENIED]
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
    return {one.call: blinded_by(one.call) for one in tried if one.outcome is not Outcome.ALLOWED and one.code}


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


def cost(regions: int) -> Cost:
    """Of the calls outside the units there are two: who we are, and which regions are open."""
    listings: dict[bool, set[tuple[str, str, str]]] = {True: set(), False: set()}
    for collector in collectors():
        for call in (collector.listing, *(part.call for part in collector.attached)):
            asked = (collector.unit_service, call.name, repr(sorted(call.params.items(), key=repr)))
            listings[collector.everywhere].add(asked)
    details = {collector.kind: len(collector.details) for collector in collectors() if collector.details}
    return Cost(len(listings[False]) + 2, len(listings[True]), regions, details)
