"""Databases: CASES are run by tests/house/test_checks.py; tests of their own say what cases cannot."""

from tests.core.cases import Case, Cases, resource


def instance(**said):
    return Case(resource("AWS::RDS::DBInstance", DescribeDBInstances=said))


def cluster(**said):
    return Case(resource("AWS::RDS::DBCluster", DescribeDBClusters=said))


def snapshot(*restore, kind="manual", encrypted=True):
    attributes = [
        {"AttributeName": "something-new", "AttributeValues": ["all"]},
        {"AttributeName": "restore", "AttributeValues": list(restore)},
    ]
    listed = {"SnapshotType": kind, "Encrypted": encrypted}
    asked = {"DescribeDBSnapshotAttributes": attributes} if kind == "manual" else {}
    return Case(resource("AWS::RDS::DBSnapshot", DescribeDBSnapshots=listed, **asked))


def cluster_snapshot(*restore, encrypted=True):
    return Case(
        resource(
            "AWS::RDS::DBClusterSnapshot",
            DescribeDBClusterSnapshots={"SnapshotType": "manual", "StorageEncrypted": encrypted},
            DescribeDBClusterSnapshotAttributes=[{"AttributeName": "restore", "AttributeValues": list(restore)}],
        )
    )


CASES = {
    "aws.rds.unencrypted": Cases(
        fails=(
            instance(StorageEncrypted=False),
            cluster(StorageEncrypted=False),
            snapshot(encrypted=False),
            cluster_snapshot(encrypted=False),
        ),
        passes=(instance(StorageEncrypted=True), cluster(StorageEncrypted=True), snapshot(), cluster_snapshot()),
        neutral=(instance(StorageEncrypted=False, DBClusterIdentifier="orders"),),
        unknown=(instance(), cluster()),
    ),
    "aws.rds.snapshot_public": Cases(
        fails=(snapshot("all"), snapshot("111122223333", "all"), cluster_snapshot("all")),
        passes=(snapshot(), snapshot("444455556666"), cluster_snapshot(), cluster_snapshot("444455556666")),
        neutral=(snapshot(kind="awsbackup"),),
    ),
}
