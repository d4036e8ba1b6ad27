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
RECORDER, INSPECTOR = "AWS::Config::ConfigurationRecorder", "AWS::InspectorV2::Account"
HUB, MACIE = "AWS::SecurityHub::Hub", "AWS::Macie::Session"
SCANNED = {"lambda": "functions", "ecr": "images"}
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


@check(
    "aws.config.recorder",
    on=RECORDER,
    severity=Severity.LOW,
    title="Configuration history not recorded",
    reads=("DescribeConfigurationRecorders", "DescribeConfigurationRecorderStatus"),
    fix=Fix(
        console="AWS Config > Get started, in each region: record all resource types.",
        cli="aws configservice put-configuration-recorder --configuration-recorder name=default,roleARN=ARN; aws"
        " configservice start-configuration-recorder --configuration-recorder-name default",
        terraform='resource "aws_config_configuration_recorder_status" "this" { is_enabled = true }',
    ),
)
def config_recorder(region: Resource, estate: Estate) -> Iterator[Verdict]:
    """Without a history nobody can say what a setting was before, or when it was changed."""
    recorders = region["DescribeConfigurationRecorders"]
    own = {one.need("name").value for one in recorders if not one["servicePrincipal"].present}  # services have theirs
    if not own:
        yield failed("The region has no recorder", recorders)
        return
    running = [
        one.need("recording") for one in region["DescribeConfigurationRecorderStatus"] if one["name"].value in own
    ]
    on = [one for one in running if one.value is True]
    if on:
        yield passed("The region's recorder runs", *on)
    else:
        yield failed("The region's recorder is stopped", *(running or [recorders]))


@check(
    "aws.inspector.lambda",
    on=INSPECTOR,
    severity=Severity.MEDIUM,
    title="Vulnerability scanning off for functions and images",
    reads=("BatchGetAccountStatus",),
    fix=Fix(
        console="Inspector > Account management > Activate: Lambda standard scanning and Amazon ECR, by region.",
        cli="aws inspector2 enable --resource-types LAMBDA ECR --region REGION",
        terraform='resource "aws_inspector2_enabler" "this" { resource_types = ["LAMBDA", "ECR"] }',
    ),
)
def inspector_on(region: Resource, estate: Estate) -> Iterator[Verdict]:
    """Nobody learns that a library in a function or an image has a known hole, and it runs on."""
    accounts = region["BatchGetAccountStatus"]
    for account in accounts:
        states = [(SCANNED[part], account[part]) for part in SCANNED]
        if off := [(words, state) for words, state in states if state.value != "ENABLED"]:
            words = " and ".join(words for words, _ in off)
            yield failed(f"Inspector does not scan {words}", *(state for _, state in off))
        else:
            yield passed("Inspector scans functions and images", *(state for _, state in states))
        return
    yield failed("Inspector was never enabled in the region", accounts)


@check(
    "aws.securityhub.enabled",
    on=HUB,
    severity=Severity.LOW,
    title="Security Hub off",
    reads=("DescribeHub", "GetEnabledStandards"),
    fix=Fix(
        console="Security Hub CSPM > Go to Security Hub CSPM > Enable, in each region, with at least one standard.",
        cli="aws securityhub enable-security-hub --enable-default-standards --region REGION",
        terraform='resource "aws_securityhub_account" "this" { enable_default_standards = true }',
    ),
)
def security_hub(region: Resource, estate: Estate) -> Iterator[Verdict]:
    """What detectors, analyzers and standards find lies in as many consoles, and nobody sees the whole of it."""
    hub = region["DescribeHub"]
    if not hub.present:
        yield failed("Security Hub is off in the region", hub)
        return
    standards = region["GetEnabledStandards"]
    ready = [status for one in standards if (status := one.need("StandardsStatus")).value == "READY"]
    if ready:
        yield passed("Security Hub holds the account against a standard", *ready)
    elif standards.value:
        states = ", ".join(sorted({one.need("StandardsStatus").text() for one in standards}))
        yield failed(f"The standards of Security Hub are {states}", standards, severity=Severity.INFO)
    else:
        yield failed("Security Hub holds the account against no standard", standards, severity=Severity.INFO)


@check(
    "aws.macie.enabled",
    on=MACIE,
    severity=Severity.LOW,
    title="Nobody looks for personal data in buckets",
    reads=("GetMacieSession", "GetAutomatedDiscoveryConfiguration"),
    fix=Fix(
        console="Macie > Get started > Enable Macie, in each region with buckets; then Settings > Automated discovery.",
        cli="aws macie2 enable-macie --region REGION; aws macie2 update-automated-discovery-configuration"
        " --status ENABLED --region REGION",
        terraform='resource "aws_macie2_account" "this" { status = "ENABLED" }',
    ),
)
def macie(region: Resource, estate: Estate) -> Iterator[Verdict]:
    """Keys and personal data end up in buckets that were made for something else, and are found by whoever looks."""
    session = region["GetMacieSession"]
    if not session.present:
        yield failed("Macie is off in the region", session)
        return
    if (status := session.need("status")).value != "ENABLED":
        yield failed(f"Macie is {status.text()}", status)
        return
    discovery = region["GetAutomatedDiscoveryConfiguration"]
    if discovery.present and discovery.need("status").value == "ENABLED":
        yield passed("Macie looks into buckets by itself", status, discovery["status"])
    else:
        off = discovery["status"] if discovery.present else discovery
        yield failed("Macie looks only where a job sends it", off, severity=Severity.INFO)
