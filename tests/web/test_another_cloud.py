"""A cloud that nobody has: one collector, one check and four rows, through scan, store, pages and exports."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import replace
from importlib.machinery import ModuleSpec
from types import ModuleType

import pytest
from django.core.management import call_command

from posture.actions import accounts, schedules, ways
from posture.forms import accounts as forms
from posture.models import Account, CoverageCell
from posture.queries import clouds
from scanners.checks import registry as asked
from scanners.checks.registry import Fix, check, checks
from scanners.collectors import registry
from scanners.collectors.cloud import Call, Caller, Collector, Refusal, Regions
from scanners.model import Identity, Provider, Severity, State, failed, passed
from tests.web.builders import START, an_admin

pytestmark = pytest.mark.django_db(transaction=True)
TOY = Provider.KUBERNETES  # a name that the product has for a cloud that it does not know yet
PODS = Call("pods", "List", items="items")
ANSWERS = {"items": [{"name": "web", "privileged": True}, {"name": "job", "privileged": False}]}
CLUSTER = "cluster-7"


class Transport:
    def __init__(self, no=None):
        self.no = no

    async def send(self, place, call, params):
        if self.no:
            raise self.no
        return ANSWERS

    def paging(self, call):
        return None

    def rate(self, place, call):
        return call.service, 100.0

    async def rest(self):
        pass

    def close(self):
        pass


def account_module(transport):
    module = ModuleType("scanners.collectors.kubernetes.account")
    module.IDENTITY = module.REGIONS = Call("cluster", "Get")
    module.ACCOUNT = re.compile(r"cluster-\d+")
    module.connect = lambda way: transport
    module.caller = lambda transport: Caller(CLUSTER, "toy", "robot", TOY)
    module.identity = lambda who: {"name": who.account}
    module.regions = lambda transport, who: Regions((), ())
    return module


def pods_module():
    module = ModuleType("scanners.collectors.kubernetes.pods")
    identify = lambda place, item: Identity(f"//{place.account}/pods/{item['name']}", item["name"])  # noqa: E731
    module.COLLECTORS = (Collector("toy/Pod", PODS, identify, everywhere=False),)
    return module


def privileged(pod, estate):
    """A container that is the machine is no container."""
    node = pod["List"].need("privileged")
    yield failed("It is privileged", node) if node.value else passed("It is not privileged", node)


@pytest.fixture(autouse=True)
def transport(monkeypatch):
    """What a new cloud is made of: a folder of collectors, a check, and its rows."""
    transport = Transport()
    package, account, pods = ModuleType("kubernetes"), account_module(transport), pods_module()
    package.__path__, package.__spec__ = [], ModuleSpec("kubernetes", None)
    monkeypatch.setitem(sys.modules, account.__name__, account)
    monkeypatch.setitem(sys.modules, "scanners.collectors.kubernetes", package)
    plain = registry._modules
    monkeypatch.setattr(registry, "_modules", lambda cloud: iter([account, pods]) if cloud == TOY else plain(cloud))
    checks()
    monkeypatch.setattr(asked, "_CHECKS", dict(asked._CHECKS))
    fix = Fix("Take the privilege away.")
    check("kubernetes.pods.privileged", on="toy/Pod", severity=Severity.HIGH, title="Privileged", fix=fix)(privileged)
    words = replace(clouds.CLOUDS["gcp"], name="Toy", account="cluster", closed="It is off.")
    monkeypatch.setitem(clouds.CLOUDS, TOY, words)
    monkeypatch.setitem(sys.modules, f"posture.actions.ways.{TOY}", ways.way("gcp"))
    monkeypatch.setitem(forms.CHANGING, TOY, forms.ProjectForm)
    caches = (registry.collectors, registry.by_kind, registry.clouds, checks)
    for cache in caches:
        cache.cache_clear()
    yield transport
    for cache in caches:
        cache.cache_clear()


def run(capsys, *words):
    with pytest.raises(SystemExit) as end:
        call_command(*words, "--format", "json")
    return end.value.code, json.loads(capsys.readouterr().out)


def test_it_is_scanned_stored_shown_and_exported(capsys, client):
    code, report = run(capsys, "scan", TOY)

    account = Account.objects.get(provider=TOY)
    assert (code, report["account"], report["opened"]) == (0, CLUSTER, 1)
    schedules.set_schedule(account=account, cron="0 3 * * *", timezone="UTC", now=START)
    client.force_login(an_admin())
    pages = ("", "findings/", "resources/", "coverage/", "scans/", "schedules/", "accounts/", f"accounts/{account.pk}/")
    for page in (*pages, f"accounts/{account.pk}/edit/", "checks/kubernetes.pods.privileged/"):
        assert client.get(f"/{page}").status_code == 200, page
    assert "It is privileged" in client.get(f"/findings/?account={account.pk}&service=pods").content.decode()
    for form in ("json", "jsonl", "csv", "sarif"):
        call_command("findings", "--format", form)
        assert "//cluster-7/pods/web" in capsys.readouterr().out


def test_what_it_refuses_is_unknown_and_closes_nothing(capsys, client, transport):
    run(capsys, "scan", TOY)
    transport.no = Refusal(State.DENIED, "Forbidden", "no")

    code, report = run(capsys, "scan", TOY)

    assert (code, report["state"], report["resolved"]) == (3, "incomplete", 0)
    assert report["gaps"][0]["checks"] == ["kubernetes.pods.privileged"]
    assert CoverageCell.objects.get(until_at=None, call="pods.List").state == "denied"
    client.force_login(an_admin())
    assert "pods.List" in client.get("/coverage/").content.decode()


def test_its_archive_is_audited_elsewhere(capsys, tmp_path):
    file = str(tmp_path / "evidence.zst")
    _, collected = run(capsys, "collect", TOY, "-o", file)
    _, online = run(capsys, "scan", TOY)
    accounts.remove(account=Account.objects.get(provider=TOY))

    _, offline = run(capsys, "scan", TOY, "--from", file)

    assert offline["digest"] == online["digest"]
    assert (collected["resources"], offline["account"]) == (2, CLUSTER)
