"""The list of findings and the page of one: what they show, to whom, as of when."""

from datetime import timedelta
from pathlib import Path

import pytest

from posture.models import Finding
from posture.queries import finding_pages
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

PUBLIC = "aws.sqs.public"


@pytest.fixture
def shop():
    """An account whose queue is open to anyone, next to one that is closed."""
    account = account_in("shop", name="Shop")
    queues_scanned(account, a_queue("orders", Policy=OPEN_POLICY), a_queue("parcels"))
    return account


@pytest.fixture
def viewer(client, shop):
    person = a_person("viewer", shop.group)
    client.force_login(person)
    return person


def listed(client, address="/findings/"):
    """The sentences or titles of the rows, in order."""
    page = client.get(address)
    assert page.status_code == 200, page.content
    return [row.headline for row in page.context["page"].rows]


def finding(name="orders", check=PUBLIC):
    return Finding.objects.get(resource__name=name, check_id=check)


def text(response):
    return response.content.decode()


def test_the_list_shows_open_failures_and_not_what_passed(client, viewer):
    page = client.get("/findings/")

    assert listed(client) == ["The queue's policy allows sqs:* to anyone"]
    assert "<b>1</b> open failure" in text(page)
    assert "parcels" not in text(page)


def test_an_empty_product_says_what_to_do(client):
    client.force_login(an_admin())

    assert "No account is connected" in text(client.get("/findings/"))


def test_an_account_that_was_never_scanned_is_not_called_clean(client):
    account_in("shop")
    client.force_login(an_admin())

    page = text(client.get("/findings/"))

    assert "Nothing has been scanned yet" in page
    assert "Nothing is open here" not in page


def test_a_clean_account_is_told_so_only_when_everything_was_read(client):
    account = account_in("shop")
    client.force_login(an_admin())

    queues_scanned(account, a_queue())
    clean = text(client.get("/findings/"))
    queues_scanned(account, a_queue(unread=True), at=START + DAY)
    blind = text(client.get("/findings/"))

    assert "Nothing is open here" in clean
    assert "Nothing failing was seen" in blind
    assert "could not be judged" in blind


def test_a_gap_does_not_take_a_failure_off_the_list(client, viewer, shop):
    queues_scanned(shop, a_queue("orders", unread=True), a_queue("parcels"), at=START + DAY)

    page = text(client.get("/findings/"))

    assert listed(client) == ["Queue open to anyone"]
    assert "Lost sight of" in page
    assert "<b>1</b> of them out of sight" in page


def test_nobody_else_sees_it(client, shop):
    account_in("elsewhere", "999900001111")
    client.force_login(a_person("viewer"))

    assert listed(client) == []
    assert "orders" not in text(client.get("/findings/?outcome=all&state=all"))
    assert client.get(f"/findings/{finding().key}/").status_code == 404
    assert client.get(f"/findings/?account={shop.pk}").status_code == 400


def test_an_account_of_others_and_one_that_is_not_there_look_the_same(client, shop):
    client.force_login(a_person("viewer"))

    foreign, nowhere = (
        client.get(f"/findings/?account={ref}").context["mistake"] for ref in (shop.ref, "555555555555")
    )

    assert foreign.replace(shop.ref, "X") == nowhere.replace("555555555555", "X")


def test_a_stranger_is_asked_to_sign_in(client, shop):
    for address in ("/findings/", "/findings/?format=csv", f"/findings/{finding().key}/"):
        assert "/account/login/" in client.get(address)["Location"]


