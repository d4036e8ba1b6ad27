"""Whole decisions: every layer, in one account and across two.

Sources: "Policy evaluation logic", "Policy evaluation for requests within a single account", "Cross-account policy
evaluation logic", "Permissions boundaries for IAM entities", "Session policies", "AWS JSON policy elements: Principal",
"… NotPrincipal" (IAM User Guide); "Service control policies", "Resource control policies" (AWS Organizations User
Guide); "Key policies in AWS KMS" (KMS Developer Guide); "Blocking public access" (Amazon S3 User Guide);
GetCallerIdentity, GetFederationToken (STS API Reference).
"""

import pytest

from tests.core.access.asking import (
    ANYONE,
    FEDERATED,
    HERE,
    KEY,
    LINKED,
    NOTHING,
    OBJECT,
    QUEUE,
    ROLE,
    ROOT,
    SESSION,
    SNS,
    THERE,
    USER,
    allow,
    ask,
    deny,
    document,
    statement,
)

YES, EXPLICIT, IMPLICIT = "Allowed", "ExplicitlyDenied", "ImplicitlyDenied"
ALL, NONE = allow(), deny()
OTHER = allow("s3:*")


def to(principal, **more):
    return allow("*", "*", {"AWS": principal} if isinstance(principal, str) else principal, **more)


PUBLIC = to("*")
FOR_ALL = allow("*", "*", "*")  # what RCPs and endpoint policies look like

