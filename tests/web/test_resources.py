"""Resources: the list and its filters, and one resource as it was read."""

from __future__ import annotations

import pytest
from django.utils import timezone

from posture.models import Resource
from scanners.model import Resource as Seen
from tests.core.cases import refused, resource
from tests.publishing import publish, saw
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
SECRET, OTHER = {"secret": "AWS Access Key", "digest": "d1"}, {"secret": None, "digest": "d2"}


@pytest.fixture
def account():
    return account_in("shop", name="Prod shop")


@pytest.fixture
def viewer(account):
    return a_person("viewer", account.group)


def shown(client, person, path="/resources/", **query):
    client.force_login(person)
    answer = client.get(path, query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def page_of(client, person, name="orders", **query):
    return shown(client, person, f"/resources/{Resource.objects.get(name=name).pk}/", **query)


def names(page):
    """The names in the rows, in order."""
    return [row.split(">", 1)[1].split("<")[0] for row in page.split('<a class="row"')[1:]]


def a_function(name: str, **variables: object) -> Seen:
    arn = f"arn:aws:lambda:eu-west-1:111122223333:function:{name}"
    listed = {"FunctionName": name, "FunctionArn": arn, "Environment": {"Variables": variables}}
    return resource("AWS::Lambda::Function", arn, ListFunctions=listed)


def test_an_empty_list_says_what_comes_next(client, account, viewer):
    assert "No resource was seen yet" in shown(client, viewer)


def test_it_lists_what_is_there_with_its_open_findings(client, account, viewer):
    queues_scanned(account, a_queue(Policy=OPEN_POLICY), a_queue("blind", unread=True), a_queue("fine"))

    page = shown(client, viewer)

    assert names(page) == ["blind", "fine", "orders"]
    assert "<b>3 resources</b>" in page
    assert "Critical</span> <b>1</b>" in page
    assert "4 unknown" in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"kind": QUEUE}, ["east", "orders"]),
        ({"kind": "AWS::Lambda::Function"}, []),
        ({"region": "us-east-1"}, ["east"]),
        ({"service": "sqs", "region": "eu-west-1"}, ["orders"]),
        ({"q": "ORD"}, ["orders"]),
        ({"q": "arn:aws:sqs:us-east-1"}, ["east"]),
        ({"q": "%"}, []),
        ({"failing": "yes"}, ["east"]),
        ({"state": "gone"}, ["old"]),
        ({"state": ["here", "gone"]}, ["east", "old", "orders"]),
        ({"account": "111122223333"}, ["east", "orders"]),
        ({"sort": "-name"}, ["orders", "east"]),
    ],
)
def test_filters_narrow_it(client, account, viewer, query, expected):
    queues_scanned(account, a_queue(), a_queue("old"))
    east = a_queue("east", region="us-east-1", Policy=OPEN_POLICY)
    publish(account, saw("eu-west-1", "sqs", a_queue()), saw("us-east-1", "sqs", east), at=START + DAY)

    assert names(shown(client, viewer, **query)) == expected


@pytest.mark.parametrize("query", ["state=lost", "sort=digest", "after=nonsense", "after=W10", "kind=%00", "q=%00"])
def test_a_filter_that_makes_no_sense_is_a_bad_request(client, viewer, query):
    client.force_login(viewer)

    assert client.get(f"/resources/?{query}").status_code == 400


def test_a_facet_counts_with_its_own_filter_lifted(client, account, viewer):
    east = a_queue("east", region="us-east-1")
    publish(account, saw("eu-west-1", "sqs", a_queue()), saw("us-east-1", "sqs", east), at=START)

    page = shown(client, viewer, region="us-east-1")

    assert 'eu-west-1<span class="push">1</span>' in page
    assert "<b>1 resource</b> with these filters" in page


@pytest.mark.parametrize("sort", ["name", "-name", "kind", "changed", "-changed"])
def test_pages_reach_every_row_once_both_ways(client, account, viewer, sort, monkeypatch):
    monkeypatch.setattr("posture.queries.keyset.page.__kwdefaults__", {"after": "", "before": "", "rows": 2})
    queues_scanned(account, *(a_queue(f"q{n}") for n in range(5)))

    there, back, cursor = [], [], {"sort": sort}
    while cursor:
        page = shown(client, viewer, **cursor)
        there.append(names(page))
        older = page.partition('rel="next" href="')[2].partition('"')[0]
        cursor = {"sort": sort, "after": older.rpartition("after=")[2]} if older else None
    newer = page.partition('rel="prev" href="')[2].partition('"')[0]
    while newer:
        page = shown(client, viewer, sort=sort, before=newer.rpartition("before=")[2])
        back.insert(0, names(page))
        newer = page.partition('rel="prev" href="')[2].partition('"')[0]

    assert sorted(name for part in there for name in part) == [f"q{n}" for n in range(5)]
    assert back == there[:-1]


