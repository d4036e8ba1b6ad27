"""Asks one question at a time: paced, retried, paged, and written down as a coverage cell."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from scanners.collectors.cloud import CUT, Call, Paging, Params, Refusal, Transport, at
from scanners.collectors.pace import Pace, Paces, alone
from scanners.model import ABSENT, Gap, Place, State, Unread

ATTEMPTS = {State.THROTTLED: 12, State.UNREACHABLE: 9, State.PARSE_ERROR: 6}  # other refusals are final
NO_ROAD = 4  # attempts where this unit has never had an answer: the road is closed, not bumpy
LONGEST_WAIT = 20.0  # seconds
PAGES = 20_000  # more of them is a loop that does not repeat its token
TOLD_TO = "@told_to"  # among the parameters: the account that may ask; that another one is refused is no gap of ours
NOT_CONNECTED = "the management account is not connected"
LOST = {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"}


@dataclass
class Cell:
    """What became of one call in one unit: how often each state, and which resources the worst of them blinded."""

    call: Call
    counts: dict[State, int] = field(default_factory=dict)
    gap: Gap | None = None
    refs: set[str] = field(default_factory=set)

    def note(self, state: State, gap: Gap | None = None, ref: str = "") -> None:
        self.counts[state] = self.counts.get(state, 0) + 1
        if gap:
            self.gap = self.gap or gap
            if ref:
                self.refs.add(ref)

    @property
    def state(self) -> State:
        """The state to show: a gap's if there is any, else read, else absent."""
        if self.gap:
            return self.gap.state
        return State.READ if State.READ in self.counts else State.ABSENT


@dataclass
class Tally:
    calls: int = 0
    retries: int = 0
    throttled: int = 0


