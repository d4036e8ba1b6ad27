"""Decisions as Microsoft's documentation has them, one line each: what stands around, what is asked, the answer.

Derived by hand from "Understand how access is evaluated", "Understand Azure role definitions", "Understand scope for
Azure RBAC", "List Azure deny assignments", "Azure role assignment condition format and syntax" and "Microsoft Entra
built-in roles", read 2026-11.
"""

from __future__ import annotations

import pytest

from scanners.access.azure.engine import AzureEngine
from scanners.access.explorer import Answer, Principal, Target
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
    application,
    case,
    denies,
    directory_definition,
    directory_role,
    group,
    holds,
    may_hold,
    may_rule,
    role,
    subscription,
)

YES, NO, IF, UNKNOWN = Answer.ALLOWED, Answer.DENIED, Answer.IF, Answer.UNKNOWN
SITE = f"{SHOP}/providers/Microsoft.Web/sites/orders"
SLOT = f"{SITE}/slots/next"
STORE = f"{SHOP}/providers/Microsoft.Storage/storageAccounts/receipts"
PHOTOS = f"{STORE}/blobServices/default/containers/photos"
BLOB = f"{PHOTOS}/blobs/2026/cat.png"
VAULT = f"{SHOP}/providers/Microsoft.KeyVault/vaults/keys"
REST = f"{HOME}/resourceGroups/rest"
ANOTHER = "/subscriptions/999"
WRITE, READ, DELETE = "Microsoft.Web/sites/write", "Microsoft.Web/sites/read", "Microsoft.Web/sites/delete"
ASSIGN = "Microsoft.Authorization/roleAssignments/write"
ELEVATE = "Microsoft.Authorization/elevateAccess/action"
BLOBS = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
READ_BLOB, WRITE_BLOB = f"{BLOBS}/read", f"{BLOBS}/write"
KEYS = "Microsoft.Storage/storageAccounts/listKeys/action"
SECRET = "Microsoft.KeyVault/vaults/secrets/getSecret/action"
ANY = "*"


def data_role(name, given, less=()):
    return role(name, [], data={"dataActions": list(given), "notDataActions": list(less)})


ROLES = (
    data_role("Blobs", [READ_BLOB]),
    data_role("Blob Owner", [f"{BLOBS}/*"]),
    data_role("All Data", ["*"]),
    data_role("Most Data", ["*"], [WRITE_BLOB]),
    data_role("Secrets", ["Microsoft.KeyVault/vaults/secrets/getSecret/action"]),
    data_role("Speech", ["Microsoft.CognitiveServices/*"]),
    role("Web", ["Microsoft.Web/*"]),
    role("Web But", ["Microsoft.Web/*"], ["Microsoft.Web/sites/delete"]),
    role("Writers", ["*/write"]),
    role("Middle", ["Microsoft.Web/*/read"]),
    role("Upper", ["MICROSOFT.WEB/SITES/WRITE"]),
    role("Two", ["Microsoft.Web/sites/read"], permissions=[
        {"actions": ["Microsoft.Web/*"], "notActions": ["Microsoft.Web/sites/write"]},
        {"actions": ["Microsoft.Web/sites/write"]},
    ]),
    role("Empty", []),
    role("Everything But", [], ["*"]),
    role("Star But All", ["*"], ["*"]),
    role("Grants Few", [], permissions=[
        {"actions": [ASSIGN], "condition": "@Request[Microsoft.Authorization/roleAssignments:PrincipalType]"
         " ForAnyOfAnyValues:StringEqualsIgnoreCase {'ServicePrincipal'}"},
    ]),
    role("Grants Deciding", [], permissions=[
        {"actions": [ASSIGN], "condition": "!(ActionMatches{'Microsoft.Authorization/roleAssignments/write'})"},
    ]),
)  # fmt: skip


def answer(around, action, ref, *, who=ME, kind="user", unread=()):
    estate = case(subscription(), *around, *ROLES, unread=frozenset(unread)).estate()
    return AzureEngine(estate).decide(Principal(who, who, kind), action, Target(ref))


def told(around, action, ref, **more):
    return answer(around, action, ref, **more).answer


