"""The catalogue of checks, with how each stands now or stood at a time."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.db.models import Count, F

from posture.models import Person
from posture.models.findings import Outcome
from posture.queries import coverage
from posture.queries.finding_question import Question, narrow
from scanners.catalog import frameworks
from scanners.checks.registry import Check, checks
from scanners.model import Severity
from scanners.scan import calls_of, other_calls_of

OUTCOMES = {o.value: o.label for o in Outcome}
SORTS: dict[str, Callable[[Row], Any]] = {
    "-severity": lambda row: (-row.check.severity, -row.fail, row.check.id),
    "severity": lambda row: (row.check.severity, -row.fail, row.check.id),
    "-fail": lambda row: (-row.fail, -row.check.severity, row.check.id),
    "fail": lambda row: (row.fail, -row.check.severity, row.check.id),
    "check": lambda row: row.check.id,
    "-check": lambda row: [-ord(letter) for letter in row.check.id],
}


@dataclass(frozen=True)
class Asked:
    """Empty: any."""

    severity: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    framework: tuple[str, ...] = ()
    q: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """`blind`: a call that the check needs was not read somewhere."""

    check: Check
    counts: Counter[str]
    blind: bool

    @property
    def severity(self) -> str:
        return self.check.severity.label

    @property
    def controls(self) -> dict[str, list[str]]:
        return frameworks.controls(self.check.id)

    @property
    def fail(self) -> int:
        return self.counts["fail"]

    @property
    def unknown(self) -> int:
        return self.counts["unknown"]

    @property
    def passed(self) -> int:
        return self.counts["pass"]


@dataclass(frozen=True, slots=True)
class Gap:
    """A call that the check needs and that gave no answer."""

    call: str
    permission: str
    state: str
    code: str
    scopes: int
    accounts: int

    @property
    def allow(self) -> str:
        """What the scanner would have to be allowed; empty where that would not do."""
        return self.permission if self.state == "denied" else ""


def rows(person: Person, asked: Asked, sort: str, accounts: tuple[int, ...], at: datetime | None) -> list[Row]:
    """The checks asked for, in order.  Two questions for all of them."""
    question = Question(account=accounts, outcome=(), as_of=at)
    grouped = (
        narrow(person, question).order_by().values_list(F(question.field("check_id")), F(question.field("outcome")))
    )
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for name, outcome, n in grouped.annotate(n=Count("pk")):
        counts[name][OUTCOMES[outcome]] = n
    blind = _blinded(person, accounts, at)
    found = (Row(check, counts[check.id], check.id in blind) for check in checks().values() if matches(check, asked))
    return sorted(found, key=SORTS[sort])


def _blinded(person: Person, accounts: tuple[int, ...], at: datetime | None) -> set[str]:
    unread = coverage.cells(person, at).filter(coverage.UNREAD, **({"account__in": accounts} if accounts else {}))
    calls = unread.order_by().values_list("call", flat=True).distinct()
    return {check for call in calls for check in coverage.blinded(call)}


def values(check: Check) -> dict[str, Collection[str]]:
    return {
        "severity": (check.severity.label,),
        "service": (check.service,),
        "framework": frameworks.controls(check.id),
    }


def matches(check: Check, asked: Asked, lifting: str = "") -> bool:
    """Whether every filter (but the one lifted) lets the check through."""
    words = asked.q.casefold()
    if words and not any(words in text.casefold() for text in (check.id, check.title, check.why, *check.kinds)):
        return False
    return all(
        not (wanted := getattr(asked, name)) or name == lifting or set(wanted) & set(has)
        for name, has in values(check).items()
    )


def facets(asked: Asked) -> list[dict[str, Any]]:
    """How many checks each value would show, its own filter lifted."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for check in checks().values():
        for name, has in values(check).items():
            if matches(check, asked, lifting=name):
                counts[name].update(list(has))
    grades = [s.label for s in sorted(Severity, reverse=True)]
    return [
        _facet("severity", "Severity", grades, counts["severity"]),
        _facet("service", "Service", sorted(counts["service"]), counts["service"], str.upper),
        _facet("framework", "Framework", frameworks.TITLES, counts["framework"], frameworks.TITLES.__getitem__),
    ]


def _facet(
    param: str, label: str, known: Iterable[str], counts: Counter[str], words: Callable[[str], str] = str.capitalize
) -> dict[str, Any]:
    return {"param": param, "label": label, "options": [
        {"value": value, "label": words(value), "count": counts[value]} for value in known
    ]}  # fmt: skip


def standing(person: Person, check: Check, accounts: tuple[int, ...], at: datetime | None) -> Counter[str]:
    """How many findings of each outcome."""
    question = Question(account=accounts, check=(check.id,), outcome=(), as_of=at)
    grouped = narrow(person, question).order_by().values_list(F(question.field("outcome")))
    return Counter({OUTCOMES[outcome]: n for outcome, n in grouped.annotate(n=Count("pk"))})


def gaps(person: Person, check: Check, accounts: tuple[int, ...], at: datetime | None) -> list[Gap]:
    """What blinds the check: calls that it needs and that were not read somewhere."""
    calls = {call.name for call in needed(check)} | other_calls_of(check)
    unread = coverage.cells(person, at).filter(coverage.UNREAD, call__in=calls)
    if accounts:
        unread = unread.filter(account__in=accounts)
    grouped = unread.order_by("call", "state").values_list("call", "permission", "state", "code")
    return [Gap(*row) for row in grouped.annotate(Count("pk"), Count("account", distinct=True))]


@cache
def needed(check: Check) -> tuple[Any, ...]:
    """The calls whose answers it rests on."""
    return tuple(calls_of(check))
