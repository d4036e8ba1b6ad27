"""What is asked of CloudTrail's event history, and how little of it is kept."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from scanners.collectors.aws.event_history import EVENTS, WISH, done, what_it_did
from scanners.collectors.aws.functions import COLLECTORS
from scanners.collectors.aws.quotas import rate
from scanners.collectors.door import Door
from scanners.collectors.gather import ODD
from tests.core.cases import refused, resource

DOOR = Door(b"test")
ROLE = "arn:aws:iam::111122223333:role/pay"


def event(name="Decrypt", *, day=20, **more):
    who = {"type": "AssumedRole", "arn": "secret-session", "sessionContext": {"sessionIssuer": {"arn": ROLE}}}
    told = {
        "eventSource": "kms.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-west-1",
        "eventTime": f"2026-11-{day:02}T10:11:12Z",
        "userIdentity": who,
        "sourceIPAddress": "secret-address",
        "requestParameters": {"secret": "secret-parameter"},
        **more,
    }
    return {"EventTime": datetime(2026, 11, day, tzinfo=UTC), "CloudTrailEvent": json.dumps(told)}


def test_events_are_kept_by_kind_with_their_last_day():
    found = done({"Events": [event(day=21), event(day=20), event("Encrypt", errorCode="AccessDenied")]}, DOOR)

    plain = {"Source": "kms.amazonaws.com", "Region": "eu-west-1", "Role": ROLE}
    assert found == {
        "Since": None,
        "Events": [
            {**plain, "Name": "Decrypt", "Error": "", "Last": "2026-11-21"},
            {**plain, "Name": "Encrypt", "Error": "AccessDenied", "Last": "2026-11-20"},
        ],
    }


def test_where_there_are_older_ones_it_says_since_when_it_knows():
    assert done({"Events": [event(day=21), event(day=19)], "NextToken": "x"}, DOOR)["Since"] == "2026-11-19"


def test_nothing_else_is_kept():
    assert "secret" not in json.dumps(done({"Events": [event()]}, DOOR))


@pytest.mark.parametrize("odd", [{}, {"CloudTrailEvent": "{"}, {"CloudTrailEvent": "[]"}, event(eventName=5)])
def test_an_event_of_odd_shape_is_an_error_and_no_silence(odd):
    with pytest.raises(ODD):
        done({"Events": [odd]}, DOOR)


def a_function(**said):
    return resource("AWS::Lambda::Function", "arn:x", ListFunctions={"FunctionName": "pay"}, **said)


def test_a_function_is_asked_about_by_the_name_of_its_sessions():
    wanted = {"LookupAttributes": [{"AttributeKey": "Username", "AttributeValue": "pay"}]}

    assert what_it_did(a_function(GetMetricData={"Invoked": True})) == wanted
    assert what_it_did(a_function(GetMetricData={"Invoked": None})) == wanted
    assert what_it_did(a_function(gaps={"GetMetricData": refused("GetMetricData")})) == wanted


def test_one_that_did_not_run_is_not_asked_about():
    assert what_it_did(a_function(GetMetricData={"Invoked": False})) is None


def test_it_is_asked_only_where_somebody_wishes_it_and_slowly():
    (detail,) = [one for collector in COLLECTORS for one in collector.details if one.call is EVENTS]

    assert detail.wish == WISH
    assert rate("cloudtrail", "LookupEvents") == ("cloudtrail/LookupEvents", 2.0)
    assert rate("cloudtrail", "DescribeTrails")[1] == 10.0