SCOPES = [
    # what is held, on what it is asked → the answer
    (("Owner", "/"), SITE, YES),
    (("Owner", ABOVE), SITE, YES),
    (("Owner", ABOVE.upper()), SITE, YES),
    (("Owner", HOME), SITE, YES),
    (("Owner", HOME), HOME, YES),
    (("Owner", HOME.upper()), SITE, YES),
    (("Owner", SHOP), SITE, YES),
    (("Owner", SHOP), SHOP, YES),
    (("Owner", f"{SHOP}/"), SITE, YES),
    (("Owner", SHOP.upper()), SITE.lower(), YES),
    (("Owner", SITE), SITE, YES),
    (("Owner", SITE), SLOT, YES),
    (("Owner", SLOT), SITE, NO),
    (("Owner", SITE), SHOP, NO),
    (("Owner", SHOP), HOME, NO),
    (("Owner", HOME), ABOVE, NO),
    (("Owner", HOME), "/", NO),
    (("Owner", "/"), "/", YES),
    (("Owner", "/"), ABOVE, YES),
    (("Owner", ABOVE), ABOVE, YES),
    (("Owner", ABOVE), "/", NO),
    (("Owner", REST), SITE, NO),
    (("Owner", f"{HOME}/resourceGroups/sho"), SITE, NO),
    (("Owner", f"{SHOP}p"), SITE, NO),
    (("Owner", f"{HOME}0"), SITE, NO),
    (("Owner", f"{SITE}2"), SITE, NO),
    (("Owner", SITE), f"{SITE}2", NO),
    (("Owner", SITE), ANY, YES),
    (("Owner", SHOP), ANY, YES),
    (("Owner", HOME), ANY, YES),
    (("Owner", ABOVE), ANY, YES),
    (("Reader", SITE), ANY, NO),
    (("Owner", ANOTHER), SITE, NO),
    (("Owner", HOME), f"{ANOTHER}/resourceGroups/shop", UNKNOWN),
    (("Owner", f"{ABOVE}2"), ABOVE, UNKNOWN),  # whether one is above the other is not read
]


MIDDLE, BESIDE = f"{ABOVE}2", f"{ABOVE}3"
CHAIN = [MIDDLE.casefold(), ABOVE.casefold()]
GROUPS = [
    # with what stands above the subscription known, the nearest first
    (("Owner", ABOVE), MIDDLE, YES),
    (("Owner", MIDDLE), ABOVE, NO),
    (("Owner", MIDDLE), MIDDLE.upper(), YES),
    (("Owner", "/"), MIDDLE, YES),
    (("Owner", ABOVE), SITE, YES),
    (("Owner", ABOVE), BESIDE, UNKNOWN),
    (("Owner", HOME), BESIDE, UNKNOWN),
    (("Owner", BESIDE), MIDDLE, UNKNOWN),
]


@pytest.mark.parametrize(("held", "ref", "expected"), GROUPS)
def test_of_management_groups_the_upper_hold_in_the_lower(held, ref, expected):
    estate = case(subscription(above=CHAIN), holds(ME, *held), *ROLES).estate()

    assert AzureEngine(estate).decide(Principal(ME, ME, "user"), WRITE, Target(ref)).answer is expected


def test_a_denial_on_a_group_falls_on_the_groups_below_it():
    around = [holds(ME, "Owner", "/"), denies(ME, "*", scope=ABOVE)]
    estate = case(subscription(above=CHAIN), *around, *ROLES).estate()

    assert AzureEngine(estate).decide(Principal(ME, ME, "user"), WRITE, Target(MIDDLE)).answer is NO
    assert told(around, WRITE, MIDDLE) is UNKNOWN


@pytest.mark.parametrize(("held", "ref", "expected"), SCOPES)
def test_what_is_granted_holds_for_what_stands_below(held, ref, expected):
    assert told([holds(ME, *held)], WRITE, ref) is expected


ACTIONS = [
    # role, action, on what → the answer
    ("Owner", ASSIGN, HOME, YES),
    ("Owner", ELEVATE, HOME, YES),
    ("Owner", "Microsoft.Unheard/of/write", HOME, YES),
    ("Contributor", WRITE, SITE, YES),
    ("Contributor", ASSIGN, HOME, NO),
    ("Contributor", ASSIGN.lower(), HOME, NO),
    ("Contributor", ELEVATE, HOME, NO),
    ("Contributor", "Microsoft.Authorization/roleAssignments/read", HOME, YES),
    ("Contributor", "Microsoft.Authorization/policyAssignments/delete", HOME, NO),
    ("Contributor", KEYS, STORE, YES),
    ("Administrator", ASSIGN, HOME, YES),
    ("Administrator", WRITE, SITE, NO),
    ("Administrator", READ, SITE, YES),
    ("Reader", READ, SITE, YES),
    ("Reader", WRITE, SITE, NO),
    ("Reader", KEYS, STORE, NO),
    ("Reader", "Microsoft.Web/sites/config/list/action", SITE, NO),
    ("Reader", "Microsoft.Web/sites/hostruntime/vfs/read", SITE, YES),
    ("Publisher", "Microsoft.Web/sites/publish/action", SITE, YES),
    ("Publisher", "microsoft.web/SITES/publish/ACTION", SITE, YES),
    ("Publisher", "Microsoft.Web/sites/publishxml/action", SITE, NO),
    ("Web", WRITE, SITE, YES),
    ("Web", "Microsoft.Web/sites/slots/config/write", SLOT, YES),  # a star crosses slashes
    ("Web", "Microsoft.WebPubSub/webPubSub/write", SHOP, NO),
    ("Web But", WRITE, SITE, YES),
    ("Web But", DELETE, SITE, NO),
    ("Web But", "Microsoft.Web/sites/slots/delete", SLOT, YES),
    ("Writers", WRITE, SITE, YES),
    ("Writers", "Microsoft.Web/sites/hostruntime/vfs/write", SITE, YES),
    ("Writers", READ, SITE, NO),
    ("Writers", ASSIGN, HOME, YES),
    ("Middle", "Microsoft.Web/sites/slots/read", SLOT, YES),
    ("Middle", READ, SITE, YES),
    ("Middle", WRITE, SITE, NO),
    ("Upper", WRITE, SITE, YES),
    ("Two", WRITE, SITE, YES),  # what one permission subtracts, another of the same role has
    ("Two", DELETE, SITE, YES),
    ("Empty", READ, SITE, NO),
    ("Everything But", READ, SITE, NO),
    ("Star But All", READ, SITE, NO),
    ("Missing", READ, SITE, UNKNOWN),
]


