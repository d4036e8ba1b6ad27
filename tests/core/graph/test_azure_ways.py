"""Every rule of Azure leads somewhere, and nowhere when one thing is missing; chains; what was not read; nonsense."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanners.access.azure import ELIGIBLE
from scanners.access.explorer import Answer, Principal
from scanners.catalog.escalation import by_id, rules
from scanners.graph.azure.directory import GLOBAL_ADMINISTRATOR
from scanners.graph.azure.ground import ELEVATE
from scanners.graph.chains import Chains
from scanners.graph.leads import kind_of
from scanners.graph.severing import cuts
from scanners.model import Provider
from tests.core.azure import EVERYWHERE, HOME, ME, OTHER, TEAM, at, denies, directory_role, group, holds, role
from tests.core.cases import refused, resource
from tests.core.graph.azure_shop import (
    BOSS,
    DATA,
    application,
    around,
    asked,
    crown,
    definition,
    gains,
    grant,
    ground,
    principal,
    target,
    team,
    together,
    used,
)

RULES = rules(Provider.AZURE)
HELD = [(rule, place) for rule in RULES for place in range(len(rule.needs))]
ARM = [rule for rule in RULES if rule.id.startswith("azure-") and ELEVATE not in asked(rule)]
ENTRA = [rule for rule in RULES if rule.id.startswith("entra-")]
NAMED = {"ids": lambda one: getattr(one, "id", str(one))}
ELSEWHERE = f"{HOME}/resourceGroups/elsewhere"


def by(id: str):
    return by_id(Provider.AZURE)[id]


def way(made, who=ME, goal=None):
    chains = Chains(made)
    aim = Principal(goal, goal, "") if goal else None
    return chains.ways(Principal(who, who, ""), aim).ways[0]


def walked(found):
    return [(hop.origin.ref, hop.by, hop.target.ref) for hop in found.steps]


# every rule


@pytest.mark.parametrize("rule", RULES, **NAMED)
def test_who_holds_all_that_a_rule_asks_for_gets_there(rule):
    made = ground(*around(rule), *grant(asked(rule)))

    assert rule.id in used(made)
    if rule.gives != "take":
        found = way(made)
        assert (found.escalates, found.administrator) == (True, False)
        assert rule.id in found.by


@pytest.mark.parametrize(
    ("rule", "name"),
    [(rule, name) for rule in RULES for need in rule.needs for name in need.either],
    **NAMED,
)
def test_what_a_rule_takes_instead_does_as_well(rule, name):
    permissions = [name if name in need.either else need.permission for need in rule.needs]

    assert rule.id in used(ground(*around(rule), *grant(permissions)))


@pytest.mark.parametrize(("rule", "left_out"), HELD, **NAMED)
def test_without_one_permission_a_rule_leads_nowhere(rule, left_out):
    permissions = [one for place, one in enumerate(asked(rule)) if place != left_out]
    others = [one for one in permissions if one not in rule.needs[left_out].permissions]

    assert rule.id not in used(ground(*around(rule), *grant(others), holds(ME, "Reader")))


@pytest.mark.parametrize("rule", RULES, **NAMED)
def test_what_somebody_else_holds_leads_the_caller_nowhere(rule):
    assert rule.id not in used(ground(*around(rule), *grant(asked(rule), OTHER), holds(ME, "Reader")))


@pytest.mark.parametrize("rule", ARM, **NAMED)
def test_a_grant_in_another_resource_group_leads_nowhere(rule):
    assert rule.id not in used(ground(*around(rule), *grant(asked(rule), scope=ELSEWHERE)))


@pytest.mark.parametrize(("rule", "place"), [(rule, at) for rule, at in HELD if rule in ARM], **NAMED)
def test_a_deny_assignment_on_one_permission_leaves_no_way(rule, place):
    denial = denies(EVERYWHERE, *rule.needs[place].permissions, HOME)
    data = denies(EVERYWHERE, permissions=[{"dataActions": list(rule.needs[place].permissions)}])
    object.__setattr__(data, "ref", f"{data.ref}2")

    assert rule.id not in used(ground(*around(rule), *grant(asked(rule)), denial, data))


@pytest.mark.parametrize(("rule", "place"), [(rule, at) for rule, at in HELD if rule in ARM], **NAMED)
def test_what_the_role_subtracts_is_not_held(rule, place):
    less = list(rule.needs[place].permissions)
    part = role("Part", ["*"], less, kind="BuiltInRole", data={"dataActions": ["*"], "notDataActions": less})

    assert rule.id not in used(ground(*around(rule), part, holds(ME, "part")))


@pytest.mark.parametrize("rule", ARM, **NAMED)
def test_actions_and_data_actions_are_two_planes(rule):
    mixed = role(
        "Part",
        [one for one in asked(rule) if one.endswith(DATA)],
        kind="CustomRole",
        data={"dataActions": [one for one in asked(rule) if not one.endswith(DATA)]},
    )
    told = role("Told", asked(rule)) if not any(one.endswith(DATA) for one in asked(rule)) else role("Told", [])

    assert rule.id not in used(ground(*around(rule), mixed, told, holds(ME, "part")))


@pytest.mark.parametrize("rule", [rule for rule in ARM if rule.target.kind != "role"], **NAMED)
def test_what_may_be_activated_leads_there_on_that_condition(rule):
    *roles, held = grant(asked(rule))
    object.__setattr__(held, "kind", ELIGIBLE)
    made = ground(*around(rule), *roles, held)

    assert rule.id in used(made)
    if rule.gives != "take":
        conditions = [one.condition for hop in way(made).steps for _, _, one in hop.because]
        assert any("is activated" in one for one in conditions)


@pytest.mark.parametrize("rule", RULES, **NAMED)
def test_a_group_gives_what_it_holds_to_who_is_in_it(rule):
    if any("/" not in one for one in asked(rule)):
        pytest.skip("permissions of Microsoft Graph are granted to service principals alone")

    assert rule.id in used(ground(*around(rule), *grant(asked(rule), TEAM, **kind(rule)), together()))


def kind(rule):
    return {"kind": "Group"} if rule in ARM else {}


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.target.state], **NAMED)
def test_a_target_in_another_state_is_none(rule):
    crowned = (crown({"user": "User", "group": "Group"}.get(kind_of(rule), "ServicePrincipal")),)

    assert rule.id not in used(ground(*target(rule, marked=False), *crowned, *grant(asked(rule))))


@pytest.mark.parametrize("rule", [rule for rule in RULES if gains(rule)], **NAMED)
def test_a_target_without_power_makes_nobody_an_administrator(rule):
    if "RoleManagement" in str(asked(rule)) or "Microsoft.Authorization/roleAssignments/write" in asked(rule):
        pytest.skip("the permission leads further by itself")
    made = ground(*target(rule), holds(BOSS, "Reader", kind={"user": "User", "group": "Group"}.get(kind_of(rule), "x")),
                  *grant(asked(rule)))  # fmt: skip

    assert rule.id in used(made)
    assert way(made).escalates is not True


@pytest.mark.parametrize("rule", ARM, **NAMED)
def test_nobody_knows_the_ways_where_assignments_were_not_read(rule):
    unread = frozenset({"Microsoft.Authorization/roleAssignments"})

    assert way(ground(*target(rule), principal(ME), unread=unread)).escalates is None


@pytest.mark.parametrize("rule", RULES, **NAMED)
def test_who_is_switched_off_goes_nowhere(rule):
    assert rule.id not in used(ground(*around(rule), *grant(asked(rule)), principal(ME, accountEnabled=False)))


# chains


def explored(*resources, **more):
    return ground(*resources, **more)


def site(name, identity, kind="app"):
    return at("Microsoft.Web/sites", name, body={"identity": {"system": identity}, "kind": kind})


def test_a_chain_of_three_hops_crosses_the_directory_and_the_subscription():
    """A user owns an application; its principal writes a site; the site's identity assigns roles."""
    made = explored(
        application("robot", ME),
        principal("robot"),
        site("web", "mi"),
        role("Deploy", ["Microsoft.Web/sites/write"], kind="CustomRole"),
        holds("robot", "Deploy"),
        holds("mi", "Administrator"),
        holds(ME, "Reader", kind="User"),
    )

    found = way(made)

    assert walked(found) == [
        (ME, "entra-application-secret", "robot"),
        ("robot", "azure-web-write", "mi"),
        ("mi", "azure-authorization-assign", "mi"),
    ]
    assert [via.layer for _, _, one in found.steps[0].because for via in one.via] == ["directory"]
    assert [via.layer for _, _, one in found.steps[1].because for via in one.via] == ["assignments"]


