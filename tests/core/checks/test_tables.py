"""Tables: CASES are run by tests/house/test_checks.py; tests of their own say what cases cannot."""

from dataclasses import replace

from scanners.model import Severity
from tests.core.cases import ACCOUNT, Case, Cases, resource

OTHER = "444455556666"
ARN = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/orders"


def table(*, policy=None, restorable="ENABLED", **described):
    return Case(
        resource(
            "AWS::DynamoDB::Table",
            ARN,
            ListTables={"TableName": "orders"},
            DescribeTable={"TableArn": ARN, "TableStatus": "ACTIVE", **described},
            DescribeContinuousBackups={"PointInTimeRecoveryStatus": restorable} if restorable else None,
            GetResourcePolicy={"Policy": policy} if policy else None,
        )
    )


def allow(principal, effect="Allow", **more):
    said = {"Effect": effect, "Principal": principal, "Action": "dynamodb:GetItem", "Resource": ARN, **more}
    return {"Statement": said}


CASES = {
    "aws.dynamodb.resource_policy": Cases(
        fails=(
            table(policy=allow("*")),
            table(policy=allow({"AWS": OTHER})),
            table(policy=allow({"AWS": [ACCOUNT, f"arn:aws:iam::{OTHER}:role/reader"]})),
            table(policy=allow("*", Condition={"StringLike": {"aws:PrincipalArn": "*"}})),
        ),
        passes=(
            table(),
            table(policy=allow({"AWS": f"arn:aws:iam::{ACCOUNT}:role/reader"})),
            table(policy=allow({"AWS": OTHER}, effect="Deny")),
            table(policy=allow("*", Condition={"StringEquals": {"aws:PrincipalAccount": ACCOUNT}})),
            replace(table(policy=allow({"AWS": OTHER})), trusted=frozenset({OTHER})),
        ),
    ),
    "aws.dynamodb.cmk": Cases(
        fails=(
            table(),
            table(SSEDescription={"Status": "DISABLED"}),
            table(SSEDescription={"Status": "DISABLING", "SSEType": "KMS"}),
        ),
        passes=(table(SSEDescription={"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": "arn"}),),
    ),
    "aws.dynamodb.pitr": Cases(
        fails=(table(restorable="DISABLED"),), passes=(table(),), unknown=(table(restorable=None),)
    ),
}


def test_a_table_that_strangers_can_read_is_graver_than_one_shared_with_an_account():
    assert table(policy=allow("*")).verdict("aws.dynamodb.resource_policy").severity is Severity.CRITICAL
    assert table(policy=allow({"AWS": OTHER})).verdict("aws.dynamodb.resource_policy").severity is None
