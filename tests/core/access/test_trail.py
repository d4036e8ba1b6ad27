"""What records of CloudTrail say was done: by whom, which action, on what; and nothing of a file is lost in silence."""

from __future__ import annotations

import gzip
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanners.access.aws import event_names
from scanners.access.aws.actions import service_actions
from scanners.access.aws.event_names import meant
from scanners.access.aws.recorded import RECORDED
from scanners.access.aws.trail import NAMED, ONCE, Trail, key
from tests.core.access.asking import FEDERATED, HERE, LINKED, ROLE, ROOT, SESSION, THERE, USER
from tests.core.access.trails import event, file, looked_up, on_object, on_table, trail

QUEUE = f"arn:aws:sqs:eu-west-1:{HERE}:orders"
FUNCTION = f"arn:aws:lambda:eu-west-1:{HERE}:function:pay"
KEY = f"arn:aws:kms:eu-west-1:{HERE}:key/1"
HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"

NAMES = [
    # source,      event,                            action
    ("s3", "GetObject", "s3:getobject"),
    ("s3", "ListObjectsV2", "s3:listbucket"),
    ("s3", "ListObjects", "s3:listbucket"),
    ("s3", "HeadObject", "s3:getobject"),
    ("s3", "CompleteMultipartUpload", "s3:putobject"),
    ("s3", "GetBucketEncryption", "s3:getencryptionconfiguration"),
    ("lambda", "Invoke", "lambda:invokefunction"),
    ("lambda", "GetFunction20150331v2", "lambda:getfunction"),
    ("lambda", "ListFunctions20150331", "lambda:listfunctions"),
    ("cloudfront", "CreateDistribution2020_05_31", "cloudfront:createdistribution"),
    ("monitoring", "PutMetricData", "cloudwatch:putmetricdata"),
    ("sqs", "SendMessageBatch", "sqs:sendmessage"),
    ("kms", "GenerateDataKey", "kms:generatedatakey"),
    ("rdsdata", "ExecuteStatement", "rds-data:executestatement"),
    ("apigateway", "GetRestApis", "apigateway:get"),
    ("apigateway", "UpdateStage", "apigateway:patch"),
]


@pytest.mark.parametrize(("source", "name", "action"), NAMES)
def test_an_event_tells_its_action(source, name, action):
    assert meant(f"{source}.amazonaws.com", name).sure == (action,)


def test_every_action_of_the_tables_is_one_of_the_catalogue():
    listed = [
        f"{event.partition(':')[0]}:{name}"
        for table in (event_names._SURE, event_names._PERHAPS)
        for event, names in table.items()
        for name in names.split()
    ]

    unknown = [name for name in (*listed, *RECORDED) if name not in service_actions(name.partition(":")[0])]

    assert unknown == []


def test_what_a_transaction_wrote_is_only_perhaps_known():
    found = meant("dynamodb.amazonaws.com", "TransactWriteItems")

    assert found.sure == ()
    assert "dynamodb:putitem" in found.perhaps


WHO = [
    (ROLE, f"{HERE}:role/app"),
    (f"arn:aws:iam::{HERE}:role/service-role/deep/app", f"{HERE}:role/app"),
    (SESSION, f"{HERE}:role/app"),
    (USER, f"{HERE}:user/bob"),
    (ROOT, f"{HERE}:root"),
    (f"arn:aws-cn:iam::{HERE}:user/eu/bob", f"{HERE}:user/bob"),
    (LINKED, f"{HERE}:role/AWSServiceRoleForLex"),
    ("", ""),
    ("arn:aws:iam::123:role/app", ""),
    (FEDERATED, ""),
]


@pytest.mark.parametrize(("arn", "who"), WHO)
def test_a_principal_is_known_by_its_name_in_its_account(arn, who):
    assert key(arn) == who


def test_calls_of_a_session_count_for_its_role():
    found = trail(on_object(day=2), on_object(day=9), on_object("PutObject", day=4)).of(ROLE)

    read, write = found.uses["s3:getobject"], found.uses["s3:putobject"]
    assert (read.count, read.first[:10], read.last[:10]) == (2, "2026-11-02", "2026-11-09")
    assert (write.count, write.only_refused) == (1, False)
    assert found.regions == {"eu-west-1"}


