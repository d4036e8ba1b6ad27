"""Random accounts that hang together: seeded, for properties and for measuring."""

from __future__ import annotations

from random import Random
from typing import Any

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

SERVICES = ("lambda", "ec2", "glue", "cloudformation", "codebuild")
POWERS = (
    ["iam:PassRole", "lambda:*"],
    ["sts:AssumeRole"],
    ["iam:PutRolePolicy"],
    ["iam:AttachRolePolicy"],
    ["iam:CreateAccessKey"],
    ["iam:UpdateAssumeRolePolicy"],
    ["lambda:UpdateFunctionCode"],
    ["iam:CreatePolicyVersion"],
    ["iam:AddUserToGroup"],
    ["s3:*"],
    ["ec2:*"],
    ["iam:PassRole", "glue:*"],
    ["iam:UpdateLoginProfile"],
    ["iam:PutUserPolicy"],
    ["ssm:*"],
    ["iam:DeleteRolePermissionsBoundary", "iam:PutRolePolicy"],
    ["iam:Get*"],
    ["logs:*"],
)


def random_account(seed: int, roles: int = 6, users: int = 4) -> dict[str, Any]:
    dice = Random(seed)  # noqa: S311 - not for secrets
    names = [f"r{n}" for n in range(roles)]
    principals = [_role(dice, name, names) for name in names] + [_user(dice, f"u{n}", names) for n in range(users)]
    principals.append(group("g", attached=[ADMIN if dice.random() < 0.3 else READER]))
    things = [
        {
            "type": "lambda:function",
            "arn": thing_arn("lambda:function", f"f{n}"),
            "role": arn("role", dice.choice(names)),
        }
        for n in range(3)
    ]
    return {
        "account_id": ACCOUNT,
        "region": "eu-west-1",
        "scps": [[FULL_ACCESS]],
        "principals": principals,
        "managed_policies": [own_policy("held", dice.randint(1, 5))],
        "resources": things,
    }


def _statement(dice: Random, names: list[str]) -> dict[str, Any]:
    actions = dice.choice(POWERS)
    on = dice.choice(
        [
            "*",
            arn("role", dice.choice(names)),
            arn("role", "r*"),
            arn("user", "u*"),
            arn("group", "*"),
            arn("policy", "*"),
        ]
    )
    written = allow(actions, on if dice.random() < 0.6 else "*")
    if dice.random() < 0.15:
        written["Condition"] = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    return written


def _powers(dice: Random, names: list[str]) -> list[dict[str, Any]]:
    rows = [_statement(dice, names) for _ in range(dice.randint(0, 2))]
    if dice.random() < 0.15:
        rows.append(deny(dice.choice(POWERS)))
    return [{"name": "p", "document": policy(*rows)}] if rows else []


def _held(dice: Random) -> dict[str, Any]:
    attached = [arn("policy", "held")] if dice.random() < 0.3 else []
    bounded = policy(allow(["iam:*", "s3:*"])) if dice.random() < 0.15 else None
    return {"attached": attached + ([ADMIN] if dice.random() < 0.1 else []), "boundary": bounded}


def _role(dice: Random, name: str, names: list[str]) -> dict[str, Any]:
    trust = dice.choice(
        [
            trusting(AWS=f"arn:aws:iam::{ACCOUNT}:root"),
            trusting(Service=f"{dice.choice(SERVICES)}.amazonaws.com"),
            trusting(AWS=arn("role", dice.choice(names))),
            trusting(AWS=arn("user", "u0")),
        ]
    )
    return role(name, trust, inline=_powers(dice, names), **_held(dice))


def _user(dice: Random, name: str, names: list[str]) -> dict[str, Any]:
    more = {"groups": ["g"] if dice.random() < 0.2 else [], "access_keys": dice.randint(0, 2)}
    return user(name, inline=_powers(dice, names), login_profile=dice.random() < 0.5, **_held(dice), **more)
