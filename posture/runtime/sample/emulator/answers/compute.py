"""EC2: fewer regions, the security groups of an instance, pages."""

from __future__ import annotations

from typing import Any

from moto.ec2.models import ec2_backends

from posture.runtime.sample.emulator import CLOSED_REGIONS, REGIONS
from posture.runtime.sample.emulator.answers.kinds import Answer, MotoSays
from posture.runtime.sample.emulator.answers.paging import Paged
from posture.runtime.sample.emulator.wire import Call


def regions(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    """Fewer regions than AWS has, so that a scan of the sample account is short; one opted in, some not."""
    rows = [(name, "opted-in" if name == "eu-south-1" else "opt-in-not-required") for name in REGIONS]
    if call.params.get("AllRegions"):
        rows += [(name, "not-opted-in") for name in CLOSED_REGIONS]
    names = call.params.get("RegionNames") or [name for name, _ in rows]
    wanted: dict[str, list[str]] = {f["Name"]: f["Values"] for f in call.params.get("Filters") or []}
    states = wanted.get("opt-in-status") or ["opted-in", "opt-in-not-required", "not-opted-in"]
    names = [name for name in names if name in wanted.get("region-name", names)]
    return {
        "Regions": [
            {"RegionName": name, "Endpoint": f"ec2.{name}.amazonaws.com", "OptInStatus": state}
            for name, state in sorted(rows)
            if name in names and state in states
        ]
    }


def instances(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    """AWS names the groups of the first interface on the instance too."""
    answer = Paged("Reservations", **PAGES)(call, moto_says)
    for reservation in answer["Reservations"]:
        for instance in reservation["Instances"]:
            if not instance.get("SecurityGroups") and instance.get("NetworkInterfaces"):
                instance["SecurityGroups"] = instance["NetworkInterfaces"][0]["Groups"]
    return answer


PAGES: dict[str, Any] = {
    "limit": "MaxResults",
    "token": "NextToken",
    "next": "NextToken",
    "default": 1000,
    "refusal": "InvalidParameterValue",
}
LISTS = {
    "DescribeSecurityGroups": "SecurityGroups",
    "DescribeNetworkInterfaces": "NetworkInterfaces",
    "DescribeNetworkAcls": "NetworkAcls",
    "DescribeRouteTables": "RouteTables",
    "DescribeInternetGateways": "InternetGateways",
    "DescribeNatGateways": "NatGateways",
    "DescribeVpcEndpoints": "VpcEndpoints",
    "DescribeVpcs": "Vpcs",
    "DescribeSubnets": "Subnets",
    "DescribeFlowLogs": "FlowLogs",
    "DescribeVolumes": "Volumes",
}


def instead(answer: dict[str, Any]) -> Answer:
    return lambda _, __: dict(answer)


def snapshots(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    """moto does not ask who may restore them."""
    answer = moto_says("MaxResults", "NextToken")
    if call.params.get("RestorableByUserIds") == ["all"]:
        open_to = ec2_backends[call.account][call.region].get_create_volume_permission_groups
        answer["Snapshots"] = [row for row in answer["Snapshots"] if "all" in open_to(row["SnapshotId"])]
    return Paged("Snapshots", **PAGES).cut(answer, call.params.get("MaxResults"), call.params.get("NextToken"))


ANSWERS: dict[tuple[str, str], Answer] = {
    ("ec2", "DescribeRegions"): regions,
    ("ec2", "DescribeInstances"): instances,
    ("ec2", "DescribeImages"): Paged("Images", **PAGES),
    ("ec2", "GetSnapshotBlockPublicAccessState"): instead({"State": "unblocked", "ManagedBy": "account"}),
    ("ec2", "GetImageBlockPublicAccessState"): instead({"ImageBlockPublicAccessState": "block-new-sharing"}),
    ("ec2", "GetInstanceMetadataDefaults"): instead({"AccountLevel": {"ManagedBy": "account"}}),
    ("ec2", "GetSerialConsoleAccessStatus"): instead({"SerialConsoleAccessEnabled": False, "ManagedBy": "account"}),
    ("ec2", "DescribeSnapshots"): snapshots,
    **{("ec2", operation): Paged(items, **PAGES) for operation, items in LISTS.items()},
}
