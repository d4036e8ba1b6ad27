"""Action, Resource and Principal elements, one question each.

Sources: "IAM JSON policy elements: Action", "… Resource", "… Principal", "… NotPrincipal", "IAM identifiers" (IAM User
Guide); "Actions, resources, and condition keys" (Service Authorization Reference).
"""

import pytest

from scanners.access.questions import answer

# patterns, action, matches
ACTIONS = [
    (["s3:GetObject"], "s3:GetObject", True),
    (["s3:getobject"], "S3:GetObject", True),
    (["S3:GETOBJECT"], "s3:GetObject", True),
    (["s3:Get*"], "s3:GetObject", True),
    (["s3:*"], "s3:GetObject", True),
    (["s3:*Object"], "s3:GetObject", True),
    (["s3:G*t*ect"], "s3:GetObject", True),
    (["s3:Get?bject"], "s3:GetObject", True),
    (["s3:Get?object"], "s3:GetObject", False),
    (["s3:GetObject?"], "s3:GetObject", False),
    (["s3:GetObject*"], "s3:GetObject", True),
    (["s3:Get"], "s3:GetObject", False),
    (["*"], "s3:GetObject", True),
    (["**"], "s3:GetObject", True),
    (["*:*"], "s3:GetObject", True),
    (["s*:GetObject"], "s3:GetObject", False),
    (["?3:GetObject"], "s3:GetObject", False),
    (["*:GetObject"], "s3:GetObject", False),
    ([" s3:GetObject"], "s3:GetObject", False),
    (["s3:GetObject "], "s3:GetObject", False),
    (["s3: GetObject"], "s3:GetObject", False),
    (["s3"], "s3:GetObject", False),
    (["s3:"], "s3:GetObject", False),
    ([""], "s3:GetObject", False),
    ([], "s3:GetObject", False),
    (["sqs:*"], "s3:GetObject", False),
    (["s3-outposts:*"], "s3:GetObject", False),
    (["sqs:*", "s3:Get*"], "s3:GetObject", True),
    (["newservice:Do*"], "newservice:DoThings", True),
    (["s3:Get.bject"], "s3:GetObject", False),
    (["s3:(Get)Object"], "s3:GetObject", False),
    (["${aws:username}:*"], "s3:GetObject", False),
]


@pytest.mark.parametrize(("patterns", "action", "matches"), ACTIONS)
def test_an_action_is_matched_without_regard_to_case_and_wild_in_its_name_only(patterns, action, matches):
    question = {"suite": "action", "patterns": patterns, "action": action}

    assert answer({**question, "element": "Action"})["matches"] is matches
    assert answer({**question, "element": "NotAction"})["matches"] is not matches


