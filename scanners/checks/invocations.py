"""Whether CloudTrail records the calls of a function.

Limits: event data stores of CloudTrail Lake are not looked at.  A call is taken to be what CloudTrail records of it: a
data event "Invoke" of lambda.amazonaws.com that is no read.
Source: "Logging data events" and "Filtering data events by using advanced event selectors" (AWS CloudTrail User
Guide), read 2026-11.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from scanners.checks.registry import Fix, check
from scanners.model import Gap, Node, Resource, Severity, Unread, Verdict, failed, passed
from scanners.model.estate import Estate

FUNCTION = "AWS::Lambda::Function"
TRAIL = "AWS::CloudTrail::Trail"
INVOKE = {
    "eventcategory": "Data",
    "resources.type": FUNCTION,
    "readonly": "false",
    "eventname": "Invoke",
    "eventsource": "lambda.amazonaws.com",
    "eventtype": "AwsApiCall",
}
TESTS: dict[str, Callable[[str, str], bool]] = {
    "Equals": lambda said, value: said == value,
    "StartsWith": lambda said, value: said.startswith(value),
    "EndsWith": lambda said, value: said.endswith(value),
}


@check(
    "aws.lambda.data_events_off",
    on=FUNCTION,
    severity=Severity.MEDIUM,
    title="Invocations not recorded by CloudTrail",
    reads=("ListFunctions",),
    joins=((TRAIL, "DescribeTrails"), (TRAIL, "GetTrailStatus"), (TRAIL, "GetEventSelectors")),
    fix=Fix(
        console="CloudTrail > Trails > the trail > Data events > Edit: data event type Lambda, log all functions.",
        cli="aws cloudtrail put-event-selectors --trail-name NAME --advanced-event-selectors file://selectors.json",
        terraform='resource "aws_cloudtrail" "this" { advanced_event_selector { field_selector { field ='
        ' "eventCategory" '
        ' equals = ["Data"] } field_selector { field = "resources.type"  equals = ["AWS::Lambda::Function"] } } }',
    ),
)
def data_events_off(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """After a break-in nobody can say who called the function, when and how often."""
    own = function["ListFunctions"].need("FunctionArn")
    missing: list[Gap] = []
    try:
        for trail in estate.all_seen_from(TRAIL, function.region):
            try:
                if recorded := _recorded(trail, function):
                    yield passed("A trail records its invocations", *recorded)
                    return
            except Unread as unread:  # another trail may still be seen to record them
                missing.extend(unread.gaps)
    except Unread as unread:
        missing.extend(unread.gaps)
    if missing:
        raise Unread(*missing)
    yield failed("No trail that is running records its invocations", own)


def _recorded(trail: Resource, function: Resource) -> tuple[Node, ...]:
    """Where a trail says that it records calls of this function; nothing when it does not."""
    settings = trail["DescribeTrails"]
    everywhere = settings["IsMultiRegionTrail"]
    if everywhere.value is not True and settings.need("HomeRegion").value != function.region:
        return ()
    running = trail["GetTrailStatus"].need("IsLogging")
    if running.value is not True:
        return ()
    selectors = trail["GetEventSelectors"]
    for selector in selectors["EventSelectors"]:
        if selector["ReadWriteType"].value != "ReadOnly" and (value := _selected(selector, function.ref)):
            return value, running
    for selector in selectors["AdvancedEventSelectors"]:
        if all(_lets_pass(field, function.ref) for field in selector.need("FieldSelectors")):
            return selector, running
    return ()


def _selected(selector: Node, arn: str) -> Node | None:
    """The value of a basic selector that covers the function: its ARN, or "arn:aws:lambda" for all."""
    every = ":".join(arn.split(":")[:3])
    for resources in selector["DataResources"]:
        if resources["Type"].value == FUNCTION:
            for value in resources["Values"]:
                if value.value in (arn, every):
                    return value
    return None


def _lets_pass(field: Node, arn: str) -> bool:
    """Whether a field of an advanced selector lets an invocation pass: one of the wanted, and none of the unwanted.

    Of a field whose value depends on the caller, a list of what is wanted does not let every invocation pass.
    """
    name = field.need("Field").text().lower()
    said = arn if name == "resources.arn" else INVOKE.get(name)
    wanted = [test(said or "", value.text()) for word, test in TESTS.items() for value in field[word]]
    unwanted = [test(said or "", value.text()) for word, test in TESTS.items() for value in field[f"Not{word}"]]
    if said is None:
        return not wanted
    return (any(wanted) or not wanted) and not any(unwanted)
