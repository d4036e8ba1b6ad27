"""Who stands under a root: every page is read, and what was refused, broke off or was not understood is no family."""

from __future__ import annotations

import pytest

from scanners import scan
from scanners.collectors.azure import account as azure_account
from scanners.collectors.azure import family as azure
from scanners.collectors.cloud import Paging, Refusal, at
from scanners.collectors.family import Member
from scanners.collectors.gcp import account as gcp_account
from scanners.collectors.gcp import family as gcp
from scanners.model import Provider, State, Unread

ROOT, FOLDER, DEEPER = "organizations/1234", "folders/55", "folders/66"
GROUP, TENANT = "shops", "7e4a0000-0000-4000-8000-000000000000"
ONE, TWO = (f"5ca11e50-f04e-4011-8000-0000000000{n}" for n in ("0a", "0b"))
DENIED = Refusal(State.DENIED, "PERMISSION_DENIED", "not yours")


class Told:
    """A transport.  `said[operation]`, or of a listing `said[operation, parent]`, is its pages or a refusal."""

    principal = ""

    def __init__(self, root, said):
        self.root, self.said, self.asked = root, said, []

    async def send(self, place, call, params):
        self.asked.append((call.operation, params))
        pages = self.said.get((call.operation, params.get("parent"))) or self.said.get(call.operation, [{}])
        if isinstance(pages, Refusal):
            raise pages
        return pages[int(params.get("token") or 0)]

    def paging(self, call):
        return Paging(("token",), ("next",))

    def rate(self, place, call):
        return "all", 10_000.0

    def search(self, expression, answer):
        return at(expression, answer)


def found(ref="shop-one", state="ACTIVE", name="Shop", **more):
    told = {"name": f"//m/projects/{ref}", "additionalAttributes": {"projectId": ref}, "displayName": name}
    return {**told, "state": state, **more}


def project(ref="shop-one", state="ACTIVE", name="Shop"):
    return {"projectId": ref, "displayName": name, "state": state}


def refs(family):
    return {member.ref: member.state for member in family.members}


def google(root=ROOT, **said):
    operations = {"search": "searchAllResources", "projects": "projects.list", "folders": "folders.list"}
    told = {operations[name]: pages for name, pages in said.items() if name in operations}
    return Told(root, told)


def test_every_page_of_a_search_is_read_and_empty_ones_end_nothing():
    cloud = google(search=[{"results": [found()], "next": "1"}, {"next": "2"}, {"results": [found("shop-two")]}])

    family = gcp.family(cloud)

    assert refs(family) == {"shop-one": "ACTIVE", "shop-two": "ACTIVE"}
    assert (family.ref, family.who.account, family.who.partition) == (ROOT, "", "gcp")
    assert {params["scope"] for _, params in cloud.asked} == {ROOT}
    assert {params["pageSize"] for _, params in cloud.asked} == {500}


def test_projects_that_are_being_deleted_are_gone_and_those_of_scripts_are_none():
    script = "sys-01234567890123456789012345"

    family = gcp.family(google(search=[{"results": [found(), found("old-shop", "DELETE_REQUESTED"), found(script)]}]))

    assert refs(family) == {"shop-one": "ACTIVE", "old-shop": "DELETE_REQUESTED"}
    assert [member.gone for member in family.members] == [True, False]


@pytest.mark.parametrize("ref", ["sys-tools", "sys-2024-prod", "system-one"])
def test_a_project_that_only_sounds_like_a_scripts_is_one_of_ours(ref):
    assert ref in refs(gcp.family(google(search=[{"results": [found(ref)]}])))


NAMED = [
    ({"additionalAttributes": {}}, "shop-one"),
    ({"additionalAttributes": None}, "shop-one"),
    ({"name": "//m/projects/424242424242"}, "shop-one"),
]


@pytest.mark.parametrize(("told", "ref"), NAMED)
def test_the_inventory_names_a_project_in_more_than_one_place(told, ref):
    assert refs(gcp.family(google(search=[{"results": [found(**told)]}]))) == {ref: "ACTIVE"}


