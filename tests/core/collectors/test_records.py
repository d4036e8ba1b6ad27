"""CloudTrail and Logs: what is kept of their answers, and what a refusal leaves behind."""

import pytest

from scanners.collectors.aws import cloudtrail, logs
from tests.core.cases import ACCOUNT, REGION
from tests.core.collectors.replies import gathered

ARN = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/all"
(TRAIL,), (GROUP, *_) = cloudtrail.COLLECTORS, logs.COLLECTORS


def trail(**more):
    listed = {"Name": "all", "TrailARN": ARN, "HomeRegion": REGION, "IsMultiRegionTrail": True}
    status = {"IsLogging": True, "LatestDeliveryTime": "now", "TimeLoggingStarted": "then"}
    answers = {"DescribeTrails": {"trailList": [listed]}, "GetTrailStatus": status, "GetEventSelectors": {}} | more
    return gathered(TRAIL, **answers).resources[0]


def test_a_trail_keeps_whether_it_runs_and_nothing_that_moves():
    found = trail()

    assert (found.ref, found.name, found.region) == (ARN, "all", REGION)
    assert found["GetTrailStatus"].value == {"IsLogging": True}


@pytest.mark.parametrize("section", ["GetTrailStatus", "GetEventSelectors"])
def test_what_a_trail_would_not_tell_is_a_gap(section):
    found = trail(**{section: "TrailNotFoundException"})

    assert section not in found.documents
    assert found.gaps[section][0].permission == f"cloudtrail:{section}"


def test_a_log_group_keeps_its_settings_and_no_sizes():
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/orders"
    listed = {"logGroupName": "/aws/lambda/orders", "arn": arn + ":*", "storedBytes": 7, "retentionInDays": 90}

    (group,) = gathered(GROUP, DescribeLogGroups={"logGroups": [listed]}).resources

    assert (group.ref, group.name) == (arn, "/aws/lambda/orders")
    assert group["DescribeLogGroups"].value.keys() == {"logGroupName", "arn", "retentionInDays"}
