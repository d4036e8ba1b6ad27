"""Log groups: how long they keep what is written, and with which key."""

from __future__ import annotations

from typing import Any

from scanners.collectors.cloud import Call, Collector
from scanners.model import Identity, Place

LIST = Call(
    "logs",
    "DescribeLogGroups",
    items="logGroups",
    params={"limit": 50},
    drop=frozenset({"storedBytes", "metricFilterCount"}),
)


def group(place: Place, item: Any) -> Identity:
    return Identity(item["arn"].removesuffix(":*"), item["logGroupName"])


COLLECTORS = (Collector(kind="AWS::Logs::LogGroup", listing=LIST, identify=group),)