def the_tree():
    return {
        "searchAllResources": DENIED,
        ("folders.list", ROOT): [{"folders": [{"name": FOLDER}]}],
        ("folders.list", FOLDER): [{"next": "1"}, {"folders": [{"name": DEEPER}]}],
        ("projects.list", ROOT): [{"projects": [project("at-the-top")]}],
        ("projects.list", FOLDER): [
            {"projects": [project("shop-one")], "next": "1"},
            {"projects": [project("two-shop")]},
        ],
        ("projects.list", DEEPER): [{"projects": [project("deep-down", "DELETE_REQUESTED")]}],
    }  # fmt: skip


def test_where_the_search_is_refused_every_folder_is_walked():
    cloud = Told(ROOT, the_tree())

    assert refs(gcp.family(cloud)) == {
        "at-the-top": "ACTIVE",
        "shop-one": "ACTIVE",
        "two-shop": "ACTIVE",
        "deep-down": "DELETE_REQUESTED",
    }
    assert all(params["showDeleted"] for operation, params in cloud.asked if operation == "projects.list")


def test_a_folder_below_itself_is_walked_once():
    said = {**the_tree(), ("folders.list", DEEPER): [{"folders": [{"name": FOLDER}, {"name": DEEPER}]}]}

    assert len(gcp.family(Told(ROOT, said)).members) == 4


@pytest.mark.parametrize("refused", ["projects.list", "folders.list"])
@pytest.mark.parametrize("where", [ROOT, FOLDER, DEEPER])
def test_one_folder_that_refuses_is_no_family(refused, where):
    with pytest.raises(Unread) as unread:
        gcp.family(Told(ROOT, {**the_tree(), (refused, where): DENIED}))

    assert [gap.call for gap in unread.value.gaps] == [
        "cloudasset.searchAllResources",
        f"cloudresourcemanager.{refused}",
    ]
    assert unread.value.gaps[0].permission == "cloudasset.assets.searchAllResources"
    assert unread.value.gaps[1].permission == f"resourcemanager.{refused}"


ODD = [
    [{}],
    [{"results": []}],
    [{"results": [None]}],
    [{"results": ["shop-one"]}],
    [{"results": [found(state=None)]}],
    [{"results": [found("../x", additionalAttributes={})]}],
    [{"results": [found(additionalAttributes={"projectId": ["x"]})]}],
    [{"results": [found()], "next": "1"}, Refusal],
    [{"results": [found()], "next": "0"}, {}],
]


@pytest.mark.parametrize("pages", ODD, ids=range(len(ODD)))
def test_a_search_that_is_not_understood_or_breaks_off_is_no_list(pages, monkeypatch):
    cloud = google(search=pages, projects=DENIED)
    if Refusal in pages:
        monkeypatch.setattr(cloud, "send", breaking(cloud.send))

    with pytest.raises(Unread) as unread:
        gcp.family(cloud)

    assert [gap.call.partition(".")[0] for gap in unread.value.gaps] == ["cloudasset", "cloudresourcemanager"]


def breaking(send):
    """The second page is refused."""

    async def sent(place, call, params):
        answer = await send(place, call, params)
        if answer is Refusal:
            raise DENIED
        return answer

    return sent


@pytest.mark.parametrize("folder", [None, {}, {"name": "projects/1"}, {"name": "folders/../1"}, {"name": 5}], ids=repr)
def test_a_folder_without_a_name_is_not_understood(folder):
    cloud = Told(ROOT, {**the_tree(), ("folders.list", DEEPER): [{"folders": [folder]}]})

    with pytest.raises(Unread) as unread:
        gcp.family(cloud)

    assert unread.value.gaps[1].state is State.PARSE_ERROR


def below(ref=ONE, name="Shop", **more):
    told = {"id": f"/subscriptions/{ref}", "name": ref, "type": "/subscriptions", "properties": {"displayName": name}}
    return {**told, **more}


def seen(ref=ONE, state="Enabled", **more):
    return {"subscriptionId": ref, "displayName": "Seen", "state": state, "tenantId": TENANT, **more}


def azure_told(descendants, subscriptions=()):
    said = {"management_groups.get_descendants": descendants, "subscriptions.list": [{"value": list(subscriptions)}]}
    return Told(GROUP, said)


A_GROUP = {"id": "/providers/Microsoft.Management/managementGroups/inner", "name": "inner"}


