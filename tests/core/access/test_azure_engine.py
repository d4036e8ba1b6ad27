"""Whole questions over a subscription: who is asked, who can, why, what would change it, what is held."""

from __future__ import annotations

import pytest

from scanners.access.azure.engine import AzureEngine
from scanners.access.azure.rights import MANAGEMENT
from scanners.access.explorer import Answer, NotFound, Principal, Target
from scanners.model import Gap, State, Unread
from tests.core.azure import (
    ABOVE,
    HOME,
    ME,
    OTHER,
    SHOP,
    TEAM,
    api,
    app_role,
    application,
    at,
    case,
    denies,
    directory_definition,
    directory_role,
    group,
    holds,
    may_hold,
    principal,
    role,
    subscription,
)

SITE = "Microsoft.Web/sites"
WRITE, KEYS = f"{SITE}/write", f"{SITE}/host/listkeys/action"
CREDENTIAL = "microsoft.directory/applications/credentials/update"
ASSIGN = "Microsoft.Authorization/roleAssignments/write"
ORDERS = at(SITE, "orders", body={"kind": "functionapp", "identity": {"system": "5Y5", "user": {"/x/shared": "us3r"}}})


def engine(*around, **more):
    return AzureEngine(case(subscription(), ORDERS, *around, **more).estate())


def user(who=ME):
    return Principal(who, who, "user")


def asked(of, action=WRITE, ref=ORDERS.ref, who=ME):
    return of.explain(user(who), action, Target(ref, "orders"))


# who is asked


def test_people_are_known_by_what_they_hold_and_groups_are_nobody():
    team = group(TEAM, "ann", "inner")
    team.documents["groups.transitive_members.list"][0].update(
        {"@odata.type": "#microsoft.graph.user", "userPrincipalName": "ann@example.com", "displayName": "Ann"}
    )
    team.documents["groups.transitive_members.list"][1]["@odata.type"] = "#microsoft.graph.group"
    on = engine(team, principal(ME), application("one", "olga"))

    asked = {one.ref: one for one in on.principals()}

    assert {"ann", ME, "olga", "5y5", "us3r", OTHER} <= asked.keys()
    assert not {TEAM, "inner"} & asked.keys()
    assert asked["ann"] == Principal("ann", "ann@example.com", "user")
    assert (asked["5y5"].kind, asked["5y5"].name) == ("system-assigned identity", "orders")
    assert (asked["us3r"].kind, asked["us3r"].name) == ("user-assigned identity", "shared")


def test_a_group_of_which_nobody_knows_who_is_in_it_is_asked_about_itself():
    on = engine(holds(TEAM, "Owner", kind="Group"), unread=frozenset({"Microsoft.Graph/groups"}))

    assert TEAM in {one.ref for one in on.principals()}
    assert "service.ListMicrosoft.Graph/groups was not read (AccessDenied)" in on.gaps


def test_a_principal_of_another_directory_stands_outside():
    home = subscription()
    home.documents["resource"]["tenantId"] = "T1"
    theirs, ours = principal("p1", appOwnerOrganizationId="t2"), principal("p2", appOwnerOrganizationId="t1")
    on = AzureEngine(case(home, theirs, ours).estate())

    assert [on.principal(one).outside for one in ("p1", "p2")] == [True, False]


@pytest.mark.parametrize("text", ["5Y5", "orders", " ORDERS "])
def test_a_principal_is_named_by_id_or_by_a_name_that_only_one_has(text):
    assert engine().principal(text).ref == "5y5"


def test_a_name_that_two_have_names_neither():
    twins = [principal(one) for one in ("p1", "p2")]
    for one in twins:
        object.__setattr__(one, "name", "twin")
    on = engine(*twins)

    with pytest.raises(NotFound, match="2 principals"):
        on.principal("twin")
    with pytest.raises(NotFound, match="no principal"):
        on.principal("nobody")


# what is asked


@pytest.mark.parametrize(
    ("text", "ref", "kind"),
    [
        ("orders", ORDERS.ref, SITE),
        (ORDERS.ref.upper(), ORDERS.ref, SITE),
        ("*", "*", ""),
        ("", "*", ""),
        (HOME, HOME, "Microsoft.Resources/subscriptions"),
        ("shop", SHOP, "resource group"),
        (SHOP, SHOP, "resource group"),
        (ABOVE, ABOVE, "management group"),
        (f"{ORDERS.ref}/slots/next", f"{ORDERS.ref}/slots/next", "microsoft.web/sites/slots"),
        ("/applications/one", "/applications/one", "Microsoft.Graph/applications"),
        ("one", "/applications/one", "Microsoft.Graph/applications"),
        ("/", "/", "root"),
    ],
)
def test_a_target_is_named_by_id_or_name(text, ref, kind):
    found = engine(application("one", ME)).target(text)

    assert (found.ref, found.kind) == (ref, kind)


