"""Who gained or lost what between two times: the versions of everybody's access then and now, side by side.

What one side did not know is never a gain or a loss: it is named as out of sight.  Two catalogues of actions are
compared by the names that both have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from posture.models import AccessVersion, Account, ActionCatalogue, Resource
from posture.queries import moments, visible
from posture.queries.access import names_of
from posture.queries.access_held import Grant, bodies, grant, stands, statement_record
from posture.queries.visible import Seer
from scanners.access.aws.actions import spelling
from scanners.graph.effects import unpacked

MOST_ACTIONS = 40  # named of one principal


@dataclass(slots=True)
class Change:
    """Of one principal.  `kind`: appeared, gone, changed, out of sight or back in sight.

    Statements are compared by what they say, not where they stand.
    """

    resource: Resource
    kind: str
    gained: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    surer: list[str] = field(default_factory=list)  # possible before, now under no condition
    less_sure: list[str] = field(default_factory=list)
    given: list[Grant] = field(default_factory=list)
    taken: list[Grant] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def matters(self) -> bool:
        """Not when nothing but places changed: a policy renamed, a statement moved."""
        parts = (self.gained, self.lost, self.surer, self.less_sure, self.given, self.taken, self.doubts)
        return self.kind != "changed" or any(parts)

    @property
    def services(self) -> list[tuple[str, int]]:
        """Services in which most was gained or lost."""
        return Counter(name.partition(":")[0] for name in (*self.gained, *self.lost)).most_common(6)


def between(seer: Seer, account: Account, before: datetime, after: datetime | None) -> list[Change]:
    """Those who gained something first."""
    if not visible.accounts(seer).filter(pk=account.pk).exists():
        return []
    was, now = _digests(account, before), _digests(account, after)
    ids = [pk for pk in was.keys() | now.keys() if was.get(pk) != now.get(pk)]
    old, new = _versions(account, ids, before), _versions(account, ids, after)
    moved = [(old.get(pk), new.get(pk)) for pk in ids]
    rows = [row for pair in moved for row in pair if row]
    books = {
        book.pk: tuple(names_of(bytes(book.names)))
        for book in ActionCatalogue.objects.filter(pk__in={row.catalogue_id for row in rows})
    }
    places = {id(row): stands(row) for row in rows}
    known = bodies(account.pk, (place["grant"] for found in places.values() for place in found))
    grants = {key: [grant(place, known[place["grant"]]) for place in found] for key, found in places.items()}
    made = [_change(*pair, books, grants) for pair in moved]
    return sorted(filter(Change.matters, made), key=lambda one: (-len(one.gained), -len(one.lost), one.resource.name))


def _digests(account: Account, at: datetime | None) -> dict[int, bytes]:
    rows = AccessVersion.objects.filter(moments.held(at), account=account).values_list("resource_id", "digest")
    return {pk: bytes(digest) for pk, digest in rows}


def _versions(account: Account, ids: list[int], at: datetime | None) -> dict[int, AccessVersion]:
    rows = AccessVersion.objects.filter(moments.held(at), account=account, resource__in=ids).select_related("resource")
    return {row.resource_id: row for row in rows}


def _change(
    was: AccessVersion | None,
    now: AccessVersion | None,
    books: dict[int, tuple[str, ...]],
    grants: dict[int, list[Grant]],
) -> Change:
    resource = (now or was).resource  # type: ignore[union-attr]
    kind = "changed" if was and now else "appeared" if now else "gone"
    doubts = sorted({*(was.doubts if was else ()), *(now.doubts if now else ())})
    if doubts and was and now and was.doubts != now.doubts:
        return Change(resource, "out of sight" if now.doubts else "back in sight", doubts=doubts)
    sure, possible = _sets(was, now, books)
    old, new = ([] if row is None else grants[id(row)] for row in (was, now))
    return Change(
        resource,
        kind,
        gained=sorted(possible[1] - possible[0]),
        lost=sorted(possible[0] - possible[1]),
        surer=sorted(sure[1] - sure[0] & possible[0] - (possible[1] - possible[0])) if was and now else [],
        less_sure=sorted((sure[0] - sure[1]) & possible[1]) if was and now else [],
        given=_only(new, old),
        taken=_only(old, new),
        doubts=doubts,
    )


def _sets(
    was: AccessVersion | None, now: AccessVersion | None, books: dict[int, tuple[str, ...]]
) -> tuple[tuple[set[str], set[str]], tuple[set[str], set[str]]]:
    """(sure before, after), (possible before, after), by names that both catalogues have."""
    shared: set[str] | None = None
    if was and now and was.catalogue_id != now.catalogue_id:
        shared = set(books[was.catalogue_id]) & set(books[now.catalogue_id])

    def named(row: AccessVersion | None, bits: str) -> set[str]:
        if row is None:
            return set()
        found = set(_names(books[row.catalogue_id], unpacked(bytes(getattr(row, bits)))))
        return found if shared is None else found & shared

    return (named(was, "sure"), named(now, "sure")), (named(was, "possible"), named(now, "possible"))


def _names(book: tuple[str, ...], bits: int) -> Iterable[str]:
    while bits:
        lowest = bits & -bits
        bits ^= lowest
        if (number := lowest.bit_length() - 1) < len(book):
            yield book[number]


def _only(these: list[Grant], those: list[Grant]) -> list[Grant]:
    """Statements of these that those do not have; where they stand does not count."""
    known = {one.said for one in those}
    return [one for one in these if one.said not in known]


def record(one: Change) -> dict[str, Any]:
    return {
        "principal": one.resource.ref,
        "name": one.resource.name,
        "change": one.kind,
        "gained": [spelling(name) for name in one.gained],
        "lost": [spelling(name) for name in one.lost],
        "surer": [spelling(name) for name in one.surer],
        "less_sure": [spelling(name) for name in one.less_sure],
        "given": [statement_record(each) for each in one.given],
        "taken": [statement_record(each) for each in one.taken],
        "doubts": one.doubts,
    }


def shown(seer: Seer, account: Account, before: str, after: str) -> dict[str, Any]:
    """For the page.  Without times: the last scan, and the one before it.  Raises NoSuchMoment."""
    now = timezone.now()
    scans = visible.scans(seer).filter(account=account, state__in=moments.PUBLISHED, finished_at__isnull=False)
    last = list(scans.order_by("-finished_at")[:20])
    until = moments.moment(seer, after, now=now) if after else None
    since = moments.moment(seer, before, now=now) if before else None
    if since is None and len(last) > 1:
        since = last[1].finished_at
    found = between(seer, account, since, until) if since else []
    return {"changes": found, "since": since, "until": until, "scans": last, "before": before, "after": after}
