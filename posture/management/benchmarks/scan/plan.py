"""The calls that cannot be spared: what the collectors' own tables ask about what stands in the account.

A listing is as many calls as the cloud cut it into pages; a detail is one call for each resource that its table
binds it to, and one more for a report that has to be ordered.  What is asked twice, asked in vain, or asked again after
a refusal is not in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from posture.models import Account
from posture.store.evidence import current
from scanners.collectors.aws import account as aws
from scanners.collectors.cloud import Call, Collector, Detail, Pooled
from scanners.collectors.registry import collectors
from scanners.model import Resource, Unread
from scanners.model.canonical import digest


def necessary(account: Account, road: dict[str, Any]) -> Counter[str]:
    """Calls by name.  `road`: the proxy's report, which tells of each listing how many pages it has."""
    pages: Counter[str] = Counter()
    for service, operation, _, times in road["by call"]:
        pages[f"{service}.{operation}"] += times
    needed = Counter({aws.IDENTITY.name: 1, aws.REGIONS.name: 1})
    asked: set[tuple[str, str, bytes]] = set()
    details: set[str] = set()
    for collector in collectors():
        for pooled in collector.pooled:
            details.add(pooled.call.name)
            needed[pooled.call.name] += _questions_of_all(pooled, current(account, collector.kind, []))
        for detail, place, params in _details(collector, current(account, collector.kind, [])):
            details.add(detail.name)
            asked.add((detail.name, place, digest([params])))
    needed.update(name for name, *_ in asked)
    for call in _listings():
        if call.name not in details:
            needed[call.name] = max(needed[call.name], pages[call.name])
    return needed


def _listings() -> Iterator[Call]:
    for collector in collectors():
        yield collector.listing
        yield from (part.call for part in collector.attached)


def _details(collector: Collector, found: Iterable[Resource]) -> Iterator[tuple[Call, str, Any]]:
    for resource in found:
        for detail in collector.details:
            if detail.wish:  # nobody wished for it
                continue
            for params in _questions(detail, resource):
                for call in (detail.call, detail.job.call) if detail.job else (detail.call,):
                    yield call, resource.unit.region, {**call.params, **params}


def _questions_of_all(pooled: Pooled, found: Iterable[Resource]) -> int:
    parts: Counter[str] = Counter()
    for resource in found:
        with suppress(Unread):
            parts[resource.unit.region] += len(pooled.parts(resource))
    return sum(-(-count // pooled.most) for count in parts.values())


def _questions(detail: Detail, resource: Resource) -> list[Any]:
    try:
        if detail.each:
            return [params for _, params in detail.each(resource)]
        params = detail.bind(resource) if detail.bind else None
    except Unread:
        return []
    return [] if params is None else [params]
