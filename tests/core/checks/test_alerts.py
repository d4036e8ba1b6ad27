"""Whether somebody is told: CASES are run by tests/house/test_checks.py."""

from tests.core.cases import ACCOUNT, REGION, Case, Cases, resource

GROUP, TOPIC = "trail", f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"
ROOT = '{ $.userIdentity.type = "Root" && $.eventType != "AwsServiceEvent" }'
STOPPED = "{ ($.eventName = StopLogging) || ($.eventName = DeleteTrail) }"
FAILED = '{ ($.eventName = ConsoleLogin) && ($.errorMessage = "Failed authentication") }'


def trail(group=GROUP):
    arn = {"CloudWatchLogsLogGroupArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}:*"} if group else {}
    return resource("AWS::CloudTrail::Trail", DescribeTrails={"TrailARN": "arn:trail", **arn})


def counted(pattern, *, group=GROUP, metric="m"):
    said = {"logGroupName": group, "filterPattern": pattern}
    told = [{"metricName": metric, "metricNamespace": "Audit"}]
    ref = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group}:metric-filter:f"
    return resource("AWS::Logs::MetricFilter", ref, DescribeMetricFilters={**said, "metricTransformations": told})


def alarm(metric="m", *, actions=(TOPIC,), on=True):
    said = {"MetricName": metric, "Namespace": "Audit", "AlarmActions": list(actions), "ActionsEnabled": on}
    return resource("AWS::CloudWatch::Alarm", DescribeAlarms=said)


def reader(topic=TOPIC):
    return resource("AWS::SNS::Subscription", ListSubscriptions={"TopicArn": topic, "Protocol": "email"})


def rule(pattern, *, state="ENABLED", targets=1, name="r"):
    arns = [{"Id": str(n), "Arn": TOPIC} for n in range(targets)]
    said = {"Name": name, "State": state, **({"EventPattern": pattern} if pattern else {})}
    return resource("AWS::Events::Rule", f"arn:aws:events:::rule/{name}", ListRules=said, ListTargetsByRule=arns)


def account(*around, subject=""):
    root = resource("AWS::Account", f"arn:aws:iam::{ACCOUNT}:root", GetAccountSummary={})
    return Case(root, around=around, subject=subject)


ON_ROOT = {"detail-type": ["AWS Console Sign In via CloudTrail"], "detail": {"userIdentity": {"type": ["Root"]}}}
NONE = rule({"source": ["aws.s3"]})  # a rule that has nothing to do with it


def told(*, subject="root", pattern=ROOT, **more):
    parts = {"trail": trail(), "filter": counted(pattern), "alarm": alarm(), "reader": reader(), "rule": NONE} | more
    return account(*(part for part in parts.values() if part), subject=subject)


FINDINGS = {"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]}

CASES = {
    "aws.cloudtrail.alerting": Cases(
        fails=(
            account(subject="root"),
            told(trail=None),
            told(trail=trail(None)),
            told(trail=trail("other")),
            told(filter=counted(ROOT, metric="other")),
            told(filter=counted(ROOT, group="other")),
            told(alarm=None),
            told(alarm=alarm(on=False)),
            told(alarm=alarm(actions=())),
            told(reader=None),
            told(reader=reader("arn:aws:sns:eu-west-1:1:other")),
            told(subject="iam"),
            told(subject="sign-in", pattern="{ $.eventName = ConsoleLogin }"),
            told(alarm=None, rule=rule(ON_ROOT, state="DISABLED")),
            told(alarm=None, rule=rule(ON_ROOT, targets=0)),
        ),
        passes=(
            told(),
            told(subject="trail", pattern=STOPPED),
            told(subject="sign-in", pattern=FAILED),
            told(subject="key", pattern="{ $.eventName = ScheduleKeyDeletion }"),
            told(subject="network", pattern="{ $.eventName = AuthorizeSecurityGroupIngress }"),
            told(reader=None, alarm=alarm(actions=("arn:aws:lambda:eu-west-1:1:function:page",))),
            told(alarm=None, rule=rule(ON_ROOT)),
        ),
    ),
    "aws.response.finding_route": Cases(
        fails=(
            account(),
            account(rule(FINDINGS, state="DISABLED")),
            account(rule(FINDINGS, targets=0)),
            account(rule({"source": ["aws.s3"]})),
            account(rule({"source": [{"anything-but": "aws.guardduty"}]})),
            account(rule({"source": [{"prefix": "aws.guardduty-"}]})),
            account(rule(None)),
        ),
        passes=(
            account(rule(FINDINGS)),
            account(rule({"source": ["aws.s3", "aws.securityhub"]}), rule(None, name="nightly")),
            account(rule({"source": ["aws.inspector2"]}, state="ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")),
            account(rule({"source": [{"prefix": "aws."}]})),
            account(rule({"source": [{"wildcard": "aws.guard*"}]})),
        ),
    ),
}
