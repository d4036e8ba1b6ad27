"""EventBridge: buses, who may put events on them, and the rules of the default bus, where AWS's own events arrive.

Of a target its ARN and its role are kept: what is handed to it may hold secrets.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from scanners.collectors.cloud import Call, Collector, Detail
from scanners.collectors.door import Door
from scanners.collectors.parse import with_policy
from scanners.model import Identity, Place, Resource

LIST = Call(
    "events",
    "ListEventBuses",
    items="EventBuses",
    params={"Limit": 100},
    drop=frozenset({"LastModifiedTime"}),
)
RULES = Call("events", "ListRules", items="Rules", params={"Limit": 100})
OF_RULE = ("Arn", "ManagedBy", "Name", "ScheduleExpression", "State")
OF_TARGET = ("Id", "Arn", "RoleArn")
TARGETS = Call("events", "ListTargetsByRule", items="Targets", params={"Limit": 100})


def bus(place: Place, item: Any) -> Identity:
    return Identity(item["Arn"], item["Name"])


def rule(place: Place, item: Mapping[str, Any]) -> Identity:
    return Identity(item["Arn"], item["Name"])


def pattern(item: Mapping[str, Any], door: Door) -> dict[str, Any]:
    """The pattern as a document: one that does not read as JSON is a gap."""
    kept = {
        field: item[field] for field in ("Arn", "ManagedBy", "Name", "ScheduleExpression", "State") if field in item
    }
    if text := item.get("EventPattern"):
        kept["EventPattern"] = json.loads(text)
    return kept


def if_it_waits(rule: Resource) -> dict[str, str] | None:
    """Rules on a schedule wait for no event."""
    said = rule["ListRules"]
    return {"Rule": said.need("Name").text()} if said["EventPattern"].present else None


def targets(items: list[Mapping[str, Any]], door: Door) -> list[dict[str, str]]:
    return [{field: one[field] for field in OF_TARGET if field in one} for one in items]


COLLECTORS = (
    Collector(kind="AWS::Events::EventBus", listing=LIST, identify=bus, shape=with_policy("Policy")),
    Collector(
        kind="AWS::Events::Rule",
        listing=RULES,
        identify=rule,
        shape=pattern,
        details=(Detail(TARGETS, bind=if_it_waits, shape=targets),),
    ),
)
