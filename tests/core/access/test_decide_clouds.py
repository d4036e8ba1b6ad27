"""`access decide` for Google Cloud and Azure: lines as AWS has them, each by the engine of its cloud.

Sources: "Policy evaluation", "Deny policies", "Overview of IAM Conditions" (IAM documentation); "Understand how access
is evaluated", "Understand Azure role definitions", "List Azure deny assignments" (Azure RBAC documentation).
"""

import io
import json

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from scanners.access.questions import answer, answers

YES, EXPLICIT, IMPLICIT = "Allowed", "ExplicitlyDenied", "ImplicitlyDenied"
ANN, TEAM = "user:ann@shop.example", "group:eng@shop.example"
BOT = "serviceAccount:bot@shop.iam.gserviceaccount.com"
DB = "//secretmanager.googleapis.com/projects/3/secrets/db"
PHOTOS = "//storage.googleapis.com/photos"
READ, OPEN = "secretmanager.versions.access", "storage.objects.get"
ROLES = {"roles/reader": [READ, OPEN], "roles/caller": ["run.routes.invoke"]}
POOL = "iam.googleapis.com/projects/3/locations/global/workloadIdentityPools/ci"


def bound(*members, role="roles/reader", when=None):
    return {"role": role, "members": list(members), **({"condition": {"expression": when}} if when else {})}


def rule(*principals, what="secretmanager.googleapis.com/versions.access", spared=(), but=(), when=None):
    told = {"deniedPrincipals": list(principals), "deniedPermissions": [what], "exceptionPrincipals": list(spared)}
    told |= {"exceptionPermissions": list(but), **({"denialCondition": {"expression": when}} if when else {})}
    return {"denyRule": told}


ALL = "principalSet://goog/public:all"


def google(
    who=ANN, action=READ, on=DB, *, org=(), folder=(), project=(), own=(), deny=(), deny_above=(), mode="strict", **more
):
    levels = [
        {"name": "organizations/1", "bindings": list(org), "deny": list(deny_above)},
        {"name": "folders/2", "bindings": list(folder), "deny": []},
        {"name": "projects/3", "bindings": list(project), "deny": list(deny)},
    ]
    return {
        "id": "q", "provider": "gcp", "mode": mode,
        "request": {"principal": who, "action": action, "resource": on, "context": more.pop("context", {})},
        "policies": {"levels": levels, "resource": {"bindings": list(own)}, **more.pop("policies", {})},
        "roles": ROLES, "groups": {}, **more,
    }  # fmt: skip


