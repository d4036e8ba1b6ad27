"""AWS behind the seam of all clouds: what people name, and that every answer has the shape that pages know."""

from __future__ import annotations

import pytest

from scanners.access.explorer import Answer, Explorer, NotFound, Principal
from scanners.graph.aws_explorer import explorer
from scanners.model.estate import Estate
from tests.core.cases import NOW
from tests.identities import ACCOUNT, ADMIN, ROOT, a_queue, a_role, a_user, allow, arn, deny, the_account

QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:orders"
SEND = allow("sqs:SendMessage", Sid="send")
HOME = {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}
LETTING = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999988887777:root"}, "Action": "sqs:*",
           "Resource": QUEUE}  # fmt: skip


def asked(*resources) -> Explorer:
    here = (the_account(), *resources)
    return explorer(Estate(ACCOUNT, NOW, lambda kind: [one for one in here if one.kind == kind]))


def test_a_principal_is_named_by_arn_or_by_a_name_that_only_one_has():
    engine = asked(a_user("ann"), a_role("app", {"Service": "x"}), a_user("app"))

    assert engine.principal("ann") == Principal(arn("user", "ann"), "ann", "user")
    assert engine.principal("role/app").ref == arn("role", "app")
    with pytest.raises(NotFound, match="name of 2 principals"):
        engine.principal("app")


def test_a_target_is_named_by_arn_by_name_or_not_at_all():
    engine = asked(a_queue("orders"))

    assert engine.target("orders") == engine.target(QUEUE)
    assert engine.target("orders").seen
    assert engine.target("").ref == "*"
    with pytest.raises(NotFound, match="There is no resource"):
        engine.target("nowhere")


@pytest.mark.parametrize("text", ["", "s3", "s3:*", "sqs:Send*", "a b:c", "s3:Get\n"])
def test_what_is_no_action_is_said_to_be_none(text):
    with pytest.raises(NotFound, match="is no action"):
        asked().action(text if text != "s3:Get\n" else "s3:G et")


def test_a_decision_carries_its_statements_and_its_condition():
    engine = asked(a_user("ann", allow("s3:*"), {**SEND, "Condition": HOME}), a_queue("orders"))

    found = engine.decide(engine.principal("ann"), "sqs:SendMessage", engine.target("orders"))

    assert (found.answer, found.possible) == (Answer.IF, True)
    assert found.condition == "aws:SourceIp is in 203.0.113.0/24"
    (via,) = found.via
    assert (via.place, via.mark, via.sid, via.statement) == ("statement 2", "/Statement/1", "send", 1)


def test_rows_beyond_the_bound_are_counted_and_not_worked_out():
    engine = asked(*(a_user(f"u{n}", SEND) for n in range(5)), a_queue("orders"))

    whole = engine.who_can("sqs:SendMessage", engine.target("orders"))
    cut = engine.who_can("sqs:SendMessage", engine.target("orders"), most=2)

    assert cut.rows == whole.rows[:2]
    assert (cut.beyond, cut.denied, cut.asked) == ({Answer.ALLOWED: 4}, whole.denied, whole.asked)
    assert whole.beyond == {}


def test_who_can_counts_those_who_cannot_and_lists_those_from_outside():
    engine = asked(a_user("ann", SEND), a_user("bob"), a_queue("orders", LETTING))

    found = engine.who_can("sqs:SendMessage", engine.target("orders"))

    assert {(row.who.name, row.who.outside) for row in found.rows} == {
        ("root", False), ("ann", False), ("account 999988887777", True)
    }  # fmt: skip
    assert (found.denied, found.asked) == (1, 3)


def test_why_not_and_what_would_change_it():
    engine = asked(a_user("ann", SEND, deny("sqs:*")), a_queue("orders"))

    found = engine.explain(engine.principal("ann"), "sqs:SendMessage", engine.target("orders"))

    assert found.row.decided.blocked_by == "identity"
    assert [edit.words for edit in found.would_change] == ["take statement 2 of inline policy own of ann away"]
    assert {one.mark for layer in found.layers for one in layer.statements} == {"/Statement/0", "/Statement/1"}


def test_what_one_holds_is_counted_by_service_and_level():
    engine = asked(a_user("ann", SEND, allow("iam:PutUserPolicy", Condition=HOME)))

    found = engine.held(engine.principal("ann"))

    assert found.possible - found.sure == {"iam:PutUserPolicy"}
    assert {one.name: dict(one.levels) for one in found.services} == {
        "iam": {"Permissions management": (0, 1)}, "sqs": {"Write": (1, 1)}
    }  # fmt: skip
    assert [(one.place, one.sid, one.sure) for one in found.grants] == [
        ("statement 1", "send", True), ("statement 2", "", False)
    ]  # fmt: skip


def test_ways_name_whom_they_lead_to_and_what_closes_them():
    app = a_role("app", {"AWS": arn("user", "ann")}, attached=(ADMIN,))
    engine = asked(a_user("ann", allow("sts:AssumeRole")), a_user("bob"), app)

    everybody = engine.ways()
    one = engine.ways(engine.principal("bob")).ways[0]

    ways = {way.origin.name: way for way in everybody.ways}
    first, last = ways["ann"], ways["app"]
    assert (first.origin.name, [hop.target.name for hop in first.steps]) == ("ann", ["app"])
    assert first.steps[0].because[0][0] == "sts:AssumeRole"
    assert last.administrator
    assert [stopped.name for stopped in everybody.cuts[0].stops] == ["ann"]
    assert one.escalates is False


def test_the_root_user_is_an_administrator_and_nobodys_goal():
    engine = asked(a_user("ann"))
    root = engine.principal("root")

    assert root.ref == ROOT
    assert engine.ways(root).ways[0].administrator
    with pytest.raises(NotFound, match="Nobody becomes the root user"):
        engine.ways(goal=root)