# who, policies, decision, blocked by: sqs:SendMessage on a queue of the same account
SAME_ACCOUNT = [
    (USER, {}, IMPLICIT, "identity"),
    (USER, {"identity": [ALL]}, YES, None),
    (USER, {"identity": [allow("sqs:SendMessage", QUEUE)]}, YES, None),
    (USER, {"identity": [allow("sqs:*", "arn:aws:sqs:*:*:other")]}, IMPLICIT, "identity"),
    (USER, {"identity": [OTHER]}, IMPLICIT, "identity"),
    (USER, {"identity": [OTHER, allow("sqs:*")]}, YES, None),
    (USER, {"identity": [ALL, deny("sqs:*")]}, EXPLICIT, "identity"),
    (USER, {"identity": [deny("sqs:*"), ALL]}, EXPLICIT, "identity"),
    (USER, {"identity": [deny("s3:*"), ALL]}, YES, None),
    (USER, {"identity": [document(statement("Allow"), statement("Deny"))]}, EXPLICIT, "identity"),
    (USER, {"identity": [document({"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"})]}, YES, None),
    (USER, {"identity": [document({"Effect": "Allow", "NotAction": "sqs:*", "Resource": "*"})]}, IMPLICIT, "identity"),
    (
        USER,
        {"identity": [ALL, document({"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"})]},
        EXPLICIT,
        "identity",
    ),
    (USER, {"identity": [document({"Effect": "Allow", "Action": "*", "NotResource": QUEUE})]}, IMPLICIT, "identity"),
    (USER, {"identity": [document({"Effect": "Allow", "Action": "*", "NotResource": OBJECT})]}, YES, None),
    # a resource policy is enough by itself, when it names the caller
    (USER, {"resource": to(USER)}, YES, None),
    (USER, {"resource": to("*")}, YES, None),
    (USER, {"resource": to(ROOT)}, IMPLICIT, "identity"),
    (USER, {"resource": to(HERE)}, IMPLICIT, "identity"),
    (USER, {"resource": to(HERE), "identity": [ALL]}, YES, None),
    (USER, {"resource": to(ROLE)}, IMPLICIT, "identity"),
    (USER, {"resource": NOTHING, "identity": [ALL]}, YES, None),
    (USER, {"resource": deny(principal={"AWS": USER}), "identity": [ALL]}, EXPLICIT, "resource"),
    (USER, {"resource": deny(principal={"AWS": HERE}), "identity": [ALL]}, EXPLICIT, "resource"),
    (USER, {"resource": deny(principal="*"), "identity": [ALL]}, EXPLICIT, "resource"),
    (USER, {"resource": deny(principal={"AWS": ROLE}), "identity": [ALL]}, YES, None),
    (USER, {"resource": to(USER), "identity": [NONE]}, EXPLICIT, "identity"),
    (ROLE, {"resource": to(ROLE)}, YES, None),
    (SESSION, {"resource": to(ROLE)}, YES, None),
    (SESSION, {"resource": to(SESSION)}, YES, None),
    (SESSION, {"resource": to(f"arn:aws:sts::{HERE}:assumed-role/app/s2")}, IMPLICIT, "identity"),
    (SESSION, {"resource": deny(principal={"AWS": ROLE}), "identity": [ALL]}, EXPLICIT, "resource"),
    # boundaries
    (USER, {"boundary": [ALL]}, IMPLICIT, "identity"),
    (USER, {"identity": [ALL], "boundary": [ALL]}, YES, None),
    (USER, {"identity": [ALL], "boundary": [OTHER]}, IMPLICIT, "boundary"),
    (USER, {"identity": [ALL], "boundary": []}, IMPLICIT, "boundary"),
    (USER, {"identity": [ALL], "boundary": [ALL, deny("sqs:*")]}, EXPLICIT, "boundary"),
    (USER, {"resource": to(USER), "boundary": [OTHER]}, YES, None),
    (USER, {"resource": to("*"), "boundary": [OTHER]}, YES, None),
    (USER, {"resource": to(USER), "boundary": [deny("sqs:*")]}, EXPLICIT, "boundary"),
    (USER, {"resource": to(HERE), "identity": [ALL], "boundary": [OTHER]}, IMPLICIT, "boundary"),
    (ROLE, {"resource": to(ROLE), "boundary": [OTHER]}, IMPLICIT, "boundary"),
    (ROLE, {"resource": to(ROLE), "boundary": [allow("sqs:*")]}, YES, None),
    (SESSION, {"resource": to(ROLE), "boundary": [OTHER]}, IMPLICIT, "boundary"),
    (SESSION, {"resource": to(SESSION), "boundary": [OTHER]}, YES, None),
    (SESSION, {"resource": to(SESSION), "boundary": [deny("sqs:*")]}, EXPLICIT, "boundary"),
    # session policies
    (SESSION, {"session": ALL}, IMPLICIT, "identity"),
    (SESSION, {"identity": [ALL], "session": ALL}, YES, None),
    (SESSION, {"identity": [ALL], "session": OTHER}, IMPLICIT, "session"),
    (SESSION, {"identity": [ALL], "session": document(statement("Allow"), statement("Deny"))}, EXPLICIT, "session"),
    (SESSION, {"resource": to(ROLE), "session": OTHER}, IMPLICIT, "session"),
    (SESSION, {"resource": to(ROLE), "session": ALL}, YES, None),
    (SESSION, {"resource": to(SESSION), "session": OTHER}, YES, None),
    (SESSION, {"identity": [ALL], "boundary": [OTHER], "session": ALL}, IMPLICIT, "boundary"),
    (FEDERATED, {"identity": [ALL]}, IMPLICIT, "identity"),
    (FEDERATED, {"identity": [ALL], "session": ALL}, YES, None),
    (FEDERATED, {"identity": [OTHER], "session": ALL}, IMPLICIT, "identity"),
    (FEDERATED, {"resource": to(FEDERATED)}, YES, None),
    # NotPrincipal
    (
        USER,
        {
            "identity": [ALL],
            "resource": document(
                {"Effect": "Deny", "NotPrincipal": {"AWS": [USER, ROOT]}, "Action": "*", "Resource": "*"}
            ),
        },
        YES,
        None,
    ),
    (
        USER,
        {
            "identity": [ALL],
            "resource": document({"Effect": "Deny", "NotPrincipal": {"AWS": ROLE}, "Action": "*", "Resource": "*"}),
        },
        EXPLICIT,
        "resource",
    ),
    (
        USER,
        {
            "identity": [ALL],
            "boundary": [ALL],
            "resource": document(
                {"Effect": "Deny", "NotPrincipal": {"AWS": [USER, ROOT]}, "Action": "*", "Resource": "*"}
            ),
        },
        EXPLICIT,
        "resource",
    ),
    (
        SESSION,
        {
            "identity": [ALL],
            "resource": document(
                {"Effect": "Deny", "NotPrincipal": {"AWS": [ROLE, ROOT]}, "Action": "*", "Resource": "*"}
            ),
        },
        EXPLICIT,
        "resource",
    ),
    (
        SESSION,
        {
            "identity": [ALL],
            "resource": document(
                {"Effect": "Deny", "NotPrincipal": {"AWS": [ROLE, SESSION, ROOT]}, "Action": "*", "Resource": "*"}
            ),
        },
        YES,
        None,
    ),
    # the root user needs no policy of its own
    (ROOT, {}, YES, None),
    (ROOT, {"scps": [[ALL], [OTHER]]}, IMPLICIT, "scp"),
    (ROOT, {"resource": deny(principal="*")}, EXPLICIT, "resource"),
    # SCPs, by level
    (USER, {"identity": [ALL], "scps": [[ALL]]}, YES, None),
    (USER, {"identity": [ALL], "scps": [[ALL], [ALL], [ALL]]}, YES, None),
    (USER, {"identity": [ALL], "scps": [[ALL], [OTHER], [ALL]]}, IMPLICIT, "scp"),
    (USER, {"identity": [ALL], "scps": [[ALL], []]}, IMPLICIT, "scp"),
    (USER, {"identity": [ALL], "scps": [[ALL], [ALL, deny("sqs:*")]]}, EXPLICIT, "scp"),
    (USER, {"identity": [ALL], "scps": [[deny("sqs:*")]]}, EXPLICIT, "scp"),
    (USER, {"identity": [ALL], "scps": [[OTHER, allow("sqs:*")]]}, YES, None),
    (USER, {"scps": [[ALL]]}, IMPLICIT, "identity"),
    (USER, {"resource": to(USER), "scps": [[OTHER]]}, IMPLICIT, "scp"),
    (LINKED, {"identity": [ALL], "scps": [[NONE]]}, YES, None),
    # RCPs, by level
    (USER, {"identity": [ALL], "rcps": [[FOR_ALL]]}, YES, None),
    (USER, {"identity": [ALL], "rcps": [[FOR_ALL], [FOR_ALL, deny("sqs:*", principal="*")]]}, EXPLICIT, "rcp"),
    (USER, {"identity": [ALL], "rcps": [[FOR_ALL], []]}, YES, None),
    (USER, {"identity": [ALL], "rcps": [[deny("s3:*", principal="*")]]}, YES, None),
    (USER, {"identity": [ALL], "rcps": [[allow("s3:*", "*", "*")]]}, IMPLICIT, "rcp"),
    (USER, {"resource": to(USER), "rcps": [[FOR_ALL, deny("sqs:*", principal="*")]]}, EXPLICIT, "rcp"),
    (LINKED, {"identity": [ALL], "rcps": [[deny(principal="*")]]}, YES, None),
    # the policy of a VPC endpoint
    (USER, {"identity": [ALL], "vpce": [FOR_ALL]}, YES, None),
    (USER, {"identity": [ALL], "vpce": [allow("s3:*", "*", "*")]}, IMPLICIT, "vpce"),
    (USER, {"identity": [ALL], "vpce": [FOR_ALL, deny("sqs:*", "*", "*")]}, EXPLICIT, "vpce"),
    (USER, {"identity": [ALL], "vpce": [to(HERE)]}, YES, None),
    (USER, {"identity": [ALL], "vpce": [to(THERE)]}, IMPLICIT, "vpce"),
    (USER, {"vpce": [FOR_ALL]}, IMPLICIT, "identity"),
    (USER, {"resource": to(USER), "vpce": [to(ROLE)]}, IMPLICIT, "vpce"),
    (SESSION, {"identity": [ALL], "vpce": [to(ROLE)]}, YES, None),
    # who brings no policies of their own
    (SNS, {}, IMPLICIT, "resource"),
    (SNS, {"resource": to({"Service": "sns.amazonaws.com"})}, YES, None),
    (SNS, {"resource": to({"Service": "sqs.amazonaws.com"})}, IMPLICIT, "resource"),
    (SNS, {"resource": to({"Service": "sns.amazonaws.com"}), "scps": [[NONE]]}, YES, None),
    (SNS, {"resource": to({"Service": "sns.amazonaws.com"}), "identity": [NONE], "boundary": [NONE]}, YES, None),
    (SNS, {"resource": to({"Service": "sns.amazonaws.com"}), "rcps": [[deny(principal="*")]]}, EXPLICIT, "rcp"),
    (SNS, {"resource": to(HERE)}, IMPLICIT, "resource"),
    (ANYONE, {}, IMPLICIT, "resource"),
    (ANYONE, {"resource": PUBLIC}, YES, None),
    (ANYONE, {"resource": allow(principal="*")}, YES, None),
    (ANYONE, {"resource": to(HERE)}, IMPLICIT, "resource"),
    (ANYONE, {"resource": PUBLIC, "rcps": [[FOR_ALL, deny(principal="*")]]}, EXPLICIT, "rcp"),
    (ANYONE, {"resource": PUBLIC, "scps": [[NONE]]}, YES, None),
]


