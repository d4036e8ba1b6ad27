"""What must hold of all policies of Google Cloud, found by trying."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from scanners.access.explorer import Answer
from scanners.access.gcp.kinds import BUCKET, SECRET
from tests.core.access.google_worlds import (
    APP,
    DB,
    FOLDER_5,
    HOME,
    ORG_9,
    PHOTOS,
    PREVENTION,
    denies,
    deny,
    folder,
    group,
    organization,
    project,
    store,
    world,
)

PEOPLE = (
    "user:ann@shop.example",
    "user:bob@shop.example",
    f"serviceAccount:{APP}",
    "allUsers",
    "group:team@shop.example",
)
MEMBERS = (*PEOPLE, "allAuthenticatedUsers", "domain:shop.example", "group:hidden@shop.example", "projectOwner:shop")
ROLES = (
    "roles/owner",
    "roles/editor",
    "roles/storage.objectViewer",
    "roles/secretmanager.secretAccessor",
    "roles/unread.role",
    "projects/shop/roles/off",
)
PERMISSIONS = (
    "storage.objects.get",
    "secretmanager.versions.access",
    "iam.serviceAccounts.actAs",
    "run.services.update",
)
SECRETS = "secretmanager.googleapis.com/versions.access"
PLACES = (HOME, FOLDER_5, ORG_9, PHOTOS, DB)
WHENS = (
    'request.time < timestamp("2027-01-01T00:00:00Z")',
    'request.time < timestamp("2020-01-01T00:00:00Z")',
    'resource.name.startsWith("projects/_/buckets/photos/")',
    'resource.matchTag("9/env", "prod")',
    "nonsense(",
)
bindings = st.builds(
    lambda role, members, when: {
        "role": role,
        "members": members,
        **({"condition": {"title": "when", "expression": when}} if when else {}),
    },
    st.sampled_from(ROLES),
    st.lists(st.sampled_from(MEMBERS), min_size=1, max_size=3),
    st.one_of(st.none(), st.none(), st.sampled_from(WHENS)),
)
rules = st.builds(
    lambda permission, whom, spares, when: deny(permission, whom, spares=spares, when=when),
    st.sampled_from(["storage.googleapis.com/*.*", SECRETS, "iam.googleapis.com/*.actAs"]),
    st.sampled_from(["principalSet://goog/public:all", "principal://goog/subject/ann@shop.example",
                     "principalSet://goog/group/team@shop.example", "principalSet://goog/group/hidden@shop.example"]),
    st.sampled_from(["", "", "principal://goog/subject/bob@shop.example", "principalSet://goog/group/hidden@shop.example"]),
    st.sampled_from(["", "", 'resource.matchTag("9/env", "prod")', "broken ("]),
)  # fmt: skip
policies = st.fixed_dictionaries({place: st.lists(bindings, max_size=3) for place in PLACES})
guards = st.fixed_dictionaries({place: st.lists(rules, max_size=2) for place in (HOME, FOLDER_5, ORG_9)})
TEAM = group("team@shop.example", "user:ann@shop.example", f"serviceAccount:{APP}")
RANK = {Answer.DENIED: 0, Answer.IF: 1, Answer.ALLOWED: 2}


def made(allowed, denied):
    said = {place: {"iamPolicy": {"bindings": rows}} for place, rows in allowed.items()}
    guard = {place: {"policies.get": denies(*rows)} for place, rows in denied.items()}
    return world(
        TEAM,
        project(said[HOME]["iamPolicy"], **{**PREVENTION, **guard[HOME]}),
        folder(said[FOLDER_5]["iamPolicy"], **guard[FOLDER_5]),
        organization(said[ORG_9]["iamPolicy"], **guard[ORG_9]),
        store(BUCKET, PHOTOS, said[PHOTOS]["iamPolicy"]),
        store(SECRET, DB, said[DB]["iamPolicy"]),
    )


def answers(engine, on=PLACES):
    return {
        (who, permission, place): engine.decide(engine.principal(who), permission, engine.target(place))
        for who in PEOPLE
        for permission in PERMISSIONS
        for place in on
    }


def span(decided):
    """The least and the most that an answer says."""
    if decided.answer is Answer.UNKNOWN:
        return 0, 2
    return RANK[decided.answer], RANK[decided.answer]


@given(policies, guards, bindings, st.sampled_from(PLACES))
@settings(max_examples=60, deadline=None)
def test_a_binding_more_takes_nothing_away(allowed, denied, more, place):
    before = answers(made(allowed, denied))
    after = answers(made({**allowed, place: [*allowed[place], more]}, denied))

    for asked, decided in before.items():
        assert RANK[after[asked].read] >= RANK[decided.read], asked
        assert span(after[asked])[1] >= span(decided)[0], asked


@given(policies, guards, rules, st.sampled_from([HOME, FOLDER_5, ORG_9]))
@settings(max_examples=60, deadline=None)
def test_a_deny_rule_more_gives_nothing(allowed, denied, more, place):
    before = answers(made(allowed, denied))
    after = answers(made(allowed, {**denied, place: [*denied[place], more]}))

    for asked, decided in before.items():
        assert RANK[after[asked].read] <= RANK[decided.read], asked
        assert span(after[asked])[0] <= span(decided)[1], asked


@given(policies, guards)
@settings(max_examples=60, deadline=None)
def test_what_is_held_is_what_is_decided_somewhere(allowed, denied):
    engine = made(allowed, denied)

    for who in PEOPLE:
        held = engine.held(engine.principal(who))
        assert held.sure <= held.possible
        for permission in PERMISSIONS:
            anywhere = engine.decide(engine.principal(who), permission, engine.target("*"))
            assert anywhere.possible or permission not in held.sure
            if permission not in held.possible:
                assert anywhere.answer is not Answer.ALLOWED


@given(policies)
@settings(max_examples=60, deadline=None)
def test_what_is_allowed_above_is_allowed_below(allowed):
    """Without denies and conditions; everybody's bindings are void on a bucket that prevents public access."""
    plain = {
        place: [{key: value for key, value in one.items() if key != "condition"} for one in rows]
        for place, rows in allowed.items()
    }
    found = answers(made(plain, {HOME: [], FOLDER_5: [], ORG_9: []}))

    for who in PEOPLE:
        for permission in PERMISSIONS:
            chain = [found[who, permission, place] for place in (ORG_9, FOLDER_5, HOME, DB)]
            for upper, lower in pairwise(chain):
                assert RANK[lower.read] >= RANK[upper.read]


