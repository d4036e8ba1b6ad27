"""Google Cloud through the whole product: the double, a scan, the page, the exports, an archive, a refusal."""

from __future__ import annotations

import io
import json
import re

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.management import call_command
from django.utils import timezone

from posture.actions import accounts, archives, scans, work
from posture.models import Account, CoverageCell, Finding
from posture.runtime.mistakes import Mistake
from posture.runtime.sample.gcp.mistakes import EXPECTED
from posture.runtime.sample.gcp.server import sample_project
from scanners.collectors.evidence_reader import Reader
from scanners.collectors.gcp.routes import routes
from tests.journeys.test_archives import told
from tests.web.builders import an_admin

pytestmark = pytest.mark.django_db(transaction=True)
PROJECT = "fernhollow-shop"
DENIED = {"code": "PERMISSION_DENIED", "status": 403, "message": "not yours"}
OFF = {"service": "cloudasset", "error": DENIED}  # both of the inventory's listings: the other road is taken
BUCKETS = [OFF, {"service": "storage", "operation": "buckets.list", "error": DENIED}]


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode()))


@pytest.fixture(scope="module")
def cloud():
    with sample_project() as cloud:
        yield cloud


@pytest.fixture(scope="module")
def key(cloud, tmp_path_factory):
    """A service account's key whose tokens the double mints."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    told = {
        "type": "service_account",
        "client_email": f"posture@{PROJECT}.iam.gserviceaccount.com",
        "token_uri": f"{cloud.endpoint}/token",
        "private_key": private.decode(),
        "project_id": PROJECT,
    }
    path = tmp_path_factory.mktemp("key") / "key.json"
    path.write_text(json.dumps(told))
    return path


@pytest.fixture
def machine(cloud, key, monkeypatch):
    """This machine's own credentials and endpoints, as Google's tools are told of them."""
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(key))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for route in routes().values():
        name = route.host.partition(".")[0].upper()
        monkeypatch.setenv(f"CLOUDSDK_API_ENDPOINT_OVERRIDES_{name}", f"{cloud.endpoint}/{route.host}/")
    cloud.clear()
    yield cloud
    cloud.clear()


def run(capsys, *words):
    """A command's exit code and what it printed as JSON."""
    with pytest.raises(SystemExit) as end:
        call_command(*words, "--format", "json")
    return end.value.code, json.loads(capsys.readouterr().out)


def found(capsys, *words):
    call_command("findings", "--format", "json", *words)
    return json.loads(capsys.readouterr().out)


def test_a_scan_finds_all_that_is_planted_and_nothing_that_is_sound(machine, capsys):
    code, report = run(capsys, "scan", "gcp")

    told = found(capsys)
    assert (code, report["state"], report["account"], report["gaps"]) == (0, "complete", PROJECT, [])
    assert {(one["provider"], one["account"]) for one in told["findings"]} == {("gcp", PROJECT)}
    failing = {check: set() for check in EXPECTED}
    for one in told["findings"]:
        failing[one["check"]] |= {one["name"], one["subject"]}
    for check, (fails, passes) in EXPECTED.items():
        assert fails <= failing[check], check
        assert not passes & failing[check], check


def test_a_second_scan_of_the_same_project_changes_nothing(machine, capsys):
    _, first = run(capsys, "scan", "gcp")

    _, second = run(capsys, "scan", "gcp")

    assert second["digest"] == first["digest"]
    assert (second["opened"], second["resolved"]) == (0, 0)


def test_the_pages_and_the_exports_tell_of_a_project_as_of_an_account(machine, capsys, client):
    run(capsys, "scan", "gcp")
    client.force_login(an_admin())
    account = Account.objects.get()

    page = client.get("/findings/?check=gcp.storage.public").content.decode()
    one = Finding.objects.filter(check_id="gcp.storage.public", outcome=1).first()
    detail = client.get(f"/findings/{one.key}/").content.decode()

    assert "fernhollow-product-images" in page
    assert "cloudasset.assets.listIamPolicy" in detail
    assert "gcloud" in detail
    for place in ("", "coverage/", "resources/", "scans/", f"accounts/{account.pk}/", "checks/gcp.run.env_secret/"):
        shown = client.get(f"/{place}")
        assert shown.status_code == 200, place
        assert "AWS" not in words(shown).replace("Connect an AWS account", ""), place
    for form in ("csv", "jsonl", "sarif"):
        call_command("findings", "--format", form)
        assert "fernhollow-product-images" in capsys.readouterr().out, form


def test_a_refused_inventory_is_told_and_nothing_is_missing(machine, capsys):
    machine.faults([OFF])

    code, report = run(capsys, "scan", "gcp", "--services", "storage")

    assert (code, report["state"], report["gaps"]) == (0, "complete", [])
    assert report["coverage"]["other_road"] == 1
    assert set(CoverageCell.objects.filter(state="other_road").values_list("code", flat=True)) == {"PERMISSION_DENIED"}