DAY = {"request.time": "2026-11-22T10:00:00Z"}
BEFORE, AFTER = 'request.time < timestamp("2026-12-01T00:00:00Z")', 'request.time > timestamp("2026-12-01T00:00:00Z")'
EAST = 'request.host == "east"'
NESTED = {TEAM: ["group:in@shop.example"], "group:in@shop.example": [ANN]}
GOOGLE = [
    # what is asked, the decision, blocked by
    ({}, IMPLICIT, "allow"),
    ({"project": [bound(ANN)]}, YES, None),
    ({"folder": [bound(ANN)]}, YES, None),
    ({"org": [bound(ANN)]}, YES, None),
    ({"own": [bound(ANN)]}, YES, None),
    ({"project": [bound("user:ANN@shop.example")]}, YES, None),
    ({"project": [bound("user:ann@shop.example.org")]}, IMPLICIT, "allow"),
    ({"project": [bound("serviceAccount:ann@shop.example")]}, IMPLICIT, "allow"),
    ({"project": [bound("deleted:user:ann@shop.example?uid=1")]}, IMPLICIT, "allow"),
    ({"project": [bound(ANN, role="roles/caller")]}, IMPLICIT, "allow"),
    ({"project": [bound(ANN)], "action": "secretmanager.versions.destroy"}, IMPLICIT, "allow"),
    ({"project": [bound(ANN)], "deny": [rule(ALL)]}, EXPLICIT, "deny"),
    ({"project": [bound(ANN)], "deny_above": [rule(ALL)]}, EXPLICIT, "deny"),
    ({"deny": [rule(ALL)]}, EXPLICIT, "deny"),
    ({"own": [bound(ANN)], "deny": [rule("principal://goog/subject/ann@shop.example")]}, EXPLICIT, "deny"),
    ({"own": [bound(ANN)], "deny": [rule("principal://goog/subject/bob@shop.example")]}, YES, None),
    ({"own": [bound(ANN)], "deny": [rule(ALL, spared=["principal://goog/subject/ann@shop.example"])]}, YES, None),
    ({"own": [bound(ANN)], "deny": [rule(ALL, what="secretmanager.googleapis.com/versions.destroy")]}, YES, None),
    ({"own": [bound(ANN)], "deny": [rule(ALL, what="secretmanager.googleapis.com/*.*",
                                          but=["secretmanager.googleapis.com/versions.access"])]}, YES, None),
    ({"own": [bound(ANN)], "deny": [{"displayName": "guard", "rules": [rule(ALL)]}]}, EXPLICIT, "deny"),
    ({"own": [bound(ANN)], "deny": [rule("principalSet://goog/group/eng@shop.example")]}, YES, None),
    ({"own": [bound(ANN)], "deny": [rule("principalSet://goog/group/eng@shop.example")], "groups": {TEAM: [ANN]}},
     EXPLICIT, "deny"),
    ({"own": [bound(TEAM)]}, IMPLICIT, "allow"),  # a group that is not listed is empty
    ({"own": [bound(TEAM)], "groups": {TEAM: [ANN]}}, YES, None),
    ({"own": [bound(TEAM)], "groups": {TEAM: ["user:bob@shop.example"]}}, IMPLICIT, "allow"),
    ({"own": [bound(TEAM)], "groups": NESTED}, YES, None),
    ({"own": [bound("allUsers")], "who": "allUsers"}, YES, None),
    ({"own": [bound("allAuthenticatedUsers")], "who": "allUsers"}, IMPLICIT, "allow"),
    ({"own": [bound("allAuthenticatedUsers")]}, YES, None),
    ({"own": [bound("domain:shop.example")]}, YES, None),
    ({"own": [bound(f"principalSet://{POOL}/*")], "who": f"principal://{POOL}/subject/main"}, YES, None),
    ({"own": [bound(f"principalSet://{POOL}/attribute.repo/a")], "who": f"principal://{POOL}/subject/main"},
     IMPLICIT, "allow"),
    ({"own": [bound(ANN, when=BEFORE)], "context": DAY}, YES, None),
    ({"own": [bound(ANN, when=AFTER)], "context": DAY}, IMPLICIT, "allow"),
    ({"own": [bound(ANN, when=BEFORE)]}, IMPLICIT, "allow"),  # no time is told
    ({"own": [bound(ANN, when='request.time.getHours("UTC") == 10')], "context": DAY}, YES, None),
    ({"own": [bound(ANN, when='request.time.getHours("UTC") == 11')], "context": DAY}, IMPLICIT, "allow"),
    ({"own": [bound(ANN, when='resource.name.startsWith("projects/3/secrets/d")')]}, YES, None),
    ({"own": [bound(ANN, when='resource.name.startsWith("projects/3/secrets/e")')]}, IMPLICIT, "allow"),
    ({"own": [bound(ANN, when='resource.type == "x/Y"')], "context": {"resource.type": "x/Y"}}, YES, None),
    ({"own": [bound(ANN, when=EAST)]}, IMPLICIT, "allow"),
    ({"own": [bound(ANN, when=EAST)], "context": {"request.host": "east"}}, YES, None),
    ({"own": [bound(ANN, when=EAST)], "context": {"request.host": "west"}}, IMPLICIT, "allow"),
    ({"own": [bound(ANN, when=f"!({EAST})")]}, IMPLICIT, "allow"),
    ({"own": [bound(ANN, when=f"{EAST} || true")]}, YES, None),
    ({"own": [bound(ANN)], "deny": [rule(ALL, when=EAST)]}, YES, None),
    ({"own": [bound(ANN)], "deny": [rule(ALL, when=EAST)], "context": {"request.host": "east"}}, EXPLICIT, "deny"),
    ({"own": [bound(ANN, when='resource.matchTag("1/env", "prod")')]}, IMPLICIT, "allow"),
    ({"own": [bound(ANN, when='resource.matchTag("1/env", "prod")')], "context": {"resource.tags": {"1/env": "prod"}}},
     YES, None),
    ({"own": [bound(ANN, when="no (CEL")]}, IMPLICIT, "allow"),
    ({"own": [bound(ANN), bound(ANN, when="no (CEL")]}, YES, None),
    ({"own": [bound(ANN), bound(ANN, role="roles/unlisted")]}, YES, None),
    ({"on": PHOTOS, "action": OPEN, "own": [bound(ANN)]}, YES, None),
    ({"on": f"{PHOTOS}/objects/cat", "action": OPEN, "own": [bound(ANN)]}, YES, None),
    ({"on": f"{PHOTOS}/objects/cat", "action": OPEN,
      "own": [bound(ANN, when='resource.name == "projects/_/buckets/photos/objects/cat"')]}, YES, None),
    ({"on": f"{PHOTOS}/objects/dog", "action": OPEN,
      "own": [bound(ANN, when='resource.name == "projects/_/buckets/photos/objects/cat"')]}, IMPLICIT, "allow"),
    ({"on": PHOTOS, "action": OPEN, "own": [bound("allUsers")]}, YES, None),
    ({"on": PHOTOS, "action": OPEN, "own": [bound("allUsers")],
      "settings": {"publicAccessPrevention": "enforced"}}, IMPLICIT, "allow"),
    ({"on": "//bigquery.googleapis.com/projects/3/datasets/d", "own": [bound(ANN)]}, YES, None),
    ({"on": "//elsewhere.googleapis.com/projects/3/things/t", "own": [bound(ANN)]}, YES, None),
    ({"on": "//elsewhere.googleapis.com/projects/3/things/t"}, IMPLICIT, "allow"),
    ({"on": "//elsewhere.googleapis.com/projects/3/things/t", "own": [bound(ANN)],
      "context": {"resource.type": "cloudresourcemanager.googleapis.com/Project"}}, YES, None),
    ({"on": "//iam.googleapis.com/projects/-/serviceAccounts/bot@shop.iam.gserviceaccount.com", "own": [bound(ANN)]},
     YES, None),
    ({"on": "//iam.googleapis.com/projects/shop/serviceAccounts/bot@shop.iam.gserviceaccount.com",
      "own": [bound(ANN)]}, YES, None),
    ({"on": f"{PHOTOS}/objects/a//b", "action": OPEN, "own": [bound(ANN)]}, YES, None),
    ({"on": "//cloudkms.googleapis.com/projects/3/locations/l/keyRings/r/cryptoKeys/k", "own": [bound(ANN)]},
     YES, None),
    ({"on": f"{DB}/versions/1", "own": [bound(ANN)]}, YES, None),
    ({"on": "//run.googleapis.com/projects/shop/locations/l/services/api", "project": [bound(ANN)]}, YES, None),
    ({"on": "//cloudresourcemanager.googleapis.com/projects/3", "folder": [bound(ANN)]}, YES, None),
    ({"on": "//cloudresourcemanager.googleapis.com/folders/2", "folder": [bound(ANN)]}, YES, None),
    ({"on": "//cloudresourcemanager.googleapis.com/folders/2", "project": [bound(ANN)]}, IMPLICIT, "allow"),
    ({"on": "//cloudresourcemanager.googleapis.com/folders/2", "project": [bound(ANN)], "deny_above": [rule(ALL)]},
     EXPLICIT, "deny"),
    ({"on": "//cloudresourcemanager.googleapis.com/organizations/1", "folder": [bound(ANN)]}, IMPLICIT, "allow"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "decision", "blocked"), GOOGLE)