@pytest.mark.parametrize(("name", "action", "ref", "expected"), ACTIONS)
def test_a_role_is_its_actions_less_its_not_actions(name, action, ref, expected):
    assert told([holds(ME, name)], action, ref) is expected


PLANES = [
    ("Owner", READ_BLOB, BLOB, NO),  # Owner manages, and does not read data
    ("Contributor", SECRET, VAULT, NO),
    ("Reader", READ_BLOB, PHOTOS, NO),
    ("Blobs", READ_BLOB, BLOB, YES),
    ("Blobs", READ_BLOB.upper(), BLOB, YES),
    ("Blobs", WRITE_BLOB, BLOB, NO),
    ("Blobs", "Microsoft.Storage/storageAccounts/blobServices/containers/read", PHOTOS, NO),
    ("Blob", "Microsoft.Storage/storageAccounts/blobServices/containers/read", PHOTOS, YES),
    ("Blob", READ_BLOB, PHOTOS, NO),
    ("Blob Owner", WRITE_BLOB, BLOB, YES),
    ("Blob Owner", f"{BLOBS}/runAsSuperUser/action", BLOB, YES),
    ("Blob Owner", f"{BLOBS}/tags/write", BLOB, YES),
    ("All Data", READ_BLOB, BLOB, YES),
    ("All Data", WRITE, SITE, NO),
    ("All Data", SECRET, VAULT, YES),
    ("Most Data", WRITE_BLOB, BLOB, NO),
    ("Most Data", READ_BLOB, BLOB, YES),
    ("Secrets", SECRET, VAULT, YES),
    ("Secrets", SECRET, f"{VAULT}/secrets/orders", YES),
    ("Secrets", "Microsoft.KeyVault/vaults/secrets/setSecret/action", VAULT, NO),
    ("Speech", "Microsoft.CognitiveServices/accounts/Voice/say/action", SHOP, UNKNOWN),  # nobody told the plane
    ("Owner", "Microsoft.CognitiveServices/accounts/Voice/say/action", SHOP, UNKNOWN),
    ("Publisher", "Microsoft.CognitiveServices/accounts/Voice/say/action", SHOP, NO),  # on neither plane
]


@pytest.mark.parametrize(("name", "action", "ref", "expected"), PLANES)
def test_managing_a_thing_and_reading_its_data_are_two_planes(name, action, ref, expected):
    assert told([holds(ME, name)], action, ref) is expected


def data_denial(who, *actions, **more):
    return denies(who, permissions=[{"dataActions": list(actions)}], **more)


CONTRADICTED = "@Environment[UtcNow] DateTimeLessThan '2020-01-01T00:00:00Z'"
HOLDS = "@Environment[UtcNow] DateTimeGreaterThan '2020-01-01T00:00:00Z'"
OPEN = "@Environment[isPrivateLink] BoolEquals true"
WITHIN = [
    # role, where it is held, action, on what → the answer
    ("Secrets", f"{VAULT}/secrets/orders", SECRET, VAULT, IF),  # if it is that secret
    ("Secrets", f"{VAULT}/secrets/orders", SECRET, f"{VAULT}/secrets/orders", YES),
    ("Secrets", f"{VAULT}/secrets/orders", SECRET, f"{VAULT}/secrets/other", NO),
    ("Secrets", f"{VAULT}/secrets/orders", SECRET, SHOP, NO),
    ("Blobs", PHOTOS, READ_BLOB, STORE, IF),
    ("Blobs", PHOTOS, READ_BLOB, BLOB, YES),
    ("Blobs", PHOTOS, READ_BLOB, f"{STORE}2", NO),
    ("Owner", PHOTOS, KEYS, STORE, NO),  # the keys are the account's
    ("Owner", SLOT, WRITE, SITE, NO),
    ("Owner", SLOT, "Microsoft.Web/sites/slots/write", SITE, IF),
    ("Missing", PHOTOS, READ_BLOB, STORE, UNKNOWN),
]


