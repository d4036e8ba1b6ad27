"""`access paths --across`: over all accounts that were scanned, by federation."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from posture.queries import access_across, estates
from posture.runtime.mistakes import Mistake
from scanners.graph.stored import DETAILS
from tests import clouds, identities
from tests.clouds import a_project, account_of
from tests.identities import ADMIN, a_role, arn
from tests.web.builders import DAY, START, a_person, account_in, an_admin

pytestmark = pytest.mark.django_db
ROBOT, UNIQUE = "app@shop.iam.gserviceaccount.com", "1"  # as tests.clouds makes it


@pytest.fixture(autouse=True)
def no_view_of_another_database():
    estates.forget()
    access_across.forget()


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


# The page


@pytest.fixture
def as_admin(client):
    client.force_login(an_admin())
    return client


def page(client, **query):
    return client.get(reverse("access_across"), query).content.decode()


def test_the_page_shows_each_hop_and_where_it_arrives(as_admin):
    aws(), gcp()

    shown = page(as_admin)

    assert "can come from one account into another" in shown
    assert "A token of the issuer is exchanged for the role" in shown
    assert f'in</span> <span class="mono">{identities.ACCOUNT}</span>' in shown
    assert "close the door to" in shown


def test_the_page_tells_of_one_origin_alone(as_admin):
    aws(), gcp()

    assert "Hop by hop" in page(as_admin, **{"from": f"serviceAccount:{ROBOT}"})
    assert "comes in nowhere" in page(as_admin, **{"from": "<b>nobody</b>"})
    assert "<b>nobody</b>" not in page(as_admin, **{"from": "<b>nobody</b>"})


def test_where_no_account_speaks_of_another_the_page_says_so(as_admin):
    gcp()

    assert "Nothing leads from one account into another" in page(as_admin)


def test_accounts_that_one_may_not_see_are_not_joined(client):
    aws(), gcp()
    client.force_login(a_person("viewer", account_in("elsewhere", ref="999999999999").group))

    assert ROBOT not in page(client)


def test_before_the_first_scan_the_page_says_what_to_do(as_admin):
    assert "Nothing can be asked yet" in page(as_admin)

    aws(at=START)
    assert "No scan had been published by then" in page(as_admin, as_of=(START - DAY).isoformat())


def test_accounts_that_are_too_many_are_named(as_admin, monkeypatch):
    monkeypatch.setattr(access_across, "TOGETHER", 1)
    aws(), gcp()

    assert "Left out, for all together would be too many: 1 account" in page(as_admin).replace("<b>", "").replace(
        "</b>", ""
    )
    assert len(record()["accounts_left_out"]) == 1


def test_the_second_look_asks_for_no_evidence(as_admin, django_assert_max_num_queries):
    aws(), gcp()
    page(as_admin)

    with django_assert_max_num_queries(10):
        page(as_admin)
