"""How many findings failed and how many were unknown after each scan, from the tallies: nothing is counted again.

A day on which none of the accounts was scanned is a gap; on a day when some were, the others count as they last did.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import connection

from posture.models import Account
from posture.models.findings import Outcome, Severity

DAYS = 30
YOUNG = timedelta(days=2)  # an installation as young as that gets a point an hour, for it has no days to show


class Cell(NamedTuple):
    outcome: Outcome
    severity: Severity


Counts = Counter[Cell]
Points = list[tuple[datetime, int | None]]


@dataclass(slots=True)
class Trend:
    """`latest` is how each account stood after its last scan, `read_at` when that was."""

    latest: dict[int, Counts] = field(default_factory=dict)
    read_at: dict[int, datetime] = field(default_factory=dict)
    days: list[tuple[datetime, Counts | None]] = field(default_factory=list)
    span: str = f"{DAYS} days"

    def now(self, outcome: Outcome, severity: Severity | None = None) -> int:
        return _sum(self._together(), outcome, severity)

    def points(self, severity: Severity | None = None) -> Points:
        """Failures by day, None where nobody looked; nothing before the first scan."""
        seen = [(day, None if c is None else _sum(c, Outcome.FAIL, severity)) for day, c in self.days]
        first = next((n for n, (_, value) in enumerate(seen) if value is not None), len(seen))
        return seen[first:]

    def _together(self) -> Counts:
        together: Counts = Counter()
        for counts in self.latest.values():
            together.update(counts)
        return together


def trend(accounts: Iterable[Account], at: datetime) -> Trend:
    """Of accounts that the person may see, up to a time."""
    mine = list(accounts)
    hourly = all(account.added_at > at - YOUNG for account in mine)
    step, unit = (timedelta(hours=1), "hour") if hourly else (timedelta(days=1), "day")
    last = at.replace(minute=0, second=0, microsecond=0)
    last = last if hourly else last.replace(hour=0)
    steps = 48 if hourly else DAYS
    start = last - step * steps  # what is older counts as of then, and is not drawn
    found = Trend(span="48 hours" if hourly else f"{DAYS} days")
    buckets = _buckets([account.pk for account in mine], unit, start, at)
    for n in range(steps + 1):
        moment = start + step * n
        for account, (read_at, counts) in buckets.get(moment, {}).items():
            found.latest[account], found.read_at[account] = counts, read_at
        if n and (moment in buckets or not hourly):
            found.days.append((moment, found._together() if moment in buckets else None))
    return found


def _buckets(
    accounts: list[int], unit: str, start: datetime, at: datetime
) -> defaultdict[datetime, dict[int, tuple[datetime, Counts]]]:
    """By hour or day, by account: its last scan in there and what that counted."""
    found: defaultdict[datetime, dict[int, tuple[datetime, Counts]]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_LAST, {"accounts": accounts, "unit": unit, "start": start, "at": at})
        for account, moment, read_at, outcome, severity, count in cursor.fetchall():
            _, counts = found[moment].setdefault(account, (read_at, Counter()))
            if count is not None:
                counts[Cell(Outcome(outcome), Severity(severity))] = count
    return found


_LAST = """
    WITH last AS (
        SELECT account_id, greatest(date_trunc(%(unit)s, finished_at, 'UTC'), %(start)s) AS moment,
               max(finished_at) AS at
        FROM posture_scan
        WHERE account_id = ANY(%(accounts)s) AND state IN ('complete', 'incomplete') AND finished_at <= %(at)s
        GROUP BY 1, 2
    )
    SELECT l.account_id, l.moment, l.at, t.outcome, t.severity, t.count
    FROM last l
    LEFT JOIN posture_tally t ON t.account_id = l.account_id AND t.at = l.at AND t.outcome IN (1, 2)
"""


def _sum(counts: Counts, outcome: Outcome, severity: Severity | None) -> int:
    return sum(n for c, n in counts.items() if c.outcome == outcome and severity in (None, c.severity))