@pytest.mark.parametrize(("name", "scope", "action", "ref", "expected"), WITHIN)
def test_who_may_act_inside_a_resource_may_if_it_is_about_that(name, scope, action, ref, expected):
    assert told([holds(ME, name, scope)], action, ref) is expected


DENIALS = [
    # denials against an owner, what is asked, on what → the answer
    ([denies(ME, "*")], WRITE, SITE, NO),
    ([denies(ME.upper(), "*")], WRITE, SITE, NO),
    ([denies(EVERYWHERE, "*")], WRITE, SITE, NO),
    ([denies(OTHER, "*")], WRITE, SITE, YES),
    ([denies(ME, "*/read")], WRITE, SITE, YES),
    ([denies(ME, "*/read")], READ, SITE, NO),
    ([denies(ME, "Microsoft.Web/*")], WRITE, SITE, NO),
    ([denies(ME, "Microsoft.Web/*")], KEYS, STORE, YES),
    ([denies(ME, permissions=[{"actions": ["*"], "notActions": ["*/read"]}])], READ, SITE, YES),
    ([denies(ME, permissions=[{"actions": ["*"], "notActions": ["*/read"]}])], WRITE, SITE, NO),
    ([denies(ME, permissions=[{"actions": []}, {"actions": [WRITE]}])], WRITE, SITE, NO),
    ([denies(EVERYWHERE, "*", spared=ME)], WRITE, SITE, YES),
    ([denies(EVERYWHERE, "*", spared=ME.upper())], WRITE, SITE, YES),
    ([denies(EVERYWHERE, "*", spared=OTHER)], WRITE, SITE, NO),
    ([denies(EVERYWHERE, "*", spared=TEAM), group(TEAM, ME)], WRITE, SITE, YES),
    ([denies(EVERYWHERE, "*", spared=TEAM), group(TEAM, OTHER)], WRITE, SITE, NO),
    ([denies(TEAM, "*"), group(TEAM, ME)], WRITE, SITE, NO),
    ([denies(TEAM, "*"), group(TEAM, OTHER)], WRITE, SITE, YES),
    ([denies(ME, "*", scope="/")], WRITE, SITE, NO),
    ([denies(ME, "*", scope=ABOVE)], WRITE, SITE, NO),
    ([denies(ME, "*", scope=SHOP)], WRITE, SITE, NO),
    ([denies(ME, "*", scope=SHOP.upper())], WRITE, SITE, NO),
    ([denies(ME, "*", scope=SHOP)], WRITE, HOME, YES),
    ([denies(ME, "*", scope=SHOP)], WRITE, ANY, YES),
    ([denies(ME, "*", scope=HOME)], WRITE, ANY, NO),
    ([denies(ME, "*", scope=REST)], WRITE, SITE, YES),
    ([denies(ME, "*", scope=HOME, doNotApplyToChildScopes=True)], WRITE, SITE, YES),
    ([denies(ME, "*", scope=HOME, doNotApplyToChildScopes=True)], WRITE, HOME, NO),
    ([denies(ME, "*", scope=HOME, doNotApplyToChildScopes=True)], WRITE, ANY, YES),
    ([denies(ME, "*", scope=SITE, doNotApplyToChildScopes=True)], WRITE, SITE, NO),
    ([denies(ME, "*", scope=SITE, doNotApplyToChildScopes=True)], WRITE, SLOT, YES),
    ([denies(ME, "*", condition=HOLDS)], WRITE, SITE, NO),
    ([denies(ME, "*", condition=CONTRADICTED)], WRITE, SITE, YES),
    ([denies(ME, "*", condition=OPEN)], WRITE, SITE, IF),
    ([denies(ME, "*", condition="@x")], WRITE, SITE, UNKNOWN),
    ([denies(ME, "*", condition=OPEN), denies(EVERYWHERE, "*")], WRITE, SITE, NO),
    ([data_denial(ME, "*")], WRITE, SITE, YES),
    ([denies(ME, "*"), holds(ME, "Blobs")], READ_BLOB, BLOB, YES),  # a denial of actions says nothing of data
    ([data_denial(ME, "*"), holds(ME, "Blobs")], READ_BLOB, BLOB, NO),
    ([data_denial(ME, f"{BLOBS}/write"), holds(ME, "Blobs")], READ_BLOB, BLOB, YES),
    ([denies("group-x", "*", principals=[{"id": "group-x", "type": "Group"}])], WRITE, SITE, UNKNOWN),
    ([denies(EVERYWHERE, "*", excludePrincipals=[{"id": "group-x", "type": "Group"}])], WRITE, SITE, UNKNOWN),
]


