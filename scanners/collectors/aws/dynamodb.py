"""DynamoDB tables: their encryption, whether they can be restored, and whom their own policy lets in.

Limits: policies of streams, and settings of replicas in other regions than the table's, are not read.
"""

from __future__ import annotations

from typing import Any

from scanners.collectors.cloud import Call, Collector, Detail
from scanners.collectors.parse import with_policy
from scanners.model import Identity, Place, Resource

LIST = Call("dynamodb", "ListTables", items="TableNames", params={"Limit": 100})
TABLE = Call(
    "dynamodb",
    "DescribeTable",
    take="Table",
    drop=frozenset(
        {  # sizes and rates move with every write; schemas and indexes are read by nobody
            "AttributeDefinitions",
            "GlobalSecondaryIndexes",
            "ItemCount",
            "KeySchema",
            "LocalSecondaryIndexes",
            "OnDemandThroughput",
            "ProvisionedThroughput",
            "Replicas",
            "TableSizeBytes",
            "VectorIndexes",
            "WarmThroughput",
        }
    ),
)
BACKUPS = Call(
    "dynamodb",
    "DescribeContinuousBackups",
    take="ContinuousBackupsDescription.PointInTimeRecoveryDescription",
    drop=frozenset({"EarliestRestorableDateTime", "LatestRestorableDateTime"}),
)
POLICY = Call(
    "dynamodb", "GetResourcePolicy", absent=frozenset({"PolicyNotFoundException"}), drop=frozenset({"RevisionId"})
)


def table(place: Place, name: str) -> Identity:
    return Identity(f"arn:{place.partition}:dynamodb:{place.region}:{place.account}:table/{name}", name)


def listed(name: str, door: Any) -> dict[str, str]:
    return {"TableName": name}


def by_name(table: Resource) -> dict[str, str]:
    return {"TableName": table.name}


def by_arn(table: Resource) -> dict[str, str]:
    return {"ResourceArn": table.ref}


COLLECTORS = (
    Collector(
        kind="AWS::DynamoDB::Table",
        listing=LIST,
        identify=table,
        shape=listed,
        details=(
            Detail(TABLE, bind=by_name),
            Detail(BACKUPS, bind=by_name),
            Detail(POLICY, bind=by_arn, shape=with_policy("Policy")),
        ),
    ),
)
