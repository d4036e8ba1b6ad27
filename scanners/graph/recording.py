"""Which data events the running trails of an account record in full, by the selectors that were collected.

Limits: event data stores of CloudTrail Lake are not looked at.  A selector with any other field leaves something out.
Source: "Logging data events" and "Filtering data events by using advanced event selectors" (AWS CloudTrail User
Guide), read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.aws.recorded import Recording
from scanners.model import Node, Resource, Unread
from scanners.model.estate import Estate

TRAIL = "AWS::CloudTrail::Trail"
# What a basic selector says for all resources of a type, behind "arn:PARTITION:".
_ALL = {
    "AWS::S3::Object": ("s3", "s3:::"),
    "AWS::Lambda::Function": ("lambda",),
    "AWS::DynamoDB::Table": ("dynamodb",),
}


def recording(estate: Estate) -> Recording:
    found: list[tuple[frozenset[str], bool]] = []
    try:
        for trail in estate.all_seen_from(TRAIL):
            if trail["GetTrailStatus"].need("IsLogging").value is True:
                everywhere = trail["DescribeTrails"].need("IsMultiRegionTrail").value is True
                found.append((frozenset(_types(trail)), everywhere))
    except Unread as unread:
        first = unread.gaps[0]
        return Recording(because=f"{first.call} was not read ({first.code})")
    if not found:
        return Recording(because="no trail that is running was seen")
    every = frozenset.intersection(*(types if everywhere else frozenset() for types, everywhere in found))
    return Recording(every, frozenset.union(*(types for types, _ in found)))


def _types(trail: Resource) -> Iterator[str]:
    selectors = trail["GetEventSelectors"]
    for selector in selectors["EventSelectors"]:
        if selector["ReadWriteType"].value in (None, "All"):
            for resources in selector["DataResources"]:
                if _all(resources):
                    yield resources.need("Type").text()
    for selector in selectors["AdvancedEventSelectors"]:
        said = {field.need("Field").text(): _equals(field) for field in selector.need("FieldSelectors")}
        kinds = said.pop("resources.type", None) or []
        if said == {"eventCategory": ["Data"]}:
            yield from kinds


def _all(resources: Node) -> bool:
    ends = _ALL.get(resources.need("Type").text(), ())
    values = [one.text().split(":", 2) for one in resources["Values"]]
    return any(len(parts) == 3 and parts[2] in ends for parts in values)


def _equals(field: Node) -> list[str] | None:
    """Its values, if that is all it says."""
    if {name for name, _ in field.items()} - {"Field", "Equals"}:
        return None
    return [one.text() for one in field["Equals"]]