@pytest.mark.parametrize(("around", "action", "ref", "expected"), DENIALS, ids=range(len(DENIALS)))
def test_a_denial_wins_where_it_falls(around, action, ref, expected):
    assert told([holds(ME, "Owner"), *around], action, ref) is expected


SUMS = [
    ([], WRITE, NO),
    ([holds(ME, "Reader"), holds(ME, "Web", SHOP)], WRITE, YES),
    ([holds(ME, "Contributor"), holds(ME, "Administrator")], ASSIGN, YES),  # a subtraction is no denial
    ([holds(ME, "Web But"), holds(ME, "Contributor", REST)], DELETE, NO),
    ([holds(ME, "Web But"), holds(ME, "Contributor", SHOP)], DELETE, YES),
    ([holds(ME, "Owner"), holds(ME, "Owner")], WRITE, YES),
    ([holds(TEAM, "Owner", kind="Group"), group(TEAM, ME)], WRITE, YES),
    ([holds(TEAM, "Owner", kind="Group"), group(TEAM, ME.upper())], WRITE, YES),
    ([holds(TEAM, "Owner", kind="Group"), group(TEAM, OTHER)], WRITE, NO),
    ([holds(TEAM, "Owner", kind="Group"), group(TEAM, "inner", ME), group("inner", ME)], WRITE, YES),
    ([holds("inner", "Owner", kind="Group"), group(TEAM, ME), group("inner", OTHER)], WRITE, NO),
    ([holds(TEAM, "Reader", kind="Group"), holds(ME, "Web"), group(TEAM, ME)], WRITE, YES),
    ([holds(OTHER, "Owner")], WRITE, NO),
    ([holds("gone", "Owner", kind="")], WRITE, NO),  # a principal that was deleted
    ([holds(ME, "Owner", kind="")], WRITE, YES),
    ([holds(ME, "Missing"), holds(ME, "Owner")], WRITE, YES),
    ([holds(ME, "Missing", REST)], WRITE, NO),  # nobody knows the role, and it holds elsewhere
    ([holds(ME, "Missing"), denies(ME, "*")], WRITE, NO),
    ([may_hold(ME, "Owner")], WRITE, IF),
    ([may_hold(ME, "Owner", SHOP)], WRITE, IF),
    ([may_hold(ME, "Owner", REST)], WRITE, NO),
    ([may_hold(ME, "Reader")], WRITE, NO),
    ([may_hold(ME, "Owner"), holds(ME, "Web")], WRITE, YES),
    ([may_hold(ME, "Owner"), denies(ME, "*")], WRITE, NO),
    ([may_hold(ME, "Owner"), denies(ME, "*", condition=OPEN)], WRITE, IF),
    ([may_hold(TEAM, "Owner", kind="Group"), group(TEAM, ME)], WRITE, IF),
    ([may_hold(TEAM, "Owner", kind="Group")], WRITE, UNKNOWN),  # nobody knows who is in it
    ([may_hold(ME, "Owner", condition=CONTRADICTED)], WRITE, NO),
    ([may_hold(ME, "Missing")], WRITE, UNKNOWN),
]


@pytest.mark.parametrize(("around", "action", "expected"), SUMS, ids=range(len(SUMS)))
def test_what_is_assigned_adds_up(around, action, expected):
    assert told(around, action, SITE) is expected


NAME = "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name]"
PATH = "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:path]"
TAG = "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers/blobs/tags:Project<$key_case_sensitive$>]"
NEW = "@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId]"


def unless(action, then):
    return f"((!(ActionMatches{{'{action}'}})) OR ({then}))"


