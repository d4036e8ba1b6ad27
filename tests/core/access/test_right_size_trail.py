"""The right-sized policy where records of CloudTrail are at hand: what they show stays, what they would show may go."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanners.access.aws import Layers, Request, decide
from scanners.access.aws.recorded import Recording, told
from scanners.access.aws.right_size import Confidence, right_size
from scanners.access.aws.usage import Usage, Used
from tests.core.access.asking import HERE, ROLE, THERE
from tests.core.access.test_right_size import (
    NAMES,
    PLACES,
    WHO,
    allow,
    contexts,
    documents,
    may,
    policy,
    report,
    reports,
)
from tests.core.access.trails import event, looked_up, on_object, on_table, trail

ALL = frozenset({"AWS::S3::Object", "AWS::DynamoDB::Table"})
EVERYTHING = Recording(ALL, ALL)
NOBODY_KNOWS = Recording(because="cloudtrail.GetEventSelectors was not read (AccessDenied)")
BUCKETS = "arn:aws:s3:::"
ITEMS = f"arn:aws:dynamodb:eu-west-1:{HERE}:table/"


def days(*records, of=100):
    """The records, and something of somebody else on so many days."""
    other = ROLE.replace("/app", "/other")
    rest = [event("DescribeInstances", "ec2", role=other, month=8 + day // 28, day=1 + day % 28) for day in range(of)]
    writes = event("RunInstances", "ec2", role=other, reads=False)
    return [*records, *rest, writes]


def sized(records, *statements, use=None, recording=EVERYTHING, runs_in=("eu-west-1",), raw=None, in_use=()):
    use = report(s3=True, dynamodb=True) if use is None else use
    found = told(trail(*records, raw=raw), ROLE, use or None, recording, runs_in, in_use)
    return right_size(WHO, [("p", policy(*statements))], use or None, "no report", found)


def stays(found, action):
    """For keys, whose own policies have the last word."""
    return any(action in one["Action"] for one in (found.document or {"Statement": []})["Statement"])


def last_used(day, *services):
    return Usage({name: Used(name, day) for name in services})


OLD = last_used("2026-01-01", "s3", "dynamodb", "kms")  # before the files begin


def test_data_that_was_used_stays_and_data_that_was_not_goes():
    found = sized(days(on_object()), allow(["s3:GetObject", "s3:PutObject", "s3:GetBucketAcl"]), use=OLD)

    assert found.refused == ""
    assert may(found, "s3:GetObject", "arn:aws:s3:::invoices/a")
    assert not may(found, "s3:PutObject", "arn:aws:s3:::invoices/a")
    assert may(found, "s3:GetBucketAcl", "arn:aws:s3:::invoices")  # nobody says by which events its use is recorded
    assert found.confidence == Confidence.MEDIUM
    assert "s3:PutObject goes because the records have no use of it" in found.told


def test_a_wildcard_becomes_names_without_what_was_not_used():
    found = sized(days(on_object()), allow("s3:*"), use=OLD)

    assert may(found, "s3:GetObject", "*")
    assert may(found, "s3:CreateBucket", "*")
    assert not may(found, "s3:DeleteObject", "*")


def test_what_only_the_trail_saw_is_used():
    found = sized(days(event("GetSecretValue", "secretsmanager")), allow(["secretsmanager:*", "s3:GetObject"]), use=OLD)

    (secrets,) = [one for one in found.services if one.name == "secretsmanager"]
    assert "secretsmanager:GetSecretValue" in secrets.used


QUIET = [
    # why the silence of the files says nothing
    ({"recording": Recording(frozenset(), frozenset())}, "s3 data events are in no selector"),
    ({"recording": NOBODY_KNOWS}, "no such event was seen, and nobody knows the selectors"),
    ({"runs_in": ("eu-west-1", "us-east-2")}, "it runs where the files have nothing from"),
    ({"use": last_used("2026-11-20", "s3")}, "IAM knows of a later use"),
    ({"use": last_used("2026-09-01", "s3")}, "IAM knows of a use that the files lack"),
]


@pytest.mark.parametrize(("more", "why"), QUIET, ids=[why for _, why in QUIET])
def test_silence_counts_only_where_the_files_would_speak(more, why):
    arguments = {"use": OLD} | more

    found = sized(days(event("CreateBucket")) if "recording" in more else days(), allow("s3:PutObject"), **arguments)

    assert may(found, "s3:PutObject", "*")


def test_files_of_lookups_have_no_data_events():
    found = sized([], allow("s3:PutObject"), use=OLD, raw=looked_up(*days(event("CreateBucket"))))

    assert may(found, "s3:PutObject", "*")


def test_seen_data_events_count_where_nobody_knows_the_selectors_and_nobody_should_lean_on_them():
    records = days(on_object(), on_object("PutObject", bucket="b", role=ROLE.replace("app", "other")))

    found = sized(records, allow(["s3:GetObject", "s3:PutObject"]), use=OLD, recording=NOBODY_KNOWS)

    assert not may(found, "s3:PutObject", "*")
    assert found.confidence == Confidence.LOW
    assert any("which data events are recorded is not known" in one for one in found.told)


def test_a_few_days_are_weak():
    found = sized(days(on_object(), of=10), allow(["s3:GetObject", "s3:PutObject"]), use=OLD)

    assert found.confidence == Confidence.LOW


def test_files_without_a_region_of_the_account_are_weak():
    found = sized(days(on_object()), allow(["s3:GetObject", "s3:PutObject"]), use=OLD, in_use=["ap-south-1"])

    assert found.confidence == Confidence.LOW
    assert any("nothing from ap-south-1" in one for one in found.told)


def test_what_was_always_refused_is_neither_used_nor_taken_away():
    found = sized(days(on_object("PutObject", errorCode="AccessDenied")), allow("s3:PutObject"), use=OLD)

    (s3,) = found.services
    assert (s3.used, s3.untracked) == ((), ("s3:PutObject",))
    assert any("always refused" in one for one in found.told)


def test_iams_word_that_an_action_was_used_stands():
    use = Usage({"kms": Used("kms", "2026-01-01", {"decrypt": "2026-01-01"})})

    found = sized(days(event("Encrypt", "kms")), allow(["kms:Decrypt", "kms:Encrypt"]), use=use)

    assert stays(found, "kms:Decrypt")


def test_keys_count_only_where_the_trail_has_not_left_them_out():
    there = days(event("Encrypt", "kms", role=ROLE.replace("app", "other")))

    assert stays(sized(days(event("CreateBucket")), allow("kms:Decrypt"), use=OLD), "kms:Decrypt")
    assert not stays(sized([*there, event("CreateBucket")], allow("kms:Decrypt"), use=OLD), "kms:Decrypt")


def test_without_iams_report_a_star_stays_and_what_is_named_may_go():
    records = days(on_object())

    found = sized(records, allow(["s3:GetObject", "s3:PutObject"]), use=False)
    starred = sized(records, allow("*"), use=False)

    assert not may(found, "s3:PutObject", "*")
    assert found.confidence == Confidence.MEDIUM
    assert may(starred, "s3:PutObject", "*")
    assert starred.removed == 0


def test_without_anything_nothing_goes():
    found = sized([], allow("s3:PutObject"), use=False, runs_in=())

    assert (found.confidence, found.removed) == (Confidence.NONE, 0)
    assert "the files have no records" in found.told


def test_records_of_another_account_are_said_to_be_of_one():
    found = sized(days(on_object(recipientAccountId=THERE)), allow("s3:*"), use=OLD)

    assert any(f"1 of them are of other accounts ({THERE})" in one for one in found.told)


# what was used on what


def test_a_suggestion_names_what_was_used_where_the_files_name_it_all():
    records = days(on_object(), on_object(bucket="reports"), on_table(), on_table("PutItem"))

    found = sized(records, allow(["s3:GetObject", "dynamodb:GetItem", "s3:GetBucketAcl"], Sid="Own"), use=OLD)

    assert found.on.document["Statement"] == [
        {"Sid": "Own", "Effect": "Allow", "Action": ["s3:GetBucketAcl"], "Resource": ["*"]},
        {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": [f"{BUCKETS}invoices/*", f"{BUCKETS}reports/*"]},
        {"Effect": "Allow", "Action": ["dynamodb:GetItem"], "Resource": [f"{ITEMS}orders"]},
    ]
    assert found.on.confidence == Confidence.MEDIUM
    assert found.on.checked[1]


def test_a_condition_stays_with_what_is_named():
    condition = {"Bool": {"aws:SecureTransport": ["true"]}}

    found = sized(days(on_object()), allow("s3:GetObject", Condition=condition), use=OLD)

    (statement,) = found.on.document["Statement"]
    assert statement["Condition"] == condition


NOT_NAMED = [
    ([on_object(resources=[])], "*"),  # one event names nothing
    ([on_object(), on_object(resources=[])], "*"),
    ([on_object(bucket=f"b{number}") for number in range(30)], "*"),  # too many
    ([on_object()], "arn:aws:s3:::invoices/2026/*"),  # part of what the records tell
    ([on_object()], "arn:aws:s3:::invoices/*"),  # already so
    ([on_object()], "arn:aws:s3:::${aws:PrincipalTag/bucket}/*"),
]


@pytest.mark.parametrize(("records", "granted"), NOT_NAMED)
def test_nothing_is_suggested_where_the_files_do_not_name_it_all(records, granted):
    assert sized(days(*records), allow("s3:GetObject", granted), use=OLD).on is None


# whatever the policies, the report and the records

CALLS = st.sampled_from(
    [
        on_object(bucket="a"), on_object("PutObject", bucket="b"), event("CreateBucket", reads=False),
        event("ListBuckets"), event("SendMessage", "sqs", data=[("AWS::SQS::Queue", PLACES[2])], reads=False),
        event("ReceiveMessage", "sqs", data=[("AWS::SQS::Queue", PLACES[2])]), event("Decrypt", "kms"),
        on_object(bucket="a", errorCode="AccessDenied"), event("Thing", "nosuch"),
    ]
)  # fmt: skip
SELECTORS = st.sampled_from([EVERYTHING, NOBODY_KNOWS, Recording(frozenset(), frozenset())])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(documents, min_size=1, max_size=2),
    st.one_of(st.none(), reports),
    st.lists(CALLS, max_size=4),
    SELECTORS,
    contexts,
)
def test_it_is_never_wider_and_never_loses_what_the_records_show(papers, use, calls, recording, context):
    heard = told(trail(*days(*({**one, "eventID": None} for one in calls))), ROLE, use, recording, ["eu-west-1"])

    found = right_size(WHO, [(f"p{n}", one) for n, one in enumerate(papers)], use, "", heard)

    assert found.refused == ""
    before = Layers.of(identity=papers)
    for document in (found.document, found.on.document if found.on else found.document):
        after = Layers.of(identity=[document] if document else [])
        for action in {*NAMES, *heard.used}:
            on = heard.activity.uses[action].on if action in heard.used else ()
            for place in (*PLACES, *on):
                request = Request(WHO, action, place, WHO.account)
                was, now = decide(request, before, context), decide(request, after, context)
                assert was.sure >= now.sure, (action, place, "is surely allowed and was not")
                assert was.possible >= now.possible, (action, place, "is possible and was not")
                if action in heard.used and (place in on or document is found.document):
                    assert (now.sure, now.possible) == (was.sure, was.possible), (action, place, "was used")