@pytest.mark.parametrize(("who", "policies", "decision", "blocked"), SAME_ACCOUNT)
def test_in_one_account_identity_or_resource_policy_allows_within_all_limits(who, policies, decision, blocked):
    found = ask(who, "sqs:SendMessage", QUEUE, policies)

    assert (found["decision"], found["blocked_by"]) == (decision, blocked)


# who, policies, decision, blocked by: sqs:SendMessage on a queue of another account
CROSS_ACCOUNT = [
    (USER, {}, IMPLICIT, "identity"),
    (USER, {"identity": [ALL]}, IMPLICIT, "resource"),
    (USER, {"resource": to(USER)}, IMPLICIT, "identity"),
    (USER, {"resource": to("*")}, IMPLICIT, "identity"),
    (USER, {"identity": [ALL], "resource": to(USER)}, YES, None),
    (USER, {"identity": [ALL], "resource": to(HERE)}, YES, None),
    (USER, {"identity": [ALL], "resource": to(ROOT)}, YES, None),
    (USER, {"identity": [ALL], "resource": to("*")}, YES, None),
    (USER, {"identity": [ALL], "resource": to(THERE)}, IMPLICIT, "resource"),
    (USER, {"identity": [ALL], "resource": to(ROLE)}, IMPLICIT, "resource"),
    (USER, {"identity": [OTHER], "resource": to(USER)}, IMPLICIT, "identity"),
    (USER, {"identity": [ALL, deny("sqs:*")], "resource": to(USER)}, EXPLICIT, "identity"),
    (USER, {"identity": [ALL], "resource": deny(principal={"AWS": HERE})}, EXPLICIT, "resource"),
    (USER, {"identity": [ALL], "resource": to(USER), "boundary": [OTHER]}, IMPLICIT, "boundary"),
    (USER, {"identity": [ALL], "resource": to(USER), "boundary": [ALL]}, YES, None),
    (USER, {"identity": [ALL], "resource": to(USER), "scps": [[OTHER]]}, IMPLICIT, "scp"),
    (USER, {"identity": [ALL], "resource": to(USER), "rcps": [[FOR_ALL, deny("sqs:*", "*", "*")]]}, EXPLICIT, "rcp"),
    (SESSION, {"identity": [ALL], "resource": to(ROLE)}, YES, None),
    (SESSION, {"identity": [ALL], "resource": to(SESSION)}, YES, None),
    (SESSION, {"identity": [ALL], "resource": to(SESSION), "session": OTHER}, IMPLICIT, "session"),
    (SESSION, {"identity": [ALL], "resource": to(SESSION), "boundary": [OTHER]}, IMPLICIT, "boundary"),
    (SESSION, {"resource": to(SESSION)}, IMPLICIT, "identity"),
    (ROOT, {"resource": to(HERE)}, YES, None),
    (ROOT, {}, IMPLICIT, "resource"),
    (SNS, {"resource": to({"Service": "sns.amazonaws.com"})}, YES, None),
    (ANYONE, {"resource": PUBLIC}, YES, None),
]


