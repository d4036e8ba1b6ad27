"""Who gained or lost access because the policy of a resource changed, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from scanners.access.explorer import Answer
from scanners.graph.admitted import admitted, unread
from scanners.graph.judging import Judging
from scanners.graph.standing import view
from scanners.graph.targets import target
from scanners.model.estate import Estate
from tests.core.cases import NOW, refused, resource
from tests.identities import ACCOUNT, a_queue, a_role, a_user, allow, arn, deny, policy, the_account

QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:orders"
THEM, US = "arn:aws:iam::444455556666:root", f"arn:aws:iam::{ACCOUNT}:root"
SEND, READ = "sqs:SendMessage", "sqs:ReceiveMessage"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
ANN, BOB = arn("user", "ann"), arn("user", "bob")
PEOPLE = (a_user("ann", allow(["sqs:*", "kms:Decrypt", "s3:*"])), a_user("bob"))


def lets(who, action=SEND, on=QUEUE, **more):
    principal = who if who == "*" else {"AWS": who} if who.startswith("arn:") else {"Service": who}
    return {**allow(action, on, **more), "Principal": principal}


def keeps(who, action=SEND, on=QUEUE, **more):
    return {**lets(who, action, on, **more), "Effect": "Deny"}


def queue(*statements):
    return a_queue("orders", *statements)


def key(*statements):
    return resource("AWS::KMS::Key", KEY, ListKeys={}, GetKeyPolicy={"Policy": policy(*statements)})


def bucket(*statements, blocked=False):
    return resource(
        "AWS::S3::Bucket",
        "arn:aws:s3:::invoices",
        GetBucketPolicy={"Policy": policy(*statements)} if statements else None,
        GetPublicAccessBlock={"RestrictPublicBuckets": blocked},
    )


def estate(*resources):
    rows = (the_account(), *PEOPLE, *resources)
    return Estate(ACCOUNT, NOW, lambda kind: [one for one in rows if one.kind == kind])


def targets(was, now):
    return [target(estate(one), one.ref) for one in (was, now)]


def moved(was, now, *, kinds=("gained", "lost")):
    """By name of the principal, the actions of each kind of change."""
    found = admitted(view(estate(now)), *targets(was, now))
    return {who.name: tuple(getattr(through, kind) for kind in kinds) for who, through in found}


CASES = [
    # was,                          now,                                           who gained and lost what
    ([], [lets(THEM)], {"account 444455556666": ((SEND,), ())}),
    ([lets(THEM)], [], {"account 444455556666": ((), (SEND,))}),
    ([lets(THEM)], [lets(THEM, READ)], {"account 444455556666": ((READ,), (SEND,))}),
    ([lets(THEM)], [lets(THEM, Sid="renamed")], {}),
    ([], [lets("*")], {"anyone, without signing in": ((SEND,), ()), "any AWS account": ((SEND,), ())}),
    ([], [lets("sns.amazonaws.com")], {"sns.amazonaws.com": ((SEND,), ())}),
    ([], [lets(BOB)], {"bob": ((SEND,), ())}),
    ([], [lets(ANN)], {}),  # her own policy gave it already
    ([], [lets(US)], {}),  # to name the account gives nobody anything
    ([], [keeps("*")], {"ann": ((), (SEND,)), "root": ((), (SEND,))}),
    ([lets(THEM)], [lets(THEM), keeps("*")],
     {"account 444455556666": ((), (SEND,)), "ann": ((), (SEND,)), "root": ((), (SEND,))}),
    ([lets(THEM, "sqs:*")], [lets(THEM, "sqs:*"), keeps(BOB)], {}),
    ([], [lets(THEM, on=QUEUE.replace("orders", "other"))], {}),
]  # fmt: skip


@pytest.mark.parametrize(("was", "now", "who"), CASES)
def test_it_is_told_by_principal_who_gained_and_who_lost(was, now, who):
    assert moved(queue(*was), queue(*now)) == who


def test_a_condition_that_falls_is_a_change_of_its_own():
    bound = {"Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}

    found = moved(queue(lets(BOB, **bound)), queue(lets(BOB)), kinds=("gained", "surer", "less_sure"))
    back = moved(queue(lets(BOB)), queue(lets(BOB, **bound)), kinds=("lost", "surer", "less_sure"))

    assert found == {"bob": ((), (SEND,), ())}
    assert back == {"bob": ((), (), (SEND,))}


def test_the_statements_that_speak_of_them_are_shown():
    other = lets("arn:aws:iam::777788889999:root", READ, Sid="other")

    ((_, found),) = [
        one for one in admitted(view(estate(queue())), *targets(queue(), queue(lets(THEM, Sid="theirs"), other)))
        if one[0].name == "account 444455556666"
    ]  # fmt: skip

    assert [(one.sid, one.layer, one.actions) for one in found.given] == [("theirs", "resource", (SEND,))]
    assert found.taken == ()


def test_a_key_that_names_the_account_opens_itself_to_identity_policies():
    assert moved(key(), key(lets(US, "kms:*", "*"))) == {"ann": (("kms:Decrypt",), ())}


def test_of_a_bucket_objects_are_asked_for_as_what_is_in_it():
    granted = lets(THEM, ["s3:GetObject", "s3:ListBucket"], ["arn:aws:s3:::invoices", "arn:aws:s3:::invoices/*"])

    assert moved(bucket(), bucket(granted)) == {"account 444455556666": (("s3:GetObject", "s3:ListBucket"), ())}


def test_a_block_of_public_access_takes_from_strangers_what_the_policy_gives():
    open_to_all = lets("*", "s3:GetObject", "arn:aws:s3:::invoices/*")

    found = moved(bucket(open_to_all), bucket(open_to_all, blocked=True))

    assert found["anyone, without signing in"] == ((), ("s3:GetObject",))


def test_trust_of_a_role_tells_who_may_become_it():
    was, now = a_role("app", {"Service": "lambda.amazonaws.com"}), a_role("app", {"AWS": BOB})

    assert moved(was, now) == {
        "bob": (("sts:AssumeRole",), ()),
        "lambda.amazonaws.com": ((), ("sts:AssumeRole",)),
    }


def test_what_was_not_read_on_one_side_is_known_to_be_unread():
    hidden = resource(
        "AWS::SQS::Queue", QUEUE, gaps={"GetQueueAttributes": refused("GetQueueAttributes", "sqs")}, ListQueues={}
    )

    was, now = targets(queue(lets(THEM)), hidden)

    assert unread(was, was) == ()
    assert "GetQueueAttributes" in unread(was, now)[0]


@pytest.mark.parametrize(
    "odd", ["no policy", 7, {"Statement": "x"}, {"Statement": [{"Effect": "Allow", "Principal": 5}]}]
)
def test_odd_policies_are_no_crash(odd):
    broken = resource("AWS::SQS::Queue", QUEUE, ListQueues={}, GetQueueAttributes={"Policy": odd})

    admitted(view(estate(broken)), *targets(queue(lets(THEM)), broken))
    admitted(view(estate(broken)), *targets(broken, queue(keeps("*", "*"), deny("*"))))


WHOM = ["*", THEM, US, ANN, BOB, "sns.amazonaws.com"]
CONDITIONS = [
    {}, {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
    {"Condition": {"StringLike": {"aws:PrincipalArn": "*ann"}}},
]  # fmt: skip
statements = st.lists(
    st.builds(
        lambda make, who, action, more: make(who, action, QUEUE, **more),
        st.sampled_from([lets, lets, keeps]),
        st.sampled_from(WHOM),
        st.sampled_from([SEND, READ, "sqs:*", "*", "sqs:Re*", "s3:GetObject", [SEND, "sqs:PurgeQueue"]]),
        st.sampled_from(CONDITIONS),
    ),
    max_size=3,
)


@settings(max_examples=60, deadline=None)
@given(statements, statements)
@example([], [lets("*", SEND, QUEUE), keeps("*", SEND, QUEUE)])
def test_it_is_what_the_engine_answers_one_by_one(was, now):
    here = view(estate(queue(*now)))
    both = targets(queue(*was), queue(*now))

    found = {who.name: through for who, through in admitted(here, *both)}

    for name in ("ann", "bob", "root"):
        for action in (SEND, READ, "sqs:PurgeQueue", "sqs:DeleteQueue"):
            before, after = (Judging(here, action, on).of(here.named(name)).answer is not Answer.DENIED for on in both)
            row = found.get(name)
            if row is None:
                anyone = [one for title, one in found.items() if title.startswith("any")]
                gained, lost = ({x for one in anyone for x in getattr(one, word)} for word in ("gained", "lost"))
            else:
                gained, lost = set(row.gained), set(row.lost)
            if row is not None or before != after:
                assert (action in gained) == (after and not before), (name, action)
                assert (action in lost) == (before and not after), (name, action)
