"""The queue and the history of scans, how far a running one is, and what a finished one changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict

from django.db import connection
from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum, Window
from django.db.models.functions import Coalesce, RowNumber

from posture.models import FindingState, Person, Scan, Unit
from posture.models.findings import Severity, Transition
from posture.queries import visible

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

PAGE = 50
SEEN_SO_FAR, CHANGES = 100, 20  # rows shown of each; the numbers beside them count all


COUNTED = ("calls", "retries", "throttled", "opened", "resolved")
# Transitions that a scan is told by, as its summary and as people call them
TOLD = (
    (Transition.OPENED, "opened", "Opened"),
    (Transition.LOST, "lost", "Lost sight of"),
    (Transition.CHANGED, "changed", "Changed"),
    (Transition.RESOLVED, "resolved", "Resolved"),
    (Transition.GONE, "gone", "Gone"),
)


@dataclass(slots=True)
class Changed:
    """One transition: how many findings made it, and the gravest of them."""

    word: str
    count: int
    states: list[FindingState]


class HowFar(TypedDict):
    """Units done of how many, and what they spent."""

    done: int
    total: int
    calls: int
    retries: int
    throttled: int
    seen: int


if TYPE_CHECKING:
    Underway = WithAnnotations[Scan, HowFar]


@dataclass(slots=True)
class Page:
    """A page of history; `older` and `newer` are cursors."""

    rows: list[Scan]
    older: str | None
    newer: str | None


@dataclass(slots=True)
class Progress:
    """How far a scan is: of one service, of one region, or of all of it."""

    name: str
    state: str = "waiting"
    done: int = 0
    total: int = 0
    calls: int = 0
    retries: int = 0
    throttled: int = 0
    seen: int = 0
    regions: list[Unit] = field(default_factory=list)

    def add(self, unit: Unit) -> None:
        self.total += 1
        self.done += unit.state == Unit.State.DONE
        self.calls += unit.calls
        self.retries += unit.retries
        self.throttled += unit.throttled
        self.seen += unit.seen
        self.regions.append(unit)
        states = {region.state for region in self.regions}
        self.state = states.pop() if len(states) == 1 else Unit.State.RUNNING

    @property
    def left(self) -> int:
        return self.total - self.done

    @property
    def note(self) -> str:
        """What keeps it."""
        return f"slowed down {self.throttled:,} times" if self.throttled else ""


@dataclass(slots=True)
class Preview:
    """Failures that finished units show on their own: seen so far, not published."""

    counts: dict[str, int]
    rows: list[dict[str, Any]]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def listed(person: Person) -> QuerySet[Scan]:
    """Newest first, with how long each `took`."""
    took = ExpressionWrapper(F("finished_at") - Coalesce("started_at", "asked_at"), DurationField())
    mine = visible.scans(person).select_related("account", "asked_by").annotate(took=took)
    return mine.order_by("-asked_at", "-id")


def _of(scans: QuerySet[Scan], accounts: Collection[int]) -> QuerySet[Scan]:
    return scans.filter(account__in=accounts) if accounts else scans


def active(person: Person, accounts: Collection[int] = ()) -> list[Underway]:
    """Waiting and running, with how far they are: `done`, `total`, `spent` (calls) and so on."""
    mine = _of(listed(person), accounts).filter(state__in=Scan.ACTIVE)
    done = Count("units", filter=Q(units__state=Unit.State.DONE))
    spent = {name: Sum(f"units__{name}", default=0) for name in ("calls", "retries", "throttled", "seen")}
    counted: Any = mine.annotate(total=Count("units"), done=done, **spent)
    return list(counted)


def history(
    person: Person,
    *,
    accounts: Collection[int] = (),
    state: Collection[str] = (),
    cause: Collection[str] = (),
    after: str = "",
    before: str = "",
) -> Page:
    """Ended scans, newest first.  A cursor that makes no sense is as good as none."""
    mine = _of(listed(person), accounts).exclude(state__in=Scan.ACTIVE)
    if cause:
        mine = mine.filter(cause__in=cause)
    if state:
        cancelled = Q(cancelled_at__isnull=False) if "cancelled" in state else Q(pk=None)
        mine = mine.filter(Q(state__in=state, cancelled_at=None) | cancelled)
    return _page(mine, _cursor(after), _cursor(before))


def _page(scans: QuerySet[Scan], after: tuple[datetime, int] | None, before: tuple[datetime, int] | None) -> Page:
    backwards = before is not None and after is None
    if after:
        at, pk = after
        scans = scans.filter(asked_at__lte=at).filter(Q(asked_at__lt=at) | Q(pk__lt=pk))
    elif before:
        at, pk = before
        newer = scans.filter(asked_at__gte=at).filter(Q(asked_at__gt=at) | Q(pk__gt=pk))
        scans = newer.order_by("asked_at", "id")
    rows = list(scans[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    if backwards:
        rows.reverse()
    for scan in rows:  # one that broke off has counted nothing, and nothing is not 0
        scan.summary = dict.fromkeys(COUNTED) | scan.summary
    older = _mark(rows[-1]) if rows and (more or backwards) else None
    newer_mark = _mark(rows[0]) if rows and (after or (backwards and more)) else None
    return Page(rows, older, newer_mark)


def _mark(scan: Scan) -> str:
    return f"{scan.asked_at.isoformat()}~{scan.pk}"


def _cursor(text: str) -> tuple[datetime, int] | None:
    at, _, pk = text.partition("~")
    try:
        moment = datetime.fromisoformat(at)
        return (moment, int(pk)) if moment.tzinfo else None
    except ValueError:
        return None


def facets(person: Person, accounts: Collection[int] = ()) -> list[dict[str, Any]]:
    """How many ended scans there are of each state and cause."""
    mine = _of(visible.scans(person), accounts).exclude(state__in=Scan.ACTIVE)
    states: Counter[str] = Counter()
    causes: Counter[str] = Counter()
    counted = mine.annotate(cancelled=Q(cancelled_at__isnull=False)).values_list("state", "cancelled", "cause")
    for state, cancelled, cause, n in counted.annotate(n=Count("pk")).order_by():
        states["cancelled" if cancelled else state] += n
        causes[cause] += n
    return [_facet("state", "State", states), _facet("cause", "Asked by", causes)]


def _facet(param: str, label: str, counts: Counter[str]) -> dict[str, Any]:
    return {"param": param, "label": label, "options": [{"value": v, "count": n} for v, n in sorted(counts.items())]}


def services(scan: Scan) -> list[Progress]:
    """How far each service is, with its regions."""
    by_service: dict[str, Progress] = {}
    for unit in scan.units.defer("gaps", "cells", "gone", "unseen", "preview", "listed").order_by("service", "region"):
        by_service.setdefault(unit.service, Progress(unit.service)).add(unit)
    return list(by_service.values())


def whole(parts: Iterable[Progress]) -> Progress:
    """The sum of all services."""
    total = Progress("Scan")
    for part in parts:
        for unit in part.regions:
            total.add(unit)
    return total


def pace(scan: Scan, whole: Progress, now: datetime) -> str:
    """How long it has been at it, and roughly how long it still needs."""
    spent = (now - (scan.started_at or scan.asked_at)).total_seconds()
    if whole.done < 3 or not whole.left:
        return f"{spent:.0f} s so far"
    left = spent / whole.done * whole.left
    return f"{spent:.0f} s so far, about {f'{left / 60:.0f} min' if left > 90 else f'{left:.0f} s'} left"


def seen_so_far(scan: Scan) -> Preview:
    """Counted in the database: a running scan is asked for this every second."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (p->>'severity')::int, count(*) FROM posture_unit u, jsonb_array_elements(u.preview) p"
            " WHERE u.scan_id = %s GROUP BY 1 ORDER BY 1 DESC",
            [scan.pk],
        )
        counts = {str(Severity(severity).label): n for severity, n in cursor.fetchall()}
        cursor.execute(
            "SELECT p->>'check', (p->>'severity')::int, p->>'ref', p->>'name', p->>'sentence', u.region"
            " FROM posture_unit u, jsonb_array_elements(u.preview) p WHERE u.scan_id = %s"
            " ORDER BY 2 DESC, 1, 3 LIMIT %s",
            [scan.pk, SEEN_SO_FAR],
        )
        names = ("check", "severity", "ref", "name", "sentence", "region")
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    for row in rows:
        row["severity"] = Severity(row["severity"]).label
    return Preview(counts, rows)


def changes(scan: Scan) -> list[Changed]:
    """What a published scan opened, changed, lost sight of, resolved and found gone; the gravest of each."""
    if scan.state not in (Scan.State.COMPLETE, Scan.State.INCOMPLETE) or scan.finished_at is None:
        return []
    began = FindingState.objects.filter(account=scan.account_id, since_at=scan.finished_at)
    place = Window(RowNumber(), partition_by="transition", order_by=["-severity", "finding_id"])
    first = began.exclude(transition=Transition.SEEN).annotate(place=place).filter(place__lte=CHANGES)
    found: dict[int, list[FindingState]] = {}
    for state in first.select_related("finding__resource", "proof").order_by("transition", "place"):
        found.setdefault(state.transition, []).append(state)
    return [
        Changed(word, int(scan.summary.get(name, 0)), found[transition])
        for transition, name, word in TOLD
        if transition in found
    ]
