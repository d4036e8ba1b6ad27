"""Azure through the whole product: the double, a scan, the pages, an archive, a refusal."""

from __future__ import annotations

import json
import re

import pytest
from django.core.management import call_command

from posture.actions import accounts
from posture.models import Account, CoverageCell
from posture.runtime.mistakes import Mistake
from posture.runtime.sample.azure.mistakes import EXPECTED
from posture.runtime.sample.azure.server import sample_subscription
from tests.web.builders import an_admin

pytestmark = pytest.mark.django_db(transaction=True)
DENIED = {"code": "AuthorizationFailed", "status": 403, "message": "not yours"}
NO_GRAPH = {"service": "resourcegraph", "error": DENIED}
NO_DIRECTORY = {"service": "graph", "error": DENIED}


@pytest.fixture(scope="module")
def double():
    with sample_subscription() as cloud:
        yield cloud


@pytest.fixture
def cloud(double):
    double.clear()
    where = {"endpoint": double.endpoint, "regions": [], "name": "Sample subscription", "partition": "azure"}
    accounts.sample(provider="azure", ref=double.account, **where)
    yield double
    double.clear()


def run(capsys, *words):
    """A command's exit code and what it printed as JSON."""
    with pytest.raises(SystemExit) as end:
        call_command(*words, "--format", "json")
    return end.value.code, json.loads(capsys.readouterr().out)


def words(answer):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode()))


def test_a_scan_finds_all_that_is_planted_and_nothing_that_is_sound(cloud, capsys, client):
    code, report = run(capsys, "scan", cloud.account)

    call_command("findings", "--format", "json")
    failing = {check: set() for check in EXPECTED}
    for one in json.loads(capsys.readouterr().out)["findings"]:
        failing[one["check"]] |= {one["name"], one["subject"]}
    assert (code, report["state"], report["gaps"]) == (0, "complete", [])
    for check, (fails, passes) in EXPECTED.items():
        assert fails <= failing[check], check
        assert not passes & failing[check], check
    client.force_login(an_admin())
    account = Account.objects.get()
    for place in ("", "coverage/", "findings/", "resources/", "scans/", f"accounts/{account.pk}/"):
        shown = client.get(f"/{place}")
        assert shown.status_code == 200, place
        assert "AWS" not in words(shown).replace("Connect an AWS account", ""), place


def test_a_refused_resource_graph_is_told_and_nothing_is_missing(cloud, capsys):
    cloud.faults([NO_GRAPH])

    code, report = run(capsys, "scan", cloud.account)

    assert (code, report["state"], report["gaps"]) == (0, "complete", [])
    assert CoverageCell.objects.filter(state="other_road").exists()


@pytest.mark.parametrize("faults", [[], [NO_GRAPH], [NO_DIRECTORY]], ids=["one", "other", "less"])
def test_its_archive_gives_what_the_online_scan_gave(cloud, capsys, tmp_path, faults):
    file = str(tmp_path / "evidence.zst")
    cloud.faults(faults)
    _, collected = run(capsys, "collect", cloud.account, "-o", file)
    _, online = run(capsys, "scan", cloud.account)
    accounts.remove(account=Account.objects.get())

    _, offline = run(capsys, "scan", "azure", "--from", file)

    assert offline["digest"] == online["digest"]
    assert offline["coverage"] == online["coverage"] == collected["coverage"]


def test_what_is_refused_is_found_before_a_scan_with_what_mends_it(cloud, capsys):
    code, report = run(capsys, "permissions", "azure", "--check", cloud.account)
    assert (code, report["state"], report["missing"]) == (0, "allowed", [])

    cloud.faults([NO_DIRECTORY])
    code, report = run(capsys, "permissions", "azure", "--check", cloud.account)

    (consents,) = report["policies"]
    assert (code, consents["Api"]) == (3, "Microsoft Graph")
    assert [f"Microsoft.Graph/{name}" for name in consents["ApplicationPermissions"]] == report["missing"]


def test_without_a_subscription_there_is_no_way_in(monkeypatch):
    monkeypatch.delenv("AZURE_SUBSCRIPTION_ID", raising=False)

    with pytest.raises(Mistake, match="set AZURE_SUBSCRIPTION_ID"):
        call_command("scan", "azure")


def test_the_page_of_connecting_shows_the_role_and_takes_ids_alone(client):
    client.force_login(an_admin())
    form = {"name": "x", "group": accounts.group().pk, "tenant": "", "client": "", "trusted": ""}

    page = words(client.get("/accounts/connect/azure/"))
    answer = words(client.post("/accounts/connect/azure/", {**form, "subscription": "../x"}))

    assert "az role definition create --role-definition @posture-role.json" in page
    assert "Write it as 32 digits with hyphens" in answer
    assert not Account.objects.exists()
