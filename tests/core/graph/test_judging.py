"""Who can do what in a stored account: everybody's answer, and what of it nobody knows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scanners.access.aws.actions import service_actions, services
from scanners.access.explorer import Answer, NotFound
from scanners.catalog import resource_policies
from scanners.catalog.resource_policies import SHARED
from scanners.graph.changing import edits
from scanners.graph.everybody import who_can
from scanners.graph.explaining import layers_say
from scanners.graph.guardrails import guard_rails
from scanners.graph.judging import ANYBODY, Judging
from scanners.graph.standing import view
from scanners.graph.targets import POLICIES, holder, target
from scanners.model.estate import Estate
from tests.core.cases import NOW, refused, resource
from tests.core.graph.corpus import ACCOUNT, ADMIN, allow, arn, policy
from tests.core.graph.test_stored import organisation, role, user

QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:orders"
BUCKET, KEY = "arn:aws:s3:::photos", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
SEND, GET, DECRYPT, ASSUME = "sqs:SendMessage", "s3:GetObject", "kms:Decrypt", "sts:AssumeRole"
TRUST = policy({"Effect": "Allow", "Principal": {"AWS": arn("user", "ann")}, "Action": "sts:AssumeRole"})
ORGANISATION = ("AWS::Organizations::Organization", "AWS::Organizations::Policy")


def letting(who, action, on="*", effect="Allow", **more):
    return {"Effect": effect, "Principal": who, "Action": action, "Resource": on, **more}


def queue(*statements, **gaps):
    if gaps:
        return resource("AWS::SQS::Queue", QUEUE, gaps={"GetQueueAttributes": refused("GetQueueAttributes")})
    said = {"Policy": policy(*statements)} if statements else {}
    return resource("AWS::SQS::Queue", QUEUE, GetQueueAttributes=said)


def bucket(*statements, blocked=False):
    return resource(
        "AWS::S3::Bucket",
        BUCKET,
        GetBucketPolicy={"Policy": policy(*statements)} if statements else None,
        GetPublicAccessBlock={"RestrictPublicBuckets": blocked},
    )


def estate(*resources, unread=()):
    gaps = {kind: (refused("List" + kind.rpartition(":")[2]),) for kind in unread}
    return Estate(ACCOUNT, NOW, lambda kind: [one for one in resources if one.kind == kind], gaps)


def judged(who, action, on, *resources, unread=()):
    asked = view(estate(*resources, unread=unread))
    return Judging(asked, action, target(asked.estate, on)).of(asked.named(who))


def everybody(action, on, *resources, unread=()):
    asked = view(estate(*resources, unread=unread))
    return {one.who.value: one for one in who_can(asked, action, target(asked.estate, on))}


ANN = user("ann", allow([SEND, GET, DECRYPT]))
NOBODY = user("nobody")
HOME = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
DECIDED = [  # what stands there, who, action, resource, the answer
    ((ANN, queue()), "ann", SEND, QUEUE, Answer.ALLOWED),
    ((NOBODY, queue()), "nobody", SEND, QUEUE, Answer.DENIED),
    ((user("a", {**allow(SEND), "Condition": HOME}), queue()), "a", SEND, QUEUE, Answer.IF),
    ((NOBODY, queue(letting({"AWS": arn("user", "nobody")}, SEND))), "nobody", SEND, QUEUE, Answer.ALLOWED),
    ((NOBODY, queue(letting({"AWS": ACCOUNT}, SEND))), "nobody", SEND, QUEUE, Answer.DENIED),
    ((ANN, queue(letting("*", SEND, effect="Deny"))), "ann", SEND, QUEUE, Answer.DENIED),
    ((ANN, queue(), *organisation("sqs:*")), "ann", SEND, QUEUE, Answer.DENIED),
    ((ANN, queue(), *organisation("sqs:*", chief=ACCOUNT)), "ann", SEND, QUEUE, Answer.ALLOWED),
    ((queue(), *organisation("sqs:*")), "root", SEND, QUEUE, Answer.DENIED),
    ((queue(),), "root", SEND, QUEUE, Answer.ALLOWED),
    ((ANN, bucket()), "ann", GET, f"{BUCKET}/cat.png", Answer.ALLOWED),
    ((ANN,), "ann", GET, f"{BUCKET}/cat.png", Answer.UNKNOWN),  # somebody else's bucket
    ((NOBODY,), "nobody", GET, f"{BUCKET}/cat.png", Answer.DENIED),
    ((ANN,), "ann", SEND, QUEUE.replace(ACCOUNT, "999988887777"), Answer.UNKNOWN),
    ((user("ann", allow(ASSUME)), role("r", TRUST)), "ann", ASSUME, arn("role", "r"), Answer.ALLOWED),
    ((user("bob", allow(ASSUME)), role("r", TRUST)), "bob", ASSUME, arn("role", "r"), Answer.DENIED),
    ((user("bob", allow("iam:*")), role("r", TRUST)), "bob", "iam:DeleteRole", arn("role", "r"), Answer.ALLOWED),
    ((ANN,), "ann", SEND, "*", Answer.ALLOWED),
    ((ANN,), "ann", DECRYPT, "*", Answer.UNKNOWN),  # each key's policy decides
    ((ANN,), "ann", DECRYPT, KEY[:-1] + "*", Answer.UNKNOWN),
    ((NOBODY,), "nobody", DECRYPT, "*", Answer.DENIED),
    ((user("ann", allow(DECRYPT), {**allow("kms:*"), "Effect": "Deny"}),), "ann", DECRYPT, "*", Answer.DENIED),
    ((user("ann", allow(ASSUME)),), "ann", ASSUME, arn("role", "*"), Answer.UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("around", "who", "action", "on", "answer"), DECIDED)
def test_the_answer(around, who, action, on, answer):
    assert judged(who, action, on, *around).answer is answer


UNREAD = [  # who asks, what was not read, the answer
    (ANN, ORGANISATION, Answer.UNKNOWN),
    (NOBODY, ORGANISATION, Answer.DENIED),
    (ANN, ("AWS::SQS::Queue",), Answer.UNKNOWN),
    (NOBODY, ("AWS::SQS::Queue",), Answer.UNKNOWN),  # the queue might name it
    (user("ann", allow(SEND), {**allow("sqs:*"), "Effect": "Deny"}), ORGANISATION, Answer.DENIED),
    (ANN, ("AWS::IAM::User",), Answer.UNKNOWN),
    (ANN, ("AWS::IAM::Role",), Answer.ALLOWED),
    (ANN, ("AWS::Lambda::Function",), Answer.ALLOWED),
]


@pytest.mark.parametrize(("asking", "unread", "answer"), UNREAD)
def test_what_was_not_read_is_neither_an_allow_nor_a_deny(asking, unread, answer):
    here = (asking,) if "AWS::SQS::Queue" in unread else (asking, queue())

    found = judged(asking.name, SEND, QUEUE, *here, unread=unread)

    assert found.answer is answer
    assert bool(found.doubts) is (answer is Answer.UNKNOWN)


def test_a_policy_that_nobody_knows_makes_its_holder_unknown():
    attached = [{"PolicyName": "x", "PolicyArn": "arn:aws:iam::aws:policy/NoSuchPolicyAtAll"}]

    found = judged("ann", SEND, QUEUE, user("ann", AttachedManagedPolicies=attached), queue())

    assert found.answer is Answer.UNKNOWN
    assert "NoSuchPolicyAtAll was not read" in found.doubts[0].because


def test_a_boundary_that_nobody_knows_makes_its_holder_unknown_and_gives_nothing():
    bounded = {"PermissionsBoundary": {"PermissionsBoundaryArn": arn("policy", "gone")}}

    can = judged("ann", SEND, QUEUE, user("ann", allow(SEND), **bounded), queue())
    cannot = judged("ann", SEND, QUEUE, user("ann", **bounded), queue())

    assert (can.answer, cannot.answer) == (Answer.UNKNOWN, Answer.DENIED)


def test_a_group_that_was_not_seen_may_give_anything():
    found = judged("ann", SEND, QUEUE, user("ann", GroupList=["staff"]), queue())

    assert found.answer is Answer.UNKNOWN


def test_whom_a_policy_names_outside_the_account_is_listed():
    said = letting({"AWS": "arn:aws:iam::999988887777:role/partner", "Service": "sns.amazonaws.com"}, SEND)

    found = everybody(SEND, QUEUE, NOBODY, queue(said))

    assert found["arn:aws:iam::999988887777:role/partner"].answer is Answer.ALLOWED
    assert found["sns.amazonaws.com"].answer is Answer.ALLOWED
    assert found[arn("user", "nobody")].answer is Answer.DENIED


@pytest.mark.parametrize(
    ("more", "blocked", "anonymous", "anybody"),
    [
        ({}, False, Answer.ALLOWED, Answer.ALLOWED),
        ({}, True, Answer.DENIED, Answer.DENIED),
        ({"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-9"}}}, False, Answer.DENIED, Answer.IF),
    ],
)
def test_everyone_is_told_apart_from_who_is_signed_in(more, blocked, anonymous, anybody):
    found = everybody(GET, f"{BUCKET}/x", NOBODY, bucket(letting("*", GET, f"{BUCKET}/*", **more), blocked=blocked))

    assert found[None].answer is anonymous
    assert found[ANYBODY.value].answer is anybody


def test_a_principal_left_out_by_its_bitmap_is_denied_when_asked():
    around = (ANN, NOBODY, user("named"), queue(letting({"AWS": arn("user", "named")}, SEND)))
    asked = view(estate(*around))
    on = target(asked.estate, QUEUE)

    few = {one.who.value for one in who_can(asked, SEND, on, {arn("user", "ann")}) if one.answer is not Answer.DENIED}
    all_ = {one.who.value for one in who_can(asked, SEND, on) if one.answer is not Answer.DENIED}

    assert few == all_


def test_the_organisation_is_known_to_conditions():
    inside = {**allow(SEND), "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}

    member = judged("a", SEND, QUEUE, user("a", inside), queue(), *organisation("s3:*"))
    alone = judged("a", SEND, QUEUE, user("a", inside), queue())

    assert (member.answer, alone.answer) == (Answer.ALLOWED, Answer.DENIED)


def test_each_layer_says_its_part_and_why_a_statement_does_not_apply():
    elsewhere = allow(SEND, "arn:aws:sqs:*:*:other")

    asked = judged("a", SEND, QUEUE, user("a", elsewhere), queue(), *organisation(SEND))

    found = {(one.layer, one.level): one for one in layers_say(asked)}

    assert found["scp", "r-1"].verdict == "denies"
    assert found["scp", "ou-1"].verdict == "allows"
    assert found["identity", ""].verdict == "silent"
    assert found["identity", ""].statements[0].why_not == "it is about other resources"


CHANGES = [  # who, what stands there, the edits that turn the answer round
    ("ann", (ANN, queue()), ["take statement 1 of inline policy p of ann away"]),
    ("nobody", (NOBODY, queue()), [f"allow {SEND} on {QUEUE} in an identity policy"]),
    (
        "ann",
        (user("ann", {**allow("sqs:*"), "Effect": "Deny"}), queue()),
        ["take statement 1 of inline policy p of ann away", f"allow {SEND} on {QUEUE} in an identity policy"],
    ),
    ("ann", (ANN, queue(), *organisation("sqs:*")), ["take statement 1 of deny away"]),
    (
        "both",
        (user("both", allow(SEND)), queue(letting({"AWS": arn("user", "both")}, SEND))),
        ["take statement 1 of policy of orders away", "take statement 1 of inline policy p of both away"],
    ),
]


@pytest.mark.parametrize(("who", "around", "expected"), CHANGES)
def test_what_would_change_it_was_tried(who, around, expected):
    assert [one.words for one in edits(judged(who, SEND, QUEUE, *around))] == expected


HOLDERS = [
    (f"{BUCKET}/a/b", "AWS::S3::Bucket", BUCKET, ""),
    ("arn:aws:s3:r:1:accesspoint/x/object/k", "AWS::S3::AccessPoint", "arn:aws:s3:r:1:accesspoint/x", ""),
    ("arn:aws:s3:eu-west-1:1:storage-lens/x", "", "", ""),
    ("arn:aws:lambda:r:1:function:f", "AWS::Lambda::Function", "arn:aws:lambda:r:1:function:f", "$LATEST"),
    ("arn:aws:lambda:r:1:function:f:live", "AWS::Lambda::Function", "arn:aws:lambda:r:1:function:f", "live"),
    ("arn:aws:dynamodb:r:1:table/t/index/i", "AWS::DynamoDB::Table", "arn:aws:dynamodb:r:1:table/t", ""),
    ("arn:aws:execute-api:r:1:abc/prod/GET/x", "AWS::ApiGateway::RestApi", "arn:aws:apigateway:r::/restapis/abc", ""),
    ("arn:aws:s3:::photos*", "", "", ""),
    ("arn:aws:ec2:eu-west-1:1:instance/i-1", "", "", ""),
    ("nonsense", "", "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "kind", "ref", "qualifier"), HOLDERS)
def test_whose_policy_speaks_of_an_arn(asked, kind, ref, qualifier):
    found = holder(asked)

    assert found[0] == kind
    if kind:
        assert found == (kind, ref, qualifier)


def test_a_function_is_asked_by_qualifier():
    lambdas = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"
    said = {"$LATEST": None, "live": policy(letting({"AWS": arn("user", "nobody")}, "lambda:InvokeFunction"))}
    function = resource("AWS::Lambda::Function", lambdas, GetPolicy=said, ListFunctions={})

    answers = [
        judged("nobody", "lambda:InvokeFunction", on, NOBODY, function).answer for on in (f"{lambdas}:live", lambdas)
    ]

    assert answers == [Answer.ALLOWED, Answer.DENIED]


def test_every_kind_with_a_policy_is_read_from_a_section_that_is_collected():
    from scanners.collectors.registry import by_kind

    for kind, (_, section, _) in POLICIES.items():
        assert section in dict(by_kind()[kind].calls()), kind


@pytest.mark.parametrize(
    ("name", "sentence"), [("who", "no user or role"), ("app", "2 principals"), ("x" * 9000, "no user or role")]
)
def test_a_name_that_nobody_or_two_have_is_a_clear_mistake(name, sentence):
    asked = view(estate(user("app"), role("app", TRUST)))

    with pytest.raises(NotFound, match=sentence) as wrong:
        asked.named(name)
    assert len(str(wrong.value)) < 600


def test_an_administrator_of_an_account_whose_organisation_was_not_read_is_not_said_to_be_one():
    boss = user("boss", AttachedManagedPolicies=[{"PolicyName": "x", "PolicyArn": ADMIN}])

    found = judged("boss", "iam:CreateUser", "*", boss, unread=ORGANISATION)

    assert (found.answer, found.by_what_was_read) == (Answer.UNKNOWN, Answer.ALLOWED)
    assert guard_rails(estate(boss, unread=ORGANISATION)).unread


UNREAD = [  # a resource whose policy is not collected, the action, the answer to one whose policies allow it
    (f"arn:aws:glue:eu-west-1:{ACCOUNT}:database/d", "glue:GetTable", Answer.UNKNOWN),
    (f"arn:aws:lambda:eu-west-1:{ACCOUNT}:layer:common:3", "lambda:GetLayerVersion", Answer.UNKNOWN),
    (f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/t/stream/2026", "dynamodb:GetRecords", Answer.UNKNOWN),
    (f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/t", "cloudtrail:StopLogging", Answer.ALLOWED),
    (f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/p", "ssm:GetParameter", Answer.ALLOWED),
]  # fmt: skip


@pytest.mark.parametrize(("on", "action", "answer"), UNREAD)
def test_a_policy_that_nobody_collects_leaves_the_answer_open(on, action, answer):
    assert judged("ann", action, on, user("ann", allow(action))).answer is answer


def test_every_service_that_gives_a_resource_policy_is_read_or_named_as_unread():
    """By the catalogue of actions: a new one stands out here."""
    read = {service for service, _, _ in POLICIES.values()}
    others = {"cloudtrail", "eks"}  # of parts of it alone; its access policies are given to principals
    gives = re.compile(r".*:(get|describe|list)\w*(resource|access|permission)s?polic(y|ies)")

    found = {one for one in services() if any(map(gives.fullmatch, service_actions(one)))}

    assert found - read - others == found & (SHARED | resource_policies.UNREAD)


def test_the_documentation_names_every_service_whose_policies_are_not_read():
    text = (Path(__file__).parents[3] / "docs" / "access.md").read_text()
    listed = text.partition("### Policies that are not read")[2].partition("\n## ")[0]

    assert {one for one in resource_policies.UNREAD if one not in re.split(r"[\s,;]+", listed)} == set()
