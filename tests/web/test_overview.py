"""The overview: what is open, what is new, what could not be seen; and what it says before there is anything."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from posture.actions import scans
from posture.actions.looks import look
from posture.models import Person, Scan, Unit
from posture.models.findings import Severity
from posture.queries import overview, trends
from tests.web.builders import (
    DAY,
    HOSTILE,
    OPEN_POLICY,
    QUEUE,
    START,
    a_person,
    a_queue,
    account_in,
    an_admin,
    queues_scanned,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return account_in("shop", name="Prod shop", added_at=START)


@pytest.fixture
def viewer(account):
    return a_person("viewer", account.group)


def shown(client, person, **query):
    client.force_login(person)
    return " ".join(client.get("/", query).content.decode().split())


def visited(person, ago=timedelta(days=1)):
    """They last looked a while ago."""
    Person.objects.filter(pk=person.pk).update(looked_at=timezone.now() - ago)


def test_an_empty_product_leads_an_admin_to_connecting_an_account(client):
    page = shown(client, an_admin())

    assert "Connect an AWS account" in page
    assert 'href="/accounts/connect/"' in page


@pytest.mark.parametrize("grouped", [True, False])
def test_others_are_told_to_ask_an_admin(client, grouped):
    empty = account_in("shop").group
    empty.accounts.all().delete()
    page = shown(client, a_person("analyst", *([empty] if grouped else [])))

    assert ("Your groups hold no account yet" in page) == grouped
    assert "sk an admin" in page
    assert "/accounts/connect/" not in page


def test_an_account_that_was_never_scanned_says_so(client, account, viewer):
    page = shown(client, viewer)

    assert "Nothing was published yet" in page
    assert "Never scanned" in page


def test_it_answers_with_what_fails_and_what_was_not_read(client, account, viewer):
    queues_scanned(account, a_queue(Policy=OPEN_POLICY), a_queue("returns", unread=True))

    page = shown(client, viewer)

    assert '<a href="/findings/?outcome=fail"><b>1</b> failing</a>' in page
    assert '<a class="gap" href="/findings/?outcome=unknown"><b>4</b> unknown</a>' in page
    assert "<b>1 scope</b> unread" in page
    assert "may hide more" in page


def test_where_everything_was_read_it_says_so(client, account, viewer):
    queues_scanned(account, a_queue())

    page = shown(client, viewer)

    assert "<b>0</b> failing</a>. Every scope was read." in page
    assert "Nothing fails. Everything was looked at." in page


def test_nothing_failing_in_what_was_read_is_not_all_clear(client, account, viewer):
    queues_scanned(account, a_queue(unread=True))

    page = shown(client, viewer)

    assert "What was not read may hide failures" in page
    assert "Everything was looked at" not in page


def test_the_worst_findings_stand_there_with_their_evidence(client, account, viewer):
    queues_scanned(account, a_queue(Policy=OPEN_POLICY), a_queue("plain", SqsManagedSseEnabled="false"))

    page = shown(client, viewer)

    gravest = page.index("policy allows sqs:* to anyone")
    assert gravest < page.index("Messages are stored without encryption")


def test_many_findings_of_one_check_in_one_resource_are_one_line(viewer, account, monkeypatch):
    queues_scanned(account, a_queue(Policy=OPEN_POLICY), a_queue("other", Policy=OPEN_POLICY))
    ports = [overview.Worst(finding.finding) for finding in overview.worst(viewer, (), None)] * 3
    monkeypatch.setattr(overview, "read", lambda *asked: [port.finding for port in ports])

    lines = overview.worst(viewer, (), None)

    assert [(line.finding.name, line.others) for line in lines] == [("other", 2), ("orders", 2)]


def test_a_call_without_an_answer_names_the_checks_it_blinds(client, account, viewer):
    queues_scanned(account, a_queue(unread=True))

    page = shown(client, viewer)

    assert "What could not be seen" in page
    assert "sqs.GetQueueAttributes" in page
    assert "aws.sqs.public" in page


def test_news_is_what_came_and_went_since_the_last_visit(client, account, viewer):
    queues_scanned(
        account, a_queue(Policy=OPEN_POLICY), a_queue("b", Policy=OPEN_POLICY), a_queue("c", Policy=OPEN_POLICY)
    )
    visited(viewer)

    queues_scanned(
        account, a_queue(), a_queue("b", unread=True), a_queue("new", Policy=OPEN_POLICY), at=timezone.now()
    )  # orders is mended, b is out of sight, c is gone
    page = shown(client, viewer)

    assert "<b>1</b> new</a> since your last visit" in page
    assert [line.split("</b>")[0][-1] for line in page.split("<dd>")[1:5]] == ["1", "1", "1", "1"]


def test_reloading_keeps_the_news(client, account, viewer):
    visited(viewer)
    queues_scanned(account, a_queue(Policy=OPEN_POLICY), at=timezone.now())

    pages = [shown(client, viewer), shown(client, viewer)]

    assert all("<b>1</b> new</a>" in page for page in pages)


def test_a_visit_ends_after_an_hour():
    person, now = a_person(), timezone.now()

    first = look(person=person, now=now)
    again = look(person=Person.objects.get(pk=person.pk), now=now + timedelta(minutes=59))
    later = look(person=Person.objects.get(pk=person.pk), now=now + timedelta(minutes=61))

    assert (first, again, later) == (None, None, now)


def test_a_first_visit_has_no_news(client, account, viewer):
    queues_scanned(account, a_queue(Policy=OPEN_POLICY))

    page = shown(client, viewer)

    assert "This is your first visit" in page
    assert "new</a> since" not in page


def test_a_day_without_a_scan_is_a_gap_in_the_trend(account):
    queues_scanned(account, a_queue(Policy=OPEN_POLICY))
    queues_scanned(account, a_queue(), at=START + 2 * DAY)
    queues_scanned(account, a_queue(Policy=OPEN_POLICY), at=START + 3 * DAY)

    points = trends.trend([account], START + 4 * DAY).points(Severity.CRITICAL)

    assert [value for _, value in points] == [1, None, 0, 1, None]


def test_what_went_out_of_sight_is_no_improvement(account):
    queues_scanned(account, a_queue(Policy=OPEN_POLICY))
    queues_scanned(account, a_queue(unread=True), at=START + DAY)

    critical = overview.grades(trends.trend([account], START + DAY))[0]

    assert (critical.failing, critical.unknown, critical.change) == (0, 1, None)


def test_accounts_add_up_and_count_as_they_last_stood(account):
    other = account_in("shop", "222222222222", added_at=START)
    queues_scanned(account, a_queue(Policy=OPEN_POLICY))
    queues_scanned(other, a_queue(Policy=OPEN_POLICY, account=other.ref), at=START + DAY)

    points = trends.trend([account, other], START + DAY).points()

    assert [value for _, value in points] == [1, 2]


def test_what_was_counted_before_the_window_still_counts(account):
    other = account_in("shop", "222222222222", added_at=START)
    queues_scanned(account, a_queue(Policy=OPEN_POLICY))
    queues_scanned(other, a_queue(Policy=OPEN_POLICY, account=other.ref), at=START + 40 * DAY)

    trend = trends.trend([account, other], START + 40 * DAY)

    assert [value for _, value in trend.points()] == [2]
    assert trend.now(trends.Outcome.FAIL) == 2


def test_a_scan_that_failed_says_why_and_what_stands_there_is_older(client, account, viewer):
    queues_scanned(account, a_queue(Policy=OPEN_POLICY))
    failed = scans.ask(account=account, cause="schedule", now=timezone.now())
    Scan.objects.filter(pk=failed.pk).update(
        state="failed", sentence="AWS did not let us in.", finished_at=timezone.now()
    )

    page = shown(client, viewer)

    assert "AWS did not let us in." in page
    assert "Shown: <time" in page
    assert "<b>1</b> failing" in page


def test_while_the_first_scan_runs_it_shows_what_is_seen_so_far(client, account, viewer):
    scan = scans.ask(account=account, cause="person", now=timezone.now())
    seen = {"check": "aws.sqs.public", "severity": 5, "ref": "arn", "name": HOSTILE, "sentence": f"Open {HOSTILE}"}
    Unit.objects.create(scan=scan, region="eu-west-1", service="sqs", state="done", seen=3, preview=[seen])
    Unit.objects.create(scan=scan, region="eu-west-1", service="sns")

    page = shown(client, viewer)

    assert "not published yet" in page
    assert "1 of 2 scopes" in page
    assert 'hx-trigger="every 1s"' in page
    assert "&lt;script&gt;alert" in page
    assert "<script>alert" not in page


def test_the_moving_part_is_answered_alone_and_the_end_of_the_scan_reloads(client, account, viewer):
    scans.ask(account=account, cause="person", now=timezone.now())
    client.force_login(viewer)
    polled = {"HX-Request": "true", "HX-Target": "live"}

    moving = client.get("/", headers=polled)
    Scan.objects.update(state="failed")
    ended = client.get("/", headers=polled)

    assert moving.content.strip().startswith(b'<div id="live"')
    assert ended.headers["HX-Refresh"] == "true"


def test_it_can_look_back(client, account, viewer):
    queues_scanned(account, a_queue(Policy=OPEN_POLICY))
    queues_scanned(account, a_queue(), at=START + 2 * DAY)

    then, now = shown(client, viewer, as_of="2026-11-02"), shown(client, viewer)

    assert '<a href="/findings/?as_of=2026-11-02&amp;outcome=fail"><b>1</b> failing</a>' in then
    assert "policy allows sqs:* to anyone" in then
    assert "Since your last visit" not in then
    assert "<b>0</b> failing" in now


def test_looking_back_is_no_visit(client, account, viewer):
    shown(client, viewer, as_of="2026-11-02")

    assert Person.objects.get(pk=viewer.pk).looked_at is None


def test_one_account_can_be_looked_at_alone(client, account):
    other = account_in("shop", "222222222222", name="Warehouse", added_at=START)
    queues_scanned(account, a_queue(Policy=OPEN_POLICY))
    queues_scanned(other, a_queue("bins", Policy=OPEN_POLICY, account=other.ref))

    page = shown(client, an_admin(), account=other.ref)

    assert "<b>1</b> failing" in page
    assert "bins" in page
    assert "orders" not in page


def test_nobody_else_sees_it(client, account):
    queues_scanned(account, a_queue(HOSTILE, Policy=OPEN_POLICY), a_queue("x", unread=True))
    mallory = a_person("analyst", account_in("bank", "222222222222", name="Bank").group)

    page = shown(client, mallory)

    assert "Prod shop" not in page
    assert "failing</a>" not in page
    assert "GetQueueAttributes" not in page


def test_hostile_names_stay_text(client, account, viewer):
    account.name = HOSTILE
    account.save()
    queues_scanned(account, a_queue(HOSTILE, Policy=OPEN_POLICY))

    page = shown(client, viewer)

    assert "&lt;script&gt;alert" in page
    assert "<script>alert" not in page


def test_it_costs_the_same_however_much_there_is(client, django_assert_max_num_queries):
    admin = an_admin()
    visited(admin)
    for n in range(6):
        account = account_in("shop", f"1111222233{n:02}")
        queues = [a_queue(f"q{m}", Policy=OPEN_POLICY, account=account.ref) for m in range(20)]
        queues_scanned(account, *queues, at=timezone.now(), refused=(QUEUE,) if n % 2 else ())
    client.force_login(admin)

    with django_assert_max_num_queries(12):
        assert client.get("/").status_code == 200