@pytest.mark.parametrize(("who", "policies", "decision", "blocked"), CROSS_ACCOUNT)
def test_across_accounts_both_must_allow(who, policies, decision, blocked):
    queue = QUEUE.replace(HERE, THERE)

    found = ask(who, "sqs:SendMessage", queue, policies, account=THERE)

    assert (found["decision"], found["blocked_by"]) == (decision, blocked)


DELEGATING = to(ROOT)
# who, action, resource, policies, account, decision
SPECIAL = [
    # a key's policy must let the account in before identity policies count
    (USER, "kms:Decrypt", KEY, {"identity": [ALL]}, HERE, IMPLICIT),
    (USER, "kms:Decrypt", KEY, {"identity": [ALL], "resource": NOTHING}, HERE, IMPLICIT),
    (USER, "kms:Decrypt", KEY, {"identity": [ALL], "resource": DELEGATING}, HERE, YES),
    (USER, "kms:Decrypt", KEY, {"resource": DELEGATING}, HERE, IMPLICIT),
    (USER, "kms:Decrypt", KEY, {"resource": to(USER)}, HERE, YES),
    (ROLE, "kms:Decrypt", KEY, {"resource": to(ROLE)}, HERE, YES),
    (SESSION, "kms:Decrypt", KEY, {"resource": to(ROLE)}, HERE, YES),
    (USER, "kms:Decrypt", KEY, {"identity": [ALL], "resource": to(ROLE)}, HERE, IMPLICIT),
    (USER, "kms:Decrypt", KEY, {"identity": [ALL], "resource": to(HERE)}, THERE, YES),
    (USER, "kms:Decrypt", KEY, {"identity": [ALL], "resource": to(ROOT), "boundary": [OTHER]}, HERE, IMPLICIT),
    (
        USER,
        "kms:RetireGrant",
        KEY,
        {"identity": [ALL], "resource": DELEGATING, "rcps": [[deny(principal="*")]]},
        HERE,
        YES,
    ),
    (
        USER,
        "kms:Decrypt",
        KEY,
        {"identity": [ALL], "resource": DELEGATING, "rcps": [[deny(principal="*")]]},
        HERE,
        EXPLICIT,
    ),
    # so must a role's trust
    (USER, "sts:AssumeRole", ROLE, {"identity": [ALL]}, HERE, IMPLICIT),
    (USER, "sts:AssumeRole", ROLE, {"identity": [ALL], "resource": DELEGATING}, HERE, YES),
    (USER, "sts:AssumeRole", ROLE, {"resource": DELEGATING}, HERE, IMPLICIT),
    (USER, "sts:AssumeRole", ROLE, {"resource": to(USER)}, HERE, YES),
    (USER, "sts:AssumeRole", ROLE, {"resource": to(USER), "identity": [NONE]}, HERE, EXPLICIT),
    (SESSION, "sts:AssumeRole", ROLE, {"resource": to(ROLE)}, HERE, YES),
    (SESSION, "sts:AssumeRole", ROLE, {"resource": to(ROLE), "boundary": [OTHER]}, HERE, IMPLICIT),
    (USER, "sts:AssumeRole", ROLE.replace(HERE, THERE), {"identity": [ALL], "resource": to(HERE)}, THERE, YES),
    (USER, "sts:AssumeRole", ROLE.replace(HERE, THERE), {"resource": to(USER)}, THERE, IMPLICIT),
    (USER, "sts:AssumeRole", ROLE.replace(HERE, THERE), {"identity": [ALL]}, THERE, IMPLICIT),
    (SNS, "sts:AssumeRole", ROLE, {"resource": to({"Service": "sns.amazonaws.com"})}, HERE, YES),
    (
        {"kind": "federated", "value": "accounts.google.com"},
        "sts:AssumeRoleWithWebIdentity",
        ROLE,
        {"resource": to({"Federated": "accounts.google.com"})},
        HERE,
        YES,
    ),
    (
        {"kind": "federated", "value": "accounts.google.com"},
        "sts:AssumeRoleWithWebIdentity",
        ROLE,
        {"resource": to({"Federated": "www.amazon.com"})},
        HERE,
        IMPLICIT,
    ),
    (
        USER,
        "sts:TagSession",
        ROLE,
        {"identity": [ALL], "resource": allow("sts:AssumeRole", "*", {"AWS": ROOT})},
        HERE,
        IMPLICIT,
    ),
    (USER, "sts:GetCallerIdentity", "*", {"identity": [NONE], "scps": [[NONE]]}, HERE, YES),
    # iam:PassRole asks the caller's policies alone
    (USER, "iam:PassRole", ROLE, {"identity": [allow("iam:PassRole", ROLE)]}, HERE, YES),
    (USER, "iam:PassRole", ROLE, {"identity": [allow("iam:PassRole", ROLE + "2")]}, HERE, IMPLICIT),
    # RCPs bind only the services that support them
    (
        USER,
        "ec2:RunInstances",
        "arn:aws:ec2:eu-west-1:111122223333:instance/*",
        {"identity": [ALL], "rcps": [[deny(principal="*")]]},
        HERE,
        YES,
    ),
    (USER, "s3:GetObject", OBJECT, {"identity": [ALL], "rcps": [[deny(principal="*")]]}, HERE, EXPLICIT),
    # functions
    (
        SNS,
        "lambda:InvokeFunction",
        "arn:aws:lambda:eu-west-1:111122223333:function:f",
        {"resource": to({"Service": "sns.amazonaws.com"})},
        HERE,
        YES,
    ),
    (
        USER,
        "lambda:InvokeFunction",
        "arn:aws:lambda:eu-west-1:444455556666:function:f",
        {"identity": [ALL], "resource": to(HERE)},
        THERE,
        YES,
    ),
]


