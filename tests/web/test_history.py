"""What a scan makes of what was known: rows only where something changed, and no gap ever closes anything."""

import base64
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from posture.models import CoverageCell, Finding, FindingState, Resource, ResourceVersion, Scan, Scope, Tally
from posture.models.findings import Outcome, State, Transition
from posture.store.findings import public_key
from tests.core.cases import refused, resource
from tests.publishing import an_account, publish, saw
from tests.web.builders import TLS_ONLY

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
START = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)
QUEUE, ARN = "AWS::SQS::Queue", "arn:aws:sqs:eu-west-1:111122223333:orders"
OPEN = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}]}


def queue(arn=ARN, gaps=None, **attributes):
    sections = {"ListQueues": {"QueueUrl": "https://sqs/1/orders"}}
    if not gaps:
        policy = attributes.pop("Policy", None) or {"Statement": []}
        policy = {**policy, "Statement": [*policy["Statement"], TLS_ONLY]}
        kept = {"SqsManagedSseEnabled": "true", "RedrivePolicy": "{}", **attributes}
        sections["GetQueueAttributes"] = {**kept, "Policy": policy}
    return resource(QUEUE, arn, gaps=gaps, **sections)


DENIED = {"GetQueueAttributes": refused("GetQueueAttributes", "sqs")}


@pytest.fixture
def account():
    return an_account()


def scan(account, *resources, day=0, refused=()):
    return publish(account, saw("eu-west-1", "sqs", *resources, refused=refused), at=START + day * DAY)


def finding(check="aws.sqs.public"):
    return Finding.objects.get(check_id=check)


def timeline(check="aws.sqs.public"):
    states = FindingState.objects.filter(finding=finding(check)).order_by("since_at")
    return [Transition(state.transition).label for state in states]


def test_a_first_scan_opens_failures_and_remembers_passes(account):
    summary = scan(account, queue(Policy=OPEN)).summary

    assert (finding().outcome, finding().state) == (Outcome.FAIL, State.OPEN)
    assert finding("aws.sqs.unencrypted").outcome == Outcome.PASS
    assert summary["opened"] == 1
    assert finding().opened_at == START


def test_an_unchanged_account_writes_no_row_of_history(account):
    scan(account, queue(Policy=OPEN))
    before = FindingState.objects.count(), ResourceVersion.objects.count(), CoverageCell.objects.count()

    again = scan(account, queue(Policy=OPEN), day=1)

    assert (FindingState.objects.count(), ResourceVersion.objects.count(), CoverageCell.objects.count()) == before
    assert again.summary["unchanged"] == 4
    assert again.digest == Scan.objects.earliest("id").digest


def test_a_mended_setting_resolves_the_finding_and_makes_a_version(account):
    scan(account, queue(Policy=OPEN))

    scan(account, queue(), day=1)

    assert timeline() == ["opened", "resolved"]
    assert finding().state == State.RESOLVED
    versions = ResourceVersion.objects.order_by("since_at")
    assert [version.until_at for version in versions] == [START + DAY, None]


def test_it_opens_again_when_it_comes_back(account):
    for day, policy in enumerate((OPEN, None, OPEN)):
        scan(account, queue(**({"Policy": policy} if policy else {})), day=day)

    assert timeline() == ["opened", "resolved", "opened"]
    assert finding().opened_at == START + 2 * DAY


def test_a_refused_detail_loses_sight_and_closes_nothing(account):
    scan(account, queue(Policy=OPEN))

    incomplete = scan(account, queue(gaps=DENIED), day=1)

    lost = finding()
    assert incomplete.state == Scan.State.INCOMPLETE
    assert (lost.outcome, lost.last_known, lost.state) == (Outcome.UNKNOWN, Outcome.FAIL, State.OPEN)
    assert lost.proof.missing[0]["permission"] == "sqs:GetQueueAttributes"
    assert lost.opened_at == START
    assert lost.seen_at == START


def test_what_is_seen_again_as_it_was_is_not_new(account):
    scan(account, queue(Policy=OPEN))
    scan(account, queue(gaps=DENIED), day=1)

    summary = scan(account, queue(Policy=OPEN), day=2).summary

    assert timeline() == ["opened", "lost", "seen"]
    assert summary["opened"] == 0
    assert finding().opened_at == START
    assert finding().seen_at is None


