"""Connecting GCP projects: no keys, no addresses to call, and nothing saved before it was tried."""

import json
import re
import time
from html import unescape

import pytest
from django.core.management import call_command

from posture.actions import accounts as actions
from posture.actions import entry
from posture.models import Account, Preflight
from posture.queries.clouds import gcp as words_of_gcp
from posture.runtime.mistakes import Mistake
from scanners import scan
from scanners.collectors.cloud import Caller, Refusal
from scanners.collectors.gcp import account as gcp
from scanners.model import Provider
from scanners.scan import family_permissions, permissions
from tests.web.builders import HOSTILE, an_admin

pytestmark = pytest.mark.django_db

PROJECT, ROBOT = "my-shop-123456", "posture-reads@my-shop-123456.iam.gserviceaccount.com"
FORM = {"name": "Shop", "project": PROJECT, "impersonate": ROBOT, "trusted": ""}
ABOVE = (
    "resourcemanager.organizations.", "resourcemanager.folders.", "iam.denypolicies.",
    "iam.principalaccessboundarypolicies.",
)  # fmt: skip
DIRECTORY = ("cloudidentity.",)


@pytest.fixture(autouse=True)
def admin(client):
    person = an_admin()
    client.force_login(person)
    return person


@pytest.fixture
def cloud(monkeypatch):
    """Says yes to everything; tests change what `probe` answers."""
    monkeypatch.setattr("posture.actions.bell.ring", lambda work: None)
    asked = []

    def probe(provider, way):
        asked.append(way)
        return Caller(way.project, "gcp", way.impersonate, Provider.GCP)

    monkeypatch.setattr(scan, "probe", probe)
    return asked


def words(answer):
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode())))


def connect(client, **changes):
    return client.post("/accounts/connect/gcp/", {**FORM, "group": actions.group().pk, **changes})


def a_project(**fields):
    account = actions.ambient(provider="gcp", ref=PROJECT, partition="gcp", name="Shop")
    Account.objects.filter(pk=account.pk).update(**fields)
    account.refresh_from_db()
    return account


def test_the_cloud_is_chosen_first(client):
    page = client.get("/accounts/connect/").content.decode()

    assert re.search(r'aria-current="page">AWS account<', page)
    assert re.search(r'href="/accounts/connect/gcp/">GCP project<', page)
    assert client.get("/accounts/connect/vax/").status_code == 404


def test_connecting_becomes_the_service_account_and_then_tries_every_call(client, cloud):
    answer = connect(client, trusted="example.com, partner.example")

    account = Account.objects.get()
    assert (account.provider, account.ref, account.partition) == ("gcp", PROJECT, "gcp")
    assert (account.way, account.trusted) == ({"impersonate": ROBOT}, ["example.com", "partner.example"])
    assert cloud == [gcp.Connection(PROJECT, ROBOT)]
    assert answer["Location"] == f"/accounts/{account.pk}/access/"
    assert Preflight.objects.get().account == account


def test_without_a_service_account_this_machines_own_credentials_count(client, cloud):
    connect(client, impersonate="")

    assert Account.objects.get().way == {}
    assert cloud == [gcp.Connection(PROJECT)]


def test_a_project_is_connected_once(client, cloud):
    connect(client)

    assert f"Project {PROJECT} is connected already, as “Shop”" in words(connect(client))


def test_nobody_can_name_an_endpoint(client, cloud):
    connect(client, endpoint="http://169.254.169.254/", way='{"endpoint": "x"}')

    assert (Account.objects.get().endpoint, Account.objects.get().way) == ("", {"impersonate": ROBOT})


REFUSALS = [
    ("denied", "PERMISSION_DENIED", f"Google did not let us see project {PROJECT} (PERMISSION_DENIED)"),
    ("denied", "RefreshError", f"Google did not let us become {ROBOT}"),
    ("denied", "DefaultCredentialsError", "no Google credentials of its own"),
    ("denied", "SERVICE_DISABLED", "gcloud services enable cloudresourcemanager.googleapis.com"),
    ("unreachable", "Timeout", "Google did not answer in time (Timeout)"),
    ("unsupported", "INVALID_ARGUMENT", "Google refused (INVALID_ARGUMENT): why"),
]


@pytest.mark.parametrize(("state", "code", "sentence"), REFUSALS, ids=[code for _, code, _ in REFUSALS])
def test_a_way_that_does_not_lead_in_is_not_kept(client, cloud, monkeypatch, state, code, sentence):
    def refuse(provider, way):
        raise Refusal(state, code, "why")

    monkeypatch.setattr(scan, "probe", refuse)

    assert sentence in words(connect(client))
    assert not Account.objects.exists()


WRONG = [
    ("project", ""),
    ("project", "424242424242"),
    ("project", "projects/my-shop"),
    ("project", "../../computeMetadata"),
    ("project", "my shop"),
    ("project", HOSTILE),
    ("impersonate", "somebody@example.com"),
    ("impersonate", "a@b.iam.gserviceaccount.com/../../x"),
    ("impersonate", f"{ROBOT}\nx"),
    ("trusted", "http://evil.test"),
    ("trusted", "123456789012"),
    ("trusted", HOSTILE),
]


