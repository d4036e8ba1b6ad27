"""Principal access boundaries: who is subject to one, what it takes and what not, and what was not read of them.

Sources: "Principal access boundary policies", "Permissions that principal access boundary policies block" (IAM
documentation), read 2026-11.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanners.access.explorer import Answer
from scanners.access.gcp.boundaries import reach_of
from scanners.access.questions import answer
from scanners.catalog.boundaries import versions
from tests.core.access.google_worlds import APP, DB, HOME, folder, group, home, organization, policy, world
from tests.core.cases import refused, resource

ANN, EVE, TEAM = "user:ann@shop.example", "user:eve@gmail.com", "group:eng@shop.example"
ROBOT = f"serviceAccount:{APP}"
POD = "principal://iam.googleapis.com/projects/42/locations/global/workloadIdentityPools/ci/subject/x"
STAFF = "principal://iam.googleapis.com/locations/global/workforcePools/staff/subject/ann"
READ, ACCESSOR = "secretmanager.versions.access", "roles/secretmanager.secretAccessor"
CALL, INVOKER = "run.routes.invoke", "roles/run.invoker"
MANAGER = "//cloudresourcemanager.googleapis.com"
ORG, FIFTH, SHOP = f"{MANAGER}/organizations/9", f"{MANAGER}/folders/5", f"{MANAGER}/projects/shop"
ELSEWHERE = f"{MANAGER}/projects/77"
CI = "//iam.googleapis.com/projects/42/locations/global/workloadIdentityPools/ci"
WORKFORCE = "//iam.googleapis.com/locations/global/workforcePools/staff"
DIRECTORY = "//iam.googleapis.com/locations/global/workspace/C01"
PEOPLE = "principal.type == 'iam.googleapis.com/WorkspaceIdentity'"


def boundary(*resources, name="b", version="4"):
    details = {"rules": [{"resources": list(resources), "effect": "ALLOW"}], "enforcementVersion": version}
    return {"name": f"organizations/9/locations/global/principalAccessBoundaryPolicies/{name}", "details": details}


def bind(target, name="b", when=None, kind="PRINCIPAL_ACCESS_BOUNDARY"):
    made = boundary(name=name)["name"]
    condition = {"condition": {"title": "when", "expression": when}} if when else {}
    return {"target": {"principalSet": target}, "policyKind": kind, "policy": made, **condition}


def bounded(*bindings, policies=None, at="organization", who=ANN, role=ACCESSOR, groups=()):
    """The project, in which `who` may read secrets, and who is bound to what at a level."""
    known = [boundary(ELSEWHERE)] if policies is None else policies
    own = {"policyBindings": list(bindings)}
    about = {"organizations.get": {"displayName": "shop.example", "directoryCustomerId": "C01"}}
    top = {"principalAccessBoundaryPolicies": known, **about, **(own if at == "organization" else {})}
    bottom = home((role, who), **(own if at == "project" else {}))
    middle = folder(**(own if at == "folder" else {}))
    return world(bottom, middle, organization(**top), *groups)


def decided(engine, who=ANN, permission=READ, on=DB):
    return engine.decide(engine.principal(who), permission, engine.target(on))


SUBJECTS = [
    # who, bound to, at, the answer
    (ANN, ORG, "organization", "denied"),
    (ROBOT, ORG, "organization", "denied"),
    (EVE, ORG, "organization", "allowed"),  # nobody of the organisation
    (ANN, FIFTH, "folder", "allowed"),  # people stand in no folder
    (ROBOT, FIFTH, "folder", "denied"),
    (ROBOT, SHOP, "project", "denied"),
    (ROBOT, f"{MANAGER}/projects/42", "project", "denied"),
    (ANN, SHOP, "project", "allowed"),
    (POD, CI, "project", "denied"),
    (POD, f"{CI}2", "project", "allowed"),
    (POD, SHOP, "project", "denied"),
    (STAFF, WORKFORCE, "organization", "denied"),
    (STAFF, SHOP, "project", "allowed"),
    (STAFF, ORG, "organization", "unknown"),  # whose the pool is was not read
    (ANN, DIRECTORY, "organization", "denied"),
    (ROBOT, DIRECTORY, "organization", "allowed"),
    ("user:zoe@else.example", ORG, "organization", "unknown"),  # which domains belong to it was not read
    (TEAM, ORG, "organization", "allowed_if"),
    ("allAuthenticatedUsers", ORG, "organization", "allowed"),
    (ROBOT, "//strange.example/x", "organization", "unknown"),
]


@pytest.mark.parametrize(("who", "target", "at", "expected"), SUBJECTS)
def test_who_is_of_a_set_is_subject_to_what_is_bound_to_it(who, target, at, expected):
    engine = bounded(bind(target), at=at, who=who)

    assert str(decided(engine, who).answer) == expected


PLACES = [
    # what the boundaries hold, the answer
    ([ORG], "allowed"),
    ([FIFTH], "allowed"),
    ([SHOP], "allowed"),
    ([f"{MANAGER}/projects/42"], "allowed"),
    ([ELSEWHERE, SHOP], "allowed"),
    ([ELSEWHERE], "denied"),
    ([f"{MANAGER}/projects/4"], "denied"),
    ([DB], "denied"),  # no level: such a rule holds nothing
    ([], "denied"),
]


@pytest.mark.parametrize(("resources", "expected"), PLACES)
def test_a_boundary_holds_its_levels_and_what_stands_below(resources, expected):
    engine = bounded(bind(ORG), policies=[boundary(*resources)])

    assert str(decided(engine).answer) == expected


def test_one_boundary_that_holds_the_resource_is_enough():
    policies = [boundary(ELSEWHERE), boundary(SHOP, name="wide")]

    assert decided(bounded(bind(ORG), bind(ORG, "wide"), policies=policies)).answer is Answer.ALLOWED
    assert decided(bounded(bind(ORG), bind(DIRECTORY, "wide"), policies=policies)).answer is Answer.ALLOWED
    assert decided(bounded(bind(ORG), bind(WORKFORCE, "wide"), policies=policies)).answer is Answer.DENIED


VERSIONS = [
    # of the boundary, permission, role, the answer
    ("1", READ, ACCESSOR, "allowed"),
    ("3", READ, ACCESSOR, "allowed"),
    ("4", READ, ACCESSOR, "denied"),
    ("latest", READ, ACCESSOR, "denied"),
    ("", READ, ACCESSOR, "denied"),
    ("5", READ, ACCESSOR, "denied"),  # later versions block what earlier ones do
    ("4", CALL, INVOKER, "allowed"),
    ("5", CALL, INVOKER, "unknown"),
    ("odd", READ, ACCESSOR, "unknown"),
    ("²", READ, ACCESSOR, "unknown"),
]


@pytest.mark.parametrize(("version", "permission", "role", "expected"), VERSIONS)
def test_a_boundary_takes_what_its_enforcement_version_can_block(version, permission, role, expected):
    engine = bounded(bind(ORG), policies=[boundary(ELSEWHERE, version=version)], role=role)

    assert str(decided(engine, permission=permission, on="api" if permission == CALL else DB).answer) == expected


def test_a_row_spares_what_a_later_version_may_block():
    taken = [reach_of(version).takes("pubsub.subscriptions.consume") for version in ("1", "2", "3")]

    assert taken == [0, 0, 2]
    assert reach_of("2").takes("resourcemanager.projects.setIamPolicy") == 2
    assert reach_of("4").takes("resourcemanager.projects.deletePolicyBinding") == 0


def test_every_version_adds_to_the_one_before():
    assert list(versions().versions) == ["1", "2", "3", "4"]
    assert all(row.blocks for row in versions().versions.values())


def test_a_boundary_that_cannot_block_the_permission_and_alone_holds_the_resource_leaves_it_unknown():
    policies = [boundary(ELSEWHERE), boundary(SHOP, name="old", version="1")]
    engine = bounded(bind(ORG), bind(ORG, "old"), policies=policies)

    found = decided(engine)

    assert (found.answer, found.read) == (Answer.UNKNOWN, Answer.ALLOWED)
    assert "told in two ways" in found.unknown_because[0]


CONDITIONS = [
    # of the binding, who, the answer
    (PEOPLE, ANN, "denied"),
    (PEOPLE, ROBOT, "allowed"),
    (f"principal.subject == '{APP}'", ROBOT, "denied"),
    (f"principal.subject != '{APP}'", ROBOT, "allowed"),
    (f"principal.subject in ['x', '{APP}']", ROBOT, "denied"),
    ("principal.subject.endsWith('@shop.example')", ANN, "denied"),
    ("principal.type == 'iam.googleapis.com/ServiceAccount' && principal.subject.startsWith('bot')", ROBOT, "allowed"),
    ("principal.subject == 'x'", POD, "allowed_if"),
    ("what is this", ANN, "unknown"),
]


@pytest.mark.parametrize(("when", "who", "expected"), CONDITIONS)
def test_a_condition_tells_whom_a_binding_means(when, who, expected):
    engine = bounded(bind(ORG if who != POD else CI, when=when), who=who)

    assert str(decided(engine, who).answer) == expected


def test_what_is_left_of_a_condition_is_told():
    found = decided(bounded(bind(CI, when="principal.subject == 'x'"), who=POD), POD)

    assert found.condition == "unless the caller is “x”"
    assert found.residual == {"not": {"cel": "principal.subject == 'x'"}}


def test_a_boundary_that_may_not_mean_the_caller_makes_it_eligible_for_nothing_surely():
    policies = [boundary(ELSEWHERE), boundary(SHOP, name="wide")]
    engine = bounded(bind(CI), bind(CI, "wide", when="principal.subject == 'x'"), policies=policies, who=POD)

    found = decided(engine, POD)

    assert (found.answer, found.condition) == (Answer.IF, "unless not (the caller is “x”)")


def test_bindings_of_other_policies_and_of_deleted_ones_bind_nobody():
    assert decided(bounded(bind(ORG, kind="ACCESS"))).answer is Answer.ALLOWED
    assert decided(bounded(bind(ORG, "gone"))).answer is Answer.ALLOWED


def test_a_boundary_of_another_organisation_is_not_known():
    foreign = {**bind(ORG), "policy": boundary()["name"].replace("organizations/9", "organizations/8")}

    found = decided(bounded(foreign))

    assert (found.answer, found.read) == (Answer.UNKNOWN, Answer.ALLOWED)


# what was not read


def blind(section, **more):
    documents = {"iamPolicy": {}, "policies.get": {}, "organizations.get": {"displayName": "shop.example"}, **more}
    documents.pop(section, None)
    gaps = {section: refused("policyBindings.list")}
    return resource(organization().kind, ORG, region="global", gaps=gaps, **documents)


def test_bindings_that_were_not_read_may_take_what_boundaries_can_block():
    top = blind("policyBindings", principalAccessBoundaryPolicies=[])
    engine = world(home((ACCESSOR, ANN), (INVOKER, ANN), (ACCESSOR, EVE)), top)

    found = decided(engine)

    assert (found.answer, found.read) == (Answer.UNKNOWN, Answer.ALLOWED)
    assert "the boundaries bound at organizations/9 were not read" in found.unknown_because[0]
    assert decided(engine, permission=CALL, on="api").answer is Answer.ALLOWED
    assert decided(engine, EVE).answer is Answer.ALLOWED
    assert decided(engine, permission="storage.objects.get").answer is Answer.DENIED
    assert any("boundaries bound at organizations/9" in why for why in engine.gaps)


def test_who_is_eligible_by_what_was_read_stays_so():
    top = blind("policyBindings", principalAccessBoundaryPolicies=[boundary(SHOP)])
    engine = world(home((ACCESSOR, ROBOT), policyBindings=[bind(SHOP)]), top)

    assert decided(engine, ROBOT).answer is Answer.ALLOWED


def test_policies_that_were_not_read_matter_where_one_is_bound():
    assert decided(
        world(home((ACCESSOR, ANN)), blind("principalAccessBoundaryPolicies", policyBindings=[]))
    ).answer is (Answer.ALLOWED)
    found = decided(world(home((ACCESSOR, ANN)), blind("principalAccessBoundaryPolicies", policyBindings=[bind(ORG)])))
    assert (found.answer, found.read) == (Answer.UNKNOWN, Answer.ALLOWED)


@pytest.mark.parametrize(
    "odd", [{}, {"target": 3}, {"target": {"principalSet": []}}, 7, None, {"policy": 1}, [], {"condition": []}]
)
def test_what_is_odd_is_not_taken_for_nothing(odd):
    engine = bounded(odd if not isinstance(odd, dict) else {**bind(ORG), **odd} if odd else {})

    assert decided(engine).answer in (Answer.UNKNOWN, Answer.DENIED)


@pytest.mark.parametrize("details", [{"rules": 3}, {"rules": [{"resources": "x"}]}, [], 4, {"rules": [[]]}])
def test_an_odd_boundary_is_not_taken_for_nothing(details):
    engine = bounded(bind(ORG), policies=[{**boundary(), "details": details}])

    assert decided(engine).answer in (Answer.UNKNOWN, Answer.DENIED)


# why, and what is held


def test_a_boundary_says_no_and_what_would_change_it():
    engine = bounded(bind(ORG, when=PEOPLE), bind(WORKFORCE))

    found = engine.explain(engine.principal(ANN), READ, engine.target(DB))

    (layer,) = [one for one in found.layers if one.layer == "boundary"]
    assert (layer.title, layer.verdict) == ("principal access boundaries of organizations/9", "denies")
    assert [(one.place, one.holds, one.why_not) for one in layer.statements] == [
        ("binding 1", "yes", ""),
        ("binding 2", "no", "it is bound to others"),
    ]
    assert found.row.decided.blocked_by == "boundary"
    assert [edit.words for edit in found.would_change] == ["add projects/42 to the resources of the boundary b"]


def test_what_nobody_gives_and_a_boundary_takes_needs_both_edits():
    engine = bounded(bind(ORG), who=ROBOT, role=INVOKER)

    found = engine.explain(engine.principal(ANN), READ, engine.target(DB))

    assert [edit.layer for edit in found.would_change] == ["boundary", "allow"]


def test_each_binding_says_why_it_takes_nothing():
    policies = [boundary(SHOP), boundary(ELSEWHERE, name="old", version="1")]
    engine = bounded(bind(ORG), bind(ORG, "old"), policies=policies)

    found = engine.explain(engine.principal(ANN), READ, engine.target(DB))

    (layer,) = [one for one in found.layers if one.layer == "boundary"]
    assert (layer.verdict, [one.why_not for one in layer.statements]) == (
        "silent",
        [
            "the resource is within the principal's boundaries",
            "its enforcement version (1) cannot block this permission",
        ],
    )


def test_who_can_and_what_is_held_leave_out_what_a_boundary_takes():
    engine = bounded(bind(ORG, when=PEOPLE))

    assert ANN not in [row.who.ref for row in engine.who_can(READ, engine.target(DB)).rows]
    held = engine.held(engine.principal(ANN))
    assert (held.possible, [grant.layer for grant in held.grants]) == (frozenset(), ["allow", "boundary"])


def test_members_of_a_group_are_bound_each_for_himself():
    engine = bounded(bind(ORG), who=TEAM, groups=(group("eng@shop.example", ANN, EVE),))

    assert (decided(engine).answer, decided(engine, EVE).answer) == (Answer.DENIED, Answer.ALLOWED)


def test_the_level_itself_is_a_resource_of_a_boundary():
    engine = world(
        home((ACCESSOR, ANN)),
        organization(
            policy(("roles/resourcemanager.projectIamAdmin", ANN)),
            policyBindings=[bind(ORG)],
            principalAccessBoundaryPolicies=[boundary(FIFTH)],
        ),
    )

    asked = "resourcemanager.projects.setIamPolicy"
    assert decided(engine, permission=asked, on=HOME).answer is Answer.ALLOWED
    assert decided(engine, permission=asked, on=ORG).answer is Answer.DENIED


# lines


def line(who=ANN, action=READ, **boundaries):
    levels = [
        {"name": "organizations/9", "bindings": [], "deny": [], "domain": "shop.example"},
        {"name": "projects/42", "bindings": [{"role": "roles/reader", "members": [who]}], "deny": []},
    ]
    return {
        "id": "q", "provider": "gcp", "mode": "strict",
        "request": {"principal": who, "action": action, "resource": DB.replace("projects/shop", "projects/42")},
        "policies": {"levels": levels, "resource": {"bindings": []}, "boundaries": boundaries},
        "roles": {"roles/reader": [READ]}, "groups": {},
    }  # fmt: skip


def test_a_line_may_have_boundaries():
    found = answer(line(policies=[boundary(ELSEWHERE)], bindings=[bind(ORG)]))

    assert (found["decision"], found["blocked_by"]) == ("ImplicitlyDenied", "boundary")
    assert [one["layer"] for one in found["because"]] == ["boundary"]
    assert answer(line(policies=[boundary(ORG)], bindings=[bind(ORG)]))["decision"] == "Allowed"
    assert answer(line(policies=[boundary(ELSEWHERE)], bindings=[bind(ORG, when="principal.subject == 'x'")]))[
        "decision"
    ] == ("Allowed")


@pytest.mark.parametrize(
    ("boundaries", "words"),
    [
        ({"policies": [{}]}, "a policy's name is not a text"),
        ({"policies": 3}, "policies is not a list"),
        ({"bindings": [{"policy": "x"}]}, "a binding's target is not an object"),
        ({"bindings": [{**bind(ORG), "condition": {}}]}, "condition: expression is not a text"),
    ],
)
def test_a_line_with_odd_boundaries_is_an_error(boundaries, words):
    assert words in answer(line(**boundaries))["error"]


def test_a_line_without_an_organisation_has_no_boundaries():
    asked = line(policies=[], bindings=[])
    del asked["policies"]["levels"][0]

    assert "belong to an organisation" in answer(asked)["error"]


# whatever is bound

TARGETS = st.sampled_from([ORG, FIFTH, SHOP, CI, DIRECTORY, WORKFORCE, "//strange.example/x"])
WHENS = st.sampled_from([None, PEOPLE, f"principal.subject == '{APP}'", "principal.subject.startsWith('a')", "what"])
PLACED = st.lists(st.sampled_from([ORG, FIFTH, SHOP, ELSEWHERE]), max_size=2)
NAMED = st.sampled_from(["a", "b", "c"])
VERSIONED = st.sampled_from(["1", "4", "5"])
MADE = st.builds(lambda name, held, version: boundary(*held, name=name, version=version), NAMED, PLACED, VERSIONED)
POLICED = st.lists(MADE, max_size=3)
BINDINGS = st.lists(st.builds(lambda t, n, w: bind(t, n, w), TARGETS, NAMED, WHENS), max_size=4)
CALLERS = (ANN, ROBOT, EVE, POD, STAFF, TEAM, "user:zoe@else.example")
RANKS = {"denied": 0, "unknown": 1, "allowed_if": 1, "allowed": 2}


@settings(max_examples=150, deadline=None)
@given(policies=POLICED, bindings=BINDINGS, who=st.sampled_from(CALLERS))
def test_boundaries_never_give_anything(policies, bindings, who):
    engine = bounded(*bindings, policies=policies, who=who)
    found = decided(engine, who)

    assert RANKS[str(found.answer)] <= RANKS[str(decided(bounded(who=who), who).answer)]
    held = engine.held(engine.principal(who))
    assert (READ in held.sure) == (found.answer is Answer.ALLOWED)
    assert found.answer is not Answer.DENIED or READ not in held.possible


@settings(max_examples=150, deadline=None)
@given(policies=POLICED, bindings=BINDINGS, who=st.sampled_from(CALLERS))
def test_what_would_change_a_no_of_a_boundary_does(policies, bindings, who):
    engine = bounded(*bindings, policies=policies, who=who)
    found = engine.explain(engine.principal(who), READ, engine.target(DB))

    if found.row.decided.answer is Answer.DENIED:
        assert found.row.decided.blocked_by == "boundary"
        assert [edit.layer for edit in found.would_change] == ["boundary"]


FIELDS = ("name", "target", "principalSet", "policy", "condition", "details", "rules", "resources", "policyKind")
SIMPLE = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
ODD = st.recursive(
    SIMPLE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(bindings=ODD, policies=ODD)
def test_whatever_stands_there_it_is_no_crash(bindings, policies):
    top = organization(policyBindings=bindings, principalAccessBoundaryPolicies=policies)
    engine = world(home((ACCESSOR, ANN)), top)

    engine.explain(engine.principal(ANN), READ, engine.target(DB))
    engine.held(engine.principal(ANN))
    assert engine.gaps is not None
