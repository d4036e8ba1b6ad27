"""Who watches the account: analyzers, detectors, the address that AWS writes to.  One region was forgotten."""

from __future__ import annotations

import json
from typing import Any

from posture.runtime.sample.emulator import ACCOUNT
from posture.runtime.sample.shop import EDGE, MAIN, REPORTS, SHOP
from posture.runtime.sample.shop.account import Account, allow, policy, statement

SOUTH = "eu-south-1"
ANALYZERS = (  # name, region, what it looks for
    ("outside", MAIN, "ACCOUNT"),
    ("unused", MAIN, "ACCOUNT_UNUSED_ACCESS"),
    ("outside", EDGE, "ACCOUNT"),
    ("unused", SOUTH, "ACCOUNT_UNUSED_ACCESS"),
)
PROTECTIONS = ("S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "LAMBDA_NETWORK_LOGS")
DETECTORS = (  # region, on, protections that are off
    (MAIN, True, ()),
    (EDGE, True, ("LAMBDA_NETWORK_LOGS",)),
    (SOUTH, False, PROTECTIONS),
)
THREATS = ((MAIN, ("CryptoCurrency:Lambda/BitcoinTool.B", "Recon:EC2/Portscan")), (EDGE, ("Recon:EC2/Portscan",)))
RECORDERS = ((MAIN, True), (EDGE, False))  # region, runs
SCANNED = ((MAIN, ["LAMBDA", "ECR"]), (EDGE, ["LAMBDA", "ECR"]), (REPORTS, ["LAMBDA"]))
BEST_PRACTICES = "arn:aws:securityhub:{}::standards/aws-foundational-security-best-practices/v/1.0.0"
HUBS: tuple[tuple[str, list[str]], ...] = ((MAIN, [BEST_PRACTICES]), (EDGE, []))  # region, standards
MACIES = ((MAIN, "ENABLED"), (EDGE, "PAUSED"))
ALARMED = ("root-sign-in", "trail-changed")  # the metrics that somebody is told of
LOG_POLICIES = (  # name, region, what it says
    (
        "search-logs",
        MAIN,
        statement(
            "Allow",
            {"Service": "es.amazonaws.com"},
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            StringEquals={"aws:SourceAccount": ACCOUNT},
        ),
    ),
    ("legacy-shipping", EDGE, statement("Allow", "*", ["logs:PutLogEvents", "logs:GetLogEvents"])),
)
CLICKS = f"arn:aws:kinesis:{MAIN}:{ACCOUNT}:stream/clicks"
STARTED = (  # rule, target, what its role may do
    ("order-paid", CLICKS, allow("kinesis:PutRecord", CLICKS)),
    ("page-seen", CLICKS, allow(["kinesis:PutRecord", "kinesis:GetRecords"], CLICKS)),
)
ALERTS = f"arn:aws:sns:{MAIN}:{ACCOUNT}:security-alerts"


def build(account: Account) -> None:
    with account.past(400):
        for name, region, kind in ANALYZERS:
            account.client("accessanalyzer", region).create_analyzer(analyzerName=name, type=kind)
        for region, on, off in DETECTORS:
            made = account.client("guardduty", region).create_detector(Enable=on, Features=features(off))
            for where, kinds in THREATS:
                if where == region:
                    account.client("guardduty", region).create_sample_findings(
                        DetectorId=made["DetectorId"], FindingTypes=list(kinds)
                    )
        build_records(account)
        build_hubs(account)
        build_alarms(account)
        account.client("account", EDGE).put_alternate_contact(
            AlternateContactType="SECURITY",
            EmailAddress="security@fernhollow.test",
            Name="Security",
            PhoneNumber="+44 20 7946 0000",
            Title="Team",
        )


def build_records(account: Account) -> None:
    for region, runs in RECORDERS:
        config = account.client("config", region)
        role = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
        config.put_configuration_recorder(
            ConfigurationRecorder={"name": "default", "roleARN": role, "recordingGroup": {"allSupported": True}}
        )
        config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": f"{SHOP}-audit-trail"})
        if runs:
            config.start_configuration_recorder(ConfigurationRecorderName="default")
    for name, region, said in LOG_POLICIES:
        account.client("logs", region).put_resource_policy(policyName=name, policyDocument=policy(said))
    for region, kinds in SCANNED:
        account.client("inspector2", region).enable(accountIds=[ACCOUNT], resourceTypes=kinds)


def build_hubs(account: Account) -> None:
    for region, standards in HUBS:
        hub = account.client("securityhub", region)
        hub.enable_security_hub(EnableDefaultStandards=False)
        if standards:
            hub.batch_enable_standards(
                StandardsSubscriptionRequests=[{"StandardsArn": one.format(region)} for one in standards]
            )
    for region, status in MACIES:
        account.client("macie2", region).enable_macie(status=status)
    account.client("macie2").update_automated_discovery_configuration(status="ENABLED")


def build_alarms(account: Account) -> None:
    for metric in ALARMED:
        account.client("cloudwatch").put_metric_alarm(
            AlarmName=metric,
            MetricName=metric,
            Namespace="Audit",
            Statistic="Sum",
            Period=300,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
            AlarmActions=[ALERTS],
        )
    build_rules(account)
    events = account.client("events")
    events.put_rule(Name="threats", EventPattern=json.dumps({"source": ["aws.guardduty"]}))
    events.put_targets(Rule="threats", Targets=[{"Id": "people", "Arn": ALERTS}])


def build_rules(account: Account) -> None:
    """What happens on its own when an order is paid, and the role by which it is started."""
    iam, events = account.client("iam"), account.client("events")
    mine = {"aws:SourceAccount": ACCOUNT}
    trust = statement("Allow", {"Service": "events.amazonaws.com"}, "sts:AssumeRole", StringEquals=mine)
    del trust["Resource"]
    for name, target, said in STARTED:
        iam.create_role(RoleName=f"starts-{name}", AssumeRolePolicyDocument=policy(trust))
        iam.put_role_policy(RoleName=f"starts-{name}", PolicyName="start", PolicyDocument=policy(said))
        events.put_rule(Name=name, EventPattern=json.dumps({"source": [f"fernhollow.{name}"]}))
        role = f"arn:aws:iam::{ACCOUNT}:role/starts-{name}"
        events.put_targets(Rule=name, Targets=[{"Id": "flow", "Arn": target, "RoleArn": role}])


def features(off: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{"Name": name, "Status": "DISABLED" if name in off else "ENABLED"} for name in PROTECTIONS]