@given(policies, guards)
@settings(max_examples=40, deadline=None)
def test_what_would_change_an_answer_does(allowed, denied):
    """Edits are found by asking the engine; here it is only held that there are some where an answer is plain."""
    engine = made(allowed, denied)

    for who in PEOPLE[:3]:
        for permission in PERMISSIONS[:2]:
            found = engine.explain(engine.principal(who), permission, engine.target(DB))
            if found.row.decided.answer is Answer.UNKNOWN:
                assert found.would_change == ()
            if found.row.decided.answer is Answer.ALLOWED:
                assert found.would_change


scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=6), st.sampled_from(MEMBERS + ROLES))
garbage = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["bindings", "members", "role", "condition", "expression", "rules", "denyRule", "deniedPrincipals"]
            ),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=12,
)


@given(garbage, garbage)
@settings(max_examples=150, deadline=None)
def test_nothing_that_a_cloud_might_send_makes_it_crash(allowed, denied):
    engine = world(
        project(allowed, **{**PREVENTION, "policies.get": {"x": denied}}),
        store(SECRET, DB, {"bindings": allowed}),
    )

    for who in (*engine.principals(), engine.principal(PEOPLE[0])):
        engine.decide(who, PERMISSIONS[0], engine.target(DB))
        engine.held(who)
        engine.explain(who, PERMISSIONS[0], engine.target("*"))
        engine.right_size(who)
    assert all(isinstance(gap, str) for gap in engine.gaps)