def test_the_list_can_look_back(client, account, viewer):
    queues_scanned(account, a_queue(Policy=OPEN_POLICY), a_queue("old"))
    queues_scanned(account, a_queue(), a_queue("young"), at=START + 2 * DAY)

    then = shown(client, viewer, as_of="2026-11-02")

    assert names(then) == ["old", "orders"]
    assert "Critical</span> <b>1</b>" in then
    assert names(shown(client, viewer)) == ["orders", "young"]
    assert "?as_of=" in then.partition('class="row" href="')[2].partition('"')[0]


def test_nobody_else_sees_any_of_it(client, account):
    queues_scanned(account, a_queue())
    mallory = a_person("analyst", account_in("bank", "222222222222").group)

    assert "orders" not in shown(client, mallory)
    foreign = client.get(f"/resources/{Resource.objects.get().pk}/")
    unknown = client.get("/resources/999999/")
    assert (foreign.status_code, foreign.content) == (404, unknown.content)


def test_settings_stand_there_with_the_deciding_lines_marked(client, account, viewer):
    queues_scanned(account, a_queue(Policy=OPEN_POLICY))

    page = page_of(client, viewer)

    assert "<b>1 open finding</b>" in page
    assert '<mark class="l d4" id="/GetQueueAttributes/Policy/Statement/0/Principal"' in page
    assert 'href="#/GetQueueAttributes/Policy/Statement/0/Principal"' in page
    assert "sqs.GetQueueAttributes" in page
    assert "arn:test" in page  # as whom it was read


def test_what_was_not_read_is_said_to_be_unread_never_empty(client, account, viewer):
    queues_scanned(account, a_queue(unread=True))

    page = page_of(client, viewer)

    assert "<b>1 part</b> of its settings could not be read" in page
    assert "<b>sqs.GetQueueAttributes</b> was not read: AccessDenied in eu-west-1; it needs" in page
    assert "Nothing is open here" not in page


def test_a_call_that_was_never_answered_is_not_shown_as_an_empty_answer(client, account, viewer):
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:f"
    policies = {"GetPolicy": refused("GetPolicy", "lambda")}
    seen = resource("AWS::Lambda::Function", arn, gaps=policies, GetPolicy={}, ListFunctions={"FunctionName": "f"})
    publish(account, saw("eu-west-1", "lambda", seen), at=START)

    page = page_of(client, viewer, "f")

    assert "<b>lambda.GetPolicy</b> was not read: AccessDenied" in page
    assert "<b>GetPolicy</b>" not in page


def test_a_listing_that_was_refused_leaves_the_last_settings_and_says_so(client, account, viewer):
    queues_scanned(account, a_queue(Policy=OPEN_POLICY))
    queues_scanned(account, at=START + DAY, refused=(QUEUE,))

    page = page_of(client, viewer)

    assert "The last scan could not list SQS Queue here" in page
    assert "/GetQueueAttributes/Policy" in page
    assert "Lost sight of" in page


def test_findings_are_grouped_by_outcome(client, account, viewer):
    queues_scanned(account, a_queue(Policy=OPEN_POLICY))

    page = page_of(client, viewer)

    failed, passed = page.index("policy allows sqs:* to anyone"), page.index("encrypted with a key that SQS manages")
    assert failed < page.index("Passed", failed) < passed


def test_two_versions_are_compared(client, account, viewer):
    for day, seconds in enumerate(("60", "120", "240")):
        queues_scanned(account, a_queue(MessageRetentionPeriod=seconds), at=START + day * DAY)

    last = page_of(client, viewer)
    chosen = page_of(client, viewer, **{"from": "2026-11-01T03:00:00Z", "to": "2026-11-03T03:00:00Z"})

    assert "1 line went, 1 line came" in last
    assert ["120" in last, "&quot;60&quot;" in last] == [True, False]
    assert "&quot;60&quot;" in chosen
    assert last.count("<option") == 6


