"""From one account of AWS, or project of Google Cloud, into another: both sides must let it happen."""

from __future__ import annotations

import pytest

from scanners.access.explorer import Answer, Principal
from scanners.graph.across import Across, Home
from scanners.graph.aws_explorer import explorer
from scanners.model import Provider
from scanners.model.estate import Estate
from tests.core.cases import NOW, refused, resource
from tests.core.graph.test_across import EMAIL, Known, estate, service_account

HERE, THERE = "111111111111", "222222222222"
DETAILS = "GetAccountAuthorizationDetails"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
DEPLOY = f"arn:aws:iam::{THERE}:role/deploy"


def role(account, name, trust, *statements, attached=(), path="/"):
    told = {
        "RoleName": name,
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": trust},
        "RolePolicyList": [
            {"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": [*statements]}}
        ],
        "AttachedManagedPolicies": [{"PolicyName": "x", "PolicyArn": one} for one in attached],
        "InstanceProfileList": [],
    }
    return resource("AWS::IAM::Role", f"arn:aws:iam::{account}:role{path}{name}", **{DETAILS: told})


def lets(who, effect="Allow", **condition):
    more = {"Condition": condition} if condition else {}
    return {"Effect": effect, "Principal": who, "Action": "sts:AssumeRole", **more}


def may(action, on, effect="Allow"):
    return {"Effect": effect, "Action": action, "Resource": on}


def home(account, *rows, unread=()):
    gaps = {kind: (refused("List" + kind),) for kind in unread}
    kept = [resource("AWS::Account", f"arn:aws:iam::{account}:root", GetAccountSummary={}), *rows]
    it = Estate(account, NOW, lambda kind: [row for row in kept if row.kind == kind], gaps)
    return Home(Provider.AWS, it, explorer(it))


EC2 = {"Service": "ec2.amazonaws.com"}
CALLS = may("sts:AssumeRole", DEPLOY)
SOURCE = f"arn:aws:iam::{HERE}:role/ci"

