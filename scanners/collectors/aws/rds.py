"""RDS, Aurora, DocumentDB and Neptune: instances, clusters, and the snapshots that outlive them.

Automated snapshots are left out: they are as their instance is, come and go every day, and cannot be shared.
Who may restore a snapshot is asked of those made by hand; AWS Backup's own cannot be shared that way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scanners.collectors.cloud import Call, Collector, Detail
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
)
