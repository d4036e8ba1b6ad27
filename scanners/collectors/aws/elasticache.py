"""ElastiCache: replication groups, how one connects to them and with what.

Limits: caches of Memcached, single nodes and serverless caches are not read.
"""

from __future__ import annotations

from typing import Any

from scanners.collectors.cloud import Call, Collector
from scanners.model import Identity, Place

LIST = Call(
    "elasticache",
    "DescribeReplicationGroups",
    items="ReplicationGroups",
    params={"MaxRecords": 100},
    drop=frozenset({"MemberClusters", "NodeGroups", "PendingModifiedValues", "SnapshottingClusterId", "Status"}),
)


def group(place: Place, item: Any) -> Identity:
    return Identity(item["ARN"], item["ReplicationGroupId"])


COLLECTORS = (Collector(kind="AWS::ElastiCache::ReplicationGroup", listing=LIST, identify=group),)
