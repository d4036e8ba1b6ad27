"""The wire against boto3: what is sent is the same to the byte, and what comes back means the same, value for value."""

from __future__ import annotations

import asyncio
import io
import itertools
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from xml.etree.ElementTree import Element

import boto3
import pytest
import time_machine
from botocore.awsrequest import AWSResponse
from botocore.handlers import add_retry_headers
from botocore.httpsession import URLLib3Session

from scanners.collectors.asker import Asker
from scanners.collectors.aws import account as aws
from scanners.collectors.aws import models
from scanners.collectors.aws.reading import Reply
from scanners.collectors.aws.transport import Transport
from scanners.collectors.aws.writing import NotOurs
from scanners.collectors.cloud import Refusal
from scanners.collectors.gather import gather
from scanners.collectors.registry import collectors, of_unit
from scanners.model import Place
from tests.core.cases import ACCOUNT
from tests.house.made import Made, parameters, seeded, spoilt

CALLS = {call.name: call for c in collectors() for _, call in c.calls()}
ANSWER = {"x-amzn-RequestId": "a-request", "Content-Type": "text/plain"}


@pytest.fixture(autouse=True)
def nobody(monkeypatch):
    """Credentials and settings of this machine must not colour what is sent."""
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")


def transport(kind=Transport, **more):
    return kind(boto3.Session(botocore_session=models.session()), **more)


@cache
def operation(call_name):
    call = CALLS[call_name]
    return models.session().get_service_model(call.service).operation_model(call.operation)


def asked_with(call):
    return {**parameters(operation(call.name).input_shape), **call.params}


def bodies_of(call):
    """Answers to a call in every way there is, made anew: the same for whoever asks first."""
    ways = [Made(0), Made(1, many=0), Made(2, many=2), Made(3, many=3, share=0.5)]
    ways += [Made(seed, many=seed % 3, share=0.8, odd=0.3) for seed in range(4, 20)]
    model = operation(call.name)
    return [way.body(model.service_model.resolved_protocol, model) for way in ways]


# What is sent


@contextmanager
def boto3_sends(monkeypatch):
    """What boto3 would put on the wire; nothing leaves."""
    seen = []

    def send(self, request):
        seen.append(request)
        return AWSResponse(request.url, 500, {}, io.BytesIO())

    with monkeypatch.context() as patched:
        patched.setattr(URLLib3Session, "send", send)
        yield seen


def plain(method, url, headers, body):
    kept = {name.lower(): value.decode() if isinstance(value, bytes) else value for name, value in headers.items()}
    assert kept.pop("user-agent").endswith("posture")  # what else stands there differs from request to request
    kept.pop("content-length", None)
    body = body or b""
    return method, url, kept, body.encode() if isinstance(body, str) else body


class Sends(Transport):
    """A transport whose requests end here, signed."""

    async def _reply(self, request):
        keys = self._of_this_loop()[1]
        headers = self._signer.sign(
            request.method, request.url, request.headers, request.body, request.scope, await keys.now()
        )
        self.seen = plain(request.method, request.url, headers, request.body)
        return Reply(500, {}, b"")


PLACES = [
    Place(ACCOUNT, "us-east-1"),
    Place(ACCOUNT, "eu-south-1"),
    Place(ACCOUNT, "global"),
    Place(ACCOUNT, "cn-northwest-1", "aws-cn"),
    Place(ACCOUNT, "us-gov-west-1", "aws-us-gov"),
]
FEWER_PLACES = (PLACES[0], PLACES[1], PLACES[3])
SETTINGS = {
    "as they are": {},
    "FIPS": {"AWS_USE_FIPS_ENDPOINT": "true"},
    "dual stack": {"AWS_USE_DUALSTACK_ENDPOINT": "true"},
    "an endpoint of one's own": {"AWS_ENDPOINT_URL": "http://127.0.0.1:5000"},
    "an endpoint for one service": {"AWS_ENDPOINT_URL_KMS": "https://kms.example:8443/here"},
    "the old endpoints of STS": {"AWS_STS_REGIONAL_ENDPOINTS": "legacy"},
}


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_what_is_sent_is_what_boto3_sends(setting, monkeypatch):
    for name, value in setting.items():
        monkeypatch.setenv(name, value)
    made = {}

    def both(place, call, params):
        if place.partition not in made:
            made[place.partition] = transport(Sends)
        ours = made[place.partition]
        ours.seen = None
        with boto3_sends(monkeypatch) as theirs:
            outcomes = [outcome(lambda: asyncio.run(rested(ours, place, call, params)))]
            if ours.seen is None and theirs:  # boto3 carried it
                return None
            region = {"global": aws.HOME_REGION[place.partition]}.get(place.region, place.region)
            client = ours._clients.client(call.service, region, path_style=call.service == "s3")
            client.meta.events.unregister("request-created", add_retry_headers)
            ours._clients._clients[call.service, region, False] = client
            outcomes.append(outcome(lambda: ours.ask(place, call, params)))
        sent = [plain(r.method, r.url, r.headers, r.body) for r in theirs]
        return [ours.seen] if ours.seen else outcomes[:1], sent or outcomes[1:]

    with time_machine.travel("2026-11-22T10:41:32Z", tick=False):
        for place, call in itertools.product(PLACES if not setting else FEWER_PLACES, CALLS.values()):
            ours, theirs = both(place, call, asked_with(call)) or (None, None)
            assert ours == theirs, (call.name, place)


