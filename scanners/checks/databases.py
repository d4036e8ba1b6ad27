"""Databases and their snapshots: whether they rest encrypted, and who may restore them."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.registry import Fix, check
from scanners.model import Resource, Severity, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

INSTANCE, CLUSTER = "AWS::RDS::DBInstance", "AWS::RDS::DBCluster"
SNAPSHOT, CLUSTER_SNAPSHOT = "AWS::RDS::DBSnapshot", "AWS::RDS::DBClusterSnapshot"

ENCRYPTED = {  # where each kind says so
    INSTANCE: ("DescribeDBInstances", "StorageEncrypted", "database"),
    CLUSTER: ("DescribeDBClusters", "StorageEncrypted", "cluster"),
    SNAPSHOT: ("DescribeDBSnapshots", "Encrypted", "snapshot"),
    CLUSTER_SNAPSHOT: ("DescribeDBClusterSnapshots", "StorageEncrypted", "snapshot"),
}
SHARED = {
    SNAPSHOT: ("DescribeDBSnapshots", "DescribeDBSnapshotAttributes"),
    CLUSTER_SNAPSHOT: ("DescribeDBClusterSnapshots", "DescribeDBClusterSnapshotAttributes"),
}


@check(
    "aws.rds.unencrypted",
    on=tuple(ENCRYPTED),
    severity=Severity.HIGH,
    title="Database storage not encrypted",
    reads=tuple(section for section, _, _ in ENCRYPTED.values()),
    fix=Fix(
        console="RDS > Snapshots: take a snapshot, copy it with encryption enabled, restore the copy, move over to it,"
        " and delete what is not encrypted.",
        cli="aws rds copy-db-snapshot --source-db-snapshot-identifier PLAIN --target-db-snapshot-identifier ENCRYPTED"
        " --kms-key-id KEY; aws rds restore-db-instance-from-db-snapshot --db-instance-identifier NEW"
        " --db-snapshot-identifier ENCRYPTED",
        terraform='resource "aws_db_instance" "this" { storage_encrypted = true }',
    ),
)
def unencrypted(store: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever gets hold of a disk, a backup or a copy of it reads every row without asking any key."""
    section, field, noun = ENCRYPTED[store.kind]
    said = store[section]
    if store.kind == INSTANCE and (cluster := said["DBClusterIdentifier"]).present:
        yield not_applicable("Its storage is that of its cluster, which is judged by itself", cluster)
        return
    encrypted = said.need(field)
    if encrypted.value is True:
        yield passed(f"The {noun} is encrypted", encrypted)
    else:
        yield failed(f"The {noun} is stored without encryption", encrypted)


@check(
    "aws.rds.snapshot_public",
    on=tuple(SHARED),
    severity=Severity.CRITICAL,
    title="Database snapshot shared with everyone",
    reads=tuple(section for sections in SHARED.values() for section in sections),
    fix=Fix(
        console="RDS > Snapshots > the snapshot > Actions > Share snapshot: Private; then treat its content as known.",
        cli="aws rds modify-db-snapshot-attribute --db-snapshot-identifier NAME --attribute-name restore"
        " --values-to-remove all",
        terraform='resource "aws_db_snapshot" "this" { shared_accounts = [] }',
    ),
)
def snapshot_public(snapshot: Resource, estate: Estate) -> Iterator[Verdict]:
    """Anyone with an AWS account can restore the whole database in theirs, and public snapshots are searched for."""
    listed, asked = SHARED[snapshot.kind]
    origin = snapshot[listed].need("SnapshotType")
    if origin.value != "manual":
        yield not_applicable("Only snapshots made by hand can be shared", origin)
        return
    attributes = snapshot[asked]
    for attribute in attributes:
        if attribute.need("AttributeName").value == "restore":
            for value in attribute["AttributeValues"]:
                if value.value == "all":
                    yield failed("Every AWS account may restore the snapshot", value, attribute)
    yield passed("Only named accounts may restore the snapshot, if any", attributes)
