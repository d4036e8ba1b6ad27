"""Administrators and those who can become one: CASES are run by tests/house/test_checks.py."""

from tests.core.cases import ACCOUNT, Case, Cases, resource
from tests.core.holders import ADMINISTRATOR, OWN, allow, deny, group, policy, role, trusting, user

STRANGER = "999988887777"
PASS = allow("iam:PassRole")
LAMBDA = ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]
LEADER = role(allow(), name="leader", trust=trusting("lambda.amazonaws.com"))
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
LINKED = "aws-service-role/elasticache.amazonaws.com/"
BOTH = (group(allow("s3:ListAllMyBuckets")), policy(allow("s3:GetObject")))


def account(*around, **more):
    return Case(resource("AWS::Account", f"arn:aws:iam::{ACCOUNT}:root"), around, **more)


def many(kind, *statements, count=6, **held):
    return tuple(kind(*statements, name=f"one{n}", **held) for n in range(count))


FEW = account(*many(role, allow(), count=3), user(groups=("people",)), *BOTH)
PEOPLE = role(allow(), trust=trusting(AWS=f"arn:aws:iam::{ACCOUNT}:root"), attached=(OWN,))

CASES = {
    "aws.iam.role_admin_principals": Cases(
        fails=(
            account(*many(role, allow())),
            account(*many(role, allow(), count=3), *many(user, attached=(ADMINISTRATOR,), count=3)),
            account(*many(role, allow(), count=3), *many(user, allow("iam:PutUserPolicy"), count=3)),
            account(*many(user, groups=("people",)), group(allow())),
            Case(LEADER),
            Case(role(allow(), trust=trusting("ec2.amazonaws.com"))),
            Case(role(allow(), trust=trusting(AWS=f"arn:aws:iam::{STRANGER}:root"))),
            Case(role(allow(), trust=trusting(AWS="*"))),
        ),
        passes=(
            FEW,
            account(*many(role, allow(), boundary=OWN), policy(allow("s3:*")), user(groups=("people",)), BOTH[0]),
            account(*many(role, allow("s3:*")), *BOTH),
            account(*many(role, allow(), path=LINKED), user()),
            Case(PEOPLE, (policy(allow("s3:GetObject")), *BOTH[:1])),
            Case(role(allow(), trust=trusting(AWS=f"arn:aws:iam::{STRANGER}:root")), trusted=frozenset({STRANGER})),
            Case(role(allow(), trust=trusting("cloudformation.amazonaws.com"))),
        ),
        neutral=(Case(role(allow("s3:*"))),),
        unknown=(account(role(attached=("arn:aws:iam::aws:policy/NobodyKnowsThis",))),),
    ),
    "aws.iam.privilege_escalation": Cases(
        fails=(
            Case(user(allow(LAMBDA)), (LEADER,)),
            Case(role(allow("iam:PutRolePolicy"))),
            Case(user(groups=("people",)), (group(allow("iam:AttachUserPolicy")),)),
            Case(user(attached=(OWN,)), (policy(allow("iam:CreatePolicyVersion")),)),
            Case(user(allow("sts:AssumeRole")), (role(allow("iam:*"), name="next", trust=trusting(AWS=ACCOUNT)),)),
        ),
        passes=(
            Case(user(allow("s3:*"), groups=("people",), attached=(OWN,)), BOTH),
            Case(role(allow("s3:*"), attached=(OWN,)), BOTH),
            Case(user(allow(LAMBDA), deny("iam:PassRole")), (LEADER,)),
            Case(user(allow("iam:*"), boundary=OWN), (policy(allow("s3:*")),)),
            Case(user(allow(LAMBDA, Condition={})), (role(allow("s3:*"), trust=trusting("lambda.amazonaws.com")),)),
            Case(
                user(
                    allow(LAMBDA[1:]), allow("iam:PassRole", StringEquals={"iam:PassedToService": "ec2.amazonaws.com"})
                ),
                (LEADER,),
            ),
        ),
        neutral=(Case(user(attached=(ADMINISTRATOR,))), Case(role(allow("iam:*"), path=LINKED))),
    ),
    "aws.iam.boundary_missing": Cases(
        fails=(
            Case(role(allow("iam:CreateRole"))),
            Case(role(allow("iam:*", f"arn:aws:iam::{ACCOUNT}:role/app-*"))),
        ),
        passes=(
            Case(role(allow("s3:*"), attached=(OWN,)), (policy(allow("s3:GetObject")),)),
            Case(role(allow("iam:CreateRole"), boundary=OWN), (policy(allow("iam:*")),)),
            Case(role(allow("iam:CreateRole"), boundary=OWN), (policy(allow("s3:*")),)),
            Case(role(allow("iam:CreateRole"), deny("iam:*"))),
            Case(role(allow("iam:CreateRole", ArnEquals={"iam:PermissionsBoundary": "arn:b"}))),
        ),
        neutral=(Case(role(allow())), Case(role(allow("iam:CreateRole"), path=LINKED))),
    ),
    "aws.iam.passrole_any": Cases(
        fails=(
            Case(user(PASS)),
            Case(role(allow("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/*"))),
            Case(user(attached=(OWN,)), (policy(allow("iam:Pass*")),)),
            Case(user(groups=("people",)), (group(PASS),)),
            Case(role(PASS, deny("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/leader"))),
        ),
        passes=(
            Case(user(allow("s3:*"), attached=(OWN,)), (policy(allow("s3:GetObject")),)),
            Case(role(allow("s3:*"), attached=(OWN,)), (policy(allow("s3:GetObject")),)),
            Case(role(allow("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/app-*"))),
            Case(role(allow("iam:PassRole", StringEquals={"iam:PassedToService": "lambda.amazonaws.com"}))),
            Case(role(PASS, boundary=OWN), (policy(allow("s3:*")),)),
            Case(role(PASS, deny("iam:PassRole"))),
            Case(user(allow(**MFA))),
        ),
        neutral=(Case(role(allow())), Case(role(PASS, path=LINKED))),
    ),
}


def test_more_administrators_than_seen_may_be_more_than_enough():
    case = account(*many(role, allow()), unread=frozenset({"AWS::IAM::User"}))

    assert "6 users and roles" in case.verdict("aws.iam.role_admin_principals").sentence
