"""The catalogue of checks, and a check with what it says now."""

from __future__ import annotations

import pytest
from django.utils import timezone

from scanners.catalog import frameworks
from scanners.checks.registry import checks
from tests.web.builders import (
    DAY,
    HOSTILE,
    OPEN_POLICY,
    START,
    a_person,
    a_queue,
    account_in,
    an_admin,
    queues_scanned,
)

pytestmark = pytest.mark.django_db
PUBLIC = checks()["aws.sqs.public"]


@pytest.fixture
def account():
    return account_in("shop", name="Prod shop")


@pytest.fixture
def viewer(account):
    return a_person("viewer", account.group)


def shown(client, person, path="/checks/", **query):
    client.force_login(person)
    answer = client.get(path, query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def row_of(page, check="aws.sqs.public"):
    return next(row for row in page.split("<tr>") if f">{check}</small>" in row)


def test_it_lists_every_check_before_anything_was_scanned(client, account, viewer):
    page = shown(client, viewer)

    assert all(f">{name}</small>" in page for name in checks())
    assert "<b>0</b> of them fail somewhere" in page


def test_the_numbers_are_links_to_the_findings(client, account, viewer):
    queues_scanned(account, a_queue(Policy=OPEN_POLICY), a_queue("fine"), a_queue("blind", unread=True))

    row = row_of(shown(client, viewer))

    assert 'href="/findings/?check=aws.sqs.public&amp;outcome=fail"><b>1</b>' in row
    assert 'href="/findings/?check=aws.sqs.public&amp;outcome=unknown">1<' in row
    assert 'href="/findings/?check=aws.sqs.public&amp;outcome=pass">1<' in row


def test_a_check_that_could_not_look_says_so_rather_than_nothing(client, account, viewer):
    queues_scanned(account, refused=("AWS::SQS::Queue",))

    page = shown(client, viewer)

    assert "blind in part" in row_of(page)
    assert "could not look everywhere" in page


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        ({"service": "sqs"}, lambda check: check.service == "sqs"),
        ({"severity": "critical"}, lambda check: check.severity.label == "critical"),
        ({"severity": ["critical", "low"]}, lambda check: check.severity.label in ("critical", "low")),
        ({"framework": "pci_dss_4.0"}, lambda check: "pci_dss_4.0" in frameworks.controls(check.id)),
        ({"q": "QUEUE open"}, lambda check: check.id == "aws.sqs.public"),
        ({"q": "no such words"}, lambda check: False),
        ({"service": "nosuch"}, lambda check: False),
    ],
)
def test_filters_narrow_it(client, account, viewer, query, kept):
    page = shown(client, viewer, **query)

    assert {name for name in checks() if f">{name}</small>" in page} == {c.id for c in checks().values() if kept(c)}


@pytest.mark.parametrize("sort", ["severity", "-severity", "fail", "-fail", "check", "-check"])
def test_it_can_be_sorted(client, account, viewer, sort):
    assert row_of(shown(client, viewer, sort=sort))


def test_the_catalogue_can_look_back(client, account, viewer):
    queues_scanned(account, a_queue(Policy=OPEN_POLICY))
    queues_scanned(account, a_queue(), at=START + 2 * DAY)

    assert "<b>1</b>" in row_of(shown(client, viewer, as_of="2026-11-02"))
    assert "<b>1</b>" not in row_of(shown(client, viewer))


def test_a_check_says_why_what_it_reads_and_what_closes_it(client, account, viewer):
    page = shown(client, viewer, "/checks/aws.sqs.public/")

    assert PUBLIC.why in page
    assert "<code>sqs.GetQueueAttributes</code>" in page
    assert "<code>sqs:GetQueueAttributes</code>" in page
    assert "aws sqs set-queue-attributes" in page
    assert "aws_sqs_queue_policy" in page
    assert "NIST SP 800-53" in page
    assert "Nothing to judge was seen" in page


@pytest.mark.parametrize(
    ("outcome", "name"), [("", "orders"), ("fail", "orders"), ("unknown", "blind"), ("pass", "fine")]
)
def test_its_results_stand_by_outcome(client, account, viewer, outcome, name):
    queues_scanned(account, a_queue(Policy=OPEN_POLICY), a_queue("fine"), a_queue("blind", unread=True))

    page = shown(client, viewer, "/checks/aws.sqs.public/", outcome=outcome)

    results = page.partition('id="results"')[2].partition("What closes it")[0]
    assert [other for other in ("orders", "blind", "fine") if f">{other}<" in results] == [name]


def test_what_blinds_it_stands_there_with_the_permission_that_is_missing(client, account, viewer):
    queues_scanned(account, a_queue(unread=True))

    page = shown(client, viewer, "/checks/aws.sqs.public/")

    assert "What blinds it now" in page
    assert "AccessDenied in 1 scope of 1 account" in page
    assert "<code>sqs:GetQueueAttributes</code> on" in page


def test_a_check_can_look_back(client, account, viewer):
    queues_scanned(account, a_queue(Policy=OPEN_POLICY))
    queues_scanned(account, a_queue(), at=START + 2 * DAY)

    then = shown(client, viewer, "/checks/aws.sqs.public/", as_of="2026-11-02")

    assert "<b>1</b> failed" in then
    assert "as_of=2026-11-02&amp;outcome=pass" in then


@pytest.mark.parametrize("query", ["outcome=maybe", "after=nonsense"])
def test_a_filter_that_makes_no_sense_is_a_bad_request(client, account, viewer, query):
    queues_scanned(account, a_queue(Policy=OPEN_POLICY))
    client.force_login(viewer)

    assert client.get(f"/checks/aws.sqs.public/?{query}").status_code == 400


def test_a_check_that_is_none_does_not_exist(client, viewer):
    client.force_login(viewer)

    assert client.get("/checks/aws.sqs.nosuch/").status_code == 404


def test_nobody_else_sees_its_results(client, account):
    queues_scanned(account, a_queue(Policy=OPEN_POLICY), a_queue("blind", unread=True))
    mallory = a_person("analyst", account_in("bank", "222222222222").group)

    page = shown(client, mallory, "/checks/aws.sqs.public/")

    assert "orders" not in page
    assert "What blinds it now" not in page
    assert "<b>1</b>" not in row_of(shown(client, mallory))


def test_hostile_text_stays_text(client, account, viewer):
    queues_scanned(account, a_queue(HOSTILE, Policy=OPEN_POLICY))

    page = shown(client, viewer, "/checks/aws.sqs.public/")

    assert "&lt;script&gt;alert" in page
    assert "<script>alert" not in page


def test_both_pages_cost_the_same_however_much_there_is(client, django_assert_max_num_queries):
    for n in range(5):
        account = account_in("shop", f"1111222233{n:02}")
        queues = [a_queue(f"q{m}", Policy=OPEN_POLICY, account=account.ref) for m in range(15)]
        queues_scanned(account, *queues, a_queue("b", account=account.ref, unread=True), at=timezone.now())
    client.force_login(an_admin())

    with django_assert_max_num_queries(12):
        client.get("/checks/")
    with django_assert_max_num_queries(12):
        client.get("/checks/aws.sqs.public/")
