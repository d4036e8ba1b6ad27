"""True of every subscription: grants take nothing away, denials give nothing, and nothing hostile breaks it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanners.access.azure import ASSIGNMENT, DEFINITION, DENIAL, ELIGIBLE, GROUP, MEMBERS, covers, definition, denied
from scanners.access.azure.conditions import Facts, weighed
from scanners.access.azure.engine import AzureEngine
from scanners.access.azure.rights import allows, held_by
from scanners.access.explorer import Answer, Principal, Target
from tests.core.azure import (
    ABOVE,
    EVERYWHERE,
    HOME,
    KNOWN,
    ME,
    OTHER,
    SHOP,
    TEAM,
    application,
    case,
    denies,
    directory_definition,
    directory_role,
    group,
    holds,
    may_hold,
    principal,
    subscription,
)
from tests.core.cases import resource

SITE = f"{SHOP}/providers/Microsoft.Web/sites/orders"
RANK = {Answer.DENIED: 0, Answer.UNKNOWN: 1, Answer.IF: 2, Answer.ALLOWED: 3}
WHO = Principal(ME, ME, "user")
scopes = st.sampled_from(["/", ABOVE, HOME, SHOP, SITE, f"{HOME}/resourceGroups/rest", f"{SHOP}p"])
names = st.sampled_from(["Owner", "Contributor", "Administrator", "Reader", "Publisher", "Blob"])
whose = st.sampled_from([ME, OTHER, TEAM])
actions = st.sampled_from([
    "Microsoft.Web/sites/write", "Microsoft.Web/sites/read", "Microsoft.Web/sites/publish/action",
    "Microsoft.Authorization/roleAssignments/write", "Microsoft.Storage/storageAccounts/blobServices/containers/read",
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
])  # fmt: skip
targets = st.sampled_from(["*", "/", ABOVE, HOME, SHOP, SITE])
conditions = st.sampled_from([
    None, None, None, "@Environment[isPrivateLink] BoolEquals true", "1 NumericEquals 2", "1 NumericEquals 1",
    "rubbish",
])  # fmt: skip


@st.composite
def grants(draw, make=holds):
    who = draw(whose)
    condition = draw(conditions)
    more = {"condition": condition} if condition else {}
    return make(who, draw(names), draw(scopes), "Group" if who == TEAM else "User", **more)


@st.composite
def denials(draw):
    more = {"condition": found} if (found := draw(conditions)) else {}
    return denies(
        draw(st.sampled_from([ME, OTHER, TEAM, EVERYWHERE])),
        draw(st.sampled_from(["*", "*/write", "Microsoft.Web/*"])),
        scope=draw(scopes),
        spared=draw(st.sampled_from(["", ME, TEAM])),
        doNotApplyToChildScopes=draw(st.booleans()),
        **more,
    )


@st.composite
def estates(draw):
    held = draw(st.lists(grants() | grants(may_hold), max_size=5))
    return [*held, *draw(st.lists(denials(), max_size=3)), group(TEAM, draw(st.sampled_from([ME, OTHER])))]


def engine(around):
    by_ref = {(one.kind, one.ref): one for one in around}
    return AzureEngine(case(subscription(), *by_ref.values()).estate())


def read(around, action, ref):
    return RANK[engine(around).decide(WHO, action, Target(ref)).read]


@settings(max_examples=80, deadline=None)
@given(estates(), grants() | grants(may_hold), actions, targets)
def test_one_more_assignment_takes_nothing_away(around, more, action, ref):
    assert read([more, *around], action, ref) >= read(around, action, ref)


@settings(max_examples=80, deadline=None)
@given(estates(), denials(), actions, targets)
def test_one_more_denial_gives_nothing(around, more, action, ref):
    assert read([*around, more], action, ref) <= read(around, action, ref)


@settings(max_examples=60, deadline=None)
@given(estates())
def test_what_is_sure_is_possible_and_decided_so(around):
    on = engine(around)

    found = on.held(WHO)

    assert found.sure <= found.possible
    for action in sorted(found.possible)[:20]:
        decided = on.decide(WHO, action, Target("*"))
        assert decided.possible
        assert (decided.read is Answer.ALLOWED) is (action in found.sure)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.builds(lambda who, name, scope: holds(who, name, scope, "Group" if who == TEAM else "User"),
                       whose, names, scopes), max_size=5),
    st.lists(st.builds(lambda who, what, scope: denies(who, what, scope=scope), st.sampled_from([ME, TEAM, EVERYWHERE]),
                       st.sampled_from(["*/write", "Microsoft.Web/*"]), scopes), max_size=2),
    actions, st.sampled_from([HOME, SHOP, SITE]),
)  # fmt: skip
def test_without_conditions_it_is_what_each_assignment_gives_less_what_is_denied(held, against, action, ref):
    around = [*held, *{one.ref: one for one in against}.values(), group(TEAM, ME)]
    on = engine(around)
    data = "/blobs/" in action

    by_hand = any(
        covers(grant.scope, ref) and allows(definition(grant, on.estate), action, data=data)
        for grant, _, _ in held_by([ME], on.estate)
    ) and not denied([ME, TEAM], action, ref, on.estate, data=data)

    assert (on.decide(WHO, action, Target(ref)).answer is Answer.ALLOWED) is by_hand


@settings(max_examples=100, deadline=None)
@given(estates(), actions, targets)
def test_the_edits_that_are_told_are_never_told_of_an_unknown_answer(around, action, ref):
    found = engine(around).explain(WHO, action, Target(ref, "it"))

    assert not (found.would_change and found.row.decided.answer is Answer.UNKNOWN)
    assert found.layers


# hostile

junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just(ME),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["id", "type", "actions", "permissions", "scope", "principalId", "condition", "value", "rolePermissions"]
    ), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
FIELDS = {
    ASSIGNMENT: ("principalId", "scope", "roleDefinitionId", "principalType", "condition"),
    ELIGIBLE: ("principalId", "scope", "roleDefinitionId", "principalType", "condition"),
    DEFINITION: ("roleName", "type", "permissions", "assignableScopes"),
    DENIAL: ("denyAssignmentName", "scope", "permissions", "principals", "excludePrincipals", "condition"),
}
IN_GRAPH = {
    "Microsoft.Graph/servicePrincipals": ("servicePrincipalType", "appOwnerOrganizationId"),
    "Microsoft.Graph/apis": ("appRoles",),
    "Microsoft.Graph/appRoleAssignments": ("principalId", "appRoleId", "resourceId", "principalType"),
    "Microsoft.Graph/directoryRoleAssignments": ("principalId", "roleDefinitionId", "directoryScopeId", "principal"),
    "Microsoft.Graph/directoryRoleDefinitions": ("templateId", "rolePermissions"),
    "Microsoft.Web/sites": ("identity", "kind", "properties"),
}


@st.composite
def rubbish(draw):
    kind = draw(st.sampled_from([*FIELDS, *IN_GRAPH, GROUP, "Microsoft.Graph/applications"]))
    told = {field: draw(junk) for field in FIELDS.get(kind) or IN_GRAPH.get(kind) or ("x",)}
    body = {"properties": told} if kind in FIELDS else told
    more = {GROUP: {MEMBERS: draw(junk)}, "Microsoft.Graph/applications": {"applications.owners.list": draw(junk)}}
    return resource(kind, f"/odd/{draw(st.integers(0, 9))}", region="global", resource=body, **more.get(kind, {}))


@settings(max_examples=50, deadline=None)
@given(st.lists(rubbish(), min_size=1, max_size=4), estates())
def test_nothing_that_a_cloud_tells_breaks_the_engine(odd, around):
    on = engine([*around, *odd])

    on.held(WHO)
    for who in (*on.principals()[:2], WHO):
        for action in ("Microsoft.Web/sites/write", "microsoft.directory/users/password/update", "User.Read.All"):
            on.explain(who, action, Target("*"))
            on.explain(who, action, Target(SITE))
    on.who_can("Microsoft.Web/sites/write", on.target("*"))
    on.right_size(WHO)
    assert on.gaps == tuple(on.gaps)


@given(st.text(alphabet="@()[]{}!&|'\\ ,:aR*?<>$", max_size=60) | st.text(max_size=40))
def test_no_condition_breaks_the_reader(text):
    found = weighed(text, Facts("Microsoft.Web/sites/write"))

    assert bool(found.words) is (found.holds == 1)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 60_000, "!" * 60_000, "'" * 60_000, "@Resource[" * 6_000, "1 NumericEquals 1 AND " * 2_000 + "a",
        "{" + "'x'," * 15_000 + "'y'} ForAllOfAllValues:StringEquals {'x'}",
        "'" + "a" * 30_000 + "' StringLike '" + "*a" * 10_000 + "b'", "(" * 60 + ")" * 60, "\0" * 100,
    ],
    ids=range(9),
)  # fmt: skip
def test_a_long_condition_is_read_in_time(text):
    begin = time.process_time()

    weighed(text, Facts("x"))

    assert time.process_time() - begin < 3


def test_thousands_of_equal_assignments_and_members_are_decided_in_time():
    many = [holds(ME, "Reader", f"{HOME}/resourceGroups/g{number}") for number in range(3_000)]
    on = engine([*many, group(TEAM, *(f"m{number}" for number in range(3_000)))])
    begin = time.process_time()

    found = on.who_can("Microsoft.Web/sites/write", on.target("*"))

    assert found.asked > 3_000
    assert time.process_time() - begin < 5


def test_the_directory_and_the_subscription_are_asked_of_the_same_people():
    on = engine([principal(ME), application("one", ME), directory_definition("M", "a/b"), directory_role(OTHER, "m")])

    assert {ME, OTHER} <= {one.ref for one in on.principals()}
    assert len(KNOWN) == 6
