"""The front door: the flow of one account.  What posture calls; nothing here writes.

who, where = arrive(connection)      who we are to the cloud, and which regions are open
units = plan(where, ...)             one piece of work a service and region
for seen in collect(...): ...        units as they finish, many at a time
for resource, check, verdict in decide(estate): ...
"""

from __future__ import annotations

import asyncio
import importlib
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Protocol, cast

from scanners.checks.registry import Check, checks, evaluate
from scanners.collectors.asker import Asker
from scanners.collectors.aws.account import Connection
from scanners.collectors.background import Put, promptly, results
from scanners.collectors.cloud import Call, Caller, Refusal, Regions, Transport
from scanners.collectors.door import Door
from scanners.collectors.family import Family
from scanners.collectors.gather import Gathered, gather
from scanners.collectors.pace import Pace, Paces, alone
from scanners.collectors.registry import by_kind, collectors, of_unit
from scanners.model import Gap, Place, Provider, Resource, Unit, Unread, Verdict
from scanners.model.estate import Estate

PROBE_SECONDS = 9.0
UNITS_TOGETHER = 48  # a unit waits for one answer after another most of its time; the wire bounds calls in flight


@dataclass(frozen=True)
class Arrival:
    """Who we are there, and where we may look.  `gap` says why the regions are not known."""

    who: Caller
    regions: Regions
    gap: Gap | None = None


class WayIn(Protocol):
    """What the module `account` of each cloud's folder has.  The two calls are those made before any unit."""

    IDENTITY: Call
    REGIONS: Call
    ACCOUNT: re.Pattern[str]  # the form of an account's id

    def connect(self, way: Any) -> Transport: ...

    def caller(self, transport: Transport) -> Caller: ...

    def identity(self, who: Caller) -> Any: ...

    def regions(self, transport: Transport, who: Caller) -> Regions: ...


def way_in(provider: Provider) -> WayIn:
    return cast(WayIn, importlib.import_module(f"scanners.collectors.{provider}.account"))


def probe(provider: Provider, way: Any) -> Caller:
    """Who we would be there, found out within PROBE_SECONDS while a person waits.  Raises Refusal."""
    cloud = way_in(provider)

    def ask() -> Caller:
        with closing(cloud.connect(way)) as transport:
            return cloud.caller(transport)

    return promptly(ask, PROBE_SECONDS)


class Relations(Protocol):
    """What the module `family` of each cloud's folder has: the calls that tell who is there, and their answer."""

    CALLS: tuple[Call, ...]

    def family(self, transport: Any) -> Family: ...


def relations(provider: Provider) -> Relations:
    return cast(Relations, importlib.import_module(f"scanners.collectors.{provider}.family"))


def family(provider: Provider, way: Any) -> Family:
    """Who stands under the root that a connection names.  Raises Unread where that is not known in full.

    Its gaps are the refusals, one of every road; whatever closes one of them is enough.
    """
    kin = relations(provider)
    try:
        with closing(way_in(provider).connect(way)) as transport:
            return kin.family(transport)
    except Refusal as refusal:
        raise Unread(refusal.gap(kin.CALLS[0], Place("", "global", provider))) from refusal


def family_permissions(provider: Provider) -> list[str]:
    """What listing a family needs, beside what scanning each of its accounts does."""
    return sorted({action for call in relations(provider).CALLS for action in call.permissions})


def arrive(transport: Transport, *, fallback: Sequence[str] = (), provider: Provider = Provider.AWS) -> Arrival:
    """Raises Refusal when the cloud does not let us in at all; a refused list of regions is a gap."""
    cloud = way_in(provider)
    who = cloud.caller(transport)
    try:
        return Arrival(who, cloud.regions(transport, who))
    except Refusal as refusal:
        place = Place(who.account, "global", who.partition)
        return Arrival(who, Regions(tuple(fallback), ()), refusal.gap(cloud.REGIONS, place))


def services(provider: Provider = Provider.AWS) -> list[str]:
    """Every service a scan can look at."""
    return sorted({collector.unit_service for collector in collectors(provider)})


def plan(regions: Iterable[str], chosen: Sequence[str] = (), provider: Provider = Provider.AWS) -> list[Unit]:
    """The units of a scan, longest work first: account-wide services, then region by region."""
    wanted = {c.unit_service: c.everywhere for c in collectors(provider) if not chosen or c.unit_service in chosen}
    units = [Unit("global", service) for service, everywhere in wanted.items() if not everywhere]
    return units + [Unit(r, service) for service, everywhere in wanted.items() if everywhere for r in sorted(regions)]


