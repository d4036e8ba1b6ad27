"""What a caller's own policies let it do somewhere."""

import pytest

from scanners.access.aws import (
    NOTHING_KNOWN,
    Context,
    Layers,
    Principal,
    allowed,
    allows_possibly,
    allows_sure,
    catalogue,
    effective,
    grants,
)
from scanners.catalog import managed_policies
from tests.core.access.asking import LINKED, ROLE, USER, allow, deny, document, statement

WHO = Principal("aws", ROLE)
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def named(bitmap):
    return set(catalogue().named(bitmap))


# layers, surely allowed, possibly allowed: of sqs:SendMessage and sqs:DeleteQueue
CASES = [
    ({"identity": [allow("sqs:*")]}, {"send", "delete"}, {"send", "delete"}),
    ({"identity": [allow("sqs:send*")]}, {"send"}, {"send"}),
    ({"identity": []}, set(), set()),
    ({"identity": [allow("sqs:*", Condition=MFA)]}, set(), {"send", "delete"}),
    ({"identity": [allow("*"), deny("sqs:Delete*")]}, {"send"}, {"send"}),
    ({"identity": [allow("*"), deny("sqs:Delete*", Condition=MFA)]}, {"send"}, {"send", "delete"}),
    ({"identity": [allow("*"), deny("sqs:Delete*", "arn:aws:sqs:*:*:x")]}, {"send"}, {"send", "delete"}),
    ({"identity": [allow("*")], "boundary": [allow("sqs:Send*")]}, {"send"}, {"send"}),
    ({"identity": [allow("*")], "session": allow("sqs:Send*")}, {"send"}, {"send"}),
    ({"identity": [allow("*")], "scps": [[allow("*")], [allow("sqs:Send*")]]}, {"send"}, {"send"}),
    ({"identity": [allow("*")], "scps": [[allow("*")], []]}, set(), set()),
    ({"identity": [allow("*")], "scps": [[deny("*"), allow("*")]]}, set(), set()),
    ({"identity": [document({"Effect": "Allow", "NotAction": "sqs:D*", "Resource": "*"})]}, {"send"}, {"send"}),
    ({"identity": [document(statement("Allow"), statement("Deny", "*"))]}, set(), set()),
]
WORDS = {"send": "sqs:sendmessage", "delete": "sqs:deletequeue"}


@pytest.mark.parametrize(("layers", "sure", "possible"), CASES)
def test_bitmaps_and_single_questions_agree(layers, sure, possible):
    layers = Layers.of(**layers)

    found = effective(WHO, layers)

    for word, action in WORDS.items():
        assert (action in named(found.sure)) is (word in sure)
        assert (action in named(found.possible)) is (word in possible)
        assert allows_possibly(WHO, layers, action) is (word in possible)


def test_actions_that_the_catalogue_does_not_know_have_a_bit_of_their_own():
    every = effective(WHO, Layers.of(identity=[allow("*")])).sure
    some = effective(WHO, Layers.of(identity=[allow("sqs:*")])).sure

    unknown = 1 << len(catalogue().names)
    assert every & unknown
    assert not some & unknown


def test_scps_do_not_bound_a_service_linked_role():
    layers = Layers.of(identity=[allow("sqs:*")], scps=[[]])

    assert effective(Principal("aws", LINKED), layers).sure
    assert not effective(WHO, layers).sure


def test_a_pattern_of_resources_is_allowed_when_one_of_them_is():
    layers = Layers.of(identity=[allow("iam:PassRole", f"{ROLE}-*")])

    assert allowed(WHO, layers, "iam:PassRole", "arn:aws:iam::*:role/*") == (True, True)
    assert allows_sure(WHO, layers, "iam:PassRole", f"{ROLE}-1")
    assert not allows_sure(WHO, layers, "iam:PassRole", ROLE)


def test_a_condition_on_the_service_decides_when_the_service_is_said():
    condition = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    layers = Layers.of(identity=[allow("iam:PassRole", Condition=condition)])

    def passing(service):
        context = NOTHING_KNOWN.with_facts({"iam:PassedToService": service})
        return allowed(WHO, layers, "iam:PassRole", ROLE, context)

    assert passing("lambda.amazonaws.com") == (True, True)
    assert passing("ec2.amazonaws.com") == (False, False)
    assert allowed(WHO, layers, "iam:PassRole", ROLE) == (False, True)


def test_the_grants_of_an_action_name_their_resources_and_conditions():
    layers = Layers.of(identity=[allow("sqs:*", "arn:aws:sqs:*:*:a", Condition=MFA), allow("s3:*")])

    (grant,) = grants(layers, "sqs:SendMessage")

    assert grant.resources == ("arn:aws:sqs:*:*:a",)
    assert not grant.sure
    assert [one.key for one in grant.condition.atoms] == ["aws:multifactorauthpresent"]
    assert not grants(layers, "sqs:SendMessage", Context.of({}))


def test_a_policy_that_aws_manages_is_known_by_its_arn_in_every_partition():
    admin = managed_policies.document("arn:aws:iam::aws:policy/AdministratorAccess")
    basic = managed_policies.document("arn:aws-cn:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")

    assert admin["Statement"] == [{"Action": "*", "Effect": "Allow", "Resource": "*"}]
    assert basic is not None
    assert managed_policies.document("arn:aws:iam::111122223333:policy/AdministratorAccess") is None
    assert managed_policies.document("arn:aws:iam::aws:policy/Nonsense") is None


def test_every_policy_that_aws_manages_is_understood():
    layers = [Layers.of(identity=[managed_policies.document(arn)]) for arn in managed_policies.arns()]

    flaws = [flaw for one in layers for flaw in one.identity.policies[0].flaws]

    assert len(layers) > 1500
    assert not flaws
    assert all(rule.flaw is None for one in layers for _, rule in one.identity.places())


def test_equal_policies_are_packed_into_equal_bytes():
    documents = {"A": {"a": 1}, "path/B": {"b": "ü"}}

    raw = managed_policies.packed(documents, read_on="2026-01-01", source="a test")

    assert raw == managed_policies.packed(documents, read_on="2026-01-01", source="a test")


def test_a_user_is_granted_what_its_groups_policies_say():
    layers = Layers.of(identity=[allow("s3:*"), allow("sqs:*")])

    assert allows_sure(Principal("aws", USER), layers, "sqs:SendMessage")
