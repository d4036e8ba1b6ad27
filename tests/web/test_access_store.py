"""Effective access as it is kept: a row only when it changed, and never less because something was not read."""

from __future__ import annotations

import pytest

from posture.models import AccessGrant, AccessVersion, Account
from posture.queries import access_changes, access_held, estates
from posture.queries.visible import everything
from posture.store.removal import remove
from tests.core.cases import refused, resource
from tests.identities import ADMIN, ROOT, a_policy, a_queue, a_role, a_user, allow, arn, deny, scanned
from tests.web.builders import DAY, START, account_in

pytestmark = pytest.mark.django_db
READ = allow("sqs:ReceiveMessage")
SEND = allow("sqs:SendMessage")
SERVICE = {"Service": "lambda.amazonaws.com"}


@pytest.fixture
def account():
    return account_in("shop")


def rows(name):
    return list(AccessVersion.objects.filter(resource__name=name).order_by("since_at"))


def changes(account, before=START, after=None):
    found = access_changes.between(everything(), account, before, after)
    return {one.who.name: one for one in found}


def test_everybody_has_a_row_the_root_user_too(account):
    scanned(account, a_user("ann", READ), a_role("app", SERVICE, SEND), at=START)

    refs = set(AccessVersion.objects.values_list("resource__ref", flat=True))

    assert refs == {arn("user", "ann"), arn("role", "app"), ROOT}


def test_a_scan_that_sees_no_change_writes_no_row(account):
    people = (a_user("ann", READ), a_role("app", SERVICE, SEND))
    scanned(account, *people, at=START)

    scanned(account, *people, at=START + DAY)

    assert AccessVersion.objects.count() == 3


def test_only_whose_access_changed_gets_a_row(account):
    scanned(account, a_user("ann", READ), a_user("bob", READ), at=START)

    scanned(account, a_user("ann", READ, SEND), a_user("bob", READ), at=START + DAY)

    assert len(rows("ann")) == 2
    assert rows("ann")[0].until_at == rows("ann")[1].since_at == START + DAY
    assert len(rows("bob")) == 1


def test_equal_statements_are_kept_once(account):
    scanned(account, *(a_user(f"u{n}", READ) for n in range(5)), at=START)

    assert AccessGrant.objects.count() == 1


def test_who_is_gone_can_do_nothing_any_more(account):
    scanned(account, a_user("ann", READ), at=START)

    scanned(account, at=START + DAY)

    assert rows("ann")[0].until_at == START + DAY
    assert changes(account)["ann"].lost == ["sqs:ReceiveMessage"]


def test_who_was_not_seen_because_a_listing_was_refused_has_lost_nothing(account):
    scanned(account, a_user("ann", READ), at=START)

    scanned(account, at=START + DAY, refused=("AWS::IAM::User",))

    assert rows("ann")[0].until_at is None
    assert "ann" not in changes(account)


def test_a_policy_that_could_not_be_read_is_out_of_sight_and_no_loss(account):
    own = a_policy("own", SEND)
    ann = a_user("ann", READ, attached=(arn("policy", "own"),))
    scanned(account, ann, own, at=START)

    scanned(account, ann, at=START + DAY, refused=("AWS::IAM::ManagedPolicy",))

    change = changes(account)["ann"]
    assert change.kind == "out of sight"
    assert change.lost == []
    assert any("AccessDenied" in doubt or "was not read" in doubt for doubt in change.doubts)


def test_gains_and_losses_name_actions_and_statements(account):
    scanned(account, a_user("ann", READ), at=START)

    scanned(account, a_user("ann", SEND), at=START + DAY)

    change = changes(account)["ann"]
    assert (change.gained, change.lost) == (["sqs:SendMessage"], ["sqs:ReceiveMessage"])
    assert [one.actions for one in change.given] == [("sqs:SendMessage",)]
    assert [one.actions for one in change.taken] == [("sqs:ReceiveMessage",)]


CONDITIONED = allow("sqs:SendMessage", Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})


def test_a_condition_that_falls_is_a_change_of_its_own(account):
    scanned(account, a_user("ann", CONDITIONED), at=START)

    scanned(account, a_user("ann", SEND), at=START + DAY)

    change = changes(account)["ann"]
    assert change.gained == []
    assert change.surer == ["sqs:SendMessage"]


