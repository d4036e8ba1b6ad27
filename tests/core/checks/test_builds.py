"""Build projects: CASES are run by tests/house/test_checks.py; what the door sees in a value, its own tests say."""

import pytest

from scanners.model import Severity
from tests.core.cases import Case, Cases, resource

PROJECT = "AWS::CodeBuild::Project"
PLAIN = {"type": "GITHUB", "location": {"url": "https://github.com/o/r", "secret": None}}
WITH_PASSWORD = {"type": "GITHUB", "location": {"url": "https://github.com/o/r", "secret": "Basic Auth Credentials"}}


def variable(name, secret=None):
    return {"name": name, "type": "PLAINTEXT", "secret": secret, "digest": "d"}


def script(*found):
    return {**PLAIN, "buildspec": {"digest": "d", "lines": 9, "secrets": [{"line": 3, "secret": one} for one in found]}}


def project(*variables, source=PLAIN, second=(), **more):
    told = {
        "environment": {"environmentVariables": list(variables)},
        "source": source,
        "secondarySources": list(second),
    }
    return Case(resource(PROJECT, f"arn:aws:codebuild:eu-west-1:1:project/{PROJECT}", BatchGetProjects=told | more))


REFERENCE = {"name": "DB_PASSWORD", "type": "SECRETS_MANAGER"}


def said(kind, pattern, exclude=False):
    return {"type": kind, "pattern": pattern, "excludeMatchedPattern": exclude}


REQUESTS, PUSHES = said("EVENT", "PULL_REQUEST_CREATED, PULL_REQUEST_UPDATED"), said("EVENT", "PUSH")
BRANCH = said("HEAD_REF", "^refs/heads/main$")


def only_by(pattern):
    return said("ACTOR_ACCOUNT_ID", pattern)


def hooked(*groups, policy=None, **more):
    webhook = {"filterGroups": [list(group) for group in groups]}
    if policy:
        webhook["pullRequestBuildPolicy"] = {"requiresCommentApproval": policy}
    return project(webhook=webhook, **more)


def inside(**said):
    return Case(resource(PROJECT, BatchGetProjects={"environment": said, "source": PLAIN}))


CASES = {
    "aws.codebuild.privileged": Cases(
        fails=(inside(privilegedMode=True), inside(privilegedMode=True, type="ARM_CONTAINER")),
        passes=(inside(privilegedMode=False), inside(), inside(privilegedMode="true")),
        unknown=(Case(resource(PROJECT, BatchGetProjects={"source": PLAIN})),),
    ),
    "aws.codebuild.env_secret": Cases(
        fails=(
            project(variable("AWS_ACCESS_KEY_ID", "AWS Access Key")),
            project(variable("STAGE"), variable("DB_PASSWORD", "Secret by name")),
            project(source=WITH_PASSWORD),
            project(variable("STAGE"), second=(PLAIN, WITH_PASSWORD)),
            project(source=script("Secret by name", "GitHub Token")),
        ),
        passes=(
            project(),
            project(variable("STAGE"), REFERENCE),
            project(source={"type": "CODEPIPELINE"}),
            project(source=script()),
            project(source=script("Secret by name")),
        ),
        unknown=(project(environment=None), project(source=None)),
    ),
    "aws.codebuild.untrusted_trigger": Cases(
        fails=(
            hooked(),
            hooked([REQUESTS]),
            hooked([REQUESTS, BRANCH]),
            hooked([PUSHES], [REQUESTS]),
            hooked([REQUESTS, only_by("48120")]),
            hooked([REQUESTS, only_by("^48120|51877$")]),
            hooked([REQUESTS, said("ACTOR_ACCOUNT_ID", "^666$", exclude=True)]),
            hooked([said("EVENT", "PULL_REQUEST_MERGED, PULL_REQUEST_REOPENED")]),
            hooked([said("EVENT", "PUSH", exclude=True)]),
            hooked([REQUESTS], policy="DISABLED"),
            hooked([PUSHES, said("HEAD_REF", "refs/heads/main")]),
            project(projectVisibility="PUBLIC_READ"),
            hooked([PUSHES, BRANCH], projectVisibility="PUBLIC_READ"),
        ),
        passes=(
            project(),
            project(projectVisibility="PRIVATE"),
            hooked([PUSHES]),
            hooked([PUSHES, BRANCH], [REQUESTS, only_by("^(48120|51877)$")]),
            hooked([REQUESTS, only_by("^48120$|^51877$")]),
            hooked([REQUESTS], policy="ALL_PULL_REQUESTS"),
            hooked([REQUESTS], policy="FORK_PULL_REQUESTS"),
            hooked(policy="ALL_PULL_REQUESTS"),
            hooked([said("EVENT", "PULL_REQUEST_MERGED")]),
            hooked([said("EVENT", "WORKFLOW_JOB_QUEUED")]),
            hooked([PUSHES, said("FILE_PATH", "src/.*")]),
        ),
    ),
}


@pytest.mark.parametrize(("found", "severity"), [("Secret by name", Severity.HIGH), ("AWS Access Key", None)])
def test_what_only_a_name_tells_is_less_sure(found, severity):
    verdict = project(variable("DB_PASSWORD", found)).verdict("aws.codebuild.env_secret")

    assert verdict.severity is severity
    assert verdict.sentence == f"Secrets stand in variable DB_PASSWORD ({found})"


def test_a_branch_that_is_named_loosely_lets_no_stranger_in():
    assert (
        hooked([PUSHES, said("HEAD_REF", "main")]).verdict("aws.codebuild.untrusted_trigger").severity is Severity.LOW
    )
    assert hooked([REQUESTS]).verdict("aws.codebuild.untrusted_trigger").severity is Severity.HIGH


def test_a_pattern_of_great_length_is_read_in_one_go():
    assert hooked([REQUESTS, only_by("(" * 50_000 + "|" * 50_000)]).verdicts("aws.codebuild.untrusted_trigger")
