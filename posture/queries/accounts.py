"""Accounts: what stands open in each, how fresh it is, how much was read, and when it is scanned next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Count, Q, QuerySet

from posture.models import Account, Person, Scan, Schedule
from posture.models.findings import Severity
from posture.queries import coverage, visible
from posture.queries.clouds import CLOUDS, Cloud
from posture.queries.finding_question import Question, open_failures

PAGE = 50
SEVERITIES = [str(severity.label) for severity in sorted(Severity, reverse=True)]


@dataclass(slots=True)
class Row:
    """An account with all that a list or its own page says of it."""

    account: Account
    severities: dict[str, int] = field(default_factory=dict)
    coverage: coverage.Line | None = None
    scan: Scan | None = None  # the newest, whatever became of it
    schedule: Schedule | None = None

    @property
    def cloud(self) -> Cloud:
        return CLOUDS[self.account.provider]

    @property
    def open(self) -> int:
        return sum(self.severities.values())

    @property
    def worst_first(self) -> list[tuple[str, int]]:
        return [(label, n) for label in SEVERITIES if (n := self.severities.get(label, 0))]

    @property
    def running(self) -> bool:
        return self.scan is not None and self.scan.active

    @property
    def state(self) -> str:
        """What became of the newest scan; "never" when there was none, "left" of an account that is scanned no more."""
        if self.account.left_at:
            return "left"
        if self.scan is None:
            return "never"
        return "cancelled" if self.scan.cancelled_at else self.scan.state


@dataclass(slots=True)
class Page:
    rows: list[Row]
    older: str | None
    newer: str | None
    total: int


def listed(person: Person) -> QuerySet[Account]:
    return (
        visible.accounts(person)
        .select_related("group", "published_scan", "organisation__schedule")
        .order_by("name", "pk")
    )


def page(person: Person, organisation: int | None = None, /, *, after: str = "", before: str = "") -> Page:
    """By name; the cursor is the name and id of the row that the page goes on from."""
    mine, backwards = listed(person), bool(before) and not after
    if organisation is not None:
        mine = mine.filter(organisation=organisation)
    cursor = _cursor(after or before)
    total = mine.count()
    if cursor and backwards:
        name, pk = cursor
        mine = mine.filter(name__lte=name).filter(Q(name__lt=name) | Q(pk__lt=pk)).order_by("-name", "-pk")
    elif cursor:
        name, pk = cursor
        mine = mine.filter(name__gte=name).filter(Q(name__gt=name) | Q(pk__gt=pk))
    found = list(mine[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    if backwards:
        found.reverse()
    older = _mark(found[-1]) if found and (more or (backwards and cursor)) else None
    newer = _mark(found[0]) if found and cursor and (more or not backwards) else None
    return Page(rows(person, found), older, newer, total)


def _mark(account: Account) -> str:
    return f"{account.pk}~{account.name}"


def _cursor(text: str) -> tuple[str, int] | None:
    pk, _, name = text.partition("~")
    return (name, int(pk)) if pk.isdecimal() and "\x00" not in name else None


def rows(person: Person, accounts: Collection[Account]) -> list[Row]:
    """Four questions for any number of accounts."""
    ids = [account.pk for account in accounts]
    severities: dict[int, dict[str, int]] = defaultdict(dict)
    failing = visible.findings(person).filter(open_failures(Question()), account__in=ids)
    for pk, severity, n in failing.values_list("account", "severity").annotate(n=Count("pk")).order_by():
        severities[pk][str(Severity(severity).label)] = n
    read = {line.account.pk: line for line in coverage.lines(person, only=ids)}
    newest = Scan.objects.filter(account__in=ids).order_by("account_id", "-asked_at", "-pk").distinct("account_id")
    scans = {scan.account_id: scan for scan in newest}
    schedules = {schedule.account_id: schedule for schedule in Schedule.objects.filter(account__in=ids)}
    return [
        Row(found, severities[found.pk], read.get(found.pk), scans.get(found.pk), schedules.get(found.pk))
        for found in accounts
    ]
