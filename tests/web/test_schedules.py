"""When accounts are scanned, in the words and by the clocks of the people who look."""

import re
from datetime import UTC, datetime

import pytest
import time_machine

from posture.actions import schedules
from posture.models import Schedule
from tests.web.builders import a_person, account_in

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def account():
    return account_in("ours", name="Shop")


@pytest.fixture
def analyst(client, account):
    person = a_person("analyst", account.group)
    client.force_login(person)
    return person


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode()))


def scheduled(account, cron="0 3 * * *", timezone="UTC"):
    return schedules.set_schedule(account=account, cron=cron, timezone=timezone, now=NOW)


def set_to(client, account, usual="0 3 * * *", cron="", timezone="Europe/Berlin"):
    form = {"usual": usual, "cron": cron, "timezone": timezone}
    return client.post(f"/schedules/{account.pk}/", form, follow=True)


def test_without_accounts_the_page_leads_to_them(client):
    client.force_login(a_person("viewer"))

    assert "No account is connected" in words(client.get("/schedules/"))


def test_an_account_without_a_schedule_is_scanned_only_when_asked(client, analyst):
    page = words(client.get("/schedules/"))

    assert "0 of 1 account are scanned by the clock" in page
    assert "only when asked" in page


def test_a_usual_time_is_set_by_the_clocks_of_a_zone(client, analyst, account):
    page = words(set_to(client, account))

    assert Schedule.objects.get().due_at == datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    assert "Every day at 03:00, by the clocks of Europe/Berlin" in page
    assert "Mon 23 Nov 2026, 03:00 CET" in page
    assert "Fri 27 Nov 2026, 03:00 CET" in page


def test_a_cron_expression_of_ones_own_is_kept_as_written(client, analyst, account):
    set_to(client, account, usual="own", cron="30 2 * * 1-5", timezone="UTC")

    assert Schedule.objects.get().cron == "30 2 * * 1-5"
    assert 'value="30 2 * * 1-5"' in client.get(f"/schedules/{account.pk}/").content.decode()


def test_the_clock_change_moves_the_scan_and_not_its_hour(client, analyst, account):
    with time_machine.travel(datetime(2026, 10, 24, 12, 0, tzinfo=UTC), tick=False):
        page = words(set_to(client, account))

    assert "Sun 25 Oct 2026, 03:00 CET" in page or "Sun 25 Oct 2026, 03:00 CEST" in page
    assert "Mon 26 Oct 2026, 03:00 CET" in page


MISTAKES = [
    # chosen, cron, zone, what the page says
    ("own", "", "UTC", "Write an expression"),
    ("own", "every day", "UTC", "is no cron expression"),
    ("own", "99 3 * * *", "UTC", "is no cron expression"),
    ("own", "* * * * * *", "UTC", "is no cron expression"),
    ("own", "0 0 30 2 *", "UTC", "cron expression"),
    ("0 3 * * *", "", "Berlin", "is no time zone"),
    ("0 3 * * *", "", "../../etc/passwd", "is no time zone"),
    ("0 3 * * *", "", "", "required"),
    ("* * * * *", "", "UTC", "not one of the available choices"),
]


@pytest.mark.parametrize(("usual", "cron", "timezone", "sentence"), MISTAKES)
def test_a_mistake_is_one_sentence_and_changes_nothing(client, analyst, account, usual, cron, timezone, sentence):
    page = set_to(client, account, usual, cron, timezone)

    assert sentence in words(page)
    assert not Schedule.objects.exists()


def test_pausing_and_going_on(client, analyst, account):
    scheduled(account)

    paused = client.post(f"/schedules/{account.pk}/pause/", follow=True)
    with time_machine.travel(datetime(2026, 11, 25, 12, 0, tzinfo=UTC), tick=False):
        on = client.post(f"/schedules/{account.pk}/unpause/", follow=True)

    assert "Paused: nothing is scanned until you go on" in words(paused)
    assert "Next scans" in words(on)
    assert Schedule.objects.get().due_at == datetime(2026, 11, 26, 3, 0, tzinfo=UTC)


def test_a_viewer_sees_the_times_and_no_buttons(client, account):
    scheduled(account)
    client.force_login(a_person("viewer", account.group))

    page = client.get("/schedules/")

    assert "Every day at 03:00" in words(page)
    assert "1 of 1 account is scanned by the clock" in words(page)
    assert '<form method="post"' not in page.content.decode().partition("<main")[2]


def test_schedules_of_others_are_not_there(client, analyst):
    theirs = account_in("theirs", "999900001111", name="Theirs")
    scheduled(theirs)

    assert "Theirs" not in words(client.get("/schedules/"))
    assert client.get(f"/schedules/{theirs.pk}/").status_code == 404
    assert client.post(f"/schedules/{theirs.pk}/pause/").status_code == 404
    assert not Schedule.objects.get().paused


def test_many_accounts_cost_no_more_queries_than_one(client, analyst, account, django_assert_max_num_queries):
    for number in range(10):
        scheduled(account_in("ours", f"{number:012}"))

    with django_assert_max_num_queries(14):
        client.get("/schedules/")
