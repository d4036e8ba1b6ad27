"""True of every check: something fails, something passes, a refused call gives unknown, every verdict says because."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import replace

import pytest

import tests.core.checks
from scanners.checks.registry import checks
from scanners.collectors.registry import by_kind
from scanners.model import Gap, Outcome, Provider, Resource
from scanners.scan import permissions_of
from tests.core.cases import Case, Cases, refused

CASES: dict[str, Cases] = {
    check: cases
    for module in pkgutil.iter_modules(tests.core.checks.__path__)
    for check, cases in getattr(importlib.import_module(f"tests.core.checks.{module.name}"), "CASES", {}).items()
}
ALL = [(check, outcome, case) for check, cases in CASES.items() for outcome, case in cases.expected()]


def without(resource: Resource, section: str, gap: Gap) -> Resource:
    documents = {name: document for name, document in resource.documents.items() if name != section}
    return replace(resource, documents=documents, gaps={**resource.gaps, section: (gap,)})


@pytest.mark.parametrize("check", checks())
def test_every_check_has_a_case_that_fails_and_one_that_passes(check):
    assert CASES[check].fails
    assert CASES[check].passes


@pytest.mark.parametrize(("check", "outcome", "case"), ALL, ids=[f"{c}-{o}-{n}" for n, (c, o, _) in enumerate(ALL)])
def test_a_case_gets_the_outcome_it_is_filed_under(check, outcome, case):
    verdict = case.verdict(check)

    assert verdict.outcome is outcome, verdict
    assert verdict.because or verdict.missing, "a verdict says because"
    assert "  " not in verdict.sentence
    assert not verdict.sentence.endswith(".")


@pytest.mark.parametrize("check", checks())
def test_a_refused_call_never_lets_a_resource_pass(check):
    question = checks()[check]
    for section in question.reads:
        outcomes = set()
        for case in (c for c in CASES[check].passes if section in c.resource.documents):
            blind = replace(case, resource=without(case.resource, section, refused(section)))
            outcomes.add(blind.verdict(check).outcome)
        assert Outcome.UNKNOWN in outcomes, f"{section} is declared, and no passing case needs it"
        for case in (c for c in CASES[check].fails if section in c.resource.documents):
            blind = replace(case, resource=without(case.resource, section, refused(section)))
            assert blind.verdict(check).outcome in (Outcome.FAIL, Outcome.UNKNOWN)


@pytest.mark.parametrize("check", [c for c in checks().values() if c.joins], ids=lambda c: c.id)
def test_a_refused_listing_elsewhere_never_lets_a_resource_pass(check):
    for kind, section in check.joins:
        outcomes = set()
        for case in CASES[check.id].passes:
            unlisted = replace(case, around=tuple(r for r in case.around if r.kind != kind), unread=frozenset({kind}))
            outcomes.add(unlisted.verdict(check.id).outcome)
            around = tuple(without(r, section, refused(section)) if r.kind == kind else r for r in case.around)
            outcomes.add(replace(case, around=around).verdict(check.id).outcome)
        assert Outcome.UNKNOWN in outcomes, f"{kind} {section} is declared, and no passing case needs it"


class Watched(dict):
    """Remembers which sections were touched."""

    def __init__(self, sections):
        super().__init__(sections)
        self.touched = set()

    def __getitem__(self, key):
        self.touched.add(key)
        return super().__getitem__(key)


@pytest.mark.parametrize(("check", "outcome", "case"), ALL, ids=[f"{c}-{o}-{n}" for n, (c, o, _) in enumerate(ALL)])
def test_a_check_touches_only_what_it_declares(check, outcome, case: Case):
    documents = Watched(case.resource.documents)
    watched = replace(case, resource=replace(case.resource, documents=documents))

    watched.verdicts(check)

    assert documents.touched <= set(checks()[check].reads)


@pytest.mark.parametrize("check", checks().values(), ids=lambda c: c.id)
def test_every_check_says_what_people_need(check):
    assert len(check.title) > 10
    assert not check.title.endswith(".")
    assert len(check.why) > 40, "why it matters"
    assert check.fix.console
    assert check.fix.cli
    assert check.fix.terraform
    tables = by_kind(Provider(check.provider))
    assert tables.keys() >= set(check.kinds), "some collector must find resources of this kind"
    assert check.reads or check.joins
    for section in check.reads:
        assert any(tables[kind].call(section) for kind in check.kinds), f"nobody reads {section}"
    for kind, section in check.joins:
        assert tables[kind].call(section), f"nobody reads {section} of {kind}"
    assert permissions_of(check)
