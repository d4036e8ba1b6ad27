"""Organisations and folders of Google Cloud, and management groups of Azure: connected once, tried before."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.core.management import call_command

from posture.actions import accounts as account_actions
from posture.actions import organisations as actions
from posture.actions.ways import way
from posture.models import Account, Organisation, Scan
from posture.runtime.mistakes import Mistake
from scanners import scan
from scanners.collectors.azure import account as azure
from scanners.collectors.cloud import Caller, Refusal
from scanners.collectors.family import UNSEEN, Family, Member
from scanners.collectors.gcp import account as gcp
from scanners.model import Place, Provider, State, Unread
from tests.web.builders import HOSTILE, START, a_person, an_admin

pytestmark = pytest.mark.django_db

ROBOT, OTHER = (f"{name}@some-project.iam.gserviceaccount.com" for name in ("posture-reads", "other"))
TENANT, CLIENT, ELSEWHERE = (f"5ca11e50-0000-4000-8000-00000000000{n}" for n in "123")
SUBSCRIPTIONS = tuple(f"5ca11e50-f04e-4011-8000-0000000000{n}" for n in ("aa", "ab"))


class Cloud:
    """One cloud's words for the same things; `members` is what it lists, a Refusal is raised."""

    def __init__(self, provider, root, other_root, refs, active, gone, way, other_way, connection, word):
        self.provider, self.root, self.other_root, self.refs = provider, root, other_root, refs
        self.active, self.gone, self.way, self.other_way = active, gone, way, other_way
        self.connection, self.word = connection, word
        self.asked, self.members = [], [Member(ref, f"The {n}", active) for n, ref in enumerate(refs)]

    def family(self, provider, road):
        self.asked.append(road)
        if isinstance(self.members, Refusal):
            calls = scan.relations(self.provider).CALLS[:2]
            raise Unread(*(self.members.gap(call, Place("", "global")) for call in calls))
        return Family(road.root, tuple(self.members), Caller("", self.provider, "", self.provider))

    def form(self, **changes):
        return {"name": "All", "root": self.root, "group": account_actions.group().pk, **self.way, **changes}

    @property
    def page(self):
        return f"/accounts/organisations/connect/{self.provider}/"


def clouds():
    return {
        "gcp": Cloud(
            Provider.GCP, "organizations/987654321012", "folders/555000111222", ("shop-one", "shop-two"), "ACTIVE",
            "DELETE_REQUESTED", {"impersonate": ROBOT}, {"impersonate": OTHER}, gcp.Connection, "project",
        ),
        "azure": Cloud(
            Provider.AZURE, "fernhollow-shops", TENANT, SUBSCRIPTIONS, "Enabled", "Disabled",
            {"tenant": TENANT, "client": CLIENT}, {"tenant": ELSEWHERE, "client": CLIENT}, azure.Connection,
            "subscription",
        ),
    }  # fmt: skip


@pytest.fixture(params=["gcp", "azure"])
def cloud(request, monkeypatch):
    cloud = clouds()[request.param]
    monkeypatch.setattr(scan, "family", cloud.family)
    monkeypatch.setattr("posture.actions.bell.ring", lambda work: None)
    return cloud


@pytest.fixture
def admin(client):
    person = an_admin()
    client.force_login(person)
    return person


@pytest.fixture
def organisation(cloud):
    return connected(cloud)


def connected(cloud, **changes):
    given = {"name": "All", "ref": cloud.root, "way": cloud.way, "group": account_actions.group("ours"), **changes}
    return actions.connect(organisation=Organisation(provider=cloud.provider, **given), now=START)


def words(answer):
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", answer.content.decode())))


def refreshed(organisation, days=1):
    return actions.refresh(organisation=organisation, now=START + timedelta(days=days))


def test_the_cloud_is_chosen_first(client, admin):
    page = client.get("/accounts/organisations/connect/").content.decode()

    assert re.search(r'aria-current="page">AWS organisation<', page)
    assert '"/accounts/organisations/connect/gcp/">GCP organisation or folder<' in page
    assert '"/accounts/organisations/connect/azure/">Azure management group<' in page
    assert client.get("/accounts/organisations/connect/vax/").status_code == 404


