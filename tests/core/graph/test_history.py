"""What functions did by CloudTrail's event history: uses count, and silence only where all of them was heard."""

from __future__ import annotations

import pytest

from scanners.access.aws.usage import SECTION as REPORT
from scanners.graph.history import SECTION
from scanners.graph.right_sized import proposed
from scanners.graph.standing import view
from scanners.graph.stored import DETAILS
from scanners.model.estate import Estate
from tests.core.cases import NOW, refused, resource
from tests.identities import ACCOUNT, a_role, allow, arn, the_account

ROLE = arn("role", "app")
LAMBDA = {"Service": "lambda.amazonaws.com"}
GRANTED = allow(["secretsmanager:GetSecretValue", "ssm:GetParameter", "s3:GetObject"])
OLD = "2026-01-01"  # of the last use that IAM tells, before the history begins


def a_function(name="pay", *events, since=None, gap=False, asked=True, invoked=True, role=ROLE):
    ref = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:{name}"
    said = {SECTION: {"Since": since, "Events": list(events)}} if asked and not gap else {}
    gaps = {SECTION: refused(SECTION, "cloudtrail")} if gap else {}
    listed = {"FunctionName": name, "Role": role}
    return resource(
        "AWS::Lambda::Function", ref, gaps=gaps, ListFunctions=listed, GetMetricData={"Invoked": invoked}, **said
    )


def did(name="GetSecretValue", source="secretsmanager", *, role=ROLE, error="", day="2026-11-20"):
    event = {"Source": f"{source}.amazonaws.com", "Name": name, "Region": "eu-west-1"}
    return event | {"Role": role, "Error": error, "Last": day}


def role_with(*, trust=LAMBDA, last=OLD):
    services = ("secretsmanager", "ssm", "s3")
    report = {REPORT: [{"ServiceNamespace": name, "LastAuthenticated": last} for name in services]}
    made = a_role("app", trust, GRANTED)
    return resource("AWS::IAM::Role", ROLE, region="global", **{DETAILS: made.documents[DETAILS]}, **report)


def sized(*functions, role=None):
    rows = (the_account(), role or role_with(), *functions)
    here = view(Estate(ACCOUNT, NOW, lambda kind: [one for one in rows if one.kind == kind]))
    return proposed(here, here.named("app"))


def removed(found):
    return {name for one in found.services for name in one.removed}


def used(found):
    return {name for one in found.services for name in one.used}


def test_what_the_history_has_was_used_and_what_it_would_have_goes():
    found = sized(a_function("pay", did()))

    assert used(found) == {"secretsmanager:GetSecretValue"}
    assert removed(found) == {"ssm:GetParameter"}
    assert any("event history" in one for one in found.told)


def test_data_events_are_in_no_history():
    assert "s3:GetObject" not in removed(sized(a_function("pay", did())))


HALF_HEARD = [
    ((a_function("pay", did(), since="2026-11-01"),), role_with(), "is longer than what is asked for"),
    ((a_function("pay", did()), a_function("ship", gap=True)), role_with(), "cloudtrail.LookupEvents was not read"),
    ((a_function("pay", did()), a_function("ship", asked=False)), role_with(), "ship was not asked about"),
    ((a_function("pay", did()),), role_with(trust={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), "others than functions"),
    ((a_function("pay", did()),), role_with(last="2026-11-21"), "IAM knows of a use of secretsmanager, ssm"),
]


@pytest.mark.parametrize(("functions", "role", "said"), HALF_HEARD, ids=[said for *_, said in HALF_HEARD])
def test_silence_says_nothing_where_not_all_was_heard(functions, role, said):
    found = sized(*functions, role=role)

    assert "ssm:GetParameter" not in removed(found)
    assert "secretsmanager:GetSecretValue" in used(found)
    assert any(said in one for one in found.told)


def test_a_function_that_never_ran_did_nothing():
    found = sized(a_function("pay", did()), a_function("idle", asked=False, invoked=False))

    assert removed(found) == {"ssm:GetParameter"}


def test_sessions_of_another_role_under_the_name_of_the_function_are_not_its_own():
    assert used(sized(a_function("pay", did(role=arn("role", "mallory"))))) == set()


def test_a_refused_call_is_no_use():
    found = sized(a_function("pay", did(error="AccessDeniedException")))

    assert used(found) == set()
    assert "secretsmanager:GetSecretValue" not in removed(found)


def test_where_nobody_wished_it_nothing_changes():
    found = sized(a_function("pay", asked=False))

    assert found.told == ()
    assert removed(found) == set()
