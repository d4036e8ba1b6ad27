"""Access is checked before a scan: what is refused, what that blinds, and the policy that mends exactly that."""

import json
import re
from datetime import timedelta
from html import unescape

import msgspec
import pytest
from django.core.management import call_command
from django.utils import timezone

from posture import tasks
from posture.actions import preflights
from posture.models import Preflight
from posture.queries import preflights as queries
from posture.runtime.mistakes import Mistake
from scanners.preflight import Outcome, Tried
from tests.web.builders import HOSTILE, START, a_person, a_queue, account_in, queues_scanned

pytestmark = pytest.mark.django_db

REFUSED = Tried("sqs.GetQueueAttributes", ("sqs:GetQueueAttributes",), Outcome.DENIED, "resource", "eu-west-1",
                "AccessDenied", HOSTILE)  # fmt: skip
GOOD = Tried("sns.ListTopics", ("sns:ListTopics",), Outcome.ALLOWED, "listing", "eu-west-1")
DARK = Tried("s3.GetBucketAcl", ("s3:GetBucketAcl",), Outcome.NOT_PROVEN, "", "global", "", "nothing found")
BY_OTHERS = Tried("kms.ListKeys", ("kms:ListKeys",), Outcome.DENIED, "listing", "eu-west-1", "AccessDeniedException",
                  "with an explicit deny in a service control policy")  # fmt: skip


@pytest.fixture
def account():
    return account_in("ours", name="Shop", endpoint="http://127.0.0.1:1")


@pytest.fixture
def analyst(client, account):
    person = a_person("analyst", account.group)
    client.force_login(person)
    return person


@pytest.fixture
def rung(monkeypatch):
    heard = []
    monkeypatch.setattr("posture.actions.bell.ring", heard.append)
    return heard


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode()))


def told(account, *tried, at=START, **fields):
    fields = {"state": "done", "finished_at": at, "region": "eu-west-1", "regions": 2, "caller": "arn:x", **fields}
    refused = sum(one.outcome in (Outcome.DENIED, Outcome.UNREACHABLE) for one in tried)
    return Preflight.objects.create(
        account=account, asked_at=at, tried=[msgspec.to_builtins(one) for one in tried], refused=refused, **fields
    )


def page_of(client, account, query=""):
    return client.get(f"/accounts/{account.pk}/access/{query}")


def test_the_button_asks_for_one_and_a_worker_is_rung_for(
    client, account, analyst, rung, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"/accounts/{account.pk}/access/")

    preflight = Preflight.objects.get()
    assert (preflight.account, preflight.asked_by, preflight.state) == (account, analyst, "waiting")
    assert rung == [preflight]


def test_of_two_who_ask_both_get_the_same(account):
    first = preflights.ask(account=account, now=START)

    assert preflights.ask(account=account, now=START) == first


def test_a_worker_that_is_rung_twice_does_it_once(account, monkeypatch):
    tries = []
    monkeypatch.setattr(preflights, "_try", lambda preflight, told: tries.append(preflight) or [])
    preflight = preflights.ask(account=account, now=START)

    for _ in range(2):
        tasks.work_on_preflight(preflight_id=preflight.pk)

    preflight.refresh_from_db()
    assert (len(tries), preflight.state) == (1, "done")


def test_a_lost_bell_is_rung_again_and_a_worker_at_it_is_left_alone(account):
    preflight = preflights.ask(account=account, now=START)
    assert preflights.unattended() == [preflight.pk]

    preflights._leased(preflight.pk)

    assert preflights.unattended() == []


def test_who_lost_the_lease_says_nothing(account):
    preflight = preflights.ask(account=account, now=START)
    late = preflights._leased(preflight.pk)
    Preflight.objects.update(fence=7)

    assert not preflights._save(late, state="done", tried=["wrong"])
    assert Preflight.objects.get().tried == []


def test_no_way_in_is_one_sentence(account, client, analyst):
    preflight = preflights.ask(account=account, now=START)

    preflights.on(preflight_id=preflight.pk, clock=timezone.now)

    preflight.refresh_from_db()
    assert preflight.state == "failed"
    assert "AWS did not let us in" in words(page_of(client, account))


