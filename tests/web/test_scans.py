"""The queue, the history and the page of one scan, while it runs and after."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from posture.actions import scans as actions
from posture.models import Scan, Unit
from posture.queries import scans
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
    return account_in("ours", name="Shop")


@pytest.fixture
def viewer(client, account):
    person = a_person("viewer", account.group)
    client.force_login(person)
    return person


@pytest.fixture
def analyst(client, account):
    person = a_person("analyst", account.group)
    client.force_login(person)
    return person


@pytest.fixture
def rung(monkeypatch):
    """The scans that a worker was rung for."""
    heard = []
    monkeypatch.setattr("posture.views.scans.bell.ring", heard.append)
    return heard


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode()))


def waiting(account, **fields):
    scan = actions.ask(account=account, cause="person", now=START)
    Scan.objects.filter(pk=scan.pk).update(**fields)
    scan.refresh_from_db()
    return scan


def running(account, *previews):
    """A scan with one unit done for each preview, and one that is still at work."""
    scan = waiting(account, state="running", planned=True, started_at=START)
    for number, preview in enumerate(previews):
        Unit.objects.create(
            scan=scan, region=f"eu-west-{number}", service="sqs", state="done", calls=7, seen=3, preview=preview
        )
    Unit.objects.create(scan=scan, region="us-east-1", service="lambda", state="running", retries=2, throttled=1)
    return scan


def failure(severity=5, **said):
    told = {"check": "aws.sqs.public", "ref": "arn:aws:sqs:::orders", "name": "orders", "sentence": "Open to anyone"}
    return {**told, "severity": severity, **said}


def test_an_empty_history_says_what_a_scan_is(client, viewer):
    page = words(client.get("/scans/"))

    assert "Nothing has been scanned yet" in page
    assert "No scan has ended yet" in page


def test_the_history_tells_what_each_scan_did(client, viewer, account):
    scan = queues_scanned(account, a_queue(Policy=OPEN_POLICY))

    page = client.get("/scans/")

    assert reverse("scan", args=[scan.pk]) in page.content.decode()
    assert "Shop" in words(page)
    assert "Complete" in words(page)


def test_state_and_cause_narrow_the_history(client, viewer, account):
    scan = queues_scanned(account, a_queue())
    address = reverse("scan", args=[scan.pk])

    assert address in client.get("/scans/?state=complete&cause=person").content.decode()
    assert address not in client.get("/scans/?state=failed").content.decode()
    assert "No such scan" in words(client.get("/scans/?cause=schedule"))


def test_cancelled_is_a_state_of_its_own(client, viewer, account):
    scan = waiting(account)
    actions.cancel(scan=scan, now=START)

    assert f"/scans/{scan.pk}/" in client.get("/scans/?state=cancelled").content.decode()
    assert f"/scans/{scan.pk}/" not in client.get("/scans/?state=failed").content.decode()


def test_older_and_newer_pages_meet_without_a_gap(account, monkeypatch):
    monkeypatch.setattr(scans, "PAGE", 2)
    ids = [queues_scanned(account, a_queue(), at=START + day * DAY).pk for day in range(5)]
    admin = an_admin()

    first = scans.history(admin)
    second = scans.history(admin, after=first.older)
    third = scans.history(admin, after=second.older)
    back = scans.history(admin, before=third.newer)

    shown = [[scan.pk for scan in page.rows] for page in (first, second, third)]
    assert shown == [ids[:2:-1], ids[2:0:-1], ids[:1]]
    assert (first.newer, third.older) == (None, None)
    assert [scan.pk for scan in back.rows] == shown[1]


@pytest.mark.parametrize("cursor", ["nonsense", "~", "2026-11-22~1", "2026-11-22T00:00:00Z~x"])
def test_a_cursor_that_makes_no_sense_is_none(client, viewer, account, cursor):
    queues_scanned(account, a_queue())

    assert client.get("/scans/", {"after": cursor}).status_code == 200


def test_a_running_scan_shows_real_failures_as_provisional(client, viewer, account):
    scan = running(account, [failure(), failure(3, sentence="Not encrypted")], [failure(5)])

    page = words(client.get(f"/scans/{scan.pk}/"))

    assert "Seen so far, not published 3 failures" in page
    assert "Open to anyone" in page
    assert "Not encrypted" in page
    assert "2 of 3 units" in page
    assert page.index("Open to anyone") < page.index("Not encrypted")


def test_a_running_scan_moves_by_itself_and_stops_when_it_is_done(client, viewer, account):
    scan = running(account, [failure()])
    live = {"HX-Request": "true", "HX-Target": "live"}

    page = client.get(f"/scans/{scan.pk}/", headers=live).content.decode()

    assert 'hx-trigger="every 1s"' in page
    assert "<html" not in page
    actions.cancel(scan=scan, now=START)
    assert client.get(f"/scans/{scan.pk}/", headers=live)["HX-Refresh"] == "true"
    assert "every 1s" not in client.get(f"/scans/{scan.pk}/").content.decode()


def test_without_javascript_a_link_looks_again(client, viewer, account):
    scan = running(account)

    assert "<noscript>" in client.get(f"/scans/{scan.pk}/").content.decode()


def test_the_queue_moves_by_itself_until_it_changes(client, viewer, account):
    scan = running(account)
    live = {"HX-Request": "true", "HX-Target": "live"}

    assert "1 of 1" not in words(client.get(f"/scans/?live={scan.pk}", headers=live))
    assert "every 1s" in client.get(f"/scans/?live={scan.pk}", headers=live).content.decode()
    assert client.get(f"/scans/?live={scan.pk},99", headers=live)["HX-Refresh"] == "true"


def test_a_waiting_scan_says_what_it_waits_for(client, viewer, account):
    scan = waiting(account)

    assert "Waits for a worker" in words(client.get(f"/scans/{scan.pk}/"))
    assert "Waits for a worker" in words(client.get("/scans/"))


def test_a_finished_scan_says_what_it_changed(client, viewer, account):
    queues_scanned(account, a_queue(Policy=OPEN_POLICY))
    scan = queues_scanned(account, a_queue(), a_queue("parcels", Policy=OPEN_POLICY), at=START + DAY)

    page = words(client.get(f"/scans/{scan.pk}/"))

    assert "1 opened" in page
    assert "1 resolved" in page
    assert "parcels" in page
    assert scan.digest in page
    assert "All that was asked was answered" in page


def test_an_incomplete_scan_names_the_calls_without_an_answer(client, viewer, account):
    scan = queues_scanned(account, refused=(QUEUE,))
    queues_scanned(account, a_queue(), at=START + DAY)

    page = words(client.get(f"/scans/{scan.pk}/"))

    assert "1 call gave no answer" in page
    assert "sqs.ListQueues" in page


@pytest.mark.parametrize(
    ("sentence", "advice"),
    [
        ("AccessDenied: AWS did not let us in.", "trust policy"),
        ("These credentials lead to account 1, not to 2.", "right account"),
        ("Gave up: 6 attempts at sqs in eu-west-1 broke off.", "Try again"),
    ],
)
def test_a_failed_scan_says_why_and_what_to_do(client, viewer, account, sentence, advice):
    scan = waiting(account, state="failed", sentence=sentence, finished_at=START)

    page = words(client.get(f"/scans/{scan.pk}/"))

    assert sentence in page
    assert advice in page
    assert "what was known stays" in page


def test_an_analyst_scans_now_and_a_worker_is_rung_for(
    client, analyst, account, rung, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(f"/accounts/{account.pk}/scan/")

    scan = Scan.objects.get()
    assert (scan.cause, scan.asked_by, rung) == ("person", analyst, [scan])
    assert answer["Location"] == f"/scans/{scan.pk}/"


def test_asking_twice_opens_the_scan_that_runs(client, analyst, account, rung):
    scan = running(account)

    answer = client.post(f"/accounts/{account.pk}/scan/", follow=True)

    assert Scan.objects.get() == scan
    assert "already running" in words(answer)


def test_a_cancelled_scan_can_be_resumed(client, analyst, account, rung, django_capture_on_commit_callbacks):
    scan = running(account, [failure()])

    cancelled = client.post(f"/scans/{scan.pk}/cancel/", follow=True)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/scans/{scan.pk}/resume/")

    assert "Cancelled" in words(cancelled)
    assert "Resume" in words(cancelled)
    scan.refresh_from_db()
    assert (scan.state, rung) == ("running", [scan])
    assert scan.units.filter(state="done").count() == 1


def test_cancelling_what_has_ended_changes_nothing(client, analyst, account):
    scan = queues_scanned(account, a_queue())

    answer = client.post(f"/scans/{scan.pk}/cancel/", follow=True)

    assert "had ended before" in words(answer)
    assert Scan.objects.get().state == "complete"


def test_a_viewer_is_offered_nothing_that_they_may_not_do(client, viewer, account):
    scan = running(account)

    pages = client.get("/scans/").content + client.get(f"/scans/{scan.pk}/").content

    assert b"/cancel/" not in pages
    assert f"/accounts/{account.pk}/scan/".encode() not in pages


def test_scans_of_others_are_not_there(client, viewer):
    scan = queues_scanned(account_in("theirs", "999900001111", name="Theirs"), a_queue(account="999900001111"))

    assert client.get(f"/scans/{scan.pk}/").status_code == 404
    assert "Theirs" not in words(client.get("/scans/"))


def test_text_from_clouds_stays_text(client, viewer, account):
    scan = running(account, [failure(name=HOSTILE, sentence=HOSTILE, ref=HOSTILE, check=HOSTILE)])

    assert HOSTILE not in client.get(f"/scans/{scan.pk}/").content.decode()


def test_a_full_page_of_history_costs_few_queries(client, viewer, account, django_assert_max_num_queries):
    for day in range(6):
        queues_scanned(account, a_queue(), at=START + day * DAY)

    with django_assert_max_num_queries(12):
        client.get("/scans/")


def test_the_part_that_moves_costs_few_queries(client, viewer, account, django_assert_max_num_queries):
    scan = running(account, *([failure()] for _ in range(30)))

    with django_assert_max_num_queries(8):
        client.get(f"/scans/{scan.pk}/", headers={"HX-Request": "true", "HX-Target": "live"})


def test_how_long_it_still_takes_is_said_when_it_can_be_known():
    scan = Scan(asked_at=START, started_at=START)
    whole = scans.Progress("Scan", done=10, total=30)

    assert scans.pace(scan, whole, START + timedelta(seconds=60)) == "60 s so far, about 2 min left"
    assert scans.pace(scan, scans.Progress("Scan", done=1, total=9), START + timedelta(seconds=5)) == "5 s so far"