@pytest.mark.parametrize("text", ["nothing", f"{HOME}/resourceGroups/*", "a b"])
def test_a_target_that_nobody_listed_is_not_found_by_name(text):
    with pytest.raises(NotFound):
        engine().target(text)


def test_what_stands_in_another_subscription_is_doubtful():
    assert engine().target("/subscriptions/other/resourceGroups/x").doubts


def test_actions_are_written_as_azure_writes_them():
    on = engine(api(r1="Application_ReadWrite_All"), directory_definition("Master", CREDENTIAL))

    assert on.action("microsoft.web/SITES/write") == WRITE
    assert on.action("application.readwrite.all") == "Application.ReadWrite.All"
    assert on.action(CREDENTIAL.upper()) == CREDENTIAL
    assert on.known(WRITE.upper())
    assert not on.known("Microsoft.Nothing/at/all/write")
    assert WRITE in on.suggested("microsoft.web/sites/w")
    assert all(on.known(one) for one in on.often() if one.startswith("Microsoft."))
    for text in ("*", "Microsoft.Web/*", "nonsense", "", "a b/c"):
        with pytest.raises(NotFound):
            on.action(text)


# who can


def test_who_can_lists_the_surest_first_and_counts_the_rest():
    around = (holds("p1", "Owner"), may_hold("p2", "Owner"), holds("p3", "Missing"), holds("p4", "Reader"))
    on = engine(*around)

    found = on.who_can(WRITE, on.target("orders"))

    assert [(row.who.ref, row.decided.answer) for row in found.rows] == [
        ("p1", Answer.ALLOWED), ("p2", Answer.IF), ("p3", Answer.UNKNOWN)]  # fmt: skip
    assert found.asked == found.denied + 3


def test_what_could_be_activated_is_said_in_words():
    (row,) = (row for row in engine(may_hold(ME, "Owner")).who_can(WRITE, Target(ORDERS.ref)).rows)

    assert row.decided.condition == "the eligible role Owner on the subscription is activated"
    assert row.decided.residual == {"activate": "Owner", "scope": HOME}
    assert row.decided.via[0].layer == "eligible"


# why


def says(found):
    return {(one.layer, one.level): one.verdict for one in found.layers}


def test_an_explanation_takes_management_groups_from_the_top_down():
    top, below = f"{MANAGEMENT}top", f"{MANAGEMENT}a-shop"
    around = (holds(ME, "Reader", below), holds(ME, "Owner", top))

    found = asked(engine(subscription(above=[below, top]), *around), ASSIGN)

    levels = [one.level for one in found.layers if one.layer == "assignments"]
    assert levels[:2] == ["the management group top", "the management group a-shop"]


def test_an_explanation_goes_from_denials_through_the_levels():
    around = (
        holds(ME, "Reader", ABOVE),
        holds(ME, "Contributor"),
        holds(TEAM, "Owner", SHOP, "Group"),
        group(TEAM, ME),
        may_hold(ME, "Owner"),
        denies(OTHER, "*"),
    )
    found = asked(engine(*around), ASSIGN)

    assert says(found) == {
        ("deny", ""): "silent",
        ("assignments", "the management group top"): "silent",
        ("assignments", "the subscription"): "silent",
        ("assignments", "the resource group shop"): "allows",
        ("eligible", "the subscription"): "may allow",
    }
    (contributor,) = next(one for one in found.layers if one.level == "the subscription").statements
    assert (contributor.holds, contributor.why_not) == ("no", "its notActions leave the action out")
    assert found.layers[0].statements[0].why_not == "it means other principals"
    assert found.row.decided.via[0].place.endswith("through the group cccc")


@pytest.mark.parametrize(
    ("around", "holds_", "why"),
    [
        ((holds(ME, "Owner", f"{HOME}/resourceGroups/rest"),), "no", "it is about other resources"),
        ((holds(ME, "Owner", condition="1 NumericEquals 2"),), "no", "its condition does not hold"),
        ((holds(ME, "Owner", condition="@Environment[isPrivateLink] BoolEquals true"),), "if", ""),
        ((holds(ME, "Missing"),), "if", ""),
        ((holds(ME, "Owner"),), "yes", ""),
    ],
)
def test_a_statement_says_why_it_does_not_hold(around, holds_, why):
    found = asked(engine(*around))

    ((said,),) = [one.statements for one in found.layers if one.layer == "assignments"]
    assert (said.holds, said.why_not) == (holds_, why)
    assert bool(said.condition) is (holds_ == "if")