def test_google_decides_what_the_line_says(asked, decision, blocked):
    found = answer(google(**asked))

    assert (found["decision"], found["blocked_by"], found["residual_condition"]) == (decision, blocked, None)


OPEN_GOOGLE = [
    # what is asked in discovery, the decision, part of the residual condition, part of what is unknown
    ({"own": [bound(ANN, when=EAST)]}, YES, EAST, ""),
    ({"own": [bound(ANN, when=BEFORE)]}, YES, "request.time", ""),
    ({"own": [bound(ANN, when=AFTER)], "context": DAY}, IMPLICIT, "", ""),
    ({"own": [bound(ANN)], "deny": [rule(ALL, when=EAST)]}, YES, "not", ""),
    ({"own": [bound(ANN)], "deny": [rule(ALL)]}, EXPLICIT, "", ""),
    ({"own": [bound(TEAM)]}, YES, "", "members of group:eng@shop.example"),
    ({"own": [bound(TEAM)], "groups": {TEAM: []}}, IMPLICIT, "", ""),
    ({"own": [bound(ANN, role="roles/unlisted")]}, YES, "", "roles/unlisted was not read"),
    ({"own": [bound(ANN, when='resource.matchTag("1/env", "prod")')]}, YES, "matchTag", ""),
    ({}, IMPLICIT, "", ""),
]


