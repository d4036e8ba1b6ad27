"""Whether CloudTrail records a function's calls: CASES are run by tests/house/test_checks.py."""

from dataclasses import replace

from scanners.model import Outcome
from tests.core.cases import ACCOUNT, REGION, Case, Cases, refused, resource

FUNCTION, TRAIL = "AWS::Lambda::Function", "AWS::CloudTrail::Trail"
ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders"
LAMBDA = {"Field": "resources.type", "Equals": [FUNCTION]}


def field(name, **tests):
    return {"Field": name, **tests}


def advanced(*fields):
    data = field("eventCategory", Equals=["Data"])
    return {"EventSelectors": [], "AdvancedEventSelectors": [{"FieldSelectors": [data, LAMBDA, *fields]}]}


def basic(*values, kind=FUNCTION, **settings):
    return {"EventSelectors": [{"DataResources": [{"Type": kind, "Values": list(values)}], **settings}]}


def trail(selectors, *, everywhere=True, home=REGION, logging=True, name="t"):
    return resource(
        TRAIL,
        f"arn:aws:cloudtrail:{home}:{ACCOUNT}:trail/{name}",
        region=home,
        DescribeTrails={"IsMultiRegionTrail": everywhere, "HomeRegion": home},
        GetTrailStatus={"IsLogging": logging},
        GetEventSelectors=selectors,
    )


def watched(*trails):
    return Case(resource(FUNCTION, ARN, ListFunctions={"FunctionArn": ARN}), trails)


MANAGEMENT = {"AdvancedEventSelectors": [{"FieldSelectors": [field("eventCategory", Equals=["Management"])]}]}
PREFIX = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:"

CASES = {
    "aws.lambda.data_events_off": Cases(
        fails=(
            watched(),
            watched(trail({"EventSelectors": [{"ReadWriteType": "All", "DataResources": []}]})),
            watched(trail(MANAGEMENT)),
            watched(trail(advanced(), logging=False)),
            watched(trail(advanced(), everywhere=False, home="us-east-1")),
            watched(trail(basic("arn:aws:s3", kind="AWS::S3::Object"))),
            watched(trail(basic("arn:aws:lambda", ReadWriteType="ReadOnly"))),
            watched(trail(basic(f"{PREFIX}other"))),
            watched(trail(advanced(field("resources.ARN", NotEquals=[ARN])))),
            watched(trail(advanced(field("resources.ARN", StartsWith=[PREFIX], NotEquals=[ARN])))),
            watched(trail(advanced(field("resources.ARN", NotStartsWith=[PREFIX])))),
            watched(trail(advanced(field("resources.ARN", Equals=[f"{PREFIX}other"])))),
            watched(trail(advanced(field("readOnly", Equals=["true"])))),
            watched(trail(advanced(field("eventName", NotEquals=["Invoke"])))),
            watched(trail(advanced(field("userIdentity.arn", Equals=["arn:aws:iam::1:user/a"])))),
        ),
        passes=(
            watched(trail(advanced())),
            watched(trail(basic("arn:aws:lambda"))),
            watched(trail(basic(ARN, ReadWriteType="WriteOnly"))),
            watched(trail(advanced(), everywhere=False)),
            watched(trail(advanced(), home="us-east-1")),
            watched(
                trail(MANAGEMENT, name="a"), trail(advanced(field("resources.ARN", StartsWith=[PREFIX])), name="b")
            ),
            watched(trail(advanced(field("resources.ARN", Equals=["x"], StartsWith=[PREFIX])))),
            watched(trail(advanced(field("resources.ARN", NotEquals=[f"{PREFIX}other"])))),
            watched(trail(advanced(field("readOnly", Equals=["false"]), field("eventName", Equals=["Invoke"])))),
            watched(trail(advanced(field("userIdentity.arn", NotEquals=["arn:aws:iam::1:user/a"])))),
        ),
    ),
}


def test_a_trail_that_was_not_read_does_not_hide_one_that_records():
    blind = resource(
        TRAIL,
        "arn:aws:cloudtrail:eu-west-1:1:trail/blind",
        DescribeTrails={"IsMultiRegionTrail": True, "HomeRegion": REGION},
        GetTrailStatus={"IsLogging": True},
        gaps={"GetEventSelectors": refused("GetEventSelectors", "cloudtrail")},
    )

    seen = watched(blind, trail(advanced())).verdict("aws.lambda.data_events_off")
    unseen = watched(blind, trail(MANAGEMENT)).verdict("aws.lambda.data_events_off")

    assert seen.outcome is Outcome.PASS
    assert unseen.outcome is Outcome.UNKNOWN


def test_trails_that_could_not_be_listed_in_some_region_do_not_hide_one_that_records():
    case = replace(watched(trail(advanced())), unread=frozenset({TRAIL}))

    assert case.verdict("aws.lambda.data_events_off").outcome is Outcome.PASS