def test_what_was_mended_out_of_sight_is_resolved(account):
    scan(account, queue(Policy=OPEN))
    scan(account, queue(gaps=DENIED), day=1)

    scan(account, queue(), day=2)

    assert timeline() == ["opened", "lost", "resolved"]


def test_a_refused_list_deletes_nothing(account):
    scan(account, queue(Policy=OPEN))

    scan(account, day=1, refused=[QUEUE])

    assert Resource.objects.get(ref=ARN).gone_at is None
    assert finding().outcome == Outcome.UNKNOWN
    assert finding().proof.missing[0]["call"] == "sqs.ListQueues"
    assert Scope.objects.get(service="sqs").read_at == START or Scope.objects.get(service="sqs").gaps


def test_what_a_full_list_no_longer_shows_is_gone(account):
    scan(account, queue(Policy=OPEN))

    scan(account, day=1)

    assert Resource.objects.get(ref=ARN).gone_at == START + DAY
    assert timeline() == ["opened", "gone"]
    assert finding().state == State.GONE


def test_what_comes_back_is_the_same_resource_and_the_same_finding(account):
    scan(account, queue(Policy=OPEN))
    scan(account, day=1)

    scan(account, queue(Policy=OPEN), day=2)

    assert Resource.objects.get(ref=ARN).gone_at is None
    assert timeline() == ["opened", "gone", "opened"]


def test_a_scope_that_was_not_scanned_keeps_its_findings(account):
    scan(account, queue(Policy=OPEN))

    publish(account, saw("us-east-1", "sqs"), at=START + DAY)

    assert (finding().outcome, timeline()) == (Outcome.FAIL, ["opened"])


def test_what_no_region_was_asked_for_is_unknown_and_not_empty(account):
    root = resource(
        "AWS::Account",
        "arn:aws:iam::111122223333:root",
        region="global",
        GetAccountSummary={"AccountMFAEnabled": 1},
    )

    publish(account, saw("global", "iam", root), regions=["eu-west-1"])
    unseen = finding("aws.cloudtrail.multi_region").proof.missing
    publish(account, saw("eu-west-1", "cloudtrail"), regions=["eu-west-1", "us-east-1"], at=timezone.now() + DAY)

    assert [(gap["code"], gap["region"]) for gap in unseen] == [("NotScanned", "eu-west-1")]
    assert finding("aws.cloudtrail.multi_region").outcome == Outcome.FAIL


def test_a_tally_counts_what_stands_after_each_scan(account):
    scan(account, queue(Policy=OPEN))
    scan(account, queue(), day=1)

    failures = Tally.objects.filter(outcome=Outcome.FAIL).order_by("at")

    assert [(tally.at, tally.count) for tally in failures] == [(START, 1)]


def test_a_coverage_cell_changes_only_when_the_answer_does(account):
    for day, gaps in enumerate((None, DENIED, DENIED, None)):
        scan(account, queue(gaps=gaps), day=day)

    cells = CoverageCell.objects.filter(call="sqs.GetQueueAttributes").order_by("since_at")

    assert [(cell.state, cell.since_at, cell.until_at) for cell in cells] == [
        ("denied", START + DAY, START + 3 * DAY),
    ]


def test_two_scans_of_one_account_never_run_together(account):
    from posture.actions import scans

    first = scans.ask(account=account, cause="person", now=START)

    with pytest.raises(scans.AlreadyRunning) as refusal:
        scans.ask(account=account, cause="schedule", now=START)

    assert refusal.value.scan == first


@pytest.mark.parametrize("subject", ["", "22", "x" * 300, "ключ"])
def test_a_findings_id_is_base32_of_what_it_is_about(subject):
    said = "\x1f".join(("111122223333", "aws.sqs.public", "arn:q", subject)).encode()
    whole = base64.b32encode(hashlib.blake2b(said, digest_size=9).digest()).decode()

    assert public_key("111122223333", "aws.sqs.public", "arn:q", subject) == whole.rstrip("=").lower()