def test_the_answer_of_lookup_events_is_read_as_a_file_is():
    records = [event("GetSecretValue", "secretsmanager", requestParameters={"secretId": "pay"})]

    found = trail(raw=looked_up(*records))

    assert found.of(ROLE).uses["secretsmanager:getsecretvalue"].count == 1
    assert not found.delivered


def test_a_list_of_records_without_an_envelope_is_read():
    assert trail(raw=json.dumps([event()]).encode()).count == 1


def test_a_refused_call_is_told_from_one_that_was_allowed():
    refused = {"errorCode": "AccessDenied"}

    found = trail(on_object(**refused), on_object("PutObject"), on_object("PutObject", **refused)).of(ROLE)

    assert found.uses["s3:getobject"].only_refused
    assert not found.uses["s3:putobject"].only_refused


def test_a_call_that_failed_otherwise_was_allowed():
    assert not trail(on_object(errorCode="NoSuchKey")).of(ROLE).uses["s3:getobject"].only_refused


def test_what_names_no_action_is_kept_as_unmapped():
    found = trail(event("PolishSilver", "butler"), event("ConsoleLogin", "signin")).of(ROLE)

    assert found.uses == {}
    assert dict(found.unmapped) == {"butler.amazonaws.com PolishSilver": 1, "signin.amazonaws.com ConsoleLogin": 1}


RESOURCES = [
    # event,                                                                     action,              on
    (on_object(key="2026/of a person.pdf"), "s3:getobject", {"arn:aws:s3:::invoices/*"}),
    (on_object("ListObjectsV2"), "s3:listbucket", {"arn:aws:s3:::invoices"}),
    (on_table(), "dynamodb:getitem", {f"arn:aws:dynamodb:eu-west-1:{HERE}:table/orders"}),
    (on_table("Query", requestParameters={"indexName": "by-day", "expression": "secret"}), "dynamodb:query",
     {f"arn:aws:dynamodb:eu-west-1:{HERE}:table/orders/index/by-day"}),
    (event("SendMessage", "sqs", data=[("AWS::SQS::Queue", QUEUE)], reads=False), "sqs:sendmessage", {QUEUE}),
    (event("PurgeQueue", "sqs", requestParameters={"queueUrl": f"https://sqs.eu-west-1.amazonaws.com/{HERE}/orders"}),
     "sqs:purgequeue", {QUEUE}),
    (event("Invoke", "lambda", data=[("AWS::Lambda::Function", f"{FUNCTION}:live")], reads=False),
     "lambda:invokefunction", {FUNCTION, f"{FUNCTION}:*"}),
    (event("Decrypt", "kms", resources=[{"type": "AWS::KMS::Key", "ARN": KEY}]), "kms:decrypt", {KEY}),
    (event("GetSecretValue", "secretsmanager", requestParameters={"secretId": "pay"}), "secretsmanager:getsecretvalue",
     {f"arn:aws:secretsmanager:eu-west-1:{HERE}:secret:pay-??????"}),
    (event("GetParameters", "ssm", requestParameters={"names": ["/app/a", "b:3"]}), "ssm:getparameters",
     {f"arn:aws:ssm:eu-west-1:{HERE}:parameter/{name}" for name in ("app/a", "b")}),
    (event("GetParameter", "ssm", requestParameters={"name": HIDDEN}), "ssm:getparameter", set()),
    (event("GetParameters", "ssm", requestParameters={"names": ["a", HIDDEN]}), "ssm:getparameters", set()),
    (event("GetSecretValue", "secretsmanager", requestParameters={"secretId": "*"}), "secretsmanager:getsecretvalue",
     set()),
    (event(requestParameters={"bucketName": 7}), "s3:getobject", set()),
    (event("DescribeInstances", "ec2", requestParameters={"instanceId": "i-1"}), "ec2:describeinstances", set()),
]  # fmt: skip


