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

CASES = {
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
}


@pytest.mark.parametrize(("found", "severity"), [("Secret by name", Severity.HIGH), ("AWS Access Key", None)])
def test_what_only_a_name_tells_is_less_sure(found, severity):
    verdict = project(variable("DB_PASSWORD", found)).verdict("aws.codebuild.env_secret")

    assert verdict.severity is severity
    assert verdict.sentence == f"Secrets stand in variable DB_PASSWORD ({found})"
