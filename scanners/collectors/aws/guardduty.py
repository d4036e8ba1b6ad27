"""GuardDuty: the detector of a region, and which of its protections are on."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.collectors.aws.region_wide import no_questions, region_wide
from scanners.collectors.cloud import Call, Detail
from scanners.model import Resource

DETECTORS = Call("guardduty", "ListDetectors", items="DetectorIds", params={"MaxResults": 50})
DETECTOR = Call(  # DataSources says in older words what Features says
    "guardduty", "GetDetector", drop=frozenset({"CreatedAt", "DataSources", "UpdatedAt"})
)


def each_detector(region: Resource) -> Iterator[tuple[str, dict[str, str]]]:
    for detector in region["ListDetectors"]:
        yield detector.text(), {"DetectorId": detector.text()}


COLLECTORS = (
    region_wide(
        "AWS::GuardDuty::Detector",
        "guardduty",
        "detector",
        Detail(DETECTORS, bind=no_questions),
        Detail(DETECTOR, each=each_detector, after="ListDetectors"),
    ),
)
