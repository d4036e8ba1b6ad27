"""Events, sign-in, delivery and watching; and kinds that no check of ours reads, which a real account has as well."""

from __future__ import annotations

import json
from typing import Any

from posture.management.benchmarks.scan.build.site import Site, arn, role
from posture.management.benchmarks.scan.design import Item
from posture.runtime.sample.shop.account import policy, statement
from posture.runtime.sample.shop.platform import CERTIFICATE
from posture.runtime.sample.shop.storage import TRAIL


def bus(site: Site, item: Item) -> str:
    events, own = site.client("events", item), arn("events", item, f"event-bus/{item.name}")
    events.create_event_bus(Name=item.name)
    if item.flaw:
        said = {**statement("Allow", "*", "events:PutEvents", own), "Sid": "all"}
        events.put_permission(EventBusName=item.name, Policy=policy(said))
    return own


def rule(site: Site, item: Item) -> str:
    made = site.client("events", item).put_rule(Name=item.name, ScheduleExpression="rate(1 day)")
    return str(made["RuleArn"])


def pool(site: Site, item: Item) -> str:
    made = site.client("cognito-idp", item).create_user_pool(
        PoolName=item.name, MfaConfiguration="OFF" if item.flaw else "ON"
    )
    return str(made["UserPool"]["Id"])


def graph(site: Site, item: Item) -> str:
    mode = "API_KEY" if item.flaw else "AWS_IAM"
    made = site.client("appsync", item).create_graphql_api(name=item.name, authenticationType=mode)
    return str(made["graphqlApi"]["arn"])


def distribution(site: Site, item: Item) -> str:
    name = f"{item.name}.example.test"
    origin = {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"}
    made = site.client("cloudfront", item).create_distribution(
        DistributionConfig={
            "CallerReference": name,
            "Comment": name,
            "Enabled": True,
            "Aliases": {"Quantity": 1, "Items": [name]},
            "Origins": {
                "Quantity": 1,
                "Items": [{"Id": "own", "DomainName": f"origin.{name}", "CustomOriginConfig": origin}],
            },
            "DefaultCacheBehavior": {
                "TargetOriginId": "own",
                "ViewerProtocolPolicy": "allow-all" if item.flaw else "redirect-to-https",
                "MinTTL": 0,
                "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
            },
            "ViewerCertificate": {
                "ACMCertificateArn": CERTIFICATE,
                "SSLSupportMethod": "sni-only",
                "MinimumProtocolVersion": "TLSv1.2_2021",
                "CloudFrontDefaultCertificate": False,
            },
        }
    )
    return str(made["Distribution"]["ARN"])


def trail(site: Site, item: Item) -> str:
    s3, home = site.client("s3", item), "posture-bench-trail"
    s3.create_bucket(Bucket=home, CreateBucketConfiguration={"LocationConstraint": item.region})
    s3.put_bucket_policy(Bucket=home, Policy=policy({**TRAIL, "Resource": f"arn:aws:s3:::{home}/*"}))
    made = site.client("cloudtrail", item).create_trail(
        Name=item.name, S3BucketName=home, IsMultiRegionTrail=True, EnableLogFileValidation=True
    )
    site.client("cloudtrail", item).start_logging(Name=item.name)
    return str(made["TrailARN"])


def alarm(site: Site, item: Item) -> str:
    site.client("cloudwatch", item).put_metric_alarm(
        AlarmName=item.name,
        Namespace="AWS/Lambda",
        MetricName="Errors",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )
    return arn("cloudwatch", item, f"alarm:{item.name}")


def states(site: Site, item: Item) -> str:
    steps: dict[str, Any] = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
    made = site.client("stepfunctions", item).create_state_machine(
        name=item.name, definition=json.dumps(steps), roleArn=role("role-00000")
    )
    return str(made["stateMachineArn"])


def stream(site: Site, item: Item) -> str:
    site.client("kinesis", item).create_stream(StreamName=item.name, ShardCount=1)
    return arn("kinesis", item, f"stream/{item.name}")


def parameter(site: Site, item: Item) -> str:
    site.client("ssm", item).put_parameter(Name=item.name, Value="plain", Type="String")
    return arn("ssm", item, f"parameter/{item.name}")


def certificate(site: Site, item: Item) -> str:
    made = site.client("acm", item).request_certificate(DomainName=f"{item.name}.example.test")
    return str(made["CertificateArn"])


BUILDERS = {
    "AWS::Events::EventBus": bus,
    "AWS::Events::Rule": rule,
    "AWS::Cognito::UserPool": pool,
    "AWS::AppSync::GraphQLApi": graph,
    "AWS::CloudFront::Distribution": distribution,
    "AWS::CloudTrail::Trail": trail,
    "AWS::CloudWatch::Alarm": alarm,
    "AWS::StepFunctions::StateMachine": states,
    "AWS::Kinesis::Stream": stream,
    "AWS::SSM::Parameter": parameter,
    "AWS::CertificateManager::Certificate": certificate,
}