def test_one_form_connects_all_below_it(client, admin, cloud):
    cloud.members.append(Member(f"{cloud.refs[0][:-1]}9", "Old", cloud.gone))

    answer = client.post(cloud.page, cloud.form())

    made = Organisation.objects.get()
    assert answer["Location"] == f"/accounts/organisations/{made.pk}/"
    assert (made.provider, made.ref, made.way, made.role_arn) == (cloud.provider, cloud.root, cloud.way, "")
    assert {a.ref: (a.way, a.partition, a.through_organisation) for a in made.accounts.all()} == dict.fromkeys(
        cloud.refs, (cloud.way, cloud.provider, True)
    )
    assert cloud.asked == [cloud.connection(root=cloud.root, **cloud.way)]


def test_each_is_entered_as_the_list_is(cloud, organisation):
    for account in organisation.accounts.all():
        entered = way(account.provider).connection(account)

        assert (entered.root, account.ref in repr(entered)) == ("", True)
        assert all(getattr(entered, name) == value for name, value in cloud.way.items())


def test_the_page_and_its_list_speak_of_the_cloud(client, admin, cloud, organisation):
    page = words(client.get(f"/accounts/organisations/{organisation.pk}/"))

    assert f"2 {cloud.word}s." in page
    assert f"Look for {cloud.word}s" in page
    assert "Role in each" not in page
    assert "ExternalId" not in page
    assert next(iter(cloud.way)).capitalize() in page
    assert client.get("/accounts/").status_code == 200


def test_another_root_of_the_same_cloud_is_taken_too(client, admin, cloud):
    client.post(cloud.page, cloud.form(root=cloud.other_root))

    assert Organisation.objects.get().ref == cloud.other_root


def test_it_is_connected_once(client, admin, cloud, organisation):
    assert "is connected already, as “All”" in words(client.post(cloud.page, cloud.form()))


def test_nobody_can_name_an_endpoint(client, admin, cloud):
    client.post(cloud.page, cloud.form(endpoint="http://169.254.169.254/", role_arn="x"))

    made = Organisation.objects.get()
    assert (made.endpoint, made.role_arn) == ("", "")


WRONG = {
    "gcp": [
        {"root": ""},
        {"root": "987654321012"},
        {"root": "projects/12345"},
        {"root": "organizations/../folders/1"},
        {"root": "organizations/12345\nx"},
        {"root": HOSTILE},
        {"impersonate": "somebody@example.com"},
        {"name": ""},
    ],
    "azure": [
        {"root": ""},
        {"root": "../x"},
        {"root": "a/b"},
        {"root": "ends."},
        {"root": "x" * 91},
        {"root": HOSTILE},
        {"tenant": "example.com"},
        {"client": HOSTILE},
    ],
}


def test_only_ids_are_tried(client, admin, cloud):
    for changes in WRONG[cloud.provider]:
        answer = client.post(cloud.page, cloud.form(**changes))

        assert (answer.status_code, cloud.asked) == (200, []), changes
        assert HOSTILE not in answer.content.decode()
    assert not Organisation.objects.exists()


REFUSALS = [
    # cloud, state, code, what people read
    ("gcp", State.DENIED, "PERMISSION_DENIED", "it needs cloudasset.assets.searchAllResources"),
    ("gcp", State.DENIED, "PERMISSION_DENIED", "it needs resourcemanager.projects.list"),
    ("gcp", State.DENIED, "SERVICE_DISABLED", "cloudasset.searchAllResources was refused (SERVICE_DISABLED)"),
    ("gcp", State.DENIED, "RefreshError", f"did not let us become {ROBOT}"),
    ("gcp", State.DENIED, "DefaultCredentialsError", "no Google credentials of its own"),
    ("gcp", State.UNREACHABLE, "Timeout", "Google did not answer in time"),
    ("gcp", State.PARSE_ERROR, "NotUnderstood", "are not known: why"),
    ("azure", State.DENIED, "AuthorizationFailed", "needs Microsoft.Management/managementGroups/descendants/read"),
    ("azure", State.UNSUPPORTED, "NotFound", "Check its id and its tenant"),
    ("azure", State.DENIED, "CredentialUnavailableError", "knows no identity of this machine"),
    ("azure", State.UNREACHABLE, "Timeout", "Azure did not answer in time"),
    ("azure", State.PARSE_ERROR, "NotUnderstood", "are not known: why"),
]


