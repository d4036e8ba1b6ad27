"""EC2: fewer regions, the security groups of an instance, pages."""

from __future__ import annotations

from typing import Any

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
}

ANSWERS: dict[tuple[str, str], Answer] = {
    ("ec2", "DescribeRegions"): regions,
    ("ec2", "DescribeInstances"): instances,
    **{("ec2", operation): Paged(items, **PAGES) for operation, items in LISTS.items()},
}
