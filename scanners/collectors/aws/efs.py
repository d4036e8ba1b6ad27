"""EFS: file systems with their policies, and the access points by which functions mount them."""

from __future__ import annotations

from typing import Any

from scanners.collectors.cloud import Call, Collector, Detail
from scanners.collectors.parse import with_policy
from scanners.model import Identity, Place, Resource

PERMISSION = "elasticfilesystem:"
SYSTEMS = Call(
    "efs",
    "DescribeFileSystems",
    items="FileSystems",
    params={"MaxItems": 100},
    permission=PERMISSION + "DescribeFileSystems",
    drop=frozenset({"LifeCycleState", "NumberOfMountTargets", "SizeInBytes"}),
)
POLICY = Call(
    "efs",
    "DescribeFileSystemPolicy",
    permission=PERMISSION + "DescribeFileSystemPolicy",
    absent=frozenset({"PolicyNotFound", "FileSystemNotFound"}),
)
POINTS = Call(
    "efs",
    "DescribeAccessPoints",
    items="AccessPoints",
    params={"MaxResults": 1000},
    permission=PERMISSION + "DescribeAccessPoints",
    drop=frozenset({"LifeCycleState"}),
)


def system(place: Place, item: Any) -> Identity:
    arn = f"arn:{place.partition}:elasticfilesystem:{place.region}:{place.account}:file-system/{item['FileSystemId']}"
    return Identity(item.get("FileSystemArn") or arn, item.get("Name") or item["FileSystemId"])


def point(place: Place, item: Any) -> Identity:
    return Identity(item["AccessPointArn"], item.get("Name") or item["AccessPointId"])


def of_system(system: Resource) -> dict[str, str]:
    return {"FileSystemId": system["DescribeFileSystems"].need("FileSystemId").text()}


COLLECTORS = (
    Collector(
        kind="AWS::EFS::FileSystem",
        listing=SYSTEMS,
        identify=system,
        details=(Detail(POLICY, bind=of_system, shape=with_policy("Policy")),),
    ),
    Collector(kind="AWS::EFS::AccessPoint", listing=POINTS, identify=point),
)
