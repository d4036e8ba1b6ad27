"""Trust policies: who may become a role.

Limits: only the trust policy is weighed; whether a named principal is itself allowed to assume roles is the access
engine's question.  Federated principals are judged in `federation`.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.aws.statements import (
    ACCOUNT,
    Statement,
    affirmed,
    open_to_anyone,
    pins,
    shut_to_strangers,
    statements,
)
from scanners.catalog.deputies import SAYS_FOR_WHOM
from scanners.checks.registry import Fix, check
from scanners.model import Gap, Node, Resource, Severity, State, Unread, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

ROLE = "AWS::IAM::Role"
FUNCTION = "AWS::Lambda::Function"
DETAILS = "GetAccountAuthorizationDetails"
ASSUME = ("sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity")
SOURCES = {"aws:principalorgid", "aws:principalorgpaths", "aws:sourceip", "aws:sourcevpc", "aws:sourcevpce"}
ON_BEHALF = ("aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths")
EDGE_REGION = "us-east-1"  # functions for Lambda@Edge live there ("Requirements and restrictions", CloudFront guide)
LAMBDA, EDGE = "lambda.amazonaws.com", "edgelambda.amazonaws.com"


def trust_policy(role: Resource) -> Node:
    return role[DETAILS].need("AssumeRolePolicyDocument")


def assuming(policy: Node) -> Iterator[Statement]:
    """The statements by which somebody may become the role."""
    for statement in statements(policy):
        if statement.allows and any(statement.may(action) for action in ASSUME):
            yield statement


@check(
    "aws.iam.trust_everyone",
    on=ROLE,
    severity=Severity.CRITICAL,
    title="Role can be assumed by anyone",
    reads=(DETAILS,),
    fix=Fix(
        console="IAM > Roles > the role > Trust relationships > Edit: name the accounts, roles or services that need"
        " it.",
        cli="aws iam update-assume-role-policy --role-name NAME --policy-document file://trust.json",
        terraform='resource "aws_iam_role" "this" { assume_role_policy = data.aws_iam_policy_document.named.json }',
    ),
)
def trust_everyone(role: Resource, estate: Estate) -> Iterator[Verdict]:
    """Any AWS customer can become this role and do all that it may do in your account."""
    policy = trust_policy(role)
    if shut := shut_to_strangers(policy, "sts:AssumeRole"):
        yield passed("Strangers are denied, whatever else the trust policy allows", shut)
        return
    for statement, who in open_to_anyone(policy):
        if any(statement.may(action) for action in ASSUME):
            yield failed("The trust policy lets anyone assume the role", who, statement.node)
    yield passed("The trust policy names who may assume the role", policy)


@check(
    "aws.iam.trust_external_no_condition",
    on=ROLE,
    severity=Severity.HIGH,
    title="Outside account trusted without external id",
    reads=(DETAILS,),
    fix=Fix(
        console="IAM > Roles > the role > Trust relationships > Edit: add a StringEquals condition on sts:ExternalId"
        " with"
        " an id that only this partner gets; if the account is yours, add it to the trusted accounts.",
        cli="aws iam update-assume-role-policy --role-name NAME --policy-document file://trust.json",
        terraform='data "aws_iam_policy_document" "trust" { statement { condition { test = "StringEquals"  variable = '
        '"sts:ExternalId"  values = [var.external_id] } } }',
    ),
)
def trust_external_no_condition(role: Resource, estate: Estate) -> Iterator[Verdict]:
    """A vendor that works for many customers can be tricked by one of them into using the role it has with you."""
    known = {estate.account, *estate.trusted_accounts}
    policy = trust_policy(role)
    if shut := _denied_unless_guarded(policy):
        yield passed("Whoever meets no condition is denied, whatever else the trust policy allows", shut)
        return
    for statement in assuming(policy):
        for account, where in _trusted(statement) if not _guarded(statement) else ():
            if account not in known:
                sentence = f"The trust policy lets account {account} assume the role on no condition that holds"
                yield failed(sentence, where, statement.node)
    yield passed("Every outside account in the trust policy is trusted or has to meet a condition", policy)


@check(
    "aws.iam.trust_confused_deputy",
    on=ROLE,
    severity=Severity.MEDIUM,
    title="Service trust without source limit",
    reads=(DETAILS,),
    fix=Fix(
        console="IAM > Roles > the role > Trust relationships > Edit: a StringEquals condition on aws:SourceAccount"
        " with this account, or an ArnLike one on aws:SourceArn.",
        cli="aws iam update-assume-role-policy --role-name NAME --policy-document file://trust.json",
        terraform='data "aws_iam_policy_document" "trust" { statement { condition { test = "StringEquals"  variable ='
        ' "aws:SourceAccount"  values = [data.aws_caller_identity.this.account_id] } } }',
    ),
)
def trust_confused_deputy(role: Resource, estate: Estate) -> Iterator[Verdict]:
    """Such a service works for everybody: a stranger who learns the role's name may get it to use the role for them."""
    policy, found = trust_policy(role), False
    shut = _denied_without_a_source(policy)
    for statement in assuming(policy):
        for service, where in statement.services() if statement.may("sts:AssumeRole") else ():
            if service in SAYS_FOR_WHOM:
                found = True
                if not (shut or statement.has_condition(*ON_BEHALF)):
                    yield failed(f"The trust policy lets {service} act for any account", where, statement.node)
    if found:
        yield passed("Services may take on the role for named accounts or resources only", shut or policy)
    else:
        yield not_applicable("No service that says for whom it acts may take on the role", policy)


