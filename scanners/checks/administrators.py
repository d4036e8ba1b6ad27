"""Administrators, those who can become one, and those who may hand any role to a service.

Limits: which people stand behind a role of single sign-on is not known here: such a role counts once.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.aws.statements import ACCOUNT, Statement
from scanners.checks.function_roles import nodes, on_all, steps_of, way_up
from scanners.checks.registry import Fix, check
from scanners.checks.trust import ROLE, assuming, trust_policy
from scanners.graph.ascent import PRINCIPALS, escalation, full_rights, proofs
from scanners.graph.rights import GROUP, JOINS, POLICY, USER, rights_of
from scanners.model import Gap, Node, Resource, Severity, Unread, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

DETAILS = "GetAccountAuthorizationDetails"
MOST = 5
LINKED = ":role/aws-service-role/"
ROLES = "arn:{partition}:iam::{account}:role/*"
WORKLOADS = {  # services that run what customers give them
    "apprunner.amazonaws.com", "batch.amazonaws.com", "build.apprunner.amazonaws.com", "codebuild.amazonaws.com",
    "ec2.amazonaws.com", "ecs-tasks.amazonaws.com", "edgelambda.amazonaws.com", "glue.amazonaws.com",
    "lambda.amazonaws.com", "pods.eks.amazonaws.com", "sagemaker.amazonaws.com", "states.amazonaws.com",
    "tasks.apprunner.amazonaws.com",
}  # fmt: skip


@check(
    "aws.iam.role_admin_principals",
    on=("AWS::Account", ROLE),
    severity=Severity.HIGH,
    title="Too many administrators",
    reads=(DETAILS,),
    joins=PRINCIPALS,
    fix=Fix(
        console="IAM > Roles and Users: take full rights from those that do not administer the account; administrators"
        " sign in through IAM Identity Center for the time they need.",
        cli="aws iam detach-role-policy --role-name NAME --policy-arn arn:aws:iam::aws:policy/AdministratorAccess",
        terraform='resource "aws_iam_role_policy_attachment" "this" { role = aws_iam_role.this.name  policy_arn ='
        " aws_iam_policy.narrow.arn }",
    ),
)
def role_admin_principals(resource: Resource, estate: Estate) -> Iterator[Verdict]:
    """Each administrator is a way to lose the account.  Of the account it is asked how many there are, those who can
    become one among them; of a role with full rights, whether a workload or somebody outside may use it.
    """
    yield from _lent(resource, estate) if resource.kind == ROLE else _counted(resource, estate)


def _lent(role: Resource, estate: Estate) -> Iterator[Verdict]:
    statement = full_rights(estate, rights_of(estate, role))
    if statement is None:
        yield not_applicable("The role has no full rights", role[DETAILS].need("RoleName"))
        return
    policy, known = trust_policy(role), {estate.account, *estate.trusted_accounts}
    for trust in assuming(policy):
        for who, where in _strangers(trust, known):
            yield failed(f"A role with full rights may be used by {who}", where, statement)
    yield passed("Only people and roles of known accounts may use the role with full rights", policy, statement)


def _strangers(trust: Statement, known: set[str]) -> Iterator[tuple[str, Node]]:
    if anyone := trust.anyone():
        if not trust.narrowed():
            yield "anyone", anyone
        return
    for service, where in trust.services():
        if service in WORKLOADS:
            yield f"what runs in {service.partition('.')[0]}", where
    for principal in trust.aws_principals():
        if (found := ACCOUNT.match(principal.text())) and found.group(1) not in known:
            yield f"account {found.group(1)}", principal


def _counted(account: Resource, estate: Estate) -> Iterator[Verdict]:
    found, gaps = list[tuple[str, Node]](), list[Gap]()
    for kind in (USER, ROLE):
        try:
            for principal in estate.all(kind):
                if LINKED in principal.ref:
                    continue
                try:
                    if escalation(estate, principal).escalates:
                        found.append((principal.name, principal[DETAILS].need("Arn")))
                except Unread as unread:
                    gaps += unread.gaps
        except Unread as unread:
            gaps += unread.gaps
    if len(found) > MOST:
        names = ", ".join(sorted(name for name, _ in found)[:10])
        more = f" and {len(found) - 10} more" if len(found) > 10 else ""
        said = f"{len(found)} users and roles are administrators or can become one: {names}{more}"
        yield failed(said, *(where for _, where in found[:20]))
        return
    if gaps:
        raise Unread(*dict.fromkeys(gaps))
    said = f"{len(found)} users and roles are administrators or can become one, no more than {MOST}"
    yield passed(said, *([where for _, where in found] or [_nobody(account)]))


def _nobody(account: Resource) -> Node:
    return Node(None, f"/{DETAILS}", f"iam.{DETAILS}", "global", account.ref)


@check(
    "aws.iam.privilege_escalation",
    on=(USER, ROLE),
    severity=Severity.CRITICAL,
    title="Principal can become administrator",
    reads=(DETAILS,),
    joins=((POLICY, DETAILS), (GROUP, DETAILS)),
    fix=Fix(
        console="IAM > the user or role > Permissions: take away the first action of the path that is shown, or name"
        " under Resource what it may be done to; a permissions boundary bounds what can be won.",
        cli="aws iam put-role-permissions-boundary --role-name NAME --permissions-boundary POLICY-ARN",
        terraform='resource "aws_iam_role" "this" { permissions_boundary = aws_iam_policy.boundary.arn }',
    ),
)
def privilege_escalation(principal: Resource, estate: Estate) -> Iterator[Verdict]:
    """Nobody gave it full rights, and it can take them: who guards administrators alone guards too few."""
    me = principal[DETAILS].need("Arn")
    if LINKED in principal.ref:
        yield not_applicable("AWS itself writes the rights of the role, and only its service may use it", me)
        return
    rights = rights_of(estate, principal)
    if statement := full_rights(estate, rights):
        yield not_applicable("It is an administrator already", statement)
    elif found := way_up(estate, principal):
        yield failed(steps_of(found) + rights.caveat, *proofs(estate, found))
    else:
        yield passed("No way leads from it to full rights", me)


@check(
    "aws.iam.passrole_any",
    on=(USER, ROLE),
    severity=Severity.HIGH,
    title="May hand any role to a service",
    reads=(DETAILS,),
    joins=JOINS[1:],
    fix=Fix(
        console="IAM > the policy > Edit: the roles that are handed on under Resource, and the service in a condition"
        " on iam:PassedToService.",
        cli="aws iam create-policy-version --policy-arn ARN --policy-document file://named-roles.json --set-as-default",
        terraform='condition { test = "StringEquals"  variable = "iam:PassedToService"  values ='
        ' ["lambda.amazonaws.com"] }',
    ),
)
def passrole_any(principal: Resource, estate: Estate) -> Iterator[Verdict]:
    """With one more right, to start something, it runs code as any role of the account, the strongest among them."""
    me, rights = principal[DETAILS].need("Arn"), rights_of(estate, principal)
    if LINKED in principal.ref:
        yield not_applicable("AWS itself writes the rights of the role, and only its service may use it", me)
    elif statement := full_rights(estate, rights):
        yield not_applicable("It is an administrator, who may do everything", statement)
    elif rule := on_all(rights, "iam:PassRole", ROLES, ""):
        yield failed(f"It may hand every role of the account to any service{rights.caveat}", *nodes(rights, [rule]))
    else:
        yield passed("It may hand over named roles, or to named services, or none", me)


@check(
    "aws.iam.boundary_missing",
    on=ROLE,
    severity=Severity.LOW,
    title="Pipeline role without permissions boundary",
    reads=(DETAILS,),
    joins=JOINS[1:],
    fix=Fix(
        console="IAM > Roles > the role > Permissions boundary > Set: what roles of a deployment may do at the most;"
        " and in its policy, iam:CreateRole only with that boundary.",
        cli="aws iam put-role-permissions-boundary --role-name NAME --permissions-boundary ARN",
        terraform='resource "aws_iam_role" "deploy" { permissions_boundary = aws_iam_policy.boundary.arn }',
    ),
)
def boundary_missing(role: Resource, estate: Estate) -> Iterator[Verdict]:
    """A role that makes roles can make one that may do more than itself, unless something bounds them both."""
    me, rights = role[DETAILS].need("Arn"), rights_of(estate, role)
    roles = ROLES.format(partition=role.ref.split(":")[1], account=estate.account)
    if LINKED in role.ref:
        yield not_applicable("AWS itself writes the rights of the role, and only its service may use it", me)
    elif statement := full_rights(estate, rights):
        yield not_applicable("It is an administrator, who may do everything", statement)
    elif not rights.sure("iam:CreateRole", roles):
        yield passed("It may make no role, or only one that is bounded", me)
    elif rights.boundary:
        yield passed("A permissions boundary bounds what it may do", rights.boundary)
    else:
        given = list(rights.giving("iam:CreateRole", roles))
        yield failed(f"It may make roles, and no boundary bounds it{rights.caveat}", *nodes(rights, given))
