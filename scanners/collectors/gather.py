"""One unit of work: list the resources of a service in a region, ask their details, say what was and was not read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from scanners.collectors.asker import Asker, Cell, Tally
from scanners.collectors.cloud import ODD, Attached, Call, Collector, Detail, Params
from scanners.collectors.door import Door
from scanners.collectors.pooling import pool
from scanners.model import Gap, Resource, Unit, Unread
from scanners.model.canonical import clean

Gaps = tuple[Gap, ...]
Shared = dict[str, list[Any]] | Unread
TOGETHER = 32  # resources of one kind whose details are asked at once


@dataclass(frozen=True)
class Gathered:
    """What one unit saw.  A kind in `listed` was listed in full: of that kind, what is absent is gone."""

    unit: Unit
    resources: list[Resource]
    listed: frozenset[str]
    gaps: Mapping[str, Gaps]  # by kind, the listings that were not read
    cells: Mapping[str, Cell]
    tally: Tally


async def gather(unit: Unit, collectors: Iterable[Collector], asker: Asker, door: Door) -> Gathered:
    """Never raises for what a cloud answers: that ends in `gaps` and `cells`."""
    mine = tuple(collectors)
    seen = await asyncio.gather(*(_kind(unit, collector, asker, door) for collector in mine))
    resources: dict[tuple[str, str], Resource] = {}
    for found, _ in seen:
        resources.update({(resource.kind, resource.ref): resource for resource in found})
    gaps = {collector.kind: missing for collector, (_, missing) in zip(mine, seen, strict=True) if missing}
    listed = frozenset(collector.kind for collector in mine) - gaps.keys()
    return Gathered(unit, list(resources.values()), listed, gaps, asker.cells, asker.tally)


async def _kind(unit: Unit, collector: Collector, asker: Asker, door: Door) -> tuple[list[Resource], Gaps]:
    items, refused = await _listed(collector, asker)
    if refused and collector.otherwise:
        seen, missing = await _kind(unit, collector.otherwise, asker, door)
        if not missing:
            asker.by_other_road(refused, collector.otherwise.listing)
        return seen, (*refused, *missing) if missing else ()
    items = [item for item in items if collector.choose(asker.place, item)]
    shared = [(part, await _shared(part, items, asker)) for part in collector.attached]
    for part, owned in shared:
        if isinstance(owned, Unread) and part.otherwise:
            asker.by_other_road(owned.gaps, part.otherwise.call)
    room = asyncio.Semaphore(TOGETHER)
    found: list[Resource] = []
    gaps = list(refused)

    async def one(item: Any) -> None:
        async with room:
            try:
                found.append(await _resource(unit, collector, item, shared, asker, door))
            except ODD as broken:  # an item without what names it
                gaps.append(asker.misread(collector.listing, f"{type(broken).__name__}: {broken}"))

    await asyncio.gather(*(one(item) for item in items))
    for pooled in collector.pooled:
        await pool(pooled, found, asker)
    return found, tuple(gaps)


async def _listed(collector: Collector, asker: Asker) -> tuple[list[Any], Gaps]:
    """The items of the listing, of every place that it is asked in; and what of that was not read."""
    places: list[Params | None] = [None]
    gaps: list[Gap] = []
    for over in collector.over:
        within, refused = await _in_each(over.call, places, asker)
        gaps += refused
        try:
            places = _distinct(over.bind(item) for item in within)
        except ODD as broken:
            places = []
            gaps.append(asker.misread(over.call, f"{type(broken).__name__}: {broken}"))
    items, refused = await _in_each(collector.listing, places, asker)
    return items, tuple(dict.fromkeys([*gaps, *refused]))


def _distinct(places: Iterable[Params | None]) -> list[Params | None]:
    """Each place once; items that lead nowhere give None."""
    return list({repr(sorted(place.items())): place for place in places if place is not None}.values())


async def _in_each(call: Call, places: Iterable[Params | None], asker: Asker) -> tuple[list[Any], list[Gap]]:
    items: list[Any] = []
    gaps: list[Gap] = []
    asked = (asker.listing(call, params, shared=True) for params in places)
    for answer in await asyncio.gather(*asked, return_exceptions=True):
        if isinstance(answer, Unread):
            gaps += answer.gaps
        elif isinstance(answer, BaseException):
            raise answer
        else:
            items += answer
    return items, gaps


async def _shared(part: Attached, listed: list[Any], asker: Asker) -> Shared:
    """The items of a listing by whose they are; the gap if it was refused."""
    try:
        questions = [None] if part.about is None else list(part.about(listed))
        answers = await asyncio.gather(*(asker.listing(part.call, params) for params in questions))
    except Unread as unread:
        return unread
    except ODD as broken:  # an item without what names it
        return Unread(asker.misread(part.call, f"{type(broken).__name__}: {broken}"))
    owned: dict[str, list[Any]] = {}
    for item in (item for answer in answers for item in answer):
        if owner := part.of(item):
            owned.setdefault(owner, []).append(clean(item))
    return owned


async def _resource(
    unit: Unit, collector: Collector, item: Any, shared: list[tuple[Attached, Shared]], asker: Asker, door: Door
) -> Resource:
    identity = collector.identify(asker.place, item)
    documents: dict[str, Any] = {}
    gaps: dict[str, Gaps] = {}
    calls = {section: call.name for section, call in collector.calls()}
    resource = Resource(
        kind=collector.kind,
        ref=identity.ref,
        name=identity.name,
        region=identity.region or unit.region,
        unit=unit,
        documents=documents,
        calls=calls,
        gaps=gaps,
    )
    documents[collector.listing.section] = clean(collector.shape(item, door))
    details = [one for one in collector.details if not one.wish or one.wish in asker.place.wishes]
    for part, owned in shared:
        if not isinstance(owned, Unread):
            documents[part.section] = part.shape(owned.get(part.to(resource), []))
        elif part.otherwise:
            details.append(part.otherwise)
            calls[part.section] = part.otherwise.call.name
        else:
            gaps[part.section] = owned.gaps
    waiting = {detail.section: asyncio.Event() for detail in details}

    async def answer(detail: Detail) -> None:
        if detail.after in waiting:
            await waiting[detail.after].wait()
        try:
            await _detail(resource, detail, asker, door, documents, gaps)
        finally:
            waiting[detail.section].set()

    await asyncio.gather(*(answer(detail) for detail in details))
    return _renamed(resource, collector)


def _renamed(resource: Resource, collector: Collector) -> Resource:
    name = _told(collector.known_as, resource) or resource.name
    return replace(resource, name=name, region=_told(collector.lives_in, resource) or resource.region)


def _told(ask: Callable[[Resource], str | None] | None, resource: Resource) -> str | None:
    try:
        return ask(resource) if ask else None
    except Unread:
        return None


async def _detail(
    resource: Resource, detail: Detail, asker: Asker, door: Door, documents: dict[str, Any], gaps: dict[str, Gaps]
) -> None:
    try:
        if detail.each:
            documents[detail.section] = {}
            await _for_each(resource, detail, asker, door, documents[detail.section])
        elif detail.bind and (params := detail.bind(resource)) is not None:
            documents[detail.section] = await _ask(resource, detail, params, asker, door)
    except Unread as unread:
        gaps[detail.section] = tuple(dict.fromkeys(unread.gaps))
    except ODD as broken:  # what to ask cannot be told from what was answered before
        gaps[detail.section] = (asker.misread(detail.call, f"{type(broken).__name__}: {broken}", ref=resource.ref),)


async def _for_each(resource: Resource, detail: Detail, asker: Asker, door: Door, answers: dict[str, Any]) -> None:
    """Fill in what was answered; raises Unread for the rest.  Answers may raise further questions: a tree is walked."""
    missing: list[Gap] = []
    asked: set[str] = set()
    while True:
        questions, unknown = _questions(resource, detail)
        fresh = {key: params for key, params in questions.items() if key not in asked}
        if not fresh:
            break
        asked.update(fresh)
        coming = (_ask(resource, detail, params, asker, door) for params in fresh.values())
        for key, answer in zip(fresh, await asyncio.gather(*coming, return_exceptions=True), strict=True):
            if isinstance(answer, Unread):
                missing.extend(answer.gaps)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                answers[key] = answer
    if missing or unknown:
        raise Unread(*unknown, *missing)


def _questions(resource: Resource, detail: Detail) -> tuple[dict[str, Params], list[Gap]]:
    """Parameters by qualifier; and why not all qualifiers are known, when some are not."""
    questions: dict[str, Params] = {}
    try:
        for key, params in detail.each(resource) if detail.each else ():
            questions[key] = params  # noqa: PERF403  (what came before Unread counts)
    except Unread as unread:
        return questions, list(unread.gaps)
    return questions, []


async def _ask(resource: Resource, detail: Detail, params: Mapping[str, Any], asker: Asker, door: Door) -> Any:
    call: Call = detail.call
    if call.items:
        answer: Any = await asker.listing(call, params, ref=resource.ref, shared=detail.shared)
    else:
        answer = await _one(resource, detail, params, asker)
    if answer is None:
        return None
    try:
        return clean(detail.shape(answer, door))
    except ODD as broken:
        raise Unread(asker.misread(call, str(broken), ref=resource.ref)) from broken


async def _one(resource: Resource, detail: Detail, params: Params, asker: Asker) -> Any:
    """The answer of a call that gives one thing, ordered before where that is needed."""
    job = detail.job
    if job is None:
        return await asker.ask(detail.call, params, ref=resource.ref, shared=detail.shared)
    order = await asker.ask(job.call, params, ref=resource.ref)
    if order is None:
        return None
    return await asker.ask(detail.call, {job.names: order[job.names]}, ref=resource.ref, pending=job.pending)
