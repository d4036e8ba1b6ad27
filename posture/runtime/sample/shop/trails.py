"""The audit trail and the log groups."""

from __future__ import annotations

from posture.runtime.sample.emulator import ACCOUNT
from posture.runtime.sample.shop import EDGE, MAIN, REPORTS, SHOP
from posture.runtime.sample.shop.account import Account, policy, statement

FUNCTION_ARN = f"arn:aws:lambda:{{}}:{ACCOUNT}:function:"
UNWATCHED = FUNCTION_ARN.format(MAIN) + "price-feed"

SELECTORS = [
    {"Name": "Management", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]},
    {
        "Name": "Invocations in Europe, without the noisy one",
        "FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": ["AWS::Lambda::Function"]},
            {
                "Field": "resources.ARN",
                "StartsWith": [FUNCTION_ARN.format(MAIN), FUNCTION_ARN.format(REPORTS)],
                "NotEquals": [UNWATCHED],
            },
        ],
    },
    {
        "Name": "Objects",
        "FieldSelectors": [
            {"Field": "eventCategory", "Equals": ["Data"]},
            {"Field": "resources.type", "Equals": ["AWS::S3::Object"]},
            {
                "Field": "resources.ARN",
                "StartsWith": [f"arn:aws:s3:::{SHOP}-orders-archive/", f"arn:aws:s3:::{SHOP}-invoices/"],
            },
        ],
    },
]

GROUPS = (  # name, region, days kept, encrypted with the audit key
    ("trail", MAIN, 365, True),
    ("/aws/api/storefront", MAIN, 180, False),
    ("/aws/api/shop", MAIN, 180, False),
    ("/aws/api/partner", MAIN, None, False),
    ("legacy/shop", EDGE, None, False),
)

SIGNS = {  # metric filter → pattern
    "root-sign-in": '{ $.userIdentity.type = "Root" && $.eventType != "AwsServiceEvent" }',
    "trail-changed": "{ ($.eventName = StopLogging) || ($.eventName = DeleteTrail) || ($.eventName = UpdateTrail) }",
    "access-denied": '{ ($.errorCode = "*UnauthorizedOperation") || ($.errorCode = "AccessDenied*") }',
}


def build(account: Account, keys: dict[str, str]) -> None:
    with account.past(720):
        build_groups(account, keys)
        make_trail(account, keys)
        make_old_trail(account)


def build_groups(account: Account, keys: dict[str, str]) -> None:
    for name, region, days, encrypted in GROUPS:
        logs = account.client("logs", region)
        logs.create_log_group(logGroupName=name, **({"kmsKeyId": keys["audit"]} if encrypted else {}))
        if days:
            logs.put_retention_policy(logGroupName=name, retentionInDays=days)
    logs = account.client("logs")
    for sign, pattern in SIGNS.items():
        logs.put_metric_filter(
            logGroupName="trail",
            filterName=sign,
            filterPattern=pattern,
            metricTransformations=[{"metricName": sign, "metricNamespace": "Audit", "metricValue": "1"}],
        )
    writers = statement(
        "Allow",
        {"Service": "route53.amazonaws.com"},
        ["logs:CreateLogStream", "logs:PutLogEvents"],
        f"arn:aws:logs:{MAIN}:{ACCOUNT}:log-group:/aws/route53/*",
    )
    logs.put_resource_policy(policyName="dns-queries", policyDocument=policy(writers))


def make_trail(account: Account, keys: dict[str, str]) -> None:
    trail = account.client("cloudtrail")
    trail.create_trail(
        Name="everything",
        S3BucketName=f"{SHOP}-audit-trail",
        IsMultiRegionTrail=True,
        IncludeGlobalServiceEvents=True,
        EnableLogFileValidation=True,
        KmsKeyId=keys["audit"],
        CloudWatchLogsLogGroupArn=f"arn:aws:logs:{MAIN}:{ACCOUNT}:log-group:trail:*",
        CloudWatchLogsRoleArn=f"arn:aws:iam::{ACCOUNT}:role/gateway-logs",
        TagsList=[{"Key": "team", "Value": "platform"}],
    )
    trail.put_event_selectors(TrailName="everything", AdvancedEventSelectors=SELECTORS)
    trail.start_logging(Name="everything")


def make_old_trail(account: Account) -> None:
    trail = account.client("cloudtrail", EDGE)
    trail.create_trail(
        Name="legacy-local", S3BucketName=f"{SHOP}-old-backups", IsMultiRegionTrail=False, EnableLogFileValidation=False
    )
    trail.start_logging(Name="legacy-local")
