"""Whole questions about a project of Google Cloud: who can, why, what is held and needed, as whom a function runs."""

import pytest

from scanners.access.explorer import Answer, NotFound
from scanners.access.gcp.kinds import BUCKET, FUNCTION, SECRET, SERVICE
from scanners.access.gcp.roles import level_of
from scanners.access.gcp.usage import INSIGHTS, RECOMMENDED
from scanners.model import Unread
from tests.core.access.google_worlds import (
    API,
    APP,
    BOT,
    DB,
    HOME,
    PHOTOS,
    account,
    denies,
    deny,
    folder,
    home,
    organization,
    policy,
    resource,
    role,
    store,
    uniform,
    world,
)
from tests.core.cases import refused

ANN, BOB, EVE = "user:ann@shop.example", "user:bob@shop.example", "user:eve@gmail.com"
ROBOT = f"serviceAccount:{APP}"
GET, READ = "storage.objects.get", "secretmanager.versions.access"
VIEWER, ACCESSOR = "roles/storage.objectViewer", "roles/secretmanager.secretAccessor"


def explained(engine, who, permission, on):
    return engine.explain(engine.principal(who), permission, engine.target(on))


# who can


def test_who_can_tells_the_surest_first_and_counts_the_rest():
    later = 'resource.matchTag("9/env", "prod")'
    engine = world(
        home((ACCESSOR, ANN), ("roles/viewer", EVE)),
        folder(policy((ACCESSOR, "group:hidden@shop.example"))),
        organization(policy((ACCESSOR, BOB), condition={"title": "prod", "expression": later})),
    )

    found = engine.who_can(READ, engine.target("db"))

    answers = [(row.who.ref, str(row.decided.answer)) for row in found.rows]
    assert answers[:3] == [
        ("group:hidden@shop.example", "allowed"),
        (ANN, "allowed"),
        (BOB, "unknown"),
    ]
    assert found.denied + len(found.rows) == found.asked == len(engine.principals())


def test_an_answer_rests_on_the_statement_that_gives_it():
    engine = world(home((VIEWER, BOB), (ACCESSOR, ANN)))

    (via,) = engine.decide(engine.principal(ANN), READ, engine.target(DB)).via

    assert (via.layer, via.effect, via.place) == ("allow", "Allow", "binding 2")
    assert (via.written.ref, via.mark) == (HOME, "/iamPolicy/bindings/1")


def test_a_condition_is_told_in_words_and_for_programs():
    when = 'resource.matchTag("9/env", "prod")'
    engine = world(home((ACCESSOR, ANN), condition=when))

    found = engine.decide(engine.principal(ANN), READ, engine.target(DB))

    assert found.answer is Answer.IF
    assert found.condition == "if the resource has the tag “9/env” with the value “prod”"
    assert found.residual == {"cel": when}


def test_what_a_deny_leaves_open_is_told_as_well():
    when = 'resource.hasTagKey("9/frozen")'
    engine = world(
        home((ACCESSOR, ANN), **{"policies.get": denies(deny("secretmanager.googleapis.com/*.*", when=when))})
    )

    found = engine.decide(engine.principal(ANN), READ, engine.target(DB))

    assert (found.answer, found.condition) == (Answer.IF, "unless the resource has a tag “9/frozen”")
    assert found.residual == {"not": {"cel": when}}


def test_what_ends_is_allowed_until_then():
    engine = world(home((ACCESSOR, ANN), condition='request.time < timestamp("2027-01-01T00:00:00Z")'))

    found = engine.decide(engine.principal(ANN), READ, engine.target(DB))

    assert (found.answer, found.condition) == (Answer.ALLOWED, "until 2027-01-01T00:00:00Z")


def test_an_unknown_answer_says_what_was_not_read_and_what_it_is_by_the_rest():
    engine = world(home((ACCESSOR, "group:hidden@shop.example")))

    found = engine.decide(engine.principal(ANN), READ, engine.target(DB))

    assert (found.answer, found.read) == (Answer.UNKNOWN, Answer.DENIED)
    assert found.unknown_because == ("the members of group:hidden@shop.example were not read",)


def test_what_was_not_read_stands_at_the_top():
    blind = resource(folder().kind, folder().ref, region="global", gaps={"iamPolicy": refused("getIamPolicy")})
    engine = world(home((VIEWER, "group:hidden@shop.example")), blind)

    told = " ".join(engine.gaps)

    assert "the policy of folders/5 was not read" in told
    assert "the deny policies of folders/5 were not read" in told
    assert "who is a member of 1 group was not read" in told


