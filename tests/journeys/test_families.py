"""An organisation of Google Cloud and a management group of Azure, from connecting to scanning, against the doubles."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from posture.actions import accounts, organisations, schedules
from posture.models import Account, Organisation, Preflight, Resource, Scan
from posture.runtime.mistakes import Mistake
from posture.runtime.sample.azure import estate as azure
from posture.runtime.sample.azure import family as azure_family
from posture.runtime.sample.azure.server import sample_subscription
from posture.runtime.sample.gcp import estate as gcp
from posture.runtime.sample.gcp import family as gcp_family
from posture.runtime.sample.gcp.server import sample_project
from tests.web.builders import an_admin

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class Google:
    """What a test may do to the cloud behind the double."""

    cloud: Any
    made: gcp.Estate
    provider: str = "gcp"
    root: str = gcp.ORGANIZATION
    shop: str = gcp.PROJECT
    service: str = "storage"
    listing: str = "projects.list"
    permission: str = "cloudasset.assets.searchAllResources"
    error: str = "PERMISSION_DENIED"
    gone: str = "DELETE_REQUESTED"

    def add(self, name):
        self.made.projects.append(gcp_family.Project(f"fernhollow-{name}", "424242424299", name))
        return f"fernhollow-{name}"

    def turn(self, ref, state):
        self.made.projects = [replace(one, state=state) if one.ref == ref else one for one in self.made.projects]

    def move_out(self, ref):
        self.made.projects = [one for one in self.made.projects if one.ref != ref]

    def refuse(self):
        self.cloud.faults(
            [self._no("cloudasset", "searchAllResources"), self._no("cloudresourcemanager", self.listing)]
        )

    def _no(self, service, operation):
        return {"service": service, "operation": operation, "error": {"code": self.error, "status": 403}}

    def breaks(self, fault):
        self.cloud.faults([{"service": "cloudasset", **fault}, {"service": "cloudresourcemanager", **fault}])


@dataclass
class Azure(Google):
    made: azure.Estate
    provider: str = "azure"
    root: str = azure.TENANT
    shop: str = azure.SUBSCRIPTION
    listing: str = "management_groups.get_descendants"
    permission: str = "Microsoft.Management/managementGroups/descendants/read"
    error: str = "AuthorizationFailed"
    gone: str = "Disabled"

    def add(self, name):
        ref = "5ca11e50-f04e-4011-8000-000000000099"
        self._now([*self.made.subscriptions, azure_family.Subscription(ref, name)])
        return ref

    def turn(self, ref, state):
        self._now([replace(one, state=state) if one.ref == ref else one for one in self.made.subscriptions])

    def move_out(self, ref):
        self._now([one for one in self.made.subscriptions if one.ref != ref])

    def _now(self, subscriptions):
        self.made.subscriptions = subscriptions
        azure_family.tell(self.made)

    def refuse(self):
        self.cloud.faults([self._no("managementgroups", self.listing)])

    def breaks(self, fault):
        self.cloud.faults([{"service": "managementgroups", **fault}])


@pytest.fixture(params=["gcp", "azure"])
def place(request):
    if request.param == "gcp":
        made = gcp.estate()
        with sample_project(made) as cloud:
            yield Google(cloud, made)
    else:
        stood = azure.estate()
        with sample_subscription(stood) as cloud:
            yield Azure(cloud, stood)


@pytest.fixture
def organisation(place):
    wanted = Organisation(
        provider=place.provider, name="Fernhollow", ref=place.root, group=accounts.group("Family"),
        endpoint=place.cloud.endpoint,
    )  # fmt: skip
    return organisations.connect(organisation=wanted, now=timezone.now())


def refreshed(organisation):
    return organisations.refresh(organisation=organisation, now=timezone.now())


def here(organisation):
    return {account.name.lower().replace(" ", "-") for account in organisation.accounts.filter(left_at=None)}


def test_connecting_once_brings_all_that_is_active_and_no_more(place, organisation):
    assert here(organisation) == {"fernhollow-shop", "fernhollow-data", "fernhollow-lab"}
    assert len(organisation.members) == 4
    assert {account.group.name for account in organisation.accounts.all()} == {"Family"}


def test_who_comes_is_scanned_and_who_goes_is_kept(place, organisation):
    ref = place.add("newcomer")
    assert [account.ref for account in refreshed(organisation).joined] == [ref]
    assert refreshed(organisation).joined == []

    place.turn(ref, place.gone)
    assert [account.ref for account in refreshed(organisation).left] == [ref]
    account = Account.objects.get(ref=ref)
    asked, _ = organisations.scan_all(organisation=organisation, cause="person", now=timezone.now())
    assert account not in [scan.account for scan in asked]
    with pytest.raises(Mistake, match="left its organisation"):
        schedules.scans.ask(account=account, cause="person", now=timezone.now())


def test_who_was_moved_away_has_left_and_comes_back(place, organisation):
    before = place.made.projects if place.provider == "gcp" else place.made.subscriptions
    ref = organisation.accounts.exclude(ref=place.shop).first().ref
    place.move_out(ref)
    assert [account.ref for account in refreshed(organisation).left] == [ref]

    if place.provider == "gcp":
        place.made.projects = before
    else:
        place._now(before)
    assert [account.ref for account in refreshed(organisation).joined] == [ref]


def test_a_refused_list_changes_nothing_and_names_what_it_needs(place, organisation, client):
    before = here(organisation)
    place.refuse()

    change = refreshed(organisation)

    assert (change.joined, change.left, here(organisation)) == ([], [], before)
    assert organisation.gap["permission"] == place.permission
    client.force_login(an_admin())
    assert place.permission in client.get(f"/accounts/organisations/{organisation.pk}/").content.decode()
    place.cloud.clear()
    refreshed(organisation)
    assert organisation.gap == {}


@pytest.mark.parametrize("fault", [{"truncate": True}, {"html": True}, {"reset": True}], ids=str)
def test_a_list_that_breaks_off_is_nobodys_leaving(place, organisation, fault, monkeypatch):
    monkeypatch.setattr("scanners.collectors.asker.LONGEST_WAIT", 0.01)
    before = here(organisation)
    place.breaks(fault)

    assert refreshed(organisation).left == []
    assert organisation.gap["code"]
    assert here(organisation) == before


def test_a_page_that_fails_once_is_asked_again(place, organisation):
    place.add("newcomer")
    place.breaks({"error": {"code": "Unavailable", "status": 503}, "times": 2})

    assert len(refreshed(organisation).joined) == 1


def scanned(capsys, *words):
    with pytest.raises(SystemExit) as end:
        call_command("scan", *words, "--format", "json")
    return end.value.code, json.loads(capsys.readouterr().out)


def test_the_shell_scans_all_of_them_each_as_itself(place, organisation, capsys):
    code, reports = scanned(capsys, "Fernhollow", "--services", place.service)

    refs = set(organisation.accounts.values_list("ref", flat=True))
    assert (code, {report["state"] for report in reports}) == (0, {"complete"})
    assert {report["account"] for report in reports} == refs
    for account in organisation.accounts.all():
        found = Resource.objects.filter(account=account)
        assert found.exists()
        others = refs - {account.ref}
        assert not [one.ref for one in found if any(ref in one.ref for ref in others)]


def test_without_a_list_the_known_ones_are_scanned_and_the_exit_code_says_so(place, organisation, capsys):
    place.refuse()

    code, reports = scanned(capsys, place.root, "--services", place.service)

    assert (code, len(reports)) == (3, 3)


def test_one_that_does_not_let_us_in_is_told_of(place, organisation, capsys):
    for service, operation in (("cloudresourcemanager", "projects.get"), ("resource", "subscriptions.get")):
        place.cloud.faults([{"service": service, "operation": operation, "times": 1} | REFUSED])

    code, reports = scanned(capsys, "Fernhollow", "--services", place.service)

    assert code == 1
    assert len(reports) == 3
    assert len([report for report in reports if report["state"] == "failed"]) == 1


REFUSED = {"error": {"code": "PERMISSION_DENIED", "status": 403}}


def test_access_is_checked_in_each(place, organisation, client):
    client.force_login(an_admin())

    client.post(f"/accounts/organisations/{organisation.pk}/check/")

    assert Preflight.objects.count() == 3


def test_a_schedule_looks_first_who_is_there(place, organisation):
    schedules.set_for_all(organisation=organisation, cron="* * * * *", timezone="UTC", now=timezone.now())
    Organisation.objects.update(due_at=timezone.now())
    ref = place.add("just-in-time")

    asked = organisations.answer_tick(organisation_id=organisation.pk, clock=timezone.now)

    assert ref in [scan.account.ref for scan in asked]
    assert Scan.objects.count() == 4
