"""What functions may do by their roles: CASES are run by tests/house/test_checks.py."""

from scanners.model import Outcome, Severity
from tests.core.cases import ACCOUNT, REGION, Case, Cases
from tests.core.holders import (
    ADMINISTRATOR,
    BASIC,
    OWN,
    ROLE,
    allow,
    deny,
    function,
    group,
    policy,
    role,
    trusting,
    user,
)  # fmt: skip

TABLE, TABLES = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/*"
QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"
NEXT = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:next"
MASTER = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:orders"
MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
LEADER = role(allow(), name="leader", trust=trusting("lambda.amazonaws.com"))
PASS = allow(["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"])


def running(*statements, around=(), **held):
    """A function whose role holds these."""
    return Case(function(), (role(*statements, **held), *around))


def sharing(*others, **said):
    return Case(function(**said), others)


SCOPED = running(allow("dynamodb:GetItem", TABLE), attached=(BASIC,))
BY_POLICY = running(attached=(OWN,), around=(policy(allow("dynamodb:GetItem", TABLE)),))
GONE = Case(function(role="gone"), (role(),))
EVERYBODY = (user(groups=("people",)), group(allow("s3:ListAllMyBuckets")), policy(allow("s3:GetObject")))

CASES = {
    "aws.lambda.role_admin": Cases(
        fails=(
            running(allow()),
            running(attached=(ADMINISTRATOR,)),
            running(attached=(OWN,), around=(policy(allow("*:*")),)),
            running(allow(), deny("s3:DeleteBucket")),
            running(allow(), boundary=ADMINISTRATOR),
            running({"Effect": "Allow", "NotAction": "s3:DeleteBucket", "Resource": "*"}),
        ),
        passes=(
            SCOPED,
            BY_POLICY,
            running(allow(**MFA)),
            running(allow(), boundary=OWN, around=(policy(allow("dynamodb:*")),)),
            running(allow(), deny("iam:*")),
            running(allow("s3:*")),
            running(allow(on=TABLE)),
        ),
        neutral=(GONE,),
        unknown=(
            running(attached=("arn:aws:iam::aws:policy/NobodyKnowsThis",)),
            Case(function(role="elsewhere"), unread=frozenset({ROLE})),
            Case(function(), (role(attached=(OWN,)),), unread=frozenset({"AWS::IAM::ManagedPolicy"})),
        ),
    ),
    "aws.lambda.role_privilege_escalation": Cases(
        fails=(
            running(PASS, around=(LEADER,)),
            running(allow("iam:PutRolePolicy")),
            running(allow("sts:AssumeRole"), around=(role(allow(), name="leader", trust=trusting(AWS=ACCOUNT)),)),
            running(attached=(OWN,), around=(policy(allow("iam:CreatePolicyVersion")),)),
        ),
        passes=(
            Case(SCOPED.resource, (*SCOPED.around, *EVERYBODY)),
            Case(BY_POLICY.resource, (*BY_POLICY.around, *EVERYBODY[:2])),
            running(PASS, around=(role(allow(), name="leader", trust=trusting("ec2.amazonaws.com")),)),
            running(PASS, deny("iam:PassRole"), around=(LEADER,)),
            running(PASS, boundary=OWN, around=(LEADER, policy(allow("lambda:*")))),
            running(allow("iam:PutRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/other")),
        ),
        neutral=(GONE, running(allow())),
    ),
    "aws.lambda.role_wildcard_data": Cases(
        fails=(
            running(allow("dynamodb:*")),
            running(allow("dynamodb:GetItem", TABLES)),
            running(allow("dynamodb:GetItem", "arn:aws:dynamodb:*:*:table/*")),
            running(allow("s3:GetObject", "arn:aws:s3:::*")),
            running(allow("secretsmanager:GetSecretValue", [QUEUE, "*"])),
            running(allow("kms:Decrypt", "*", StringEquals={"aws:RequestedRegion": REGION})),
            running(allow("sqs:*"), deny("sqs:DeleteQueue")),
            running(attached=("arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess",)),
        ),
        passes=(
            SCOPED,
            BY_POLICY,
            running(allow("dynamodb:GetItem", f"arn:aws:dynamodb:*:{ACCOUNT}:table/orders")),
            running(allow("dynamodb:ListTables")),
            running(allow("s3:GetObject", "arn:aws:s3:::orders-*/*")),
            running(allow("kms:Decrypt", StringEquals={"kms:ViaService": "s3.eu-west-1.amazonaws.com"})),
            running(allow("secretsmanager:GetSecretValue", StringEquals={"aws:ResourceTag/app": "orders"})),
            running(allow("dynamodb:GetItem"), boundary=OWN, around=(policy(allow("dynamodb:GetItem", TABLE)),)),
            running(allow("dynamodb:GetItem"), deny("dynamodb:*")),
            running(allow("dynamodb:GetItem", StringEquals={"aws:RequestedRegion": "us-east-1"})),
        ),
        neutral=(GONE,),
    ),
    "aws.lambda.role_service_wildcard": Cases(
        fails=(
            running(allow("sqs:*")),
            running(allow(["sns:Publish", "sqs:*"], QUEUE)),
            running(allow()),
            running({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
            running(attached=("arn:aws:iam::aws:policy/AmazonS3FullAccess",)),
        ),
        passes=(
            SCOPED,
            BY_POLICY,
            running(allow("sqs:Get*")),
            running(allow("sqs:*"), boundary=OWN, around=(policy(allow("sqs:SendMessage")),)),
            running(allow("sqs:*"), deny("sqs:*")),
            running(allow("sqs:*", **MFA)),
        ),
        neutral=(GONE,),
    ),
    "aws.lambda.role_shared": Cases(
        fails=(sharing(function("other")), sharing(function("other", region="us-east-1"))),
        passes=(
            sharing(function("other", "another")),
            sharing(),
            sharing(function("us-east-1.orders", region="eu-central-1", MasterArn=MASTER)),
        ),
        neutral=(sharing(MasterArn=MASTER),),
        unknown=(Case(function(), unread=frozenset({"AWS::Lambda::Function"})),),
    ),
    "aws.lambda.role_invoke_any": Cases(
        fails=(
            running(allow("lambda:InvokeFunction")),
            running(allow("lambda:*")),
            running(allow("lambda:InvokeFunction", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:*")),
            running(attached=("arn:aws:iam::aws:policy/service-role/AWSLambdaRole",)),
        ),
        passes=(
            SCOPED,
            BY_POLICY,
            running(allow("lambda:InvokeFunction", NEXT)),
            running(allow("lambda:InvokeFunction", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders-*")),
            running(allow("lambda:InvokeFunction"), deny("lambda:Invoke*")),
            running(allow("lambda:GetFunction")),
        ),
        neutral=(GONE,),
    ),
}  # fmt: skip


def test_the_statement_that_gives_it_is_the_proof():
    verdict = running(allow("s3:ListAllMyBuckets"), allow()).verdict("aws.lambda.role_admin")

    pointers = {proof.pointer for proof in verdict.because}
    assert "/GetAccountAuthorizationDetails/RolePolicyList/0/PolicyDocument/Statement/1" in pointers


def test_of_a_policy_that_aws_manages_the_proof_is_where_it_is_attached():
    verdict = running(attached=(BASIC, ADMINISTRATOR)).verdict("aws.lambda.role_admin")

    pointers = {proof.pointer for proof in verdict.because}
    assert "/GetAccountAuthorizationDetails/AttachedManagedPolicies/1/PolicyArn" in pointers


def test_every_step_of_the_way_up_is_proven_and_told():
    verdict = running(PASS, around=(LEADER,)).verdict("aws.lambda.role_privilege_escalation")

    assert "in one step" in verdict.sentence
    assert "(leader)" in verdict.sentence
    assert {proof.ref.rpartition("/")[2] for proof in verdict.because} >= {"worker", "leader"}


def test_a_service_on_named_resources_alone_is_less_grave():
    assert running(allow("sqs:*", QUEUE)).verdict("aws.lambda.role_service_wildcard").severity is Severity.LOW
    assert running(allow("sqs:*")).verdict("aws.lambda.role_service_wildcard").severity is None


def test_unread_policies_of_the_organisation_are_told_and_hide_nothing():
    case = Case(function(), (role(allow()),), unread=frozenset({"AWS::Organizations::Organization"}))

    verdict = case.verdict("aws.lambda.role_admin")

    assert verdict.outcome is Outcome.FAIL
    assert verdict.sentence.endswith("those were not read")
