"""Topics: who may publish and subscribe, and whether messages rest encrypted."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.open_policies import anyone_let_in
from scanners.checks.registry import Fix, check
from scanners.model import Resource, Severity, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

TOPIC, SUBSCRIPTION = "AWS::SNS::Topic", "AWS::SNS::Subscription"


@check(
    "aws.sns.public",
    on=TOPIC,
    severity=Severity.CRITICAL,
    title="Topic open to everyone",
    reads=("GetTopicAttributes",),
    fix=Fix(
        console="SNS > Topics > the topic > Edit > Access policy: name the accounts or add an aws:SourceArn condition.",
        cli="aws sns set-topic-attributes --topic-arn ARN --attribute-name Policy --attribute-value file://policy.json",
        terraform='resource "aws_sns_topic_policy" "this" { policy = data.aws_iam_policy_document.known_senders.json }',
    ),
)
def public(topic: Resource, estate: Estate) -> Iterator[Verdict]:
    """Anyone on the internet can subscribe and read along, or publish messages that the functions behind it believe."""
    policy = topic["GetTopicAttributes"].need("Policy")
    yield from anyone_let_in("topic", policy)
    yield passed("No statement of the topic's policy lets in strangers", policy)


@check(
    "aws.sns.unencrypted",
    on=TOPIC,
    severity=Severity.LOW,
    title="Topic not encrypted with KMS",
    reads=("GetTopicAttributes",),
    fix=Fix(
        console="SNS > Topics > the topic > Edit > Encryption: enable it and choose a KMS key.",
        cli="aws sns set-topic-attributes --topic-arn ARN --attribute-name KmsMasterKeyId --attribute-value KEY",
        terraform='resource "aws_sns_topic" "this" { kms_master_key_id = aws_kms_key.this.id }',
    ),
)
def unencrypted(topic: Resource, estate: Estate) -> Iterator[Verdict]:
    """Without a KMS key nothing limits or records who at rest can read messages that wait to be delivered."""
    key = topic["GetTopicAttributes"]["KmsMasterKeyId"]
    if key.value:
        yield passed("Messages are encrypted with a KMS key", key)
    else:
        yield failed("No KMS key is set for the topic's messages", key)


@check(
    "aws.sns.http_subscription",
    on=SUBSCRIPTION,
    severity=Severity.MEDIUM,
    title="Messages delivered over plain HTTP",
    reads=("ListSubscriptions",),
    fix=Fix(
        console="SNS > Subscriptions: make one to the https address of the same receiver, and delete this one.",
        cli="aws sns subscribe --topic-arn ARN --protocol https --notification-endpoint https://HOST/PATH; aws sns"
        " unsubscribe --subscription-arn ARN",
        terraform='resource "aws_sns_topic_subscription" "this" { protocol = "https", endpoint = "https://HOST/PATH" }',
    ),
)
def http_subscription(subscription: Resource, estate: Estate) -> Iterator[Verdict]:
    """Everyone on the way reads the messages and may change them, and a made-up one looks no different."""
    protocol = subscription["ListSubscriptions"].need("Protocol")
    if protocol.value == "http":
        yield failed("Messages are delivered over HTTP", protocol)
    elif protocol.value == "https":
        yield passed("Messages are delivered over HTTPS", protocol)
    else:
        yield not_applicable(f"Messages are delivered by {protocol.value}", protocol)
