"""How many findings each value of each filter would show: every facet is counted with its own filter lifted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Case, Count, F, Q, Value, When

from posture.models.findings import Outcome, Severity, State
from posture.queries.finding_question import PLAIN, Question, narrow, open_failures, opened_since, speaks_to, standing
from posture.queries.visible import Seer
from scanners.catalog import frameworks
from scanners.checks.registry import checks

MOST = 80  # values in one menu; the search narrows further
DIMENSIONS = ("severity", "account", "check", "region", "service", "kind")
NEW = {"visit": "Since your last visit", "24h": "In 24 hours", "7d": "In 7 days", "30d": "In 30 days"}
OUTCOME_WORDS = {"fail": "Failed", "unknown": "Unknown", "pass": "Passed", "not_applicable": "Not applicable"}


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    count: int | None


@dataclass(frozen=True)
class Facet:
    param: str
    label: str
    options: list[Option]


@dataclass(frozen=True)
class Standing:
    """`total` is what is asked for; `lost` and `new` are parts of it; `unknown` counts open questions of any past."""

    total: int
    lost: int
    unknown: int
    new: int
    by_outcome: Mapping[str, int]
    by_state: Mapping[str, int]
    unknown_asked: int = 0

    @property
    def hides(self) -> bool:
        """Whether open questions stand outside of what is asked for."""
        return self.unknown > self.unknown_asked


def count(seer: Seer, question: Question, since: datetime | None) -> Standing:
    """One pass over what the other filters leave; `since` is what counts as new."""
    recent = opened_since(question, since) if since else Q(account=None)
    rows = (
        narrow(seer, question, lifting=("standing",))
        .order_by()
        .values_list(
            F(question.field("outcome")),
            F(question.field("state")),
            _flag(open_failures(question)),
            _flag(standing(question)),
        )
        .annotate(n=Count("*"), new=Count(question.field("state"), filter=recent))
    )
    totals: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    states: Counter[str] = Counter()
    listed = (State.OPEN, State.RESOLVED) if question.state is None else question.state or State.values
    for outcome, state, failing, asked, n, new in rows:
        lost = failing and outcome == Outcome.UNKNOWN
        totals.update({"total": n * asked, "lost": n * (asked and lost), "new": new * asked})
        totals["unknown_asked"] += n * (asked and state == State.OPEN and outcome == Outcome.UNKNOWN)
        totals["unknown"] += n * (state == State.OPEN and outcome == Outcome.UNKNOWN)
        outcomes[Outcome(outcome).label] += n * (state in listed)
        states[State(state).label] += n * (outcome in (question.outcome or Outcome.values))
    numbers = {name: totals[name] for name in ("total", "lost", "unknown", "new", "unknown_asked")}
    return Standing(**numbers, by_outcome=outcomes, by_state=states)


def _flag(condition: Q) -> Case | Value:
    if not condition:
        return Value(True)
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())


def facets(seer: Seer, question: Question, found: Standing, accounts: Iterable[tuple[int, str, str]]) -> list[Facet]:
    """`accounts` are (id, ref, name) of those the person may see."""
    counts = _all_counts(seer, question)
    names = {str(pk): name for pk, _, name in accounts}
    titles = {name: check.title for name, check in checks().items()}
    by_account = Counter({str(pk): n for pk, n in counts["account"].items()})
    by_severity = Counter({s.label: counts["severity"][s.value] for s in reversed(Severity)})
    mapped = _of_frameworks(counts["check"], question)
    menus = [
        Facet("severity", "Severity", [Option(word, word.capitalize(), n) for word, n in by_severity.items()]),
        _words("outcome", found.by_outcome, {o.label: OUTCOME_WORDS[o.label] for o in Outcome}),
        _words("state", found.by_state, {s.label: s.label.capitalize() for s in State if s != State.WAIVED}),
        _ranked("account", by_account, names, [str(pk) for pk in question.account]),
        _ranked("region", counts["region"], {}, question.region),
        _ranked("service", counts["service"], {}, question.service),
        _ranked("check", _of_checks(counts["check"], question), titles, question.check),
        _ranked("framework", mapped, frameworks.TITLES, question.framework),
        _ranked("control", _of_controls(counts["check"], question), {}, question.control),
        _ranked("kind", counts["kind"], {kind: spoken(kind) for kind in counts["kind"]}, question.kind),
        Facet("new", "New", [Option(value, label, None) for value, label in NEW.items()]),
        Facet("ref", "Resource", [Option(ref, ref, None) for ref in question.ref]),
        Facet("finding", "Finding", [Option(key, key, None) for key in question.finding]),
    ]
    return [menu for menu in menus if menu.options]


def spoken(kind: str) -> str:
    """AWS::SQS::Queue → "SQS Queue"; run.googleapis.com/Service → "run Service"."""
    return " ".join(kind.split("::")[1:]) or kind.replace(".googleapis.com/", " ")


def _all_counts(seer: Seer, question: Question) -> dict[str, Counter[Any]]:
    """Of each dimension by value; those that nothing was chosen of share one pass."""
    chosen = [name for name in DIMENSIONS if getattr(question, name)]
    if question.framework or question.control:
        chosen = sorted({*chosen, "check"})
    counts = _counted(seer, question, [name for name in DIMENSIONS if name not in chosen])
    for name in chosen:
        counts |= _counted(seer, question, [name], lifting=name)
    return counts


def _counted(seer: Seer, question: Question, names: list[str], lifting: str = "") -> dict[str, Counter[Any]]:
    """Findings are grouped by all the dimensions together, and those few groups by each of them."""
    counts: dict[str, Counter[Any]] = {name: Counter() for name in names}
    if not names:
        return counts
    paths = [question.field({**PLAIN, "check": "check_id"}[name]) for name in names]
    found = narrow(seer, question, lifting=(lifting,)).order_by().values_list(*map(F, paths))
    inner, params = found.query.get_compiler(connection=connection).as_sql()
    keys = ", ".join(f"k{n}" for n in range(len(names)))
    sets = ", ".join(f"(k{n})" for n in range(len(names)))
    with connection.cursor() as cursor:
        cursor.execute(_GROUPS.format(found=inner, keys=keys, sets=sets), params)
        for absent, *values, n in cursor:
            place = next(p for p in range(len(names)) if not absent >> (len(names) - 1 - p) & 1)
            counts[names[place]][values[place]] = int(n)
    return counts


_GROUPS = """
    SELECT GROUPING({keys}), {keys}, sum(n)
    FROM (SELECT {keys}, count(*) AS n FROM ({found}) AS found ({keys}) GROUP BY {keys}) AS together
    GROUP BY GROUPING SETS ({sets})
