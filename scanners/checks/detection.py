"""Services that look for trouble in a region: whether they are on.

Limits: an analyzer or a detector that another account runs for the whole organisation cannot be seen from here.  Of a
detector's protections those are judged that the region offers, as far as GetDetector names them.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.registry import Fix, check
from scanners.model import Node, Resource, Severity, Verdict, failed, passed
from scanners.model.estate import Estate

ANALYZER, DETECTOR = "AWS::AccessAnalyzer::Analyzer", "AWS::GuardDuty::Detector"
FROM_OUTSIDE = ("ACCOUNT", "ORGANIZATION")  # other types look for access that is unused, or comes from within
PROTECTIONS = {  # name in Features → what it watches ("Features", GuardDuty API reference, DetectorFeatureResult)
    "LAMBDA_NETWORK_LOGS": "what functions connect to",
    "S3_DATA_EVENTS": "what is done to objects in buckets",
    "EKS_AUDIT_LOGS": "what is asked of Kubernetes",
}


@check(
    "aws.iam.access_analyzer",
    on=ANALYZER,
    severity=Severity.MEDIUM,
    title="No external-access analyzer",
    reads=("ListAnalyzers",),
    fix=Fix(
        console="IAM > Access analyzer > Create analyzer: resource analysis, external access, in each region in use.",
        cli="aws accessanalyzer create-analyzer --analyzer-name external --type ACCOUNT --region REGION",
        terraform='resource "aws_accessanalyzer_analyzer" "this" { analyzer_name = "external", type = "ACCOUNT" }',
    ),
)
def access_analyzer(region: Resource, estate: Estate) -> Iterator[Verdict]:
    """It tells of every bucket, key, queue and role that somebody outside can use, on the day it becomes so."""
    analyzers, idle = region["ListAnalyzers"], list[Node]()
    for analyzer in analyzers:
        status = analyzer.need("status")
        if analyzer.need("type").text() not in FROM_OUTSIDE:
            continue
        if status.value == "ACTIVE":
            yield passed("An analyzer looks for access from outside", status)
            return
        idle.append(status)
    if idle:
        states = ", ".join(sorted({status.text() for status in idle}))
        yield failed(f"The analyzer that looks for access from outside is {states}", *idle)
    else:
        yield failed("No analyzer looks for access from outside", analyzers)


@check(
    "aws.guardduty.enabled",
    on=DETECTOR,
    severity=Severity.HIGH,
    title="Threat detection off",
    reads=("ListDetectors", "GetDetector"),
    fix=Fix(
        console="GuardDuty > Get started > Enable, in each region; under Protection plans, those for Lambda, S3 and"
        " EKS.",
        cli="aws guardduty create-detector --enable --region REGION --features Name=LAMBDA_NETWORK_LOGS,Status=ENABLED"
        " Name=S3_DATA_EVENTS,Status=ENABLED Name=EKS_AUDIT_LOGS,Status=ENABLED",
        terraform='resource "aws_guardduty_detector" "this" { enable = true }',
    ),
)
def guardduty_enabled(region: Resource, estate: Estate) -> Iterator[Verdict]:
    """Stolen keys, mining and talk with known bad addresses show in logs that nobody reads: this service reads them."""
    listed, off = region["ListDetectors"], list[Node]()
    if not listed.value:
        yield failed("The region has no detector", listed)
        return
    for _, detector in region.each("GetDetector"):
        status = detector.need("Status")
        if status.value == "ENABLED":
            yield passed("The region has a detector, and it is on", status)
            yield from _protections(detector)
            return
        off.append(status)
    yield failed("The region's detector is switched off", *off)


def _protections(detector: Node) -> Iterator[Verdict]:
    for feature in detector["Features"]:
        name, status = feature.need("Name").text(), feature.need("Status")
        if name not in PROTECTIONS:
            continue
        if status.value == "ENABLED":
            yield passed(f"The detector watches {PROTECTIONS[name]}", status, subject=name)
        else:
            sentence = f"The detector does not watch {PROTECTIONS[name]}"
            yield failed(sentence, status, subject=name, severity=Severity.MEDIUM)
