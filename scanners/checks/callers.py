"""Who may call a function, on its own name and on every alias and version."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.aws.statements import ACCOUNT, Statement, open_to_anyone, statements
from scanners.checks.registry import Fix, check
from scanners.model import Node, Resource, Severity, Verdict, failed, passed
from scanners.model.estate import Estate

FUNCTION = "AWS::Lambda::Function"
REMOVE = "aws lambda remove-permission --function-name NAME --qualifier ALIAS --statement-id SID"


def part(qualifier: str) -> str:
    """What a qualifier names, in words."""
    if qualifier == "$LATEST":
        return "the function"
    return f"version {qualifier}" if qualifier.isdigit() else f"alias {qualifier}"


@check(
    "aws.lambda.public_policy",
    on=FUNCTION,
    severity=Severity.CRITICAL,
    title="Function open to every caller",
    reads=("GetPolicy",),
    fix=Fix(
        console="Lambda > the function > Configuration > Permissions > Resource-based policy (choose the alias or"
        " version"
        " first): delete the statement, or add one that names the account or the source.",
        cli=REMOVE,
        terraform='resource "aws_lambda_permission" "caller" { principal = "apigateway.amazonaws.com"  source_arn = '
        "aws_api_gateway_rest_api.this.execution_arn }",
    ),
)
def public_policy(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """Strangers can run your code with its role, feed it what they like, and leave you the bill.

    A statement that wants signed requests (AWS_IAM) is for accounts of AWS, not for anyone: it is judged as such.
    """
    for qualifier, policy in function.each("GetPolicy"):
        for statement, who in open_to_anyone(policy):
            if auth_types(statement) != {"AWS_IAM"} and not by_url_alone(statement):
                actions = ", ".join(statement.actions())
                yield failed(f"The policy of {part(qualifier)} allows {actions} to anyone", who, statement.node)
    yield passed("No statement of any of its policies lets in strangers", function["GetPolicy"])


@check(
    "aws.lambda.cross_account_invoke",
    on=FUNCTION,
    severity=Severity.HIGH,
    title="Function callable from an unknown account",
    reads=("GetPolicy",),
    fix=Fix(
        console="Lambda > the function > Configuration > Permissions > Resource-based policy: delete the statement;"
        " if the"
        " account belongs to you, add it to the trusted accounts.",
        cli=REMOVE,
        terraform='resource "aws_lambda_permission" "caller" { principal = "TRUSTED-ACCOUNT-ID" }',
    ),
)
def cross_account_invoke(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever controls that account, today or after a breach of it, can run this function with its rights."""
    known = {estate.account, *estate.trusted_accounts}
    for qualifier, policy in function.each("GetPolicy"):
        for statement, who in open_to_anyone(policy):
            if auth_types(statement) == {"AWS_IAM"}:
                yield failed(f"The policy of {part(qualifier)} lets any account of AWS call it", who, statement.node)
        for statement in statements(policy):
            for account, where in _accounts(statement) if statement.allows else ():
                if account not in known:
                    sentence = f"The policy of {part(qualifier)} lets account {account} call it"
                    yield failed(sentence, where, statement.node)
    yield passed("Every account that its policies name is this one or trusted", function["GetPolicy"])


@check(
    "aws.lambda.service_principal_unscoped",
    on=FUNCTION,
    severity=Severity.HIGH,
    title="Service permission not tied to one source",
    reads=("GetPolicy",),
    fix=Fix(
        console="Lambda > the function > Configuration > Permissions > Resource-based policy: delete the statement"
        " and add"
        " it again with a source ARN and a source account.",
        cli="aws lambda add-permission --function-name NAME --statement-id SID --action lambda:InvokeFunction"
        " --principal"
        " s3.amazonaws.com --source-arn BUCKET-ARN --source-account ACCOUNT",
        terraform='resource "aws_lambda_permission" "caller" { principal = "s3.amazonaws.com"  source_arn = '
        "aws_s3_bucket.this.arn  source_account = data.aws_caller_identity.this.account_id }",
    ),
)
def service_principal_unscoped(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """A service acts for all its customers: without a source, any of them can have it call this function."""
    for qualifier, policy in function.each("GetPolicy"):
        for statement in statements(policy):
            if not statement.allows or statement.narrowed():
                continue
            for service, where in statement.services():
                sentence = f"The policy of {part(qualifier)} lets {service} call it for any of its customers"
                yield failed(sentence, where, statement.node)
    yield passed("Every service that its policies name is tied to a source", function["GetPolicy"])


def _accounts(statement: Statement) -> Iterator[tuple[str, Node]]:
    """(account id, where it is named), as principal or as the source that a service or "*" is narrowed to."""
    yield from statement.accounts()
    if isinstance(statement.node["Principal"].value, str):  # an account that stands alone
        for principal in statement.aws_principals():
            if found := ACCOUNT.match(principal.text()):
                yield found.group(1), principal
    yield from statement.accounts_of_conditions()


def by_url_alone(statement: Statement) -> bool:
    """Whether a statement is but the second half of what a URL's callers need: another one lets them in, or does not.

    Source: "Control access to Lambda function URLs" (Lambda Developer Guide), read 2026-11.
    """
    return not statement.may("lambda:InvokeFunctionUrl") and any(
        operator == "bool" and key == "lambda:invokedviafunctionurl" and str(values.value).lower() == "true"
        for operator, key, values in statement.conditions()
    )


def auth_types(statement: Statement) -> set[str]:
    """The URL types that a statement is limited to; of one without such a condition, none."""
    return {
        value.text()
        for operator, key, values in statement.conditions()
        if key == "lambda:functionurlauthtype" and "not" not in operator
        for value in values
    }
