"""What workflows, tasks and builds may do by their roles, and guests of identity pools by theirs."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.aws.effective import catalogue, effective
from scanners.checks.function_roles import (
    CALLS,
    EVERY_FUNCTION,
    gone,
    in_full,
    on_all,
    on_the_way,
    run_as,
    whole_services,
    wide_data,
)
from scanners.checks.registry import Fix, check
from scanners.graph.ascent import PRINCIPALS, full_rights
from scanners.graph.rights import JOINS, ROLE, Rights, rights_of
from scanners.model import Node, Resource, Severity, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

NARROW = "aws iam put-role-policy --role-name NAME --policy-name own --policy-document file://narrow.json"
POLICY = 'resource "aws_iam_role_policy" "own" { policy = data.aws_iam_policy_document.narrow.json }'
# What every visitor's device may do anyway, or may do for itself alone ("Access policies", Amazon Cognito guide).
HARMLESS = ("cognito-identity:", "cognito-sync:", "mobileanalytics:putevents", "sts:getcalleridentity")


@check(
    "aws.sfn.role_wide",
    on="AWS::StepFunctions::StateMachine",
    severity=Severity.HIGH,
    title="Workflow runs with wide rights",
    reads=("DescribeStateMachine",),
    joins=JOINS,
    fix=Fix(
        console="Step Functions > the state machine > Edit > Permissions > the role: allow the calls of its tasks, on"
        " the resources that they name.",
        cli=NARROW,
        terraform=POLICY,
    ),
)
def workflow(machine: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever may change the definition, or smuggle input into a task, uses all that the role may do."""
    where = machine["DescribeStateMachine"].need("roleArn")
    rights = run_as(estate, where, machine.region)
    if rights is None:
        yield gone(where)
    elif verdict := in_full(estate, rights, where, Severity.CRITICAL):
        yield verdict
    elif found := list(_wide(rights, machine.region)):
        said = ", ".join(sorted({words for words, _ in found}))
        yield failed(f"Its role may do, on everything: {said}{rights.caveat}", where, *(node for _, node in found))
    else:
        yield passed("Its role names what it may do, and to what", where)


def _wide(rights: Rights, region: str) -> Iterator[tuple[str, Node]]:
    for words, rule in whole_services(rights):
        if rule.resources.stars:
            yield words, rights.at(rule)
    for action, rule in wide_data(rights, region).items():
        yield action, rights.at(rule)
    for action in CALLS:
        if called := on_all(rights, action, EVERY_FUNCTION, region):
            yield action, rights.at(called)


@check(
    "aws.ecs.task_role_admin",
    on="AWS::ECS::TaskDefinition",
    severity=Severity.CRITICAL,
    title="Task role too strong",
    reads=("DescribeTaskDefinition",),
    joins=PRINCIPALS,
    fix=Fix(
        console="IAM > Roles > the task role: allow the calls that the application makes; ECS > Task definitions >"
        " Create new revision: a task role that is not the execution role.",
        cli="aws ecs register-task-definition --family NAME --task-role-arn NARROW-ROLE --execution-role-arn OTHER-ROLE"
        " --container-definitions file://containers.json",
        terraform='resource "aws_ecs_task_definition" "this" { task_role_arn = aws_iam_role.app.arn'
        "  execution_role_arn = aws_iam_role.start.arn }",
    ),
)
def task(family: Resource, estate: Estate) -> Iterator[Verdict]:
    """Every container of the task can ask for the role's credentials, and so can whoever breaks into one.  The role
    that ECS starts tasks with reads images and secrets: lighter, the application should not have it either.
    """
    said = family["DescribeTaskDefinition"]
    where, starts = said["taskRoleArn"], said["executionRoleArn"]
    if not where.value:
        yield not_applicable("Its tasks have no role", where)
        return
    rights = run_as(estate, where, family.region)
    if rights is None:
        yield gone(where)
        return
    if verdict := in_full(estate, rights, where):
        yield verdict
        return
    yield from on_the_way(estate, rights, where)
    if starts.value == where.value:
        yield failed(
            "The application has the role that its tasks are started with", where, starts, severity=Severity.MEDIUM
        )
    yield passed("Its role has no full rights and no way to them", where)


@check(
    "aws.codebuild.role_admin",
    on="AWS::CodeBuild::Project",
    severity=Severity.HIGH,
    title="Build runs as administrator",
    reads=("BatchGetProjects",),
    joins=PRINCIPALS,
    fix=Fix(
        console="CodeBuild > the project > Edit > Environment > Service role: one that may write its logs and"
        " artifacts; deploy with a role of its own, from a protected branch.",
        cli=NARROW,
        terraform=POLICY,
    ),
)
def build(project: Resource, estate: Estate) -> Iterator[Verdict]:
    """A build runs what its dependencies bring along: one of them poisoned, and the account is theirs."""
    where = project["BatchGetProjects"].need("serviceRole")
    rights = run_as(estate, where, project.region)
    if rights is None:
        yield gone(where)
        return
    if verdict := in_full(estate, rights, where):
        yield verdict
        return
    yield from on_the_way(estate, rights, where)
    yield passed("Its role has no full rights and no way to them", where)


@check(
    "aws.cognito.guest_access",
    on="AWS::Cognito::IdentityPool",
    severity=Severity.HIGH,
    title="Anonymous visitors get AWS credentials",
    reads=("DescribeIdentityPool", "GetIdentityPoolRoles"),
    joins=JOINS,
    fix=Fix(
        console="Cognito > Identity pools > the pool > User access > Guest access: deactivate; or take from the guests'"
        " role all that it may do.",
        cli="aws cognito-identity update-identity-pool --identity-pool-id ID --identity-pool-name NAME"
        " --no-allow-unauthenticated-identities",
        terraform='resource "aws_cognito_identity_pool" "this" { allow_unauthenticated_identities = false }',
    ),
)
def guests(pool: Resource, estate: Estate) -> Iterator[Verdict]:
    """Credentials are handed to everybody who knows the pool's id, and it stands in the page's code.

    Graver where guests may read all of something, lighter where they may do what only concerns themselves.
    """
    said = pool["DescribeIdentityPool"]
    lets_in = said.need("AllowUnauthenticatedIdentities")
    if lets_in.value is not True:
        yield passed("Guests get no credentials", lets_in)
        return
    where = pool["GetIdentityPoolRoles"]["Roles"]["unauthenticated"]
    role = estate.find(ROLE, where.text()) if where.value else None
    if role is None:
        yield passed("Guests are let in, and no role is there for them", lets_in, where)
        return
    rights = rights_of(estate, role, region=pool.region, workload=True)
    may = sorted(catalogue().named(effective(rights.principal, rights.layers, rights.context).sure))
    if not may:
        yield passed("Guests get the credentials of a role that may do nothing", lets_in, where)
        return
    some = ", ".join(may[:5]) + (f" and {len(may) - 5} more actions" if len(may) > 5 else "")
    yield failed(
        f"Whoever asks gets credentials that allow {some}{rights.caveat}",
        lets_in,
        where,
        *(held.node for held in rights.held),
        severity=_weight(estate, rights, may, pool.region),
    )


def _weight(estate: Estate, rights: Rights, may: list[str], region: str) -> Severity | None:
    if full_rights(estate, rights) or wide_data(rights, region):
        return Severity.CRITICAL
    return Severity.LOW if all(action.startswith(HARMLESS) for action in may) else None
