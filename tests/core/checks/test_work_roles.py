"""What workflows, tasks, builds and guests may do: CASES are run by tests/house/test_checks.py."""

from scanners.model import Severity
from tests.core.cases import ACCOUNT, REGION, Case, Cases, resource
from tests.core.holders import ADMINISTRATOR, OWN, allow, group, policy, role, trusting, user

QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:orders"
WORKER = f"arn:aws:iam::{ACCOUNT}:role/worker"
LEADER = role(allow(), name="leader", trust=trusting("lambda.amazonaws.com"))
LAMBDA = allow(["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"])
PLAIN = role(allow("sqs:SendMessage", QUEUE), attached=(OWN,))
POLICY = policy(allow("s3:GetObject", "arn:aws:s3:::orders/*"))
EVERYBODY = (POLICY, user(groups=("people",)), group(allow("s3:ListAllMyBuckets")))


def workflow(*around, role=WORKER):
    said = {"roleArn": role, "type": "STANDARD"}
    return Case(resource("AWS::StepFunctions::StateMachine", DescribeStateMachine=said), around)


def task(*around, role=WORKER, starts="arn:aws:iam::111122223333:role/starter"):
    said = {"family": "orders", "executionRoleArn": starts} | ({"taskRoleArn": role} if role else {})
    return Case(resource("AWS::ECS::TaskDefinition", DescribeTaskDefinition=said), around)


def build(*around, role=WORKER):
    return Case(resource("AWS::CodeBuild::Project", BatchGetProjects={"serviceRole": role}), around)


def pool(*around, guests=True, role=WORKER):
    said = {"IdentityPoolId": f"{REGION}:1", "AllowUnauthenticatedIdentities": guests}
    roles = {"Roles": {"unauthenticated": role} if role else {}}
    found = resource("AWS::Cognito::IdentityPool", DescribeIdentityPool=said, GetIdentityPoolRoles=roles)
    return Case(found, around)


GONE = f"arn:aws:iam::{ACCOUNT}:role/gone"

CASES = {
    "aws.sfn.role_wide": Cases(
        fails=(
            workflow(role(allow())),
            workflow(role(allow("sqs:*"))),
            workflow(role(allow("dynamodb:PutItem"))),
            workflow(role(allow("lambda:InvokeFunction"))),
            workflow(role(attached=(ADMINISTRATOR,))),
        ),
        passes=(
            workflow(PLAIN, POLICY),
            workflow(role(allow("sqs:*", QUEUE))),
            workflow(role(allow(["xray:PutTraceSegments", "logs:CreateLogDelivery"]))),
            workflow(role(allow("sqs:*"), boundary=OWN), POLICY),
        ),
        neutral=(workflow(PLAIN, role=GONE),),
    ),
    "aws.ecs.task_role_admin": Cases(
        fails=(
            task(role(allow())),
            task(role(LAMBDA), LEADER),
            task(PLAIN, POLICY, starts=WORKER),
        ),
        passes=(task(PLAIN, *EVERYBODY), task(role(allow(), boundary=OWN), POLICY)),
        neutral=(task(role=""), task(PLAIN, role=GONE)),
    ),
    "aws.codebuild.role_admin": Cases(
        fails=(build(role(attached=(ADMINISTRATOR,))), build(role(LAMBDA), LEADER)),
        passes=(build(PLAIN, *EVERYBODY), build(role(allow(), boundary=OWN), POLICY)),
        neutral=(build(PLAIN, role=GONE),),
    ),
    "aws.cognito.guest_access": Cases(
        fails=(
            pool(role(allow("s3:GetObject", "arn:aws:s3:::avatars/*"))),
            pool(role(allow("mobileanalytics:PutEvents"))),
            pool(role(attached=(OWN,)), POLICY),
        ),
        passes=(
            pool(PLAIN, guests=False),
            pool(role(), policy(allow())),
            pool(role(allow("s3:*"), boundary=OWN), policy(allow("sqs:*"))),
            pool(
                role="",
            ),
        ),
    ),
}


def test_guests_weigh_as_much_as_they_may_do():
    check = "aws.cognito.guest_access"

    assert pool(role(allow("dynamodb:GetItem"))).verdict(check).severity is Severity.CRITICAL
    assert pool(role(allow("s3:GetObject", "arn:aws:s3:::avatars/*"))).verdict(check).severity is None
    assert pool(role(allow(["mobileanalytics:PutEvents", "cognito-sync:*"]))).verdict(check).severity is Severity.LOW


def test_a_role_that_is_the_starters_own_is_less_grave_than_full_rights():
    check = "aws.ecs.task_role_admin"

    assert task(PLAIN, POLICY, starts=WORKER).verdict(check).severity is Severity.MEDIUM
    assert task(role(allow()), starts=WORKER).verdict(check).severity is None