async def rested(ours, place, call, params):
    try:
        return await ours.send(place, call, params)
    finally:
        await ours.rest()


def test_every_declared_call_is_one_the_wire_carries():
    ours = transport()

    for call in CALLS.values():
        try:
            ours._service(call.service, "eu-west-1")[0].request(call.operation, "eu-west-1", asked_with(call))
        except NotOurs:
            pytest.fail(f"{call.name} would be carried by boto3")


# What comes back


class Answers(Transport):
    """A transport whose every request is given one reply, by whichever way it goes."""

    reply = Reply(200, {}, b"")

    async def _reply(self, request):
        return self.reply

    def ask(self, place, call, params):
        session = URLLib3Session
        given, session.send = (
            session.send,
            lambda _, request: AWSResponse(
                request.url, self.reply.status, dict(self.reply.headers), Raw(self.reply.body)
            ),
        )
        try:
            return super().ask(place, call, params)
        finally:
            session.send = given


class Raw(io.BytesIO):
    def stream(self):
        yield self.read()


def outcome(ask):
    """An answer, or what a refusal says; but of what is wrong with an answer the words may differ."""
    try:
        return exact(ask())
    except Refusal as no:
        told = no.message if no.state != "parse_error" else ""
        return ("refused", no.state, no.code, told, no.retry_after)


def raised(error):
    raise error


def exact(value):
    """Values that are equal only if their types are: 1 is not True, and 1.0 is not 1."""
    if isinstance(value, dict):
        return {key: exact(item) for key, item in value.items()}
    if isinstance(value, list):
        return [exact(item) for item in value]
    if hasattr(value, "utcoffset"):
        return ("moment", value.utcoffset() is None, value)
    if isinstance(value, Element):  # botocore gives one for what should stand once and stands twice
        return ("element", value.tag, value.text)
    return (type(value).__name__, repr(value) if isinstance(value, float) else value)


PLACE = Place(ACCOUNT, "eu-west-1")


async def compare(ours, call, bodies, status=200, headers=ANSWER):
    params, different = asked_with(call), []
    for body in bodies:
        ours.reply = Reply(status, headers, body)
        try:
            mine = exact(await ours.send(PLACE, call, params))
        except Refusal as no:
            mine = outcome(lambda no=no: raised(no))
        theirs = outcome(lambda: ours.ask(PLACE, call, params))
        if mine != theirs:
            different.append((body[:2000], *difference(mine, theirs)))
    return different


def difference(mine, theirs):
    """The first place where two answers differ, for people to read."""
    if isinstance(mine, dict) and isinstance(theirs, dict) and mine.keys() == theirs.keys():
        return next(difference(mine[key], theirs[key]) for key in mine if mine[key] != theirs[key])
    if isinstance(mine, list) and isinstance(theirs, list) and len(mine) == len(theirs):
        return next(difference(*pair) for pair in zip(mine, theirs, strict=True) if pair[0] != pair[1])
    return mine, theirs


@pytest.fixture(scope="module")
def answers():
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
        patched.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        yield transport(Answers)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_answers_of_every_shape_are_read_as_boto3_reads_them(call, answers):
    assert asyncio.run(compare(answers, call, bodies_of(call))) == []


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_spoilt_answers_are_refused_or_read_as_boto3_does_it(call, answers):
    random = seeded(5)
    bodies = [spoilt(body, random) for body in bodies_of(call)]

    assert asyncio.run(compare(answers, call, bodies)) == []


def test_large_answers_are_read_by_our_own_readers(answers):
    quick = ["ec2.DescribeInstances", "iam.GetAccountAuthorizationDetails", "lambda.ListFunctions", "kms.ListKeys"]

    for call in map(CALLS.__getitem__, quick):
        reader = answers._service(call.service, "eu-west-1")[1]
        assert reader._reader(call.operation) is not None, call.name