FILTERS = [
    # query,                                          resources shown
    ("", ["orders"]),
    ("severity=critical", ["orders"]),
    ("severity=low&severity=info", []),
    ("severity=critical&severity=low", ["orders"]),
    ("outcome=pass&check=aws.sqs.public", ["parcels"]),
    ("outcome=all&state=all&check=aws.sqs.public", ["orders", "parcels"]),
    ("state=resolved&check=aws.sqs.public", ["parcels"]),
    ("state=gone", []),
    ("region=eu-west-1", ["orders"]),
    ("service=sqs", ["orders"]),
    ("kind=AWS::SQS::Queue", ["orders"]),
    ("check=aws.sqs.unencrypted", []),
    ("framework=pci_dss_4.0&check=aws.sqs.public", ["orders"]),
    ("account=111122223333", ["orders"]),
    ("account=shop", ["orders"]),
    ("q=ORDERS", ["orders"]),
    ("q=open to anyone", ["orders"]),
    ("q=to anyone", ["orders"]),
    ("q=aws.sqs.pub", ["orders"]),
    ("q=100%25", []),
    ("new=2026-10-31", ["orders"]),
    ("new=2026-11-02", []),
    ("ref=arn:aws:sqs:eu-west-1:111122223333:orders", ["orders"]),
]


def test_filters_in_the_address_narrow_the_list(client, viewer):
    for query, shown in FILTERS:
        page = client.get(f"/findings/?{query}")

        assert page.status_code == 200, query
        assert sorted(row.name for row in page.context["page"].rows) == shown, query
        assert page.context["found"].total == len(shown), query


MISTAKES = ["severity=bad",
            "outcome=maybe", "state=closed", "account=nobody", "region=mars", "service=nope", "kind=Nope",
            "check=nope", "framework=nope", "control=nope", "new=soon", "as_of=then", "as_of=99999", "sort=colour",
            "q=" + "x" * 300]  # fmt: skip


def test_an_unknown_filter_is_told_in_one_sentence(client, viewer):
    for query in MISTAKES:
        page = client.get(f"/findings/?{query}")

        assert page.status_code == 400, query
        assert "note error" in text(page), query


def test_a_place_that_no_page_gave_is_refused(client, viewer):
    for place in ("after=x", "before=AAAA", "after=WyJ4Il0", "after=ÿ"):
        assert client.get(f"/findings/?{place}").status_code == 400, place


def test_facets_count_what_choosing_them_would_show(client, viewer):
    page = client.get("/findings/?severity=info")
    facets = {facet.param: {o.value: o.count for o in facet.options} for facet in page.context["facets"]}

    assert facets["severity"]["critical"] == 1
    assert facets["outcome"] == {"fail": 0, "unknown": 0, "pass": 0, "not_applicable": 0, "all": 0}
    for param in ("severity", "outcome", "state", "check", "region", "service", "kind", "framework", "account"):
        page = client.get("/findings/")
        for option in next(f for f in page.context["facets"] if f.param == param).options:
            shown = client.get("/findings/", {param: option.value}).context["found"].total
            assert shown == option.count, (param, option)


@pytest.mark.parametrize("sort", finding_pages.ORDERS)
def test_pages_older_and_newer_show_every_finding_once_and_come_back(client, viewer, shop, monkeypatch, sort):
    monkeypatch.setattr(finding_pages.ids, "__kwdefaults__", {"after": "", "before": "", "rows": 2})
    queues_scanned(shop, *(a_queue(f"q{n}", Policy=OPEN_POLICY) for n in range(5)), at=START + DAY)
    account = account_in("shop", "999900001111", name="Another")
    queues_scanned(
        account, *(a_queue(f"other{n}", account=account.ref, SqsManagedSseEnabled="false") for n in range(2))
    )

    pages, query = [], {"sort": sort}
    while query:
        page = client.get("/findings/", query).context["page"]
        pages.append([row.key for row in page.rows])
        query = page.older and {"sort": sort, "after": page.older}
    back = page
    for shown in reversed(pages[:-1]):
        back = client.get("/findings/", {"sort": sort, "before": back.newer}).context["page"]
        assert [row.key for row in back.rows] == shown

    keys = [key for shown in pages for key in shown]
    assert len(keys) == len(set(keys)) == 7
    assert back.newer is None


