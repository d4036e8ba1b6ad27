"""Google Cloud through the whole product: the double, a scan, the page, the exports, an archive, a refusal."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.management import call_command

from posture.runtime.sample.gcp.mistakes import EXPECTED
from posture.runtime.sample.gcp.server import sample_project
from scanners.collectors.gcp.routes import routes

pytestmark = pytest.mark.django_db(transaction=True)
PROJECT = "fernhollow-shop"
DENIED = {"code": "PERMISSION_DENIED", "status": 403, "message": "not yours"}
OFF = {"service": "cloudasset", "error": DENIED}  # both of the inventory's listings: the other road is taken
BUCKETS = [OFF, {"service": "storage", "operation": "buckets.list", "error": DENIED}]


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


def failing(findings):
    """By check, the last words of what fails; of one subject of it where the check judges several."""
    told = {}
    for one in findings:
        told.setdefault(one["check"], set()).add(one["subject"] or one["ref"])
    return told


def test_a_scan_finds_all_that_is_planted_and_nothing_that_is_sound(machine, capsys):
    code, report = run(capsys, "scan", "gcp")
    call_command("findings", "--format", "json")

    found = failing(json.loads(capsys.readouterr().out)["findings"])
    print(json.dumps({k: sorted(v) for k, v in found.items()}, indent=1))
    assert (code, report["state"], report["account"]) == (0, "complete", PROJECT)
    assert found.keys() == {check for check, (fails, _) in EXPECTED.items() if fails}
