"""Trails: CASES are run by tests/house/test_checks.py; tests of their own say what cases cannot."""

from dataclasses import replace

import pytest

from scanners.checks.registry import checks, evaluate
from scanners.model import Gap, Outcome, State
from scanners.model.estate import NOT_SCANNED, Estate
from tests.core.cases import ACCOUNT, NOW, Case, Cases, refused, resource

TRAIL, BUCKET = "AWS::CloudTrail::Trail", "AWS::S3::Bucket"
ACCOUNT_BLOCK = "AWS::S3::AccountPublicAccessBlock"
ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
DEFAULT = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}


def field(name, **tests):
    return {"Field": name, **{test: list(values) for test, values in tests.items()}}


MANAGEMENT = field("eventCategory", Equals=("Management",))


def advanced(*selectors):
    return {"AdvancedEventSelectors": [{"Name": "one", "FieldSelectors": list(fields)} for fields in selectors]}


def trail(name="all", *, selectors=None, logging=True, unread=None, **described):
    told = {"IsMultiRegionTrail": True, "HasCustomEventSelectors": False, "S3BucketName": "audit"} | described
    status = {"IsLogging": logging} if isinstance(logging, bool) else logging
    sections = {
        "DescribeTrails": told,
        "GetTrailStatus": status,
        "GetEventSelectors": selectors or {"EventSelectors": [DEFAULT]},
    }
    gaps = {unread: refused(unread)} if unread else {}
    known = {section: document for section, document in sections.items() if section != unread}
    return resource(TRAIL, f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/{name}", gaps=gaps, **known)


def account(*trails):
    ref = f"arn:aws:iam::{ACCOUNT}:root"
    return Case(resource("AWS::Account", ref, GetAccountSummary={}), around=trails)


def bucket(policy=None, *, restricted=None, enforced=True, crowd=None, block_lists=False):
    """Without an owner who owns every object there is an access list, which may let a crowd in."""
    flags = {"RestrictPublicBuckets": restricted, "IgnorePublicAcls": block_lists} if restricted is not None else None
    rule = "BucketOwnerEnforced" if enforced else "ObjectWriter"
    grants = [{"Grantee": {"URI": ALL_USERS}, "Permission": "READ"}] if crowd else []
    return resource(
        BUCKET,
        "arn:aws:s3:::audit",
        GetBucketPolicy={"Policy": policy} if policy else None,
        GetPublicAccessBlock=flags,
        GetBucketOwnershipControls={"Rules": [{"ObjectOwnership": rule}]},
        **({} if enforced else {"GetBucketAcl": {"Grants": grants}}),
    )


def everywhere(restricted):
    return resource(ACCOUNT_BLOCK, GetPublicAccessBlock={"RestrictPublicBuckets": restricted})


def kept(*around, validated=True, key="arn:aws:kms:eu-west-1:111122223333:key/1"):
    told = {"LogFileValidationEnabled": validated, **({"KmsKeyId": key} if key else {})}
    return Case(trail(**told), around=around)


OPEN = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}
BY_TRAIL = {
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject"}]
}
READS, WRITES = field("readOnly", Equals=("true",)), field("readOnly", Equals=("false",))
OBJECT = "AWS::S3::Object"
DATA, ON_OBJECTS = field("eventCategory", Equals=("Data",)), field("resources.type", Equals=(OBJECT,))


def objects(kind=OBJECT, values=("arn:aws:s3",)):
    return {"EventSelectors": [{**DEFAULT, "DataResources": [{"Type": kind, "Values": list(values)}]}]}