@pytest.mark.parametrize(("who", "action", "resource", "policies", "account", "decision"), SPECIAL)
def test_services_have_rules_of_their_own(who, action, resource, policies, account, decision):
    assert ask(who, action, resource, policies, account=account)["decision"] == decision


# the policy's resource, decision of an action that names no resource
WITHOUT_RESOURCE = [("*", YES), ("**", YES), ("arn:aws:s3:::*", IMPLICIT), ("arn:aws:s3:::box", IMPLICIT)]


@pytest.mark.parametrize(("resource", "decision"), WITHOUT_RESOURCE)
def test_an_action_without_resources_is_allowed_by_a_star_alone(resource, decision):
    policies = {"identity": [allow("s3:ListAllMyBuckets", resource)]}

    assert ask(USER, "s3:ListAllMyBuckets", "*", policies, wildcard_only_action=True)["decision"] == decision
    assert ask(USER, "s3:ListAllMyBuckets", "*", policies, wildcard_only_action=None)["decision"] == decision


def test_an_action_without_resources_is_allowed_by_any_notresource():
    policies = {"identity": [document({"Effect": "Allow", "Action": "s3:*", "NotResource": OBJECT})]}

    assert ask(USER, "s3:ListAllMyBuckets", "*", policies, wildcard_only_action=True)["decision"] == YES


