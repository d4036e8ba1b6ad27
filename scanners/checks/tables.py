"""Tables: whom they let in from outside, with whose key they are encrypted, and whether they can be restored."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.open_policies import anyone_let_in, others_let_in
from scanners.checks.registry import Fix, check
from scanners.model import Resource, Severity, Verdict, failed, passed
from scanners.model.estate import Estate

TABLE = "AWS::DynamoDB::Table"


@check(
    "aws.dynamodb.resource_policy",
    on=TABLE,
    severity=Severity.HIGH,
    title="Table shared outside the account",
    reads=("GetResourcePolicy",),
    fix=Fix(
        console="DynamoDB > Tables > the table > Permissions: remove the statement, or name only accounts you trust.",
        cli="aws dynamodb delete-resource-policy --resource-arn ARN",
        terraform='Remove the statement from the policy of resource "aws_dynamodb_resource_policy" "this"',
    ),
)
def resource_policy(table: Resource, estate: Estate) -> Iterator[Verdict]:
    """What others may read of the table leaves the account with no key of yours and none of your logs in between."""
    policy = table["GetResourcePolicy"]["Policy"]
    yield from anyone_let_in("table", policy, Severity.CRITICAL)
    yield from others_let_in("table", policy, estate)
    yield passed("No policy of the table lets in anyone from outside the account", policy)


@check(
    "aws.dynamodb.cmk",
    on=TABLE,
    severity=Severity.LOW,
    title="Table without a customer key",
    reads=("DescribeTable",),
    fix=Fix(
        console="DynamoDB > Tables > the table > Additional settings > Encryption > Manage: choose a key of your own.",
        cli="aws dynamodb update-table --table-name NAME "
        "--sse-specification Enabled=true,SSEType=KMS,KMSMasterKeyId=KEY",
        terraform='resource "aws_dynamodb_table" "this" { server_side_encryption { enabled = true } }  # + kms_key_arn',
    ),
)
def customer_key(table: Resource, estate: Estate) -> Iterator[Verdict]:
    """A key that DynamoDB owns cannot be withdrawn, and its use by whoever reads the table is recorded nowhere."""
    described = table["DescribeTable"]
    described.need("TableArn")
    kind, status = described["SSEDescription"]["SSEType"], described["SSEDescription"]["Status"]
    if kind.value == "KMS" and status.value not in ("DISABLED", "DISABLING"):
        yield passed("The table is encrypted with a KMS key", kind)
    else:
        yield failed("The table is encrypted with a key that DynamoDB owns", kind, status)


@check(
    "aws.dynamodb.pitr",
    on=TABLE,
    severity=Severity.LOW,
    title="No point-in-time recovery",
    reads=("DescribeContinuousBackups",),
    fix=Fix(
        console="DynamoDB > Tables > the table > Backups > Point-in-time recovery > Edit: turn it on.",
        cli="aws dynamodb update-continuous-backups --table-name NAME "
        "--point-in-time-recovery-specification PointInTimeRecoveryEnabled=true",
        terraform='resource "aws_dynamodb_table" "this" { point_in_time_recovery { enabled = true } }',
    ),
)
def point_in_time_recovery(table: Resource, estate: Estate) -> Iterator[Verdict]:
    """After a faulty deployment or a malicious delete the table can be taken back to the second before it."""
    status = table["DescribeContinuousBackups"].need("PointInTimeRecoveryStatus")
    if status.value == "ENABLED":
        yield passed("The table can be restored to any second of the days kept", status)
    else:
        yield failed("The table cannot be restored to a point in time", status)
