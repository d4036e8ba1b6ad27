"""What stands around every page: as of when, whose accounts, what is running, and whether it is sample data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from posture.actions import scans
from posture.queries import moments
from tests.web.builders import DAY, HOSTILE, START, a_person, a_queue, account_in, an_admin, queues_scanned

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "at"),
    [
        ("", None),
        ("2026-11-20T08:00", datetime(2026, 11, 20, 8, tzinfo=UTC)),
        ("2026-11-20T08:00:00.123456Z", datetime(2026, 11, 20, 8, 0, 0, 123456, tzinfo=UTC)),
        ("2026-11-20T08:00+02:00", datetime(2026, 11, 20, 6, tzinfo=UTC)),
        ("2026-11-20", datetime(2026, 11, 20, 23, 59, 59, 999999, tzinfo=UTC)),
        ("2036-01-01", None),
    ],
)
def test_a_moment_is_a_time_a_day_or_now(asked, at):
    assert moments.moment(an_admin(), asked, now=NOW) == at


@pytest.mark.parametrize("asked", ["yesterday", "0001-01-01T00:00+14:00", "99999999999999999999", "1", "2026-13-01"])
def test_what_is_no_moment_is_refused(asked):
    with pytest.raises(moments.NoSuchMoment):
        moments.moment(an_admin(), asked, now=NOW)


def test_a_scan_is_a_moment_to_those_who_may_see_it():
    account = account_in("shop")
    scan = queues_scanned(account, a_queue())

    assert moments.moment(a_person("viewer", account.group), str(scan.pk), now=NOW) == START
    with pytest.raises(moments.NoSuchMoment):
        moments.moment(a_person("viewer"), str(scan.pk), now=NOW)


def test_the_last_scans_can_be_looked_back_to(client):
    account = account_in("shop", name="Prod shop")
    for day in range(7):
        queues_scanned(account, a_queue(), at=START + day * DAY)
    client.force_login(a_person("viewer", account.group))

    page = client.get("/resources/?q=orders").content.decode()

    assert page.count("Prod shop, ") == moments.LAST_SCANS
    assert "/resources/?q=orders&amp;as_of=2026-11-07T03%3A00%3A00Z" in page
    assert "A week ago" in page


def test_a_page_says_that_it_looks_back(client):
    queues_scanned(account_in("shop"), a_queue())
    client.force_login(an_admin())

    page = client.get("/resources/?as_of=2026-11-02").content.decode()

    assert "You are looking at" in page
    assert 'href="/resources/"' in page


@pytest.mark.parametrize("path", ["/", "/resources/", "/checks/"])
def test_a_time_that_is_none_is_a_bad_request(client, path):
    account_in("shop")
    client.force_login(an_admin())

    assert client.get(path, {"as_of": "soon"}).status_code == 400


def test_the_accounts_one_may_see_are_the_choice(client):
    shop, bank = account_in("shop", name=HOSTILE), account_in("shop", "222222222222", name="Warehouse")
    account_in("bank", "333333333333", name="Bank")
    client.force_login(a_person("viewer", shop.group))

    page = client.get("/resources/", {"account": bank.ref}).content.decode()

    assert '<option value="222222222222" selected>Warehouse' in page
    assert "&lt;script&gt;alert" in page
    assert "<script>alert" not in page
    assert "Bank" not in page


@pytest.mark.parametrize("path", ["/", "/resources/", "/checks/"])
def test_a_foreign_account_does_not_exist(client, path):
    mine, foreign = account_in("shop"), account_in("bank", "222222222222")
    client.force_login(a_person("viewer", mine.group))

    answers = [client.get(path, {"account": asked}).status_code for asked in (foreign.ref, foreign.pk, "999")]

    assert answers == [404, 404, 404]


def test_a_running_scan_stands_above_every_page(client):
    account = account_in("shop", name="Prod shop")
    queues_scanned(account, a_queue())
    scan = scans.ask(account=account, cause="person", now=timezone.now())
    client.force_login(a_person("viewer", account.group))

    page = client.get("/resources/").content.decode()

    assert f'href="/scans/{scan.pk}/">Scanning Prod shop' in page


def test_nobody_hears_of_a_foreign_scan(client):
    scans.ask(account=account_in("bank", name="Bank"), cause="person", now=timezone.now())
    client.force_login(a_person("viewer", account_in("shop", "222222222222").group))

    assert b"Scanning" not in client.get("/resources/").content


@pytest.mark.parametrize(("role", "removable"), [("admin", True), ("analyst", False)])
def test_sample_data_says_so_and_an_admin_can_remove_it(client, role, removable):
    account = account_in("Sample data", sample=True)
    client.force_login(a_person(role, account.group))

    page = client.get("/resources/").content.decode()

    assert "This is sample data" in page
    assert ("/accounts/sample/remove/" in page) == removable


def test_the_house_costs_three_queries_whatever_the_number_of_accounts(client):
    for n in range(12):
        account = account_in("shop", f"1111222233{n:02}")
        queues_scanned(account, a_queue(account=account.ref))
        scans.ask(account=account, cause="person", now=timezone.now() - timedelta(minutes=n))
    client.force_login(an_admin())

    with CaptureQueriesContext(
        connection,
    ) as whole:
        client.get("/checks/aws.sqs.public/")
    with CaptureQueriesContext(connection) as panel:
        client.get("/checks/aws.sqs.public/", headers={"HX-Request": "true"})

    assert len(whole) - len(panel) <= 3


def test_a_signed_out_page_asks_the_database_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/account/login/").status_code == 200