VPC = {"StringEquals": {"aws:SourceVpc": "vpc-1"}}
# who, account, the bucket's policy, whether public access is blocked, decision
BLOCKED = [
    (ANYONE, HERE, PUBLIC, None, YES),
    (ANYONE, HERE, PUBLIC, True, IMPLICIT),
    (ANYONE, HERE, PUBLIC, False, YES),
    (ANYONE, HERE, PUBLIC, {"RestrictPublicBuckets": True}, IMPLICIT),
    (ANYONE, HERE, PUBLIC, {"RestrictPublicBuckets": False}, YES),
    (USER, HERE, PUBLIC, True, YES),
    (USER, THERE, PUBLIC, True, IMPLICIT),
    (USER, THERE, to(USER), True, YES),
    (USER, THERE, document(*to(USER)["Statement"], *PUBLIC["Statement"]), True, IMPLICIT),
    (ANYONE, HERE, to("*", Condition=VPC), True, YES),
    (SNS, HERE, document(*to({"Service": "sns.amazonaws.com"})["Statement"], *PUBLIC["Statement"]), True, YES),
]


@pytest.mark.parametrize(("who", "account", "policy", "blocked", "decision"), BLOCKED)
def test_a_bucket_that_blocks_public_access_keeps_strangers_out(who, account, policy, blocked, decision):
    settings = {"s3_block_public_access": blocked}
    policies = {"identity": [ALL], "resource": policy}

    found = ask(
        who, "s3:GetObject", OBJECT, policies, account=account, settings=settings, context={"aws:SourceVpc": "vpc-1"}
    )

    assert found["decision"] == decision


