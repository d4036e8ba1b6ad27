"""Trails: whether all that is done in the account is recorded, and whether the record can be trusted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from scanners.checks.buckets import ACCOUNT_BLOCK, BLOCK, BUCKET, public
from scanners.checks.registry import Fix, check
from scanners.model import Gap, Node, Outcome, Proof, Resource, Severity, Unread, Verdict, failed, passed
from scanners.model.estate import Estate

TRAIL = "AWS::CloudTrail::Trail"
OPENS_A_BUCKET = (BLOCK, "GetBucketPolicy", "GetBucketOwnershipControls", "GetBucketAcl")  # what `public` reads
OBJECT = "AWS::S3::Object"
BOTH = {"read", "write"}
WAYS = {"All": BOTH, "ReadOnly": {"read"}, "WriteOnly": {"write"}}
NOISY = {"kms.amazonaws.com", "rdsdata.amazonaws.com"}  # the sources that CloudTrail lets people leave out


@check(
    "aws.cloudtrail.multi_region",
    on="AWS::Account",
    severity=Severity.CRITICAL,
    title="No complete audit trail",
    joins=((TRAIL, "DescribeTrails"), (TRAIL, "GetTrailStatus"), (TRAIL, "GetEventSelectors")),
    fix=Fix(
        console="CloudTrail > Trails > Create trail: all regions, management events, read and write; Start logging.",
        cli="aws cloudtrail create-trail --name NAME --s3-bucket-name BUCKET --is-multi-region-trail "
        "&& aws cloudtrail start-logging --name NAME",
        terraform='resource "aws_cloudtrail" "this" { is_multi_region_trail = true, s3_bucket_name = BUCKET }',
    ),
)
def multi_region(account: Resource, estate: Estate) -> Iterator[Verdict]:
    """Without one trail that records management events of every region, nobody can say afterwards who did what.
    One that the organisation records for this account counts, where its settings may be read from here.
    """
    whole: list[tuple[str, Node]] = []
    lacking: list[tuple[str, Node]] = []
    gaps: list[Gap] = []
    try:
        for trail in estate.all_seen_from(TRAIL):
            try:
                why, where = lack_of(trail)
                (lacking if why else whole).append((f"{trail.name} {why}", where))
            except Unread as unread:
                gaps.extend(unread.gaps)
    except Unread as unread:
        gaps.extend(unread.gaps)
    if whole:
        yield passed("A trail records the management events of every region", min(whole, key=lambda one: one[1].ref)[1])
    elif gaps:
        raise Unread(*gaps)
    elif lacking:
        reasons = "; ".join(sorted(why for why, _ in lacking))
        yield failed(f"No trail records everything: {reasons}", *(where for _, where in lacking))
    else:
        nothing = Node([], "/DescribeTrails", "cloudtrail.DescribeTrails", account.region, account.ref)
        yield failed("The account has no trail", nothing)


def lack_of(trail: Resource) -> tuple[str, Node]:
    """(what keeps the trail from being a complete record, where it says so); of a complete one, "" and its proof."""
    described = trail["DescribeTrails"]
    everywhere = described.need("IsMultiRegionTrail")
    if everywhere.value is not True:
        return "records one region only", everywhere
    status = trail["GetTrailStatus"]
    if status.need("IsLogging").value is not True:
        return "is stopped", status["IsLogging"]
    if status["LatestDeliveryError"].value:
        return "cannot write to its bucket", status["LatestDeliveryError"]
    told = trail["GetEventSelectors"]
    basic, advanced = told["EventSelectors"], told["AdvancedEventSelectors"]
    if not basic.value and not advanced.value and described.need("HasCustomEventSelectors").value is False:
        return "", described["HasCustomEventSelectors"]  # never changed: records management events, read and write
    seen = {way for one in basic for way in recorded(one)} | {
        way for one in advanced for way in recorded_by_fields(one)
    }
    if BOTH - seen:
        return f"leaves out {' and '.join(sorted(BOTH - seen))} management events", told
    return "", basic if basic.value else advanced


def recorded(selector: Node) -> set[str]:
    """The ways ("read", "write") in which a basic selector records management events."""
    if selector.need("IncludeManagementEvents").value is not True:
        return set()
    return WAYS.get(selector.need("ReadWriteType").text(), set())


def recorded_by_fields(selector: Node) -> set[str]:
    """The same of an advanced selector.  One narrowed by more than way and noisy sources records too little."""
    categories, ways = set[str](), BOTH
    for field in selector["FieldSelectors"]:
        name = field.need("Field").text()
        tests = {test: {one.text() for one in values} for test, values in field.items() if test != "Field"}
        if name == "eventCategory":
            categories |= tests.get("Equals", set())
        elif name == "readOnly":
            ways = {"read" if value == "true" else "write" for value in tests.get("Equals", set())}
        elif not (name == "eventSource" and tests.keys() == {"NotEquals"} and tests["NotEquals"] <= NOISY):
            return set()
    return ways if "Management" in categories else set()


@check(
    "aws.cloudtrail.integrity",
    on=TRAIL,
    severity=Severity.MEDIUM,
    title="Trail can be altered unnoticed",
    reads=("DescribeTrails",),
    joins=((ACCOUNT_BLOCK, BLOCK), *((BUCKET, section) for section in OPENS_A_BUCKET)),
    fix=Fix(
        console="CloudTrail > Trails > the trail > General details > Edit: enable log file validation and SSE-KMS; "
        "block public access of its bucket.",
        cli="aws cloudtrail update-trail --name NAME --enable-log-file-validation --kms-key-id KEY",
        terraform='resource "aws_cloudtrail" "this" { enable_log_file_validation = true, kms_key_id = KEY }',
    ),
)
def integrity(trail: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever covers their tracks changes the log files: with validation that shows, with a key of yours fewer can read
    them.  A bucket of another account cannot be looked into from here, and is not judged.
    """
    described, faults = trail["DescribeTrails"], list[tuple[str, Node]]()
    validation, key = described.need("LogFileValidationEnabled"), described["KmsKeyId"]
    bucket = described.need("S3BucketName")
    if validation.value is not True:
        faults.append(("log files are not validated", validation))
    if not key.value:
        faults.append(("log files are not encrypted with a KMS key", key))
    opened, whose = list[Proof](), "of another account"
    try:
        partition = trail.ref.split(":")[1]
        if own := estate.find(BUCKET, f"arn:{partition}:s3:::{bucket.text()}"):
            opened, whose = openings(own, estate), "that strangers cannot open"
    except Unread:
        if not faults:
            raise
    words = [words for words, _ in faults] + ["bucket is open to anyone"] * bool(opened)
    if words:
        verdict = failed("The trail's " + ", and its ".join(words), *(node for _, node in faults))
        yield replace(verdict, because=(*verdict.because, *opened))
    else:
        yield passed(f"Log files are validated and encrypted, in a bucket {whose}", validation, key, bucket)


