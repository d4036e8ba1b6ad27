"""Ways of several steps in Google Cloud, what was not read, what nobody would write, and how long it takes."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanners.access.explorer import NotFound, Principal
from scanners.access.gcp import FOLDER, PREDEFINED
from scanners.access.gcp.kinds import ACCOUNT, SERVICE
from scanners.graph.gcp import GoogleExplorer, explorer
from scanners.graph.universe import members
from scanners.model import Gap, State
from tests.core.cases import resource
from tests.core.google import HERE, UNBOUNDED, folder, organization, role
from tests.core.graph.gcp_cases import APP, BOSS, DEV, HOME, OWNER, PROJECT, Grants, account, estate, way

MIDDLE = "middle@shop.iam.gserviceaccount.com"
EMAILS = (BOSS, APP, MIDDLE)


def ref(email):
    return f"//iam.googleapis.com/{HOME}/serviceAccounts/{email}"


def sa(email):
    return "serviceAccount:" + email


def project(policy, **more):
    said = {"resource": {"name": "projects/42"}, "policies.get": {}, "policyBindings": []}
    said |= {"projects.policies.getEffectivePolicy": {}, **more}
    said |= {} if policy is None else {"iamPolicy": policy}
    return resource("cloudresourcemanager.googleapis.com/Project", PROJECT, region="global", **said)


def shop(*grants, around=(), unread=(), sections=None):
    """Grants as (who, permissions, where); the boss owns the project."""
    made = Grants()
    for who, permissions, where in ((sa(BOSS), OWNER, PROJECT), (DEV, "run.services.get", PROJECT), *grants):
        made.bind(where, who, permissions)
    accounts = (account(email, made) for email in EMAILS)
    levels = (project(made.policy(PROJECT), **(sections or {})), folder(), organization())
    return GoogleExplorer(estate(*levels, *accounts, *around, *made.roles, unread=unread))


def service(name, runs_as):
    full = f"//run.googleapis.com/{HOME}/locations/{HERE}/services/{name}"
    template = {"serviceAccount": runs_as, "containers": [{"image": f"{HERE}-docker.pkg.dev/shop/images/{name}:v1"}]}
    return resource(SERVICE, full, region=HERE, resource={"name": name, "template": template}, iamPolicy={})


def walked(found):
    return [(hop.origin.name.partition("@")[0], hop.by, hop.target.name.partition("@")[0]) for hop in found.steps]


TOKEN, ACT = "iam.serviceAccounts.getAccessToken", "iam.serviceAccounts.actAs"


def test_two_steps_through_an_account_that_holds_no_power_itself():
    found = way(shop((DEV, TOKEN, ref(APP)), (sa(APP), "iam.serviceAccounts.signBlob", ref(BOSS))))

    assert walked(found) == [("dev", "gcp-iam-access-token", "app"), ("app", "gcp-iam-sign-blob", "boss")]


def test_three_steps_through_code_that_runs():
    grants = [
        (DEV, "artifactregistry.repositories.uploadArtifacts", PROJECT),
        (sa(APP), f"{ACT} run.services.update", PROJECT),
        (sa(MIDDLE), "resourcemanager.projects.setIamPolicy", PROJECT),
    ]
    images = f"//artifactregistry.googleapis.com/{HOME}/locations/{HERE}/repositories/images"
    around = [service("front", APP), service("back", MIDDLE)]
    around.append(
        resource("artifactregistry.googleapis.com/Repository", images, region=HERE, resource={}, iamPolicy={})
    )

    found = way(shop(*grants[:1], (sa(APP), "iam.serviceAccounts.signJwt", ref(MIDDLE)), grants[2], around=around[::2]))

    assert walked(found) == [
        ("dev", "gcp-artifactregistry-upload", "app"),
        ("app", "gcp-iam-sign-jwt", "middle"),
        ("middle", "gcp-resourcemanager-project-policy", "middle"),
    ]
    assert walked(way(shop(*grants, around=around)))[0] == ("dev", "gcp-artifactregistry-upload", "middle")


def test_an_image_that_is_named_by_its_digest_cannot_be_overwritten():
    front = service("front", BOSS)
    pinned = front.documents["resource"]["template"]["containers"][0]
    pinned["image"] = pinned["image"].replace(":v1", "@sha256:" + "0" * 64)
    images = f"//artifactregistry.googleapis.com/{HOME}/locations/{HERE}/repositories/images"
    repository = resource("artifactregistry.googleapis.com/Repository", images, resource={}, iamPolicy={})
    grant = (DEV, "artifactregistry.repositories.uploadArtifacts", PROJECT)

    assert way(shop(grant, around=[front, repository])).escalates is False


def test_a_delegation_names_who_asks_for_the_token():
    found = way(shop((DEV, "iam.serviceAccounts.implicitDelegation", ref(APP)), (sa(APP), TOKEN, ref(BOSS))))

    assert [(permission, on) for permission, on, _ in found.steps[0].because] == [
        ("iam.serviceAccounts.implicitDelegation", ref(APP)),
        (TOKEN, ref(BOSS)),
    ]


def test_a_condition_that_may_be_met_stands_in_the_step():
    roles = role("roles/test.token", TOKEN)
    when = {"title": "tagged", "expression": "resource.matchTag('9/env', 'dev')"}
    policy = {"bindings": [{"role": "roles/test.token", "members": [DEV], "condition": when}]}
    boss = resource(ACCOUNT, ref(BOSS), region="global", resource={"email": BOSS}, iamPolicy=policy)
    made = Grants()
    made.bind(PROJECT, sa(BOSS), OWNER)

    found = way(
        GoogleExplorer(estate(project(made.policy(PROJECT)), folder(), organization(), boss, roles, *made.roles))
    )

    assert found.escalates is True
    assert found.steps[0].because[0][2].condition


def test_a_rewriting_stays_inside_what_denies():
    rule = {"deniedPrincipals": ["principalSet://goog/public:all"], "deniedPermissions": []}
    rule["deniedPermissions"] = ["cloudresourcemanager.googleapis.com/projects.setIamPolicy"]
    denies = {"policies/no": {"displayName": "no", "rules": [{"denyRule": rule}]}}
    custom = role(f"{HOME}/roles/held", "run.services.get")
    bound = [{"role": f"{HOME}/roles/held", "members": [DEV]}]
    made = Grants()
    made.bind(PROJECT, DEV, "iam.roles.update")

    def widened(**sections):
        level = project({"bindings": [*made.policy(PROJECT)["bindings"], *bound]}, **sections)
        return way(GoogleExplorer(estate(level, folder(), organization(), custom, *made.roles)))

    assert widened().escalates is True
    assert widened(**{"policies.get": denies}).escalates is False


def test_a_policy_that_was_not_read_leaves_nobody_knowing():
    gap = Gap("cloudresourcemanager.projects.getIamPolicy", "p", State.DENIED, "PERMISSION_DENIED", "global")
    level = resource(
        "cloudresourcemanager.googleapis.com/Project", PROJECT, gaps={"iamPolicy": gap}, **{"policies.get": {}}
    )
    boss = account(BOSS, Grants())

    found = way(GoogleExplorer(estate(level, folder(), organization(), boss)), who=sa(BOSS))

    assert found.escalates is None
    assert "PERMISSION_DENIED" in " ".join(found.unknown)


def test_a_sure_way_stands_though_another_policy_was_not_read():
    gap = Gap("iam.projects.serviceAccounts.getIamPolicy", "p", State.DENIED, "PERMISSION_DENIED", "global")
    hidden = resource(ACCOUNT, ref(MIDDLE), region="global", gaps={"iamPolicy": gap}, resource={"email": MIDDLE})

    assert way(shop((DEV, TOKEN, ref(BOSS)), around=[hidden])).escalates is True
    assert way(shop(around=[hidden])).escalates is False  # it leads to nobody of power


def test_roles_that_were_not_read_leave_nobody_knowing():
    gap = Gap("iam.roles.list", "iam.roles.list", State.DENIED, "PERMISSION_DENIED", "global")
    level = project({"bindings": [{"role": "roles/owner", "members": [DEV]}]})

    found = way(GoogleExplorer(estate(level, folder(), organization(), unread={PREDEFINED: (gap,)})))

    assert found.escalates is None
    assert any("roles/owner" in one for one in found.unknown)


@pytest.mark.parametrize("permission", [TOKEN, "iam.serviceAccounts.implicitDelegation"])
def test_accounts_that_were_not_listed_may_be_become(permission):
    gap = Gap("iam.serviceAccounts.list", "iam.serviceAccounts.list", State.DENIED, "PERMISSION_DENIED", "global")
    made = Grants()
    made.bind(PROJECT, sa(BOSS), OWNER)
    made.bind(PROJECT, DEV, permission)

    levels = (project(made.policy(PROJECT)), folder(), organization())
    found = way(GoogleExplorer(estate(*levels, *made.roles, unread={ACCOUNT: (gap,)})))

    assert found.escalates is None
    assert "iam.serviceAccounts.list" in " ".join(found.unknown)


def test_what_runs_as_an_account_that_was_not_listed_may_give_it_away():
    gap = Gap("iam.serviceAccounts.list", "iam.serviceAccounts.list", State.DENIED, "PERMISSION_DENIED", "global")
    made = Grants()
    made.bind(PROJECT, sa(BOSS), OWNER)
    made.bind(PROJECT, DEV, f"{ACT} run.services.update")

    levels = (project(made.policy(PROJECT)), folder(), organization(), service("front", BOSS))

    assert way(GoogleExplorer(estate(*levels, *made.roles, unread={ACCOUNT: (gap,)}))).escalates is None


def test_an_owner_of_another_project_is_not_become():
    foreign = sa("boss@elsewhere.iam.gserviceaccount.com")
    made = Grants()
    made.bind(PROJECT, foreign, OWNER)
    made.bind(PROJECT, DEV, f"{TOKEN} {ACT} run.jobs.create run.jobs.run")

    levels = (project(made.policy(PROJECT)), folder(), organization())

    assert way(GoogleExplorer(estate(*levels, account(APP, made), *made.roles))).escalates is False


def test_a_grant_on_a_ring_is_one_on_its_keys():
    made = Grants()
    made.bind(PROJECT, DEV, "run.services.get")
    ring, decrypts = (
        f"//cloudkms.googleapis.com/{HOME}/locations/{HERE}/keyRings/r",
        "cloudkms.cryptoKeyVersions.useToDecrypt",
    )
    made.bind(ring, DEV, decrypts)
    kinds = {ring: "cloudkms.googleapis.com/KeyRing", f"{ring}/cryptoKeys/k": "cloudkms.googleapis.com/CryptoKey"}
    stores = (resource(kind, name, resource={}, iamPolicy=made.policy(name)) for name, kind in kinds.items())
    gap = Gap("x.getIamPolicy", "p", State.DENIED, "PERMISSION_DENIED", "global")
    above = resource(
        "cloudresourcemanager.googleapis.com/Organization", gaps={"iamPolicy": gap}, **{"policies.get": {}, **UNBOUNDED}
    )
    levels = (project(made.policy(PROJECT)), folder(), above)

    found = way(GoogleExplorer(estate(*levels, *stores, *made.roles)), goal=f"{ring}/cryptoKeys/k")

    assert [hop.by for hop in found.steps] == ["gcp-kms-decrypt"]


def test_nobody_in_the_project_is_told_as_such():
    with pytest.raises(NotFound):
        shop().ways(Principal("user:nobody@shop.example", "nobody", "user"))


def test_the_explorer_is_made_once_an_estate():
    it = shop().estate

    assert explorer(it) is explorer(it)


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from([DEV, sa(BOSS), "roles/owner"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)
BINDING = st.fixed_dictionaries({}, optional={"role": ODD, "members": ODD, "condition": ODD}) | ODD


@settings(deadline=None, max_examples=60)
@given(st.lists(BINDING, max_size=5) | ODD, ODD, ODD, ODD)
def test_what_nobody_would_write_is_no_reason_to_fall(bindings, rules, body, effective):
    sections = {"policies.get": {"p": {"rules": rules}}, "projects.policies.getEffectivePolicy": {"c": effective}}
    level = project({"bindings": bindings}, **sections)
    odd = [
        resource(
            kind, f"//x.googleapis.com/projects/shop/things/{place}", resource=body, iamPolicy={"bindings": bindings}
        )
        for place, kind in enumerate(
            (
                ACCOUNT,
                SERVICE,
                "container.googleapis.com/Cluster",
                "storage.googleapis.com/Bucket",
                "iam.googleapis.com/Role",
            )
        )
    ]

    found = GoogleExplorer(estate(level, folder({"bindings": bindings}), organization(), *odd)).ways()

    assert all(one.escalates in (True, False, None) for one in found.ways)


GRANT = st.tuples(
    st.sampled_from([DEV, sa(APP), sa(MIDDLE)]),
    st.sampled_from([TOKEN, ACT, "run.jobs.create run.jobs.run", "iam.serviceAccounts.implicitDelegation"]),
    st.sampled_from([PROJECT, ref(APP), ref(MIDDLE), ref(BOSS)]),
)


@settings(deadline=None, max_examples=40)
@given(st.lists(GRANT, max_size=6), GRANT)
def test_a_grant_more_takes_no_way_away(grants, more):
    before, after = shop(*grants).chains.ways().ways, shop(*grants, more).chains.ways().ways

    assert {one.origin.ref for one in before if one.escalates} <= {one.origin.ref for one in after if one.escalates}


@settings(deadline=None, max_examples=40)
@given(st.lists(GRANT, max_size=6))
def test_a_cut_stops_whom_it_says(grants):
    found = shop(*grants).ways()

    climbing = {one.origin.ref for one in found.ways if one.escalates and not one.administrator}
    for cut in found.cuts:
        assert cut.stops and {one.ref for one in cut.stops} <= climbing


def test_five_hundred_accounts_are_judged_in_three_seconds():
    made = Grants()
    emails = [f"sa{number}@shop.iam.gserviceaccount.com" for number in range(500)]
    for number, email in enumerate(emails):
        made.bind(ref(emails[number * 7 % 500]), sa(email), f"{ACT} {TOKEN}")
        made.bindings.setdefault(PROJECT, []).append({"role": f"roles/test.r{number}", "members": [sa(email)]})
    levels = (project(made.policy(PROJECT)), folder(), organization())
    shop = estate(*levels, *(account(email, made) for email in emails), *made.roles)
    started = time.process_time()

    GoogleExplorer(shop).chains.ways()

    assert time.process_time() - started < 3


WHENS = [
    None,
    {"title": "tag", "expression": "resource.matchTag('9/env', 'dev')"},
    {"title": "name", "expression": "resource.name == 'projects/_/buckets/plain'"},
    {"title": "not", "expression": "resource.name != 'projects/_/buckets/plain'"},
    {"title": "over", "expression": 'request.time < timestamp("2020-01-01T00:00:00Z")'},
    {"title": "type", "expression": "resource.type == 'storage.googleapis.com/Bucket'"},
]
MEMBERS = [DEV, sa(APP), "group:unread@shop.example", "allUsers", "domain:shop.example", "deleted:user:x@y.z?uid=1"]
HELD = [
    "storage.objects.create storage.objects.delete",
    f"{ACT} {TOKEN}",
    "storage.buckets.setIamPolicy storage.objects.setIamPolicy",
]
HIDDEN = ["", "project", "bucket", "folders"]
BUCKET = "//storage.googleapis.com/plain"
WRITTEN = st.tuples(
    st.sampled_from(["projects/42", "folders/5", "organizations/9", "app", "bucket"]),
    st.sampled_from(range(len(HELD))),
    st.lists(st.sampled_from(MEMBERS), min_size=1, max_size=2),
    st.sampled_from(WHENS),
)
FORBIDDEN = st.tuples(
    st.sampled_from(["principal://goog/subject/dev@shop.example", "principalSet://goog/public:all"]),
    st.sampled_from(["iam.googleapis.com/serviceAccounts.actAs", "storage.googleapis.com/objects.create"]),
    st.sampled_from(WHENS[:2]),
)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(WRITTEN, max_size=5),
    st.lists(FORBIDDEN, max_size=2),
    st.sampled_from(["", "project", "bucket", "folders"]),
)
def test_what_is_asked_of_scopes_is_what_every_thing_would_answer(written, forbidden, hidden):
    def policy(where):
        found = [(one, members, when) for place, one, members, when in written if place == where]
        each = [{"role": f"roles/test.h{one}", "members": members} | ({"condition": when} if when else {})
                for one, members, when in found]  # fmt: skip
        return {"bindings": [{"role": "roles/test.see", "members": [DEV]}, *each]}

    def deny(who, what, when):
        rule = {"deniedPrincipals": [who], "deniedPermissions": [what]} | ({"denialCondition": when} if when else {})
        return {"denyRule": rule}

    denies = {"policies.get": {"p": {"rules": [deny(*one) for one in forbidden]}}}
    gap = Gap("x.getIamPolicy", "p", State.DENIED, "PERMISSION_DENIED", "global")
    level = project(policy("projects/42"), **denies)
    bucket = resource("storage.googleapis.com/Bucket", BUCKET, resource={}, iamPolicy=policy("bucket"))
    hide = {"project": level, "bucket": bucket}.get(hidden)
    if hide:
        del hide.documents["iamPolicy"]
        hide.gaps["iamPolicy"] = (gap,)
    app = resource(ACCOUNT, ref(APP), region="global", resource={}, iamPolicy=policy("app"))
    roles = [role(f"roles/test.h{place}", held) for place, held in enumerate((*HELD,))]
    others = [account(BOSS, Grants()), role("roles/test.see", "run.services.get")]
    unread = {FOLDER: (gap,)} if hidden == "folders" else {}
    levels = (level, folder(policy("folders/5")), organization(policy("organizations/9")))
    leads = GoogleExplorer(estate(*levels, bucket, app, *roles, *others, unread=unread)).chains.base

    for place, who in enumerate(leads.principals):
        for permission in " ".join(HELD).split():
            sure, told, maybe = leads.bits(place, permission)
            for thing in members(leads.asked_on(permission)):
                answer = leads.decide(who, permission, leads.things[thing])
                assert (answer.answer in ("allowed", "allowed_if")) == bool(sure >> thing & 1), (permission, thing)
                assert (answer.possible) == bool(told >> thing & 1)
                assert (answer.answer != "denied") <= bool(maybe >> thing & 1)