@pytest.mark.parametrize(("cloud", "state", "code", "sentence"), REFUSALS, indirect=["cloud"])
def test_without_a_list_nothing_is_connected(client, admin, cloud, state, code, sentence):
    cloud.members = Refusal(state, code, "why")

    assert sentence in words(client.post(cloud.page, cloud.form()))
    assert not Organisation.objects.exists()
    assert not Account.objects.exists()


def test_a_person_is_not_kept_waiting_for_ever(cloud, monkeypatch):
    def late(work, seconds):
        raise Refusal(State.UNREACHABLE, "Timeout", "no answer")

    monkeypatch.setattr(actions, "promptly", late)

    with pytest.raises(Mistake, match=r"did not answer in time \(Timeout\)"):
        connected(cloud)


def test_a_refused_list_changes_nothing_and_names_every_road(client, admin, cloud, organisation):
    cloud.members = Refusal(State.DENIED, "no-right", "no")

    change = refreshed(organisation)

    page = words(client.get(f"/accounts/organisations/{organisation.pk}/"))
    assert (change.joined, change.left) == ([], [])
    assert "Nobody was added and nobody was taken for gone" in page
    for call in scan.relations(cloud.provider).CALLS[:2]:
        assert call.needs in page
    assert "refused: no-right" in words(client.get("/accounts/"))


def test_who_comes_joins_and_who_goes_leaves(cloud, organisation):
    first, second = cloud.refs
    new = f"{first[:-1]}9"
    cloud.members = [Member(first, "The 0", cloud.gone), Member(new, "New", cloud.active)]

    change = refreshed(organisation)

    assert [account.ref for account in change.joined] == [new]
    assert {account.ref for account in change.left} == {first, second}
    assert Account.objects.get(ref=new).way == cloud.way
    asked, _ = actions.scan_all(organisation=organisation, cause="person", now=START)
    assert [one.account.ref for one in asked] == [new]


def test_who_comes_back_is_scanned_again_unless_nobody_says_that_it_is_active(cloud, organisation):
    Account.objects.update(left_at=START)
    cloud.members = [Member(cloud.refs[0], "x", cloud.active), Member(cloud.refs[1], "x", UNSEEN)]

    assert [account.ref for account in refreshed(organisation).joined] == [cloud.refs[0]]


def test_who_is_not_seen_joins_all_the_same(cloud, organisation):
    cloud.members.append(Member("never-seen-1", "Hidden", UNSEEN))

    assert [account.ref for account in refreshed(organisation).joined] == ["never-seen-1"]


def test_what_two_roots_list_stays_with_the_first(cloud, organisation):
    inner = connected(cloud, name="Inner", ref=cloud.other_root)

    assert inner.accounts.count() == 0
    assert refreshed(organisation).joined == refreshed(inner).joined == []
    assert organisation.accounts.count() == 2


def test_one_that_leaves_a_root_may_join_the_other(cloud, organisation):
    inner = connected(cloud, name="Inner", ref=cloud.other_root)
    everybody, cloud.members = cloud.members, cloud.members[:1]
    refreshed(organisation)
    cloud.members = everybody

    assert [account.ref for account in refreshed(inner).joined] == [cloud.refs[1]]


def test_what_was_connected_by_itself_keeps_its_way_in(cloud):
    own = account_actions.ambient(provider=cloud.provider, ref=cloud.refs[0], partition=cloud.provider)

    made = connected(cloud)

    own.refresh_from_db()
    assert (own.organisation, own.through_organisation, own.way) == (made, False, {})
    actions.change(organisation=made, name="All", way=cloud.other_way)
    own.refresh_from_db()
    assert own.way == {}
    actions.remove(organisation=made)
    assert list(Account.objects.all()) == [own]


def edit(client, organisation, fields, name="All"):
    return client.post(f"/accounts/organisations/{organisation.pk}/edit/", {"name": name, **fields})


def test_another_way_in_is_tried_and_counts_for_all(client, admin, cloud, organisation):
    cloud.asked.clear()

    edit(client, organisation, cloud.other_way)

    assert cloud.asked == [cloud.connection(root=cloud.root, **cloud.other_way)]
    organisation.refresh_from_db()
    assert [organisation.way, *organisation.accounts.values_list("way", flat=True)] == [cloud.other_way] * 3


