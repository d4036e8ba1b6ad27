"""What AWS's own services have found: CASES are run by tests/house/test_checks.py."""

from dataclasses import replace

from scanners.model import Severity
from tests.core.cases import ACCOUNT, REGION, Case, Cases, resource

ANALYZER, DETECTOR, INSPECTOR = (
    "AWS::AccessAnalyzer::Analyzer",
    "AWS::GuardDuty::Detector",
    "AWS::InspectorV2::Account",
)
ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f"
HERE = f"arn:aws:inspector2:{REGION}:{ACCOUNT}:account"


def threats(*found):
    """(severity, archived)."""
    ids = [f"f{n}" for n in range(len(found))]
    told = [{"Id": i, "Type": "T:x/Y", "Severity": s, "Archived": a} for i, (s, a) in zip(ids, found, strict=True)]
    known = {"ListDetectors": ["d1"], "ListFindings": {"d1": ids}, "GetFindings": {"f0": told} if told else {}}
    return Case(resource(DETECTOR, **known))


NO_DETECTOR = Case(resource(DETECTOR, ListDetectors=[], ListFindings={}, GetFindings={}))


def outside(*findings):
    rows = [{"status": s, "findingType": kind, "resourceType": "AWS::S3::Bucket"} for s, kind in findings]
    listed = [{"arn": "a", "type": "ACCOUNT", "status": "ACTIVE"}]
    return Case(resource(ANALYZER, ListAnalyzers=listed, ListFindingsV2={"a": rows}))


def function(findings=None, coverage=None):
    told = {ARN: findings} if findings else {}
    scanned = {ARN: coverage} if coverage else {}
    region = resource(INSPECTOR, HERE, ListFindings=told, ListCoverage=scanned)
    return Case(resource("AWS::Lambda::Function", ARN, ListFunctions={"FunctionArn": ARN}), around=(region,))


CASES = {
    "aws.guardduty.open_findings": Cases(
        fails=(threats((8.5, False)), threats((2, False), (7, False)), threats((7, None))),
        passes=(threats(), threats((6.9, False)), threats((9, True))),
        neutral=(NO_DETECTOR,),
    ),
    "aws.iam.access_analyzer_findings": Cases(
        fails=(outside(("ACTIVE", "ExternalAccess")), outside(("ACTIVE", None))),
        passes=(outside(), outside(("ARCHIVED", "ExternalAccess")), outside(("ACTIVE", "UnusedPermission"))),
        neutral=(Case(resource(ANALYZER, ListAnalyzers=[], ListFindingsV2={})),),
    ),
    "aws.lambda.vulnerable_code": Cases(
        fails=(function({"HIGH": 2}, "ACTIVE"), function({"CRITICAL": 1}), function({"CRITICAL": 1, "HIGH": 3})),
        passes=(function(coverage="ACTIVE"),),
        unknown=(function(), function(coverage="INACTIVE"), replace(function(coverage="ACTIVE"), around=())),
    ),
}


def test_a_critical_one_is_critical():
    assert function({"CRITICAL": 1}).verdict("aws.lambda.vulnerable_code").severity is Severity.CRITICAL
    assert function({"HIGH": 1}).verdict("aws.lambda.vulnerable_code").severity is None


def test_a_function_that_is_not_scanned_is_told_from_one_that_is_sound():
    assert function().verdict("aws.lambda.vulnerable_code").missing[0].code == "NotScannedByInspector"
