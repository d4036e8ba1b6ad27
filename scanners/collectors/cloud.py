"""The words a collector is written in: tables of calls, not loops.

A collector names the listing that finds resources of one kind and the details asked about each.  From the same tables
follow the scanner's own permissions, the coverage cells, the contract tests and the catalogue page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from scanners.collectors.door import Door
from scanners.model import Gap, Identity, Place, Provider, Resource, State

Params = Mapping[str, Any]
Shape = Callable[[Any, Door], Any]  # the raw answer → what may be kept of it; raises ParseError


CUT = {"cut": True}  # stands behind the last item of a listing that goes on, and was not asked for further


class ParseError(Exception):
    """An answer came that cannot be understood: recorded as a gap, never taken for an empty one."""


ODD = (ParseError, AttributeError, LookupError, TypeError, ValueError)  # what an answer of odd shape causes


def as_is(document: Any, door: Door) -> Any:
    return document


@dataclass(frozen=True, slots=True)
class Call:
    """One read operation of a cloud, with what proves absence and what is never kept."""

    service: str  # the SDK's name: "lambda"
    operation: str  # "ListFunctions"
    items: str = ""  # dotted path of the list in a listing's answer; empty: the answer is one thing
    take: str = ""  # dotted path of the part of a single answer that is worth keeping
    params: Params = field(default_factory=dict)  # sent with every request
    permission: str = ""  # the action it needs, when that is not service:Operation
    also: tuple[str, ...] = ()  # further actions that the cloud demands for it
    absent: frozenset[str] = frozenset()  # error codes that prove the thing is not there
    drop: frozenset[str] = frozenset()  # fields never kept: volatile ones, and bulk that nobody reads
    fills: str = ""  # the section its answer fills, where several calls can fill one
    most: int = 0  # questions in one unit of a scan; the rest are left unasked, as a gap.  0: any number
    pages: int = 0  # of a listing that are asked for; one that is longer ends with CUT.  0: all

    @property
    def section(self) -> str:
        return self.fills or self.operation

    @property
    def name(self) -> str:
        return f"{self.service}.{self.operation}"

    @property
    def needs(self) -> str:
        return self.permission or f"{self.service}:{self.operation}"

    @property
    def permissions(self) -> tuple[str, ...]:
        """Every action that a policy must allow for this call."""
        return (self.needs, *self.also)


@dataclass(frozen=True, slots=True)
class Job:
    """What has to be ordered before it can be asked for: `call` orders it, and answers with what names the order.

    `names` is that field, which the detail's call is asked with; an answer that is still `pending` is asked for again,
    with patience.  The order itself is not kept: it has another name each time.
    """

    call: Call
    names: str
    pending: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Detail:
    """A call asked about each resource: once (`bind`), or once per qualifier (`each`: key → parameters).

    `bind` answering None means that the question does not arise for this resource.
    `after` names the section that the parameters are read from.  `each` may also read its own section, whose answers
    then raise further questions, until none is new.  With a `job` the parameters are those of the order.
    """

    call: Call
    bind: Callable[[Resource], Params | None] | None = None
    each: Callable[[Resource], Iterable[tuple[str, Params]]] | None = None
    after: str = ""
    shape: Shape = as_is
    shared: bool = False  # several resources may raise the same question: it is asked once
    job: Job | None = None
    wish: str = ""  # asked only where the account's owner wants it

    @property
    def section(self) -> str:
        return self.call.section


@dataclass(frozen=True, slots=True)
class Attached:
    """A listing asked once for all resources of a kind, of which each gets its own items: KMS keys their aliases.

    `of` says whose an item is, `to` what a resource is called there, `shape` what is kept of a resource's items.
    `otherwise` is asked about each resource where the listing was refused, and fills the same section.
    `about` makes the questions from what was listed, where a question must name what it is about; many at once.
    """

    call: Call
    of: Callable[[Any], str | None]
    to: Callable[[Resource], str]
    shape: Callable[[list[Any]], Any] = list
    otherwise: Detail | None = None
    about: Callable[[list[Any]], Iterable[Params]] | None = None

    @property
    def section(self) -> str:
        return self.call.section


@dataclass(frozen=True, slots=True)
class Pooled:
    """A call asked about many resources at once, when their details are read: each has its parts of the questions.

    `parts` are those of one resource, as many as it likes; none: the question does not arise for it.
    `params` makes a question of parts, `most` at a time, and `of` says by its place there which of them an item of the
    answer is about.  `shape` makes the section of a resource from its parts, each with its items.  A refused question
    is a gap in every resource that has a part in it.
    """

    call: Call
    parts: Callable[[Resource], list[Any]]
    params: Callable[[list[Any]], Params]
    of: Callable[[Any], int]
    shape: Callable[[list[tuple[Any, list[Any]]]], Any]
    most: int

    @property
    def section(self) -> str:
        return self.call.section


@dataclass(frozen=True, slots=True)
class Over:
    """A listing that says where to ask the next one: `bind` gives the parameters for one of its items.

    None for an item that leads nowhere.
    """

    call: Call
    bind: Callable[[Any], Params | None]


@dataclass(frozen=True, slots=True)
class Collector:
    """How resources of one kind are found and read.

    `over` are listings asked first, one within the other, for the places to ask `listing` in.  `otherwise` is another
    road to the same kind, taken where the listing is refused; its calls fill the same sections.
    """

    kind: str
    listing: Call
    identify: Callable[[Place, Any], Identity]
    details: tuple[Detail, ...] = ()
    attached: tuple[Attached, ...] = ()
    pooled: tuple[Pooled, ...] = ()
    known_as: Callable[[Resource], str | None] | None = None  # a better name than the listing has, from the details
    lives_in: Callable[[Resource], str | None] | None = None  # its region, where the listing does not say it
    shape: Shape = as_is
    choose: Callable[[Place, Any], bool] = lambda place, item: True  # of what is listed, the items that are meant
    service: str = ""  # the unit it belongs to, when that is not the listing's service
    everywhere: bool = True  # False: asked once per account, in the unit's "global" region
    over: tuple[Over, ...] = ()
    otherwise: Collector | None = None

    @property
    def unit_service(self) -> str:
        return self.service or self.listing.service

    def calls(self) -> Iterator[tuple[str, Call]]:
        """(section, call) of what fills this kind's sections."""
        yield self.listing.section, self.listing
        parts: tuple[Detail | Attached | Pooled, ...] = (*self.details, *self.attached, *self.pooled)
        for part in parts:
            yield part.section, part.call
            if isinstance(part, Detail) and part.job:
                yield part.job.call.section, part.job.call

    def every_call(self) -> Iterator[Call]:
        """Everything that may be asked, on every road."""
        yield from (over.call for over in self.over)
        yield from (call for _, call in self.calls())
        yield from (part.otherwise.call for part in self.attached if part.otherwise)
        if self.otherwise:
            yield from self.otherwise.every_call()

    def call(self, section: str = "") -> Call | None:
        """The call that fills a section; of no section, the listing.  None when this kind has no such section."""
        return dict(self.calls()).get(section) if section else self.listing

    def road_of(self, call: str) -> Collector:
        """The road that a call of this name lies on; this one where it lies on none."""
        if self.otherwise and all(call != made.name for _, made in self.calls()):
            return self.otherwise.road_of(call)
        return self

    def other_calls(self, section: str = "") -> Iterator[Call]:
        """The calls that fill a section on another road; of no section, those that find the resources there."""
        yield from (part.otherwise.call for part in self.attached if part.otherwise and part.section == section)
        if self.otherwise:
            yield from (() if section else (over.call for over in self.otherwise.over))
            yield from (call for call in (self.otherwise.call(section),) if call)
            yield from self.otherwise.other_calls(section)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who we are to a cloud, and the account that is looked at."""

    account: str
    partition: str
    arn: str
    provider: Provider = Provider.AWS


@dataclass(frozen=True, slots=True)
class Regions:
    enabled: tuple[str, ...]
    not_opted_in: tuple[str, ...]


class Refusal(Exception):
    """A request came back without an answer.  `retry_after` is in seconds, where the cloud said so."""

    def __init__(self, state: State, code: str, message: str = "", retry_after: float | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.state, self.code, self.message, self.retry_after = state, code, message, retry_after

    def gap(self, call: Call, place: Place) -> Gap:
        return Gap(call.name, call.needs, self.state, self.code, place.region, self.message[:300])


@dataclass(frozen=True, slots=True)
class Paging:
    """How an operation is paged: the request's token fields, where the answer keeps theirs, and the page's flag."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    more: str = ""


class Transport(Protocol):
    """Carries one request to one cloud.  Retries, pacing and paging are the Asker's."""

    async def send(self, place: Place, call: Call, params: Params) -> Any:
        """The parsed answer; raises Refusal."""

    def paging(self, call: Call) -> Paging | None:
        """None for an operation that always answers in one page."""

    def rate(self, place: Place, call: Call) -> tuple[str, float]:
        """(bucket, requests a second) that the cloud grants this call."""

    def search(self, expression: str, answer: Any) -> Any:
        """A token expression of `paging` applied to an answer."""

    async def rest(self) -> None:
        """The work of this event loop is done: connections may be closed."""

    def close(self) -> None:
        """Nothing is asked any more."""


def at(path: str, answer: Any) -> Any:
    """What stands at a dotted path; None where the cloud left it out.

    A list on the way is walked through: "Reservations.Instances" gives the instances of all reservations in one list.
    "*" stands for all values of an object.
    """
    for step in path.split(".") if path else ():
        if step == "*" and isinstance(answer, dict):
            answer = list(answer.values())
        elif isinstance(answer, list):
            answer = [item for one in answer for item in at(step, one) or ()]
        else:
            answer = answer.get(step) if isinstance(answer, dict) else None
    return answer
