"""Databases and their snapshots: whether they rest and travel encrypted, how one signs in, and who may restore them."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.registry import Fix, check
from scanners.checks.ways_in import nearby
from scanners.model import Gap, Node, Resource, Severity, State, Unread, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

INSTANCE, CLUSTER = "AWS::RDS::DBInstance", "AWS::RDS::DBCluster"
SNAPSHOT, CLUSTER_SNAPSHOT = "AWS::RDS::DBSnapshot", "AWS::RDS::DBClusterSnapshot"

GROUP, CLUSTER_GROUP = "AWS::RDS::DBParameterGroup", "AWS::RDS::DBClusterParameterGroup"
PARAMETERS = {  # kind → where its groups of parameters are listed and read, and what names one
    INSTANCE: (GROUP, "DescribeDBParameterGroups", "DescribeDBParameters", "DBParameterGroupName"),
    CLUSTER: (
        CLUSTER_GROUP,
        "DescribeDBClusterParameterGroups",
        "DescribeDBClusterParameters",
        "DBClusterParameterGroupName",
    ),
}
FORCES = ("postgres", "aurora-postgresql", "sqlserver", "mysql", "mariadb", "aurora-mysql")
KNOWS_IAM = ("postgres", "aurora-postgresql", "mysql", "mariadb", "aurora-mysql", "neptune")
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


@check(
    "aws.rds.tls",
    on=tuple(PARAMETERS),
    severity=Severity.MEDIUM,
    title="Database accepts clear connections",
    reads=("DescribeDBInstances", "DescribeDBClusters"),
    joins=tuple((kind, section) for kind, *sections, _ in PARAMETERS.values() for section in sections),
    fix=Fix(
        console="RDS > Parameter groups > a group of your own > Edit: rds.force_ssl (PostgreSQL, SQL Server) or"
        " require_secure_transport (MySQL, MariaDB) to 1; give the database that group.",
        cli="aws rds modify-db-parameter-group --db-parameter-group-name NAME --parameters"
        " ParameterName=rds.force_ssl,ParameterValue=1,ApplyMethod=pending-reboot",
        terraform='resource "aws_db_parameter_group" "this" { parameter { name = "rds.force_ssl"  value = "1" } }',
    ),
)
def tls(store: Resource, estate: Estate) -> Iterator[Verdict]:
    """A client that forgets to ask for TLS sends its password and every row in clear, and nobody notices."""
    said = store["DescribeDBInstances" if store.kind == INSTANCE else "DescribeDBClusters"]
    engine = said.need("Engine")
    if store.kind == INSTANCE and (cluster := said["DBClusterIdentifier"]).present:
        yield not_applicable("It takes connections as its cluster says, which is judged by itself", cluster)
        return
    if not engine.text().startswith(FORCES):
        yield not_applicable(f"{engine.value} has no parameter that refuses clear connections", engine)
        return
    groups = said["DBParameterGroups"] if store.kind == INSTANCE else said["DBClusterParameterGroup"]
    names = [one.need("DBParameterGroupName") if store.kind == INSTANCE else one for one in groups]
    for name in names:
        forced = _forced(store, name, estate)
        if any(str(value.value).lower() in ("1", "on", "true") for _, value in forced.items()):
            yield passed("Connections without TLS are refused", forced, name)
        else:
            yield failed("Connections without TLS are accepted", forced, name)


def _forced(store: Resource, name: Node, estate: Estate) -> Node:
    """What the group of parameters says of TLS; raises Unread for a group that is not to be seen."""
    kind, listed, read, field = PARAMETERS[store.kind]
    for group in nearby(store, kind, estate):
        if group[listed].need(field).value == name.value:
            return group[read]
    raise Unread(Gap(f"rds.{listed}", f"rds:{listed}", State.SKIPPED, "GroupNotSeen", store.region))


@check(
    "aws.rds.iam_auth",
    on=(INSTANCE, CLUSTER),
    severity=Severity.LOW,
    title="Database without IAM sign-in",
    reads=("DescribeDBInstances", "DescribeDBClusters"),
    fix=Fix(
        console="RDS > the database > Modify > Database authentication: password and IAM.",
        cli="aws rds modify-db-instance --db-instance-identifier NAME --enable-iam-database-authentication"
        " --apply-immediately",
        terraform='resource "aws_db_instance" "this" { iam_database_authentication_enabled = true }',
    ),
)
def iam_auth(store: Resource, estate: Estate) -> Iterator[Verdict]:
    """Functions must keep a password that does not run out; with IAM, their role gets a token for fifteen minutes."""
    said = store["DescribeDBInstances" if store.kind == INSTANCE else "DescribeDBClusters"]
    engine, on = said.need("Engine"), said["IAMDatabaseAuthenticationEnabled"]
    if store.kind == INSTANCE and (cluster := said["DBClusterIdentifier"]).present:
        yield not_applicable("One signs in to its cluster, which is judged by itself", cluster)
    elif not engine.text().startswith(KNOWS_IAM):
        yield not_applicable(f"{engine.value} knows no sign-in with IAM", engine)
    elif on.value is True:
        yield passed("One can sign in with IAM", on)
    else:
        yield failed("One can sign in with passwords only", on)