@pytest.mark.parametrize(("asked", "decision", "residual", "unknown"), OPEN_GOOGLE)
def test_what_google_is_not_told_in_discovery_is_not_known(asked, decision, residual, unknown):
    found = answer(google(mode="discovery", **asked))

    assert found["decision"] == decision
    assert residual in json.dumps(found["residual_condition"]).replace("\\", "")
    assert bool(residual) is (found["residual_condition"] is not None)
    assert unknown in " ".join(found.get("unknown_because", []))
    assert bool(unknown) is ("unknown_because" in found)


@pytest.mark.parametrize("gone", ["bindings", "deny"])
def test_a_level_that_is_not_told_in_full_may_allow_or_deny(gone):
    question = google(mode="discovery", own=[bound(ANN)] if gone == "deny" else [])
    del question["policies"]["levels"][0][gone]

    found = answer(question)

    assert (found["decision"], "unknown_because" in found) == (YES, True)


@pytest.mark.parametrize("section", ["levels", "resource"])
def test_policies_that_are_left_out_are_unknown_in_discovery_and_absent_strictly(section):
    question = google(mode="discovery")
    del question["policies"][section]

    assert answer(question)["decision"] == YES
    assert answer({**question, "mode": "strict"})["decision"] == IMPLICIT


def test_google_says_which_binding_decides():
    found = answer(google(folder=[bound(BOT), bound(ANN)]))

    assert found == {
        "id": "q", "decision": YES, "blocked_by": None, "residual_condition": None,
        "because": [{"layer": "allow", "place": "binding 2", "policy": "allow policy of folders/2", "effect": "Allow",
                     "level": "folders/2"}],
    }  # fmt: skip


HOME = "/subscriptions/s1"
SHOP = f"{HOME}/resourceGroups/shop"
STORE = f"{SHOP}/providers/Microsoft.Storage/storageAccounts/store"
BOX = f"{STORE}/blobServices/default/containers/box"
TOP = "/providers/Microsoft.Management/managementGroups/top"
KEYS = "Microsoft.Storage/storageAccounts/listKeys/action"
BLOB = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"
EVERYONE = "00000000-0000-0000-0000-000000000000"
DEFINITIONS = [
    {"name": "Owner", "permissions": [{"actions": ["*"]}]},
    {"id": f"{HOME}/providers/Microsoft.Authorization/roleDefinitions/ACDD", "name": "Reader",
     "permissions": [{"actions": ["*/read"]}]},
    {"name": "No keys", "permissions": [{"actions": ["Microsoft.Storage/*"], "notActions": [KEYS]}]},
    {"name": "Blobs", "permissions": [{"dataActions": [BLOB]}]},
    {"name": "No blobs", "permissions": [{"dataActions": ["*"], "notDataActions": [BLOB]}]},
]  # fmt: skip