CASES = {
    "aws.cloudtrail.multi_region": Cases(
        fails=(
            account(),
            account(trail(IsMultiRegionTrail=False)),
            account(trail(logging=False)),
            account(trail(logging={"IsLogging": True, "LatestDeliveryError": "AccessDenied"})),
            account(trail(selectors={"EventSelectors": [{**DEFAULT, "ReadWriteType": "WriteOnly"}]})),
            account(trail(selectors={"EventSelectors": [{**DEFAULT, "IncludeManagementEvents": False}]})),
            account(trail(selectors=advanced([field("eventCategory", Equals=("Data",))]))),
            account(trail(selectors=advanced([MANAGEMENT, WRITES]))),
            account(trail(selectors=advanced([MANAGEMENT, field("eventSource", NotEquals=("iam.amazonaws.com",))]))),
            account(trail(selectors={"EventSelectors": []}, HasCustomEventSelectors=True)),
            account(trail("one", IsMultiRegionTrail=False), trail("two", logging=False)),
        ),
        passes=(
            account(trail()),
            account(trail("local", IsMultiRegionTrail=False), trail()),
            account(trail(selectors={"EventSelectors": [], "AdvancedEventSelectors": []})),
            account(trail(selectors=advanced([MANAGEMENT]))),
            account(trail(selectors=advanced([MANAGEMENT, READS], [MANAGEMENT, WRITES]))),
            account(trail(selectors=advanced([MANAGEMENT, field("eventSource", NotEquals=("kms.amazonaws.com",))]))),
        ),
    ),
    "aws.cloudtrail.s3_data_events": Cases(
        fails=(
            account(),
            account(trail(TrailARN="t")),
            account(trail(selectors=objects("AWS::Lambda::Function"), TrailARN="t")),
            account(trail(selectors=objects(values=()), TrailARN="t")),
            account(trail(selectors=objects(), logging=False, TrailARN="t")),
            account(trail(selectors=advanced([MANAGEMENT, ON_OBJECTS]), TrailARN="t")),
            account(trail(selectors=advanced([DATA, field("resources.type", NotEquals=(OBJECT,))]), TrailARN="t")),
        ),
        passes=(
            account(trail(selectors=objects(), TrailARN="t")),
            account(trail(selectors=advanced([MANAGEMENT], [ON_OBJECTS, DATA]), TrailARN="t")),
            account(trail("other", TrailARN="o"), trail(selectors=objects(), TrailARN="t")),
        ),
    ),
    "aws.cloudtrail.integrity": Cases(
        fails=(
            kept(bucket(), validated=False),
            kept(bucket(), key=None),
            kept(bucket(OPEN)),
            kept(bucket(OPEN, restricted=False), everywhere(False)),
            kept(bucket(enforced=False, crowd=True)),
            kept(validated=False),
        ),
        passes=(
            kept(bucket()),
            kept(bucket(BY_TRAIL)),
            kept(bucket(OPEN, restricted=True)),
            kept(bucket(OPEN), everywhere(True)),
            kept(bucket(enforced=False)),
            kept(),
        ),
    ),
}


def test_a_good_trail_is_enough_even_where_others_could_not_be_read():
    case = replace(account(trail("blind", unread="GetTrailStatus"), trail("good")), unread=frozenset({TRAIL}))

    assert case.verdict("aws.cloudtrail.multi_region").outcome is Outcome.PASS


@pytest.mark.parametrize("section", ["GetTrailStatus", "GetEventSelectors"])
def test_a_trail_that_may_be_the_good_one_is_no_failure(section):
    case = account(trail("off", logging=False), trail("blind", unread=section))

    assert case.verdict("aws.cloudtrail.multi_region").outcome is Outcome.UNKNOWN


def test_a_refused_region_is_not_an_account_without_trails():
    case = replace(account(), unread=frozenset({TRAIL}))

    assert case.verdict("aws.cloudtrail.multi_region").outcome is Outcome.UNKNOWN


def test_a_fault_of_the_trail_stands_where_its_bucket_could_not_be_read():
    case = replace(kept(validated=False), unread=frozenset({BUCKET}))

    assert case.verdict("aws.cloudtrail.integrity").outcome is Outcome.FAIL


def test_a_region_that_nobody_looked_at_hides_no_trail_of_all_regions():
    skipped = Gap("cloudtrail.DescribeTrails", "cloudtrail:DescribeTrails", State.SKIPPED, NOT_SCANNED, "us-east-1")

    def asked(read):
        estate = Estate(ACCOUNT, NOW, lambda kind: [], {TRAIL: (skipped,)}, read={TRAIL: read})
        root = resource("AWS::Account", "arn:aws:iam::111122223333:root", GetAccountSummary={})
        return evaluate(checks()["aws.cloudtrail.multi_region"], root, estate)[0].outcome

    assert asked(frozenset({"eu-west-1"})) is Outcome.FAIL
    assert asked(frozenset()) is Outcome.UNKNOWN
