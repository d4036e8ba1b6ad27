"""Logs: how long they keep what functions write, and whom else they let write and read."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.open_policies import anyone_let_in
from scanners.checks.registry import Fix, check
from scanners.model import Resource, Severity, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

LEAST_DAYS = 90
OF_FUNCTIONS = "/aws/lambda/"


@check(
    "aws.lambda.log_retention",
    on="AWS::Logs::LogGroup",
    severity=Severity.LOW,
    title="Function logs kept forever or too briefly",
    reads=("DescribeLogGroups",),
    fix=Fix(
        console="CloudWatch > Log groups > the group > Actions > Edit retention setting: 90 days or more.",
        cli=f"aws logs put-retention-policy --log-group-name NAME --retention-in-days {LEAST_DAYS}",
        terraform=f'resource "aws_cloudwatch_log_group" "this" {{ retention_in_days = {LEAST_DAYS} }}',
    ),
)
def retention(group: Resource, estate: Estate) -> Iterator[Verdict]:
    """Logs that are gone in days cannot tell how an attacker came in; logs that stay forever are a store of personal
    data that nobody watches.  Groups that functions write to under another name are not judged.
    """
    listed = group["DescribeLogGroups"]
    name, days = listed.need("logGroupName"), listed["retentionInDays"]
    if not name.text().startswith(OF_FUNCTIONS):
        yield not_applicable("The group does not hold the logs of a function", name)
    elif not days.present:
        yield failed("Logs are kept forever", days)
    elif days.value < LEAST_DAYS:
        yield failed(f"Logs are kept for {days.value} days, less than {LEAST_DAYS}", days)
    else:
        yield passed(f"Logs are kept for {days.value} days", days)


@check(
    "aws.logs.public_policy",
    on="AWS::Logs::ResourcePolicy",
    severity=Severity.HIGH,
    title="Log groups open to everyone",
    reads=("DescribeResourcePolicies",),
    fix=Fix(
        console="CloudWatch > Settings > Logs > Resource policies; or by command line: name the service, and the"
        " account in aws:SourceAccount.",
        cli="aws logs put-resource-policy --policy-name NAME --policy-document file://policy.json",
        terraform='resource "aws_cloudwatch_log_resource_policy" "this" { policy_document ='
        " data.aws_iam_policy_document.known_writers.json }",
    ),
)
def public_policy(rule: Resource, estate: Estate) -> Iterator[Verdict]:
    """Who may write into your logs can drown what he did in noise; who may read them reads what people did."""
    policy = rule["DescribeResourcePolicies"].need("policyDocument")
    yield from anyone_let_in("region", policy)
    yield passed("No statement of the policy lets in strangers", policy)
