"""Build projects: what their settings give away, and who can start a build.

Limits: what a build may do with its role is the access engine's question; whether a repository is public is not known.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.registry import Fix, check
from scanners.model import Node, Resource, Severity, Verdict, failed, passed
from scanners.model.estate import Estate

PROJECT = "AWS::CodeBuild::Project"
GUESSED = "Secret by name"
REQUESTS = {"PULL_REQUEST_CREATED", "PULL_REQUEST_UPDATED", "PULL_REQUEST_REOPENED"}
ASKS_FIRST = ("ALL_PULL_REQUESTS", "FORK_PULL_REQUESTS")  # who may approve has to comment before such a build starts
ACTOR, REFS = "ACTOR_ACCOUNT_ID", ("BASE_REF", "HEAD_REF")


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


@check(
    "aws.codebuild.untrusted_trigger",
    on=PROJECT,
    severity=Severity.HIGH,
    title="Strangers can start the build",
    reads=("BatchGetProjects",),
    fix=Fix(
        console="CodeBuild > Build projects > the project > Edit > Primary source webhook events: for pull requests, a"
        " filter ACTOR_ACCOUNT_ID with ^(ID|ID)$, or comment approval; anchor every pattern with ^ and $; make the"
        " project private.",
        cli="aws codebuild update-webhook --project-name NAME --filter-groups file://filters.json"
        " --pull-request-build-policy requiresCommentApproval=ALL_PULL_REQUESTS",
        terraform='resource "aws_codebuild_webhook" "this" { filter_group { filter { type = "ACTOR_ACCOUNT_ID",'
        ' pattern = "^(1234|5678)$" } } }',
    ),
)
def untrusted_trigger(project: Resource, estate: Estate) -> Iterator[Verdict]:
    """A pull request brings its own code: built with the project's role, it takes what the role can reach."""
    said = project["BatchGetProjects"]
    seen, webhook = said["projectVisibility"], said["webhook"]
    found = list(_openings(webhook)) if webhook.present else []
    if seen.value == "PUBLIC_READ":
        found.append(("Anyone can read the results of its builds", seen, Severity.MEDIUM))
    if found:
        gravest = max(severity for _, _, severity in found)
        words = "; ".join(dict.fromkeys(words for words, _, _ in found))
        yield failed(words, *(node for _, node, _ in found), severity=gravest)
    elif webhook.present:
        yield passed("Every way to start a build from outside asks who it is", webhook)
    else:
        yield passed("No webhook starts a build", webhook)


def _openings(webhook: Node) -> Iterator[tuple[str, Node, Severity]]:
    """(what is wrong, where, how grave).  Groups are alternatives; within a group, every filter has to match."""
    approved = webhook["pullRequestBuildPolicy"]["requiresCommentApproval"].value in ASKS_FIRST
    groups = list(webhook["filterGroups"])
    if not groups and not approved:
        yield "Every pull request is built, whoever makes it", webhook, Severity.HIGH
    for group in groups:
        filters = [(one.need("type").text(), one) for one in group]
        actors = [one for kind, one in filters if kind == ACTOR and one["excludeMatchedPattern"].value is not True]
        if _takes_requests(filters) and not approved:
            if not actors:
                yield "Pull requests are built, whoever makes them", group, Severity.HIGH
            elif not any(_anchored(one.need("pattern").text()) for one in actors):
                yield (
                    "Pull requests of accounts are built whose id only contains a trusted one",
                    actors[0],
                    Severity.HIGH,
                )
        for kind, one in filters:
            if kind in REFS and not _anchored(one.need("pattern").text()):
                yield f"A {kind} pattern also takes names that only contain it", one, Severity.LOW


def _takes_requests(filters: list[tuple[str, Node]]) -> bool:
    """A pull request that is closed or merged was so by somebody who may."""
    for kind, one in filters:
        if kind == "EVENT":
            named = {event.strip() for event in one.need("pattern").text().split(",")}
            return bool(REQUESTS - named) if one["excludeMatchedPattern"].value is True else bool(REQUESTS & named)
    return True


def _anchored(pattern: str) -> bool:
    """Whether the pattern has to match from the beginning to the end, in each of its alternatives."""
    return all(part.startswith("^") and part.endswith("$") for part in _alternatives(pattern))


def _alternatives(pattern: str) -> list[str]:
    """Split at each "|" that stands in no group and no class."""
    parts, depth, start, escaped = list[str](), 0, 0, False
    for at, letter in enumerate(pattern):
        if escaped:
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter in "([":
            depth += 1
        elif letter in ")]":
            depth -= 1
        elif letter == "|" and depth == 0:
            parts.append(pattern[start:at])
            start = at + 1
    return [*parts, pattern[start:]]


@check(
    "aws.codebuild.privileged",
    on=PROJECT,
    severity=Severity.LOW,
    title="Build container privileged",
    reads=("BatchGetProjects",),
    fix=Fix(
        console="CodeBuild > the project > Edit > Environment > Override image > Privileged: off; build images in a"
        " project of their own, or with a tool that needs no Docker daemon.",
        cli="aws codebuild update-project --name NAME --environment type=LINUX_CONTAINER,image=IMAGE,"
        "computeType=TYPE,privilegedMode=false",
        terraform='resource "aws_codebuild_project" "this" { environment { privileged_mode = false } }',
    ),
)
def privileged(project: Resource, estate: Estate) -> Iterator[Verdict]:
    """What a build brings along then has the devices of the machine it runs on, and not the container alone.  Whether
    it builds images, which needs that, its settings do not tell.
    """
    mode = project["BatchGetProjects"].need("environment")["privilegedMode"]
    if mode.value is True:
        yield failed("Its builds run in a privileged container", mode)
    else:
        yield passed("Its builds run in an ordinary container", mode)