QUEUE = "arn:aws:sqs:eu-west-1:111122223333:orders"
OBJECT = "arn:aws:s3:::box/a/b.txt"
ROLE = "arn:aws:iam::111122223333:role/team/app"
FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:pay:1"
CONTEXT = {
    "aws:username": "bob",
    "aws:PrincipalTag/star": "*",
    "aws:TagKeys": ["a"],
    "aws:PrincipalAccount": "111122223333",
}
# pattern, resource, matches in an identity policy
RESOURCES = [
    ("*", QUEUE, True),
    ("**", QUEUE, True),
    (QUEUE, QUEUE, True),
    ("arn:aws:sqs:*:*:orders", QUEUE, True),
    ("arn:aws:sqs:eu-*:111122223333:*", QUEUE, True),
    ("arn:aws:sqs:eu-west-?:111122223333:ord??s", QUEUE, True),
    ("arn:*:sqs:*:*:*", QUEUE, True),
    ("arn:aws:sqs:us-east-1:111122223333:orders", QUEUE, False),
    ("arn:aws:sqs:eu-west-1:444455556666:orders", QUEUE, False),
    ("arn:aws-cn:sqs:eu-west-1:111122223333:orders", QUEUE, False),
    ("arn:aws:sns:eu-west-1:111122223333:orders", QUEUE, False),
    ("arn:aws:sqs:eu-west-1:111122223333:Orders", QUEUE, False),
    ("arn:aws:SQS:EU-west-1:111122223333:orders", QUEUE, True),
    ("arn:aws:sqs:eu-west-1:111122223333:", QUEUE, False),
    ("arn:aws:sqs:::orders", QUEUE, False),
    ("arn:aws:s3:::box/*", OBJECT, True),
    ("arn:aws:s3:::*", OBJECT, True),
    ("arn:aws:s3:::box", OBJECT, False),
    ("arn:aws:s3:::box*", OBJECT, True),
    ("arn:aws:s3:::b*/a/*", OBJECT, True),
    ("arn:aws:s3:::box/?/b.txt", OBJECT, True),
    ("arn:aws:s3:::box/*.txt", OBJECT, True),
    ("arn:aws:s3:::box/a", OBJECT, False),
    ("arn:aws:s3:::other/*", OBJECT, False),
    ("arn:aws:s3:*:*:box/*", OBJECT, True),
    ("arn:aws:iam::111122223333:role/*", ROLE, True),
    ("arn:aws:iam::111122223333:role/team/*", ROLE, True),
    ("arn:aws:iam::111122223333:role/app", ROLE, False),
    ("arn:aws:iam::111122223333:*", ROLE, True),
    ("arn:aws:iam::*:*/app", ROLE, True),
    ("arn:aws:iam::111122223333:ro*/team/app", ROLE, False),
    ("arn:aws:iam::111122223333:r*", ROLE, False),
    ("arn:aws:iam::111122223333:user/*", ROLE, False),
    ("arn:aws:lambda:*:*:function:pay", FUNCTION, False),
    ("arn:aws:lambda:*:*:function:pay*", FUNCTION, True),
    ("arn:aws:lambda:*:*:function:*", FUNCTION, True),
    ("arn:aws:lambda:*:*:functi*:pay:1", FUNCTION, False),
    ("arn:aws:lambda:*:*:*", FUNCTION, True),
    ("arn:aws", QUEUE, True),
    ("arn:aws:sqs", QUEUE, True),
    ("arn:aws:sqs:eu-west-1", QUEUE, True),
    ("arn:aws:s*", QUEUE, True),
    ("arn:aws:sns", QUEUE, False),
    ("sqs", QUEUE, False),
    ("", QUEUE, False),
    ("orders", QUEUE, False),
    ("arn:aws:s3:::box/${aws:username}/*", "arn:aws:s3:::box/bob/x", True),
    ("arn:aws:s3:::box/${aws:username}/*", "arn:aws:s3:::box/eve/x", False),
    ("arn:aws:s3:::box/${AWS:UserName}/*", "arn:aws:s3:::box/bob/x", True),
    ("arn:aws:s3:::box/${aws:PrincipalTag/none}/*", "arn:aws:s3:::box//x", False),
    ("arn:aws:s3:::box/${aws:PrincipalTag/none, 'all'}/*", "arn:aws:s3:::box/all/x", True),
    ("arn:aws:s3:::box/${aws:PrincipalTag/star}/*", "arn:aws:s3:::box/any/x", False),
    ("arn:aws:s3:::box/${aws:TagKeys}/*", "arn:aws:s3:::box/a/x", False),
    ("arn:aws:s3:::box/${*}", "arn:aws:s3:::box/abc", False),
    ("arn:aws:iam::${aws:PrincipalAccount}:role/*", ROLE, True),
    ("arn:aws:execute-api:*:*:a1b2/*/GET/pets", "arn:aws:execute-api:eu-west-1:111122223333:a1b2/prod/GET/pets", True),
    ("arn:aws:execute-api:*:*:*/prod/*", "arn:aws:execute-api:eu-west-1:111122223333:a1b2/prod/GET/pets", True),
    ("arn:aws:codepipeline:*:*:ship*/Source", "arn:aws:codepipeline:eu-west-1:111122223333:shipping/Source", True),
    ("arn:aws:ec2:*:*:*/*", "arn:aws:ec2:eu-west-1:111122223333:instance/i-1", True),
    ("arn:aws:ec2:*:*:instance/*", "arn:aws:ec2:eu-west-1:111122223333:instance/i-1", True),
    ("arn:aws:apigateway:*::/restapis/*", "arn:aws:apigateway:eu-west-1::/restapis/a1b2", True),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "resource", "matches"), RESOURCES)
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_a_resource_is_matched_part_by_part(pattern, resource, matches, effect):
    question = {
        "suite": "resource", "element": "Resource", "effect": effect, "policy_type": "identity",
        "patterns": [pattern], "resource": resource, "context": CONTEXT,
    }  # fmt: skip

    assert answer(question)["matches"] is matches


