"""Secrets: CASES are run by tests/house/test_checks.py."""

from dataclasses import replace

from tests.core.cases import ACCOUNT, Case, Cases, resource

OLD, YOUNG, AHEAD = "2026-08-01T00:00:00Z", "2026-10-01T00:00:00Z", "2026-12-01T00:00:00Z"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/reader"


def secret(*statements, **said):
    policy = {"ResourcePolicy": {"Statement": list(statements)}} if statements else {}
    listed = {"ARN": "arn:s", "Name": "s", "LastChangedDate": YOUNG, **said}
    return Case(
        resource("AWS::SecretsManager::Secret", ListSecrets=listed, GetResourcePolicy={"ARN": "arn:s", **policy})
    )


def allow(principal, **more):
    return {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "secretsmanager:GetSecretValue",
        "Resource": "*",
        **more,
    }


OTHERS = {"StringNotEquals": {"aws:PrincipalArn": ROLE}}
STRANGERS = {"StringNotEquals": {"aws:PrincipalAccount": ["111122223333", "999988887777"]}}
CASES = {
    "aws.secretsmanager.public": Cases(
        fails=(
            secret(allow("*")),
            secret(allow({"AWS": "*"})),
            secret(allow("*", Condition={"StringLike": {"aws:PrincipalArn": "*"}})),
            secret(allow({"AWS": "arn:aws:iam::999988887777:role/partner"})),
            secret(allow({"AWS": ["111122223333", "999988887777"]})),
            secret(allow("*", Condition={"StringEquals": {"aws:PrincipalAccount": "999988887777"}})),
            secret(allow("*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::999988887777:role/*"}})),
            secret(allow("*"), {**allow("*", Condition=STRANGERS), "Effect": "Deny"}),
        ),
        passes=(
            secret(),
            secret(allow({"AWS": ROLE})),
            secret(allow("*", Condition={"StringEquals": {"aws:PrincipalAccount": ACCOUNT}})),
            secret(allow("*"), {**allow("*", Condition=OTHERS), "Effect": "Deny"}),
            replace(secret(allow({"AWS": "999988887777"})), trusted=frozenset({"999988887777"})),
        ),
    ),
    "aws.secretsmanager.rotation": Cases(
        fails=(
            secret(LastChangedDate=OLD),
            secret(LastChangedDate=OLD, RotationEnabled=False),
            secret(RotationEnabled=True, NextRotationDate=YOUNG),
        ),
        passes=(
            secret(),
            secret(LastChangedDate=OLD, RotationEnabled=True, NextRotationDate=AHEAD),
            secret(LastChangedDate=OLD, RotationEnabled=True),
        ),
        neutral=(
            secret(LastChangedDate=OLD, OwningService="appflow"),
            secret(LastChangedDate=OLD, PrimaryRegion="us-east-1"),
        ),
        unknown=(secret(LastChangedDate=None),),
    ),
}
