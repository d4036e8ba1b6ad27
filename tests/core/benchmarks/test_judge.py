"""Planted defects against what was reported, and figures against targets."""

from __future__ import annotations

import pytest

from posture.management.benchmarks.scan.design import Item
from posture.management.benchmarks.scan.judge import judge
from posture.management.benchmarks.scan.verdict import verdicts

QUEUE, GROUP = "AWS::SQS::Queue", "AWS::EC2::SecurityGroup"
OPEN, ALL, SSH = "queue open to everyone", "every port open to the internet", "SSH open to the internet"
ITEMS = [
    Item(QUEUE, 0, "queue-00000", "eu-west-1", OPEN),
    Item(QUEUE, 1, "queue-00001", "eu-west-1"),
    Item(GROUP, 0, "group-00000", "eu-west-1", ALL),
    Item(GROUP, 1, "group-00001", "eu-west-1"),
]
IDS = {
    f"{QUEUE} queue-00000": "arn:aws:sqs:eu-west-1:1:queue-00000",
    f"{QUEUE} queue-00001": "arn:aws:sqs:eu-west-1:1:queue-00001",
    f"{GROUP} group-00000": "sg-0a",
    f"{GROUP} group-00001": "sg-0b",
}
CHECKS = {OPEN: ("sqs_public",), SSH: ("aws.ec2.sg_open_admin",)}
REPORTS = [
    # report, found, missed, accused of the open queue
    ([("sqs_public", "arn:aws:sqs:eu-west-1:1:queue-00000", "")], {"queue-00000"}, set(), set()),
    ([("sqs_public", "", "queue-00000")], {"queue-00000"}, set(), set()),
    ([], set(), {"queue-00000"}, set()),
    ([("another_check", "arn:aws:sqs:eu-west-1:1:queue-00000", "")], set(), {"queue-00000"}, set()),
    ([("sqs_public", "arn:aws:sqs:eu-west-1:1:queue-00001", "")], set(), {"queue-00000"}, {"queue-00001"}),
    ([("sqs_public", "arn:aws:sqs:eu-west-1:1:of-somebody", "")], set(), {"queue-00000"}, set()),
]


@pytest.mark.parametrize(("report", "found", "missed", "accused"), REPORTS)
def test_a_report_is_compared_item_by_item(report, found, missed, accused):
    judged = judge(ITEMS, IDS, report, CHECKS)[OPEN]

    assert (judged.found, judged.missed, judged.accused) == (found, missed, accused)


@pytest.mark.parametrize(("group", "accused"), [("sg-0a", set()), ("sg-0b", {"group-00001"})])
def test_who_has_a_flaw_that_includes_another_is_not_accused_of_it(group, accused):
    report = [("aws.ec2.sg_open_admin", f"arn:aws:ec2:eu-west-1:1:security-group/{group}", "")]

    assert judge(ITEMS, IDS, report, CHECKS)[SSH].accused == accused


FIGURES = {
    "scan": {"calls": 100, "necessary": 98, "repeated": 0, "wall": 2.0, "cpu": 2.0, "peak MB": 100.0},
    "judged": {"posture": {OPEN: {"planted": 2, "missed": [], "accused": []}}},
    "peers": {"prowler": {"wall": 60.0, "cpu": 10.0, "peak MB": 600.0}, "cloudsploit": {"not run": "there is no node"}},
}


def test_a_target_is_met_or_not_and_an_absent_peer_is_neither():
    met = {line.target: line.met for line in verdicts(FIGURES)}

    assert met["wall at most 1/20 of prowler's"] is True
    assert met["CPU at most 1/8 of prowler's"] is False
    assert met["wall at most 0.50 of cloudsploit's"] is None
    assert met["nothing read twice"] is True


@pytest.mark.parametrize(("missed", "accused"), [(["a"], []), ([], ["b"])])
def test_one_missed_defect_or_one_accused_resource_is_not_met(missed, accused):
    figures = {**FIGURES, "judged": {"posture": {OPEN: {"planted": 2, "missed": missed, "accused": accused}}}}

    lines = [line for line in verdicts(figures) if line.met is False and line.target.split()[0] in ("every", "nothing")]

    assert len(lines) == 1


def test_throttled_calls_are_judged_against_what_the_limits_allow():
    limited = {"calls": 1000, "throttled": 25, "lost": 0, "wall": 12.0}
    limited |= {"least wall under AWS's limits": 10.0, "the limit that says so": "lambda in eu-west-1"}

    met = [line.met for line in verdicts({**FIGURES, "limited": limited}) if line.target.startswith("under AWS")]

    assert met == [True, False, True]
