"""Who gained or lost what between two times: everybody's access then and now, side by side.

Where scans keep it, the versions are compared; of other clouds it is worked out over the estates of both times.  What
one side did not know is never a gain or a loss: it is named as out of sight.  Two catalogues of actions are compared by
the names that both have.  What policies of resources gave and took is worked out over the evidence of both times, of
those that changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from posture.models import AccessVersion, Account, ActionCatalogue
from posture.queries import access, estates, explorers, moments, policy_changes, visible
from posture.queries.access import names_of
from posture.queries.access_held import bodies, stands, statement_record
from posture.queries.finding_facets import spoken
from posture.queries.visible import Seer
from scanners.access.explorer import Explorer, Grant, Principal, Through
from scanners.graph import aws_held
from scanners.graph.effects import unpacked
from scanners.model import Provider

MOST_ACTIONS = 40  # named of one principal


@dataclass(slots=True)
class Change:
    """Of one principal.  `kind`: appeared, gone, changed, out of sight or back in sight.

    Statements are compared by what they say, not where they stand.
    """

    who: Principal
    kind: str
    gained: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    surer: list[str] = field(default_factory=list)  # possible before, now under no condition
    less_sure: list[str] = field(default_factory=list)
    given: list[Grant] = field(default_factory=list)
    taken: list[Grant] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    through: list[Through] = field(default_factory=list)  # what policies of resources gave and took

    def matters(self) -> bool:
        """Not when nothing but places changed: a policy renamed, a statement moved."""
        parts = (self.gained, self.lost, self.surer, self.less_sure, self.given, self.taken, self.doubts, self.through)
        return self.kind != "changed" or any(parts)

    @property
    def gains(self) -> int:
        return len(self.gained) + sum(len(one.gained) for one in self.through)

    @property
    def losses(self) -> int:
        return len(self.lost) + sum(len(one.lost) for one in self.through)

    @property
    def services(self) -> list[tuple[str, int]]:
        """Services in which most was gained or lost."""
        return Counter(name.partition(":")[0] for name in (*self.gained, *self.lost)).most_common(6)


@dataclass(frozen=True, slots=True)
class Side:
    """What one could do at one of the two times.  `names`: of the catalogue it was worked out by; None: of any."""

    who: Principal
    sure: frozenset[str]
    possible: frozenset[str]
    grants: tuple[Grant, ...]
    doubts: tuple[str, ...]
    names: frozenset[str] | None = None
    there: bool = True


Sides = tuple[Side | None, Side | None]  # before, after


def between(seer: Seer, account: Account, before: datetime, after: datetime | None) -> list[Change]:
    """Those who gained something first."""
    if not visible.accounts(seer).filter(pk=account.pk).exists() or account.provider not in explorers.ROWS:
        return []
    kept = explorers.ROWS[account.provider].kept
    sides = _kept(account, before, after) if kept else _asked(seer, account, before, after)
    made = list(filter(Change.matters, (_change(was, now) for was, now in sides)))
    if account.provider == Provider.AWS:
        _add_policies(made, policy_changes.between(seer, account, before, after))
    return sorted(made, key=lambda one: (-one.gains, -one.losses, one.who.name))


def _add_policies(made: list[Change], found: Iterable[tuple[Principal, Through]]) -> None:
    """To those who are there already; others are added."""
    known = {(one.who.ref, one.who.name): one for one in made}
    for who, through in found:
        one = known.get((who.ref, who.name))
        if one is None:
            one = known[who.ref, who.name] = Change(who, "out of sight" if who.ref == through.ref else "changed")
            made.append(one)
        if who.ref == through.ref:
            one.doubts += through.doubts
        else:
            one.through.append(through)


# where scans keep it


def _kept(account: Account, before: datetime, after: datetime | None) -> Iterable[Sides]:
    was, now = _digests(account, before), _digests(account, after)
    ids = [pk for pk in was.keys() | now.keys() if was.get(pk) != now.get(pk)]
    old, new = _versions(account, ids, before), _versions(account, ids, after)
    rows = [*old.values(), *new.values()]
    books = {
        book.pk: tuple(names_of(bytes(book.names)))
        for book in ActionCatalogue.objects.filter(pk__in={row.catalogue_id for row in rows})
    }
    known = bodies(account.pk, (place["grant"] for row in rows for place in stands(row)))
    for pk in ids:
        two = old.get(pk), new.get(pk)
        other_book = len({row.catalogue_id for row in two if row}) > 1
        sides = [None if row is None else _side(row, books[row.catalogue_id], known, other_book) for row in two]
        yield sides[0], sides[1]


def _digests(account: Account, at: datetime | None) -> dict[int, bytes]:
    rows = AccessVersion.objects.filter(moments.held(at), account=account).values_list("resource_id", "digest")
    return {pk: bytes(digest) for pk, digest in rows}


def _versions(account: Account, ids: list[int], at: datetime | None) -> dict[int, AccessVersion]:
    rows = AccessVersion.objects.filter(moments.held(at), account=account, resource__in=ids).select_related("resource")
    return {row.resource_id: row for row in rows}


def _side(row: AccessVersion, book: tuple[str, ...], known: dict[str, dict[str, Any]], other_book: bool) -> Side:
    stored = row.resource
    sure, possible = unpacked(bytes(row.sure)), unpacked(bytes(row.possible))
    return Side(
        Principal(stored.ref, stored.name, stored.kind),
        frozenset(aws_held.named(book, sure)),
        frozenset(aws_held.named(book, possible)),
        tuple(aws_held.grant(place, known[place["grant"]]) for place in stands(row)),
        tuple(row.doubts),
        frozenset(aws_held.named(book, (1 << len(book)) - 1)) if other_book else None,
    )


# where it is worked out


def _asked(seer: Seer, account: Account, before: datetime, after: datetime | None) -> Iterable[Sides]:
    try:
        old, new = (access.asking(seer, account, at) for at in (before, after))
    except estates.NotScanned:
        return
    if old.scan == new.scan:
        return
    was, now = ({one.ref: one for one in asked.explorer.principals() if not one.outside} for asked in (old, new))
    for ref in was.keys() | now.keys():
        who = now.get(ref) or was[ref]
        yield _live(old.explorer, who, ref in was), _live(new.explorer, who, ref in now)


def _live(explorer: Explorer, who: Principal, there: bool) -> Side:
    """Also of one that is not listed: what was not read might speak of it."""
    held = explorer.held(who)
    return Side(who, held.sure, held.possible, held.grants, held.doubts, there=there)


# side by side


def _change(was: Side | None, now: Side | None) -> Change:
    who = (now or was).who  # type: ignore[union-attr]  # one of the two is there
    before, after = (side is not None and side.there for side in (was, now))
    kind = "changed" if before and after else "appeared" if after else "gone"
    doubts = sorted({*(was.doubts if was else ()), *(now.doubts if now else ())})
    if was and now and was.doubts != now.doubts:
        return Change(who, "out of sight" if now.doubts else "back in sight", doubts=doubts)
    if was and now and kind == "changed" and not _differ(was, now):
        return Change(who, kind)
    sure, possible = _sets(was, now)
    old, new = (() if side is None else side.grants for side in (was, now))
    return Change(
        who,
        kind,
        gained=sorted(possible[1] - possible[0]),
        lost=sorted(possible[0] - possible[1]),
        surer=sorted(sure[1] - sure[0] & possible[0] - (possible[1] - possible[0])) if was and now else [],
        less_sure=sorted((sure[0] - sure[1]) & possible[1]) if was and now else [],
        given=_only(new, old),
        taken=_only(old, new),
        doubts=doubts,
    )


def _differ(was: Side, now: Side) -> bool:
    said = [{one.said for one in side.grants} for side in (was, now)]
    return (was.sure, was.possible, said[0]) != (now.sure, now.possible, said[1])


def _sets(was: Side | None, now: Side | None) -> tuple[list[frozenset[str]], list[frozenset[str]]]:
    """(sure before, after), (possible before, after), by names that both catalogues have."""
    shared = was.names & now.names if was and now and was.names is not None and now.names is not None else None

    def of(name: str) -> list[frozenset[str]]:
        found = [frozenset[str]() if side is None else getattr(side, name) for side in (was, now)]
        return found if shared is None else [one & shared for one in found]

    return of("sure"), of("possible")


def _only(these: Iterable[Grant], those: Iterable[Grant]) -> list[Grant]:
    """Statements of these that those do not have; where they stand does not count."""
    known = {one.said for one in those}
    return [one for one in these if one.said not in known]


def record(one: Change) -> dict[str, Any]:
    return {
        "principal": one.who.ref,
        "name": one.who.name,
        "change": one.kind,
        "gained": one.gained,
        "lost": one.lost,
        "surer": one.surer,
        "less_sure": one.less_sure,
        "given": [statement_record(each) for each in one.given],
        "taken": [statement_record(each) for each in one.taken],
        "doubts": one.doubts,
        "through": [
            {
                "resource": each.ref,
                "kind": spoken(each.kind),
                "gained": list(each.gained),
                "lost": list(each.lost),
                "surer": list(each.surer),
                "less_sure": list(each.less_sure),
                "given": [statement_record(grant) for grant in each.given],
                "taken": [statement_record(grant) for grant in each.taken],
                "doubts": list(each.doubts),
            }
            for each in one.through
        ],
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
