"""EventBridge: buses, and who may put events on them."""

from __future__ import annotations

from typing import Any

from scanners.collectors.cloud import Call, Collector
from scanners.collectors.parse import with_policy
from scanners.model import Identity, Place

LIST = Call(
    "events",
    "ListEventBuses",
    items="EventBuses",
    params={"Limit": 100},
    drop=frozenset({"LastModifiedTime"}),
)


def bus(place: Place, item: Any) -> Identity:
    return Identity(item["Arn"], item["Name"])


COLLECTORS = (Collector(kind="AWS::Events::EventBus", listing=LIST, identify=bus, shape=with_policy("Policy")),)
