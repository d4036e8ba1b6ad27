import time

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, HTTPClientError

PROTOCOLS = [
    # protocol, service, call, code
    ("query", "iam", "list_users", "Throttling"),
    ("query", "sns", "list_topics", "AuthorizationError"),
    ("ec2", "ec2", "describe_vpcs", "UnauthorizedOperation"),
    ("json", "dynamodb", "list_tables", "AccessDeniedException"),
    ("json, once query", "sqs", "list_queues", "AccessDenied"),
    ("rest-json", "lambda", "list_functions", "TooManyRequestsException"),
    ("rest-json", "apigatewayv2", "get_apis", "AccessDeniedException"),
    ("rest-xml", "s3", "list_buckets", "SlowDown"),
]


def camel(operation):
    return "".join(word.capitalize() for word in operation.split("_"))


@pytest.mark.parametrize(("protocol", "service", "operation", "code"), PROTOCOLS)
def test_a_refusal_speaks_the_protocol_of_its_service(cloud, reader, protocol, service, operation, code):
    cloud.faults(
        [
            {
                "service": service,
                "operation": camel(operation),
                "error": {"code": code, "message": "No <b>&", "status": 403, "retry_after": 2},
            }
        ]
    )

    with pytest.raises(ClientError) as caught:
        getattr(reader.client(service), operation)()

    answer = caught.value.response
    assert answer["Error"]["Code"] == code
    assert answer["Error"]["Message"] == "No <b>&"
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert answer["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "2"


def test_a_rule_of_the_account_control_api(cloud, reader):
    cloud.faults([{"service": "s3control", "error": {"code": "AccessDenied", "status": 403}}])

    assert reader.ask("s3control.get_public_access_block", AccountId="424242424242")["error"] == "AccessDenied"


def test_a_rule_strikes_where_and_as_often_as_it_says(cloud, reader):
    refuse = {"error": {"code": "AccessDeniedException", "status": 403}}
    cloud.faults(
        [
            {"service": "lambda", "operation": "ListFunctions", "region": "us-east-1", "times": 1, **refuse},
            {"service": "lambda", "operation": "GetPolicy", "contains": "orders-api", **refuse},
        ]
    )

    assert "error" not in reader.ask("lambda.list_functions", "eu-west-1")
    assert "error" in reader.ask("lambda.list_functions", "us-east-1")
    assert "error" not in reader.ask("lambda.list_functions", "us-east-1")
    assert reader.ask("lambda.get_policy", FunctionName="orders-api")["error"] == "AccessDeniedException"
    assert "error" not in reader.ask("lambda.get_policy", FunctionName="checkout-api")


def test_chance_falls_the_same_way_twice(cloud, reader):
    rule = {"service": "sts", "probability": 0.5, "seed": 7, "error": {"code": "Throttling"}}

    def falls():
        cloud.clear()
        cloud.faults([rule])
        return ["error" in reader.ask("sts.get_caller_identity") for _ in range(20)]

    first = falls()
    assert first == falls()
    assert 0 < sum(first) < 20


def test_the_line_may_break_drag_or_talk_html(cloud, reader):
    client = reader.client("dynamodb")

    cloud.faults([{"service": "dynamodb", "reset": True, "times": 1}])
    with pytest.raises((ConnectionClosedError, HTTPClientError)):
        client.list_tables()

    cloud.faults([{"service": "dynamodb", "truncate": True, "times": 1}])
    assert "TableNames" not in client.list_tables()  # botocore takes half an answer for an answer: a collector must not

    cloud.faults([{"service": "dynamodb", "html": True, "times": 1}])
    with pytest.raises(ClientError) as caught:
        client.list_tables()
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 502

    cloud.faults([{"service": "dynamodb", "latency_ms": 300, "times": 1}])
    began = time.monotonic()
    client.list_tables()
    assert time.monotonic() - began > 0.3


def test_the_journal_tells_each_call_once(cloud, reader):
    cloud.faults([{"service": "kms", "error": {"code": "ThrottlingException"}}])
    reader.ask("kms.list_keys", "us-east-1")
    reader.ask("iam.get_account_summary")

    told = [(line["service"], line["operation"], line["region"], line["status"]) for line in cloud.calls()]

    assert told == [("kms", "ListKeys", "us-east-1", 400), ("iam", "GetAccountSummary", "eu-west-1", 200)]


def test_a_rule_with_a_word_unknown_is_refused(cloud):
    with pytest.raises(ValueError, match="no opration"):
        cloud.faults([{"opration": "ListKeys"}])