def openings(bucket: Resource, estate: Estate) -> list[Proof]:
    """What opens a bucket to anyone; raises Unread when nothing read does, and not all was read."""
    found: list[Proof] = []
    try:
        for verdict in public(bucket, estate):
            found.extend(verdict.because if verdict.outcome is Outcome.FAIL else ())
    except Unread:
        if not found:
            raise
    return found


@check(
    "aws.cloudtrail.s3_data_events",
    on="AWS::Account",
    severity=Severity.LOW,
    title="Object access not recorded",
    joins=((TRAIL, "DescribeTrails"), (TRAIL, "GetTrailStatus"), (TRAIL, "GetEventSelectors")),
    fix=Fix(
        console="CloudTrail > Trails > the trail > Data events > Edit: data event type S3, the buckets that matter.",
        cli="aws cloudtrail put-event-selectors --trail-name NAME --advanced-event-selectors file://objects.json",
        terraform='resource "aws_cloudtrail" "this" { advanced_event_selector { field_selector { field ='
        ' "resources.type"  equals = ["AWS::S3::Object"] } } }',
    ),
)
def s3_data_events(account: Resource, estate: Estate) -> Iterator[Verdict]:
    """After a leak nobody can say which objects were read, and by whom.  Which buckets matter is for people to say: one
    that is recorded is enough here.
    """
    looked, gaps = list[Node](), list[Gap]()
    try:
        for trail in estate.all_seen_from(TRAIL):
            try:
                looked.append(trail["DescribeTrails"].need("TrailARN"))
                if trail["GetTrailStatus"].need("IsLogging").value is True and (where := _objects(trail)):
                    yield passed("A trail that is running records what is done to objects", where)
                    return
            except Unread as unread:
                gaps.extend(unread.gaps)
    except Unread as unread:
        gaps.extend(unread.gaps)
    if gaps:
        raise Unread(*gaps)
    nothing = Node([], "/DescribeTrails", "cloudtrail.DescribeTrails", account.region, account.ref)
    yield failed("No trail that is running records what is done to objects", *(looked or [nothing]))


def _objects(trail: Resource) -> Node | None:
    """The selector that takes in events of objects in buckets."""
    told = trail["GetEventSelectors"]
    for selector in told["EventSelectors"]:
        for resources in selector["DataResources"]:
            if resources["Type"].value == OBJECT and resources["Values"].value:
                return resources
    for selector in told["AdvancedEventSelectors"]:
        tests = [
            (field.need("Field").value, [one.value for one in field["Equals"]]) for field in selector["FieldSelectors"]
        ]
        if ("eventCategory", ["Data"]) in tests and any(name == "resources.type" and OBJECT in v for name, v in tests):
            return selector
    return None