# patterns, resource, matches as NotResource
NOT_RESOURCES = [
    ([QUEUE], QUEUE, False),
    (["arn:aws:sqs:*:*:*"], QUEUE, False),
    ([OBJECT], QUEUE, True),
    ([OBJECT, QUEUE], QUEUE, False),
    (["*"], QUEUE, False),
    (["arn:aws:s3:::box/${aws:username}/*"], "arn:aws:s3:::box/bob/x", False),
    (["arn:aws:s3:::box/${aws:username}/*"], "arn:aws:s3:::box/eve/x", True),
    (["arn:aws:s3:::box/${aws:PrincipalTag/none}/*"], "arn:aws:s3:::box/x/y", True),
]


@pytest.mark.parametrize(("patterns", "resource", "matches"), NOT_RESOURCES)
def test_a_notresource_speaks_of_everything_else(patterns, resource, matches):
    question = {"suite": "resource", "element": "NotResource", "effect": "Deny", "policy_type": "identity"}

    assert answer({**question, "patterns": patterns, "resource": resource, "context": CONTEXT})["matches"] is matches


@pytest.mark.parametrize("kind", ["identity", "boundary", "scp", "rcp", "resource", "session", "vpce"])
@pytest.mark.parametrize(
    "pattern", ["arn:aws:sqs", "arn:aws:sqs:eu-west-1", "arn:aws:sqs:*:*", "arn:aws", "arn:aws:s*"]
)
def test_an_incomplete_arn_is_filled_up_in_policies_of_identities_only(kind, pattern):
    question = {"suite": "resource", "element": "Resource", "effect": "Allow", "policy_type": kind}

    found = answer({**question, "patterns": [pattern], "resource": QUEUE, "context": {}})["matches"]

    assert found is (kind in ("identity", "boundary", "session"))


# pattern, the request's pattern, whether some of it is allowed, whether all of it is denied
WILD = [
    ("arn:aws:s3:::box/*", "arn:aws:s3:::box/*", True, True),
    ("arn:aws:s3:::box/*", "arn:aws:s3:::box/a/*", True, True),
    ("arn:aws:s3:::box/a/*", "arn:aws:s3:::box/*", True, False),
    ("arn:aws:s3:::box/a*", "arn:aws:s3:::box/*b", True, False),
    ("arn:aws:s3:::box/a*", "arn:aws:s3:::box/b*", False, False),
    ("arn:aws:s3:::box/a?", "arn:aws:s3:::box/a*", True, False),
    ("arn:aws:s3:::box/a*", "arn:aws:s3:::box/a?", True, True),
    ("*", "*", True, True),
    ("*", "arn:aws:s3:::box/*", True, True),
    ("arn:aws:s3:::box/*", "*", True, False),
    ("arn:aws:s3:::*", "arn:aws:s3:::box", True, True),
    ("arn:aws:sqs:*:*:*", "arn:aws:s3:::*", False, False),
]


@pytest.mark.parametrize(("pattern", "asked", "some", "whole"), WILD)
def test_of_a_request_with_wildcards_an_allow_needs_some_and_a_deny_needs_all(pattern, asked, some, whole):
    question = {"suite": "resource", "element": "Resource", "policy_type": "identity", "patterns": [pattern]}

    assert answer({**question, "effect": "Allow", "resource": asked, "context": {}})["matches"] is some
    assert answer({**question, "effect": "Deny", "resource": asked, "context": {}})["matches"] is whole


USER = "arn:aws:iam::111122223333:user/dev/bob"
APP = "arn:aws:iam::111122223333:role/app"
SESSION = "arn:aws:sts::111122223333:assumed-role/app/s1"
ROOT = "arn:aws:iam::111122223333:root"
FEDERATED = "arn:aws:sts::111122223333:federated-user/bob"
SAML = "arn:aws:iam::111122223333:saml-provider/corp"