def test_only_the_last_ones_are_kept(account, monkeypatch):
    monkeypatch.setattr(preflights, "_try", lambda preflight, told: [])
    for day in range(preflights.KEPT + 3):
        preflight = preflights.ask(account=account, now=START + timedelta(days=day))
        preflights.on(preflight_id=preflight.pk, clock=timezone.now)

    kept = Preflight.objects.order_by("asked_at")
    assert kept.count() == preflights.KEPT
    assert kept.last() == preflight


def test_the_page_says_what_is_refused_what_that_blinds_and_what_mends_it(client, account, analyst):
    told(account, REFUSED, GOOD, DARK)

    page = page_of(client, account)

    text = words(page)
    assert "1 call refused" in text
    assert "1 could not be proven" in text
    assert "aws.sqs.public" in text
    policy = json.loads(re.search(r"<code>(\{.*?\})</code>", unescape(page.content.decode()), re.S)[1])
    assert policy["Statement"][0]["Action"] == ["sqs:GetQueueAttributes"]
    assert HOSTILE not in page.content.decode()


def test_what_another_policy_forbids_is_not_put_into_the_policy_to_paste(client, account, analyst):
    told(account, BY_OTHERS)

    text = words(page_of(client, account))

    assert "names “explicit deny”" in text
    assert "Policy to add" not in text


def test_all_there_is_said_in_the_first_line(client, account, analyst):
    told(account, GOOD)

    assert "No call was refused" in words(page_of(client, account))


def test_the_cost_counts_what_is_known(client, account, analyst):
    queues_scanned(account, a_queue())

    found = queries.of(told(account, GOOD))

    assert found.calls == found.cost.empty + 1
    assert f"{found.cost.empty:,} calls when 2 regions are empty" in words(page_of(client, account))


def test_an_earlier_one_can_be_looked_at(client, account, analyst):
    before = told(account, REFUSED, at=START)
    told(account, GOOD, at=START + timedelta(days=1))

    assert "No call was refused" in words(page_of(client, account))
    assert "1 call refused" in words(page_of(client, account, f"?of={before.pk}"))


def test_the_account_page_leads_to_what_was_refused(client, account, analyst):
    told(account, REFUSED)

    page = client.get(f"/accounts/{account.pk}/")

    assert "1 call refused when access was checked" in words(page)
    assert f"/accounts/{account.pk}/access/" in page.content.decode()


def test_progress_is_fetched_again_until_it_ends(client, account, analyst):
    running = told(account, state="running", finished_at=None, done=3, total=9)
    live = {"HX-Request": "true", "HX-Target": "live"}

    going = client.get(f"/accounts/{account.pk}/access/?of={running.pk}", headers=live)
    Preflight.objects.update(state="done")
    ended = client.get(f"/accounts/{account.pk}/access/?of={running.pk}", headers=live)

    assert "3 of 9 services" in words(going)
    assert "<main" not in going.content.decode()
    assert ended["HX-Refresh"] == "true"


def test_the_first_scan_is_offered_once_access_was_checked(client, account, analyst):
    assert "Start the first scan" not in words(page_of(client, account))

    told(account, GOOD)

    assert "Start the first scan" in words(page_of(client, account))


def test_a_viewer_reads_and_asks_for_nothing(client, account):
    client.force_login(a_person("viewer", account.group))
    told(account, REFUSED)

    text = words(page_of(client, account))

    assert "1 call refused" in text
    assert "Check again" not in text
    assert "Scan now" not in text


def test_the_page_costs_no_more_queries_with_a_long_history(client, account, analyst, django_assert_max_num_queries):
    for day in range(10):
        told(account, REFUSED, GOOD, DARK, at=START + timedelta(days=day))

    with django_assert_max_num_queries(16):
        page_of(client, account)


def test_the_shell_waits_for_nobody(account):
    preflights._leased(preflights.ask(account=account, now=START).pk)

    with pytest.raises(Mistake, match="being checked already"):
        call_command("permissions", "aws", "--check", "Shop")