def test_what_one_can_do_is_told_by_service_and_level(account):
    scanned(account, a_user("ann", allow(["sqs:*", "iam:PutUserPolicy"]), deny("sqs:DeleteQueue")), at=START)

    held, _ = access_held.kept_of(account, arn("user", "ann"), None)

    by_name = {one.name: one for one in held.services}
    assert by_name["iam"].levels == {"Permissions management": (1, 1)}
    assert by_name["sqs"].possible < by_name["sqs"].known
    assert [one.effect for one in by_name["sqs"].bounds] == ["Deny"]


def test_what_was_kept_is_what_the_engine_works_out_anew(account):
    scan = scanned(account, a_user("ann", READ, deny("sqs:PurgeQueue"), CONDITIONED), at=START)

    kept, _ = access_held.kept_of(account, arn("user", "ann"), None)

    explorer = estates.explorer_of(scan, account)
    assert explorer.held(explorer.principal("ann")) == kept


def test_an_administrator_can_do_all_and_past_times_stay_as_they_were(account):
    scanned(account, a_user("ann", READ), at=START)
    scanned(account, a_user("ann", attached=(ADMIN,)), at=START + DAY)

    now, _ = access_held.kept_of(account, arn("user", "ann"), None)
    then, since = access_held.kept_of(account, arn("user", "ann"), START)

    assert len(now.possible) > 15_000
    assert (then.possible, since) == ({"sqs:ReceiveMessage"}, START)


def test_nothing_of_an_account_stays_when_it_leaves(account):
    scanned(account, a_user("ann", READ), at=START)

    remove(account)

    assert not Account.objects.exists()
    assert not AccessVersion.objects.exists()
    assert not AccessGrant.objects.exists()


THEM = "arn:aws:iam::444455556666:root"
QUEUE = "arn:aws:sqs:eu-west-1:111122223333:orders"


def lets(whom, action="sqs:SendMessage"):
    return {**allow(action, QUEUE), "Principal": {"AWS": whom}}


def test_who_gained_by_the_policy_of_a_resource_is_told(account):
    scanned(account, a_user("ann"), a_queue("orders"), at=START)
    scanned(account, a_user("ann"), a_queue("orders", lets(THEM), lets(arn("user", "ann"))), at=START + DAY)

    found = changes(account)

    assert set(found) == {"account 444455556666", "ann"}
    (through,) = found["ann"].through
    assert (through.ref, through.gained, found["ann"].gained) == (QUEUE, ("sqs:SendMessage",), [])


def test_who_lost_by_it_too_and_when_it_is_gone(account):
    queue = a_queue("orders", lets(THEM))
    scanned(account, queue, at=START)
    scanned(account, at=START + DAY)

    (through,) = changes(account)["account 444455556666"].through

    assert through.lost == ("sqs:SendMessage",)


def test_a_policy_that_was_not_read_is_out_of_sight_and_no_loss(account):
    hidden = resource(
        "AWS::SQS::Queue",
        QUEUE,
        gaps={"GetQueueAttributes": refused("GetQueueAttributes", "sqs")},
        ListQueues={"QueueUrl": "https://sqs/orders"},
    )
    scanned(account, a_queue("orders", lets(THEM)), at=START)
    scanned(account, hidden, at=START + DAY)

    (change,) = changes(account).values()

    assert (change.who.ref, change.kind, change.through) == (QUEUE, "out of sight", [])
    assert "GetQueueAttributes" in change.doubts[0]


def test_a_queue_that_a_refused_list_hides_takes_nothing_away(account):
    scanned(account, a_queue("orders", lets(THEM)), at=START)
    scanned(account, at=START + DAY, refused=("AWS::SQS::Queue",))

    assert changes(account) == {}


def test_a_queue_that_a_refused_list_hid_has_given_nothing_either(account):
    scanned(account, at=START, refused=("AWS::SQS::Queue",))
    scanned(account, a_queue("orders", lets(THEM)), at=START + DAY)

    (change,) = changes(account).values()

    assert (change.kind, change.through) == ("out of sight", [])


def test_nothing_is_kept_for_it(account):
    scanned(account, a_user("ann"), a_queue("orders"), at=START)
    before = AccessVersion.objects.count(), AccessGrant.objects.count()

    scanned(account, a_user("ann"), a_queue("orders", lets(THEM)), at=START + DAY)

    assert (AccessVersion.objects.count(), AccessGrant.objects.count()) == before