def test_subscriptions_at_any_depth_are_read_page_by_page():
    pages = [{"value": [A_GROUP, below()], "next": "1"}, {"value": [], "next": "2"}, {"value": [below(TWO.upper())]}]

    family = azure.family(azure_told(pages, [seen(), seen(TWO.upper(), "Disabled"), seen(TENANT)]))

    assert family.members == (Member(ONE, "Shop", "Enabled"), Member(TWO, "Shop", "Disabled"))
    assert (family.ref, family.management, family.who.partition) == (GROUP, TENANT, "azure")


STATES = [
    # state, active, gone
    ("Enabled", True, False),
    ("Warned", True, False),
    ("PastDue", True, False),
    ("Disabled", False, True),
    ("Deleted", False, True),
    ("SomethingNew", False, False),
]


@pytest.mark.parametrize(("state", "active", "gone"), STATES)
def test_a_state_says_who_is_scanned_and_who_left(state, active, gone):
    (member,) = azure.family(azure_told([{"value": [below()]}], [seen(state=state)])).members

    assert (member.active, member.gone) == (active, gone)


def test_a_subscription_that_we_may_not_see_is_one_of_the_family():
    (member,) = azure.family(azure_told([{"value": [below(properties=None)]}])).members

    assert (member.active, member.unseen, member.name) == (True, True, ONE)


def test_members_of_several_directories_are_said_to_be_of_none():
    cloud = azure_told([{"value": [below(), below(TWO)]}], [seen(), seen(TWO, tenantId="another")])

    assert azure.family(cloud).management == ""


ODD_GROUPS = [
    [{}],
    [{"value": []}],
    [{"value": [A_GROUP]}],
    [{"value": [None]}],
    [{"value": [below(id=None)]}],
    [{"value": [below(id="/subscriptions/../x")]}],
    [{"value": [below()], "next": "0"}],
]


@pytest.mark.parametrize("pages", ODD_GROUPS, ids=range(len(ODD_GROUPS)))
def test_descendants_that_are_not_understood_are_no_family(pages):
    with pytest.raises((Refusal, Unread)):
        azure.family(azure_told(pages, [seen()]))


@pytest.mark.parametrize("odd", [None, "x", {}, {"subscriptionId": None}, {"subscriptionId": ONE, "state": None}])
def test_odd_subscriptions_beside_it_tell_nothing(odd):
    (member,) = azure.family(azure_told([{"value": [below()]}], [odd])).members

    assert member.unseen


def test_a_refusal_names_the_call_and_its_permission():
    with pytest.raises(Unread) as unread:
        azure.family(azure_told(DENIED))

    (gap,) = unread.value.gaps
    assert gap.permission == "Microsoft.Management/managementGroups/descendants/read"


ROADS = [
    (Provider.GCP, gcp_account, gcp_account.Connection(root=ROOT), "cloudasset.searchAllResources"),
    (
        Provider.AZURE,
        azure_account,
        azure_account.Connection(root=GROUP),
        "managementgroups.management_groups.get_descendants",
    ),
]


@pytest.mark.parametrize(("provider", "module", "way", "call"), ROADS)
def test_without_a_way_in_there_is_a_gap_as_well(monkeypatch, provider, module, way, call):
    def nobody(way):
        raise Refusal(State.DENIED, "NoCredentials", "no")

    monkeypatch.setattr(module, "connect", nobody)

    with pytest.raises(Unread) as unread:
        scan.family(provider, way)

    assert [(gap.call, gap.code) for gap in unread.value.gaps] == [(call, "NoCredentials")]


def test_an_organisation_needs_no_project_and_no_subscription(monkeypatch):
    monkeypatch.delenv("AZURE_SUBSCRIPTION_ID", raising=False)
    monkeypatch.setattr(gcp_account.google.auth, "default", lambda scopes: (object(), None))

    google_road, azure_road = gcp_account.connect(ROADS[0][2]), azure_account.connect(ROADS[1][2])

    assert (google_road.root, google_road.project) == (ROOT, "")
    assert (azure_road.root, azure_road.subscription) == (GROUP, "")
    google_road.close()
    azure_road.close()


@pytest.mark.parametrize("provider", list(Provider)[:3])
def test_listing_needs_reading_alone(provider):
    for needed in scan.family_permissions(provider):
        assert needed.lower().rpartition(":")[2].endswith(("list", "read", "searchallresources", "listaccounts"))
