"""Parameters of Systems Manager: their names and kinds.  No value is ever asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanners.collectors.cloud import Call, Collector
from scanners.collectors.door import Door
from scanners.model import Identity, Place

LIST = Call("ssm", "DescribeParameters", items="Parameters", params={"MaxResults": 50})
KEPT = ("DataType", "KeyId", "Name", "Tier", "Type")


def parameter(place: Place, item: Mapping[str, Any]) -> Identity:
    """A name that is a path begins with a slash, which stands in the ARN once."""
    name = item["Name"]
    path = name if name.startswith("/") else f"/{name}"
    return Identity(f"arn:{place.partition}:ssm:{place.region}:{place.account}:parameter{path}", name)


def kept(item: Mapping[str, Any], door: Door) -> dict[str, Any]:
    return {field: item[field] for field in KEPT if field in item}


COLLECTORS = (Collector(kind="AWS::SSM::Parameter", listing=LIST, identify=parameter, shape=kept),)
