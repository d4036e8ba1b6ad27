"""Services that look for trouble: CASES are run by tests/house/test_checks.py."""

from scanners.model import Outcome, Severity
from tests.core.cases import Case, Cases, refused, resource

ANALYZER, DETECTOR = "AWS::AccessAnalyzer::Analyzer", "AWS::GuardDuty::Detector"


def analyzers(*rows):
    listed = [{"type": kind, "status": status, "name": f"a{n}"} for n, (kind, status) in enumerate(rows)]
    return Case(resource(ANALYZER, ListAnalyzers=listed))


def detector(status="ENABLED", subject="", **features):
    """One detector; `features`: name → status."""
    told = {"Status": status, "Features": [{"Name": name, "Status": said} for name, said in features.items()]}
    return Case(resource(DETECTOR, ListDetectors=["d1"], GetDetector={"d1": told}), subject=subject)


NONE = Case(resource(DETECTOR, ListDetectors=[], GetDetector={}))
BARE = Case(resource(DETECTOR, ListDetectors=["d1"], GetDetector={"d1": {"Status": "ENABLED"}}))
RECORDER, INSPECTOR = "AWS::Config::ConfigurationRecorder", "AWS::InspectorV2::Account"


def recorders(*rows, theirs=()):
    """(name, recording); `theirs` are those of services."""
    listed = [{"name": name} for name, _ in rows] + [
        {"name": n, "servicePrincipal": "x.amazonaws.com"} for n, _ in theirs
    ]
    status = [{"name": name, "recording": on} for name, on in (*rows, *theirs)]
    return Case(resource(RECORDER, DescribeConfigurationRecorders=listed, DescribeConfigurationRecorderStatus=status))


def inspector(*states):
    return Case(resource(INSPECTOR, BatchGetAccountStatus=list(states)))


HUB, MACIE = "AWS::SecurityHub::Hub", "AWS::Macie::Session"


def hub(*states, on=True):
    listed = [{"StandardsArn": f"arn:{n}", "StandardsStatus": status} for n, status in enumerate(states)]
    sections = {"DescribeHub": {"HubArn": "arn:hub"}, "GetEnabledStandards": listed} if on else {"DescribeHub": None}
    return Case(resource(HUB, **sections))


def macie(status, discovery=None):
    sections = {"GetMacieSession": {"status": status} if status else None}
    if status:
        sections["GetAutomatedDiscoveryConfiguration"] = {"status": discovery} if discovery else None
    return Case(resource(MACIE, **sections))


CASES = {
    "aws.iam.access_analyzer": Cases(
        fails=(
            analyzers(),
            analyzers(("ACCOUNT_UNUSED_ACCESS", "ACTIVE")),
            analyzers(("ORGANIZATION_INTERNAL_ACCESS", "ACTIVE")),
            analyzers(("ACCOUNT", "CREATING")),
            analyzers(("ACCOUNT", "DISABLED"), ("ORGANIZATION", "FAILED")),
        ),
        passes=(
            analyzers(("ACCOUNT", "ACTIVE")),
            analyzers(("ORGANIZATION", "ACTIVE")),
            analyzers(("ACCOUNT", "FAILED"), ("ORGANIZATION_UNUSED_ACCESS", "ACTIVE"), ("ORGANIZATION", "ACTIVE")),
        ),
        unknown=(Case(resource(ANALYZER, ListAnalyzers=[{"name": "a", "status": "ACTIVE"}])),),
    ),
    "aws.guardduty.enabled": Cases(
        fails=(
            NONE,
            detector("DISABLED"),
            detector("DISABLED", S3_DATA_EVENTS="ENABLED"),
            detector(subject="LAMBDA_NETWORK_LOGS", LAMBDA_NETWORK_LOGS="DISABLED"),
            detector(subject="EKS_AUDIT_LOGS", EKS_AUDIT_LOGS="DISABLED", S3_DATA_EVENTS="ENABLED"),
        ),
        passes=(
            detector(),
            BARE,
            detector(LAMBDA_NETWORK_LOGS="DISABLED"),
            detector(RDS_LOGIN_EVENTS="DISABLED"),
            detector(subject="S3_DATA_EVENTS", EKS_AUDIT_LOGS="DISABLED", S3_DATA_EVENTS="ENABLED"),
        ),
        unknown=(Case(resource(DETECTOR, ListDetectors=["d1"], GetDetector={"d1": {"Features": []}})),),
    ),
    "aws.config.recorder": Cases(
        fails=(recorders(), recorders(("default", False)), recorders(theirs=(("internal", True),))),
        passes=(recorders(("default", True)), recorders(("default", True), theirs=(("internal", False),))),
        unknown=(recorders(("default", None)),),
    ),
    "aws.inspector.lambda": Cases(
        fails=(
            inspector(),
            inspector({"lambda": "DISABLED", "ecr": "ENABLED"}),
            inspector({"lambda": "ENABLED", "ecr": "SUSPENDED"}),
            inspector({"lambda": "ENABLING", "ecr": "ENABLED"}),
            inspector({"ec2": "ENABLED", "ecr": "ENABLED"}),
        ),
        passes=(
            inspector({"lambda": "ENABLED", "ecr": "ENABLED"}),
            inspector({"lambda": "ENABLED", "ecr": "ENABLED", "lambdaCode": "DISABLED", "ec2": "DISABLED"}),
        ),
    ),
    "aws.securityhub.enabled": Cases(
        fails=(hub(on=False), hub(), hub("PENDING"), hub("FAILED", "DELETING")),
        passes=(hub("READY"), hub("INCOMPLETE", "READY")),
        unknown=(Case(resource(HUB, gaps={"DescribeHub": refused("DescribeHub")})), hub(None)),
    ),
    "aws.macie.enabled": Cases(
        fails=(macie(None), macie("PAUSED", "ENABLED"), macie("ENABLED", "DISABLED"), macie("ENABLED")),
        passes=(macie("ENABLED", "ENABLED"),),
        unknown=(
            Case(resource(MACIE, gaps={"GetMacieSession": refused("GetMacieSession")})),
            Case(resource(MACIE, GetMacieSession={})),
        ),
    ),
}


def test_a_protection_that_is_off_is_less_grave_than_a_detector_that_is():
    off = detector(subject="S3_DATA_EVENTS", S3_DATA_EVENTS="DISABLED").verdict("aws.guardduty.enabled")

    assert off.severity is Severity.MEDIUM
    assert NONE.verdict("aws.guardduty.enabled").severity is None


def test_a_protection_of_no_account_by_default_says_nothing():
    subjects = {verdict.subject for verdict in detector(RDS_LOGIN_EVENTS="DISABLED").verdicts("aws.guardduty.enabled")}

    assert subjects == {""}


def test_a_region_whose_detectors_were_refused_is_not_one_without():
    blind = Case(resource(DETECTOR, gaps={"ListDetectors": refused("ListDetectors")}, GetDetector={}))

    assert blind.verdict("aws.guardduty.enabled").outcome is Outcome.UNKNOWN
