"""SNS and DynamoDB: what is kept of their answers, and what a refusal leaves behind."""

from scanners.collectors.aws import dynamodb, sns
from tests.core.cases import ACCOUNT, REGION
from tests.core.collectors.replies import gathered

TOPIC_ARN = f"arn:aws:sns:{REGION}:{ACCOUNT}:orders"
POLICY = '{"Statement": [{"Effect": "Allow", "Principal": "*"}]}'
(TOPIC, SUBSCRIPTION), (TABLE,) = sns.COLLECTORS, dynamodb.COLLECTORS


def test_a_topic_keeps_its_settings_and_no_counters():
    attributes = {
        "Policy": POLICY,
        "KmsMasterKeyId": "k",
        "SubscriptionsConfirmed": "7",
        "EffectiveDeliveryPolicy": "{}",
    }

    seen = gathered(
        TOPIC, ListTopics={"Topics": [{"TopicArn": TOPIC_ARN}]}, GetTopicAttributes={"Attributes": attributes}
    )

    (topic,) = seen.resources
    assert (topic.ref, topic.name) == (TOPIC_ARN, "orders")
    assert topic["GetTopicAttributes"].value.keys() == {"Policy", "KmsMasterKeyId"}
    assert topic["GetTopicAttributes"]["Policy"]["Statement"].value[0]["Principal"] == "*"


def test_refused_attributes_are_a_gap_and_no_empty_document():
    seen = gathered(TOPIC, ListTopics={"Topics": [{"TopicArn": TOPIC_ARN}]}, GetTopicAttributes="AuthorizationError")

    (topic,) = seen.resources
    (gap,) = topic.gaps["GetTopicAttributes"]
    assert (gap.permission, gap.code) == ("sns:GetTopicAttributes", "AuthorizationError")
    assert "GetTopicAttributes" not in topic.documents


def test_a_policy_that_names_a_key_twice_is_not_read():
    twice = '{"Statement": [], "Statement": [{"Effect": "Allow", "Principal": "*"}]}'

    seen = gathered(
        TOPIC, ListTopics={"Topics": [{"TopicArn": TOPIC_ARN}]}, GetTopicAttributes={"Attributes": {"Policy": twice}}
    )

    assert seen.resources[0].gaps["GetTopicAttributes"][0].state == "parse_error"


def described(**more):
    restorable = {"PointInTimeRecoveryStatus": "ENABLED", "LatestRestorableDateTime": "now", "RecoveryPeriodInDays": 35}
    return gathered(
        TABLE,
        **{
            "ListTables": {"TableNames": ["orders"]},
            "DescribeTable": {"Table": {"TableArn": "arn", "ItemCount": 7, "TableSizeBytes": 9}},
            "DescribeContinuousBackups": {
                "ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": restorable}
            },
            "GetResourcePolicy": {"Policy": POLICY, "RevisionId": "1"},
            **more,
        },
    ).resources[0]


def test_a_table_keeps_its_settings_and_nothing_that_moves():
    table = described()

    assert table.ref == f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
    assert table["DescribeTable"].value == {"TableArn": "arn"}
    assert table["DescribeContinuousBackups"].value == {
        "PointInTimeRecoveryStatus": "ENABLED",
        "RecoveryPeriodInDays": 35,
    }
    assert table["GetResourcePolicy"].value.keys() == {"Policy"}


def test_a_table_has_no_policy_only_when_the_answer_says_so():
    assert described(GetResourcePolicy="PolicyNotFoundException")["GetResourcePolicy"].value is None
    for code in ("ResourceNotFoundException", "AccessDeniedException"):
        assert described(GetResourcePolicy=code).gaps["GetResourcePolicy"][0].code == code
