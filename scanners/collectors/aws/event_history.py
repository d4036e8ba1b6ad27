"""What a function did, by CloudTrail's event history: management events of 90 days, for which no trail is needed.

Sessions of a function are named after it, so its events are found by that name; those of whoever else chose the name
are told by their role.  The newest page of each function is asked for, and of that only which events there were, by
which role, in which region, with which error and on which day last: no times, no addresses, no parameters.
Sources, read 2026-11: "LookupEvents" (AWS CloudTrail API reference: newest first, 90 days, 50 a page, 2 requests a
second per account and region); "CloudTrail userIdentity element" (AWS CloudTrail User Guide).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from scanners.collectors.cloud import Call, ParseError
from scanners.collectors.door import Door
from scanners.model import Resource
from scanners.model.canonical import clean

WISH = "events"
PAGE = 50
EVENTS = Call("cloudtrail", "LookupEvents", params={"MaxResults": PAGE}, most=300)


def what_it_did(function: Resource) -> dict[str, Any] | None:
    """Of one that was not invoked while metrics look back, which is as long, nothing is asked."""
    known = function.asked("GetMetricData") and "GetMetricData" not in function.gaps
    if known and function["GetMetricData"]["Invoked"].value is False:
        return None
    name = function["ListFunctions"].need("FunctionName").text()
    return {"LookupAttributes": [{"AttributeKey": "Username", "AttributeValue": name}]}


def done(answer: Mapping[str, Any], door: Door) -> dict[str, Any]:
    """{"Since", "Events": [{"Source", "Name", "Region", "Role", "Error", "Last"}]}.

    `Since` is the day of the oldest, where there are older ones.
    """
    last: dict[tuple[str, ...], str] = {}
    oldest = ""
    for row in answer.get("Events") or ():
        told = json.loads(row["CloudTrailEvent"])
        day = str(clean(told["eventTime"]))[:10]
        oldest = min(oldest or day, day)
        key = (told["eventSource"], told["eventName"], told["awsRegion"], _role(told), told.get("errorCode") or "")
        if not all(isinstance(part, str) for part in key):
            raise ParseError("an event is not what CloudTrail writes")
        last[key] = max(last.get(key, ""), day)
    names = ("Source", "Name", "Region", "Role", "Error")
    events = [dict(zip(names, key, strict=True)) | {"Last": day} for key, day in sorted(last.items())]
    return {"Since": oldest if answer.get("NextToken") else None, "Events": events}


def _role(told: Mapping[str, Any]) -> str:
    who = told.get("userIdentity") or {}
    issuer = (who.get("sessionContext") or {}).get("sessionIssuer") or {}
    return str(issuer.get("arn") or who.get("arn") or "")