# why


def test_every_layer_says_what_it_says():
    engine = world(
        home(
            (ACCESSOR, ANN),
            (ACCESSOR, BOB),
            **{"policies.get": denies(deny("secretmanager.googleapis.com/*.*", ROBOT))},
        ),
        organization(
            policy(
                (ACCESSOR, ANN),
                condition={"title": "trial", "expression": 'request.time < timestamp("2020-01-01T00:00:00Z")'},
            )
        ),
    )

    found = explained(engine, ANN, READ, DB)

    layers = {(one.layer, one.level): one for one in found.layers}
    assert layers["deny", "projects/42"].verdict == "silent"
    assert layers["boundary", ""].verdict == "silent"
    assert layers["allow", "projects/42"].verdict == "allows"
    assert layers["allow", "organizations/9"].verdict == "silent"
    assert [(s.place, s.holds, s.why_not) for s in layers["allow", "projects/42"].statements] == [
        ("binding 1", "yes", ""),
        ("binding 2", "no", "it names others"),
    ]
    (expired,) = layers["allow", "organizations/9"].statements
    assert (expired.sid, expired.why_not) == ("trial", "its condition “trial” does not hold")


@pytest.mark.parametrize(
    ("rule", "why_not"),
    [
        (
            deny("secretmanager.googleapis.com/*.*", spares="principal://goog/subject/ann@shop.example"),
            "it spares the principal",
        ),
        (
            deny("secretmanager.googleapis.com/*.*", but="secretmanager.googleapis.com/versions.*"),
            "it leaves out this permission",
        ),
        (deny("secretmanager.googleapis.com/*.*", when="false"), "its condition “when” does not hold"),
        (deny("secretmanager.googleapis.com/*.*", "principal://goog/subject/bob@shop.example"), "it names others"),
    ],
)
def test_a_deny_rule_that_does_not_apply_says_why(rule, why_not):
    engine = world(home((ACCESSOR, ANN), **{"policies.get": denies(rule)}))

    found = explained(engine, ANN, READ, DB)

    (said,) = found.layers[0].statements
    assert (said.holds, said.why_not) == ("no", why_not)


def test_a_role_that_is_switched_off_and_a_window_to_come_say_so():
    engine = world(
        home(("projects/shop/roles/off", ANN)),
        folder(
            policy(
                ("roles/run.invoker", ANN),
                condition={"title": "soon", "expression": 'request.time >= timestamp("2027-01-01T00:00:00Z")'},
            )
        ),
    )

    found = explained(engine, ANN, "run.routes.invoke", API)

    said = {one.level: one.statements for one in found.layers if one.layer == "allow" and one.statements}
    assert said["projects/42"][0].why_not == "the role is disabled"
    assert said["folders/5"][0].why_not == "its condition “soon” does not hold before 2027-01-01T00:00:00Z"


def test_what_is_denied_by_nobody_is_turned_by_a_binding():
    engine = world(home(("roles/viewer", ANN)))

    found = explained(engine, ANN, READ, DB)

    assert [edit.words for edit in found.would_change] == [
        f"bind {ANN} on {DB} to {ACCESSOR}, which has {READ}",
    ]


def test_what_a_rule_denies_is_turned_by_an_exception():
    engine = world(home((ACCESSOR, ANN), **{"policies.get": denies(deny("secretmanager.googleapis.com/*.*"))}))

    found = explained(engine, ANN, READ, DB)

    assert [(edit.layer, edit.words) for edit in found.would_change] == [("deny", f"except {ANN} from rule 1 of guard")]


def test_both_are_named_where_both_are_needed():
    engine = world(home(**{"policies.get": denies(deny("secretmanager.googleapis.com/*.*"))}))

    found = explained(engine, ANN, READ, DB)

    assert [edit.layer for edit in found.would_change] == ["deny", "allow"]


def test_what_is_allowed_twice_is_turned_by_taking_both_away():
    engine = world(home((ACCESSOR, ANN)), store(SECRET, DB, policy((ACCESSOR, ANN))))

    found = explained(engine, ANN, READ, DB)

    assert [edit.words for edit in found.would_change] == [
        f"take {ANN} out of binding 1 ({ACCESSOR}) of {DB}",
        f"take {ANN} out of binding 1 ({ACCESSOR}) of projects/42",
    ]