CONDITIONS = [
    (unless(READ_BLOB, f"{NAME} StringEquals 'photos'"), READ_BLOB, BLOB, YES),
    (unless(READ_BLOB, f"{NAME} StringEquals 'letters'"), READ_BLOB, BLOB, NO),
    (unless(READ_BLOB, f"{NAME} StringEquals 'Photos'"), READ_BLOB, BLOB, NO),
    (unless(READ_BLOB, f"{NAME} StringEqualsIgnoreCase 'Photos'"), READ_BLOB, BLOB, YES),
    (unless(READ_BLOB, f"{NAME} StringNotEquals 'photos'"), READ_BLOB, BLOB, NO),
    (unless(READ_BLOB, f"{NAME} StringEquals 'letters'"), WRITE_BLOB, BLOB, YES),  # it is about reading
    (unless(READ_BLOB, f"{NAME} StringEquals 'photos'"), READ_BLOB, STORE, IF),  # the container is not told
    (unless(READ_BLOB, f"{NAME} StringLike 'pho*'"), READ_BLOB, BLOB, YES),
    (unless(READ_BLOB, f"{NAME} StringLike 'pho?os'"), READ_BLOB, BLOB, YES),
    (unless(READ_BLOB, f"{NAME} StringLike 'p*x'"), READ_BLOB, BLOB, NO),
    (unless(READ_BLOB, f"{NAME} StringStartsWith 'ph'"), READ_BLOB, BLOB, YES),
    (unless(READ_BLOB, f"{PATH} StringLike '2026/*'"), READ_BLOB, BLOB, YES),
    (unless(READ_BLOB, f"{PATH} StringLike '2025/*'"), READ_BLOB, BLOB, NO),
    (unless(READ_BLOB, f"{PATH} StringLike '2026/*'"), READ_BLOB, PHOTOS, IF),
    (unless(READ_BLOB, f"{TAG} StringEquals 'Cascade'"), READ_BLOB, BLOB, IF),
    (unless(f"{BLOBS}/*", f"{TAG} StringEquals 'Cascade'"), WRITE_BLOB, BLOB, IF),
    (unless("Microsoft.Web/*", f"{TAG} StringEquals 'Cascade'"), WRITE_BLOB, BLOB, YES),
    (f"!(ActionMatches{{'{READ_BLOB}'}} AND NOT SubOperationMatches{{'Blob.List'}})", READ_BLOB, BLOB, IF),
    (f"!(ActionMatches{{'{READ_BLOB}'}} AND NOT SubOperationMatches{{'Blob.List'}})", WRITE_BLOB, BLOB, YES),
    (f"{NAME} ForAnyOfAnyValues:StringEquals {{'photos', 'letters'}}", READ_BLOB, BLOB, YES),
    (f"{NAME} ForAnyOfAllValues:StringNotEquals {{'plans', 'letters'}}", READ_BLOB, BLOB, YES),
    (f"{NAME} ForAnyOfAllValues:StringNotEquals {{'photos', 'letters'}}", READ_BLOB, BLOB, NO),
    ("{'red', 'blue'} ForAnyOfAnyValues:StringEquals {'blue', 'green'}", READ_BLOB, BLOB, YES),
    ("{'red', 'blue'} ForAnyOfAnyValues:StringEquals {'orange', 'green'}", READ_BLOB, BLOB, NO),
    ("{'red', 'blue'} ForAllOfAnyValues:StringEquals {'orange', 'red', 'blue'}", READ_BLOB, BLOB, YES),
    ("{'red', 'blue'} ForAllOfAnyValues:StringEquals {'red', 'green'}", READ_BLOB, BLOB, NO),
    ("{10, 20} ForAnyOfAllValues:NumericLessThan {15, 18}", READ_BLOB, BLOB, YES),
    ("{10, 20} ForAllOfAllValues:NumericLessThan {5, 15, 18}", READ_BLOB, BLOB, NO),
    ("{10, 20} ForAllOfAllValues:NumericLessThan {25, 30}", READ_BLOB, BLOB, YES),
    ("{10, 20} ForAllOfAllValues:NumericLessThan {15, 25, 30}", READ_BLOB, BLOB, NO),
    (HOLDS, READ_BLOB, BLOB, YES),
    (CONTRADICTED, READ_BLOB, BLOB, NO),
    ("@Environment[UtcNow] TimeOfDayGreaterThan '09:00:00'", READ_BLOB, BLOB, IF),  # of every request another
    (OPEN, READ_BLOB, BLOB, IF),
    (f"{OPEN} AND {CONTRADICTED}", READ_BLOB, BLOB, NO),
    (f"{OPEN} OR {HOLDS}", READ_BLOB, BLOB, YES),
    (f"{OPEN} && !({OPEN})", READ_BLOB, BLOB, IF),
    (f"NOT ({HOLDS})", READ_BLOB, BLOB, NO),
    (f"!!({HOLDS})", READ_BLOB, BLOB, YES),
    ("@Principal[Microsoft.Directory/CustomSecurityAttributes/Id:Eng_Project] StringEquals 'x'", READ_BLOB, BLOB, IF),
    (f"@Principal[a] StringEquals {TAG}", READ_BLOB, BLOB, IF),
    ("Exists @Request[Microsoft.Storage/storageAccounts/blobServices/containers/blobs:snapshot]", READ_BLOB, BLOB, IF),
    ("", READ_BLOB, BLOB, YES),
    ("rubbish", READ_BLOB, BLOB, UNKNOWN),
    ("(" * 5_000, READ_BLOB, BLOB, UNKNOWN),
    ("!" * 70_000, READ_BLOB, BLOB, UNKNOWN),
    (f"{HOLDS} AND {HOLDS} OR {HOLDS}", READ_BLOB, BLOB, UNKNOWN),  # wants parentheses
    (7, READ_BLOB, BLOB, UNKNOWN),
    (["x"], READ_BLOB, BLOB, UNKNOWN),
]


