"""The build projects."""

from __future__ import annotations

from typing import Any

from posture.runtime.sample.emulator import ACCOUNT
from posture.runtime.sample.shop import EDGE, MAIN
from posture.runtime.sample.shop.account import Account, allow, policy, statement

GITHUB = "https://github.com/fernhollow/"
BUILD_SECRET = "ghp_" + "FakeFernhollowBuildToken000000000417"  # planted
SOURCE_PASSWORD = "Fernhollow-fake-mirror-5518"  # noqa: S105 - planted
MIRROR = f"https://builder:{SOURCE_PASSWORD}@mirror.fernhollow.test/legacy.git"


def variable(name: str, value: str, kind: str = "PLAINTEXT") -> dict[str, str]:
    return {"name": name, "value": value, "type": kind}


TRUSTED = {"type": "ACTOR_ACCOUNT_ID", "pattern": "^(48120|51877)$"}
REQUESTS = {"type": "EVENT", "pattern": "PULL_REQUEST_CREATED, PULL_REQUEST_UPDATED"}
PUSHES = {"type": "EVENT", "pattern": "PUSH"}
MAIN_BRANCH = {"type": "HEAD_REF", "pattern": "^refs/heads/main$"}
WEBHOOKS = (  # project, region, groups of filters
    ("shop-build", MAIN, [[REQUESTS, TRUSTED], [PUSHES, MAIN_BRANCH]]),
    ("docs-build", MAIN, [[REQUESTS]]),
)
PROJECTS: tuple[tuple[str, str, str, list[dict[str, str]]], ...] = (  # name, region, source, variables
    (
        "shop-build",
        MAIN,
        GITHUB + "shop.git",
        [variable("STAGE", "production"), variable("NPM_TOKEN", "build/npm:token", "SECRETS_MANAGER")],
    ),
    ("docs-build", MAIN, "https://reader@github.com/fernhollow/docs.git", []),
    ("release", MAIN, GITHUB + "shop.git", [variable("GITHUB_TOKEN", BUILD_SECRET)]),
    ("legacy-build", EDGE, MIRROR, [variable("REGION", EDGE)]),
)


def build(account: Account) -> None:
    with account.past(390):
        trust = statement("Allow", {"Service": "codebuild.amazonaws.com"}, "sts:AssumeRole")
        del trust["Resource"]
        account.client("iam").create_role(RoleName="builder", AssumeRolePolicyDocument=policy(trust))
        may = policy(allow("iam:CreateRole", f"arn:aws:iam::{ACCOUNT}:role/app-*"))
        account.client("iam").put_role_policy(RoleName="builder", PolicyName="roles-of-apps", PolicyDocument=may)
        for name, region, source, variables in PROJECTS:
            account.client("codebuild", region).create_project(**project(name, source, variables))
        for name, region, groups in WEBHOOKS:
            account.client("codebuild", region).create_webhook(projectName=name, filterGroups=groups)


def project(name: str, source: str, variables: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "name": name,
        "source": {"type": "GITHUB", "location": source, "buildspec": "buildspec.yml"},
        "artifacts": {"type": "NO_ARTIFACTS"},
        "environment": {
            "type": "LINUX_CONTAINER",
            "image": "aws/codebuild/standard:7.0",
            "computeType": "BUILD_GENERAL1_SMALL",
            "environmentVariables": variables,
            "privilegedMode": name == "legacy-build",
        },
        "serviceRole": f"arn:aws:iam::{ACCOUNT}:role/{'release-builder' if name == 'release' else 'builder'}",
    }
