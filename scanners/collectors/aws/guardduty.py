"""GuardDuty: the detector of a region, which of its protections are on, and what it found that nobody archived.

Of findings, those of high severity are asked for, and their kind is kept: what they tell of is for the console.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanners.collectors.aws.region_wide import no_questions, region_wide
from scanners.collectors.cloud import Call, Detail
from scanners.collectors.door import Door
from scanners.model import Resource

DETECTORS = Call("guardduty", "ListDetectors", items="DetectorIds", params={"MaxResults": 50})
DETECTOR = Call(  # DataSources says in older words what Features says
    "guardduty", "GetDetector", drop=frozenset({"CreatedAt", "DataSources", "UpdatedAt"})
)
HIGH = 7
FINDINGS = Call(
    "guardduty",
    "ListFindings",
    items="FindingIds",
    params={
        "MaxResults": 50,
        "FindingCriteria": {
            "Criterion": {"service.archived": {"Equals": ["false"]}, "severity": {"GreaterThanOrEqual": HIGH}}
        },
    },
)
DESCRIBE = Call("guardduty", "GetFindings", items="Findings")
AT_ONCE = 50


def each_detector(region: Resource) -> Iterator[tuple[str, dict[str, str]]]:
    for detector in region["ListDetectors"]:
        yield detector.text(), {"DetectorId": detector.text()}


def fifty_by_fifty(region: Resource) -> Iterator[tuple[str, dict[str, Any]]]:
    """Questions about fifty findings each, called after the first of them."""
    for detector, listed in region.each("ListFindings"):
        ids = sorted(one.text() for one in listed)
        for start in range(0, len(ids), AT_ONCE):
            yield ids[start], {"DetectorId": detector, "FindingIds": ids[start : start + AT_ONCE]}


def kinds(items: list[Mapping[str, Any]], door: Door) -> list[dict[str, Any]]:
    return [
        {"Id": one["Id"], "Type": one["Type"], "Severity": one["Severity"], "Archived": one["Service"].get("Archived")}
        for one in items
    ]


COLLECTORS = (
    region_wide(
        "AWS::GuardDuty::Detector",
        "guardduty",
        "detector",
        Detail(DETECTORS, bind=no_questions),
        Detail(DETECTOR, each=each_detector, after="ListDetectors"),
        Detail(FINDINGS, each=each_detector, after="ListDetectors"),
        Detail(DESCRIBE, each=fifty_by_fifty, after="ListFindings", shape=kinds),
    ),
)
