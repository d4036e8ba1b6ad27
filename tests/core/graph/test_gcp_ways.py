"""Ways to more power in Google Cloud: each rule with what it needs, and with near misses of it."""

from __future__ import annotations

import re

import pytest

from scanners.access.explorer import Principal
from scanners.graph.gcp import GoogleExplorer
from scanners.graph.gcp.things import UNCOLLECTED
from tests.core.graph.gcp_cases import (
    BARE,
    DEV,
    LEVELS,
    RULES,
    UNTOLD,
    Setting,
    near_misses,
    way,
    word_of,
)

# What tags ask for is open, so that a condition leaves a way already; who owns a group is in it.
NOWHERE_ALONE = {"gcp-tags-bind", "gcp-group-join"}
UNTOLD_WHY = set(UNCOLLECTED.values())
MISSES = [(rule, name, setting) for rule in RULES for name, setting in near_misses(rule)]
ON_THINGS = [
    rule
    for rule in RULES
    if word_of(rule) not in (*BARE, *LEVELS, *UNTOLD, "group")
    and {need.on for need in rule.needs} & {"target", "resource"}
    and rule.gives in ("become", "take")
    and word_of(rule) not in ("APIs", "api keys", "OAuth clients", "cluster")
]


def ids(value):
    return getattr(value, "id", value if isinstance(value, str) else "")


def uses(rule, explorer):
    """Whether the rule leads the caller anywhere: surely, or where nobody knows more, perhaps."""
    chains = explorer.chains
    tier = 2 if word_of(rule) in UNTOLD else 0
    return any(lead.rule is rule and lead.gains[tier] for lead in chains.base.steps(chains.place[DEV]).all())


def test_every_method_of_the_list_has_a_rule():
    assert {number for rule in RULES for number in rule.methods} == set(range(1, 51))


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_a_rule_is_spelled_as_google_spells(rule):
    assert re.fullmatch(r"gcp-[a-z]+(-[a-z]+)+", rule.id)
    assert rule.needs and rule.refs and rule.gives in ("become", "admin_self", "join", "unbound", "take")
    for need in rule.needs:
        assert need.on in ("target", "resource", "runs_as", "new")
        assert all(re.fullmatch(r"[a-z]+\.([a-zA-Z]+\.)+[a-zA-Z]+", one) for one in need.permissions), need


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_every_rule_has_near_misses(rule):
    assert len(list(near_misses(rule))) >= 2


@pytest.mark.parametrize("rule", RULES, ids=ids)
def test_who_holds_what_a_rule_needs_has_the_way(rule):
    setting = Setting(rule)
    explorer = setting.explorer()

    assert uses(rule, explorer)
    if rule.id not in NOWHERE_ALONE:
        found = way(explorer, setting.goal())
        assert found.escalates is (None if word_of(rule) in UNTOLD else True), found
        assert found.unknown or rule.id in {*found.by, *(hop.by for hop in found.steps)}


@pytest.mark.parametrize("rule", ON_THINGS, ids=ids)
def test_a_grant_on_the_thing_itself_does_as_well(rule):
    found = Setting(rule, on="thing").way()

    assert found.escalates is True
    assert rule.id in {*found.by, *(hop.by for hop in found.steps)}


@pytest.mark.parametrize(("rule", "name", "setting"), MISSES, ids=ids)
def test_a_near_miss_is_no_way(rule, name, setting):
    explorer = setting.explorer()

    assert not setting.leads or not uses(rule, explorer)
    if rule.id not in NOWHERE_ALONE | {"gcp-iam-role-create"}:  # who rewrites the policy needs no role of its own
        found = way(explorer, setting.goal())
        assert found.escalates is False or all(why in UNTOLD_WHY or "access lists" in why for why in found.unknown)


def test_every_step_is_proven_by_grants_and_what_is_unknown_by_reasons():
    for rule in RULES:
        found = Setting(rule).way()
        assert (found.escalates is None) == bool(found.unknown), rule.id
        for permission, on, decided in (reason for hop in found.steps for reason in hop.because):
            assert permission and on and decided.possible and decided.via, (rule.id, permission)


def test_a_principal_is_asked_for_by_the_explorer_with_the_cuts():
    rule = next(one for one in RULES if one.id == "gcp-iam-access-token")

    found = GoogleExplorer(Setting(rule).estate()).ways(Principal(DEV, DEV, "user"))

    assert [cut.edit for cut in found.cuts] == [
        "take roles/test.r0 on projects/42 from boss@shop.iam.gserviceaccount.com",
        "take roles/test.r1 on projects/42 from dev@shop.example",
    ]
    assert found.caveats
