"""The account model of a stored scan: what was read is judged, what was not makes the answer unknown."""

from __future__ import annotations

import pytest

from scanners.graph.graph import build
from scanners.graph.paths import answer
from scanners.graph.stored import DETAILS, account_of
from scanners.model.estate import Estate
from tests.core.cases import NOW, refused, resource
from tests.core.graph.corpus import ACCOUNT, ADMIN, allow, arn, policy, thing_arn, trusting

KINDS = ("AWS::IAM::User", "AWS::IAM::Role", "AWS::IAM::Group", "AWS::IAM::ManagedPolicy", "AWS::Lambda::Function")
LAMBDA = trusting(Service="lambda.amazonaws.com")


def user(name, *statements, **more):
    listed = [{"PolicyName": "p", "PolicyDocument": policy(*statements)}] if statements else []
    details = {"UserName": name, "UserPolicyList": listed, "AttachedManagedPolicies": [], "GroupList": [], **more}
    return resource("AWS::IAM::User", arn("user", name), **{DETAILS: details})


def role(name, trust, *attached, **more):
    details = {
        "RoleName": name,
        "AssumeRolePolicyDocument": trust,
        "AttachedManagedPolicies": [{"PolicyName": "x", "PolicyArn": one} for one in attached],
        "InstanceProfileList": [],
        **more,
    }
    return resource("AWS::IAM::Role", arn("role", name), **{DETAILS: details})


def function(name, role_name):
    ref = thing_arn("lambda:function", name)
    return resource("AWS::Lambda::Function", ref, ListFunctions={"FunctionName": name, "Role": arn("role", role_name)})


def estate(*resources, unread=()):
    gaps = {kind: (refused("List" + kind),) for kind in unread}
    return Estate(ACCOUNT, NOW, lambda kind: [one for one in resources if one.kind == kind], gaps)


def asked(*resources, unread=(), of="mallory"):
    return answer(build(account_of(estate(*resources, unread=unread))), arn("user", of))


CODE = allow("lambda:UpdateFunctionCode")


def test_a_path_through_a_stored_function_is_found():
    found = asked(user("mallory", CODE), role("target", LAMBDA, ADMIN), function("f", "target"))

    assert found.escalates is True
    assert "lambda-003" in found.paths
    assert found.caveats


def test_who_may_do_nothing_of_the_kind_is_safe():
    found = asked(user("mallory", allow("s3:*")), role("target", LAMBDA, ADMIN), function("f", "target"))

    assert found.escalates is False


@pytest.mark.parametrize("kind", KINDS[1:])
def test_what_was_not_read_is_never_taken_for_not_there(kind):
    found = asked(user("mallory", CODE), unread=(kind,))

    assert found.escalates is None
    assert any("AccessDenied" in because for because in found.unknown)


def test_functions_that_were_not_read_concern_only_who_may_change_them():
    found = asked(user("mallory", allow("s3:*")), unread=("AWS::Lambda::Function",))

    assert found.escalates is False


def test_a_kind_that_is_not_collected_is_unknown_to_who_may_use_it():
    found = asked(user("mallory", allow("cloudformation:UpdateStack")))

    assert found.escalates is None
    assert "it is not collected" in found.unknown


def test_a_boundary_of_the_account_is_read():
    bounds = resource(
        "AWS::IAM::ManagedPolicy",
        arn("policy", "bounds"),
        **{
            DETAILS: {
                "DefaultVersionId": "v1",
                "PolicyVersionList": [{"VersionId": "v1", "Document": policy(allow(["s3:*", "iam:PutUserPolicy"]))}],
            }
        },
    )
    bounded = {"PermissionsBoundary": {"PermissionsBoundaryArn": arn("policy", "bounds")}}

    held = asked(user("mallory", allow("iam:PutUserPolicy"), **bounded), bounds)
    free = asked(user("mallory", allow("iam:PutUserPolicy")), bounds)

    assert (held.escalates, free.escalates) == (False, True)


def test_a_role_whose_details_were_not_read_is_unknown():
    gap = resource("AWS::IAM::Role", arn("role", "target"), gaps={DETAILS: refused(DETAILS)})

    found = asked(user("mallory", allow("sts:AssumeRole")), gap)

    assert found.escalates is None