# Refusals, in each protocol

BY_PROTOCOL = {
    "query": CALLS["sns.GetTopicAttributes"],
    "query with a decoder": CALLS["iam.GetAccountAuthorizationDetails"],
    "ec2": CALLS["ec2.DescribeVpcs"],
    "json": CALLS["kms.DescribeKey"],
    "json that was query": CALLS["sqs.GetQueueAttributes"],
    "rest-json": CALLS["lambda.GetPolicy"],
    "rest-xml of S3": CALLS["s3.GetBucketPolicy"],
    "rest-xml that may err at 200": CALLS["s3.GetBucketAcl"],
    "S3 with a hook": CALLS["s3.GetBucketLocation"],
    "rest-xml": CALLS["cloudfront.ListDistributions"],
    "S3 Control": CALLS["s3control.GetPublicAccessBlock"],
}
CODES = ["AccessDenied", "ThrottlingException", "NoSuchBucketPolicy", "ResourceNotFoundException", "SlowDown", "Odd<>"]
BODIES = [
    *(f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>"
      for code in CODES),
    *(f"<Error><Code>{code}</Code><Message>no</Message><RequestId>r</RequestId></Error>" for code in CODES),
    *(f"<Response><Errors><Error><Code>{code}</Code><Message>no</Message></Error></Errors></Response>"
      for code in CODES),
    *(f'{{"__type": "com.amazonaws.x#{code}:http://x", "message": "no"}}' for code in CODES),
    *(f'{{"code": "{code}", "Message": "no"}}' for code in CODES),
    '{"__type": "AccessDeniedException", "Message": null}', '{"__type": 7}', '{"message": ["a"]}', '{"__type": ',
    "null", "[]", '""', "{}", "", "<html><body>Bad gateway</body></html>", "<html>", "<Error><Code>x</Code>",
    "<Error/>", "<Error><Code/><Message/></Error>", "<Error><Code>A</Code><Code>B</Code></Error>", "Rate exceeded",
]  # fmt: skip
HEADERS = [
    {},
    {"Retry-After": "7"},
    {"retry-after": "Sun, 22 Nov 2026 10:41:32 GMT"},
    {"x-amzn-errortype": "ForbiddenException:http://x/", "x-amzn-RequestId": "r"},
    {"x-amzn-query-error": "AWS.SimpleQueueService.NonExistentQueue;Sender"},
]


STATUSES = [200, 301, 403, 429, 503]
ASKED_OF = [  # redirects of S3 are followed by boto3 both ways
    pytest.param(call, status, id=f"{name}, {status}")
    for name, call in BY_PROTOCOL.items()
    for status in STATUSES
    if (call.service, status) != ("s3", 301)
]


@pytest.mark.parametrize(("call", "status"), ASKED_OF)
def test_refusals_are_those_that_boto3_would_give(call, status, answers):
    for n, headers in enumerate(HEADERS):
        bodies = [body.encode() for body in BODIES[n :: len(HEADERS)]]
        assert asyncio.run(compare(answers, call, bodies, status, headers)) == []


# The sample account


QUESTION = ContextVar("QUESTION")


class Both(Answers):
    """Asks the cloud, hands its reply to boto3 as well, and notes where the answers differ."""

    different, asked = (), 0

    async def _reply(self, request):
        reply = self.reply = await Transport._reply(self, request)
        QUESTION.get().append(outcome(lambda: self.ask(*QUESTION.get()[:3])))
        return reply

    async def send(self, place, call, params):
        QUESTION.set([place, call, params])
        try:
            answer = await super().send(place, call, params)
        except Refusal as refusal:
            self.note(call, outcome(lambda refusal=refusal: raised(refusal)))
            raise
        self.note(call, exact(answer))
        return answer

    def note(self, call, ours):
        theirs = QUESTION.get()[3]
        self.asked += 1
        if ours != theirs:
            self.different += ((call.name, difference(ours, theirs)),)


def test_the_sample_account_is_seen_alike(sweep):
    session = models.session()
    session.set_credentials("posture-sample", "posture-sample")
    both = Both(boto3.Session(botocore_session=session), endpoint=sweep.cloud.endpoint, emulated=True)

    async def look():
        buckets = {}
        for unit in sweep.all_units():
            asker = Asker(both, Place(sweep.cloud.account, unit.region), buckets)
            await gather(unit, of_unit(unit.service), asker, sweep.door)
        await both.rest()

    asyncio.run(look())
    both.close()

    assert both.asked > 300
    assert both.different == ()