def test_an_owner_is_an_administrator_and_a_contributor_is_none():
    made = explored(holds(ME, "Owner"), holds(OTHER, "Contributor", kind="User"))

    assert (way(made).administrator, way(made).steps) == (True, ())
    assert way(made, OTHER).escalates is False


def test_who_may_only_assign_roles_is_one_step_away():
    found = way(explored(holds(ME, "Administrator")))

    assert not found.administrator
    assert walked(found) == [(ME, "azure-authorization-assign", ME)]


def test_who_assigns_roles_in_a_resource_group_gets_what_runs_there_and_no_more():
    group_alone = holds(ME, "Administrator", f"{HOME}/resourceGroups/shop")

    assert way(explored(group_alone, site("web", "mi"))).escalates is False
    assert walked(way(explored(group_alone, site("web", BOSS), crown()))) == [
        (ME, "azure-authorization-assign-on-site", BOSS)
    ]


def test_one_who_is_eligible_for_owner_is_no_administrator_before_activating_it():
    may = holds(ME, "Owner")
    object.__setattr__(may, "kind", ELIGIBLE)

    found = way(explored(may))

    assert (found.escalates, found.administrator) == (True, False)
    assert "activated" in found.steps[0].because[0][2].condition


def test_a_condition_on_an_assignment_stands_in_the_hop():
    condition = "@Request[Microsoft.Authorization/roleAssignments:PrincipalId] StringEquals 'x'"
    made = explored(holds(ME, "Administrator", condition=condition))

    found = way(made)

    assert found.escalates is True
    assert found.steps[0].because[0][2].answer is Answer.IF