# conditions of the only Allow, context, decision
CONDITIONS = [
    ({"StringEquals": {"aws:SourceVpc": "vpc-1"}}, {"aws:SourceVpc": "vpc-1"}, YES),
    ({"StringEquals": {"aws:sourcevpc": "vpc-1"}}, {"AWS:SourceVpc": "vpc-1"}, YES),
    ({"StringEquals": {"aws:SourceVpc": "vpc-1"}}, {}, IMPLICIT),
    ({"StringEquals": {"aws:SourceVpc": "vpc-1", "aws:SourceVpce": "x"}}, {"aws:SourceVpc": "vpc-1"}, IMPLICIT),
    ({"StringEquals": {"a:b": "1"}, "StringLike": {"a:c": "x*"}}, {"a:b": "1", "a:c": "xy"}, YES),
    ({"StringEquals": {"a:b": "1"}, "StringLike": {"a:c": "x*"}}, {"a:b": "1", "a:c": "y"}, IMPLICIT),
    ({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, {}, IMPLICIT),
    ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, {}, YES),
    ({"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}, {"aws:MultiFactorAuthPresent": "false"}, IMPLICIT),
    ({"Null": {"aws:TokenIssueTime": "true"}}, {}, YES),
    ({"Null": {"aws:TokenIssueTime": "true"}}, {"aws:TokenIssueTime": "2026-01-01T00:00:00Z"}, IMPLICIT),
    ({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}, {"aws:SourceIp": "203.0.113.9"}, YES),
    ({"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}}, {}, YES),
    ({"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}, "Null": {"aws:TagKeys": "false"}}, {}, IMPLICIT),
    (
        {"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}, "Null": {"aws:TagKeys": "false"}},
        {"aws:TagKeys": ["a"]},
        YES,
    ),
    (
        {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}},
        {"aws:ResourceTag/team": "x", "aws:PrincipalTag/team": "x"},
        YES,
    ),
    ({"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}, {"aws:ResourceTag/team": "x"}, IMPLICIT),
    ({}, {}, YES),
]


@pytest.mark.parametrize(("condition", "context", "decision"), CONDITIONS)
def test_an_allow_counts_when_all_of_its_conditions_hold(condition, context, decision):
    policies = {"identity": [allow("sqs:*", Condition=condition)]}

    assert ask(USER, "sqs:SendMessage", QUEUE, policies, context=context)["decision"] == decision


@pytest.mark.parametrize(("condition", "context", "decision"), CONDITIONS)
def test_a_deny_counts_when_all_of_its_conditions_hold(condition, context, decision):
    policies = {"identity": [ALL, deny("sqs:*", Condition=condition)]}

    found = ask(USER, "sqs:SendMessage", QUEUE, policies, context=context)["decision"]

    assert found == (EXPLICIT if decision == YES else YES)


def test_policies_of_2008_have_no_variables():
    statement_ = statement("Allow", "s3:*", "arn:aws:s3:::box/${aws:username}")
    context = {"aws:username": "bob"}
    old, new = {"Version": "2008-10-17", "Statement": statement_}, document(statement_)

    for policy, name, decision in [
        (old, "bob", IMPLICIT),
        (old, "${aws:username}", YES),
        (new, "bob", YES),
        ({"Statement": statement_}, "bob", IMPLICIT),
    ]:
        found = ask(USER, "s3:GetObject", f"arn:aws:s3:::box/{name}", {"identity": [policy]}, context=context)

        assert found["decision"] == decision


def test_the_statements_that_decide_are_named():
    policies = {
        "identity": [ALL],
        "scps": [[ALL], [ALL, document(statement("Allow"), statement("Deny", "sqs:*", Sid="NoQueues"))]],
    }

    found = ask(USER, "sqs:SendMessage", QUEUE, policies)

    assert found["because"] == [
        {"layer": "scp", "policy": 1, "statement": 1, "level": 1, "sid": "NoQueues", "effect": "Deny"}
    ]