def test_the_gravest_come_first_then_the_newest(client, viewer, shop):
    queues_scanned(shop, a_queue("orders", Policy=OPEN_POLICY, SqsManagedSseEnabled="false"),
                   a_queue("fresh", Policy=OPEN_POLICY), at=START + DAY)  # fmt: skip

    rows = client.get("/findings/").context["page"].rows

    assert [(row.severity, row.name) for row in rows] == [
        ("critical", "fresh"), ("critical", "orders"), ("medium", "orders"),
    ]  # fmt: skip


def test_the_list_can_be_asked_as_of_a_time_and_of_a_scan(client, viewer, shop):
    later = queues_scanned(shop, a_queue("orders"), a_queue("parcels", Policy=OPEN_POLICY), at=START + DAY)

    def names(query):
        return [row.name for row in client.get(f"/findings/?{query}").context["page"].rows]

    assert names("") == ["parcels"]
    assert names("as_of=2026-11-01") == ["orders"]
    assert names("as_of=2026-11-01T02:59:59Z") == []
    assert names(f"as_of={later.pk}") == ["parcels"]
    assert names(f"as_of={later.pk}&outcome=pass&check={PUBLIC}") == ["orders"]


def test_looking_back_sees_what_was_lost_sight_of_then(client, viewer, shop):
    queues_scanned(shop, a_queue("orders", unread=True), at=START + DAY)
    queues_scanned(shop, a_queue("orders"), at=START + 2 * DAY)

    (row,) = client.get("/findings/?as_of=2026-11-02").context["page"].rows

    assert row.lost
    assert row.failing_since == START
    assert row.own_seen_at == START
    assert listed(client) == []


def test_the_list_stays_within_its_budget_of_queries(client, viewer, shop, django_assert_max_num_queries):
    queues_scanned(shop, *(a_queue(f"q{n}", Policy=OPEN_POLICY) for n in range(60)), at=START + DAY)

    for query in ("", "?severity=critical&region=eu-west-1&check=aws.sqs.public&as_of=2026-11-02"):
        with django_assert_max_num_queries(22):
            client.get(f"/findings/{query}")


def test_a_page_shows_the_proof_where_it_stands(client, viewer):
    page = text(client.get(f"/findings/{finding().key}/"))

    assert "The queue&#x27;s policy allows sqs:* to anyone" in page
    assert 'href="#p1-/Policy/Statement/0/Principal"' in page
    assert 'id="p1-/Policy/Statement/0/Principal"' in page
    assert "sqs.GetQueueAttributes" in page
    assert "as arn:test" in page
    assert "aws sqs set-queue-attributes" in page
    assert "Anyone on the internet can read" in page
    assert "Opened" in page


def test_a_page_of_an_unknown_says_which_permission_is_missing(client, viewer, shop):
    queues_scanned(shop, a_queue("orders", unread=True), at=START + DAY)

    page = text(client.get(f"/findings/{finding().key}/"))

    assert "sqs:GetQueueAttributes" in page
    assert "AccessDenied" in page
    assert "&quot;Effect&quot;: &quot;Allow&quot;" in page
    assert "as it was when last in sight" in page
    assert 'id="p1-/Policy/Statement/0/Principal"' in page, "the proof of before is kept"
    assert "Lost sight of" in page


def test_a_page_tells_the_whole_story_with_what_changed(client, viewer, shop):
    other = {
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sqs:SendMessage", "Resource": "*"}]
    }
    queues_scanned(shop, a_queue("orders", Policy=other), at=START + DAY)
    queues_scanned(shop, a_queue("orders", unread=True), at=START + 2 * DAY)
    queues_scanned(shop, a_queue("orders"), at=START + 3 * DAY)
    queues_scanned(shop, at=START + 4 * DAY)

    page = client.get(f"/findings/{finding().key}/")

    assert [step.kind for step in page.context["detail"].steps] == [
        "gone",
        "resolved",
        "lost_sight",
        "changed",
        "opened",
    ]
    assert "What decided changed" in text(page)
    assert "2026-11-02T03:00:00Z" in text(page)