def test_a_helpdesk_resets_a_plain_owner_but_no_global_administrator():
    helpdesk = grant(["microsoft.directory/users/password/update"])
    owner = holds(BOSS, "Owner", kind="User")

    assert walked(way(explored(*helpdesk, owner))) == [(ME, "entra-user-password", BOSS)]
    assert way(explored(*helpdesk, owner, directory_role(BOSS, GLOBAL_ADMINISTRATOR))).escalates is False


def test_who_is_over_anybody_resets_a_global_administrator_too():
    over = "7be44c8a-adaf-4e2a-84d6-ab2649e08a13"
    made = explored(
        definition(over, "microsoft.directory/users/password/update"),
        directory_role(ME, over),
        resource("Microsoft.Graph/directoryRoleAssignments", "/directoryRoleAssignments/2", resource={
            "principalId": BOSS, "principalType": "User", "roleDefinitionId": GLOBAL_ADMINISTRATOR,
            "directoryScopeId": "/"}),
        holds(BOSS, "Reader", kind="User"),
    )  # fmt: skip

    assert walked(way(made)) == [
        (ME, "entra-user-password", BOSS),
        (BOSS, "azure-authorization-elevate-access", BOSS),
    ]


def test_a_member_of_a_group_that_may_hold_roles_is_protected():
    made = explored(
        *grant(["microsoft.directory/users/password/update"]),
        holds(BOSS, "Owner", kind="User"),
        team("dddd-2", BOSS, isAssignableToRole=True),
    )

    assert way(made).escalates is False


def test_the_owner_of_a_group_adds_oneself():
    made = explored(team(BOSS, owners=(ME,)), holds(BOSS, "Owner", kind="Group"), holds(ME, "Reader", kind="User"))

    assert walked(way(made)) == [(ME, "entra-group-members", BOSS)]


def test_nobody_knows_who_joins_a_group_whose_owners_were_refused():
    shut = resource(
        "Microsoft.Graph/groups",
        f"/groups/{BOSS}",
        gaps={"groups.owners.list": refused("groups.owners.list")},
        resource={"id": BOSS},
        **{"groups.transitive_members.list": []},
    )

    found = way(explored(shut, holds(BOSS, "Owner", kind="Group"), holds(ME, "Reader", kind="User")))

    assert found.escalates is None
    assert "groups.owners.list" in str(found.unknown)


def test_what_no_scan_lists_leaves_it_open_whose_power_comes_with_it():
    """Somebody may run commands in machines, and an identity is there that nothing listed runs as."""
    hidden = principal(BOSS, servicePrincipalType="ManagedIdentity")
    runner = grant(["Microsoft.Compute/virtualMachines/runCommand/action"])

    found = way(explored(*runner, hidden, crown()))

    assert found.escalates is None
    assert found.unknown == ("Microsoft.Compute/virtualMachines is not collected",)
    assert way(explored(*runner, crown())).escalates is False


def test_a_goal_is_reached_and_it_is_told_how():
    found = way(explored(site("web", "mi"), *grant(["Microsoft.Web/sites/config/write"])), goal="mi")

    assert walked(found) == [(ME, "azure-web-config", "mi")]


def test_a_vault_is_taken_and_nobody_becomes_more_by_it():
    vault = at("Microsoft.KeyVault/vaults", "safe", properties={"enableRbacAuthorization": False})
    made = explored(vault, *grant(["Microsoft.KeyVault/vaults/accessPolicies/write"]))

    assert way(made).escalates is False
    assert walked(way(made, goal=vault.ref)) == [(ME, "azure-keyvault-access-policy", vault.ref)]