CROSSINGS = {
    # what the caller may, whom the role trusts → the answer; None: no crossing
    "both allow": ((CALLS,), [lets({"AWS": f"arn:aws:iam::{HERE}:root"})], Answer.ALLOWED),
    "the account by its number": ((CALLS,), [lets({"AWS": HERE})], Answer.ALLOWED),
    "the role by name": ((CALLS,), [lets({"AWS": SOURCE})], Answer.ALLOWED),
    "anybody": ((CALLS,), [lets("*")], Answer.ALLOWED),
    "with an external id, which callers choose": (
        (CALLS,), [lets({"AWS": HERE}, StringEquals={"sts:ExternalId": "x"})], Answer.IF,
    ),
    "the caller's own account says nothing": ((), [lets({"AWS": HERE})], None),
    "though the role names the caller": ((), [lets({"AWS": SOURCE})], None),
    "the caller's own account denies": ((CALLS, may("sts:*", "*", "Deny")), [lets({"AWS": HERE})], None),
    "the caller may assume another role": ((may("sts:AssumeRole", DEPLOY + "er"),), [lets({"AWS": HERE})], None),
    "the role trusts another account": ((CALLS,), [lets({"AWS": "333333333333"})], None),
    "the role trusts another role": ((CALLS,), [lets({"AWS": SOURCE + "2"})], None),
    "the trust denies": ((CALLS,), [lets({"AWS": HERE}), lets({"AWS": HERE}, "Deny")], None),
    "the trust asks for another organisation": (
        (CALLS,), [lets({"AWS": HERE}, ArnEquals={"aws:PrincipalArn": SOURCE + "2"})], None,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("granted", "trust", "answer"), CROSSINGS.values(), ids=CROSSINGS)
def test_a_role_of_another_account_is_assumed_where_both_sides_allow(granted, trust, answer):
    across = Across(
        [
            home(HERE, role(HERE, "ci", [lets(EC2)], *granted)),
            home(THERE, role(THERE, "deploy", trust, attached=(ADMIN,))),
        ]
    )

    assert [one.answer for one in across.crossings if one.origin.ref == SOURCE] == ([answer] if answer else [])


def test_the_way_leads_over_the_other_account_and_on():
    builder = role(THERE, "build", [lets({"AWS": HERE})], may("sts:AssumeRole", DEPLOY))
    across = Across(
        [
            home(HERE, role(HERE, "ci", [lets(EC2)], may("sts:AssumeRole", "*"))),
            home(THERE, builder, role(THERE, "deploy", [lets({"AWS": THERE})], attached=(ADMIN,))),
        ]
    )

    (found,) = across.ways(SOURCE)

    assert found.way.escalates is True
    assert next((hop.by, hop.target.name) for hop in found.way.steps) == ("across-aws-assume-role", "build")
    assert found.way.steps[-1].target.name == "deploy"
    assert set(found.accounts) == {THERE}
    ((permission, on, decided),) = found.way.steps[0].because
    assert (permission, on) == ("sts:AssumeRole", builder.ref)
    assert {via.layer for via in decided.via} == {"identity", "resource"}


def test_a_role_whose_power_ends_in_its_account_is_no_way_to_an_administrator():
    across = Across(
        [
            home(HERE, role(HERE, "ci", [lets(EC2)], CALLS)),
            home(THERE, role(THERE, "deploy", [lets({"AWS": HERE})], may("s3:GetObject", "*"))),
        ]
    )

    assert [one.way.escalates for one in across.ways(SOURCE)] == [False]


def test_accounts_that_trust_each_other_end():
    here = role(HERE, "ci", [lets({"AWS": THERE})], may("sts:AssumeRole", "*"))
    there = role(THERE, "deploy", [lets({"AWS": HERE})], may("sts:AssumeRole", "*"))

    assert [one.way.escalates for one in Across([home(HERE, here), home(THERE, there)]).ways()] == [False, False]


def test_a_role_with_a_path_is_the_same_role():
    across = Across(
        [
            home(HERE, role(HERE, "ci", [lets(EC2)], CALLS, path="/team/")),
            home(THERE, role(THERE, "deploy", [lets({"AWS": f"arn:aws:iam::{HERE}:role/team/ci"})], attached=(ADMIN,))),
        ]
    )

    assert [one.origin.ref for one in across.crossings] == [f"arn:aws:iam::{HERE}:role/team/ci"]


def test_policies_of_the_caller_that_were_not_read_leave_it_unknown():
    managed = role(HERE, "ci", [lets(EC2)], attached=(f"arn:aws:iam::{HERE}:policy/unread",))
    across = Across(
        [
            home(HERE, managed, unread=("AWS::IAM::ManagedPolicy",)),
            home(THERE, role(THERE, "deploy", [lets({"AWS": HERE})], attached=(ADMIN,))),
        ]
    )

    assert [one.answer for one in across.crossings] == [Answer.UNKNOWN]
    assert [one.way.escalates for one in across.ways(SOURCE)] == [None]


ROBOT = f"serviceAccount:{EMAIL}"


@pytest.mark.parametrize(("named", "escalates"), [((ROBOT,), [True]), (("serviceAccount:another@x",), [])])
def test_a_service_account_has_what_another_project_gives_it(named, escalates):
    across = Across(
        [
            Home(Provider.GCP, estate(service_account(), account="shop"), Known((ROBOT,))),
            Home(Provider.GCP, estate(account="bank"), Known(named, named)),
        ]
    )

    assert [one.way.escalates for one in across.ways()] == escalates


def test_a_service_account_that_is_switched_off_goes_nowhere():
    across = Across(
        [
            Home(Provider.GCP, estate(service_account(disabled=True), account="shop"), Known((ROBOT,))),
            Home(Provider.GCP, estate(account="bank"), Known((ROBOT,), (ROBOT,))),
        ]
    )

    assert across.crossings == ()


def test_the_principal_keeps_its_name():
    across = Across(
        [
            Home(Provider.GCP, estate(service_account(), account="shop"), Known((ROBOT,))),
            Home(Provider.GCP, estate(account="bank"), Known((ROBOT,), (ROBOT,))),
        ]
    )

    assert across.ways()[0].way.origin == Principal(ROBOT, EMAIL, "service account")