def collect(
    transport: Transport,
    who: Caller,
    units: Iterable[Unit],
    door: Door,
    *,
    regions: Iterable[str] = (),
    stopped: Callable[[], bool] = lambda: False,
    pace: Paces = alone,
    wishes: Iterable[str] = (),
) -> Iterator[Gathered | None]:
    """Units as they finish; None about once a second in between, so that the caller can renew leases and show progress.

    `regions` are those of the whole scan, where these units are a part of it; `pace` makes the limiters; `wishes` name
    what is asked only where somebody wants it.  A mistake of ours in one unit is raised here, after the others have
    been stopped.
    """
    mine, enough = list(units), threading.Event()
    scanned = tuple(sorted({unit.region for unit in mine} - {"global"} | set(regions)))
    room, buckets, cloud = asyncio.Semaphore(UNITS_TOGETHER), dict[str, Pace](), way_in(who.provider)

    async def one(unit: Unit, put: Put[Gathered]) -> None:
        async with room:
            place = Place(who.account, unit.region, who.partition, scanned, frozenset(wishes))
            said = {cloud.IDENTITY.name: cloud.identity(who)}
            asker = Asker(transport, place, buckets, lambda: enough.is_set() or stopped(), pace, said)
            await put(await gather(unit, of_unit(unit.service, who.provider), asker, door))

    async def work(put: Put[Gathered]) -> None:
        try:
            await asyncio.gather(*(one(unit, put) for unit in mine))
        finally:
            await transport.rest()

    return results(work, enough)


def decide(
    estate: Estate, only: Iterable[str] | None = None, provider: Provider = Provider.AWS
) -> Iterator[tuple[Resource, Check, Verdict]]:
    """Every check put to every resource of its kind.  The same estate always gives the same verdicts.

    Kinds that checks looked at beside their own are let go of as soon as no further check declares that it will: a
    large account holds more than fits.
    """
    asked_of: dict[str, list[Check]] = {}
    for check in checks().values():
        if check.provider == provider and (only is None or check.id in only):
            for kind in check.kinds:
                asked_of.setdefault(kind, []).append(check)
    last = {other: kind for kind in sorted(asked_of) for check in asked_of[kind] for other, _ in check.joins}
    estate.release(set(estate.held) - last.keys())
    for kind, asked in sorted(asked_of.items()):
        for resource in estate.load(kind):
            for check in asked:
                for verdict in evaluate(check, resource, estate):
                    yield resource, check, verdict
        estate.release([other for other in estate.held if last.get(other, "") <= kind])


def preview(seen: Gathered, estate: Estate, provider: Provider = Provider.AWS) -> list[tuple[Resource, Check, Verdict]]:
    """What one unit alone already shows, for people who watch the scan: failures that need nothing from elsewhere."""
    mine = {c.kind for c in of_unit(seen.unit.service, provider)}
    alone = [c.id for c in checks().values() if mine.issuperset(c.kinds) and all(kind in mine for kind, _ in c.joins)]
    return [found for found in decide(estate, alone, provider) if found[2].outcome == "fail"]


def calls_of(check: Check) -> list[Call]:
    """Every call whose answer the check rests on, by name."""
    own = {(kind, section) for kind in check.kinds for section in ("", *check.reads)}
    joined = {(kind, part) for kind, section in check.joins for part in ("", section)}
    tables = by_kind(Provider(check.provider))
    made = (tables[kind].call(section) for kind, section in own | joined)
    by_name = {call.name: call for call in made if call}
    return [by_name[name] for name in sorted(by_name)]


def other_calls_of(check: Check) -> set[str]:
    """By name, the calls on other roads to what the check rests on: asked where those of `calls_of` are refused."""
    tables = by_kind(Provider(check.provider))
    sections = {(kind, part) for kind in check.kinds for part in ("", *check.reads)} | set(check.joins)
    return {
        call.name
        for kind, section in sections | {(kind, "") for kind, _ in check.joins}
        for call in tables[kind].other_calls(section)
    }


def blinded_by(call: str) -> list[str]:
    """The checks that need an answer of this call ("lambda.GetPolicy")."""
    return sorted(
        c.id for c in checks().values() if any(made.name == call for made in calls_of(c)) or call in other_calls_of(c)
    )


def permissions_of(check: Check) -> list[str]:
    """The actions the scanner must be allowed for this check to answer."""
    return sorted({action for call in calls_of(check) for action in call.permissions})


def permissions(provider: Provider = Provider.AWS) -> list[str]:
    """Everything the collectors may ask, as actions of the cloud's own policies."""
    cloud = way_in(provider)
    declared = (call for collector in collectors(provider) for call in collector.every_call())
    made = (cloud.IDENTITY, cloud.REGIONS, *declared)
    return sorted({action for call in made for action in call.permissions if action})


__all__ = [
    "Arrival",
    "Connection",
    "Gathered",
    "Transport",
    "Unit",
    "arrive",
    "blinded_by",
    "collect",
    "decide",
    "permissions",
    "permissions_of",
    "plan",
    "preview",
    "probe",
    "services",
]
