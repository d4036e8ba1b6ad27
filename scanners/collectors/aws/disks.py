"""Disks and images: volumes, own images, snapshots that everybody may restore, and what a region sets for all of them.

Of snapshots only those shared with everybody are listed, in one question for all: there may be a hundred thousand
others, and whether one is shared would have to be asked of each.
"""

from __future__ import annotations

from typing import Any

from scanners.collectors.aws.ec2 import described, named
from scanners.collectors.cloud import Call, Collector, Detail
from scanners.model import Identity, Place, Resource

ENCRYPTION = Call("ec2", "GetEbsEncryptionByDefault")
OF_A_REGION = (
    Call("ec2", "GetSnapshotBlockPublicAccessState"),
    Call("ec2", "GetImageBlockPublicAccessState"),
    Call("ec2", "GetInstanceMetadataDefaults"),
    Call("ec2", "GetSerialConsoleAccessStatus"),
)


def defaults(place: Place, answer: Any) -> Identity:
    return Identity(f"arn:{place.partition}:ec2:{place.region}:{place.account}:defaults", f"defaults of {place.region}")


def no_questions(defaults: Resource) -> dict[str, str]:
    return {}


COLLECTORS = (
    described("Volume", "DescribeVolumes", "Volumes", "VolumeId", "volume", page=500, drop=("FastRestored",)),
    Collector(
        kind="AWS::EC2::Snapshot",
        listing=Call(
            "ec2",
            "DescribeSnapshots",
            items="Snapshots",
            params={"OwnerIds": ["self"], "RestorableByUserIds": ["all"], "MaxResults": 1000},
            drop=frozenset({"Progress", "State", "StateMessage"}),
        ),
        identify=named("SnapshotId", "snapshot"),
    ),
    Collector(
        kind="AWS::EC2::Image",
        listing=Call(
            "ec2",
            "DescribeImages",
            items="Images",
            params={"Owners": ["self"], "IncludeDeprecated": True, "IncludeDisabled": True, "MaxResults": 1000},
            drop=frozenset({"LastLaunchedTime", "State", "StateReason"}),
        ),
        identify=named("ImageId", "image"),
    ),
    Collector(
        kind="AWS::EC2::RegionDefaults",
        listing=ENCRYPTION,
        identify=defaults,
        details=tuple(Detail(call, bind=no_questions) for call in OF_A_REGION),
    ),
)
