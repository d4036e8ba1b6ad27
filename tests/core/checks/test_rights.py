"""Rights that are given too loosely: CASES are run by tests/house/test_checks.py."""

import pytest

from tests.core.cases import ACCOUNT, Case, Cases, resource
from tests.core.checks.test_identities import HOLLOW, LISTS, MFA, NOT_IAM, SPARING, allow, inline, managed

USER = "AWS::IAM::User"
TRAIL = f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/everything"
BUT_DENIED = {"Effect": "Deny", "NotAction": ["sts:*"], "Resource": "*"}
TAGGED = {"Condition": {"StringEquals": {"aws:ResourceTag/team": "orders"}}}
STOP = "cloudtrail:StopLogging"


def user(attached=(), own=()):
    details = {
        "AttachedManagedPolicies": [{"PolicyName": name, "PolicyArn": f"arn:policy/{name}"} for name in attached],
        "UserPolicyList": [{"PolicyName": name, "PolicyDocument": {"Statement": []}} for name in own],
        "GroupList": ["engineers"],
        "PermissionsBoundary": {"PermissionsBoundaryArn": "arn:aws:iam::1:policy/edge"},
    }
    return Case(resource(USER, f"arn:aws:iam::{ACCOUNT}:user/u", GetAccountAuthorizationDetails=details))


BARE = Case(resource(USER, f"arn:aws:iam::{ACCOUNT}:user/u", GetAccountAuthorizationDetails={"UserName": "u"}))

CASES = {
    "aws.iam.notaction_allow": Cases(
        fails=(
            managed(NOT_IAM),
            managed(SPARING),
            managed({**NOT_IAM, "Resource": "arn:aws:s3:::b/*"}),
            managed({**NOT_IAM, **HOLLOW}),
            managed({**NOT_IAM, "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}}),
            managed(NOT_IAM, allow("s3:*", effect="Deny")),
            *(inline(kind, NOT_IAM) for kind in LISTS),
        ),
        passes=(
            managed(allow("s3:GetObject")),
            managed(allow()),
            managed(BUT_DENIED),
            managed({**NOT_IAM, **MFA}),
            managed(NOT_IAM, allow(effect="Deny")),
            managed(NOT_IAM, attached=0, boundary=1),
            managed(allow("s3:*"), older=[NOT_IAM]),
            *(inline(kind) for kind in LISTS),
        ),
    ),
    "aws.iam.service_wildcard": Cases(
        fails=(
            managed(allow("sqs:*")),
            managed(allow(["s3:GetObject", "SQS:*"])),
            managed(allow("sqs:**")),
            managed(allow("s?s:?*")),
            managed(allow("sqs:*", ["arn:aws:sqs:*:*:orders", "*"])),
            managed(allow("sqs:*", **HOLLOW)),
            managed(allow("sqs:*"), allow("sqs:DeleteQueue", effect="Deny")),
            managed(allow(["sqs:*", "sns:*"]), allow("sns:*", effect="Deny")),
            *(inline(kind, allow("sqs:*")) for kind in LISTS),
        ),
        passes=(
            managed(allow("sqs:Get*")),
            managed(allow("sqs:*", "arn:aws:sqs:*:*:orders")),
            managed(allow("sqs:*", **TAGGED)),
            managed(allow("sqs:*", effect="Deny")),
            managed(allow("sqs:*"), allow("sqs:*", effect="Deny")),
            managed(allow()),
            managed(NOT_IAM),
            *(inline(kind) for kind in LISTS),
        ),
    ),
    "aws.iam.cloudtrail_full": Cases(
        fails=(
            managed(allow(STOP)),
            managed(allow("cloudtrail:*")),
            managed(allow("cloudtrail:Put*", TRAIL)),
            managed(allow("CloudTrail:deletetrail", "arn:aws:cloudtrail:eu-west-1:*:*")),
            managed(allow(STOP, "arn:aws:*")),
            managed(allow(STOP, **MFA)),
            managed(NOT_IAM),
            managed({"Effect": "Allow", "Action": STOP, "NotResource": "arn:aws:s3:::vault/*"}),
            managed(allow("cloudtrail:*"), allow(STOP, effect="Deny")),
            *(inline(kind, allow(STOP)) for kind in LISTS),
        ),
        passes=(
            managed(allow(["cloudtrail:Get*", "cloudtrail:LookupEvents", "cloudtrail:StartLogging"])),
            managed(allow(STOP, "arn:aws:s3:::b/*")),
            managed(allow(STOP, effect="Deny")),
            managed(NOT_IAM, allow("cloudtrail:*", effect="Deny")),
            managed({"Effect": "Allow", "Action": STOP, "NotResource": "arn:aws:cloudtrail:*:*:trail/*"}),
            *(inline(kind) for kind in LISTS),
        ),
        neutral=(managed(allow()), inline("AWS::IAM::Role", allow(STOP), allow())),
    ),
    "aws.iam.user_attached_policy": Cases(
        fails=(user(["read"]), user(own=["notes"]), user(["read", "write"], ["notes"])),
        passes=(user(), BARE),
    ),
}


@pytest.mark.parametrize(
    ("check", "case", "sentence"),
    [
        ("aws.iam.service_wildcard", managed(allow(["sqs:*", "s3:*"])), "It allows s3:*, sqs:* on every resource"),
        ("aws.iam.cloudtrail_full", managed(allow(STOP)), f"It allows {STOP}"),
        ("aws.iam.user_attached_policy", user(["b"], ["a"]), "Policies are attached to the user itself: a, b"),
    ],
)
def test_what_is_given_is_named(check, case, sentence):
    assert case.verdict(check).sentence == sentence