@pytest.mark.parametrize(("condition", "action", "ref", "expected"), CONDITIONS, ids=range(len(CONDITIONS)))
def test_a_condition_holds_or_not_or_says_what_must(condition, action, ref, expected):
    found = answer([holds(ME, "Blob Owner", condition=condition)], action, ref)

    assert found.answer is expected
    assert bool(found.condition) is (expected in (IF, UNKNOWN))
    assert bool(found.unknown_because) is (expected is UNKNOWN)


ROLE_CONDITIONS = [
    # roles whose permissions hold a condition of their own
    ([holds(ME, "Grants Few")], ASSIGN, IF),
    ([holds(ME, "Grants Few"), holds(ME, "Owner")], ASSIGN, YES),
    ([holds(ME, "Grants Deciding")], ASSIGN, NO),
    ([holds(ME, "Grants Few", condition=CONTRADICTED)], ASSIGN, NO),
    ([holds(ME, "Owner", condition=unless(ASSIGN, f"{NEW} ForAnyOfAllValues:GuidNotEquals {{8e3af657}}"))], ASSIGN, IF),
    ([holds(ME, "Owner", condition=unless(ASSIGN, f"{NEW} ForAnyOfAllValues:GuidNotEquals {{8e3af657}}"))], WRITE, YES),
]


@pytest.mark.parametrize(("around", "action", "expected"), ROLE_CONDITIONS, ids=range(len(ROLE_CONDITIONS)))
def test_a_role_has_conditions_of_its_own(around, action, expected):
    assert told(around, action, HOME) is expected


ASSIGNMENTS, DENYING = "Microsoft.Authorization/roleAssignments", "Microsoft.Authorization/denyAssignments"
GROUPS, ELIGIBLE = "Microsoft.Graph/groups", "Microsoft.Authorization/roleEligibilityScheduleInstances"
IN_A_TEAM = holds(TEAM, "Owner", kind="Group")
UNREAD = [
    ([], ASSIGNMENTS, UNKNOWN),
    ([holds(ME, "Owner")], ASSIGNMENTS, YES),
    ([denies(ME, "*")], ASSIGNMENTS, NO),
    ([denies(ME, "*", condition=OPEN)], ASSIGNMENTS, UNKNOWN),
    ([holds(ME, "Owner", condition=OPEN)], ASSIGNMENTS, UNKNOWN),
    ([], DENYING, NO),  # a denial that nobody read gives nothing
    ([holds(ME, "Owner")], DENYING, UNKNOWN),
    ([holds(ME, "Owner"), denies(ME, "*")], DENYING, NO),
    ([may_hold(ME, "Owner")], DENYING, UNKNOWN),
    ([], GROUPS, NO),  # no group holds it
    ([IN_A_TEAM], GROUPS, UNKNOWN),
    ([IN_A_TEAM, holds(ME, "Owner")], GROUPS, YES),
    ([IN_A_TEAM, denies(ME, "*")], GROUPS, NO),
    ([holds(TEAM, "Reader", kind="Group")], GROUPS, NO),
    ([holds(TEAM, "Owner", REST, kind="Group")], GROUPS, NO),
    ([], ELIGIBLE, UNKNOWN),
    ([holds(ME, "Owner")], ELIGIBLE, YES),
    ([holds(ME, "Owner", condition=OPEN)], ELIGIBLE, IF),
]


@pytest.mark.parametrize(("around", "kind", "expected"), UNREAD, ids=range(len(UNREAD)))
def test_what_was_not_read_denies_nobody_and_excuses_nobody(around, kind, expected):
    found = answer(around, WRITE, SITE, unread=[kind])

    assert found.answer is expected
    assert bool(found.unknown_because) is (expected is UNKNOWN)