def _denied_without_a_source(policy: Node) -> Node | None:
    for statement in statements(policy):
        demands = [(affirmed(operator), key, values) for operator, key, values in statement.conditions()]
        named = [plain is not None and key in ON_BEHALF and pins(plain, key, values) for plain, key, values in demands]
        if statement.against_strangers() and statement.may("sts:AssumeRole") and named and all(named):
            return statement.node
    return None


@check(
    "aws.lambda.role_trust_extra",
    on=FUNCTION,
    severity=Severity.HIGH,
    title="Execution role can be assumed by others",
    reads=("ListFunctions",),
    joins=((ROLE, DETAILS),),
    fix=Fix(
        console="IAM > Roles > the execution role > Trust relationships > Edit: leave lambda.amazonaws.com alone"
        " there, and"
        " give the others roles of their own.",
        cli="aws iam update-assume-role-policy --role-name NAME --policy-document file://lambda-only.json",
        terraform='data "aws_iam_policy_document" "trust" { statement { principals { type = "Service"  identifiers = '
        '["lambda.amazonaws.com"] } } }',
    ),
)
def role_trust_extra(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever else may assume the role has the function's rights without going through its code."""
    name = function["ListFunctions"].need("Role")
    if name.text().split(":")[4:5] != [estate.account]:
        raise Unread(Gap("iam.GetAccountAuthorizationDetails", "", State.SKIPPED, "RoleOfAnotherAccount", "global"))
    role = estate.find(ROLE, name.text())
    if role is None:
        yield not_applicable("Its execution role does not exist any more", name)
        return
    policy = trust_policy(role)
    allowed = {LAMBDA, EDGE} if function.region == EDGE_REGION else {LAMBDA}
    for statement in assuming(policy):
        for who, where in _others(statement, allowed):
            yield failed(f"Its execution role can also be assumed by {who}", where, name)
    yield passed("Only Lambda can assume its execution role", policy, name)


def _others(statement: Statement, allowed: set[str]) -> Iterator[tuple[str, Node]]:
    """Everyone a statement lets in, except the services in `allowed`; ids of deleted principals name nobody."""
    if anyone := statement.anyone():
        yield "anyone", anyone
        return
    for principal in statement.aws_principals():
        if ACCOUNT.match(principal.text()):
            yield principal.text(), principal
    for service, where in statement.services():
        if service not in allowed:
            yield service, where
    principals = statement.node["Principal"]
    if isinstance(principals.value, dict):
        for where in principals["Federated"]:
            yield where.text(), where


def _trusted(statement: Statement) -> Iterator[tuple[str, Node]]:
    """(account id, where it is named), as principal, or in the condition that narrows "*" to it."""
    for principal in statement.aws_principals():
        if found := ACCOUNT.match(principal.text()):
            yield found.group(1), principal
    if statement.anyone():
        yield from statement.accounts_of_conditions()


def _denied_unless_guarded(policy: Node) -> Node | None:
    """A Deny to everyone who does not bring what `_guarded` asks for."""
    for statement in statements(policy):
        demands = [_demands(*condition) for condition in statement.conditions()]
        if statement.against_strangers() and statement.may("sts:AssumeRole") and demands and all(demands):
            return statement.node
    return None


def _demands(operator: str, key: str, values: Node) -> bool:
    plain = affirmed(operator)
    return plain is not None and (_guards(plain, key, values) or (key in SOURCES and pins(plain, key, values)))


def _guarded(statement: Statement) -> bool:
    """Whether an outside account has to bring an external id or a second factor, or come from a named place."""
    return statement.has_condition(*SOURCES) or any(_guards(*condition) for condition in statement.conditions())


def _guards(operator: str, key: str, values: Node) -> bool:
    if key == "sts:externalid":
        plain = operator.removeprefix("foranyvalue:")
        named = all(isinstance(v.value, str) and v.value.strip("*?") and "${" not in v.value for v in values)
        return plain in ("stringequals", "stringequalsignorecase", "stringlike") and values.present and named
    if key == "aws:multifactorauthpresent":  # BoolIfExists lets those pass who sign in with a key alone
        return operator == "bool" and all(str(value.value).lower() == "true" for value in values)
    if key == "aws:multifactorauthage":
        return operator in ("numericlessthan", "numericlessthanequals")
    return False
