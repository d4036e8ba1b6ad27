"""The road to the cloud: replay, refusals in the shape of each protocol, regions shown as another."""

from __future__ import annotations

import asyncio
import json

import pytest
from botocore.loaders import create_loader
from botocore.model import ServiceModel
from botocore.parsers import create_parser

from posture.management.benchmarks.scan.limits import Buckets
from posture.management.benchmarks.scan.proxy import Proxy, asked_by

HERE = "eu-west-1"
QUERY = "application/x-www-form-urlencoded; charset=utf-8"


class Emulator(Proxy):
    """A proxy whose emulator is a list of answers; what it was asked is remembered."""

    def __init__(self, *answers: tuple[int, dict[str, str], bytes]) -> None:
        super().__init__("http://nobody")
        self.answers, self.met = list(answers), []

    def _forwarded(self, asked, headers):
        self.met.append(asked)
        return self.answers.pop(0)


def request(service: str, operation: str, *, region: str = HERE, body: bytes = b"{}"):
    """(asked, headers) of a call as an SDK sends it, in the protocol of the service."""
    headers = {"authorization": f"AWS4-HMAC-SHA256 Credential=AKIA/20261122/{region}/{service}/aws4_request, x"}
    if service in ("sqs", "dynamodb", "kms"):
        target = {"sqs": "AmazonSQS", "dynamodb": "DynamoDB_20120810", "kms": "TrentService"}[service]
        headers |= {"content-type": "application/x-amz-json-1.0", "x-amz-target": f"{target}.{operation}"}
        return asked_by(b"POST", b"/", headers, body), headers
    if service in ("ec2", "sns"):
        version = {"ec2": "2016-11-15", "sns": "2010-03-31"}[service]
        headers |= {"content-type": QUERY}
        return asked_by(b"POST", b"/", headers, f"Action={operation}&Version={version}".encode()), headers
    path = {"GetPolicy": b"/2015-03-31/functions/f/policy", "ListBuckets": b"/"}[operation]
    return asked_by(b"GET", path, headers, b""), headers


def answer(proxy: Proxy, asked, headers) -> tuple[int, dict[str, str], bytes]:
    head, _, body = asyncio.run(proxy.answer(asked, headers)).partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return int(first.split()[1]), dict(line.split(": ", 1) for line in lines), body


def test_an_answer_is_asked_for_once_and_then_replayed():
    proxy = Emulator((200, {"Content-Type": "x"}, b'{"QueueUrls": []}'))

    answers = [answer(proxy, *request("sqs", "ListQueues")) for _ in range(3)]

    assert answers[0] == answers[1] == answers[2]
    assert len(proxy.met) == 1
    assert proxy.journal.report()["repeated calls"] == {"sqs.ListQueues": 2}


def test_another_signature_of_the_same_question_is_the_same_question():
    asked, headers = request("sqs", "ListQueues")
    again = asked_by(b"POST", b"/", {**headers, "authorization": headers["authorization"] + "yz"}, b"{}")

    assert asked == again


class Spent(Buckets):
    """No token is left."""

    def admits(self, service: str, operation: str, region: str, now: float) -> bool:
        return False


@pytest.mark.parametrize(
    ("service", "operation", "code", "status"),
    [
        ("lambda", "GetPolicy", "TooManyRequestsException", 429),
        ("ec2", "DescribeVpcs", "RequestLimitExceeded", 503),
        ("sns", "ListTopics", "Throttling", 400),
        ("dynamodb", "DescribeContinuousBackups", "ThrottlingException", 400),
    ],
)
def test_past_the_limit_a_client_reads_the_refusal_of_its_protocol(service, operation, code, status):
    proxy = Emulator((200, {}, b"{}"))
    proxy.road.limited, proxy.buckets = True, Spent()

    refused = answer(proxy, *request(service, operation))

    assert error(service, operation, refused) == (code, status)
    assert proxy.journal.report()["throttled"] == 1


def test_an_open_road_knows_no_limit():
    proxy = Emulator((200, {}, b"{}"))
    proxy.buckets = Spent()

    assert answer(proxy, *request("lambda", "GetPolicy"))[0] == 200


def error(service: str, operation: str, reply: tuple[int, dict[str, str], bytes]) -> tuple[str, int]:
    model = ServiceModel(create_loader().load_service_model(service, "service-2"), service)
    raw = {"status_code": reply[0], "headers": {k.lower(): v for k, v in reply[1].items()}, "body": reply[2]}
    read = create_parser(model.metadata["protocol"]).parse(raw, model.operation_model(operation).output_shape)
    return read["Error"]["Code"], reply[0]


@pytest.mark.parametrize(
    "broken",
    [(500, {"Content-Type": "text/html"}, b"<html>"), (501, {}, b""), (0, {}, b"")],
    ids=["a page of HTML", "not implemented", "no answer at all"],
)
def test_what_the_emulator_cannot_do_becomes_a_refusal_that_nobody_asks_again(broken):
    status, _, body = answer(Emulator(broken), *request("sqs", "ListQueues"))

    assert status == 400
    assert json.loads(body)["__type"] == "UnsupportedOperation"


def test_a_further_region_is_shown_as_the_first_one_is():
    proxy = Emulator((200, {}, b'{"Arn": "arn:aws:sqs:eu-west-1:1:q"}'))
    proxy.road.mirrored = (HERE, "ap-southeast-1")

    _, headers, body = answer(proxy, *request("sqs", "ListQueues", region="ap-southeast-1"))

    assert json.loads(body) == {"Arn": "arn:aws:sqs:ap-southeast-1:1:q"}
    assert int(headers["Content-Length"]) == len(body)
    assert proxy.met[0].scope == b"eu-west-1/sqs"
    assert proxy.journal.report()["by call"] == [["sqs", "ListQueues", "ap-southeast-1", 1]]


def test_what_the_whole_account_shares_is_shown_once():
    proxy = Emulator((200, {}, b"<ListAllMyBucketsResult/>"))
    proxy.road.mirrored = (HERE, "ap-southeast-1")

    answer(proxy, *request("s3", "ListBuckets", region="ap-southeast-1"))

    assert proxy.met[0].scope == b"ap-southeast-1/s3"


def test_the_regions_of_the_account_are_those_of_the_road():
    proxy = Emulator()

    for regions in ([HERE, "us-east-1"], [HERE]):
        proxy.control("PUT", "/_bench/road", json.dumps({"regions": regions}).encode())
        _, _, body = answer(proxy, *request("ec2", "DescribeRegions"))

        assert body.count(b"<regionName>") == len(regions)


def test_to_refresh_asks_again_for_all_that_is_replayed():
    proxy = Emulator((200, {}, b'{"QueueUrls": []}'), (200, {}, b'{"QueueUrls": ["q"]}'))
    answer(proxy, *request("sqs", "ListQueues"))

    said = proxy.control("POST", "/_bench/refresh", b"")

    assert said == {"asked": 1}
    assert json.loads(answer(proxy, *request("sqs", "ListQueues"))[2]) == {"QueueUrls": ["q"]}
