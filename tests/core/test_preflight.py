"""Every call of a scan, tried once: what was refused is told apart from what nothing could be proven of."""

from __future__ import annotations

import pytest

from posture.runtime.sample.start import sample_cloud
from scanners import preflight, scan
from scanners.collectors.aws import account as aws
from scanners.collectors.aws import made_up
from scanners.collectors.cloud import Call
from scanners.collectors.door import Door
from scanners.collectors.registry import collectors
from scanners.model import Place
from scanners.preflight import Outcome, Tried

REGION = "eu-west-1"
PLACE = Place("111122223333", REGION)
DENIED = {"code": "AccessDenied", "message": "User: somebody is not authorized to perform: this", "status": 403}
CALLS = {call.name: call for collector in collectors() for _, call in collector.calls()}
TWO = ("wafv2:GetWebACLForResource", "wafv2:GetWebACL")


@pytest.fixture(scope="module", params=[False, True], ids=["shop", "empty"])
def cloud(request, tmp_path_factory):
    if not request.param:
        yield request.getfixturevalue("sample_account")
        return
    with sample_cloud(home=tmp_path_factory.mktemp("empty"), empty=True) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def transport(cloud):
    """One for all tests: making the clients of forty services takes seconds."""
    transport = aws.connect(aws.Connection(endpoint=cloud.endpoint))
    yield transport
    transport.close()


@pytest.fixture
def rehearsed(cloud, transport):
    """Try it all under faults; by call, what became of it."""

    def rehearse(*faults):
        cloud.clear()
        cloud.faults(list(faults))
        who = aws.Caller(cloud.account, "aws", "")
        units = preflight.rehearse(transport, who, scan.plan([REGION]), Door(b"test"), region=REGION)
        return {tried.call: tried for unit in units for tried in unit or ()}

    yield rehearse
    cloud.clear()


def test_every_declared_call_is_tried_and_nothing_allowed_is_called_missing(rehearsed):
    tried = rehearsed()

    assert tried.keys() == CALLS.keys()
    assert {one.outcome for one in tried.values()} == {Outcome.ALLOWED, Outcome.NOT_PROVEN}
    unproven = [one for one in tried.values() if one.outcome is Outcome.NOT_PROVEN]
    assert len([one for one in unproven if one.call.split(".")[0] not in made_up.UNTELLING]) < 5, unproven
    assert preflight.missing(tried.values()) == []


def test_it_is_cheap(cloud, rehearsed):
    rehearsed()

    assert len(cloud.calls()) < 2 * len(CALLS)


def test_every_refused_call_is_told_and_none_is_called_allowed(rehearsed):
    tried = rehearsed({"error": DENIED})

    assert {one.outcome for one in tried.values()} == {Outcome.DENIED, Outcome.NOT_PROVEN}
    assert {one.call.split(".")[0] for one in tried.values() if one.outcome is Outcome.NOT_PROVEN} == {
        "s3", "sqs", "kms"
    }  # fmt: skip


@pytest.mark.parametrize("name", ["lambda.GetPolicy", "sns.GetTopicAttributes", "iam.GetCredentialReport"])
def test_a_detail_that_is_refused_is_found_whether_or_not_there_is_something_to_ask_about(rehearsed, name):
    service, operation = name.split(".")

    tried = rehearsed({"service": service, "operation": operation, "error": DENIED})

    assert {call for call, one in tried.items() if one.outcome is Outcome.DENIED} == {name}
    assert preflight.missing(tried.values()) == list(CALLS[name].permissions)


def test_a_member_that_may_not_ask_about_its_organisation_lacks_no_permission(rehearsed):
    no = {"code": "AccessDeniedException", "message": "You don't have permissions to access this resource."}

    tried = rehearsed({"service": "organizations", "operation": "ListAccounts", "error": no})

    assert tried["organizations.ListAccounts"].outcome is Outcome.NOT_PROVEN
    assert preflight.missing(tried.values()) == []


