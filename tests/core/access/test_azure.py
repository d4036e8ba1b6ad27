"""Who may do what in Azure: scopes by whole steps, subtraction inside a role, denials, groups, what is not held yet."""

from __future__ import annotations

import pytest

from scanners.access.azure import (
    APPLICATION,
    ELIGIBLE,
    MEMBERS,
    OWNERS,
    Grant,
    allows,
    app_roles,
    covers,
    definition,
    denied,
    directory_roles,
    grants,
    held_by,
    identities,
    is_wide,
    level,
    owned,
    people,
    strong,
)
from scanners.access.azure.engine import AzureEngine
from scanners.access.explorer import Answer, Principal, Target
from scanners.model import Node, Unread
from tests.core.azure import (
    ABOVE,
    EVERYWHERE,
    HOME,
    ME,
    OTHER,
    SHOP,
    TEAM,
    api,
    app_role,
    case,
    denies,
    directory_role,
    group,
    holds,
    role,
    subscription,
)
from tests.core.cases import resource

SITE = f"{SHOP}/providers/Microsoft.Web/sites/orders"
SCOPES = [
    ("/", SITE, True),
    (ABOVE, SITE, True),
    (ABOVE.upper(), SITE, True),
    (HOME, SITE, True),
    (HOME.upper(), SITE, True),
    (SHOP, SITE, True),
    (f"{SHOP}/", SITE, True),
    (SITE, SITE, True),
    (SITE, SHOP, False),
    (SHOP, HOME, False),
    (f"{HOME}/resourceGroups/sho", SITE, False),
    (f"{SHOP}p", SITE, False),
    (f"{HOME}0", SITE, False),
    (f"{SITE}2", SITE, False),
]


@pytest.mark.parametrize(("scope", "ref", "holds"), SCOPES)
def test_a_scope_covers_what_stands_below_it_by_whole_steps(scope, ref, holds):
    assert covers(scope, ref) is holds


@pytest.mark.parametrize(
    ("scope", "wide", "words"),
    [
        ("/", True, "everything"),
        (ABOVE, True, "the management group top"),
        (HOME, True, "the subscription"),
        (SHOP, False, "the resource group shop"),
        (SITE, False, "one resource"),
    ],
)
def test_a_scope_is_named_for_people(scope, wide, words):
    assert (is_wide(scope), level(scope)) == (wide, words)


def told(actions=(), less=(), data=(), less_data=(), *more):
    one = {
        "actions": list(actions),
        "notActions": list(less),
        "dataActions": list(data),
        "notDataActions": list(less_data),
    }
    return Node({"permissions": [one, *more]}, "/resource/properties", "call", "global")


BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
ROLES = [
    # role, action, on data → held
    (told(["*"]), "Microsoft.Web/sites/write", False, True),
    (told(["*"], ["Microsoft.Web/*"]), "Microsoft.Web/sites/write", False, False),
    (told(["*"], ["Microsoft.Web/*"], (), (), {"actions": ["Microsoft.Web/sites/write"]}), "Microsoft.Web/sites/write",
     False, True),
    (told(["*"]), BLOBS, True, False),
    (told((), (), ["Microsoft.Storage/*"]), BLOBS, True, True),
    (told((), (), ["*"], [BLOBS.upper()]), BLOBS, True, False),
    (told((), (), ["*"]), BLOBS, False, False),
    (told(), "x", False, False),
]  # fmt: skip


@pytest.mark.parametrize(("role", "action", "data", "held"), ROLES)
def test_a_role_is_its_actions_less_its_not_actions(role, action, data, held):
    assert allows(role, action, data=data) is held


def test_what_one_role_takes_away_another_gives():
    """notActions are a subtraction inside a role, and no denial."""
    estate = case(subscription(), holds(ME, "Contributor"), holds(ME, "Administrator")).estate()

    held = [definition(grant, estate) for grant, _, _ in held_by([ME], estate)]

    action = "Microsoft.Authorization/roleAssignments/write"
    assert [allows(one, action) for one in held] == [True, False]  # in the order of their ids
    engine = AzureEngine(estate)
    assert engine.decide(Principal(ME, ME, "user"), action, Target(SITE)).answer is Answer.ALLOWED


