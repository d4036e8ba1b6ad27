"""Questions that many resources share: each has parts in them, and takes home what was answered about its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, cast

from scanners.collectors.asker import Asker
from scanners.collectors.cloud import ODD, Pooled
from scanners.model import Gap, Resource, Unread
from scanners.model.canonical import clean

Part = tuple[Resource, Any]
Answer = list[list[Any]] | tuple[Gap, ...]  # the items of each part, in order; or why there are none


async def pool(pooled: Pooled, resources: Sequence[Resource], asker: Asker) -> None:
    """Fills the section in the resources that have parts, or says there what was not read."""
    in_order = sorted(resources, key=lambda one: one.ref)
    parts = [part for resource in in_order for part in _parts(pooled, resource, asker)]
    questions = [parts[start : start + pooled.most] for start in range(0, len(parts), pooled.most)]
    answers = await asyncio.gather(*(_asked(pooled, question, asker) for question in questions))
    missing: dict[str, tuple[Gap, ...]] = {}
    answered: dict[str, list[tuple[Any, list[Any]]]] = {}
    for question, answer in zip(questions, answers, strict=True):
        for place, (resource, part) in enumerate(question):
            if isinstance(answer, tuple):
                missing[resource.ref] = missing.get(resource.ref, ()) + answer
            else:
                answered.setdefault(resource.ref, []).append((part, answer[place]))
    for resource in resources:
        if gaps := missing.get(resource.ref):
            _gap(resource, pooled, tuple(dict.fromkeys(gaps)))
        elif resource.ref in answered:
            _take(resource, pooled, answered[resource.ref], asker)


def _parts(pooled: Pooled, resource: Resource, asker: Asker) -> list[Part]:
    try:
        return [(resource, part) for part in pooled.parts(resource)]
    except Unread as unread:
        _gap(resource, pooled, unread.gaps)
    except ODD as broken:
        _gap(resource, pooled, (asker.misread(pooled.call, f"{type(broken).__name__}: {broken}", ref=resource.ref),))
    return []


async def _asked(pooled: Pooled, question: Sequence[Part], asker: Asker) -> Answer:
    items: list[list[Any]] = [[] for _ in question]
    try:
        for item in await asker.listing(pooled.call, pooled.params([part for _, part in question])):
            items[_place(pooled.of(item), len(items))].append(item)
    except Unread as unread:
        return unread.gaps
    except ODD as broken:  # an item that says not whose it is
        return (asker.misread(pooled.call, f"{type(broken).__name__}: {broken}"),)
    return items


def _place(number: int, places: int) -> int:
    if not 0 <= number < places:
        raise LookupError(f"there is no part {number}")
    return number


def _take(resource: Resource, pooled: Pooled, answered: list[tuple[Any, list[Any]]], asker: Asker) -> None:
    try:
        cast(dict[str, Any], resource.documents)[pooled.section] = clean(pooled.shape(answered))
    except ODD as broken:
        _gap(resource, pooled, (asker.misread(pooled.call, str(broken), ref=resource.ref),))


def _gap(resource: Resource, pooled: Pooled, gaps: tuple[Gap, ...]) -> None:
    """A resource's mappings are for reading; while it is being put together they are dictionaries of ours."""
    cast(dict[str, Any], resource.gaps)[pooled.section] = gaps
