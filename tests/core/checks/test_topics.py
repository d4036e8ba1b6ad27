"""Topics: CASES are run by tests/house/test_checks.py."""

from tests.core.cases import ACCOUNT, Case, Cases, resource

DEFAULT = {"StringEquals": {"AWS:SourceOwner": ACCOUNT}}


def allow(principal, *, effect="Allow", **condition):
    said = {"Effect": effect, "Principal": principal, "Action": ["SNS:Publish", "SNS:Subscribe"], "Resource": "*"}
    return {"Statement": [said | ({"Condition": condition} if condition else {})]}


def topic(policy=None, **attributes):
    attributes["Policy"] = policy or allow({"AWS": "*"}, **DEFAULT)
    return Case(resource("AWS::SNS::Topic", ListTopics={"TopicArn": "arn"}, GetTopicAttributes=attributes))


def subscription(protocol):
    told = {"Protocol": protocol, "TopicArn": "arn", "SubscriptionArn": "arn:s"}
    return Case(resource("AWS::SNS::Subscription", ListSubscriptions=told))


CASES = {
    "aws.sns.public": Cases(
        fails=(
            topic(allow("*")),
            topic(allow({"AWS": "*"})),
            topic(allow({"AWS": ["arn:aws:iam::444455556666:root", "*"]})),
            topic(allow("*", StringEquals={"sns:Protocol": "https"})),
            topic(allow("*", StringEqualsIfExists={"aws:SourceOwner": ACCOUNT})),
            topic({"Statement": [*allow({"AWS": "*"}, **DEFAULT)["Statement"], *allow("*")["Statement"]]}),
        ),
        passes=(
            topic(),
            topic(allow({"Service": "s3.amazonaws.com"}, StringEquals={"aws:SourceAccount": ACCOUNT})),
            topic(allow("*", StringEquals={"aws:PrincipalOrgID": "o-abc1234567"})),
            topic(allow("*", effect="Deny")),
            topic(allow({"AWS": f"arn:aws:iam::{ACCOUNT}:root"})),
        ),
        unknown=(Case(resource("AWS::SNS::Topic", ListTopics={}, GetTopicAttributes={"Owner": ACCOUNT})),),
    ),
    "aws.sns.unencrypted": Cases(
        fails=(topic(), topic(KmsMasterKeyId="")), passes=(topic(KmsMasterKeyId="alias/aws/sns"),)
    ),
    "aws.sns.http_subscription": Cases(
        fails=(subscription("http"),),
        passes=(subscription("https"),),
        neutral=(subscription("sqs"), subscription("email"), subscription("lambda")),
        unknown=(subscription(None),),
    ),
}