CREDENTIAL = "microsoft.directory/applications/credentials/update"
RESET = "microsoft.directory/users/password/update"
MASTER = directory_definition("Master", "microsoft.directory/applications/allProperties/allTasks")
HELPER = directory_definition("Helper", RESET, "microsoft.directory/users/standard/read")
SEER = directory_definition("Seer", "microsoft.directory/users/allProperties/read")
OWN = directory_definition("Own", CREDENTIAL, condition="$SubjectIsOwner")
APIS = api(r1="Application_ReadWrite_All", r2="User_Read_All")
THE_DIRECTORY = [
    # what stands around, action, on what → the answer
    ([], CREDENTIAL, "/", NO),
    ([MASTER, directory_role(ME, "master")], CREDENTIAL, "/", YES),
    ([MASTER, directory_role(ME, "master")], CREDENTIAL.upper(), "/applications/one", YES),
    ([MASTER, directory_role(ME, "master")], RESET, "/", NO),
    ([MASTER, directory_role(OTHER, "master")], CREDENTIAL, "/", NO),
    ([MASTER, directory_role(ME, "master", "/one")], CREDENTIAL, "/applications/one", YES),
    ([MASTER, directory_role(ME, "master", "/one")], CREDENTIAL, "/applications/two", NO),
    ([MASTER, directory_role(ME, "master", "/one")], CREDENTIAL, "/", NO),
    ([MASTER, directory_role(ME, "master", "/one")], CREDENTIAL, ANY, YES),
    ([HELPER, directory_role(ME, "helper")], RESET, "/users/u1", YES),
    ([HELPER, directory_role(ME, "helper", "/administrativeUnits/a1")], RESET, "/users/u1", IF),
    ([HELPER, directory_role(ME, "helper", "/administrativeUnits/a1")], RESET, ANY, YES),
    ([SEER, directory_role(ME, "seer")], "microsoft.directory/users/standard/read", "/users/u1", YES),
    ([SEER, directory_role(ME, "seer")], "microsoft.directory/users/standard/update", "/users/u1", NO),
    ([OWN, directory_role(ME, "own")], CREDENTIAL, "/applications/one", IF),
    ([directory_role(ME, "nobody-knows")], CREDENTIAL, "/", UNKNOWN),
    ([MASTER, may_rule(ME, "master")], CREDENTIAL, "/", IF),
    ([MASTER, directory_role(TEAM, "master"), group(TEAM, ME)], CREDENTIAL, "/", YES),
    ([application("one", ME)], CREDENTIAL, "/applications/one", YES),
    ([application("one", ME)], "microsoft.directory/applications/owners/update", "/applications/one", YES),
    ([application("one", ME), application("two", OTHER)], CREDENTIAL, "/applications/two", NO),
    ([application("one", ME)], RESET, ANY, NO),
    ([], "microsoft.directory/applications/create", "/", UNKNOWN),  # what members may by default is not read
    ([APIS, app_role(ME, "r1")], "Application.ReadWrite.All", "/", YES),
    ([APIS, app_role(ME, "r1")], "application.readwrite.all", "/", YES),
    ([APIS, app_role(ME, "r1")], "Microsoft.Graph/Application.ReadWrite.All", ANY, YES),
    ([APIS, app_role(ME, "r1")], "User.Read.All", "/", NO),
    ([APIS, app_role(OTHER, "r1")], "Application.ReadWrite.All", "/", NO),
    ([APIS, app_role(ME, "r9")], "Application.ReadWrite.All", "/", UNKNOWN),  # a right without a name
    ([holds(ME, "Owner")], CREDENTIAL, "/", NO),  # two systems
    ([holds(ME, "Owner")], "User.Read.All", "/", NO),
    ([MASTER, directory_role(ME, "master")], WRITE, SITE, NO),
    ([holds(ME, "Owner", "/")], WRITE, "/applications/one", NO),  # no place of Azure
]


@pytest.mark.parametrize(("around", "action", "ref", "expected"), THE_DIRECTORY, ids=range(len(THE_DIRECTORY)))
def test_the_directory_is_a_second_system(around, action, ref, expected):
    assert told(around, action, ref) is expected


DIRECTORY_UNREAD = [
    ("Microsoft.Graph/directoryRoleAssignments", CREDENTIAL, UNKNOWN),
    ("Microsoft.Graph/appRoleAssignments", "User.Read.All", UNKNOWN),
    ("Microsoft.Graph/apis", "User.Read.All", UNKNOWN),
    ("Microsoft.Graph/applications", CREDENTIAL, UNKNOWN),
    ("Microsoft.Graph/directoryRoleAssignments", WRITE, NO),  # of another system
]


@pytest.mark.parametrize(("kind", "action", "expected"), DIRECTORY_UNREAD)
def test_a_directory_that_was_not_read_denies_nobody(kind, action, expected):
    assert told([], action, "/" if action != WRITE else SITE, unread=[kind]) is expected


def test_every_answer_has_its_proof():
    for held, ref, expected in SCOPES:
        found = answer([holds(ME, *held)], WRITE, ref)
        assert bool(found.via) is (expected is YES or found.possible)
        assert found.via == () or found.via[0].written.ref
