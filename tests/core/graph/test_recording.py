"""Which data events the trails of an account record in full, by what was collected of them."""

from __future__ import annotations

import pytest

from scanners.graph.recording import recording
from scanners.model.estate import Estate
from tests.core.cases import ACCOUNT, NOW, refused, resource

ARN = "arn:aws:cloudtrail:eu-west-1:111122223333:trail/"
OBJECTS = "AWS::S3::Object"


def estate(*trails):
    return Estate(ACCOUNT, NOW, lambda kind: [one for one in trails if one.kind == kind])


def a_trail(name="main", *, running=True, everywhere=True, basic=(), fields=()):
    return resource(
        "AWS::CloudTrail::Trail",
        ARN + name,
        DescribeTrails={"TrailARN": ARN + name, "HomeRegion": "eu-west-1", "IsMultiRegionTrail": everywhere},
        GetTrailStatus={"IsLogging": running},
        GetEventSelectors={
            "EventSelectors": [
                {"ReadWriteType": ways, "DataResources": [{"Type": kind, "Values": list(values)}]}
                for ways, kind, *values in basic
            ],
            "AdvancedEventSelectors": [{"FieldSelectors": list(one)} for one in fields],
        },
    )


def is_data(kind, *more):
    said = {"eventCategory": "Data", "resources.type": kind}
    return [*({"Field": name, "Equals": [value]} for name, value in said.items()), *more]


CASES = [
    ({"basic": [("All", OBJECTS, "arn:aws:s3")]}, {OBJECTS}),
    ({"basic": [("All", OBJECTS, "arn:aws:s3:::")]}, {OBJECTS}),
    ({"basic": [("All", OBJECTS, "arn:aws:s3:::invoices/")]}, set()),
    ({"basic": [("WriteOnly", OBJECTS, "arn:aws:s3")]}, set()),
    ({"basic": [("All", "AWS::Lambda::Function", "arn:aws:lambda")]}, {"AWS::Lambda::Function"}),
    ({"fields": [is_data("AWS::SQS::Queue")]}, {"AWS::SQS::Queue"}),
    ({"fields": [is_data(OBJECTS, {"Field": "readOnly", "Equals": ["false"]})]}, set()),
    ({"fields": [is_data(OBJECTS, {"Field": "eventName", "NotEquals": ["GetObject"]})]}, set()),
    ({"fields": [is_data(OBJECTS, {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::a"]})]}, set()),
    ({}, set()),
]


@pytest.mark.parametrize(("said", "types"), CASES)
def test_a_type_counts_where_a_selector_takes_all_of_it(said, types):
    found = recording(estate(a_trail(**said)))

    assert found.every == found.some == types


def test_of_two_trails_the_files_may_be_of_either():
    found = recording(estate(a_trail(basic=[("All", OBJECTS, "arn:aws:s3")]), a_trail("second")))

    assert (found.every, found.some) == (set(), {OBJECTS})


def test_a_trail_of_one_region_records_only_some():
    found = recording(estate(a_trail(everywhere=False, basic=[("All", OBJECTS, "arn:aws:s3")])))

    assert (found.every, found.some) == (set(), {OBJECTS})


@pytest.mark.parametrize("trails", [(), (a_trail(running=False),)])
def test_without_a_running_trail_nobody_knows(trails):
    found = recording(estate(*trails))

    assert (found.every, found.some) == (None, None)
    assert found.because == "no trail that is running was seen"


def test_a_trail_that_was_not_read_leaves_nobody_knowing():
    trail = resource(
        "AWS::CloudTrail::Trail",
        ARN + "main",
        gaps={"GetEventSelectors": refused("GetEventSelectors", "cloudtrail")},
        DescribeTrails={"IsMultiRegionTrail": True},
        GetTrailStatus={"IsLogging": True},
    )

    found = recording(estate(trail))

    assert found.some is None
    assert "GetEventSelectors" in found.because
