"""`access paths --across`: over all accounts that were scanned, by federation."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command

from posture.queries import estates
from posture.runtime.mistakes import Mistake
from scanners.graph.stored import DETAILS
from tests import clouds, identities
from tests.clouds import a_project, account_of
from tests.identities import ADMIN, a_role, arn
from tests.web.builders import DAY, START, account_in

pytestmark = pytest.mark.django_db
ROBOT, UNIQUE = "app@shop.iam.gserviceaccount.com", "1"  # as tests.clouds makes it


@pytest.fixture(autouse=True)
def no_view_of_another_database():
    estates.forget()


def told(*words):
    out = StringIO()
    call_command("access", "paths", "--across", *words, stdout=out)
    return out.getvalue()


def record(*words):
    return json.loads(told(*words, "--format", "json"))


def aws(sub=UNIQUE, at=START):
    role = a_role("deploy", {"Federated": "accounts.google.com"}, attached=(ADMIN,))
    (statement,) = role.documents[DETAILS]["AssumeRolePolicyDocument"]["Statement"]
    statement |= {
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {"accounts.google.com:sub": sub}},
    }
    identities.scanned(account_in("shop"), role, at=at)


def gcp():
    clouds.scanned(account_of("gcp"), *a_project(), at=START)


def test_a_robot_of_one_cloud_is_followed_into_another():
    aws(), gcp()

    found = record()

    assert set(found["accounts"]) == {"shop", identities.ACCOUNT}
    (path,) = [one for one in found["paths"] if one["escalates"]]
    assert path["from"] == f"serviceAccount:{ROBOT}"
    assert [(step["by"], step["to"], step["account"]) for step in path["steps"]] == [
        ("across-aws-web-identity", arn("role", "deploy"), identities.ACCOUNT)
    ]
    assert path["steps"][0]["because"][0]["policy"] == "trust of deploy"
    assert [cut["at"] for cut in found["cuts"]] == [arn("role", "deploy")]


def test_it_is_told_for_people():
    aws(), gcp()

    lines = told("--from", ROBOT).splitlines()

    assert f"can      serviceAccount:{ROBOT}" in lines
    assert any("becomes arn:aws:iam" in line for line in lines)


def test_another_subject_is_another_origin():
    aws(sub="2"), gcp()

    assert [(one["from"], one["escalates"]) for one in record()["paths"]] == [("https://accounts.google.com#2", True)]
    with pytest.raises(Mistake, match="comes in nowhere"):
        told("--from", ROBOT)


def test_accounts_without_doors_have_no_ways():
    gcp()

    assert record()["paths"] == []
    assert "Nobody can come there" in told()


def test_before_the_first_scan_there_is_nothing_to_ask():
    with pytest.raises(Mistake):
        told()
    aws()
    with pytest.raises(Mistake, match="scanned by then"):
        told("--as-of", (START - DAY).isoformat())