def held(who="me", role="Owner", scope=HOME, **more):
    return {"principalId": who, "role": role, "scope": scope, **more}


def denied(*who, scope=HOME, actions=(KEYS,), **more):
    return {"scope": scope, "principals": list(who), "permissions": [{"actions": list(actions)}], **more}


def azure(*assignments, action=KEYS, on=STORE, who="me", data=None, context=None, mode="strict", **more):
    asked = {"principal": who, "action": action, "resource": on, "context": context or {}}
    return {
        "id": "z", "provider": "azure", "mode": mode, "request": asked if data is None else {**asked, "data": data},
        "assignments": list(assignments), "definitions": DEFINITIONS, "denials": [], "eligible": [], "groups": {},
        **more,
    }  # fmt: skip


NAMED = "@Resource[Microsoft.Storage/storageAccounts/blobServices/containers:name] StringEquals 'box'"
TAGGED = "@Principal[Microsoft.Directory/CustomSecurityAttributes/Id:Team] StringEquals 'red'"
RED = {"@Principal[Microsoft.Directory/CustomSecurityAttributes/Id:Team]": "red"}
SOON = "@Environment[UtcNow] DateTimeLessThan '2026-12-01T00:00:00Z'"
AZURE = [
    # assignments, what else is asked, the decision, blocked by
    ([], {}, IMPLICIT, "assignments"),
    ([held()], {}, YES, None),
    ([held("ME")], {}, YES, None),
    ([held("you")], {}, IMPLICIT, "assignments"),
    ([held(scope="/")], {}, YES, None),
    ([held(scope=TOP)], {}, YES, None),
    ([held(scope=SHOP)], {}, YES, None),
    ([held(scope=SHOP.upper())], {}, YES, None),
    ([held(scope=STORE)], {}, YES, None),
    ([held(scope=f"{HOME}/resourceGroups/sho")], {}, IMPLICIT, "assignments"),
    ([held(scope="/subscriptions/s2")], {}, IMPLICIT, "assignments"),
    ([held(scope=BOX)], {}, IMPLICIT, "assignments"),
    ([held(role="Reader")], {}, IMPLICIT, "assignments"),
    ([held(role="Reader")], {"action": "Microsoft.Storage/storageAccounts/read"}, YES, None),
    ([{"principalId": "me", "scope": HOME, "roleDefinitionId": f"{TOP}/roleDefinitions/acdd"}],
     {"action": "Microsoft.Storage/storageAccounts/READ"}, YES, None),
    ([held(role="No keys")], {}, IMPLICIT, "assignments"),
    ([held(role="No keys"), held()], {}, YES, None),  # a subtraction is no denial
    ([held()], {"action": BLOB, "on": BOX, "data": True}, IMPLICIT, "assignments"),
    ([held(role="Blobs")], {"action": BLOB, "on": BOX, "data": True}, YES, None),
    ([held(role="Blobs")], {"action": BLOB, "on": BOX, "data": False}, IMPLICIT, "assignments"),
    ([held(role="Blobs")], {"action": BLOB, "on": BOX}, YES, None),  # the roles tell the plane
    ([held(role="No blobs")], {"action": BLOB, "on": BOX, "data": True}, IMPLICIT, "assignments"),
    ([held()], {"denials": [denied("me")]}, EXPLICIT, "deny"),
    ([held()], {"denials": [denied({"id": "me", "type": "User"})]}, EXPLICIT, "deny"),
    ([held()], {"denials": [denied(EVERYONE)]}, EXPLICIT, "deny"),
    ([held()], {"denials": [denied(EVERYONE, excludePrincipals=["me"])]}, YES, None),
    ([held()], {"denials": [denied("you")]}, YES, None),
    ([held()], {"denials": [denied("me", actions=["*/read"])]}, YES, None),
    ([held()], {"denials": [denied("me", doNotApplyToChildScopes=True)]}, YES, None),
    ([held()], {"denials": [denied("me", scope=STORE, doNotApplyToChildScopes=True)]}, EXPLICIT, "deny"),
    ([held()], {"denials": [denied("me", scope="/subscriptions/s2")]}, YES, None),
    ([], {"denials": [denied("me")]}, EXPLICIT, "deny"),
    ([held("team", principalType="Group")], {}, IMPLICIT, "assignments"),
    ([held("team", principalType="Group")], {"groups": {"Team": ["me"]}}, YES, None),
    ([held("team")], {"groups": {"team": ["ME"]}}, YES, None),
    ([held("team")], {"groups": {"team": ["you"]}}, IMPLICIT, "assignments"),
    ([held("team")], {"groups": {"team": ["inner"], "inner": ["me"]}}, YES, None),
    ([held("team")], {"groups": {"team": ["inner"], "inner": ["team"]}}, IMPLICIT, "assignments"),
    ([held()], {"groups": {"team": ["me"]}, "denials": [denied("team")]}, EXPLICIT, "deny"),
    ([held()], {"groups": {"team": ["me"]}, "denials": [denied(EVERYONE, excludePrincipals=["team"])]}, YES, None),
    ([], {"eligible": [held()]}, IMPLICIT, "assignments"),
    ([held(role="Blobs", condition=NAMED)], {"action": BLOB, "on": BOX}, YES, None),
    ([held(role="Blobs", condition=NAMED)], {"action": BLOB, "on": BOX.replace("box", "bag")}, IMPLICIT, "assignments"),
    ([held(condition=TAGGED)], {}, IMPLICIT, "assignments"),
    ([held(condition=TAGGED)], {"context": RED}, YES, None),
    ([held(condition=TAGGED)], {"context": {next(iter(RED)).upper(): ["red"]}}, YES, None),
    ([held(condition=TAGGED)], {"context": {next(iter(RED)): "blue"}}, IMPLICIT, "assignments"),
    ([held(condition=f"NOT {TAGGED}")], {}, IMPLICIT, "assignments"),
    ([held(condition=f"!(ActionMatches{{'*/read'}}) OR {TAGGED}")], {}, YES, None),
    ([held(condition=SOON)], {}, IMPLICIT, "assignments"),
    ([held(condition=SOON)], {"context": {"Environment[UtcNow]": "2026-11-22T10:00:00Z"}}, YES, None),
    ([held(condition=SOON)], {"context": {"Environment[UtcNow]": "2027-11-22T10:00:00Z"}}, IMPLICIT, "assignments"),
    ([held(condition="no condition (")], {}, IMPLICIT, "assignments"),
    ([held()], {"denials": [denied("me", condition=TAGGED)]}, YES, None),
    ([held()], {"denials": [denied("me", condition=TAGGED)], "context": RED}, EXPLICIT, "deny"),
    ([held(), held(role="Undefined")], {}, YES, None),
]  # fmt: skip


