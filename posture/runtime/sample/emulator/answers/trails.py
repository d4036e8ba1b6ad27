"""CloudTrail and Logs: shadow trails seen from other regions, a steady time of delivery, pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from moto.cloudtrail.models import cloudtrail_backends

from posture.runtime.sample.emulator.answers.kinds import Answer, MotoSays
from posture.runtime.sample.emulator.answers.paging import Paged
from posture.runtime.sample.emulator.root import ROOT
from posture.runtime.sample.emulator.wire import Call


def selectors(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    """A trail's ARN may be asked about in any region that the trail covers; moto knows it at home only."""
    name = call.params["TrailName"]
    if not name.startswith("arn:"):
        return moto_says()
    home = cloudtrail_backends[call.account][name.split(":")[3]]
    trail = home.trails.get(name.rpartition("/")[2])
    if trail is None or not (trail.is_multi_region or home.region_name == call.region):
        return moto_says()
    return {
        "TrailARN": trail.arn,
        "EventSelectors": trail.event_selectors,
        "AdvancedEventSelectors": trail.advanced_event_selectors,
    }


def status(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    """moto delivers at the moment of asking, so two equal accounts would never look equal."""
    answer = moto_says()
    if ROOT["delivered"] and answer.get("LatestDeliveryTime"):
        moment = datetime.fromisoformat(ROOT["delivered"])
        answer |= {"LatestDeliveryTime": moment, "LatestDeliveryAttemptTime": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}
    return answer


def trails(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    answer = moto_says()
    for row in answer.get("trailList", []):
        trail = cloudtrail_backends[call.account][row["HomeRegion"]].trails[row["Name"]]
        row["HasCustomEventSelectors"] = bool(trail.event_selectors or trail.advanced_event_selectors)
    return answer


LOGS: dict[str, Any] = {
    "limit": "limit",
    "token": "nextToken",
    "next": "nextToken",
    "default": 50,
    "refusal": "InvalidParameterException",
}

ANSWERS: dict[tuple[str, str], Answer] = {
    ("cloudtrail", "GetEventSelectors"): selectors,
    ("cloudtrail", "GetTrailStatus"): status,
    ("cloudtrail", "DescribeTrails"): trails,
    ("logs", "DescribeMetricFilters"): Paged("metricFilters", **LOGS),
    ("logs", "DescribeSubscriptionFilters"): Paged("subscriptionFilters", **LOGS),
    ("logs", "DescribeResourcePolicies"): Paged("resourcePolicies", **LOGS),
}