def test_another_way_that_does_not_lead_in_is_not_kept(client, admin, cloud, organisation):
    cloud.members = Refusal(State.DENIED, "no-right", "no")

    answer = edit(client, organisation, cloud.other_way)

    assert "no-right" in words(answer)
    assert [one.way for one in (Organisation.objects.get(), *Account.objects.all())] == [cloud.way] * 3


def test_a_name_is_changed_without_asking_anybody(client, admin, cloud, organisation):
    cloud.asked.clear()

    edit(client, organisation, cloud.way, name="Renamed")

    assert (Organisation.objects.get().name, cloud.asked) == ("Renamed", [])


def test_one_that_got_a_way_of_its_own_keeps_it(cloud, organisation, monkeypatch):
    account = Account.objects.get(ref=cloud.refs[0])
    monkeypatch.setattr(scan, "probe", lambda provider, road: Caller(account.ref, provider, "", provider))
    account_actions.change(account=account, name="x", group=account.group, trusted=[], way=cloud.other_way)

    actions.change(organisation=organisation, name="All", way={})

    assert dict(Account.objects.values_list("ref", "way")) == {cloud.refs[0]: cloud.other_way, cloud.refs[1]: {}}


def test_one_button_scans_all(client, admin, cloud, organisation):
    client.post(f"/accounts/organisations/{organisation.pk}/scan/")

    assert {one.account.ref for one in Scan.objects.all()} == set(cloud.refs)


def test_nobody_else_sees_it_and_only_admins_connect_and_change(client, cloud, organisation):
    client.force_login(a_person("analyst", account_actions.group("theirs")))
    assert client.get(f"/accounts/organisations/{organisation.pk}/").status_code == 404

    client.force_login(a_person("analyst", organisation.group))
    assert client.get(f"/accounts/organisations/{organisation.pk}/").status_code == 200
    assert client.post(cloud.page, cloud.form()).status_code == 404
    assert edit(client, organisation, cloud.other_way).status_code == 404
    assert Organisation.objects.get().way == cloud.way


def test_hostile_names_stay_text(client, admin, cloud, organisation):
    cloud.members.append(Member("hostile-one1", HOSTILE, cloud.active))
    refreshed(organisation)

    assert HOSTILE not in client.get(f"/accounts/organisations/{organisation.pk}/").content.decode()


SHOWN = {
    "gcp": (
        "- cloudasset.assets.searchAllResources",
        "gcloud iam roles create postureReads --organization=ORGANIZATION_ID",
        "gcloud organizations add-iam-policy-binding ORGANIZATION_ID",
        "gcloud resource-manager folders add-iam-policy-binding FOLDER_ID",
        "roles/iam.serviceAccountTokenCreator",
    ),
    "azure": (
        '"Microsoft.Management/managementGroups/descendants/read"',
        '"/providers/Microsoft.Management/managementGroups/GROUP_ID"',
        "--scope /providers/Microsoft.Management/managementGroups/GROUP_ID",
        "appRoleAssignments",
    ),
}


def test_the_page_shows_what_to_make_and_at_which_level(client, admin, cloud):
    page = words(client.get(cloud.page))

    for text in SHOWN[cloud.provider]:
        assert text in page


LEVELS = [("gcp", "organization"), ("azure", "management-group")]


@pytest.mark.parametrize(("provider", "level"), LEVELS)
def test_the_command_prints_the_role_that_lists_as_well(capsys, provider, level):
    call_command("permissions", provider, "--level", level, "--format", "json")
    told = json.loads(capsys.readouterr().out)

    whole = {*scan.permissions(provider), *scan.family_permissions(provider)}
    if provider == "gcp":  # that of the directory is given in its own console
        assert set(told["includedPermissions"]) == whole - {"cloudidentity.groups.read"}
    else:
        role, consent = told
        assert role["AssignableScopes"] == ["/providers/Microsoft.Management/managementGroups/GROUP_ID"]
        named = {f"Microsoft.Graph/{one}" for one in consent["ApplicationPermissions"]}
        assert {*role["Actions"], *named} == whole


def test_one_subscriptions_role_lists_nothing(capsys):
    call_command("permissions", "azure", "--format", "json")

    assert "Microsoft.Management/managementGroups" not in capsys.readouterr().out


def test_the_command_says_what_listing_adds(capsys):
    call_command("permissions", "azure", "--level", "management-group")

    said = capsys.readouterr().err
    assert (
        "With Microsoft.Management/managementGroups/descendants/read every subscription of a management group" in said
    )