@pytest.mark.parametrize(("record", "action", "on"), RESOURCES)
def test_a_resource_is_named_as_a_policy_would_name_it(record, action, on):
    use = trail(record).of(ROLE).uses[action]

    assert use.on == on
    assert use.named is bool(on)


def test_nothing_else_of_a_request_is_kept():
    asked = {"bucketName": "invoices", "key": "anna/letter.pdf", "x": "zebra"}

    found = trail(on_object(key="anna/letter.pdf", requestParameters=asked, userAgent="zebra", sourceIPAddress="zebra"))

    assert "anna" not in repr(found)
    assert "zebra" not in repr(found)


def test_many_resources_are_not_all_kept():
    use = trail(*(on_object(bucket=f"b{number}") for number in range(3 * NAMED))).of(ROLE).uses["s3:getobject"]

    assert not use.named
    assert len(use.on) <= NAMED + 1


def test_an_event_that_stands_in_two_files_counts_once():
    found = Trail()

    raw = file(on_object())
    found.read("one", raw)
    found.read("two", raw)

    assert (found.of(ROLE).uses["s3:getobject"].count, found.twice, ONCE > 1) == (1, 1, True)


def test_other_peoples_records_are_counted_and_not_mixed_in():
    elsewhere = f"arn:aws:iam::{THERE}:role/app"
    service = event("Decrypt", "kms", userIdentity={"type": "AWSService", "invokedBy": "s3.amazonaws.com"})

    found = trail(on_object(role=elsewhere, recipientAccountId=THERE), service)

    assert found.of(ROLE).count == 0
    assert found.of(elsewhere).count == 1
    assert found.others == 1
    assert found.accounts[THERE] == 1


GOOD = file(on_object())
FLAWS = [
    (b"", "is empty"),
    (b"hello", "is not a file of CloudTrail's records"),
    (GOOD[:60], "is cut off"),
    (gzip.decompress(GOOD)[:200], "is cut off"),
    (b"\x1f\x8b" + b"x" * 40, "is damaged"),
    (b'{"a": 1}', "has no records"),
    (b'{"digestStartTime": "2026-11-01T00:00:00Z"}', "is a digest"),
    (b'{"Records": "many"}', "is not a file of CloudTrail's records"),
    (b"[" * 100_000, "is nested too deeply"),
    (b"PAR1\x00\x00", "is not a file of CloudTrail's records"),
]


@pytest.mark.parametrize(("raw", "said"), FLAWS)
def test_a_file_that_is_none_gets_a_sentence_and_takes_nothing_away(raw, said):
    found = Trail()

    found.read("good.json.gz", GOOD)
    found.read("bad", raw)

    assert len(found.flaws) == 1
    assert found.flaws[0].startswith("bad is" if said.startswith("is") else "bad has")
    assert said in found.flaws[0]
    assert found.of(ROLE).count == 1


def test_a_file_that_grows_too_large_is_left_alone(monkeypatch):
    monkeypatch.setattr("scanners.access.aws.trail_files.LARGEST", 2**20)

    found = trail(raw=gzip.compress(b" " * 2**21))

    assert "is larger than 1 MB" in found.flaws[0]


def test_entries_that_are_no_records_are_counted():
    odd = [5, None, "x", {"eventName": 7}, {**event(), "eventTime": "yesterday"}, {"CloudTrailEvent": "{"}]

    found = trail(*odd, on_object())

    assert found.not_understood == len(odd)
    assert found.of(ROLE).count == 1


KEYS = ["type", "ARN", "arn", "name", "names", "secretId", "bucketName"]
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["AWS::S3::Object", KEY]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=8,
)
FIELDS = list(event())


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.sampled_from(FIELDS), anything, max_size=4),
    st.sampled_from(
        [("GetObject", "s3"), ("GetParameters", "ssm"), ("GetSecretValue", "secretsmanager"), ("Query", "dynamodb")]
    ),
)
def test_whatever_stands_in_a_record_it_is_read_or_counted(odd, call):
    found = trail({**event(*call), **odd}, on_object())

    assert found.flaws == []
    assert found.count + found.not_understood + found.twice == 2