"""


def _words(param: str, counts: Mapping[str, int], words: Mapping[str, str]) -> Facet:
    options = [Option(value, label, counts.get(value, 0)) for value, label in words.items()]
    return Facet(param, param.capitalize(), [*options, Option("all", "All", sum(counts.values()))])


def _ranked(param: str, counts: Counter[str], labels: Mapping[str, str], chosen: Collection[str]) -> Facet:
    """The commonest values, and those that are chosen however rare."""
    values = dict(counts.most_common(MOST)) | {value: counts[value] for value in chosen}
    options = [Option(value, labels.get(value, value) or "none", n) for value, n in values.items()]
    return Facet(param, param.capitalize(), options)


def _of_checks(counts: Counter[str], question: Question) -> Counter[str]:
    return Counter({name: n for name, n in counts.items() if speaks_to(name, question.framework, question.control)})


def _of_frameworks(counts: Counter[str], question: Question) -> Counter[str]:
    found: Counter[str] = Counter()
    for name, n in counts.items():
        if not question.check or name in question.check:
            found.update(dict.fromkeys(frameworks.controls(name), n))
    return found


def _of_controls(counts: Counter[str], question: Question) -> Counter[str]:
    """Of the chosen frameworks: without one, their numbers would mean nothing."""
    found: Counter[str] = Counter()
    for name, n in counts.items():
        if not question.check or name in question.check:
            mapped = frameworks.controls(name)
            ids = {control for framework in question.framework for control in mapped.get(framework, ())}
            found.update(dict.fromkeys(ids, n))
    return found
