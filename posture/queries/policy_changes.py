"""Who gained or lost access by policies of resources between two times.

Nothing is kept for this: the evidence of both times has the policies, and only resources whose evidence changed are
looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from django.db.models import Q

from posture.models import Account, ResourceVersion
from posture.queries import access, estates, moments
from posture.queries.visible import Seer
from scanners.access.explorer import Principal, Through
from scanners.graph.admitted import admitted, itself, unread
from scanners.graph.aws_explorer import FUNCTION, AwsExplorer
from scanners.graph.targets import BLOCK, BUCKET, LATEST, POLICIES, Target, target
from scanners.model import Unread
from scanners.model.estate import Estate


def between(
    seer: Seer, account: Account, before: datetime, after: datetime | None
) -> Iterable[tuple[Principal, Through]]:
    """With a resource in the principal's place where it is not known whom it lets in."""
    moved = _moved(account, before, after)
    if not moved:
        return
    try:
        scan, now = estates.published(seer, account, before), access.asking(seer, account, after)
    except estates.NotScanned:
        return
    if scan == now.scan or not isinstance(now.explorer, AwsExplorer):
        return
    old, view = estates.stood(scan, account)[0], now.explorer.view
    for kind, ref in moved:
        for was, is_now in _both(old, view.estate, kind, ref):
            if doubts := unread(was, is_now):
                if was.doubts != is_now.doubts:
                    yield itself(is_now), Through(is_now.arn, is_now.name, kind, doubts=doubts)
            else:
                yield from admitted(view, was, is_now)


def _moved(account: Account, before: datetime, after: datetime | None) -> list[tuple[str, str]]:
    """(kind, ref) of what may have another policy; every bucket where the account's block of public access moved."""
    held = [_digests(account, at, Q(resource__kind__in=[*POLICIES, BLOCK])) for at in (before, after)]
    ids = [pk for pk in held[0].keys() | held[1].keys() if held[0].get(pk) != held[1].get(pk)]
    rows = ResourceVersion.objects.filter(resource__in=ids).values_list("resource__kind", "resource__ref")
    found = set(rows.distinct()) if ids else set()
    if any(kind == BLOCK for kind, _ in found):
        buckets = ResourceVersion.objects.filter(
            moments.held(after), resource__account=account, resource__kind=BUCKET
        ).values_list("resource__kind", "resource__ref")
        found |= set(buckets)
    return sorted((kind, ref) for kind, ref in found if kind != BLOCK)


def _digests(account: Account, at: datetime | None, which: Q) -> dict[int, bytes]:
    rows = ResourceVersion.objects.filter(moments.held(at), which, resource__account=account)
    return {pk: bytes(digest) for pk, digest in rows.values_list("resource_id", "digest").iterator(chunk_size=5000)}


def _both(old: Estate, new: Estate, kind: str, ref: str) -> Iterator[tuple[Target, Target]]:
    """The resource at both times; of a function each name that has a policy."""
    names = {LATEST, *_names(old, ref), *_names(new, ref)} if kind == FUNCTION else {LATEST}
    for name in sorted(names):
        arn = ref if name == LATEST else f"{ref}:{name}"
        was, now = target(old, arn), target(new, arn)
        if was.seen and now.seen:
            yield was, now
        elif was.seen:
            yield was, _not_there(was, now)
        elif now.seen:
            yield _not_there(now, was), now


def _not_there(seen: Target, other: Target) -> Target:
    """The other side of something that one side has; a list that was not read in full may hide it."""
    doubts = () if other.foreign else other.doubts  # of a bucket that is not here nobody knows whose it is
    return replace(seen, policy=None, public_is_blocked=False, doubts=doubts)


def _names(estate: Estate, ref: str) -> Iterator[str]:
    try:
        found = estate.find(FUNCTION, ref)
        for name, _ in found.each("GetPolicy") if found else ():
            yield name
    except Unread:
        return