# what is held


def test_what_is_held_is_told_by_service_and_level_the_gravest_first():
    engine = world(home(("roles/run.admin", ANN)), store(BUCKET, PHOTOS, policy((VIEWER, ANN))))

    found = engine.held(engine.principal(ANN))

    assert [(one.name, dict(one.levels)) for one in found.services] == [
        ("run", {"Permissions management": (1, 1), "Write": (2, 2)}),
        ("storage", {"Read": (1, 1), "List": (1, 1)}),
    ]
    assert found.services[0].gives[0].policy == "roles/run.admin"
    assert found.services[1].gives[0].level == PHOTOS
    assert found.sure == found.possible


def test_what_a_deny_takes_is_not_held_and_is_told():
    guard = denies(
        deny("run.googleapis.com/*.setIamPolicy"),
        deny("run.googleapis.com/services.update", when='resource.hasTagKey("9/x")'),
    )
    engine = world(home(("roles/run.admin", ANN), **{"policies.get": guard}))

    found = engine.held(engine.principal(ANN))

    assert found.sure == {"run.routes.invoke"}
    assert found.possible == {"run.routes.invoke", "run.services.update"}
    (run,) = found.services
    assert [one.effect for one in run.bounds] == ["Deny", "Deny"]


def test_what_objects_of_a_bucket_may_give_is_possible():
    inside = 'resource.name.startsWith("projects/_/buckets/photos/objects/cats/")'
    bucket = store(BUCKET, PHOTOS, policy((VIEWER, ANN), condition={"title": "cats", "expression": inside}))

    found = world(bucket).held(world(bucket).principal(ANN))

    assert (found.sure, found.possible) == (frozenset(), {"storage.objects.get", "storage.objects.list"})


@pytest.mark.parametrize(
    ("permission", "level"),
    [
        ("storage.objects.get", "Read"),
        ("storage.objects.list", "List"),
        ("storage.objects.create", "Write"),
        ("storage.buckets.setIamPolicy", "Permissions management"),
        ("storage.buckets.getIamPolicy", "Read"),
        ("iam.serviceAccounts.actAs", "Permissions management"),
        ("iam.serviceAccounts.getAccessToken", "Permissions management"),
        ("iam.serviceAccountKeys.create", "Permissions management"),
        ("iam.serviceAccountKeys.list", "List"),
        ("iam.roles.update", "Permissions management"),
        ("secretmanager.versions.access", "Read"),
        ("resourcemanager.tagValueBindings.create", "Tagging"),
        ("run.routes.invoke", "Write"),
        ("odd", "Write"),
    ],
)
def test_a_verb_tells_the_level_of_access(permission, level):
    assert level_of(permission) == level


# what is needed

FULL = role("roles/made.full", " ".join(f"storage.things{n}.get" for n in range(12)))
SMALL = role("roles/made.small", "storage.things1.get storage.things2.get")


def insight(name, used, likely="", who=ROBOT):
    content = {
        "member": who,
        "role": name,
        "exercisedPermissions": [{"permission": one} for one in used.split()],
        "inferredPermissions": [{"permission": one} for one in likely.split()],
    }
    return {"observationPeriod": "7776000s", "content": content}


def sized(engine, who=ROBOT):
    return engine.right_size(engine.principal(who))


def test_a_role_is_replaced_by_the_smallest_that_holds_what_was_used():
    told = {INSIGHTS: [insight("roles/made.full", "storage.things1.get storage.things2.get")], RECOMMENDED: []}

    found = sized(world(home(("roles/made.full", ROBOT), **told), FULL, SMALL))

    assert found.document == {"bindings": [{"role": "roles/made.small", "members": [ROBOT]}]}
    assert (found.confidence, found.before, found.after, found.removed) == ("high", 12, 2, 10)
    assert found.checked == (12, True)
    assert found.now == {"bindings": [{"role": "roles/made.full", "members": [ROBOT]}]}


def test_where_no_role_is_small_enough_a_custom_one_is_written():
    told = {INSIGHTS: [insight("roles/made.full", "storage.things5.get", "storage.things6.get")], RECOMMENDED: []}

    found = sized(world(home(("roles/made.full", ROBOT), **told), FULL, SMALL))

    name = "projects/shop/roles/used_by_app"
    assert found.document == {
        "bindings": [{"role": name, "members": [ROBOT]}],
        "roles": [{"name": name, "includedPermissions": ["storage.things5.get", "storage.things6.get"]}],
    }
    assert found.confidence == "medium"
    assert found.services[0].used == ("storage.things5.get",)
    assert found.services[0].untracked == ("storage.things6.get",)