def aws(value):
    return {"kind": "aws", "value": value}


# the element, who asks, how it matches
PRINCIPALS = [
    ("*", aws(USER), "Match"),
    ("*", {"kind": "anonymous", "value": None}, "Match"),
    ("*", {"kind": "service", "value": "sns.amazonaws.com"}, "Match"),
    ({"AWS": "*"}, aws(SESSION), "Match"),
    ({"AWS": "*"}, {"kind": "anonymous", "value": None}, "Match"),
    ({"AWS": ["*"]}, aws(USER), "Match"),
    ({"AWS": USER}, aws(USER), "Match"),
    ({"AWS": [APP, USER]}, aws(USER), "Match"),
    ({"AWS": "arn:aws:iam::111122223333:user/*"}, aws(USER), "NoMatch"),
    ({"AWS": "arn:aws:iam::111122223333:user/dev/BOB"}, aws(USER), "NoMatch"),
    ({"AWS": "arn:aws:iam::444455556666:user/dev/bob"}, aws(USER), "NoMatch"),
    ({"AWS": ROOT}, aws(USER), "AccountLevelMatch"),
    ({"AWS": "111122223333"}, aws(USER), "AccountLevelMatch"),
    ({"AWS": "111122223333"}, aws(SESSION), "AccountLevelMatch"),
    ({"AWS": "111122223333"}, aws(APP), "AccountLevelMatch"),
    ({"AWS": "444455556666"}, aws(USER), "NoMatch"),
    ({"AWS": "arn:aws:iam::444455556666:root"}, aws(USER), "NoMatch"),
    ({"AWS": [ROOT, USER]}, aws(USER), "Match"),
    ({"AWS": ROOT}, aws(ROOT), "AccountLevelMatch"),
    ({"AWS": APP}, aws(APP), "Match"),
    ({"AWS": APP}, aws(SESSION), "SessionRoleMatch"),
    ({"AWS": "arn:aws:iam::111122223333:role/team/app"}, aws(SESSION), "SessionRoleMatch"),
    ({"AWS": [ROOT, APP]}, aws(SESSION), "SessionRoleMatch"),
    ({"AWS": [APP, SESSION]}, aws(SESSION), "Match"),
    ({"AWS": SESSION}, aws(SESSION), "Match"),
    ({"AWS": "arn:aws:sts::111122223333:assumed-role/app/s2"}, aws(SESSION), "NoMatch"),
    ({"AWS": "arn:aws:sts::111122223333:assumed-role/app/*"}, aws(SESSION), "NoMatch"),
    ({"AWS": SESSION}, aws(APP), "NoMatch"),
    ({"AWS": "arn:aws:iam::444455556666:role/app"}, aws(SESSION), "NoMatch"),
    ({"AWS": FEDERATED}, aws(FEDERATED), "Match"),
    ({"AWS": "arn:aws:iam::111122223333:user/bob"}, aws(FEDERATED), "NoMatch"),
    ({"AWS": "AIDAJQABLZS4A3QDU576Q"}, aws(USER), "NoMatch"),
    ({"AWS": "AROAJQABLZS4A3QDU576Q"}, aws(SESSION), "NoMatch"),
    ({"Service": "sns.amazonaws.com"}, {"kind": "service", "value": "sns.amazonaws.com"}, "Match"),
    ({"Service": ["a.amazonaws.com", "sns.amazonaws.com"]}, {"kind": "service", "value": "sns.amazonaws.com"}, "Match"),
    ({"Service": "sqs.amazonaws.com"}, {"kind": "service", "value": "sns.amazonaws.com"}, "NoMatch"),
    ({"Service": "sns.amazonaws.com"}, aws(USER), "NoMatch"),
    ({"AWS": "111122223333"}, {"kind": "service", "value": "sns.amazonaws.com"}, "NoMatch"),
    ({"AWS": USER}, {"kind": "anonymous", "value": None}, "NoMatch"),
    ({"Federated": SAML}, {"kind": "federated", "value": SAML}, "Match"),
    ({"Federated": "accounts.google.com"}, {"kind": "federated", "value": "accounts.google.com"}, "Match"),
    ({"Federated": "accounts.google.com"}, {"kind": "federated", "value": SAML}, "NoMatch"),
    ({"CanonicalUser": "79a5"}, {"kind": "canonical", "value": "79a5"}, "Match"),
    ({"CanonicalUser": "79a5"}, aws(USER), "NoMatch"),
    ({}, aws(USER), "NoMatch"),
    ({"AWS": []}, aws(USER), "NoMatch"),
    ({"AWS": USER, "Service": "sns.amazonaws.com"}, {"kind": "service", "value": "sns.amazonaws.com"}, "Match"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "who", "match"), PRINCIPALS)
