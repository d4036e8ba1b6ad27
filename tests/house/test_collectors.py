"""True of every collector: its calls exist, each is answered by the sample account, each may be refused."""

from __future__ import annotations

import re

import botocore.session
import pytest
from botocore import xform_name

from scanners.collectors.aws.errors import SAID
from scanners.collectors.cloud import Call
from scanners.collectors.registry import collectors
from scanners.model import Outcome, State, Unread
from tests.house.sweep import answers, worsened

SESSION = botocore.session.get_session()
CALLS: dict[str, Call] = {call.name: call for c in collectors() for _, call in c.calls()}
SERVICE_OF = {call.name: c.unit_service for c in collectors() for _, call in c.calls()}
UNMODELLED = {"s3", "sts", "iam", "ec2", "sqs", "sns", "s3control", "kms"}  # services whose models list few error codes


def operation(call: Call):
    return SESSION.get_service_model(call.service).operation_model(call.operation)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_call_is_one_that_aws_knows(call):
    model = operation(call)

    assert call.params.keys() <= model.input_shape.members.keys() if model.input_shape else not call.params
    shape = model.output_shape
    for step in (call.items or call.take).split(".") if call.items or call.take else ():
        shape = shape.member if shape.type_name == "list" else shape
        assert step in shape.members, f"{step} is no part of the answer"
        shape = shape.members[step]
    if call.items:
        assert shape.type_name == "list"


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_call_that_answers_in_pages_can_be_paged(call):
    tokens = {
        name for name in operation(call).output_shape.members if re.search(r"(next|token|marker|position)", name, re.I)
    }
    client = SESSION.create_client(
        call.service, region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    )

    if call.items and tokens:
        same = {"NextToken", "nextToken", "NextMarker"} & tokens & operation(call).input_shape.members.keys()
        assert same or client.can_paginate(xform_name(call.operation)), tokens
    client.close()


@pytest.mark.parametrize("call", [c for c in CALLS.values() if c.absent], ids=lambda c: c.name)
def test_a_proof_of_absence_is_a_code_of_that_service(call):
    if call.service in UNMODELLED:
        assert all(re.fullmatch(r"[A-Za-z.]+", code) for code in call.absent)
        assert not call.absent & {"AccessDenied", "AccessDeniedException", "403", "404", "NotFound"}
        return
    known = {shape.metadata.get("error", {}).get("code", shape.name) for shape in operation(call).error_shapes}
    told = {word for (code, _), word in SAID.items() if code in known}  # one code, told apart by what it says

    assert call.absent <= known | told


ONLY_IF = {  # asked in cases that the sample account does not have; their collectors' own tests have them
    "s3.GetBucketLocation": "a list of buckets that leaves out their regions",
    "organizations.ListParents": "a list of accounts that leaves out their paths",
}
AT_THE_DOOR = {"sts.GetCallerIdentity"}  # asked before any unit: refused there, nothing is scanned at all
ONE_SIDED = {"aws.iam.root_mfa", "aws.iam.root_access_key", "aws.iam.root_recent_use", "aws.s3.account_bpa"}
ONE_SIDED |= {"aws.cloudtrail.multi_region", "aws.org.member"}  # one account can only pass or fail
ONE_SIDED |= {"aws.account.security_contact", "aws.iam.password_policy"}
ONE_SIDED |= {"aws.cloudtrail.s3_data_events", "aws.response.finding_route"}
ONE_SIDED |= {"aws.lambda.runtime_near_eol"}  # what fails depends on the date


def test_the_sample_account_answers_every_declared_call(seen):
    states: dict[str, set[State]] = {name: set() for name in CALLS}
    for unit in seen.values():
        for name, cell in unit.cells.items():
            states[name] |= cell.counts.keys()

    assert {name for name, found in states.items() if State.READ not in found} <= ONLY_IF.keys()
    assert {name: found for name, found in states.items() if found - {State.READ, State.ABSENT}} == {}


def test_no_question_is_asked_twice(sweep, seen):
    sweep.cloud.clear()
    sweep.collect(sweep.all_units())
    asked = [(c["service"], c["operation"], c["region"], c["params"]) for c in sweep.cloud.calls()]

    assert sorted({call for call in asked if asked.count(call) > 1 and call[0] != "sts"}) == []


def test_two_looks_at_an_unchanged_account_see_the_same(sweep, seen):
    again = sweep.collect(sweep.all_units())

    changed = [
        (resource.ref, section)
        for unit, gathered in again.items()
        for resource in gathered.resources
        for old in seen[unit].resources
        if old.ref == resource.ref and old.kind == resource.kind
        for section, document in resource.documents.items()
        if document != old.documents[section]
    ]
    assert changed == []


def test_every_check_fails_and_passes_something_in_the_sample_account(before):
    outcomes: dict[str, set[Outcome]] = {}
    for (check, _, _), verdict in before.items():
        outcomes.setdefault(check, set()).add(verdict.outcome)

    one_sided = {check: found for check, found in outcomes.items() if not {Outcome.FAIL, Outcome.PASS} <= found}
    assert {check for check, found in outcomes.items() if Outcome.UNKNOWN in found} == set()
    assert one_sided.keys() <= ONE_SIDED, one_sided


@pytest.mark.parametrize(
    "call", [c for c in CALLS.values() if c.name not in {*ONLY_IF, *AT_THE_DOOR}], ids=lambda c: c.name
)
def test_a_refused_call_is_a_gap_and_changes_no_verdict_but_to_unknown(sweep, seen, before, call):
    units = [unit for unit in sweep.all_units() if unit.service == SERVICE_OF[call.name]]
    code = (
        "AccessDenied" if call.service in ("s3", "iam", "sns", "sqs", "s3control", "sts") else "AccessDeniedException"
    )
    error = {"code": "UnauthorizedOperation" if call.service == "ec2" else code, "message": "not yours", "status": 403}
    sweep.cloud.faults([{"service": call.service, "operation": call.operation, "error": error}])
    try:
        blind = sweep.collect(units)
    finally:
        sweep.cloud.clear()

    assert any(unit.cells[call.name].state is State.DENIED for unit in blind.values() if call.name in unit.cells)
    assert worsened(before, answers({**seen, **blind}.values(), sweep.cloud)) == []


def test_unread_is_what_touching_a_gap_raises(sweep, seen):
    sweep.cloud.faults(
        [
            {
                "service": "sqs",
                "operation": "GetQueueAttributes",
                "error": {"code": "AccessDenied", "message": "no", "status": 403},
            }
        ]
    )
    try:
        blind = sweep.collect([unit for unit in sweep.all_units() if unit.service == "sqs"])
    finally:
        sweep.cloud.clear()

    for unit in blind.values():
        for queue in unit.resources:
            with pytest.raises(Unread):
                queue["GetQueueAttributes"]