def test_a_closed_road_is_no_denial(rehearsed):
    tried = rehearsed({"service": "ecr", "reset": True})

    assert {one.outcome for call, one in tried.items() if call.startswith("ecr.")} == {Outcome.UNREACHABLE}
    assert preflight.missing(tried.values()) == []


def test_being_slowed_down_proves_nothing(rehearsed):
    slow = {"code": "ThrottlingException", "status": 400, "retry_after": 0.01}

    tried = rehearsed({"service": "lambda", "operation": "ListFunctions", "error": slow})

    assert tried["lambda.ListFunctions"].outcome is Outcome.NOT_PROVEN


def one(outcome=Outcome.DENIED, code="AccessDenied", why="", permissions=("sqs:ListQueues",), on="resource"):
    return Tried("sqs.ListQueues", permissions, outcome, on, REGION, code, why)


WORDS = [
    # message, missing
    ("User: x is not authorized to perform: sqs:ListQueues because no identity-based policy allows it", True),
    ("with an explicit deny in a service control policy", False),
    ("because no service control policy allows the sqs:ListQueues action", False),
    ("with an explicit deny in an identity-based policy", False),
    ("because no permissions boundary allows the sqs:ListQueues action", False),
    ("", True),
]


@pytest.mark.parametrize(("why", "mended"), WORDS)
def test_only_what_a_policy_of_the_role_mends_is_put_into_one(why, mended):
    assert bool(preflight.missing([one(why=why)])) is mended


@pytest.mark.parametrize("code", ["ExpiredToken", "SubscriptionRequiredException", "InvalidClientTokenId"])
def test_a_refusal_of_the_keys_asks_for_no_policy(code):
    assert preflight.missing([one(code=code)]) == []


PERMISSIONS = [
    # tried, by permission
    ([one(Outcome.ALLOWED), one(Outcome.DENIED)], {"sqs:ListQueues": "denied"}),
    ([one(Outcome.ALLOWED), one(Outcome.NOT_PROVEN)], {"sqs:ListQueues": "not_proven"}),
    ([one(Outcome.NOT_PROVEN), one(Outcome.UNREACHABLE)], {"sqs:ListQueues": "unreachable"}),
    ([one(permissions=TWO)], dict.fromkeys(TWO, "denied")),
    ([one(permissions=TWO, why=f"perform: {TWO[1]} on resource")], {TWO[0]: "not_proven", TWO[1]: "denied"}),
    ([one(Outcome.ALLOWED, permissions=TWO)], dict.fromkeys(TWO, "allowed")),
    ([one(Outcome.ALLOWED, permissions=TWO, on="made-up id")], {TWO[0]: "allowed", TWO[1]: "not_proven"}),
]


@pytest.mark.parametrize(("tried", "expected"), PERMISSIONS, ids=range(len(PERMISSIONS)))
def test_a_permission_is_as_good_as_its_worst_call(tried, expected):
    assert preflight.by_permission(tried) == expected


def test_what_a_refusal_blinds_is_named():
    assert "aws.sqs.public" in preflight.blinded([one()])["sqs.ListQueues"]
    assert preflight.blinded([one(Outcome.ALLOWED, code="")]) == {}


NESTED = Call("events", "PutTargets")  # wants structures, which nobody can make up


def test_what_cannot_be_made_up_is_not_asked():
    assert made_up.params(NESTED, PLACE) is None
    assert "no id can be made up" in made_up.why_not(NESTED)


def test_services_that_do_not_tell_are_not_asked_about_nothing():
    assert made_up.params(Call("s3", "GetBucketPolicy"), PLACE) is None
    assert not made_up.proves(Call("lambda", "GetPolicy"), "AccessDeniedException")


def test_an_empty_account_costs_what_its_listings_cost():
    cost = preflight.cost(3)

    assert cost.empty == cost.account + 3 * cost.region
    assert cost.with_resources({"AWS::SQS::Queue": 10}) == cost.empty + 10
    assert cost.with_resources({"AWS::EC2::VPC": 10}) == cost.empty
