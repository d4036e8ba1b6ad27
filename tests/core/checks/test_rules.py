"""Rules of EventBridge: CASES are run by tests/house/test_checks.py."""

from tests.core.cases import ACCOUNT, REGION, Case, Cases, resource
from tests.core.holders import ADMINISTRATOR, OWN, allow, policy, role

WORKER = f"arn:aws:iam::{ACCOUNT}:role/worker"
FLOW = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:checkout"
START = allow("states:StartExecution", FLOW)


def rule(*around, arn=FLOW, by=WORKER, targets=1):
    target = {"Id": "1", "Arn": arn, **({"RoleArn": by} if by else {})}
    return Case(resource("AWS::Events::Rule", ListTargetsByRule=[target] * targets), around)


CASES = {
    "aws.events.target_role_wide": Cases(
        fails=(
            rule(role(allow())),
            rule(role(attached=(ADMINISTRATOR,))),
            rule(role(allow(["states:StartExecution", "dynamodb:PutItem"]))),
            rule(role(allow("states:*", FLOW))),
            rule(role(START), arn=f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks"),
        ),
        passes=(
            rule(role(START, attached=(OWN,)), policy(allow("sqs:SendMessage"))),
            rule(role(START)),
            rule(role(allow(["sqs:SendMessage", "kms:Decrypt", "states:StartExecution"]))),
            rule(role(allow(), boundary=OWN), policy(START)),
        ),
        neutral=(
            rule(by=None),
            rule(targets=0),
            rule(by=f"arn:aws:iam::{ACCOUNT}:role/gone"),
            rule(role(START), by=f"arn:aws:iam::{ACCOUNT}:role/gone"),
        ),
    ),
}
