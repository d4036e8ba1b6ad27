"""The policy that a principal needs: all that it used, nothing that it did not, and never more than it had."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanners.access.aws import EMPTY, Layers, Principal, Request, bounds, decide
from scanners.access.aws.right_size import Confidence, right_size
from scanners.access.aws.usage import Fate, Usage, Used, usage
from scanners.model import Node, Unread
from tests.core.access.asking import ROLE

WHO = Principal("aws", ROLE)
BUCKET = "arn:aws:s3:::invoices/*"


def policy(*statements, version="2012-10-17"):
    return {"Version": version, "Statement": list(statements)}


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def report(**services):
    """service → None: not used; True: used, by which action is not told; a mapping: tracked actions → used or not."""
    found = {}
    for service, told in services.items():
        by_action = told if isinstance(told, dict) else None
        actions = by_action and {name.lower(): "2026-11-01" if used else None for name, used in by_action.items()}
        found[service] = Used(service, "2026-11-01" if told else None, actions)
    return Usage(found)


def sized(use, *statements, version="2012-10-17"):
    return right_size(WHO, [("p", policy(*statements, version=version))], use)


def may(found, action, resource="*"):
    layers = Layers.of(identity=[found.document] if found.document else [])
    return bounds(Request(WHO, action, resource, WHO.account), layers, EMPTY)[1]


TRACKED = {"CreateBucket": False, "ListAllMyBuckets": True, "DeleteBucket": False}
CASES = [
    # used,                    granted,         action,                stays
    (report(s3=TRACKED), "s3:*", "s3:ListAllMyBuckets", True),
    (report(s3=TRACKED), "s3:*", "s3:CreateBucket", False),
    (report(s3=TRACKED), "s3:*", "s3:GetObject", True),  # nobody can say whether it was used
    (report(s3=TRACKED), "s3:*", "s3:NewerThanTheCatalogue", False),
    (report(s3=TRACKED), "*", "s3:ListAllMyBuckets", True),
    (report(s3=TRACKED), "*", "sqs:SendMessage", False),  # named by no report, granted by a star over everything
    (report(s3=TRACKED), ["s3:*", "sqs:SendMessage"], "sqs:SendMessage", True),  # granted by name
    (report(s3=None), "s3:*", "s3:GetObject", False),
    (report(s3=None), "*", "s3:GetObject", False),
    (report(s3=True), "s3:*", "s3:GetObject", True),
    (report(s3=True), "*", "s3:DeleteBucket", True),
    (report(s3=True), "s3:Get*", "s3:PutObject", False),
    (report(s3={"BrandNew": True}), "s3:Brand*", "s3:BrandNew", True),  # used, and unknown to the catalogue
    (report(s3={"BrandNew": False}), ["s3:BrandNew"], "s3:BrandNew", False),
    (report(s3=TRACKED), "S3:createbucket", "s3:CreateBucket", False),
]


@pytest.mark.parametrize(("use", "granted", "action", "stays"), CASES)
def test_what_was_used_stays_and_what_was_not_goes(use, granted, action, stays):
    found = sized(use, allow(granted))

    assert found.refused == ""
    assert may(found, action) is stays


def test_resources_and_conditions_stay_as_they_were():
    narrow = {"Condition": {"Bool": {"aws:SecureTransport": True}}}

    found = sized(report(s3=TRACKED), allow(["s3:CreateBucket", "s3:GetObject"], [BUCKET], Sid="Own", **narrow))

    assert found.document["Statement"] == [
        {
            "Sid": "Own",
            "Effect": "Allow",
            "Action": ["s3:GetObject"],
            "Resource": [BUCKET],
            "Condition": {"Bool": {"aws:SecureTransport": ["true"]}},
        }
    ]


def test_a_deny_stays_whatever_was_used():
    deny = {"Sid": "Never", "Effect": "Deny", "NotAction": ["iam:*"], "Resource": ["*"]}

    found = sized(report(s3=True), allow("s3:*"), deny)

    assert deny in found.document["Statement"]


def test_everything_but_becomes_a_list():
    found = sized(
        report(s3=TRACKED, sqs=None), {"Effect": "Allow", "NotAction": ["iam:*", "s3:Delete*"], "Resource": "*"}
    )

    assert all("NotAction" not in one for one in found.document["Statement"])
    assert may(found, "s3:GetObject")
    assert not any(
        may(found, action) for action in ("s3:DeleteObject", "s3:CreateBucket", "sqs:SendMessage", "iam:Get")
    )


def test_a_dollar_of_an_old_policy_does_not_become_a_variable():
    queue = "arn:aws:sqs:eu-west-1:111122223333:${aws:username}"

    found = sized(report(sqs=True), allow("sqs:*", queue), version="2008-10-17")

    assert found.document["Version"] == "2012-10-17"
    assert may(found, "sqs:SendMessage", queue)
    assert not may(found, "sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:role")


def test_without_a_report_nothing_goes_and_it_says_why():
    found = right_size(WHO, [("p", policy(allow("s3:*")))], None, "iam was not asked")

    assert found.confidence is Confidence.NONE
    assert (found.before, found.removed) == (found.after, 0)
    assert "iam was not asked" in found.unseen[0]


@pytest.mark.parametrize(
    "statement",
    [
        {"Effect": "Allow", "Action": "s3:*"},
        {"Effect": "Perhaps", "Action": "s3:*", "Resource": "*"},
        allow("s3:*", Condition={"StringAlmost": {"a": "b"}}),
        {**allow("s3:*"), "Principal": "*"},
        "no statement at all",
    ],
)
def test_what_is_not_understood_is_not_rewritten(statement):
    found = sized(report(s3=True), statement)

    assert found.document is None
    assert found.refused.startswith("p was not understood")


@pytest.mark.parametrize(
    ("use", "granted", "expected"),
    [
        (report(s3={"GetBucketAcl": True, "PutBucketAcl": False}), ["s3:GetBucketAcl", "s3:PutBucketAcl"], "high"),
        (report(s3=TRACKED), "s3:*", "medium"),
        (report(s3=True), "s3:GetObject", "medium"),
        (report(s3=TRACKED), "*", "low"),
    ],
)
def test_the_confidence_says_what_could_not_be_seen(use, granted, expected):
    found = sized(use, allow(granted))

    assert found.confidence.value == expected
    assert found.unseen


def test_nothing_used_needs_no_policy():
    found = sized(report(s3=None), allow("s3:*"))

    assert found.document is None
    assert found.refused == ""
    assert found.after == 0


def test_the_difference_names_every_action():
    found = sized(report(s3=TRACKED), allow(["s3:CreateBucket", "s3:ListAllMyBuckets", "s3:GetObject"]))

    (service,) = found.services
    assert (service.used, service.untracked, service.removed) == (
        ("s3:ListAllMyBuckets",), ("s3:GetObject",), ("s3:CreateBucket",)
    )  # fmt: skip


# the report


def read(value):
    return usage(Node(value, "/GetServiceLastAccessedDetails", "iam.GetServiceLastAccessedDetails", "global"))


ROW = {
    "ServiceName": "Amazon S3",
    "ServiceNamespace": "s3",
    "LastAuthenticated": "2026-11-01T10:00:00Z",
    "TrackedActionsLastAccessed": [{"ActionName": "ListAllMyBuckets", "LastAccessedTime": "2026-11-01T10:00:00Z"},
                                   {"ActionName": "CreateBucket"}],
}  # fmt: skip


@pytest.mark.parametrize("value", [[ROW], {"JobStatus": "COMPLETED", "ServicesLastAccessed": [ROW]}])
def test_the_report_is_read_as_it_comes(value):
    found = read([*value, {"ServiceNamespace": "sqs"}] if isinstance(value, list) else value)

    assert found.fate("s3:listallmybuckets") is Fate.USED
    assert found.fate("s3:createbucket") is Fate.UNUSED
    assert found.fate("s3:getobject") is Fate.UNTRACKED
    assert found.fate("sqs:sendmessage") is (Fate.UNUSED if isinstance(value, list) else Fate.UNREPORTED)


STRANGE = ["odd", [{"ServiceName": "x"}], [{"ServiceNamespace": 7}], [[]],
           [{"ServiceNamespace": "s3", "TrackedActionsLastAccessed": [7]}]]  # fmt: skip


@pytest.mark.parametrize("value", STRANGE)
def test_a_report_of_another_shape_is_a_gap_and_no_report_of_nothing(value):
    with pytest.raises(Unread):
        read(value)


# whatever the policies and the use

NAMES = ["s3:GetObject", "s3:PutObject", "s3:CreateBucket", "s3:ListAllMyBuckets", "sqs:SendMessage",
         "sqs:CreateQueue", "iam:PassRole", "kms:Decrypt", "nosuch:Thing"]  # fmt: skip
PATTERNS = [*NAMES, "*", "s3:*", "s3:Get*", "s3:*Bucket*", "sqs:*", "iam:*", "nosuch:*", "*:*", "kms:D?crypt"]
PLACES = ["arn:aws:s3:::a", "arn:aws:s3:::b", "arn:aws:sqs:eu-west-1:111122223333:app", "*"]
RESOURCES = [*PLACES, "arn:aws:s3:::*", "arn:aws:sqs:*:*:${aws:username}", "arn:aws:s3:::${$}{a}"]

elements = st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=3)
written = st.builds(
    lambda effect, kind, names, where, places, condition: {
        "Effect": effect, kind: names, where: places, **({"Condition": condition} if condition else {})
    },
    st.sampled_from(["Allow", "Allow", "Deny"]),
    st.sampled_from(["Action", "Action", "NotAction"]),
    elements,
    st.sampled_from(["Resource", "Resource", "NotResource"]),
    st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=2),
    st.sampled_from([None, None, {"StringEquals": {"a:x": ["1", "${aws:username}"]}}, {"Bool": {"a:b": True}},
                     {"Null": {"a:x": "true"}, "StringLikeIfExists": {"a:x": "1*"}}]),
)  # fmt: skip
documents = st.builds(
    lambda statements, version: policy(*statements, version=version),
    st.lists(written, min_size=1, max_size=3),
    st.sampled_from(["2012-10-17", "2012-10-17", "2008-10-17"]),
)
fates = st.dictionaries(st.sampled_from([name.partition(":")[2].lower() for name in NAMES]),
                        st.sampled_from(["2026-11-01", None]), max_size=4)  # fmt: skip
reports = st.builds(
    lambda rows: Usage({name: Used(name, last, actions or None) for name, (last, actions) in rows.items()}),
    st.dictionaries(
        st.sampled_from(["s3", "sqs", "iam", "kms", "nosuch"]),
        st.tuples(st.sampled_from(["2026-11-01", None]), st.one_of(st.none(), fates)),
    ),
)
contexts = st.sampled_from(
    [EMPTY, EMPTY.with_facts({"a:x": "1"}), EMPTY.with_facts({"a:b": "true", "aws:username": "app"})]
)


@settings(max_examples=25, deadline=None)
@given(st.lists(documents, min_size=1, max_size=2), reports, contexts)
def test_it_is_never_wider_and_never_loses_what_was_used(papers, use, context):
    found = right_size(WHO, [(f"p{n}", one) for n, one in enumerate(papers)], use)

    assert found.refused == ""
    before = Layers.of(identity=papers)
    after = Layers.of(identity=[found.document] if found.document else [])
    for action in NAMES:
        for place in PLACES:
            request = Request(WHO, action, place, WHO.account)
            was, now = decide(request, before, context), decide(request, after, context)
            assert was.sure >= now.sure, (action, place, "is surely allowed and was not")
            assert was.possible >= now.possible, (action, place, "is possible and was not")
            if use.fate(action.lower()) is Fate.USED:
                assert (now.sure, now.possible) == (was.sure, was.possible), (action, place, "was used")
            if use.fate(action.lower()) is Fate.UNUSED:
                assert not now.possible, (action, place, "was not used")


@settings(max_examples=8, deadline=None)
@given(st.lists(documents, min_size=1, max_size=2))
def test_without_a_report_it_says_what_was_said(papers):
    found = right_size(WHO, [(f"p{n}", one) for n, one in enumerate(papers)], None)

    before = Layers.of(identity=papers)
    after = Layers.of(identity=[found.document] if found.document else [])
    for action in NAMES:
        for place in PLACES:
            request = Request(WHO, action, place, WHO.account)
            assert bounds(request, before, EMPTY) == bounds(request, after, EMPTY)