def test_a_section_that_one_version_could_not_read_is_not_compared(client, account, viewer):
    queues_scanned(account, a_queue(Policy=OPEN_POLICY))
    queues_scanned(account, a_queue(unread=True), at=START + DAY)

    page = page_of(client, viewer)

    assert "Not compared, because one of the two could not be read: GetQueueAttributes" in page
    assert "Nothing differs in what both versions could read" in page


@pytest.mark.parametrize("asked", ["soon", "2026-13-01"])
def test_a_version_that_is_none_is_a_bad_request(client, account, viewer, asked):
    queues_scanned(account, a_queue())
    client.force_login(viewer)

    assert client.get(f"/resources/{Resource.objects.get().pk}/", {"from": asked}).status_code == 400


def test_a_resource_can_be_looked_at_as_it_was(client, account, viewer):
    queues_scanned(account, a_queue(Policy=OPEN_POLICY))
    queues_scanned(account, a_queue(), at=START + 2 * DAY)

    then, now = page_of(client, viewer, as_of="2026-11-02"), page_of(client, viewer)

    assert "<b>1 open finding</b>" in then
    assert '<mark class="l d4" id="/GetQueueAttributes/Policy' in then
    assert "Nothing is open here" in now


def test_before_it_was_seen_it_was_not_there(client, account, viewer):
    queues_scanned(account, a_queue())
    client.force_login(viewer)

    assert client.get(f"/resources/{Resource.objects.get().pk}/", {"as_of": "2026-10-01"}).status_code == 404


def test_what_is_gone_keeps_its_last_settings(client, account, viewer):
    queues_scanned(account, a_queue(Policy=OPEN_POLICY))
    queues_scanned(account, at=START + DAY)

    page = page_of(client, viewer)

    assert "Gone since" in page
    assert "/GetQueueAttributes/Policy" in page


def test_variables_show_names_kinds_of_secrets_and_where_the_same_value_stands(client, account, viewer):
    checkout = a_function("checkout", AWS_KEY=SECRET, MODE=OTHER, COPY=SECRET)
    publish(account, saw("eu-west-1", "lambda", checkout, a_function("payments", TOKEN=SECRET, MODE=OTHER)), at=START)

    page = page_of(client, viewer, "checkout")

    assert "AWS Access Key" in page
    assert ">payments/TOKEN</a>" in page
    assert ">checkout/COPY</a>" in page
    assert "payments/MODE" not in page  # equal values that are no secrets are nobody's business
    assert 'href="#/ListFunctions/Environment/Variables/AWS_KEY"' in page


def test_secrets_of_another_account_are_not_compared(client, account):
    publish(account, saw("eu-west-1", "lambda", a_function("checkout", AWS_KEY=SECRET)), at=START)
    bank = account_in("bank", "222222222222")
    publish(bank, saw("eu-west-1", "lambda", a_function("vault", KEY=SECRET)), at=START)

    assert "vault" not in page_of(client, an_admin(), "checkout")


def test_hostile_text_stays_text(client, account, viewer):
    hostile = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": HOSTILE, "Sid": HOSTILE}]}
    queues_scanned(account, a_queue(HOSTILE, Policy=hostile))
    found = Resource.objects.get()

    pages = shown(client, viewer), shown(client, viewer, f"/resources/{found.pk}/")

    for page in pages:
        assert "&lt;script&gt;alert" in page
        assert "<script>alert" not in page


def test_it_opens_in_the_side_panel(client, account, viewer):
    queues_scanned(account, a_queue())
    client.force_login(viewer)

    panel = client.get(f"/resources/{Resource.objects.get().pk}/", headers={"HX-Request": "true"})

    assert b"<html" not in panel.content
    assert "HX-Request" in panel.headers["Vary"]


def test_both_pages_cost_the_same_however_much_there_is(client, django_assert_max_num_queries):
    for n in range(6):
        account = account_in("shop", f"1111222233{n:02}")
        queues = [a_queue(f"q{m}", Policy=OPEN_POLICY, account=account.ref) for m in range(15)]
        queues_scanned(account, *queues, at=timezone.now())
        queues_scanned(account, *queues[1:], a_queue("q0", account=account.ref), at=timezone.now())
    client.force_login(an_admin())
    one = Resource.objects.filter(name="q0").first()

    with django_assert_max_num_queries(12):
        client.get("/resources/?failing=yes&sort=-changed")
    with django_assert_max_num_queries(12):
        client.get(f"/resources/{one.pk}/")
