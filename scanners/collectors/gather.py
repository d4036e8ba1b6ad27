"""One unit of work: list the resources of a service in a region, ask their details, say what was and was not read."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from scanners.collectors.asker import Asker, Cell, Tally
from scanners.collectors.cloud import Call, Collector, Detail, ParseError
from scanners.collectors.door import Door
from scanners.model import Gap, Resource, Unit, Unread
from scanners.model.canonical import clean

TOGETHER = 32  # resources of one kind whose details are asked at once


@dataclass(frozen=True)
class Gathered:
    """What one unit saw.  A kind in `listed` was listed in full: of that kind, what is absent is gone."""

    unit: Unit
    resources: list[Resource]
    listed: frozenset[str]
    gaps: Mapping[str, tuple[Gap, ...]]  # by kind, the listings that were not read
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


async def _kind(unit: Unit, collector: Collector, asker: Asker, door: Door) -> tuple[list[Resource], tuple[Gap, ...]]:
    try:
        items = await asker.list(collector.listing)
    except Unread as unread:
        return [], unread.gaps
    room, found, gaps = asyncio.Semaphore(TOGETHER), [], []

    async def one(item: Any) -> None:
        async with room:
            try:
                found.append(await _resource(unit, collector, item, asker, door))
            except (KeyError, TypeError, ValueError, ParseError) as broken:  # an item without what names it
                gaps.append(asker.misread(collector.listing, f"{type(broken).__name__}: {broken}"))

    await asyncio.gather(*(one(item) for item in items if collector.choose(item)))
    return found, tuple(gaps)


async def _resource(unit: Unit, collector: Collector, item: Any, asker: Asker, door: Door) -> Resource:
    identity = collector.identify(asker.place, item)
    documents: dict[str, Any] = {}
    gaps: dict[str, tuple[Gap, ...]] = {}
    resource = Resource(
        kind=collector.kind,
        ref=identity.ref,
        name=identity.name,
        region=identity.region or unit.region,
        unit=unit,
        documents=documents,
        calls={section: call.name for section, call in collector.calls()},
        gaps=gaps,
    )
    documents[collector.listing.operation] = clean(collector.shape(item, door))
    waiting = {detail.section: asyncio.Event() for detail in collector.details}

    async def answer(detail: Detail) -> None:
        if detail.after in waiting:
            await waiting[detail.after].wait()
        try:
            await _detail(resource, detail, asker, door, documents, gaps)
        finally:
            waiting[detail.section].set()

    await asyncio.gather(*(answer(detail) for detail in collector.details))
    return resource


async def _detail(
    resource: Resource, detail: Detail, asker: Asker, door: Door, documents: dict[str, Any], gaps: dict[str, tuple[Gap, ...]]
) -> None:
    section, missing = detail.section, []
    try:
        if detail.bind:
            if (params := detail.bind(resource)) is not None:
                documents[section] = await _ask(resource, detail, params, asker, door)
            return
        answers: dict[str, Any] = {}
        documents[section] = answers
        questions: dict[str, Mapping[str, Any]] = {}
        try:
            for key, params in detail.each(resource) if detail.each else ():
                questions[key] = params
        except Unread as unread:  # what to ask is known in part only
            missing.extend(unread.gaps)
        told = await asyncio.gather(
            *(_ask(resource, detail, params, asker, door) for params in questions.values()), return_exceptions=True
        )
        for key, answer in zip(questions, told, strict=True):
            if isinstance(answer, Unread):
                missing.extend(answer.gaps)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                answers[key] = answer
    except Unread as unread:
        missing.extend(unread.gaps)
    if missing:
        gaps[section] = tuple(dict.fromkeys(missing))


async def _ask(resource: Resource, detail: Detail, params: Mapping[str, Any], asker: Asker, door: Door) -> Any:
    call: Call = detail.call
    if call.items:
        answer: Any = await asker.list(call, params, ref=resource.ref)
    else:
        answer = await asker.ask(call, params, ref=resource.ref)
    if answer is None:
        return None
    try:
        return clean(detail.shape(answer, door))
    except (ParseError, KeyError, TypeError, ValueError) as broken:
        raise Unread(asker.misread(call, str(broken), ref=resource.ref)) from broken