def test_a_page_can_be_asked_as_of_a_time(client, viewer, shop):
    queues_scanned(shop, a_queue("orders"), at=START + DAY)
    address = f"/findings/{finding().key}/"

    now, then, before = (client.get(address, {"as_of": at}) for at in ("", "2026-11-01", "2026-10-01"))

    assert now.context["finding"].outcome == "pass"
    assert then.context["finding"].outcome == "fail"
    assert then.context["detail"].exhibits[0].document["Policy"]["Statement"][:1] == OPEN_POLICY["Statement"]
    assert [step.kind for step in then.context["detail"].steps] == ["opened"]
    assert "Not there at that time" in text(before)


def test_a_page_links_to_its_relatives(client, viewer, shop):
    queues_scanned(shop, a_queue("orders", Policy=OPEN_POLICY, SqsManagedSseEnabled="false"),
                   a_queue("parcels", Policy=OPEN_POLICY), at=START + DAY)  # fmt: skip

    relatives = client.get(f"/findings/{finding().key}/").context["detail"].relatives

    assert [row.check for row in relatives.rows] == ["aws.sqs.unencrypted"]
    assert (relatives.of_check, relatives.of_check_here) == (1, 1)


def test_names_from_a_cloud_are_text_and_nothing_else(client, viewer, shop):
    policy = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": HOSTILE, "Resource": HOSTILE}]}
    queues_scanned(shop, a_queue(HOSTILE, Policy=policy), at=START + DAY)
    found = Finding.objects.get(resource__name__contains="script", check_id=PUBLIC)

    for address in ("/findings/", f"/findings/{found.key}/", "/findings/?q=%3Cscript%3Ealert(1)"):
        assert "<script>alert" not in text(client.get(address))


def test_the_side_panel_gets_the_page_without_its_house(client, viewer):
    page = client.get(f"/findings/{finding().key}/", headers={"HX-Request": "true"})

    assert "panel-bar" in text(page)
    assert "<html" not in text(page)
    assert page["Vary"].count("HX-Request") == 1


def test_one_page_stays_within_its_budget_of_queries(client, viewer, shop, django_assert_max_num_queries):
    for n in range(1, 6):
        queues_scanned(shop, a_queue("orders", Policy=OPEN_POLICY if n % 2 else ""), at=START + n * DAY)

    with django_assert_max_num_queries(22):
        client.get(f"/findings/{finding().key}/")


def test_the_new_since_the_last_visit_are_counted(client, viewer, shop):
    viewer.looked_at = START + timedelta(hours=1)
    viewer.save()
    queues_scanned(shop, a_queue("orders", Policy=OPEN_POLICY), a_queue("fresh", Policy=OPEN_POLICY), at=START + DAY)

    page = client.get("/findings/")

    assert "<b>1</b> new</a> since your last visit" in text(page)
    assert [row.name for row in client.get("/findings/?new=visit").context["page"].rows] == ["fresh"]


def test_findings_are_read_only(client, viewer):
    assert client.post("/findings/").status_code == 405
    assert client.post(f"/findings/{finding().key}/").status_code == 405


def test_no_request_is_answered_in_the_operators_name():
    for room in ("views", "forms", "queries", "reports", "templatetags"):
        for module in Path("posture", room).glob("*.py"):
            if module.name != "visible.py":
                assert "everything()" not in module.read_text(), module
                assert "Operator" not in module.read_text(), module


def test_a_refused_listing_is_told_beside_the_list(client, viewer, shop):
    queues_scanned(shop, at=START + DAY, refused=("AWS::SQS::Queue",))

    page = text(client.get("/findings/"))

    assert "<b>1 call</b> not read" in page
    assert listed(client) == ["Queue open to anyone"]