@dataclass
class Asker:
    """Speaks to one account for one unit of work.  `stopped` is asked before every request."""

    transport: Transport
    place: Place
    buckets: dict[str, Pace]
    stopped: Callable[[], bool] = lambda: False
    pace: Paces = alone
    said: Mapping[str, Any] = field(default_factory=dict)  # what the cloud answered at the door, by the call's name
    cells: dict[str, Cell] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)
    _pages: dict[str, list[Any]] = field(default_factory=dict)
    _answers: dict[str, Any] = field(default_factory=dict)
    _refusals: dict[str, Unread] = field(default_factory=dict)
    _asking: dict[str, asyncio.Lock] = field(default_factory=dict)
    _spent: dict[str, int] = field(default_factory=dict)
    _lost: Refusal | None = None
    _met: bool = False

    async def ask(
        self,
        call: Call,
        params: Params,
        *,
        ref: str = "",
        shared: bool = False,
        pending: Callable[[Any], bool] = lambda answer: False,
    ) -> Any:
        """The answer, or ABSENT when its code proves absence.  Raises Unread.

        `shared`: others may raise the same question, and it is asked once.  What is `pending` is asked again.
        """
        if not shared:
            return await self._asked(call, params, ref, pending)
        key = _key(call, params)
        async with self._asking.setdefault(key, asyncio.Lock()):
            if known := self._refusals.get(key):
                raise known
            if key not in self._answers:
                try:
                    self._answers[key] = await self._asked(call, params, ref, pending)
                except Unread as unread:
                    self._refusals[key] = unread
                    raise
            return self._answers[key]

    async def _asked(self, call: Call, params: Params, ref: str, pending: Callable[[Any], bool]) -> Any:
        try:
            self._spend(call)
            answer = await self._persist(call, {**call.params, **params}, pending)
        except Refusal as refusal:
            return self._refused(call, refusal, ref)
        kept = self._kept(call, at(call.take, answer))
        if kept is None:
            raise Unread(self.misread(call, f"the answer lacks {call.take}", ref=ref))
        self._cell(call).note(State.READ)
        return kept

    def _spend(self, call: Call) -> None:
        """Raises Refusal where no more may be asked."""
        if call.most:
            spent = self._spent[call.name] = self._spent.get(call.name, 0) + 1
            if spent > call.most:
                raise Refusal(State.SKIPPED, "BudgetSpent", f"a scan asks {call.most} times in a region, and no more")

    async def listing(
        self, call: Call, params: Params | None = None, *, ref: str = "", shared: bool = False
    ) -> list[Any]:
        """Every item of a listing, all pages; of an answer that is one thing, that thing.  Raises Unread.

        A listing that breaks off is not read: its first pages are no proof of anything but themselves.  Where the call
        asks for so many `pages`, those are read, and CUT behind them says that there were more.
        """
        wanted = {**call.params, **(params or {})}
        key = _key(call, wanted)
        async with self._asking.setdefault(key, asyncio.Lock()):
            if known := self._refusals.get(key):
                raise known
            if key not in self._pages:  # of kinds that share a listing, the first one asks
                try:
                    heard = call.name in self.said and not wanted
                    pages = [self.said[call.name]] if heard else [page async for page in self._all_pages(call, wanted)]
                except Refusal as refusal:
                    told = wanted.get(TOLD_TO, self.place.account)
                    if refusal.state is State.DENIED and told != self.place.account:
                        refusal = Refusal(State.ELSEWHERE, refusal.code, NOT_CONNECTED)
                    self._refused_listing(call, refusal, ref, key)
                    pages = []
                else:
                    self._cell(call).note(State.READ)
                if params is not None and not shared:  # asked per resource: nobody will share it
                    return self._items(call, pages)
                self._pages[key] = pages
        return self._items(call, self._pages[key])

    def _items(self, call: Call, pages: list[Any]) -> list[Any]:
        if not call.items:
            return [self._kept(call, at(call.take, page)) for page in pages]
        found = [item for page in pages for item in at(call.items, page) or ()]
        return [self._kept(call, item) for item in found]

    async def _all_pages(self, call: Call, params: Params) -> AsyncIterator[Any]:
        paging, seen, params = self.transport.paging(call), set[str](), dict(params)
        for _ in range(call.pages or PAGES):
            answer = await self._persist(call, params)
            yield answer
            if not paging or not (tokens := self._tokens(paging, answer)):
                return
            if repr(tokens) in seen:
                raise Refusal(State.PARSE_ERROR, "RepeatedPageToken", "the cloud sent the same page token twice")
            seen.add(repr(tokens))
            params.update(tokens)
        if not call.pages:
            raise Refusal(State.PARSE_ERROR, "EndlessPages", f"more than {PAGES} pages")
        yield {call.items: [CUT]}

    def _tokens(self, paging: Paging, answer: Any) -> dict[str, Any]:
        if paging.more and not self.transport.search(paging.more, answer):
            return {}
        found = (
            (name, self.transport.search(out, answer)) for name, out in zip(paging.inputs, paging.outputs, strict=True)
        )
        return {name: token for name, token in found if token}

    async def _persist(self, call: Call, params: Params, pending: Callable[[Any], bool] = lambda answer: False) -> Any:
        """Ask until there is an answer, a final no, or no patience left.  Raises Refusal."""
        bucket = self._bucket(call)
        for attempt in count(1):
            if self._lost or self.stopped():
                code = self._lost.code if self._lost else "Cancelled"
                raise Refusal(State.SKIPPED, code, "not asked any more")
            await bucket.take()
            self.tally.calls += 1
            try:
                answer = await self.transport.send(self.place, call, params)
                self._met = True
                if pending(answer):
                    raise Refusal(State.UNREACHABLE, "StillInProgress", "what was ordered is not ready")
            except Refusal as refusal:
                self._met = self._met or refusal.state is not State.UNREACHABLE  # who refuses is there
                if refusal.code in LOST:
                    self._lost = refusal
                if attempt >= self._patience(refusal):
                    raise
                await self._back_off(bucket, refusal, attempt)
            else:
                bucket.answered()
                return answer
        raise AssertionError("unreachable")

    def _patience(self, refusal: Refusal) -> int:
        """How many attempts a refusal of this kind is worth."""
        if refusal.state is State.UNREACHABLE and not self._met:
            return NO_ROAD
        return ATTEMPTS.get(refusal.state, 1)

    async def _back_off(self, bucket: Pace, refusal: Refusal, attempt: int) -> None:
        self.tally.retries += 1
        wait = refusal.retry_after or min(LONGEST_WAIT, 0.1 * 2**attempt) * random.uniform(0.5, 1)  # noqa: S311
        wait = min(wait, LONGEST_WAIT)
        if refusal.state is State.THROTTLED:
            self.tally.throttled += 1
            bucket.refused(wait if refusal.retry_after else 0)
        await asyncio.sleep(wait)

    def _refused(self, call: Call, refusal: Refusal, ref: str) -> Any:
        if refusal.code in call.absent:
            self._cell(call).note(State.ABSENT)
            return ABSENT
        gap = refusal.gap(call, self.place)
        self._cell(call).note(gap.state, gap, ref)
        raise Unread(gap)

    def _refused_listing(self, call: Call, refusal: Refusal, ref: str, key: str) -> None:
        try:
            self._refused(call, refusal, ref)
        except Unread as unread:
            self._refusals[key] = unread
            raise

    def misread(self, call: Call, why: str, *, ref: str = "") -> Gap:
        """An answer came and could not be understood."""
        gap = Refusal(State.PARSE_ERROR, "NotUnderstood", why).gap(call, self.place)
        self._cell(call).note(gap.state, gap, ref)
        return gap

    def by_other_road(self, gaps: Collection[Gap], call: Call) -> None:
        """What these refusals hid was read all the same, by another call: coverage says so, and nothing is missing."""
        for cell in self.cells.values():
            if cell.gap and cell.gap in gaps:
                count = cell.counts.pop(cell.gap.state)
                cell.counts[State.OTHER_ROAD] = cell.counts.get(State.OTHER_ROAD, 0) + count
                cell.gap = replace(cell.gap, state=State.OTHER_ROAD, message=f"{call.name} was asked instead")

    def _cell(self, call: Call) -> Cell:
        return self.cells.setdefault(call.name, Cell(call))

    def _bucket(self, call: Call) -> Pace:
        quota, rate = self.transport.rate(self.place, call)
        key = f"{self.place.account}/{self.place.region}/{quota}"
        if key not in self.buckets:
            self.buckets[key] = self.pace(key, rate)
        return self.buckets[key]

    @staticmethod
    def _kept(call: Call, answer: Any) -> Any:
        if call.drop and isinstance(answer, dict):
            return {key: value for key, value in answer.items() if key not in call.drop}
        return answer


def _key(call: Call, params: Params) -> str:
    return f"{call.name}{sorted(params.items(), key=repr)}"