def test_layers_that_were_not_read_say_so():
    kinds = {"roleAssignments", "denyAssignments", "roleEligibilityScheduleInstances"}
    found = asked(engine(unread=frozenset(f"Microsoft.Authorization/{one}" for one in kinds)))

    assert {one.verdict for one in found.layers} == {"unread"}
    assert all(one.unread for one in found.layers)


# what would change it


def words(found):
    return [one.words for one in found.would_change]


def test_the_edits_that_turn_an_answer_round():
    small = role("Small", [WRITE])

    assert words(asked(engine(small))) == [f"assign Small on the resource orders to {ME}"]
    assert words(asked(engine(holds(ME, "Owner")))) == ["remove the assignment of Owner on the subscription"]
    assert words(asked(engine(may_hold(ME, "Owner")))) == ["remove the eligibility for Owner on the subscription"]
    assert words(asked(engine(holds(ME, "Missing")))) == []
    assert words(asked(engine(holds(TEAM, "Owner", kind="Group"), group(TEAM, ME)))) == [
        "remove the assignment of Owner on the subscription of the group cccc, or leave the group"
    ]
    denial = f"remove the deny assignment no-{ME}-1 on the subscription, or except {ME}"
    assert words(asked(engine(holds(ME, "Owner"), denies(ME, "*")))) == [denial]
    assert words(asked(engine(small, denies(ME, "*")))) == [denial, f"assign Small on the resource orders to {ME}"]
    both = asked(engine(holds(ME, "Owner"), holds(ME, "Contributor", SHOP)))
    assert len(both.would_change) == 2


def test_of_anything_in_the_subscription_all_that_gives_it_must_go():
    on = engine(holds(ME, "Owner", SHOP), holds(ME, "Contributor", f"{HOME}/resourceGroups/rest"))

    assert len(asked(on, ref="*").would_change) == 2


def test_the_directory_is_explained_and_edited_as_well():
    master = directory_definition("Master", "microsoft.directory/applications/allProperties/allTasks")
    apis = api(r1="User_Read_All")

    held = asked(engine(master, directory_role(ME, "master")), CREDENTIAL, "*")
    none = asked(engine(master), CREDENTIAL, "/")
    owned = asked(engine(application("one", ME), application("two", OTHER)), CREDENTIAL, "/applications/one")
    robot = engine(apis).explain(Principal(ME, ME, "service principal"), "User.Read.All", Target("/"))
    granted = asked(engine(apis, app_role(ME, "r1")), "User.Read.All", "/")

    assert says(held) == {("directory", ""): "allows"}
    assert words(held) == ["remove master over the whole directory"]
    assert words(none) == [f"give {ME} the directory role master"]
    assert words(owned) == ["remove owner of one over one object"]
    assert words(robot) == [f"give {ME} the application permission User.Read.All"]
    assert words(granted) == ["remove User.Read.All over graph"]


# what is held


def test_what_is_held_is_counted_by_provider_and_level():
    on = engine(holds(ME, "Contributor"), holds(ME, "Publisher", SHOP), denies(ME, f"{SITE}/delete"))

    found = on.held(user())

    web = next(one for one in found.services if one.name == "microsoft.web")
    assert web.levels["Write"][0] == web.levels["Write"][1] > 10
    assert web.known >= sum(sure for sure, _ in web.levels.values())
    assert {f"{SITE}/write", f"{SITE}/publish/action"} <= found.sure
    assert f"{SITE}/delete" not in found.possible
    assert ASSIGN not in found.possible
    assert {one.effect for one in found.grants} == {"Allow", "Deny"}
    assert [one.policy for one in web.gives] == ["Contributor", "Publisher"]
    assert web.bounds[0].actions == (f"{SITE}/delete",)
    assert any(one.startswith("but not ") for one in web.gives[0].actions)


def test_who_may_grant_rights_holds_the_gravest():
    found = engine(holds(ME, "Owner")).held(user())

    assert "Permissions management" in found.services[0].levels
    assert found.services[0].name == "microsoft.authorization"