DENIALS = [
    (denies(ME, "*"), True),
    (denies(EVERYWHERE, "*"), True),
    (denies(TEAM, "Microsoft.Web/*"), True),
    (denies(OTHER, "*"), False),
    (denies(ME, "*/read"), False),
    (denies(EVERYWHERE, "*", spared=ME), False),
    (denies(EVERYWHERE, "*", spared=TEAM), False),
    (denies(ME, "*", scope=f"{HOME}/resourceGroups/other"), False),
    (denies(ME, "*", scope=HOME, doNotApplyToChildScopes=True), False),
    (denies(ME, "*", scope=SITE, doNotApplyToChildScopes=True), True),
]


@pytest.mark.parametrize(("denial", "forbids"), DENIALS)
def test_a_denial_wins_where_it_falls_and_whom_it_means(denial, forbids):
    estate = case(subscription(), denial).estate()

    assert (denied([ME, TEAM], "Microsoft.Web/sites/write", SITE, estate) is not None) is forbids


def test_a_denial_that_was_not_read_excuses_nothing():
    estate = case(subscription(), unread=frozenset({"Microsoft.Authorization/denyAssignments"})).estate()

    assert denied([ME], "x", SITE, estate) is None


def test_a_grant_comes_through_a_group_with_the_membership_as_proof():
    estate = case(subscription(), holds(TEAM, "Owner", kind="Group"), group(TEAM, ME)).estate()

    ((grant, whose, member),) = held_by([ME], estate)

    assert (grant.who, whose) == (TEAM, ME)
    assert member.ref == f"/groups/{TEAM}"
    assert [one.value for _, _, proof in strong([ME], estate, is_wide) for one in proof][-1] == {"id": ME}


def test_of_groups_that_were_not_read_nothing_is_said_to_be_missing():
    estate = case(subscription(), holds(ME, "Owner"), unread=frozenset({"Microsoft.Graph/groups"})).estate()
    found = []

    with pytest.raises(Unread):
        for grant, _, _ in held_by([ME], estate):
            found.append(grant.role)

    assert found == ["owner"]


def test_a_group_is_nobody_by_itself():
    team = group(TEAM, "p1", "p2", "inner")
    team.documents[MEMBERS][-1]["@odata.type"] = "#microsoft.graph.group"  # its members are listed beside it
    estate = case(subscription(), holds(TEAM, "Owner", kind="Group"), team).estate()
    (grant,) = [one for one in grants(estate) if one.kind == "Group"]

    assert [who for who, _ in people(grant, estate)] == ["p1", "p2"]


def test_what_may_be_activated_is_not_held():
    may = holds(ME, "Owner")
    object.__setattr__(may, "kind", ELIGIBLE)
    estate = case(subscription(), may).estate()

    assert list(held_by([ME], estate)) == []
    assert [one.who for one in grants(estate, ELIGIBLE)] == [ME]


def test_a_role_that_was_not_read_is_unknown():
    estate = case(subscription()).estate()
    grant = Grant(Node({"roleDefinitionId": "/x/none"}, "", "call", "global"))

    with pytest.raises(Unread):
        definition(grant, estate)


def test_a_role_of_a_management_group_is_found_under_its_other_address():
    custom = role("Special", ["*"])
    object.__setattr__(custom, "ref", "/providers/Microsoft.Authorization/roleDefinitions/special")
    estate = case(subscription(), custom).estate()
    grant = Grant(Node({"roleDefinitionId": f"{ABOVE}/x/SPECIAL"}, "", "call", "global"))

    assert definition(grant, estate)["roleName"].value == "Special"


def test_a_resource_runs_as_its_own_identity_and_those_it_was_given():
    body = {"identity": {"system": "AA", "user": {"/x": "bb", "/y": None}}}

    assert [who for who, _ in identities(Node(body, "", "call", "global"))] == ["aa", "bb"]


def test_the_directorys_rights_are_told_by_name():
    around = (
        api(id1="Application_ReadWrite_All"),
        app_role(ME, "id1"),
        directory_role(ME, "62e9"),
        directory_role(OTHER, "1"),
    )
    estate = case(subscription(), *around).estate()

    assert [name.value for name, _ in app_roles(ME, estate)] == ["Application.ReadWrite.All"]
    assert [role.value for role in directory_roles(ME, estate)] == ["62e9"]


def test_who_owns_an_application_may_become_it():
    app = resource(APPLICATION, "/applications/1", resource={"appId": "a"}, **{OWNERS: [{"id": ME.upper()}]})
    estate = case(subscription(), app).estate()

    assert [found.ref for found, _ in owned(ME, estate)] == ["/applications/1"]
    assert list(owned(OTHER, estate)) == []
