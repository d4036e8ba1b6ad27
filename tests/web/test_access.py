"""The access explorer: who can do what, why, by which way, and what of it nobody knows."""

from __future__ import annotations

import pytest
from django.utils import timezone

from posture.models import Resource
from posture.queries import estates
from tests.core.cases import resource
from tests.identities import ADMIN, a_policy, a_queue, a_role, a_user, allow, arn, deny, policy, scanned
from tests.web.builders import DAY, HOSTILE, START, a_person, account_in, an_admin

pytestmark = pytest.mark.django_db
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:orders"
SEND = allow("sqs:SendMessage")
HOME = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
SERVICE = {"Service": "lambda.amazonaws.com"}


@pytest.fixture(autouse=True)
def no_view_of_another_database():
    estates.forget()


@pytest.fixture
def account():
    return account_in("shop", name="Prod shop")


@pytest.fixture
def viewer(account):
    return a_person("viewer", account.group)


def shown(client, person, path="/access/", **query):
    client.force_login(person)
    answer = client.get(path, query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def body(page):
    """Without the form, whose lists name everybody."""
    return page.split("</form>")[-1]


def test_before_any_scan_it_says_what_comes_next(client, account, viewer):
    assert "Nothing can be asked yet" in shown(client, viewer)


def test_the_first_page_lists_principals_who_can_do_most_first(client, account, viewer):
    scanned(account, a_user("ann", SEND), a_user("boss", attached=(ADMIN,)), at=START)

    page = shown(client, viewer)

    assert page.index(">boss</a>") < page.index(">root</a>") < page.index(">ann</a>")


def test_who_can_names_them_with_condition_and_statement(client, account, viewer):
    scanned(
        account,
        a_user("ann", SEND),
        a_user("bob", allow("sqs:SendMessage", Condition=HOME)),
        a_user("eve", allow("s3:*")),
        a_queue("orders"),
        at=START,
    )

    page = body(shown(client, viewer, action="sqs:SendMessage", resource="orders"))

    assert "aws:SourceIp is in 203.0.113.0/24" in page
    assert "inline policy own of ann" in page
    assert ">eve<" not in page


def test_whom_the_resource_names_can_too_inside_and_outside(client, account, viewer):
    named = {"AWS": [arn("user", "eve"), "arn:aws:iam::999988887777:root"]}
    letting = {"Effect": "Allow", "Principal": named, "Action": "sqs:SendMessage", "Resource": QUEUE}
    scanned(account, a_user("eve"), a_user("bob"), a_queue("orders", letting), at=START)

    page = body(shown(client, viewer, action="sqs:SendMessage", resource=QUEUE))

    assert ">eve<" in page
    assert "account 999988887777" in page
    assert ">bob<" not in page


def test_a_policy_of_a_queue_that_was_not_read_makes_everybody_unknown(client, account, viewer):
    scanned(account, a_user("ann", SEND), a_user("bob"), at=START, refused=("AWS::SQS::Queue",))

    page = body(shown(client, viewer, action="sqs:SendMessage", resource=QUEUE))

    assert page.count("</use></svg>Unknown") + page.count("Unknown</span>") >= 2
    assert "AccessDenied" in page


def test_an_organisation_nobody_looked_at_is_said_at_the_top_and_makes_unknown(client, account, viewer):
    scanned(account, a_user("ann", SEND), a_queue("orders"), at=START, alone=False)

    page = body(shown(client, viewer, action="sqs:SendMessage", resource="orders"))

    assert "Not everything was read" in page
    assert "what was read allows it" in page
    assert "Allowed</span>" not in page


def test_an_explicit_deny_stands_whatever_else_was_not_read(client, account, viewer):
    scanned(account, a_user("ann", SEND, deny("sqs:*")), a_queue("orders"), at=START, alone=False)

    page = shown(client, viewer, principal="ann", action="sqs:SendMessage", resource="orders")

    assert "ann cannot: IDENTITY says no" in page


def test_what_one_can_do_is_told_with_levels_and_links(client, account, viewer):
    scanned(account, a_user("ann", allow(["sqs:SendMessage", "sqs:ReceiveMessage"]), deny("sqs:DeleteQueue")), at=START)

    page = shown(client, viewer, principal="ann")

    assert "What ann can do" in page
    assert "Given by" in page
    assert "Bounded by" in page
    assert f"/access/paths/?account={account.ref}&amp;from=" in page


def test_the_deciding_statement_is_marked_in_its_whole_policy(client, account, viewer):
    scanned(account, a_user("ann", allow("s3:*"), SEND), a_queue("orders"), at=START)

    page = shown(client, viewer, principal="ann", action="sqs:SendMessage", resource="orders")

    marked = page.split("<mark", 1)[1]
    assert "sqs:SendMessage" in marked
    assert "s3:*" in page.split("<mark", 1)[0].rsplit('class="json"', 1)[1]
    assert "take statement 2 of inline policy own of ann away" in page


def test_why_not_says_which_layer_and_what_would_change_it(client, account, viewer):
    bounds = arn("policy", "bounds")
    people = (a_user("ann", SEND, bounds=bounds), a_policy("bounds", allow("s3:Get*")), a_queue("orders"))
    scanned(account, *people, at=START)

    page = shown(client, viewer, principal="ann", action="sqs:SendMessage", resource="orders")

    assert "ann cannot: BOUNDARY says no" in page
    assert "in the permissions boundary" in page


MISTAKES = [
    ({"principal": "nobody"}, "There is no user or role “nobody”"),
    ({"action": "everything"}, "is no action"),
    ({"action": "s3:*"}, "is no action"),
    ({"action": "sqs:SendMessage", "resource": "nowhere"}, "There is no resource “nowhere”"),
    ({"resource": "orders"}, "Say which action is meant"),
]


@pytest.mark.parametrize(("query", "sentence"), MISTAKES)
def test_a_mistake_is_one_clear_sentence(client, account, viewer, query, sentence):
    scanned(account, a_user("ann", SEND), a_queue("orders"), at=START)

    assert sentence in shown(client, viewer, **query)


def test_two_of_one_name_must_be_told_apart(client, account, viewer):
    scanned(account, a_user("app", SEND), a_role("app", SERVICE), at=START)

    assert "is the name of 2 principals" in shown(client, viewer, principal="app")
    assert "What app can do" in shown(client, viewer, principal="user/app")


def test_the_page_of_a_principal_leads_here(client, account, viewer):
    scanned(account, a_user("ann", SEND), at=START)

    page = shown(client, viewer, f"/resources/{Resource.objects.get(name='ann').pk}/")

    assert f'href="/access/?account={account.ref}&amp;principal=arn%3Aaws' in page


def test_it_can_look_back(client, account, viewer):
    scanned(account, a_user("ann", SEND), a_queue("orders"), at=START)
    scanned(account, a_user("ann", allow("s3:*")), a_queue("orders"), at=START + DAY)

    then = body(shown(client, viewer, action="sqs:SendMessage", resource="orders", as_of=str(START + DAY / 2)[:19]))
    now = body(shown(client, viewer, action="sqs:SendMessage", resource="orders"))

    assert ">ann<" in then
    assert ">ann<" not in now


def test_ways_are_told_hop_by_hop_drawn_and_cut(client, account, viewer):
    code = allow("iam:PutRolePolicy", arn("role", "app"))
    mallory = a_user("mallory", code, allow("sts:AssumeRole"))
    app = a_role("app", {"AWS": arn("user", "mallory")})
    scanned(account, mallory, app, a_user("ann", SEND), at=START)

    page = shown(client, viewer, "/access/paths/")

    assert "<svg" in page.split("</form>")[-1]
    assert "iam:PutRolePolicy" in page
    assert "The cheapest cuts" in page
    assert "inline policy own of mallory" in page
    assert ">ann<" not in page.split("Hop by hop")[1]


def test_a_way_between_two_is_found(client, account, viewer):
    app = a_role("app", {"AWS": arn("user", "ann")}, allow("s3:GetObject"))
    scanned(account, a_user("ann", allow("sts:AssumeRole")), app, at=START)

    page = shown(client, viewer, "/access/paths/", **{"from": "ann", "to": "app"})

    assert "sts:AssumeRole" in page.split("Hop by hop")[1]


def test_changes_say_who_gained_and_who_lost(client, account, viewer):
    scanned(account, a_user("ann", SEND), at=START)
    scanned(account, a_user("ann", SEND, allow("iam:PassRole")), at=START + DAY)

    page = shown(client, viewer, "/access/changes/")

    assert "Gained 1 action" in page
    assert "iam:PassRole" in page


def test_changes_by_the_policy_of_a_resource_are_told_with_it(client, account, viewer):
    theirs = {**allow("sqs:SendMessage", QUEUE), "Principal": {"AWS": "arn:aws:iam::444455556666:root"}}
    scanned(account, a_queue("orders"), at=START)
    scanned(account, a_queue("orders", theirs), at=START + DAY)

    page = shown(client, viewer, "/access/changes/")

    assert "account 444455556666" in page
    assert "By the policy of orders" in page
    assert "Gained 1 action" in page


def test_actions_are_suggested_from_the_catalogue(client, account, viewer):
    scanned(account, a_user("ann", SEND), at=START)

    page = shown(client, viewer, "/access/actions/", action="sqs:send")

    assert "sqs:SendMessage" in page
    assert "s3:GetObject" not in page


def test_nobody_else_sees_any_of_it(client, account):
    scanned(account, a_user("annabel", SEND), a_queue("orders"), at=START)
    mallory = a_person("analyst", account_in("others", "444455556666").group)

    for path in ("/access/", "/access/paths/", "/access/changes/"):
        assert "annabel" not in shown(client, mallory, path)
        assert client.get(path, {"account": account.ref}).status_code == 404


def test_hostile_text_stays_text(client, account, viewer):
    user = a_user(
        "ann", allow("sqs:*", f"arn:aws:sqs:*:*:{HOSTILE}", Sid=HOSTILE, Condition={"StringEquals": {HOSTILE: HOSTILE}})
    )
    scanned(account, user, a_role(HOSTILE, {"AWS": HOSTILE}, allow("*")), a_queue("orders"), at=START)
    scanned(account, a_role(HOSTILE, {"AWS": HOSTILE}, allow("s3:*")), a_queue("orders"), at=START + DAY)

    for path, query in (
        ("/access/", {}),
        ("/access/", {"principal": HOSTILE, "action": HOSTILE, "resource": HOSTILE}),
        ("/access/", {"action": "sqs:SendMessage", "as_of": str(START)[:19]}),
        ("/access/", {"principal": "ann", "action": "sqs:SendMessage", "as_of": str(START)[:19]}),
        ("/access/", {"principal": arn("role", HOSTILE), "action": "sqs:SendMessage"}),
        ("/access/", {"principal": arn("role", HOSTILE)}),
        ("/access/paths/", {"from": HOSTILE}),
        ("/access/paths/", {}),
        ("/access/changes/", {}),
    ):
        assert "<script>alert" not in shown(client, viewer, path, **query)


def test_every_question_costs_the_same_however_many_there_are(client, django_assert_max_num_queries):
    users = [a_user(f"u{n}", allow(["sqs:SendMessage", f"s3:GetObject{n}"])) for n in range(40)]
    queue = a_queue("orders", {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": QUEUE})
    account = account_in("shop")
    scanned(account, *users, queue, at=START)
    scanned(account, *users[1:], a_user("u0", SEND), queue, at=timezone.now())
    client.force_login(an_admin())
    here = f"?account={account.ref}"

    for path, most in (
        (f"/access/{here}", 20),
        (f"/access/{here}&action=sqs:SendMessage&resource=orders", 20),
        (f"/access/{here}&principal=u7", 20),
        (f"/access/{here}&principal=u7&action=sqs:SendMessage&resource=orders", 20),
        (f"/access/paths/{here}", 24),
        (f"/access/changes/{here}", 16),
    ):
        estates.forget()
        with django_assert_max_num_queries(most):
            assert client.get(path).status_code == 200


def test_a_policy_without_a_list_is_marked_too():
    from scanners.graph.explaining import mark

    assert mark(policy(SEND), 0) == "/Statement/0"
    assert mark({"Statement": SEND}, 0) == "/Statement"
    assert mark("text", 0) == ""


KEY = "arn:aws:kms:eu-west-1:111122223333:key/orders"


def a_key(*grants):
    delegates = {"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*", "Resource": "*"}
    said = {"KeyId": "orders", "KeyManager": "CUSTOMER"}
    return resource("AWS::KMS::Key", KEY, ListKeys={"KeyId": "orders"}, DescribeKey=said,
                    GetKeyPolicy={"Policy": policy(delegates)}, ListGrants=[*grants])  # fmt: skip


def test_a_grant_of_a_key_is_shown_as_what_lets_in(client, account, viewer):
    grant = {"GrantId": "g-7", "Name": HOSTILE, "GranteePrincipal": arn("user", "ann"), "Operations": ["Decrypt"]}
    scanned(account, a_user("ann"), a_user("bob"), a_key(grant), at=START)

    listed = body(shown(client, viewer, action="kms:Decrypt", resource=KEY))
    explained = shown(client, viewer, principal="ann", action="kms:Decrypt", resource=KEY)

    assert ">ann<" in listed
    assert ">bob<" not in listed
    assert "as a whole" in listed
    assert "Grants and access lists" in explained
    assert "GranteePrincipal" in explained