def test_what_was_not_used_at_all_goes_and_conditions_stay():
    told = {INSIGHTS: [insight("roles/made.full", "")], RECOMMENDED: []}
    later = 'request.time < timestamp("2027-01-01T00:00:00Z")'

    gone = sized(world(home(("roles/made.full", ROBOT), **told), FULL))
    kept = sized(world(home(("roles/made.small", ROBOT), condition=later, **{INSIGHTS: [], RECOMMENDED: []}), SMALL))

    assert gone.document == {"bindings": []}
    assert kept.document["bindings"][0]["condition"] == {"title": "when", "expression": later}


def test_where_nobody_can_say_what_was_used_nothing_goes():
    found = sized(world(home(("roles/made.full", ROBOT)), FULL))

    assert (found.confidence, found.checked) == ("none", None)
    assert found.document == found.now
    assert "no scan has asked for the insights on what was used" in found.unseen
    assert "what it used of roles/made.full is not known, so that stays whole" in found.unseen


def test_a_recommendation_alone_takes_with_low_confidence():
    advice = {
        "recommenderSubtype": "REMOVE_ROLE",
        "stateInfo": {"state": "ACTIVE"},
        "content": {"overview": {"member": ROBOT, "removedRole": "roles/made.full"}},
    }

    found = sized(world(home(("roles/made.full", ROBOT), **{INSIGHTS: [], RECOMMENDED: [advice]}), FULL))

    assert (found.document, found.confidence) == ({"bindings": []}, "low")
    done = {**advice, "stateInfo": {"state": "SUCCEEDED"}}
    assert (
        sized(world(home(("roles/made.full", ROBOT), **{INSIGHTS: [], RECOMMENDED: [done]}), FULL)).confidence == "none"
    )


def test_what_is_given_elsewhere_stays_and_is_said():
    told = {INSIGHTS: [insight("roles/made.full", "storage.things1.get")], RECOMMENDED: []}
    bucket = store(BUCKET, PHOTOS, policy((VIEWER, f"{ROBOT} allAuthenticatedUsers"), ("roles/made.small", "allUsers")))

    found = sized(world(home(("roles/made.full", ROBOT), **told), bucket, FULL, SMALL))

    assert f"what it used of {VIEWER} on {PHOTOS} is not known" in found.unseen
    assert any("as one of many (1 bindings" in one for one in found.unseen)
    assert "storage.things2.get" not in [one for service in found.services for one in service.removed]


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ("allUsers", "it stands for many"),
        (ROBOT, "what it holds is not known: roles/unread was not read"),
    ],
)
def test_no_proposal_where_none_would_be_sound(who, why):
    found = sized(world(home(("roles/unread", f"{ROBOT} allUsers"))), who)

    assert found.document is None
    assert found.refused.startswith(why)


# functions


@pytest.mark.parametrize(
    ("kind", "body", "actions"),
    [
        (SERVICE, {}, ("run.routes.invoke",)),
        (FUNCTION, {"environment": "GEN_2"}, ("run.routes.invoke",)),
        (FUNCTION, {"environment": "GEN_1"}, ("cloudfunctions.functions.invoke",)),
        (FUNCTION, {"environment": "GEN_1", "eventTrigger": {"eventType": "x"}}, ()),
        (BUCKET, {}, ()),
    ],
)
def test_a_function_is_called_by_the_permission_of_its_kind(kind, body, actions):
    assert world().invocation(store(kind, "//x/y", **body)) == actions


@pytest.mark.parametrize(
    ("kind", "body", "email"),
    [
        (SERVICE, {"template": {"serviceAccount": APP}}, APP),
        (SERVICE, {}, "42-compute@developer.gserviceaccount.com"),
        (FUNCTION, {"environment": "GEN_1", "serviceConfig": {"serviceAccountEmail": APP}}, APP),
        (FUNCTION, {"environment": "GEN_1"}, "shop@appspot.gserviceaccount.com"),
        (FUNCTION, {"environment": "GEN_2"}, "42-compute@developer.gserviceaccount.com"),
    ],
)
def test_code_runs_as_the_account_it_names_or_the_default_one(kind, body, email):
    (found,) = world().runs_as(store(kind, "//x/y", **body))

    assert found.ref == f"serviceAccount:{email}"
    assert not found.outside


