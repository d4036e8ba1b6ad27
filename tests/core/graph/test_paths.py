"""Chains, limits and prerequisites, case by case."""

from __future__ import annotations

import copy
import json

import pytest

from scanners.graph.questions import answers
from tests.core.graph.corpus import (
    ACCOUNT,
    ADMIN,
    FULL_ACCESS,
    READER,
    allow,
    arn,
    deny,
    group,
    own_policy,
    policy,
    role,
    thing_arn,
    trusting,
    user,
)

ROOT = trusting(AWS=f"arn:aws:iam::{ACCOUNT}:root")
EVERYTHING_BUT_IAM = "arn:aws:iam::aws:policy/PowerUserAccess"


def model(*principals, **more):
    return {"account_id": ACCOUNT, "region": "eu-west-1", "principals": list(principals), **more}


def mallory(*statements, **more):
    return user("mallory", inline=[{"name": "powers", "document": policy(*statements)}] if statements else [], **more)


def ask(account, attacker="mallory", kind="user"):
    line = json.dumps({"id": 1, "attacker": arn(kind, attacker), "account": account})
    return next(answers([line], now="2026-11-22T00:00:00Z"))


def holding(name, *statements, trust=ROOT, **more):
    return role(name, trust, inline=[{"name": "own", "document": policy(*statements)}], **more)


def runs(name, role_name, kind="lambda:function", **more):
    return {"type": kind, "arn": thing_arn(kind, name), "role": arn("role", role_name), **more}