@pytest.mark.parametrize(("assignments", "more", "decision", "blocked"), AZURE)
def test_azure_decides_what_the_line_says(assignments, more, decision, blocked):
    found = answer(azure(*assignments, **more))

    assert (found["decision"], found["blocked_by"], found["residual_condition"]) == (decision, blocked, None)


OPEN_AZURE = [
    ([held(condition=TAGGED)], {}, YES, "Team", ""),
    ([held(condition=SOON)], {}, YES, "utcnow", ""),
    ([], {"eligible": [held()]}, YES, "activate", ""),
    ([held()], {"denials": [denied("me", condition=TAGGED)]}, YES, "not", ""),
    ([held("team", principalType="Group")], {}, YES, "", "groups was not read"),
    ([held("somebody")], {}, YES, "", "groups was not read"),
    ([held("bob", principalType="User")], {}, IMPLICIT, "", ""),
    ([held(role="Undefined")], {}, YES, "", "the role undefined was not read"),
    ([held()], {"denials": None}, YES, "", "denials was not read"),
    ([], {"assignments": None}, YES, "", "assignments was not read"),
    ([], {"eligible": None}, YES, "", "eligible was not read"),
    ([held()], {"denials": [denied("me")]}, EXPLICIT, "", ""),
    ([], {}, IMPLICIT, "", ""),
]


