"""CloudFormation stacks: whether they are as their template says, and what their parameters and outputs give away.

Of values the name, the kind and the digest are kept; of drift what the last look said, not when that was.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanners.collectors.cloud import Call, Collector
from scanners.collectors.door import Door
from scanners.model import Identity, Place

LIST = Call("cloudformation", "DescribeStacks", items="Stacks")
KEPT = ("EnableTerminationProtection", "ParentId", "RoleARN", "StackId", "StackName")


def stack(place: Place, item: Mapping[str, Any]) -> Identity:
    return Identity(item["StackId"], item["StackName"])


def kept(item: Mapping[str, Any], door: Door) -> dict[str, Any]:
    drift = item.get("DriftInformation") or {}
    return {
        **{field: item[field] for field in KEPT if field in item},
        "DriftInformation": {"StackDriftStatus": drift["StackDriftStatus"]} if drift else None,
        "Parameters": [one for parameter in item.get("Parameters") or () for one in given(parameter, door)],
        "Outputs": [
            {"OutputKey": output["OutputKey"], **door.variable(output["OutputKey"], output.get("OutputValue", ""))}
            for output in item.get("Outputs") or ()
        ],
    }


def given(parameter: Mapping[str, Any], door: Door) -> Iterator[dict[str, Any]]:
    """What was given, and what a name in it stood for.  AWS shows asterisks where NoEcho hides a value."""
    key = parameter["ParameterKey"]
    for value in (parameter.get("ParameterValue", ""), parameter.get("ResolvedValue", "")):
        if value and not value.strip("*"):
            yield {"ParameterKey": key, "hidden": True}
        elif value:
            yield {"ParameterKey": key, **door.variable(key, value)}


COLLECTORS = (Collector(kind="AWS::CloudFormation::Stack", listing=LIST, identify=stack, shape=kept),)