PASS = ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]
LAMBDA = trusting(Service="lambda.amazonaws.com")
target = role("target", LAMBDA, attached=[ADMIN])
FOUND = {
    "through two roles": model(
        mallory(allow("sts:AssumeRole", arn("role", "one"))),
        holding("one", allow("sts:AssumeRole", arn("role", "two"))),
        holding("two", allow(PASS)),
        target,
    ),
    "code of a function, whose role makes a key of an administrator": model(
        mallory(allow("lambda:UpdateFunctionCode")),
        holding("worker", allow("iam:CreateAccessKey", arn("user", "boss")), trust=LAMBDA),
        user("boss", attached=[ADMIN]),
        resources=[runs("f", "worker")],
    ),
    "one role may be assumed, another writes its policies": model(
        mallory(allow("sts:AssumeRole")),
        holding("writer", allow("iam:PutRolePolicy", arn("role", "low"))),
        role("low", ROOT),
    ),
    "a role that trusts the caller by name needs no permission": model(
        mallory(), role("target", trusting(AWS=arn("user", "mallory")), attached=[ADMIN])
    ),
    "a user that is named is not held by what its boundary leaves out": model(
        mallory(boundary=policy(allow("s3:*"))), role("target", trusting(AWS=arn("user", "mallory")), attached=[ADMIN])
    ),
    "a role with a path is passed by its full ARN": model(
        mallory(allow(PASS[0], arn("role", "apps/target")), allow(PASS[1:])),
        {**target, "arn": arn("role", "apps/target")},
    ),
    "powers of the group": model(
        mallory(groups=["team"]),
        group(
            "team", inline=[{"name": "own", "document": policy(allow("iam:AttachGroupPolicy", arn("group", "team")))}]
        ),
    ),
    "a group that may write IAM is joined": model(
        mallory(allow("iam:AddUserToGroup")),
        group("writers", inline=[{"name": "w", "document": policy(allow("iam:*"))}]),
    ),
    "who may write all of IAM is as good as an administrator": model(
        mallory(allow("sts:AssumeRole")), holding("keeper", allow("iam:*"))
    ),
    "a condition on the service that fits": model(
        mallory(allow(PASS[0], Condition={"StringLike": {"iam:PassedToService": "lambda.*"}}), allow(PASS[1:])), target
    ),
    "a wildcard trust": model(mallory(), role("target", trusting(AWS="*"), attached=[ADMIN])),
    "names that fit one another": model(
        mallory(
            allow("iam:PassRole"),
            allow(PASS[1], thing_arn("lambda:function", "dev-*")),
            allow(PASS[2], thing_arn("lambda:function", "dev-*")),
        ),
        target,
    ),
    "five versions, of which one may be deleted": model(
        mallory(
            allow(["iam:CreatePolicyVersion", "iam:DeletePolicyVersion"], arn("policy", "held")),
            attached=[arn("policy", "held")],
        ),
        managed_policies=[own_policy("held", 5)],
    ),
    "a boundary that lets its own policy be rewritten": model(
        mallory(allow("iam:CreatePolicyVersion"), allow("*"), boundary=arn("policy", "bounds")),
        managed_policies=[
            {
                "arn": arn("policy", "bounds"),
                "default": "v1",
                "versions": {"v1": policy(allow("iam:CreatePolicyVersion"))},
            }
        ],
    ),
    "a boundary of everything": model(mallory(allow("iam:PutUserPolicy"), boundary=FULL_ACCESS)),
    "a Deny that spares this": model(mallory(allow("iam:PutUserPolicy"), deny("iam:*", arn("user", "boss")))),
    "a Deny unless a second factor was given": model(
        mallory(
            allow("iam:PutUserPolicy"), deny("*", Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})
        )
    ),
    "SCPs that keep regions": model(
        mallory(allow("iam:PutUserPolicy")),
        scps=[
            [
                FULL_ACCESS,
                policy(
                    {
                        "Effect": "Deny",
                        "NotAction": ["iam:*"],
                        "Resource": "*",
                        "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-west-1"]}},
                    }
                ),
            ]
        ],
    ),
    "a machine with a role, and an agent": model(
        mallory(allow("ssm:StartSession")),
        role("target", trusting(Service="ec2.amazonaws.com"), attached=[ADMIN]),
        resources=[runs("i-1", "target", "ec2:instance")],
    ),
    "a machine with an instance profile": model(
        mallory(allow("ssm:SendCommand")),
        role(
            "target",
            trusting(Service="ec2.amazonaws.com"),
            attached=[ADMIN],
            instance_profiles=[arn("instance-profile", "web")],
        ),
        resources=[
            {
                "type": "ec2:instance",
                "arn": thing_arn("ec2:instance", "i-1"),
                "instance_profile": arn("instance-profile", "web"),
            }
        ],
    ),
    "only a policy of the account may be attached, and it allows everything": model(
        mallory(allow("iam:AttachUserPolicy", Condition={"ArnEquals": {"iam:PolicyARN": arn("policy", "all")}})),
        managed_policies=[{"arn": arn("policy", "all"), "default": "v1", "versions": {"v1": FULL_ACCESS}}],
    ),
    "another account's role that trusts this one's": model(
        mallory(allow("sts:AssumeRole")),
        {**role("far", ROOT, attached=[ADMIN]), "arn": "arn:aws:iam::999988887777:role/far"},
    ),
    "the service named in the trust with a source account": model(
        mallory(allow(PASS)),
        {
            **target,
            "trust": policy(
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "lambda.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                    "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
                }
            ),
        },
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_a_path_is_found(name):
    answer = ask(FOUND[name])

    assert answer["escalates"] is True
    assert answer["steps"][-1]["to"] == answer["target"]