@pytest.mark.parametrize(("assignments", "more", "decision", "residual", "unknown"), OPEN_AZURE)
def test_what_azure_is_not_told_in_discovery_is_not_known(assignments, more, decision, residual, unknown):
    found = answer(azure(*assignments, mode="discovery", **more))

    assert found["decision"] == decision
    assert residual.casefold() in json.dumps(found["residual_condition"]).casefold()
    assert bool(residual) is (found["residual_condition"] is not None)
    assert unknown in " ".join(found.get("unknown_because", []))
    assert bool(unknown) is ("unknown_because" in found)


def test_azure_says_which_assignment_decides_and_by_which_group():
    found = answer(azure(held("team"), groups={"team": ["me"]}))

    assert found["because"] == [
        {"layer": "assignments", "place": "assignment on the subscription, through the group team", "policy": "Owner",
         "effect": "Allow", "level": "the subscription"}
    ]  # fmt: skip


REFUSED = [
    ({"provider": "oracle"}, "there is no provider 'oracle'; there are aws, gcp, azure"),
    ({"provider": ["gcp"]}, "there is no provider"),
    (google(mode="perhaps"), "mode is neither strict nor discovery"),
    ({"provider": "gcp"}, "request is not an object"),
    ({**google(), "policies": None}, "policies is not an object"),
    ({**google(), "policies": {"levels": {}}}, "policies.levels is not a list"),
    ({**google(), "policies": {"levels": [{"name": "3"}]}}, "the level '3' is not named as projects/3 is"),
    ({**google(), "policies": {"levels": [{"name": "projects/3"}, {"name": "folders/2"}]}}, "the highest first"),
    ({**google(), "policies": {"levels": [{"name": "folders/2"}, {"name": "folders/2"}]}}, "the highest first"),
    ({**google(), "policies": {"levels": [{"name": "projects/4"}]}}, "the resource is of the project 3"),
    (google("bob"), "the principal 'bob' is not spelled as user:… is"),
    (google("deleted:user:a@b?uid=1"), "has been deleted"),
    (google(action="everything"), "is no permission"),
    (google(on="photos"), "request.resource is no full resource name"),
    (google(on=DB + "/" * 5000), "request.resource is no full resource name"),
    (google(project=["x"]), "projects/3: bindings is not a list of objects"),
    (google(project=[{"role": 1}]), "projects/3: a binding's role is not a text"),
    (google(own=[{"role": "roles/reader", "members": [1]}]), "members is not a list of texts"),
    (google(own=[bound(ANN) | {"condition": {"expression": 1}}]), "expression is not a text"),
    (google(deny=[{"denyRule": []}]), "denyRule is not an object"),
    (google(groups={"user:x@y": []}), "is no group"),
    (google(groups={TEAM: ["allUsers"]}), "cannot be a member of a group"),
    (google(roles={"roles/reader": "x"}), "roles: roles/reader is not a list"),
    (google(context={"request.time": "today"}), "request.time is no time"),
    (google(context={"request.host": {}}), "context request.host is neither"),
    (google(own=[bound(ANN, role="roles/unlisted")]), "roles/unlisted is bound at"),
    (google(on="//cloudresourcemanager.googleapis.com/folders/7"), "folders/7 is none of policies.levels"),
    ({"provider": "azure"}, "request is not an object"),
    (azure(on="store"), "request.resource is no id as /subscriptions/… is"),
    (azure(on="/" * 5000), "request.resource is no id as /subscriptions/… is"),
    (azure(on="/subscriptions/*"), "an id with stars names many things"),
    (azure(who=1), "request.principal is not a text"),
    (azure(who="/users/me"), "request.principal is no object id"),
    (azure(action="*"), "names many actions"),
    (azure(action="microsoft.directory/applications/create"), "is of the directory"),
    (azure(data="yes"), "request.data is not true or false"),
    (azure({"principalId": "me", "scope": HOME}), "assignments 1: it has neither roleDefinitionId nor role"),
    (azure(held(scope=3)), "assignments 1: scope is not a text"),
    (azure(held(condition={})), "assignments 1: condition is not a text"),
    (azure(held(role="Undefined")), "the role undefined is assigned and not listed under definitions"),
    (azure(definitions=[{}]), "definitions 1: it has neither id nor name"),
    (azure(definitions=[{"name": "x", "permissions": [{"actions": [1]}]}]), "actions is not a list of texts"),
    (azure(denials=[denied(1)]), "denials 1: principals is not a list of object ids"),
    (azure(groups=[]), "groups is not an object"),
    (azure(context={"Resource[a/b:c]": {}}), "is neither a text"),
    (azure(context={"Environment[UtcNow]": "today"}), "is no time"),
]