def test_a_widened_role_serves_who_holds_it():
    widened = [
        role("Writer", ["Microsoft.Authorization/roleDefinitions/write"], kind="CustomRole"),
        holds(ME, "Writer"),
        role("Small", ["Microsoft.Web/sites/read"], kind="CustomRole"),
    ]

    assert way(explored(*widened[:1], holds(ME, "Writer", f"{HOME}/resourceGroups/shop"))).escalates is False
    assert way(explored(*widened)).escalates is True  # its own role is one that it may widen
    assert way(explored(*widened), OTHER).escalates is False


def test_a_custom_role_must_be_writable_on_all_its_scopes():
    wide = role("Small", ["x/read"], kind="CustomRole", assignableScopes=[HOME, "/subscriptions/another"])
    writer = role("Writer", ["Microsoft.Authorization/roleDefinitions/write"])

    made = explored(wide, writer, holds(ME, "Writer"), holds(ME, "Small"))

    assert way(made).escalates is not True


def test_the_cheapest_cut_is_the_one_grant_that_all_ways_rest_on():
    made = explored(site("web", "mi"), holds("mi", "Owner"), role("Deploy", ["Microsoft.Web/sites/write"]),
                    *(holds(f"dev{number}", "Deploy", kind="User") for number in range(3)))  # fmt: skip
    chains = Chains(made)

    best = cuts(chains, chains.ways().ways)[0]

    assert [one.ref for one in best.stops] == ["dev0", "dev1", "dev2"]
    assert best.at.ref == "mi"


# nonsense

ODD = [None, 7, "", [], {}, [[]], {"a": None}, "x" * 5000, True]


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize(
    ("kind", "section"),
    [
        ("Microsoft.Web/sites", "resource"),
        ("Microsoft.Authorization/roleAssignments", "resource"),
        ("Microsoft.Authorization/roleDefinitions", "resource"),
        ("Microsoft.Authorization/denyAssignments", "resource"),
        ("Microsoft.Graph/groups", "groups.transitive_members.list"),
        ("Microsoft.Graph/groups", "resource"),
        ("Microsoft.Graph/applications", "applications.owners.list"),
        ("Microsoft.Graph/servicePrincipals", "resource"),
        ("Microsoft.Graph/directoryRoleAssignments", "resource"),
        ("Microsoft.Graph/appRoleAssignments", "resource"),
        ("Microsoft.Graph/organization", "identity.conditional_access.policies.list"),
        ("Microsoft.ManagedIdentity/userAssignedIdentities", "resource"),
    ],
)
def test_nonsense_from_the_cloud_breaks_nothing(kind, section, odd):
    strange = resource(kind, f"{HOME}/providers/{kind}/odd", **{"resource": {"id": "odd"}, section: odd})

    found = way(explored(strange, *grant(["Microsoft.Web/sites/write"]), site("web", BOSS), crown()))

    assert found.escalates in (True, None)


def test_circles_of_groups_and_identities_end():
    made = explored(
        group("aaaa1", "bbbb1", ME), group("bbbb1", "aaaa1"), holds("aaaa1", "Contributor", kind="Group"),
        site("one", "mi1"), site("two", "mi2"), holds("mi1", "Contributor"), holds("mi2", "Contributor"),
    )  # fmt: skip

    assert way(made).escalates is not True


ASSIGNED = st.tuples(
    st.sampled_from([ME, "mi1", "mi2", "mi3"]),
    st.sampled_from(["Owner", "Contributor", "Administrator", "Reader", "Publisher"]),
    st.sampled_from(
        [HOME, f"{HOME}/resourceGroups/shop", f"{HOME}/resourceGroups/shop/providers/Microsoft.Web/sites/one"]
    ),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(ASSIGNED, max_size=4), ASSIGNED)
def test_one_more_assignment_takes_no_way_away(assigned, more):
    sites = (site("one", "mi1"), site("two", "mi2"), site("three", "mi3"))
    before = Chains(explored(*sites, *{one: holds(*one) for one in assigned}.values())).ways().ways
    after = Chains(explored(*sites, *{one: holds(*one) for one in (*assigned, more)}.values())).ways().ways

    ranks = {False: 0, None: 1, True: 2}
    climbing = {one.origin.ref: ranks[one.escalates] for one in after}
    assert all(climbing[one.origin.ref] >= ranks[one.escalates] for one in before)