@pytest.mark.parametrize(("field", "value"), WRONG, ids=range(len(WRONG)))
def test_only_ids_and_names_are_tried(client, cloud, field, value):
    answer = connect(client, **{field: value})

    assert answer.status_code == 200
    assert cloud == []
    assert HOSTILE not in answer.content.decode()


def test_the_page_shows_what_to_make(client):
    page = words(client.get("/accounts/connect/gcp/"))

    assert "gcloud iam roles create postureReads --project=PROJECT_ID" in page
    assert "roles/iam.serviceAccountTokenCreator" in page
    assert "- storage.buckets.list" in page
    assert "gcloud organizations add-iam-policy-binding ORGANIZATION_ID" in page


def test_editing_tries_another_service_account(client, cloud):
    account = a_project(way={"impersonate": ROBOT})
    other = ROBOT.replace("posture-reads", "other")

    client.post(
        f"/accounts/{account.pk}/edit/",
        {"name": "New", "impersonate": other, "group": account.group_id, "trusted": "x.example"},
    )

    saved = Account.objects.get()
    assert (saved.name, saved.way, saved.trusted) == ("New", {"impersonate": other}, ["x.example"])
    assert cloud == [gcp.Connection(PROJECT, other)]


def test_a_name_is_changed_without_asking_google(client, cloud):
    account = a_project(way={"impersonate": ROBOT})

    client.post(f"/accounts/{account.pk}/edit/", {**FORM, "name": "New", "group": account.group_id})

    assert (Account.objects.get().name, cloud) == ("New", [])


def test_another_project_does_not_take_over_this_one(cloud, monkeypatch):
    monkeypatch.setattr(scan, "probe", lambda *_: Caller("another-one", "gcp", "", Provider.GCP))

    with pytest.raises(Mistake, match=f"leads to project another-one, not to {PROJECT}"):
        actions.change(account=a_project(), name="x", group=actions.group(), trusted=[], way={"impersonate": ROBOT})


def test_a_project_never_keeps_a_person_waiting(monkeypatch):
    def slow(way):
        time.sleep(1)

    monkeypatch.setattr(scan, "PROBE_SECONDS", 0.05)
    monkeypatch.setattr(gcp, "connect", slow)

    with pytest.raises(Mistake, match="did not answer in time"):
        entry.tried(Account(provider="gcp", ref=PROJECT))


def printed(capsys, *more):
    call_command("permissions", "gcp", *more)
    told = capsys.readouterr()
    return told.out, told.err


def test_the_command_prints_a_role_for_exactly_what_the_collectors_ask(capsys):
    role = json.loads(printed(capsys, "--format", "json")[0])

    asked = {*permissions(Provider.GCP), *family_permissions(Provider.GCP)}
    assert role["includedPermissions"] == sorted(one for one in asked if not one.startswith(DIRECTORY))
    assert not [one for one in role["includedPermissions"] if not re.fullmatch(r"[a-z]+\.[a-zA-Z]+\.[a-zA-Z]+", one)]


def test_a_projects_own_role_leaves_out_what_it_cannot_hold(capsys):
    out, err = printed(capsys, "--level", "project")

    held = [line.removeprefix("- ") for line in out.splitlines() if line.startswith("- ")]
    assert set(permissions(Provider.GCP)) - set(held) == {
        one for one in permissions(Provider.GCP) if one.startswith((*ABOVE, *DIRECTORY))
    }
    assert "gcloud iam roles create postureReads --project=PROJECT_ID --file=posture-role.yaml" in err


def test_the_role_is_yaml_that_says_what_json_says():
    yaml = pytest.importorskip("yaml")
    role = words_of_gcp.role(permissions(Provider.GCP))

    assert yaml.safe_load(words_of_gcp.written(role)) == role


def test_a_level_that_the_cloud_has_not_is_refused(capsys):
    with pytest.raises(Mistake, match="AWS has no level “project”"):
        call_command("permissions", "aws", "--level", "project")


ADDED = [
    (["run.services.list"], 1),
    (["iam.denypolicies.list"], 1),
    (["run.services.list", "resourcemanager.folders.getIamPolicy"], 2),
]


@pytest.mark.parametrize(("actions_wanted", "lines"), ADDED)
def test_what_stands_above_the_project_is_added_above_it(actions_wanted, lines):
    told = words_of_gcp.addition(actions_wanted, PROJECT).splitlines()

    assert len(told) == lines
    for line in told:
        assert ("--organization=" in line) == any(part in line for part in ABOVE)


REMEDIES = [
    # code, message, said, whether the role mends it
    ("PERMISSION_DENIED", "Permission 'x' denied", "Add this to the scanning role", True),
    ("SERVICE_DISABLED", "", "gcloud services enable", False),
    ("PERMISSION_DENIED", "Request is prohibited by organization's policy.", "perimeter", False),
    ("UNAUTHENTICATED", "", "Scan again with fresh ones", False),
]


@pytest.mark.parametrize(("code", "message", "said", "mends"), REMEDIES)
def test_a_refusal_is_told_with_what_mends_it(code, message, said, mends):
    told, helps = words_of_gcp.denied(code, message)

    assert said in told
    assert helps is mends