def test_a_principal_is_named_itself_or_by_its_role_or_account(value, who, match):
    question = {"suite": "principal", "element": "Principal", "effect": "Allow", "value": value, "principal": who}

    assert answer(question)["match"] == match


# the element of a Deny, who asks, whether they are denied
SPARED = [
    ({"AWS": USER}, aws(USER), "NoMatch"),
    ({"AWS": [USER, ROOT]}, aws(USER), "NoMatch"),
    ({"AWS": USER}, aws(APP), "Match"),
    ({"AWS": ROOT}, aws(USER), "Match"),
    ({"AWS": ROOT}, aws(ROOT), "NoMatch"),
    ({"AWS": APP}, aws(SESSION), "Match"),
    ({"AWS": [APP, SESSION, ROOT]}, aws(SESSION), "NoMatch"),
    ({"AWS": USER}, {"kind": "anonymous", "value": None}, "Match"),
    ({"Service": "sns.amazonaws.com"}, {"kind": "service", "value": "sns.amazonaws.com"}, "NoMatch"),
    ({"Service": "sns.amazonaws.com"}, aws(USER), "Match"),
    ({"AWS": "*"}, aws(USER), "NoMatch"),
]


@pytest.mark.parametrize(("value", "who", "match"), SPARED)
def test_a_deny_with_notprincipal_spares_only_whom_it_names_itself(value, who, match):
    question = {"suite": "principal", "element": "NotPrincipal", "effect": "Deny", "value": value, "principal": who}

    assert answer(question)["match"] == match


OVERLAPS = [
    ("arn:aws:s3:::a", "arn:aws:s3:::a", True),
    ("arn:aws:s3:::a", "arn:aws:s3:::b", False),
    ("arn:aws:s3:::a*", "arn:aws:s3:::ab", True),
    ("arn:aws:s3:::a*", "arn:aws:s3:::*b", True),
    ("arn:aws:s3:::a*", "arn:aws:s3:::b*", False),
    ("arn:aws:s3:::a?", "arn:aws:s3:::?b", True),
    ("arn:aws:s3:::a?", "arn:aws:s3:::abc", False),
    ("arn:aws:s3:::a*c", "arn:aws:s3:::ab*", True),
    ("arn:aws:s3:::*a*", "arn:aws:s3:::b*c", True),
    ("arn:aws:s3:::??", "arn:aws:s3:::?", False),
    ("arn:aws:s3:::a*a", "arn:aws:s3:::a", False),
    ("arn:aws:s3:::*", "arn:aws:sqs:*:*:*", False),
    ("arn:aws:sqs:*:1:*", "arn:aws:sqs:eu-west-1:*:x", True),
    ("arn:aws:sqs:*:1:*", "arn:aws:sqs:eu-west-1:2:x", False),
    ("arn:*:sqs:*:*:*", "arn:aws:sqs:eu-west-1:2:x", True),
    ("*", "arn:aws:s3:::a", True),
    ("*", "*", True),
    ("arn:aws:iam::*:role/*", "arn:aws:iam::1:*/app", True),
    ("arn:aws:iam::*:role/x*", "arn:aws:iam::1:role/*x", True),
    ("arn:aws:iam::1:role/a", "arn:aws:iam::1:user/a", False),
]


@pytest.mark.parametrize(("a", "b", "overlaps"), OVERLAPS)
def test_two_patterns_overlap_when_one_arn_is_matched_by_both(a, b, overlaps):
    assert answer({"suite": "arnoverlap", "a": a, "b": b})["overlaps"] is overlaps
    assert answer({"suite": "arnoverlap", "a": b, "b": a})["overlaps"] is overlaps