NOT_FOUND = {
    "a function is made and never invoked": model(mallory(allow(PASS[:2])), target),
    "what may be made may not be invoked": model(
        mallory(
            allow("iam:PassRole"),
            allow(PASS[1], thing_arn("lambda:function", "dev-*")),
            allow(PASS[2], thing_arn("lambda:function", "prod-*")),
        ),
        target,
    ),
    "five versions": model(
        mallory(allow("iam:CreatePolicyVersion"), attached=[arn("policy", "held")]),
        managed_policies=[own_policy("held", 5)],
    ),
    "AWS's own policy cannot be rewritten": model(mallory(allow("iam:CreatePolicyVersion"), attached=[READER])),
    "a policy of somebody else": model(
        mallory(allow("iam:CreatePolicyVersion")),
        user("boss", attached=[arn("policy", "held")]),
        managed_policies=[own_policy("held")],
    ),
    "the role of the machine cannot register it": model(
        mallory(allow("ssm:StartSession")),
        holding("w", allow("iam:*"), deny("ssm:*"), trust=trusting(Service="ec2.amazonaws.com")),
        resources=[runs("i-1", "w", "ec2:instance")],
    ),
    "a chain that breaks at the second trust": model(
        mallory(allow("sts:AssumeRole")),
        holding("one", allow("sts:AssumeRole")),
        role("target", trusting(AWS=arn("user", "boss")), attached=[ADMIN]),
    ),
    "a role that is named is held by its boundary": model(
        mallory(allow("sts:AssumeRole", arn("role", "one"))),
        role("one", ROOT, boundary=policy(allow("s3:*"))),
        role("target", trusting(AWS=arn("role", "one")), attached=[ADMIN]),
    ),
    "a trust that denies the caller": model(
        mallory(allow("sts:AssumeRole")),
        role(
            "target",
            policy(
                *ROOT["Statement"], {"Effect": "Deny", "Principal": {"AWS": arn("user", "mallory")}, "Action": "sts:*"}
            ),
            attached=[ADMIN],
        ),
    ),
    "a trust for one user's name": model(
        mallory(allow("sts:AssumeRole")),
        role(
            "target",
            policy({**ROOT["Statement"][0], "Condition": {"StringEquals": {"aws:PrincipalArn": arn("user", "boss")}}}),
            attached=[ADMIN],
        ),
    ),
    "a permission that ran out": model(
        mallory(allow("iam:PutUserPolicy", Condition={"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}))
    ),
    "a tag that the caller does not have": model(
        mallory(allow("iam:PutUserPolicy", Condition={"StringEquals": {"aws:PrincipalTag/team": "admins"}}))
    ),
    "only a harmless policy may be attached": model(
        mallory(allow("iam:AttachUserPolicy", Condition={"ArnEquals": {"iam:PolicyARN": READER}}))
    ),
    "users may be made only within a boundary": model(
        mallory(
            allow(
                ["iam:CreateUser", "iam:AttachUserPolicy", "iam:CreateAccessKey"],
                arn("user", "new/*"),
                Condition={"StringEquals": {"iam:PermissionsBoundary": arn("policy", "bounds")}},
            )
        )
    ),
    "the group's Deny": model(
        mallory(allow("iam:PutUserPolicy"), groups=["held"]),
        group("held", inline=[{"name": "no", "document": policy(deny("iam:Put*"))}]),
    ),
    "all but IAM": model(mallory(attached=[EVERYTHING_BUT_IAM])),
    "another account's role without a trust": model(
        mallory(allow("*", "arn:aws:s3:::*"), allow("sts:AssumeRole")),
        {
            **role("far", trusting(AWS="arn:aws:iam::555566667777:root"), attached=[ADMIN]),
            "arn": "arn:aws:iam::999988887777:role/far",
        },
    ),
    "a wildcard where the type stands, on nothing": model(
        mallory(allow("iam:PutUserPolicy", f"arn:aws:iam::{ACCOUNT}:group/*"))
    ),
    "the key slots of the administrator are full": model(
        mallory(allow("iam:CreateAccessKey")), user("boss", attached=[ADMIN], access_keys=2)
    ),
    "bounded, and the boundary's key in the condition": model(
        mallory(
            allow("iam:PutUserPolicy", Condition={"StringEquals": {"iam:PermissionsBoundary": arn("policy", "bounds")}})
        )
    ),
}


@pytest.mark.parametrize("name", NOT_FOUND)
def test_no_path_is_found(name):
    answer = ask(NOT_FOUND[name])

    assert answer["escalates"] is False, answer["steps"]


def test_a_condition_that_must_hold_is_said():
    asked = model(mallory(allow("iam:PutUserPolicy", Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})))

    (step,) = ask(asked)["steps"]

    assert step["because"][0]["if"] == {"Bool": {"aws:MultiFactorAuthPresent": ["true"]}}


def test_a_policy_that_nobody_knows_makes_the_answer_unknown():
    answer = ask(model(mallory(attached=["arn:aws:iam::aws:policy/NoSuchPolicyEver"])))

    assert answer["escalates"] is None
    assert "NoSuchPolicyEver" in answer["unknown"][0]


def test_a_boundary_that_nobody_knows_makes_the_answer_unknown():
    answer = ask(model(mallory(allow("iam:PutUserPolicy"), boundary=arn("policy", "elsewhere"))))

    assert answer["escalates"] is None
    assert "boundary" in answer["unknown"][0]


def test_several_callers_are_answered_at_once():
    asked = {
        "id": 7,
        "attackers": [arn("user", "mallory"), arn("user", "bob")],
        "account": model(mallory(allow("iam:PutUserPolicy")), user("bob")),
    }

    answer = next(answers([json.dumps(asked)]))

    assert answer == {"id": 7, "attackers": {arn("user", "mallory"): True, arn("user", "bob"): False}}


def test_a_session_is_its_role():
    asked = model(holding("ops", allow("iam:PutRolePolicy")))
    line = json.dumps({"id": 1, "attacker": f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/me", "account": asked})

    assert next(answers([line]))["escalates"] is True


HOSTILE = [
    "nonsense",
    "[]",
    "{}",
    '{"id": 1}',
    '{"id": 1, "attacker": 5, "account": {}}',
    "[" * 100_000,
    json.dumps({"id": 1, "attacker": "a", "attackers": [], "account": model()}),
    json.dumps({"id": 1, "attacker": "nobody", "account": model(mallory())}),
    json.dumps({"id": 1, "attacker": "a", "goal": "coffee", "account": model(mallory())}),
    json.dumps({"id": 1, "attacker": arn("user", "mallory"), "account": model(mallory(), mallory())}),
    json.dumps({"id": 1, "attacker": arn("user", "mallory"), "account": model({"kind": "ghost", "arn": "x"})}),
    json.dumps({"id": 1, "attacker": arn("user", "mallory"), "account": model(mallory(), resources=[{"type": "x"}])}),
    json.dumps({"id": 1, "attacker": arn("user", "mallory"), "account": model(mallory(attached=[5]))}),
]


@pytest.mark.parametrize("line", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_not_understood_gets_one_sentence(line):
    (answer,) = answers([line])

    assert set(answer) == {"id", "error"}
    assert "\n" not in answer["error"]


ODD = [
    None,
    5,
    "",
    "{",
    [],
    [[]],
    {"Statement": 5},
    {"Statement": [None, 5, {"Effect": "Allow"}]},
    {"Statement": {"Action": {"a": 1}}},
]


@pytest.mark.parametrize("document", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("field", ["inline", "trust", "boundary", "scps", "managed"])
def test_odd_documents_are_answered(document, field):
    asked = copy.deepcopy(model(mallory(allow("sts:AssumeRole")), holding("one", allow("s3:*"))))
    me, other = asked["principals"]
    match field:
        case "inline":
            me["inline"].append({"name": "odd", "document": document})
        case "trust":
            other["trust"] = document
        case "boundary":
            me["boundary"] = document
        case "scps":
            asked["scps"] = [[document]]
        case "managed":
            asked["managed_policies"] = [{"arn": arn("policy", "odd"), "default": "v1", "versions": {"v1": document}}]
            me["attached"] = [arn("policy", "odd")]

    assert "escalates" in ask(asked)
