"""`access` and `diff` over stored accounts: what they print, and what they answer to mistakes."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command

from posture.queries import estates
from posture.runtime.mistakes import Mistake
from tests.identities import ADMIN, a_queue, a_role, a_user, allow, arn, deny, scanned
from tests.web.builders import DAY, START, account_in

pytestmark = pytest.mark.django_db
SEND = allow("sqs:SendMessage")
HOME = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}


@pytest.fixture(autouse=True)
def no_view_of_another_database():
    estates.forget()


@pytest.fixture
def account():
    return account_in("shop", name="Prod shop")


def told(*words, **options):
    out = StringIO()
    call_command(*words, stdout=out, **options)
    return out.getvalue()


def record(*words):
    return json.loads(told(*words, "--format", "json"))


def test_who_can_lists_principals_with_their_condition_and_statement(account):
    scanned(account, a_user("ann", SEND), a_user("bob", allow("sqs:*", Condition=HOME)), a_queue("orders"), at=START)

    found = record("access", "who-can", "sqs:SendMessage", "orders")

    answers = {row["name"]: row for row in found["who"]}
    assert answers["ann"]["answer"] == "allowed"
    assert answers["ann"]["via"][0]["policy"] == "inline policy own of ann"
    assert answers["bob"]["answer"] == "allowed_if"
    assert answers["bob"]["if"] == {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24"]}}
    assert "if aws:SourceIp is in 203.0.113.0/24" in told("access", "who-can", "sqs:SendMessage", "orders")


def test_what_was_not_read_makes_unknown_and_is_said_first(account):
    scanned(account, a_user("ann", SEND), a_queue("orders"), at=START, alone=False)

    found = record("access", "who-can", "sqs:SendMessage", "orders")
    lines = told("access", "who-can", "sqs:SendMessage", "orders").splitlines()

    assert {row["answer"] for row in found["who"]} == {"unknown"}
    assert found["who"][0]["unknown_because"]
    assert lines[0].startswith("Not read: organizations.")


def test_can_tells_by_service_and_level(account):
    scanned(account, a_user("ann", SEND, allow("iam:PutUserPolicy")), at=START)

    found = record("access", "can", "ann")

    assert [(one["service"], one["levels"]) for one in found["services"]] == [
        ("iam", {"Permissions management": {"sure": 1, "possible": 1}}),
        ("sqs", {"Write": {"sure": 1, "possible": 1}}),
    ]
    assert "permissions management 1" in told("access", "can", "user/ann")


def test_explain_says_why_not_and_what_would_change_it(account):
    scanned(account, a_user("ann", SEND, deny("sqs:*")), a_queue("orders"), at=START)

    found = record("access", "explain", "ann", "sqs:SendMessage", "orders")

    assert (found["answer"], found["blocked_by"]) == ("denied", "identity")
    assert [one["edit"] for one in found["would_change"]] == ["take statement 2 of inline policy own of ann away"]
    assert "identity: denies" in told("access", "explain", "ann", "sqs:SendMessage", "orders")


def test_paths_are_told_hop_by_hop(account):
    app = a_role("app", {"AWS": arn("user", "ann")}, attached=(ADMIN,))
    scanned(account, a_user("ann", allow("sts:AssumeRole")), a_user("bob"), app, at=START)

    everybody, bob = record("access", "paths"), record("access", "paths", "--from", "bob")

    assert [(one["from"], one["administrator"]) for one in everybody["paths"]] == [
        (arn("user", "ann"), False),
        (arn("role", "app"), True),
    ]
    assert everybody["paths"][0]["steps"][0]["by"] == "sts-001"
    assert everybody["cuts"][0]["stops"] == [arn("user", "ann")]
    assert bob["paths"][0]["escalates"] is False
    assert "sts:AssumeRole" in told("access", "paths", "--from", "ann", "--to", "app")


def test_the_root_user_needs_no_way_and_is_nobodys_goal(account):
    scanned(account, a_user("ann", SEND), at=START)

    assert record("access", "paths", "--from", "root")["paths"][0]["administrator"] is True
    with pytest.raises(Mistake, match="Nobody becomes the root user"):
        told("access", "paths", "--to", "root")


def test_a_past_time_is_answered_from_that_time(account):
    first = scanned(account, a_user("ann", SEND), a_queue("orders"), at=START)
    scanned(account, a_user("ann"), a_queue("orders"), at=START + DAY)

    then = record("access", "who-can", "sqs:SendMessage", "orders", "--as-of", str(first.pk))
    now = record("access", "who-can", "sqs:SendMessage", "orders")

    assert {row["name"] for row in then["who"]} - {row["name"] for row in now["who"]} == {"ann"}


MISTAKES = [
    (("who-can", "sqs:Send*", "orders"), "is no action"),
    (("who-can", "sqs:SendMessage", "nowhere"), "There is no resource"),
    (("can", "nobody"), "There is no user or role"),
    (("can", "ann", "--account", "Other"), "No scanned account is called"),
    (("can", "ann", "--as-of", "yesterday"), "neither a time nor a scan"),
    (("can", "ann", "--as-of", "2001-01-01"), "No scan of Prod shop had been published"),
    (("paths", "--from", "nobody"), "There is no user or role"),
]


@pytest.mark.parametrize(("words", "sentence"), MISTAKES)
def test_a_mistake_is_one_clear_line(account, words, sentence):
    scanned(account, a_user("ann", SEND), a_queue("orders"), at=START)

    with pytest.raises(Mistake, match=sentence):
        told("access", *words)


def test_of_several_accounts_one_must_be_named(account):
    other = account_in("others", "444455556666", name="Other")
    for one in (account, other):
        scanned(one, a_user("ann", SEND), at=START)

    with pytest.raises(Mistake, match="Say which account"):
        told("access", "can", "ann")


def test_diff_tells_resources_findings_and_grants(account):
    public = {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
    first = scanned(account, a_user("ann", SEND), a_user("bob"), a_queue("orders"), at=START)
    second = scanned(account, a_user("ann", SEND, allow("iam:PassRole")), a_queue("orders", public), at=START + DAY)

    found = record("diff", "--from", str(first.pk), "--to", str(second.pk))["accounts"][0]
    text = told("diff", "--from", str(first.pk), "--account", account.ref)

    changes = {(one["name"], one["change"]) for one in found["resources"]}
    assert changes == {("ann", "changed"), ("bob", "gone"), ("orders", "changed")}
    opened = {one["check"] for one in found["findings"] if one["is"] == {"outcome": "fail", "state": "open"}}
    assert "aws.sqs.public" in opened
    grants = {one["name"]: one for one in found["grants"]}
    assert grants["ann"]["gained"] == ["iam:PassRole"]
    assert grants["bob"]["change"] == "gone"
    assert "gained iam:PassRole" in text


def test_diff_of_a_time_with_itself_is_empty(account):
    scan = scanned(account, a_user("ann", SEND), at=START)

    found = record("diff", "--from", str(scan.pk), "--to", str(scan.pk))["accounts"][0]

    assert (found["resources"], found["findings"], found["grants"]) == ([], [], [])