@pytest.mark.parametrize(("question", "why"), REFUSED)
def test_a_line_that_cannot_be_understood_is_told_in_one_sentence(question, why):
    found = answer({**question, "id": 7})

    assert set(found) == {"id", "error"}
    assert found["id"] == 7
    assert why in found["error"]
    assert "\n" not in found["error"]


def test_questions_of_three_clouds_stand_in_one_file_and_are_answered_in_order(tmp_path):
    aws = {"suite": "arnoverlap", "a": "arn:aws:s3:::a*", "b": "arn:aws:s3:::ab"}
    lines = [google(own=[bound(ANN)]), aws, {"provider": "oracle"}, azure(held()), {**aws, "provider": "aws"}]
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(json.dumps({**line, "id": number}) for number, line in enumerate(lines)))
    out = io.StringIO()

    with pytest.raises(SystemExit) as end:
        call_command("access", "decide", str(file), stdout=out)

    found = [json.loads(line) for line in out.getvalue().splitlines()]
    assert end.value.code == 1
    assert [one["id"] for one in found] == [0, 1, 2, 3, 4]
    assert [next(iter(set(one) & {"decision", "overlaps", "error"})) for one in found] == [
        "decision", "overlaps", "error", "decision", "overlaps",
    ]  # fmt: skip


WORDS = st.sampled_from(
    ["", "*", "/", "me", ANN, TEAM, "roles/reader", HOME, STORE, DB, KEYS, READ, "projects/3", "a" * 5000, NAMED, EAST]
)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
FULL = (
    google(own=[bound(ANN, when=EAST)], deny=[rule(ALL, when=EAST)], groups=NESTED, context=DAY),
    azure(held(condition=TAGGED), denials=[denied("you")], eligible=[held()], groups={"team": ["me"]}, context=RED),
)


def places(part, path=()):
    yield path
    if isinstance(part, dict | list):
        for key in part if isinstance(part, dict) else range(len(part)):
            yield from places(part[key], (*path, key))


def changed(part, path, junk):
    if not path:
        return junk
    copy = dict(part) if isinstance(part, dict) else list(part)
    copy[path[0]] = changed(part[path[0]], path[1:], junk)
    return copy


PLACES = [(one, path) for one in FULL for path in places(one) if path]


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(PLACES), JUNK, st.sampled_from(["strict", "discovery"]))
def test_whatever_stands_in_a_line_it_has_an_answer_or_an_error(place, junk, mode):
    question, path = place

    found = answer(changed({**question, "mode": mode}, path, junk))

    assert found.get("decision") in (YES, EXPLICIT, IMPLICIT) or isinstance(found["error"], str)
    assert json.dumps(found)


def test_lines_that_are_huge_or_nested_absurdly_are_answered():
    deep = '{"provider":"gcp","id":1,"request":' + "[" * 100_000 + "]" * 100_000 + "}"
    much = azure(*(held(f"p{number}") for number in range(5_000)))
    long = google(own=[bound(ANN, when=" || ".join(["false"] * 20_000))])

    found = list(answers([deep, json.dumps(much), json.dumps(long)]))

    assert len(found) == 3
    assert found[1]["decision"] == IMPLICIT