def test_as_whom_an_unread_function_runs_is_not_known():
    with pytest.raises(Unread):
        world().runs_as(resource(SERVICE, "//x/y", gaps={"resource": refused("list")}))
    with pytest.raises(Unread):
        world().runs_as(store(SERVICE, "//x/y", template={"serviceAccount": 7}))


# names


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        (APP, ROBOT),
        ("app", ROBOT),
        (ROBOT, ROBOT),
        ("ann@shop.example", ANN),
        ("principal://goog/subject/ann@shop.example", ANN),
        ("user:new@shop.example", "user:new@shop.example"),
        ("//iam.googleapis.com/projects/shop/serviceAccounts/101", ROBOT),
    ],
)
def test_a_principal_is_found_by_ref_or_name(text, ref):
    assert world(home((VIEWER, ANN))).principal(text).ref == ref


@pytest.mark.parametrize("text", ["nobody", "", "//x", "deleted:user:ann@shop.example"])
def test_who_is_not_there_is_not_found(text):
    with pytest.raises(NotFound):
        world().principal(text)


def test_a_name_of_two_is_told_apart():
    engine = world(home((VIEWER, "user:app@shop.example")))

    with pytest.raises(NotFound, match="may be"):
        engine.principal("app")


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("", "*"),
        ("*", "*"),
        ("shop", HOME),
        ("projects/42", HOME),
        ("42", HOME),
        ("folders/5", folder().ref),
        ("photos", PHOTOS),
        ("gs://photos", PHOTOS),
        ("gs://photos/a/b.png", f"{PHOTOS}/objects/a/b.png"),
        (APP, "//iam.googleapis.com/projects/shop/serviceAccounts/101"),
        ("projects/shop/secrets/db", DB),
        ("//secretmanager.googleapis.com/projects/42/secrets/db", DB),
        ("//secretmanager.googleapis.com/projects/42/secrets/db/versions/1", f"{DB}/versions/1"),
        ("//cloudresourcemanager.googleapis.com/projects/shop", HOME),
    ],
)
def test_a_resource_is_found_by_ref_or_name(text, ref):
    assert world().target(text).ref == ref


def test_a_resource_that_is_not_there_is_not_found():
    with pytest.raises(NotFound):
        world().target("nothing")
    with pytest.raises(NotFound, match="not all of"):
        world(unread=(SECRET,)).target("nothing")


def test_a_permission_is_spelled_as_the_cloud_spells_it():
    engine = world()

    assert engine.action("STORAGE.objects.GET") == GET
    assert engine.action("iam.googleapis.com/serviceAccounts.actAs") == "iam.serviceAccounts.actAs"
    assert engine.action("new.things.do") == "new.things.do"
    assert not engine.known("new.things.do")
    with pytest.raises(NotFound):
        engine.action("s3:GetObject")
    assert next(iter(engine.suggested("storage.obj"))) == "storage.objects.delete"
    assert GET in engine.often()


def test_strangers_and_everybody_are_outside():
    engine = world(home((VIEWER, f"{ANN} {EVE} allUsers {ROBOT} serviceAccount:x@other.iam.gserviceaccount.com")))

    outside = {one.ref for one in engine.principals() if one.outside}

    assert outside == {EVE, "allUsers", "serviceAccount:x@other.iam.gserviceaccount.com"}


def test_where_a_binding_may_give_it_is_told():
    engine = world(home((VIEWER, ANN)), store(BUCKET, PHOTOS, policy((VIEWER, BOB))), account(BOT, "102"))

    assert engine.spots(engine.principal(ANN), GET) == {HOME}
    assert engine.spots(engine.principal(BOB), GET) == {PHOTOS}
    assert engine.spots(engine.principal(BOB), READ) == frozenset()


def test_a_binding_that_prevention_voids_says_so():
    bucket = store(BUCKET, PHOTOS, policy((VIEWER, "allUsers")), iamConfiguration=uniform("enforced"))

    found = explained(world(bucket), ANN, GET, PHOTOS)

    assert found.row.decided.answer is Answer.DENIED
    (said,) = found.layers[-1].statements
    assert said.why_not == "public access to the bucket is prevented"
