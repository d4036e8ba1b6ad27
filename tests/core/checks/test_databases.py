"""Databases: CASES are run by tests/house/test_checks.py; tests of their own say what cases cannot."""

from dataclasses import replace

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


def group(forced=None, *, kind="DB", name="g", region="eu-west-1", told=True):
    """A group of parameters; `told`: whether the engine has the parameter at all."""
    listed = {f"{kind}ParameterGroupName": name, "DBParameterGroupFamily": "postgres14"}
    said = {
        f"Describe{kind}ParameterGroups": listed,
        f"Describe{kind}Parameters": {"rds.force_ssl": forced} if told else {},
    }
    return resource(f"AWS::RDS::{kind}ParameterGroup", f"arn:{kind}:{name}", region=region, **said)


def speaking(engine, *around, **said):
    groups = [{"DBParameterGroupName": "g", "ParameterApplyStatus": "in-sync"}]
    return replace(instance(Engine=engine, DBParameterGroups=groups, **said), around=around)


def together(engine, *around):
    return replace(cluster(Engine=engine, DBClusterParameterGroup="g"), around=around)


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
    "aws.rds.tls": Cases(
        fails=(
            speaking("postgres", group("0")),
            speaking("sqlserver-se", group()),
            speaking("mysql", group(told=False)),
            speaking("mariadb", group("OFF")),
            speaking("postgres", group("0"), group("1", name="another")),
            together("aurora-mysql", group("0", kind="DBCluster")),
        ),
        passes=(
            speaking("postgres", group("1")),
            speaking("mysql", group("ON")),
            together("aurora-postgresql", group("1", kind="DBCluster"), group("0")),
        ),
        neutral=(speaking("oracle-ee"), together("neptune"), instance(Engine="postgres", DBClusterIdentifier="c")),
        unknown=(speaking("postgres"), speaking("postgres", group("1", region="us-east-1")), instance()),
    ),
    "aws.rds.iam_auth": Cases(
        fails=(
            instance(Engine="postgres", IAMDatabaseAuthenticationEnabled=False),
            instance(Engine="mariadb"),
            cluster(Engine="aurora-mysql", IAMDatabaseAuthenticationEnabled=False),
        ),
        passes=(
            instance(Engine="mysql", IAMDatabaseAuthenticationEnabled=True),
            cluster(Engine="neptune", IAMDatabaseAuthenticationEnabled=True),
        ),
        neutral=(
            instance(Engine="sqlserver-ex"),
            cluster(Engine="docdb"),
            instance(Engine="aurora-mysql", DBClusterIdentifier="c"),
        ),
    ),
}
