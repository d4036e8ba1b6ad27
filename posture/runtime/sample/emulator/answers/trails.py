"""CloudTrail and Logs: shadow trails seen from other regions, a steady time of delivery, pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import lambda_backends
from moto.cloudtrail.models import cloudtrail_backends

from posture.runtime.sample.emulator.answers.identity import IDLE_ACTIONS, actions_of, backend, founded, services_of
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


HISTORY: dict[str, Any] = {"limit": "MaxResults", "token": "NextToken", "next": "NextToken", "default": 50}
LEAVES = {  # an action that leaves a management event → (its source, name)
    "kms:Decrypt": ("kms", "Decrypt"),
    "secretsmanager:GetSecretValue": ("secretsmanager", "GetSecretValue"),
    "ssm:GetParameter": ("ssm", "GetParameter"),
    "ssm:GetParameters": ("ssm", "GetParameters"),
    "states:StartExecution": ("states", "StartExecution"),
    "logs:CreateLogStream": ("logs", "CreateLogStream20140328"),
}
MANY = {"catalog-api-role": 60}
"""Role → how many events of one kind it has, where there is a second page of them."""


def history(call: Call, _: MotoSays) -> dict[str, Any]:
    """What functions did yesterday, by what the tables of use say that their roles used; newest first."""
    asked = {one["AttributeKey"]: one["AttributeValue"] for one in call.params.get("LookupAttributes") or ()}
    try:
        function = lambda_backends[call.account][call.region].get_function(asked.get("Username", ""))
    except UnknownFunctionException:
        return {"Events": []}
    rows = list(_events(call, function.function_name, function.role))
    return Paged("Events", **HISTORY).cut({"Events": rows}, call.params.get("MaxResults"), call.params.get("NextToken"))


def _events(call: Call, name: str, arn: str) -> Iterator[dict[str, Any]]:
    role = next((one for one in backend(call).roles.values() if one.arn == arn), None)
    if role is None:
        return
    used = {f"{row['ServiceNamespace']}" for row in services_of(role) if row.get("LastAuthenticated")}
    at = founded() - timedelta(days=1)
    for action in dict.fromkeys(actions_of(role)):
        idle = action.partition(":")[2] in IDLE_ACTIONS.get(role.name, ())
        if action in LEAVES and action.partition(":")[0] in used and not idle:
            for number in range(MANY.get(role.name, 1)):
                yield _event(call, name, arn, *LEAVES[action], at, number)


def _event(call: Call, name: str, arn: str, source: str, event: str, at: datetime, number: int) -> dict[str, Any]:
    told = {
        "eventSource": f"{source}.amazonaws.com",
        "eventName": event,
        "awsRegion": call.region,
        "eventTime": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "userIdentity": {"type": "AssumedRole", "sessionContext": {"sessionIssuer": {"type": "Role", "arn": arn}}},
    }
    return {
        "EventId": f"{name}-{event}-{number}",
        "EventName": event,
        "EventSource": told["eventSource"],
        "EventTime": at,
        "Username": name,
        "CloudTrailEvent": json.dumps(told),
    }


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
    ("cloudtrail", "LookupEvents"): history,
    ("logs", "DescribeMetricFilters"): Paged("metricFilters", **LOGS),
    ("logs", "DescribeSubscriptionFilters"): Paged("subscriptionFilters", **LOGS),
    ("logs", "DescribeResourcePolicies"): Paged("resourcePolicies", **LOGS),
}
