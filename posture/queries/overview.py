"""The overview: how the accounts stand, what is new, what could not be seen.  Its numbers come from tallies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, Value
from django.db.models.functions import Concat

from posture.models import Account, Person, Scan, Schedule
from posture.models.findings import Outcome, Severity, Transition
from posture.queries import coverage, visible
from posture.queries.finding_pages import DEFAULT, ordered
from posture.queries.finding_question import Question, narrow, open_failures
from posture.queries.finding_rows import Found, read
from posture.queries.trends import Points, Trend

WORST, BLIND, ACCOUNTS = 10, 8, 20  # rows of each; the rest is a click away
LOOKED_AT = 100  # findings from which the worst are chosen


@dataclass(frozen=True, slots=True)
class Grade:
    """One severity: what fails, what is unknown, and how that came to be."""

    severity: str
    failing: int
    unknown: int
    points: Points

    @property
    def values(self) -> list[int | None]:
        return [value for _, value in self.points]

    @property
    def drawn(self) -> bool:
        """A lone point is no line."""
        return sum(value is not None for value in self.values) > 1

    @property
    def change(self) -> int | None:
        """Since the first point; None while there is only one, and when what looks mended may be out of sight."""
        known = [value for value in self.values if value is not None]
        if len(known) < 2 or (self.unknown and known[-1] < known[0]):
            return None
        return known[-1] - known[0]


@dataclass(frozen=True, slots=True)
class News:
    """What became of findings since a time."""

    since: datetime
    opened: int = 0
    resolved: int = 0
    lost: int = 0
    gone: int = 0

    @property
    def none(self) -> bool:
        return not (self.opened or self.resolved or self.lost or self.gone)


@dataclass(slots=True)
class Worst:
    """`count` is how many findings the check has in that resource, among the gravest."""

    finding: Found
    count: int = 0

    @property
    def others(self) -> int:
        return self.count - 1


@dataclass(frozen=True, slots=True)
class Blind:
    """A call that gave no answer somewhere, and the checks that it blinds there."""

    call: str
    permission: str
    state: str
    code: str
    scopes: int
    checks: tuple[str, ...]

    @property
    def why(self) -> str:
        return self.state.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Line:
    """An account: how it stands, how fresh that is, and what was read of it."""

    account: Account
    scan: Scan | None
    read_at: datetime | None
    failing: int
    unknown: int
    scopes: int
    unread: int

    @property
    def read(self) -> int:
        return self.scopes - self.unread

    @property
    def state(self) -> str:
        if self.scan is None:
            return "never"
        return "cancelled" if self.scan.cancelled_at else self.scan.state

    @property
    def schedule(self) -> Schedule | None:
        return getattr(self.account, "schedule", None)

    @property
    def worry(self) -> tuple[bool, int, int]:
        return self.state == Scan.State.FAILED, self.failing, self.unread


def grades(trend: Trend) -> list[Grade]:
    """From the gravest on."""
    return [
        Grade(s.label, trend.now(Outcome.FAIL, s), trend.now(Outcome.UNKNOWN, s), trend.points(s))
        for s in sorted(Severity, reverse=True)
    ]


def news(person: Person, accounts: Iterable[Account], since: datetime) -> News:
    """Asked of the accounts that were scanned since; if there are none, there is no news."""
    fresh = [account.pk for account in accounts if account.published_at and account.published_at > since]
    if not fresh:
        return News(since)
    moved = visible.findings(person).filter(account__in=fresh, changed_at__gt=since)
    counts = moved.aggregate(
        opened=Count("pk", filter=open_failures(Question()) & Q(opened_at__gt=since)),
        resolved=Count("pk", filter=Q(transition=Transition.RESOLVED)),
        lost=Count("pk", filter=Q(outcome=Outcome.UNKNOWN, last_known=Outcome.FAIL)),
        gone=Count("pk", filter=Q(transition=Transition.GONE, last_known=Outcome.FAIL)),
    )
    return News(since, **counts)


def worst(person: Person, accounts: tuple[int, ...], at: datetime | None) -> list[Worst]:
    """The gravest open failures, the latest first; of a check that found several in one resource, the first."""
    question = Question(account=accounts, as_of=at)
    found: dict[tuple[int, str], Worst] = {}
    for finding in read(ordered(narrow(person, question), question, DEFAULT)[:LOOKED_AT], question):
        same = found.setdefault((finding.resource_id, finding.check), Worst(finding))
        same.count += 1
    return list(found.values())[:WORST]


def blind(person: Person, accounts: Collection[int], at: datetime | None) -> list[Blind]:
    """Calls without an answer, most blinding first."""
    unread = coverage.cells(person, at).filter(coverage.UNREAD)
    if accounts:
        unread = unread.filter(account__in=accounts)
    counted = unread.values_list("call", "permission", "state", "code").annotate(scopes=Count("pk")).order_by()
    found = [
        Blind(call, permission, state, code, scopes, coverage.blinded(call))
        for call, permission, state, code, scopes in counted
    ]
    return sorted(found, key=lambda one: (-len(one.checks), -one.scopes, one.call))


def lines(person: Person, accounts: Collection[Account], trend: Trend, at: datetime | None) -> list[Line]:
    """Two questions for any number of accounts; what needs a look comes first."""
    ids = [account.pk for account in accounts]
    newest = visible.scans(person).filter(account__in=ids, **({"finished_at__lte": at} if at else {}))
    scans = {scan.account_id: scan for scan in newest.order_by("account_id", "-asked_at", "-pk").distinct("account_id")}
    scope = Concat("region", Value(" "), "service")
    cells = coverage.cells(person, at).filter(account__in=ids)
    counted = cells.exclude(Q(service=coverage.ARRIVAL) & ~coverage.UNREAD).values_list("account")
    unread = Count(scope, distinct=True, filter=coverage.UNREAD)
    read = {pk: (n, gaps) for pk, n, gaps in counted.annotate(n=Count(scope, distinct=True), gaps=unread).order_by()}
    found = []
    for account in accounts:
        counts, (scopes, gaps) = trend.latest.get(account.pk, Counter()), read.get(account.pk, (0, 0))
        of = {o: sum(n for cell, n in counts.items() if cell.outcome == o) for o in (Outcome.FAIL, Outcome.UNKNOWN)}
        read_at = trend.read_at.get(account.pk)
        scan = scans.get(account.pk)
        found.append(Line(account, scan, read_at, of[Outcome.FAIL], of[Outcome.UNKNOWN], scopes, gaps))
    return sorted(found, key=lambda line: line.worry, reverse=True)
