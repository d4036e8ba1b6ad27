"""What must hold of every account: less access is never more paths; a change worked out alone changes nothing else."""

from __future__ import annotations

import copy

import msgspec
import pytest

from scanners.graph.cases import AccountRow, account
from scanners.graph.cuts import climbers, cuts
from scanners.graph.graph import build
from scanners.graph.paths import answer
from tests.core.graph.accounts import random_account
from tests.core.graph.corpus import FULL_ACCESS, allow, arn, deny, policy

SEEDS = range(40)
NARROW = policy(allow(["s3:*", "sts:*", "iam:PassRole", "lambda:*"]))


def model(rows):
    return account(msgspec.convert(rows, AccountRow))


def winners(rows):
    graph = build(model(rows))
    return {one.arn for place, one in enumerate(graph.scene.principals) if graph.escalates(place)}


def each(rows, kinds=("user", "role")):
    return [one for one in rows["principals"] if one["kind"] in kinds]


def with_deny(rows, seed):
    one = each(rows)[seed % len(each(rows))]
    one["inline"].append({"name": "no", "document": policy(deny(["iam:*", "lambda:*"] if seed % 2 else "*"))})


def with_boundary(rows, seed):
    one = each(rows)[seed % len(each(rows))]
    one["boundary"] = one["boundary"] or NARROW


def with_scp(rows, seed):
    rows["scps"].append([FULL_ACCESS, policy(deny(["iam:PassRole", "sts:AssumeRole"]))])


def with_closed_trust(rows, seed):
    one = each(rows, ("role",))[seed % len(each(rows, ("role",)))]
    one["trust"]["Statement"].append({"Effect": "Deny", "Principal": "*", "Action": "sts:*"})


def without_things(rows, seed):
    rows["resources"] = []


LESS = (with_deny, with_boundary, with_scp, with_closed_trust, without_things)


@pytest.mark.parametrize("change", LESS, ids=lambda change: change.__name__)
def test_what_takes_access_away_adds_no_path(change):
    some = 0
    for seed in SEEDS:
        before, after = random_account(seed), random_account(seed)

        change(after, seed)

        was, now = winners(before), winners(after)
        assert now <= was, seed
        some += len(was - now)
    assert some or change is without_things


def test_an_allow_takes_no_path_away():
    for seed in SEEDS:
        before, after = random_account(seed), random_account(seed)

        one = each(after)[seed % 10]
        one["inline"].append({"name": "more", "document": policy(allow(["iam:*", "lambda:*"]))})

        assert winners(before) <= winners(after), seed


def test_more_principals_take_no_path_away():
    for seed in SEEDS:
        before = random_account(seed)
        after = copy.deepcopy(before)

        after["principals"] += [
            {**one, "arn": one["arn"] + "x", "name": one["name"] + "x"}
            for one in random_account(seed + 1)["principals"]
        ]

        assert winners(before) <= winners(after), seed


@pytest.mark.parametrize("seed", SEEDS)
def test_a_change_worked_out_alone_gives_what_all_anew_gives(seed):
    before, after = random_account(seed), random_account(seed)
    one = each(after)[seed % 10]
    one["inline"].append({"name": "more", "document": policy(allow("iam:*" if seed % 2 else "sts:AssumeRole"))})
    if seed % 3 == 0:
        after["managed_policies"][0]["versions"]["v1"] = FULL_ACCESS

    step_by_step = build(model(after), build(model(before)))
    anew = build(model(after))

    assert step_by_step.levels == anew.levels
    for one in anew.scene.principals:
        assert answer(step_by_step, one.arn) == answer(anew, one.arn)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_path_is_a_walk_from_the_caller_to_its_target(seed):
    graph = build(model(random_account(seed)))

    for caller in climbers(graph):
        found = answer(graph, caller)

        reached = {caller}
        for step in found.steps:
            assert step.origin in reached
            reached.add(step.target)
        assert found.target in reached
        assert set(found.paths) >= {step.rule.id for step in found.steps if not step.rule.made_of}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_cut_stops_those_it_says(seed):
    graph = build(model(random_account(seed)))

    for cut in cuts(graph, most=2):
        assert cut.stops
        assert {one.ref for one in cut.stops} <= set(climbers(graph))


def test_the_cheapest_cut_is_the_edit_that_stops_most():
    rows = {**random_account(0), "resources": []}
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "sts:AssumeRole"}]}
    hub = {"kind": "role", "arn": arn("role", "hub"), "name": "hub", "trust": trust,
           "inline": [{"name": "w", "document": policy(allow("iam:PutRolePolicy", arn("role", "hub")))}]}  # fmt: skip
    callers = [
        {"kind": "user", "arn": arn("user", f"c{n}"), "name": f"c{n}",
         "inline": [{"name": "p", "document": policy(allow("sts:AssumeRole", arn("role", "hub")))}]}
        for n in range(5)
    ]  # fmt: skip
    rows["principals"] = [hub, *callers]

    best = cuts(build(model(rows)))[0]

    assert best.at.ref == arn("role", "hub")
    assert best.edit == "take inline policy w of hub away"
    assert len(best.stops) == 6