def test_what_is_held_on_a_condition_is_possible_and_not_sure():
    open_ = "@Environment[isPrivateLink] BoolEquals true"
    found = engine(holds(ME, "Publisher", condition=open_), may_hold(ME, "Blob")).held(user())

    assert found.sure == frozenset()
    assert f"{SITE}/publish/action" in found.possible
    assert {one.sure for one in found.grants} == {False}
    assert all(one.condition for one in found.grants if one.layer == "assignments")


def test_rights_in_the_directory_are_held_beside():
    on = engine(api(r1="User_Read_All"), app_role(ME, "r1"), directory_definition("M", CREDENTIAL),
                directory_role(ME, "m"))  # fmt: skip

    found = on.held(user())

    assert {one.name for one in found.services} == {"microsoft.graph", "microsoft.directory"}
    assert found.sure == {"User.Read.All", CREDENTIAL}


def test_nothing_is_taken_away_while_nobody_knows_what_was_used():
    found = engine(holds(ME, "Publisher", SHOP), holds(TEAM, "Reader", kind="Group"), group(TEAM, ME)).right_size(
        user()
    )

    assert (found.confidence, found.removed, found.before == found.after) == ("none", 0, True)
    assert found.document == {"assignments": [
        {"scope": SHOP, "role": "Publisher"},
        {"scope": HOME, "role": "Reader", "through": TEAM},
    ]}  # fmt: skip
    assert len(found.unseen) == 3
    assert engine().right_size(user()).document is None


# functions


def function_app(**more):
    sections = {
        "web_apps.get_auth_settings_v2_without_secrets": {"properties": {"platform": {"enabled": False}}},
        "web_apps.list_functions": [
            {"name": "pay", "bindings": [{"type": "httpTrigger", "authLevel": "anonymous"}]},
            {"name": "ship", "bindings": [{"type": "queueTrigger"}, {"type": "httpTrigger"}]},
        ],
    }
    return at(SITE, "pay", body={"kind": "functionapp,linux"}, **{**sections, **more})


def test_a_function_is_called_with_keys_that_roles_hand_out():
    on = engine()

    assert on.invocation(ORDERS) == (KEYS, f"{SITE}/functions/listkeys/action")
    assert on.invocation(at(SITE, "web", body={"kind": "app"})) == ()
    assert on.invocation(at("Microsoft.App/containerApps")) == ()


def test_who_may_call_it_stands_beside_the_target():
    on = AzureEngine(case(subscription(), function_app()).estate())

    assert on.target("pay").notes == (
        "roles do not decide who calls it over HTTP: they decide who is handed its keys",
        "the platform asks nobody to sign in",
        "pay: it asks for no key",
        "ship: it asks for a key of the function or of its app",
    )


def test_what_was_not_read_of_a_function_is_said():
    gap = Gap("web.web_apps.list_functions", "", State.DENIED, "AuthorizationFailed", "global")
    app = at(SITE, "pay", body={"kind": "functionapp"}, gaps={"web_apps.get_auth_settings_v2_without_secrets": gap})

    (note,) = AzureEngine(case(subscription(), app).estate()).target("pay").notes

    assert "was not read (AuthorizationFailed)" in note


def test_a_function_runs_as_its_own_identity_and_those_it_was_given():
    assert [one.ref for one in engine().runs_as(ORDERS)] == ["5y5", "us3r"]


def test_an_identity_without_an_object_id_is_unread():
    unnamed = at(SITE, "odd", body={"identity": {"user": {"/x/shared": None}}})

    with pytest.raises(Unread, match="shared"):
        engine().runs_as(unnamed)


# what is remembered


def test_an_action_on_both_planes_is_unknown_where_they_differ():
    on = engine(holds(ME, "Reader"))

    found = on.decide(user(), "Microsoft.KeyVault/vaults/keys/read", Target(SHOP))

    assert (found.answer, found.read) == (Answer.UNKNOWN, Answer.ALLOWED)
    assert found.unknown_because == (
        "Microsoft.KeyVault/vaults/keys/read is an action on both planes, which answer differently",
    )


def test_what_is_remembered_stays_small(monkeypatch):
    monkeypatch.setattr("scanners.access.azure.deciding.REMEMBERED", 10)
    monkeypatch.setattr("scanners.access.azure.roles.REMEMBERED", 10)
    on = engine(holds(ME, "Contributor"))

    answers = [on.decide(user(), f"Microsoft.Web/thing{number}/write", Target(HOME)).answer for number in range(40)]

    assert set(answers) == {Answer.ALLOWED}
    assert len(on.standing.memo) <= 12


def test_people_are_granted_no_application_permission():
    assert asked(engine(api(r1="User_Read_All")), "User.Read.All", "/").would_change == ()
