"""Chains of rules over any cloud whose grants stand on scopes, on a small ground of their own."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanners.access.explorer import Answer, NotFound, Principal, Target
from scanners.graph.chains import Chains
from scanners.graph.ground import Thing
from scanners.graph.severing import cuts
from tests.core.graph.grounds import DENIED, IF, Toy, toy, unread


def way(ground, who="dev", goal=None):
    chains = Chains(ground)
    aim = Principal(goal, goal, "") if goal else None
    return chains.ways(Principal(who, who, "user"), aim).ways[0]


def walked(found):
    return [(hop.origin.ref, hop.by, hop.target.ref) for hop in found.steps]


def thing(kind, ref, *identities, **more):
    return Thing(kind, Target(ref, ref, kind), identities, ("top",), **more)


def test_one_hop_leads_to_an_administrator():
    found = way(toy("dev token of boss"))

    assert found.escalates is True
    assert walked(found) == [("dev", "token", "boss")]
    assert found.by == ("token",)
    assert [(permission, on) for permission, on, _ in found.steps[0].because] == [("token", "of boss")]


def test_a_chain_of_three_hops_is_found_by_the_shortest_way():
    ground = toy("dev token of a", "a token of b", "b token of boss", "a token of c")

    assert walked(way(ground)) == [("dev", "token", "a"), ("a", "token", "b"), ("b", "token", "boss")]


def test_a_grant_on_a_scope_is_one_on_all_that_lies_in_it():
    assert way(toy("dev token top")).escalates is True


def test_an_administrator_needs_no_way():
    found = way(toy(), "boss")

    assert (found.escalates, found.administrator, found.steps) == (True, True, ())


@pytest.mark.parametrize(
    "grants",
    [
        ["dev pass of boss"],
        ["dev make top"],
        ["dev pass of a", "dev make top"],
        ["a pass of boss", "dev make top"],
        ["dev token of a", "a pass of boss", "dev make top"],
    ],
)
def test_all_needs_must_be_held_by_one_principal_on_one_target(grants):
    assert way(toy(*grants)).escalates is False


def test_something_new_is_made_where_something_can_be_made():
    found = way(toy("dev pass of boss", "dev make top"))

    assert [on for _, on, _ in found.steps[0].because] == ["of boss", "top"]


def test_what_runs_as_an_identity_gives_it_to_who_changes_it():
    function = thing("function", "f", "boss")

    assert way(toy("dev update f", "dev pass of boss", around=(function,))).escalates is True
    assert way(toy("dev update f", around=(function,))).escalates is False
    assert way(toy("dev update f", "dev pass of a", around=(function,))).escalates is False


def test_a_condition_leaves_a_way_that_holds_if():
    found = way(Toy({("dev", "token", "of boss"): IF}))

    assert found.escalates is True
    assert found.steps[0].because[0][2].condition == "on Mondays"


def test_what_was_not_read_leaves_nobody_knowing():
    found = way(Toy({("dev", "token", "of boss"): unread()}))

    assert (found.escalates, found.unknown) == (None, ("the policy was not read",))


def test_by_what_was_read_the_steps_are_shown_though_nobody_knows():
    found = way(Toy({("dev", "token", "of boss"): unread(Answer.ALLOWED)}))

    assert found.escalates is None
    assert walked(found) == [("dev", "token", "boss")]


def test_a_sure_way_stands_beside_an_unknown_one():
    ground = toy("dev token of a", "a token of boss")
    ground.grants["dev", "token", "of boss"] = unread()

    assert way(ground).escalates is True


def test_a_gap_that_leads_to_nobody_of_power_changes_nothing():
    assert way(Toy({("dev", "token", "of a"): unread()})).escalates is False


def test_who_may_be_an_administrator_leaves_nobody_knowing():
    ground = toy("dev token of a", admins={"a": unread()})

    assert way(ground).escalates is None


def test_things_that_nobody_listed_may_run_as_anybody():
    absent = {"machine": ("machines are not collected",)}

    found = way(toy("dev login top", absent=absent))

    assert (found.escalates, found.unknown) == (None, ("machines are not collected",))
    assert way(toy("dev login top")).escalates is False
    assert way(toy("dev login top", absent=absent, admins={})).escalates is False


def test_an_identity_that_was_not_told_may_be_anybody():
    doubtful = thing("function", "f", unsure=("as whom f runs was not read",))

    found = way(toy("dev update f", "dev pass top", around=(doubtful,)))

    assert (found.escalates, found.unknown) == (None, ("as whom f runs was not read",))


def test_who_rewrites_a_scope_is_an_administrator_by_its_own_hand():
    found = way(toy("dev token of a", "a bind top"))

    assert walked(found) == [("dev", "token", "a"), ("a", "bind", "a")]


def test_what_is_denied_stays_denied_after_a_rewriting():
    custom = thing("role", "r", "dev")
    ground = toy("dev widen r", around=(custom,))

    assert way(ground).escalates is True
    assert way(Toy(ground.grants, around=(custom,), denies=frozenset({("dev", "bind")}))).escalates is False


def test_one_widens_a_role_that_another_one_holds():
    custom = thing("role", "r", "b")
    grants = ["dev token of a", "a widen r"]

    found = way(toy(*grants, "dev token of b", around=(custom,)))

    assert walked(found) == [("dev", "token", "a"), ("dev", "token", "b"), ("a", "widen", "b")]
    assert way(toy(*grants, around=(custom,))).escalates is False


def test_a_guard_is_lifted_on_the_way():
    guard = thing("guard", "g")
    ground = toy("dev token of boss", "dev token of a", "a lift g", around=(guard,), denies={("dev", "token")})

    assert way(ground).escalates is False
    ground = toy("dev token of boss", "dev lift g", around=(guard,), denies={("dev", "token")})
    assert walked(way(ground)) == [("dev", "lift", "dev"), ("dev", "token", "boss")]


def test_a_constraint_closes_a_way_and_opens_none_where_it_was_not_read():
    assert way(toy("dev key of boss")).escalates is True
    assert way(toy("dev key of boss", constraints={"no keys": True})).escalates is False
    assert way(toy("dev key of boss", constraints={"no keys": None})).escalates is None


def test_who_is_disabled_goes_nowhere():
    ground = toy("dev token of a", "a token of boss", asleep=frozenset({"a"}))

    assert way(ground).escalates is False
    assert way(toy(asleep=frozenset({"boss"})), "boss").escalates is False


def test_ways_lead_to_one_principal_or_to_one_thing_as_well():
    secret = thing("secret", "s")
    ground = toy("dev token of a", "a token of b", "b read s", around=(secret,))

    assert [hop.target.ref for hop in way(ground, goal="b").steps] == ["a", "b"]
    assert [hop.target.ref for hop in way(ground, goal="s").steps] == ["a", "b", "s"]
    assert way(ground, goal="c").escalates is False
    assert way(ground).escalates is False


def test_a_principal_that_is_not_there_is_told_apart_from_one_that_goes_nowhere():
    with pytest.raises(NotFound):
        way(toy(), "nobody")


def test_the_cut_that_stops_most_is_told_first_and_was_tried():
    ground = toy("dev token of a", "ops token of a", "a token of boss", people=("dev", "ops"))
    chains = Chains(ground)

    found = cuts(chains, chains.ways().ways)

    assert (found[0].edit, [one.ref for one in found[0].stops]) == ("take token from a", ["dev", "ops", "a"])


def test_a_cut_beside_which_another_way_stands_is_none():
    chains = Chains(toy("dev token of boss", "dev key of boss"))

    assert cuts(chains, chains.ways().ways) == ()


NAMES, PLACES = ("dev", "a", "b", "c"), ("top", "of a", "of b", "of c", "of boss", "f", "r")
GRANT = st.tuples(
    st.sampled_from(NAMES), st.sampled_from(("token", "pass", "make", "update", "widen")), st.sampled_from(PLACES)
)
AROUND = (thing("function", "f", "c"), thing("role", "r", "b"))


@given(st.sets(GRANT, max_size=8), GRANT)
def test_a_grant_more_takes_no_way_away(grants, more):
    before = Chains(Toy(dict.fromkeys(grants, IF), around=AROUND)).ways().ways
    after = Chains(Toy(dict.fromkeys({*grants, more}, IF), around=AROUND)).ways().ways

    assert {one.origin.ref for one in before if one.escalates} <= {one.origin.ref for one in after if one.escalates}


@given(st.dictionaries(GRANT, st.sampled_from([IF, unread(), unread(Answer.ALLOWED), DENIED]), max_size=8))
def test_what_is_sure_stays_sure_when_the_rest_is_read_as_denied(grants):
    read = {key: DENIED if said.answer is Answer.UNKNOWN else said for key, said in grants.items()}

    found = {one.origin.ref: one.escalates for one in Chains(Toy(grants, around=AROUND)).ways().ways}

    for one in Chains(Toy(read, around=AROUND)).ways().ways:
        assert found[one.origin.ref] is True if one.escalates else found[one.origin.ref] in (False, None)


def test_a_long_chain_is_walked_to_its_end():
    names = [f"n{number}" for number in range(1500)]
    grants = [f"{one} token of {other}" for one, other in zip(names, [*names[1:], "boss"], strict=True)]

    found = way(toy(*grants, people=(), accounts=(*names, "boss")), "n0")

    assert len(found.steps) == 1500


def test_five_hundred_that_may_all_become_each_other_are_judged_in_time():
    names = tuple(f"n{number}" for number in range(500))
    ground = toy(*(f"{name} token top" for name in names), people=(), accounts=names, admins={})
    started = time.process_time()

    assert not any(one.escalates for one in Chains(ground).ways().ways)

    assert time.process_time() - started < 3
