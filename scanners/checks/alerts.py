"""Whether somebody is told: of sensitive changes, and of what threat detection finds.

Limits: a metric filter's pattern is read for the names of what it counts, not evaluated.  What an alarm's topic is
subscribed with is seen in this account only; alarms that call something else than a topic are taken to reach somebody.
Source: CIS Amazon Web Services Foundations, section Monitoring; "Amazon EventBridge event patterns", read 2026-11.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from scanners.access.aws.statements import matches
from scanners.checks.registry import Fix, check
from scanners.model import Node, Resource, Severity, Verdict, failed, passed
from scanners.model.estate import Estate

ACCOUNT, TRAIL = "AWS::Account", "AWS::CloudTrail::Trail"
FILTER, ALARM = "AWS::Logs::MetricFilter", "AWS::CloudWatch::Alarm"
SUBSCRIPTION, RULE = "AWS::SNS::Subscription", "AWS::Events::Rule"
REPORTERS = ("aws.guardduty", "aws.securityhub", "aws.inspector2")


@dataclass(frozen=True, slots=True)
class Change:
    """`named`: every word of one of these lists stands in a pattern that looks for it."""

    words: str
    named: tuple[tuple[str, ...], ...]


CHANGES = {
    "root": Change("the root user is used", (("userIdentity", "Root"),)),
    "iam": Change(
        "rights are changed",
        (
            ("PutRolePolicy",),
            ("AttachRolePolicy",),
            ("PutUserPolicy",),
            ("AttachUserPolicy",),
            ("CreatePolicyVersion",),
        ),
    ),
    "trail": Change("the audit trail is changed", (("StopLogging",), ("DeleteTrail",))),
    "key": Change("a key is to be deleted", (("ScheduleKeyDeletion",), ("DisableKey",))),
    "sign-in": Change("signing in fails", (("ConsoleLogin", "Failed authentication"), ("ConsoleLogin", "Failure"))),
    "network": Change(
        "the network is changed",
        (("AuthorizeSecurityGroupIngress",), ("CreateNetworkAclEntry",), ("CreateRoute",), ("CreateVpc",)),
    ),
}


@check(
    "aws.cloudtrail.alerting",
    on=ACCOUNT,
    severity=Severity.MEDIUM,
    title="No alarm on sensitive changes",
    joins=(
        (TRAIL, "DescribeTrails"),
        (FILTER, "DescribeMetricFilters"),
        (ALARM, "DescribeAlarms"),
        (SUBSCRIPTION, "ListSubscriptions"),
        (RULE, "ListRules"),
        (RULE, "ListTargetsByRule"),
    ),
    fix=Fix(
        console="CloudWatch > Log groups > the trail's group > Metric filters > Create, then an alarm on the"
        " metric with a topic that people read; or an EventBridge rule on the same events with such a target.",
        cli="aws logs put-metric-filter --log-group-name GROUP --filter-name NAME --filter-pattern PATTERN"
        " --metric-transformations metricName=NAME,metricNamespace=Audit,metricValue=1; aws cloudwatch put-metric-alarm"
        " --alarm-name NAME --metric-name NAME --namespace Audit --alarm-actions TOPIC",
        terraform='resource "aws_cloudwatch_log_metric_filter" "this" { log_group_name = GROUP, pattern = PATTERN }',
    ),
)
def alerting(account: Resource, estate: Estate) -> Iterator[Verdict]:
    """What an intruder does first is on record, and nobody looks at the record until somebody is told."""
    told = [(_words(pattern), where) for pattern, where in (*_alarmed(estate), *_routed(estate))]
    nothing = Node([], "/DescribeMetricFilters", "logs.DescribeMetricFilters", account.region, account.ref)
    for subject, change in CHANGES.items():
        found = [where for words, where in told if any(all(n in words for n in named) for named in change.named)]
        if found:
            yield passed(f"Somebody is told when {change.words}", found[0], subject=subject)
        else:
            yield failed(f"Nobody is told when {change.words}", nothing, subject=subject)


def _words(pattern: Node) -> str:
    return pattern.value if isinstance(pattern.value, str) else json.dumps(pattern.value)


def _alarmed(estate: Estate) -> Iterator[tuple[Node, Node]]:
    """(pattern, the alarm's actions) of what trails write and an alarm that tells somebody counts."""
    groups = {_group(trail["DescribeTrails"]["CloudWatchLogsLogGroupArn"]) for trail in estate.all(TRAIL)}
    heard = {one["ListSubscriptions"].need("TopicArn").value for one in estate.all(SUBSCRIPTION)}
    rings: dict[tuple[object, object, str], Node] = {}
    for alarm in estate.all(ALARM):
        said = alarm["DescribeAlarms"]
        if said["ActionsEnabled"].value is not False and any(_heard(one.text(), heard) for one in said["AlarmActions"]):
            rings[said["Namespace"].value, said["MetricName"].value, alarm.region] = said["AlarmActions"]
    for one in estate.all(FILTER):
        said = one["DescribeMetricFilters"]
        if (one.region, said.need("logGroupName").value) not in groups:
            continue
        for metric in said["metricTransformations"]:
            if actions := rings.get((metric["metricNamespace"].value, metric["metricName"].value, one.region)):
                yield said["filterPattern"], actions


def _group(arn: Node) -> tuple[str, str] | None:
    """(region, name) of the log group that a trail writes to."""
    if not arn.value:
        return None
    parts = arn.text().split(":")
    return parts[3], parts[6]


def _heard(action: str, topics: set[object]) -> bool:
    return action in topics or action.split(":")[2:3] != ["sns"]


def _routed(estate: Estate) -> Iterator[tuple[Node, Node]]:
    """(pattern, targets) of the rules that are on and lead somewhere."""
    for rule in estate.all(RULE):
        said = rule["ListRules"]
        if said.need("State").text().startswith("ENABLED") and said["EventPattern"].present:
            targets = rule["ListTargetsByRule"]
            if targets.value:
                yield said["EventPattern"], targets


@check(
    "aws.response.finding_route",
    on=ACCOUNT,
    severity=Severity.MEDIUM,
    title="Threat findings reach nobody",
    joins=((RULE, "ListRules"), (RULE, "ListTargetsByRule")),
    fix=Fix(
        console="EventBridge > Rules > Create rule: source GuardDuty, Security Hub or Inspector, findings; as target a"
        " topic that people read.",
        cli='aws events put-rule --name findings --event-pattern \'{"source":["aws.guardduty"]}\';'
        " aws events put-targets --rule findings --targets Id=1,Arn=TOPIC",
        terraform='resource "aws_cloudwatch_event_rule" "this" { event_pattern = jsonencode({ source ='
        ' ["aws.guardduty"] }) }',
    ),
)
def finding_route(account: Resource, estate: Estate) -> Iterator[Verdict]:
    """A finding that waits in a console is read weeks later, if at all."""
    for pattern, targets in _routed(estate):
        if any(_takes(pattern["source"], reporter) for reporter in REPORTERS):
            yield passed("A rule sends findings to a target", pattern, targets)
            return
    nothing = Node([], "/ListRules", "events.ListRules", account.region, account.ref)
    yield failed("No rule sends findings of GuardDuty, Security Hub or Inspector anywhere", nothing)


def _takes(sources: Node, reporter: str) -> bool:
    """Whether a pattern's field takes a value; of what is no plain word, prefixes and wildcards are understood."""
    for one in sources:
        if one.value == reporter:
            return True
        if isinstance(one.value, dict):
            prefix, pattern = one.value.get("prefix"), one.value.get("wildcard")
            if isinstance(prefix, str) and reporter.startswith(prefix):
                return True
            if isinstance(pattern, str) and matches(pattern, reporter):
                return True
    return False
