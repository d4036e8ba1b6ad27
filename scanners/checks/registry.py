"""Checks, and what it means to put one to a resource.

A check is a generator: it yields failures as soon as it sees them and passes at its end.  When it touches something
that was not read, Unread ends it; what it had failed by then stands, and for the rest the answer is unknown.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache

import scanners.checks
from scanners.checks.layout import laid_out
from scanners.model import Gap, Outcome, Resource, Severity, State, Unread, Verdict
from scanners.model.estate import Estate

Question = Callable[[Resource, Estate], Iterator[Verdict]]

ODD = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)  # what odd evidence causes


@dataclass(frozen=True, slots=True)
class Fix:
    """What closes a finding: by hand, by command line, as code."""

    console: str
    cli: str = ""
    terraform: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """`reads` names the sections of its own resource, `joins` the (kind, section) it looks at elsewhere."""

    id: str
    kinds: tuple[str, ...]
    severity: Severity
    title: str
    fix: Fix
    ask: Question
    reads: tuple[str, ...]
    joins: tuple[tuple[str, str], ...] = ()

    @property
    def why(self) -> str:
        """Why it matters: the docstring of the question."""
        return " ".join((self.ask.__doc__ or "").split())

    @property
    def theme(self) -> str:
        return self.ask.__module__.rpartition(".")[2]

    @property
    def provider(self) -> str:
        return self.id.partition(".")[0]

    @property
    def service(self) -> str:
        return self.id.split(".")[1]


_CHECKS: dict[str, Check] = {}


def check(
    id: str,
    *,
    on: str | tuple[str, ...],
    severity: Severity,
    title: str,
    fix: Fix,
    reads: tuple[str, ...] = (),
    joins: tuple[tuple[str, str], ...] = (),
) -> Callable[[Question], Question]:
    """Register a question under its catalogue id."""

    def register(ask: Question) -> Question:
        if id in _CHECKS:
            raise ValueError(f"two checks are called {id}")
        kinds = (on,) if isinstance(on, str) else on
        _CHECKS[id] = Check(
            id, kinds, severity, title, replace(fix, terraform=laid_out(fix.terraform)), ask, reads, joins
        )
        return ask

    return register


@cache
def checks() -> dict[str, Check]:
    """Every check, by id."""
    for module in pkgutil.iter_modules(scanners.checks.__path__):
        importlib.import_module(f"{scanners.checks.__name__}.{module.name}")
    return dict(sorted(_CHECKS.items()))


def evaluate(question: Check, resource: Resource, estate: Estate) -> list[Verdict]:
    """The verdicts on one resource, one a subject; a failure outweighs a pass of the same subject."""
    verdicts: dict[str, Verdict] = {}
    try:
        for verdict in question.ask(resource, estate):
            known = verdicts.get(verdict.subject)
            if known is None or _worse(verdict, known, question.severity):
                verdicts[verdict.subject] = verdict
    except ODD as odd:
        unread = _not_understood(question, resource, odd)
    except Unread as gap:
        unread = gap
    else:
        return list(verdicts.values())
    failures = {subject: v for subject, v in verdicts.items() if v.outcome is Outcome.FAIL}
    rest = Verdict(Outcome.UNKNOWN, _could_not_look(unread), missing=unread.gaps)
    return list({"": rest, **failures}.values())


def _worse(one: Verdict, other: Verdict, usual: Severity) -> bool:
    if (one.outcome is Outcome.FAIL) != (other.outcome is Outcome.FAIL):
        return one.outcome is Outcome.FAIL
    return (one.severity or usual) > (other.severity or usual)


def _not_understood(question: Check, resource: Resource, odd: Exception) -> Unread:
    """Evidence of a shape that the check never met: known to be there, and not to be judged."""
    return Unread(
        Gap(
            question.reads[0] if question.reads else question.id,
            "",
            State.PARSE_ERROR,
            type(odd).__name__,
            resource.region,
        )
    )


def _could_not_look(unread: Unread) -> str:
    gap = unread.gaps[0]
    if gap.state is State.ELSEWHERE:
        return f"Unknown, because {gap.call} is told to the management account alone, and {gap.message}"
    needs = f"; it needs {gap.permission}" if gap.permission and gap.state is State.DENIED else ""
    return f"Unknown, because {gap.call} in {gap.region} gave no answer ({gap.code}){needs}"