def test_what_both_roads_refuse_is_unknown_closes_nothing_and_names_what_mends_it(machine, capsys, client):
    run(capsys, "scan", "gcp")
    machine.faults(BUCKETS)

    code, report = run(capsys, "scan", "gcp", "--services", "storage")

    gaps = {gap["call"]: gap for gap in report["gaps"]}
    assert (code, report["state"], report["resolved"]) == (3, "incomplete", 0)
    assert {"cloudasset.assets.listResource", "storage.buckets.list"} <= gaps.keys()
    assert gaps["storage.buckets.list"]["permission"] == "storage.buckets.list"
    assert "gcp.storage.public" in gaps["storage.buckets.list"]["checks"]
    hidden = found(capsys, "--check", "gcp.storage.public", "--outcome", "all")["findings"]
    assert {one["outcome"] for one in hidden} == {"unknown"}
    client.force_login(an_admin())
    mends = rf"gcloud iam roles update postureReads --project={PROJECT} --add-permissions=\S*storage\.buckets\.list"
    assert re.search(mends, words(client.get("/coverage/")))


@pytest.mark.parametrize(
    ("faults", "state"), [((), "complete"), ([OFF], "complete"), (BUCKETS, "incomplete")], ids=["one", "other", "none"]
)
def test_an_archive_gives_what_the_online_scan_gave_on_every_road(machine, capsys, tmp_path, faults, state):
    file = tmp_path / "evidence.zst"
    machine.faults(list(faults))
    code, report = run(capsys, "collect", "gcp", "-o", str(file))
    header = archive(file).header
    account = accounts.ambient(provider="gcp", ref=PROJECT, partition="gcp")
    scan = scans.ask(account=account, cause="command", now=header.asked_at)
    work.on(scan_id=scan.pk, clock=timezone.now)
    scan.refresh_from_db()
    expected = told(scan)
    accounts.remove(account=account)

    audited = archives.audit(archive=archive(file), account=None, now=timezone.now())

    assert told(audited) == expected
    assert (audited.state, report["state"], code) == (state, state, 0 if state == "complete" else 3)
    assert (audited.account.provider, audited.account.ref, audited.account.partition) == ("gcp", PROJECT, "gcp")
    assert report["coverage"] == expected["cells"]


def archive(file):
    return Reader(io.BytesIO(file.read_bytes()))


def test_the_shell_audits_an_archive_without_credentials(machine, capsys, tmp_path, monkeypatch):
    file = tmp_path / "evidence.zst"
    run(capsys, "collect", "gcp", "-o", str(file), "--services", "storage")
    monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS")

    code, report = run(capsys, "scan", "gcp", "--from", str(file))

    assert (code, report["account"], report["state"]) == (0, PROJECT, "complete")
    with pytest.raises(Mistake, match="of another cloud than AWS"):
        call_command("scan", "aws", "--from", str(file))


def test_there_are_no_regions_to_choose(machine):
    with pytest.raises(Mistake, match="all its locations at once"):
        call_command("scan", "gcp", "--regions", "europe-west1")


def test_services_are_those_of_the_cloud(machine):
    with pytest.raises(Mistake, match=r"No such service: lambda\. Known are .*cloudfunctions"):
        call_command("scan", "gcp", "--services", "lambda")


REFUSED = [
    # environment, sentence
    ({"GOOGLE_APPLICATION_CREDENTIALS": "/nowhere.json"}, "No Google credentials were found"),
    ({"GOOGLE_CLOUD_PROJECT": "another-shop"}, r"Google refused these credentials \(PERMISSION_DENIED\)"),
    ({"GOOGLE_CLOUD_PROJECT": "Not A Project"}, "name no project: set GOOGLE_CLOUD_PROJECT"),
]


@pytest.mark.parametrize(("environment", "sentence"), REFUSED, ids=range(len(REFUSED)))
def test_no_way_in_is_one_sentence(machine, monkeypatch, environment, sentence):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(Mistake, match=sentence):
        call_command("scan", "gcp")


def test_every_call_is_tried_once_before_a_scan(machine, capsys):
    code, report = run(capsys, "permissions", "gcp", "--check")

    assert (code, report["state"], report["missing"], report["account"]) == (0, "allowed", [], PROJECT)
    assert report["permissions"]["allowed"] > 10
    assert {one["why"] for one in report["not_proven"] if one["code"] == ""} <= {NOBODY_TELLS}
    assert len(machine.calls()) < 150


NOBODY_TELLS = (
    "nothing found raises this question, and Google says the same of what is not there and of what we may not see"
)


def test_a_refusal_is_found_before_a_scan_with_the_role_that_mends_it(machine, capsys):
    machine.faults(BUCKETS)

    code, report = run(capsys, "permissions", "gcp", "--check")

    assert (code, report["state"]) == (3, "refused")
    assert "storage.buckets.list" in report["missing"]
    (role,) = report["policies"]
    assert role["includedPermissions"] == report["missing"]
    assert {one["outcome"] for one in report["refused"]} == {"denied"}


def test_a_road_that_another_replaces_is_not_missing_before_a_scan(machine, capsys):
    machine.faults([{**OFF, "operation": "assets.listResource"}])

    code, report = run(capsys, "permissions", "gcp", "--check")

    assert (code, report["missing"]) == (0, [])
    assert report["permissions"]["other_road"] == 1
