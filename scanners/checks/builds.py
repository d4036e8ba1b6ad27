"""Build projects: what their settings give away."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.registry import Fix, check
from scanners.model import Node, Resource, Severity, Verdict, failed, passed
from scanners.model.estate import Estate

PROJECT = "AWS::CodeBuild::Project"
GUESSED = "Secret by name"


@check(
    "aws.codebuild.env_secret",
    on=PROJECT,
    severity=Severity.CRITICAL,
    title="Secret in build settings",
    reads=("BatchGetProjects",),
    fix=Fix(
        console="CodeBuild > Build projects > the project > Edit > Environment: put the value into Secrets Manager and"
        " choose the variable type Secrets Manager; under Source, connect through CodeConnections instead of an"
        " address with a password. Replace the secret: it has been readable.",
        cli="aws codebuild update-project --name NAME --environment file://environment.json (of each variable type"
        " SECRETS_MANAGER, value SECRET:KEY)",
        terraform='resource "aws_codebuild_project" "this" { environment { environment_variable { name = "TOKEN",'
        ' type = "SECRETS_MANAGER", value = aws_secretsmanager_secret.this.name } } }',
    ),
)
def env_secret(project: Resource, estate: Estate) -> Iterator[Verdict]:
    """Everyone who may look at the project reads the secret, and every build can print it into its log."""
    said = project["BatchGetProjects"]
    variables = said.need("environment")["environmentVariables"]
    sources = [said.need("source"), *said["secondarySources"]]
    found = [*_in_variables(variables), *(one for source in sources for one in _in_source(source))]
    if found:
        only_names = all(kind == GUESSED for _, kind, _ in found)
        where = ", ".join(sorted(f"{place} ({kind})" for place, kind, _ in found))
        proof = (node for _, _, node in found)
        yield failed(f"Secrets stand in {where}", *proof, severity=Severity.HIGH if only_names else None)
    else:
        yield passed("No variable, address or script holds what looks like a secret", variables, *sources)


def _in_variables(variables: Node) -> Iterator[tuple[str, str, Node]]:
    """(where, kind of secret, proof)."""
    for variable in variables:
        if (kind := variable["secret"]).present:
            yield f"variable {variable.need('name').value}", kind.text(), kind


def _in_source(source: Node) -> Iterator[tuple[str, str, Node]]:
    """A script names the secrets that it fetches, so in one only what has a secret's own form counts."""
    if (kind := source["location"]["secret"]).present:
        yield "the address of a source", kind.text(), kind
    for line in source["buildspec"]["secrets"]:
        if (kind := line.need("secret")).value != GUESSED:
            yield f"line {line.need('line').value} of a build script", kind.text(), kind
