"""RDS, Aurora, DocumentDB and Neptune: instances, clusters, and the snapshots that outlive them.

Of parameter groups is read the one parameter that decides whether a connection must be encrypted.

Automated snapshots are left out: they are as their instance is, come and go every day, and cannot be shared.
Who may restore a snapshot is asked of those made by hand; AWS Backup's own cannot be shared that way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scanners.collectors.cloud import Call, Collector, Detail
from scanners.collectors.door import Door
from scanners.model import Identity, Place, Resource

MOVING = (
    "AllocatedStorage", "BacktrackConsumedChangeRecords", "Capacity", "DBInstanceStatus", "EarliestBacktrackTime",
    "EarliestRestorableTime", "LatestRestorableTime", "PendingModifiedValues", "PercentProgress", "Status",
    "StatusInfos", "StorageOperationPercentProgress", "StorageOperationStatus", "StorageVolumeStatus",
)  # fmt: skip


def listing(operation: str, items: str) -> Call:
    return Call("rds", operation, items=items, params={"MaxRecords": 100}, drop=frozenset(MOVING))


def named(field: str, noun: str) -> Callable[[Place, Any], Identity]:
    def identify(place: Place, item: Any) -> Identity:
        return Identity(item[f"{noun}Arn"], item[field])

    return identify


def kept_by_someone(place: Place, item: Any) -> bool:
    return bool(item.get("SnapshotType") != "automated")


def if_by_hand(section: str, field: str) -> Callable[[Resource], dict[str, str] | None]:
    def bind(snapshot: Resource) -> dict[str, str] | None:
        listed = snapshot[section]
        return {field: listed.need(field).text()} if listed.need("SnapshotType").value == "manual" else None

    return bind


def forced_by(family: str) -> str | None:
    """The parameter by which engines of a family refuse connections without TLS."""
    if family.startswith(("postgres", "aurora-postgresql", "sqlserver")):
        return "rds.force_ssl"
    return "require_secure_transport" if family.startswith(("mysql", "mariadb", "aurora-mysql")) else None


def parameters(kind: str) -> Collector:
    """Groups of parameters of instances ("DB") or clusters ("DBCluster")."""
    listed, name = f"Describe{kind}ParameterGroups", f"{kind}ParameterGroupName"

    def bind(group: Resource) -> dict[str, Any] | None:
        wanted = forced_by(group[listed].need("DBParameterGroupFamily").text())
        asked = {"Filters": [{"Name": "parameter-name", "Values": [wanted]}]}
        return {name: group[listed].need(name).text(), **asked} if wanted else None

    def shape(found: Any, door: Door) -> dict[str, str | None]:
        known = ("rds.force_ssl", "require_secure_transport")
        return {one["ParameterName"]: one.get("ParameterValue") for one in found if one["ParameterName"] in known}

    gone = frozenset({"DBParameterGroupNotFound"})
    ask = Call("rds", f"Describe{kind}Parameters", items="Parameters", params={"MaxRecords": 100}, absent=gone)
    return Collector(
        kind=f"AWS::RDS::{kind}ParameterGroup",
        listing=Call("rds", listed, items=f"{kind}ParameterGroups", params={"MaxRecords": 100}),
        identify=named(name, f"{kind}ParameterGroup"),
        details=(Detail(ask, bind=bind, shape=shape),),
    )


COLLECTORS = (
    Collector(
        kind="AWS::RDS::DBInstance",
        listing=listing("DescribeDBInstances", "DBInstances"),
        identify=named("DBInstanceIdentifier", "DBInstance"),
    ),
    Collector(
        kind="AWS::RDS::DBCluster",
        listing=listing("DescribeDBClusters", "DBClusters"),
        identify=named("DBClusterIdentifier", "DBCluster"),
    ),
    Collector(
        kind="AWS::RDS::DBSnapshot",
        listing=listing("DescribeDBSnapshots", "DBSnapshots"),
        identify=named("DBSnapshotIdentifier", "DBSnapshot"),
        choose=kept_by_someone,
        details=(
            Detail(
                Call("rds", "DescribeDBSnapshotAttributes", take="DBSnapshotAttributesResult.DBSnapshotAttributes"),
                bind=if_by_hand("DescribeDBSnapshots", "DBSnapshotIdentifier"),
            ),
        ),
    ),
    Collector(
        kind="AWS::RDS::DBClusterSnapshot",
        listing=listing("DescribeDBClusterSnapshots", "DBClusterSnapshots"),
        identify=named("DBClusterSnapshotIdentifier", "DBClusterSnapshot"),
        choose=kept_by_someone,
        details=(
            Detail(
                Call(
                    "rds",
                    "DescribeDBClusterSnapshotAttributes",
                    take="DBClusterSnapshotAttributesResult.DBClusterSnapshotAttributes",
                ),
                bind=if_by_hand("DescribeDBClusterSnapshots", "DBClusterSnapshotIdentifier"),
            ),
        ),
    ),
    parameters("DB"),
    parameters("DBCluster"),
)
