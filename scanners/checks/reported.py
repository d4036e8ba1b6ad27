"""What AWS's own services have found and nobody has dealt with.

Limits: findings of another account, that looks for the whole organisation, are not read.  Vulnerabilities are known of
functions that Inspector scans; of one that runs an image it says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.detection import ANALYZER, DETECTOR, INSPECTOR
from scanners.checks.registry import Fix, check
from scanners.model import Gap, Node, Resource, Severity, State, Unread, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

FUNCTION = "AWS::Lambda::Function"
HIGH = 7  # "Severity levels of GuardDuty findings" (Amazon GuardDuty User Guide, read 2026-11)


@check(
    "aws.guardduty.open_findings",
    on=DETECTOR,
    severity=Severity.HIGH,
    title="Unhandled threat findings",
    reads=("ListDetectors", "ListFindings", "GetFindings"),
    fix=Fix(
        console="GuardDuty > Findings, severity high: look into each, contain what is real, then archive it.",
        cli="aws guardduty get-findings --detector-id ID --finding-ids ID; aws guardduty archive-findings --detector-id"
        " ID --finding-ids ID",
        terraform='resource "aws_guardduty_filter" "known" { action = "ARCHIVE" } # for what is known to be harmless',
    ),
)
def open_findings(region: Resource, estate: Estate) -> Iterator[Verdict]:
    """Such a finding often means that somebody is in, and every hour of looking away is theirs."""
    detectors = region["ListDetectors"]
    if not detectors.value:
        yield not_applicable("The region has no detector", detectors)
        return
    listed, found = region["ListFindings"], list[Node]()
    for _, findings in region.each("GetFindings"):
        found += [one for one in findings if one["Archived"].value is not True and one.need("Severity").value >= HIGH]
    if found:
        types = ", ".join(sorted({one.need("Type").text() for one in found}))
        yield failed(f"Findings of high severity are open: {types}", *found)
    else:
        yield passed("No finding of high severity is open", listed)


@check(
    "aws.iam.access_analyzer_findings",
    on=ANALYZER,
    severity=Severity.HIGH,
    title="Open external-access findings",
    reads=("ListAnalyzers", "ListFindingsV2"),
    fix=Fix(
        console="IAM > Access analyzer > External access: narrow the policy of each resource, or archive the finding"
        " with an archive rule that says why.",
        cli="aws accessanalyzer list-findings-v2 --analyzer-arn ARN; aws accessanalyzer update-findings --analyzer-arn"
        " ARN --ids ID --status ARCHIVED",
        terraform='resource "aws_accessanalyzer_archive_rule" "intended" { analyzer_name = "external" }',
    ),
)
def access_analyzer_findings(region: Resource, estate: Estate) -> Iterator[Verdict]:
    """Somebody outside can use these resources, and nobody has said that it is meant so."""
    analyzers, found, looked = region["ListAnalyzers"], list[Node](), list[Node]()
    for _, findings in region.each("ListFindingsV2"):
        looked.append(findings)
        found += [one for one in findings if _from_outside(one)]
    if found:
        kinds = ", ".join(sorted({one.need("resourceType").text() for one in found}))
        yield failed(f"Findings on access from outside are open, on {kinds}", *found)
    elif looked:
        yield passed("No finding on access from outside is open", *looked)
    else:
        yield not_applicable("No analyzer looks for access from outside", analyzers)


def _from_outside(finding: Node) -> bool:
    return finding.need("status").value == "ACTIVE" and finding["findingType"].value in (None, "ExternalAccess")


@check(
    "aws.lambda.vulnerable_code",
    on=FUNCTION,
    severity=Severity.HIGH,
    title="Known vulnerabilities in the function",
    reads=("ListFunctions",),
    joins=((INSPECTOR, "ListFindings"), (INSPECTOR, "ListCoverage")),
    fix=Fix(
        console="Inspector > Findings > By Lambda function: update the packages it names, and deploy.",
        cli="aws inspector2 list-findings --filter-criteria"
        ' \'{"resourceId":[{"comparison":"PREFIX","value":"FUNCTION-ARN"}]}\'',
        terraform='resource "aws_lambda_function" "this" { source_code_hash = filebase64sha256("patched.zip") }',
    ),
)
def vulnerable_code(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """The hole is published, and so is often the way through it.  What Inspector does not scan is not known."""
    own = function["ListFunctions"].need("FunctionArn")
    region = _inspector_of(function, estate)
    if (counts := region["ListFindings"][function.ref]).present:
        words = " and ".join(f"{number.value} {severity.lower()}" for severity, number in sorted(counts.items()))
        grave = counts["CRITICAL"].present
        sentence = f"Inspector reports vulnerabilities in its packages: {words}"
        yield failed(sentence, counts, severity=Severity.CRITICAL if grave else None)
        return
    scanned = region["ListCoverage"][function.ref]
    if scanned.value != "ACTIVE":
        raise Unread(Gap(scanned.call, "", State.SKIPPED, "NotScannedByInspector", function.region))
    yield passed("Inspector scans it, and reports no high or critical vulnerability", scanned, own)


def _inspector_of(function: Resource, estate: Estate) -> Resource:
    parts = function.ref.split(":")
    ref = f"arn:{parts[1]}:inspector2:{parts[3]}:{parts[4]}:account"
    if found := estate.find(INSPECTOR, ref):
        return found
    call = "ListCoverage"
    raise Unread(Gap(f"inspector2.{call}", f"inspector2:{call}", State.SKIPPED, "NotAsked", function.region))
