"""Decisions derived by hand from Google's documentation; each table names its page.  Read 2026-11."""

import pytest

from scanners.access.gcp.kinds import ACCOUNT, BUCKET, DATASET, SECRET, SERVICE
from tests.core.access.google_worlds import (
    API,
    APP,
    BOT,
    CUSTOM,
    DB,
    FOLDER_5,
    HOME,
    LEDGER,
    LOCK,
    NEW,
    OLD,
    ORG_9,
    PHOTOS,
    PLANS,
    RINGS,
    SALES,
    account,
    asked,
    denies,
    deny,
    folder,
    group,
    home,
    organization,
    policy,
    resource,
    store,
    uniform,
    world,
)
from tests.core.cases import refused

YES, IF, HUH, NO = "allowed", "allowed_if", "unknown", "denied"
ANN, BOB, EVE = "user:ann@shop.example", "user:bob@shop.example", "user:eve@gmail.com"
ROBOT, BOTS = f"serviceAccount:{APP}", f"serviceAccount:{BOT}"
GET, LIST, READ = "storage.objects.get", "storage.objects.list", "secretmanager.versions.access"
VIEWER, ACCESSOR = "roles/storage.objectViewer", "roles/secretmanager.secretAccessor"
POOL = "iam.googleapis.com/projects/42/locations/global/workloadIdentityPools/ci"
CI, SHOP_CI = f"principal://{POOL}/subject/repo:shop/web", f"principalSet://{POOL}/attribute.repository/shop/web"
GKE = "iam.googleapis.com/projects/42/locations/global/workloadIdentityPools/shop.svc.id.goog"
AGENT = "serviceAccount:service-42@gcp-sa-pubsub.iam.gserviceaccount.com"
SETS = "principalSet://cloudresourcemanager.googleapis.com"
STAFF = "iam.googleapis.com/locations/global/workforcePools/staff"


def check(engine, who, permission, on, answer):
    assert asked(engine, who, permission, on) == answer


# "Understanding allow policies", "Resource hierarchy": bindings add up from the organisation to the resource

TREE = world(
    home((VIEWER, ANN), ("roles/run.invoker", ROBOT)),
    folder(policy(("roles/secretmanager.secretAccessor", BOB))),
    organization(policy(("roles/cloudkms.cryptoKeyDecrypter", ROBOT), ("roles/viewer", EVE))),
    store(SECRET, DB, policy((ACCESSOR, ANN))),
    store("cloudkms.googleapis.com/KeyRing", RINGS, policy(("roles/cloudkms.cryptoKeyDecrypter", BOTS))),
    store(BUCKET, PLANS, policy((VIEWER, BOTS)), iamConfiguration=uniform("enforced")),
    account(BOT, "102", policy(("roles/iam.serviceAccountUser", ANN))),
    resource(
        DATASET,
        SALES,
        resource={
            "access": [
                {"role": "READER", "userByEmail": "bob@shop.example"},
                {"role": "OWNER", "userByEmail": APP},
                {"role": "roles/bigquery.dataViewer", "iamMember": ANN},
                {"role": "WRITER", "specialGroup": "projectOwners"},
                {"view": {"tableId": "x"}},
                {"role": "READER", "domain": "partner.example"},
            ]
        },
    ),
)
INHERITED = [
    (ANN, GET, PHOTOS, YES),
    (ANN, GET, PLANS, YES),
    (ANN, GET, HOME, YES),
    (ANN, GET, FOLDER_5, NO),
    (ANN, GET, ORG_9, NO),
    (ANN, LIST, PHOTOS, YES),
    (ANN, "storage.objects.delete", PHOTOS, NO),
    (ANN, GET, f"{PHOTOS}/objects/cat.png", YES),
    (ANN, GET, "gs://photos/cat.png", YES),
    (ANN, GET, "gs://photos", YES),
    (ANN, GET, "*", YES),
    (BOB, GET, "*", NO),
    (ANN, READ, DB, YES),
    (ANN, READ, HOME, NO),
    (ANN, READ, f"{DB}/versions/1", YES),
    (ANN, READ, "*", YES),
    (BOB, READ, DB, YES),
    (BOB, READ, HOME, YES),
    (BOB, READ, FOLDER_5, YES),
    (BOB, READ, ORG_9, NO),
    (ROBOT, "cloudkms.cryptoKeyVersions.useToDecrypt", LOCK, YES),
    (ROBOT, "cloudkms.cryptoKeyVersions.useToDecrypt", ORG_9, YES),
    (BOTS, "cloudkms.cryptoKeyVersions.useToDecrypt", LOCK, YES),
    (BOTS, "cloudkms.cryptoKeyVersions.useToDecrypt", RINGS, YES),
    (BOTS, "cloudkms.cryptoKeyVersions.useToDecrypt", HOME, NO),
    (EVE, "run.services.get", API, YES),
    (EVE, "run.services.get", ORG_9, YES),
    (EVE, "run.services.update", API, NO),
    (ROBOT, "run.routes.invoke", API, YES),
    (ROBOT, "run.routes.invoke", NEW, YES),
    (BOB, "run.routes.invoke", API, NO),
    (BOTS, GET, PLANS, YES),
    (BOTS, GET, PHOTOS, NO),
    (BOTS, GET, HOME, NO),
    (ANN, "iam.serviceAccounts.actAs", BOT, YES),
    (ANN, "iam.serviceAccounts.actAs", APP, NO),
    (ANN, "iam.serviceAccounts.actAs", f"//iam.googleapis.com/projects/shop/serviceAccounts/{BOT}", YES),
    (BOB, "bigquery.tables.getData", SALES, YES),
    (BOB, "bigquery.tables.delete", SALES, NO),
    (ROBOT, "bigquery.tables.delete", SALES, YES),
    (ANN, "bigquery.datasets.get", SALES, YES),
    (ANN, "bigquery.tables.getData", HOME, NO),
    (BOTS, "bigquery.tables.getData", SALES, NO),
    ("user:al@partner.example", "bigquery.tables.getData", SALES, YES),
    (ANN, "cloudsql.instances.connect", LEDGER, NO),
    ("bob@shop.example", READ, "db", YES),
    (BOB, "secretmanager.googleapis.com/versions.access", "db", YES),
    (ANN, GET, "//storage.googleapis.com/elsewhere", HUH),
    (ANN, READ, "//secretmanager.googleapis.com/projects/other/secrets/x", HUH),
    (BOTS, READ, "//secretmanager.googleapis.com/projects/shop/secrets/unseen", HUH),
    (BOB, READ, "//secretmanager.googleapis.com/projects/shop/secrets/unseen", YES),
    (BOTS, "compute.instances.get", "//compute.googleapis.com/projects/shop/zones/z/instances/i", HUH),
]


@pytest.mark.parametrize(("who", "permission", "on", "answer"), INHERITED)
def test_bindings_add_up_down_the_tree(who, permission, on, answer):
    check(TREE, who, permission, on, answer)


# "Principal identifiers", "Principals": who belongs to a member

MEMBERS = [  # who is bound, who asks, answer
    (ANN, ANN, YES),
    (ANN, "user:Ann@Shop.example", YES),
    (ANN, BOB, NO),
    ("user:ANN@shop.example", ANN, YES),
    (ROBOT, ROBOT, YES),
    (ROBOT, BOTS, NO),
    ("deleted:user:ann@shop.example?uid=1", ANN, NO),
    (f"deleted:serviceAccount:{APP}?uid=9", ROBOT, NO),
    ("allUsers", ANN, YES),
    ("allUsers", CI, YES),
    ("allUsers", "allUsers", YES),
    ("allAuthenticatedUsers", ANN, YES),
    ("allAuthenticatedUsers", ROBOT, YES),
    ("allAuthenticatedUsers", EVE, YES),
    ("allAuthenticatedUsers", "allUsers", NO),
    ("allAuthenticatedUsers", CI, NO),
    ("allAuthenticatedUsers", "allAuthenticatedUsers", YES),
    ("domain:shop.example", ANN, YES),
    ("domain:shop.example", EVE, NO),
    ("domain:shop.example", ROBOT, NO),
    ("domain:shop.example", "user:al@partner.example", HUH),
    ("domain:shop.example", "domain:shop.example", YES),
    ("group:team@shop.example", ANN, YES),
    ("group:team@shop.example", BOTS, YES),
    ("group:team@shop.example", BOB, NO),
    ("group:outer@shop.example", ANN, YES),
    ("group:outer@shop.example", BOB, NO),
    ("group:hidden@shop.example", ANN, HUH),
    ("group:hidden@shop.example", ROBOT, HUH),
    ("group:hidden@shop.example", CI, NO),
    ("group:hidden@shop.example", "group:hidden@shop.example", YES),
    ("group:half@shop.example", ANN, YES),
    ("group:half@shop.example", BOB, HUH),
    ("group:loop@shop.example", BOB, NO),
    ("group:whole@shop.example", ANN, HUH),
    ("group:whole@shop.example", EVE, NO),
    ("group:hidden@shop.example", "allUsers", NO),
    ("group:hidden@shop.example", "group:team@shop.example", HUH),
    (CI, CI, YES),
    (f"principalSet://{POOL}/*", CI, YES),
    (SHOP_CI, CI, IF),
    (SHOP_CI, SHOP_CI, YES),
    (f"principalSet://{POOL}/group/devs", CI, IF),
    (f"principalSet://{POOL}2/*", CI, NO),
    (f"principalSet://{POOL}/*", ANN, NO),
    (SHOP_CI, f"principalSet://{POOL}/attribute.repository/shop/api", NO),
    (SHOP_CI, ROBOT, NO),
    (f"principalSet://{STAFF}/*", f"principal://{STAFF}/subject/lee", YES),
    (f"principalSet://{STAFF}/group/x", f"principal://{STAFF}/subject/lee", IF),
    ("serviceAccount:shop.svc.id.goog[prod/web]", "serviceAccount:shop.svc.id.goog[prod/web]", YES),
    ("serviceAccount:shop.svc.id.goog[prod/web]", "serviceAccount:shop.svc.id.goog[prod/job]", NO),
    ("serviceAccount:shop.svc.id.goog[prod/web]", f"principal://{GKE}/subject/ns/prod/sa/web", YES),
    (f"principalSet://{GKE}/namespace/prod", "serviceAccount:shop.svc.id.goog[prod/web]", YES),
    (f"principalSet://{GKE}/namespace/test", "serviceAccount:shop.svc.id.goog[prod/web]", NO),
    (f"{SETS}/projects/42/type/ServiceAccount", ROBOT, YES),
    (f"{SETS}/projects/42/type/ServiceAccount", ANN, NO),
    (f"{SETS}/projects/7/type/ServiceAccount", ROBOT, NO),
    (f"{SETS}/projects/42/type/ServiceAgent", ROBOT, NO),
    (f"{SETS}/projects/42/type/ServiceAgent", AGENT, YES),
    (f"{SETS}/folders/5/type/ServiceAccount", ROBOT, YES),
    (f"{SETS}/organizations/9/type/ServiceAccount", ROBOT, YES),
    (f"{SETS}/organizations/8/type/ServiceAccount", ROBOT, NO),
    (f"{SETS}/organizations/9/type/ServiceAccount", "serviceAccount:x@other.iam.gserviceaccount.com", HUH),
    ("principalSet://something.new/x", ANN, HUH),
    ("projectOwner:shop", ANN, NO),
    ("projectOwner:shop", "user:own@shop.example", YES),
    ("projectEditor:shop", "user:own@shop.example", NO),
    ("projectOwner:other", ANN, HUH),
]
GROUPS = (
    group("team@shop.example", ANN, BOTS),
    group("outer@shop.example", "group:team@shop.example"),
    group("half@shop.example", ANN, "group:hidden@shop.example"),
    group("loop@shop.example", "group:loop@shop.example"),
    group("whole@shop.example", "customer:C0other"),
)


@pytest.mark.parametrize(("bound", "who", "answer"), MEMBERS)
def test_members_mean_those_that_they_stand_for(bound, who, answer):
    engine = world(
        home(("roles/owner", "user:own@shop.example")), *GROUPS, store(BUCKET, PHOTOS, policy((VIEWER, bound)))
    )

    check(engine, who, LIST, PHOTOS, answer)


# "Deny policies", "Permission groups": before everything else, at every level, with what they spare

PUBLIC = "principalSet://goog/public:all"
SECRETS = "secretmanager.googleapis.com/versions.access"
DENIALS = [  # rule, who, permission, on, answer
    (deny(SECRETS), ANN, READ, DB, NO),
    (deny(SECRETS), ROBOT, READ, DB, NO),
    (deny(SECRETS), ANN, GET, PHOTOS, YES),
    (deny(SECRETS, "principal://goog/subject/ann@shop.example"), ANN, READ, DB, NO),
    (deny(SECRETS, "principal://goog/subject/ANN@shop.example"), ANN, READ, DB, NO),
    (deny(SECRETS, "principal://goog/subject/ann@shop.example"), BOB, READ, DB, YES),
    (deny(SECRETS, f"principal://iam.googleapis.com/projects/-/serviceAccounts/{APP}"), ROBOT, READ, DB, NO),
    (deny(SECRETS, f"principal://iam.googleapis.com/projects/-/serviceAccounts/{APP}"), ANN, READ, DB, YES),
    (deny(SECRETS, "principalSet://goog/group/team@shop.example"), ANN, READ, DB, NO),
    (deny(SECRETS, "principalSet://goog/group/team@shop.example"), BOB, READ, DB, YES),
    (deny(SECRETS, "principalSet://goog/group/hidden@shop.example"), BOB, READ, DB, HUH),
    (deny(SECRETS, "principalSet://goog/cloudIdentityCustomerId/C0shop"), ANN, READ, DB, NO),
    (deny(SECRETS, "principalSet://goog/cloudIdentityCustomerId/C0shop"), EVE, READ, DB, YES),
    (deny(SECRETS, "principalSet://goog/cloudIdentityCustomerId/C0else"), ANN, READ, DB, HUH),
    (deny(SECRETS, spares="principal://goog/subject/ann@shop.example"), ANN, READ, DB, YES),
    (deny(SECRETS, spares="principal://goog/subject/ann@shop.example"), BOB, READ, DB, NO),
    (deny(SECRETS, spares="principalSet://goog/group/team@shop.example"), ANN, READ, DB, YES),
    (deny(SECRETS, spares="principalSet://goog/group/hidden@shop.example"), ANN, READ, DB, HUH),
    (deny(SECRETS, spares=PUBLIC), ANN, READ, DB, YES),
    (deny(SECRETS, "deleted:principal://goog/subject/ann@shop.example?uid=1"), ANN, READ, DB, YES),
    (deny("secretmanager.googleapis.com/*.access"), ANN, READ, DB, NO),
    (deny("secretmanager.googleapis.com/versions.*"), ANN, READ, DB, NO),
    (deny("secretmanager.googleapis.com/*.*"), ANN, READ, DB, NO),
    (deny("secretmanager.googleapis.com/secrets.*"), ANN, READ, DB, YES),
    (deny("storage.googleapis.com/*.access"), ANN, READ, DB, YES),
    (deny("secretmanager.googleapis.com/*.get"), ANN, READ, DB, YES),
    (deny("secretmanager.googleapis.com/*.*", but=SECRETS), ANN, READ, DB, YES),
    (deny("secretmanager.googleapis.com/*.*", but="secretmanager.googleapis.com/*.access"), ANN, READ, DB, YES),
    (deny("secretmanager.googleapis.com/*.*", but="secretmanager.googleapis.com/secrets.*"), ANN, READ, DB, NO),
    (
        deny("cloudresourcemanager.googleapis.com/projects.setIamPolicy"),
        ANN,
        "resourcemanager.projects.setIamPolicy",
        HOME,
        NO,
    ),
    (
        deny("resourcemanager.googleapis.com/projects.setIamPolicy"),
        ANN,
        "resourcemanager.projects.setIamPolicy",
        HOME,
        NO,
    ),
    (
        deny("cloudresourcemanager.googleapis.com/projects.delete"),
        ANN,
        "resourcemanager.projects.setIamPolicy",
        HOME,
        YES,
    ),
    (deny("iam.googleapis.com/serviceAccounts.actAs"), ANN, "iam.serviceAccounts.actAs", APP, NO),
    (deny(SECRETS, when='resource.matchTag("9/env", "prod")'), ANN, READ, DB, IF),
    (deny(SECRETS, when='!resource.matchTag("9/env", "prod")'), ANN, READ, DB, IF),
    (deny(SECRETS, when="true"), ANN, READ, DB, NO),
    (deny(SECRETS, when="false"), ANN, READ, DB, YES),
    (deny(SECRETS, when="1 +"), ANN, READ, DB, HUH),
    (deny(SECRETS), "user:nobody@shop.example", READ, DB, NO),
    (deny(SECRETS, when='resource.matchTag("9/env", "prod")'), "user:nobody@shop.example", READ, DB, NO),
    (deny(SECRETS, "principalSet://goog/group/hidden@shop.example"), "user:nobody@shop.example", READ, DB, NO),
]


@pytest.mark.parametrize("level", [home, folder, organization])
@pytest.mark.parametrize(("rule", "who", "permission", "on", "answer"), DENIALS)
def test_deny_rules_go_before_all_that_is_allowed(level, rule, who, permission, on, answer):
    everyone = f"{ANN} {BOB} {EVE} {ROBOT}"
    about = {"organizations.get": {"displayName": "shop.example", "directoryCustomerId": "C0shop"}}
    allowed = (("roles/owner", everyone), (VIEWER, everyone))
    guard = {"policies.get": denies(rule)}
    levels = {home: home(*allowed), folder: folder(), organization: organization(**about)}
    levels[level] = (
        home(*allowed, **guard) if level is home else level(**(about if level is organization else {}), **guard)
    )

    check(world(*levels.values(), *GROUPS), who, permission, on, answer)


def test_a_deny_of_the_project_leaves_what_stands_above_it():
    engine = world(home(**{"policies.get": denies(deny(SECRETS))}), folder(policy((ACCESSOR, ANN))))

    check(engine, ANN, READ, DB, NO)
    check(engine, ANN, READ, HOME, NO)
    check(engine, ANN, READ, FOLDER_5, YES)


def test_rules_of_one_policy_stand_alone():
    spare = "principal://goog/subject/ann@shop.example"
    engine = world(home((ACCESSOR, ANN), **{"policies.get": denies(deny(SECRETS, spares=spare), deny(SECRETS))}))

    check(engine, ANN, READ, DB, NO)


# "Roles and permissions", "Basic roles", "Custom roles"

HELD = [
    ("roles/owner", "resourcemanager.projects.setIamPolicy", YES),
    ("roles/editor", "resourcemanager.projects.setIamPolicy", NO),
    ("roles/editor", "run.services.update", YES),
    ("roles/viewer", "run.services.get", YES),
    ("roles/viewer", "run.services.update", NO),
    ("projects/shop/roles/reader", READ, YES),
    ("projects/shop/roles/reader", GET, NO),
    ("projects/shop/roles/off", "iam.serviceAccounts.signBlob", NO),
    ("projects/shop/roles/gone", GET, NO),
    ("projects/shop/roles/missing", GET, NO),
    ("projects/other/roles/x", GET, HUH),
    ("organizations/9/roles/x", GET, HUH),
    ("organizations/9/roles/read", GET, YES),
    ("organizations/9/roles/read", READ, NO),
    ("roles/brand.new", GET, HUH),
]
OF_9 = resource(
    "iam.googleapis.com/OrganizationRole",
    "//iam.googleapis.com/organizations/9/roles/read",
    resource={"name": "organizations/9/roles/read", "includedPermissions": [GET]},
)


@pytest.mark.parametrize(("name", "permission", "answer"), HELD)
def test_a_role_gives_what_the_cloud_says_it_holds(name, permission, answer):
    check(world(home((name, ANN)), OF_9), ANN, permission, HOME, answer)


def test_a_custom_role_that_is_missing_from_a_list_not_read_is_unknown():
    check(world(home(("projects/shop/roles/missing", ANN)), unread=(CUSTOM,)), ANN, GET, PHOTOS, HUH)


# "IAM Conditions overview", "Attribute reference", "Resource attributes"

LATER, PAST = 'request.time < timestamp("2027-01-01T00:00:00Z")', 'request.time < timestamp("2026-01-01T00:00:00Z")'
GRANTS_VIEWERS = 'api.getAttribute("iam.googleapis.com/modifiedGrantsByRole", []).hasOnly(["roles/viewer"])'
CONDITIONS = [  # role, condition, permission, on, answer
    (VIEWER, LATER, GET, PHOTOS, YES),
    (VIEWER, PAST, GET, PHOTOS, NO),
    (VIEWER, 'request.time > timestamp("2027-01-01T00:00:00Z")', GET, PHOTOS, NO),
    (VIEWER, f"{LATER} || {PAST}", GET, PHOTOS, YES),
    (VIEWER, f"{LATER} && {PAST}", GET, PHOTOS, NO),
    (VIEWER, 'request.time.getHours("Europe/Berlin") < 18', GET, PHOTOS, IF),
    (VIEWER, f'{PAST} && request.time.getHours("UTC") < 9', GET, PHOTOS, NO),
    (VIEWER, 'resource.name.startsWith("projects/_/buckets/photos/")', GET, PHOTOS, YES),
    (VIEWER, 'resource.name.startsWith("projects/_/buckets/plans/")', GET, PHOTOS, NO),
    (VIEWER, 'resource.name.startsWith("projects/_/buckets/photos/objects/cats/")', GET, PHOTOS, IF),
    (VIEWER, 'resource.name.startsWith("projects/_/buckets/photos/objects/cats/")', GET, "gs://photos/cats/1.png", YES),
    (VIEWER, 'resource.name.startsWith("projects/_/buckets/photos/objects/cats/")', GET, "gs://photos/dogs/1.png", NO),
    (VIEWER, 'resource.name.startsWith("projects/_/buckets/photos/objects/cats/")', LIST, PHOTOS, NO),
    (VIEWER, 'resource.name == "projects/_/buckets/photos"', LIST, PHOTOS, YES),
    (VIEWER, 'resource.name == "projects/_/buckets/photos"', GET, PHOTOS, NO),
    (VIEWER, 'resource.type == "storage.googleapis.com/Object"', GET, PHOTOS, YES),
    (VIEWER, 'resource.type == "storage.googleapis.com/Bucket"', GET, PHOTOS, NO),
    (VIEWER, 'resource.type == "storage.googleapis.com/Object"', LIST, PHOTOS, NO),
    (VIEWER, 'resource.service == "storage.googleapis.com"', GET, PHOTOS, YES),
    (VIEWER, 'resource.service != "storage.googleapis.com"', GET, PHOTOS, NO),
    (VIEWER, 'resource.name.startsWith("projects/_/buckets/photos")', GET, HOME, IF),
    (VIEWER, 'resource.service == "storage.googleapis.com"', GET, HOME, YES),
    (VIEWER, 'resource.name.startsWith("x")', GET, "*", IF),
    (ACCESSOR, 'resource.name.startsWith("projects/42/secrets/db/versions/")', READ, DB, YES),
    (ACCESSOR, 'resource.name.startsWith("projects/shop/secrets/db")', READ, DB, NO),
    (ACCESSOR, 'resource.name == "projects/42/secrets/db/versions/1"', READ, DB, IF),
    (ACCESSOR, 'resource.type == "secretmanager.googleapis.com/SecretVersion"', READ, DB, YES),
    (ACCESSOR, 'resource.type == "secretmanager.googleapis.com/Secret"', READ, DB, NO),
    (
        "roles/cloudkms.cryptoKeyDecrypter",
        'resource.name.startsWith("projects/shop/locations/global/")',
        "cloudkms.cryptoKeyVersions.useToDecrypt",
        LOCK,
        IF,
    ),
    (
        "roles/cloudkms.cryptoKeyDecrypter",
        'resource.name.extract("keyRings/{ring}/") == "ring"',
        "cloudkms.cryptoKeyVersions.useToDecrypt",
        LOCK,
        IF,
    ),
    (
        "roles/cloudsql.client",
        'resource.name == "projects/shop/instances/ledger"',
        "cloudsql.instances.connect",
        LEDGER,
        YES,
    ),
    (
        "roles/cloudsql.client",
        'resource.name == "projects/shop/instances/other"',
        "cloudsql.instances.connect",
        LEDGER,
        NO,
    ),
    ("roles/run.invoker", 'resource.name.endsWith("/api")', "run.routes.invoke", API, IF),
    (VIEWER, 'resource.matchTag("9/env", "prod")', GET, PHOTOS, IF),
    ("roles/resourcemanager.projectIamAdmin", GRANTS_VIEWERS, "resourcemanager.projects.setIamPolicy", HOME, IF),
    (VIEWER, "destination.port == 443", GET, PHOTOS, IF),
    (VIEWER, "not CEL at all", GET, PHOTOS, HUH),
    (VIEWER, "mystery.attribute", GET, PHOTOS, HUH),
]


@pytest.mark.parametrize(("name", "condition", "permission", "on", "answer"), CONDITIONS)
def test_a_condition_decides_as_far_as_it_is_known(name, condition, permission, on, answer):
    check(world(home((name, ANN), condition=condition)), ANN, permission, on, answer)


# "Public access prevention" (Cloud Storage), "Allowing public access" (Cloud Run), "Function identity"

OPEN = policy((VIEWER, "allUsers"))


@pytest.mark.parametrize(
    ("prevention", "effective", "answer"),
    [
        ("enforced", [], NO),
        ("inherited", [], YES),
        ("inherited", [{"enforce": True}], NO),
        ("inherited", [{"enforce": False}], YES),
        ("inherited", None, HUH),
        ("enforced", None, NO),
    ],
)
def test_prevention_takes_what_everybody_was_given(prevention, effective, answer):
    said = {} if effective is None else {"storage.publicAccessPrevention": {"spec": {"rules": effective}}}
    gaps = {"projects.policies.getEffectivePolicy": refused("projects.policies.getEffectivePolicy")}
    kept = home(**{"projects.policies.getEffectivePolicy": said})
    if effective is None:
        kept = resource(
            kept.kind, kept.ref, region="global", resource={}, iamPolicy={}, **{"policies.get": {}}, gaps=gaps
        )
    bucket = store(BUCKET, PHOTOS, OPEN, iamConfiguration=uniform(prevention))

    check(world(kept, bucket), "allUsers", GET, PHOTOS, answer)


def test_prevention_leaves_those_who_are_named():
    bucket = store(BUCKET, PLANS, policy((VIEWER, f"allUsers {ANN}")), iamConfiguration=uniform("enforced"))

    check(world(bucket), ANN, GET, PLANS, YES)
    check(world(bucket), BOB, GET, PLANS, NO)
    check(world(bucket, home((VIEWER, "allUsers"))), BOB, GET, PLANS, NO)
    check(world(bucket, home((VIEWER, "allUsers"))), BOB, GET, PHOTOS, YES)


def test_access_lists_of_objects_leave_it_open_who_reads_them():
    lists = {"publicAccessPrevention": "inherited", "uniformBucketLevelAccess": {"enabled": False}}
    engine = world(store(BUCKET, PHOTOS, policy((VIEWER, ANN)), iamConfiguration=lists))

    check(engine, ANN, GET, PHOTOS, YES)
    check(engine, BOB, GET, PHOTOS, HUH)
    check(engine, BOB, LIST, PHOTOS, NO)
    check(engine, BOB, "storage.objects.delete", PHOTOS, NO)
    check(engine, BOB, GET, "*", HUH)
    assert "access lists of the objects" in " ".join(engine.held(engine.principal(BOB)).doubts)


def test_a_list_is_asked_of_the_bucket_and_a_read_of_what_is_in_it():
    only_objects = 'resource.type == "storage.googleapis.com/Object"'
    engine = world(home((VIEWER, ANN), condition=only_objects))

    check(engine, ANN, GET, PHOTOS, YES)
    check(engine, ANN, LIST, PHOTOS, NO)
    check(engine, ANN, GET, PHOTOS, YES)


def test_a_service_that_does_not_check_its_callers_is_open():
    engine = world(store(SERVICE, API, invokerIamDisabled=True))

    check(engine, "allUsers", "run.routes.invoke", API, YES)
    check(engine, "allUsers", "run.routes.invoke", NEW, YES)
    check(engine, "allUsers", "run.services.get", API, NO)


def test_a_function_of_the_first_generation_is_called_by_its_own_policy():
    engine = world(
        store("cloudfunctions.googleapis.com/CloudFunction", OLD, policy(("roles/cloudfunctions.invoker", ANN)))
    )

    check(engine, ANN, "cloudfunctions.functions.invoke", OLD, YES)
    check(engine, BOB, "cloudfunctions.functions.invoke", OLD, NO)


# What was not read

GAP = {"iamPolicy": refused("getIamPolicy")}
UNREAD = [  # what was refused, who, permission, on, answer
    ("folder", ANN, GET, PHOTOS, YES),
    ("folder", BOB, GET, PHOTOS, HUH),
    ("secret", ANN, READ, DB, HUH),
    ("secret", BOB, GET, PHOTOS, NO),
    ("deny", ANN, GET, PHOTOS, HUH),
    ("deny", BOB, GET, PHOTOS, NO),
    ("roles", BOB, GET, PHOTOS, NO),
    ("accounts", ANN, GET, PHOTOS, YES),
    ("buckets", BOB, GET, "*", HUH),
    ("buckets", ANN, GET, "*", YES),
    ("levels", BOB, GET, PHOTOS, HUH),
    ("malformed", BOB, GET, PHOTOS, HUH),
    ("malformed", ANN, GET, PHOTOS, YES),
]


def unread_world(what):
    ours = home((VIEWER, ANN))
    if what == "folder":
        return world(ours, resource(folder().kind, FOLDER_5, region="global", **{"policies.get": {}}, gaps=GAP))
    if what == "secret":
        return world(ours, resource(SECRET, DB, resource={}, gaps=GAP))
    if what == "deny":
        gaps = {"policies.get": refused("policies.get")}
        return world(ours, resource(folder().kind, FOLDER_5, region="global", iamPolicy={}, gaps=gaps))
    if what == "malformed":
        return world(
            resource(
                ours.kind,
                HOME,
                region="global",
                resource={},
                **{"policies.get": {}},
                iamPolicy={
                    "bindings": [
                        7,
                        None,
                        {"role": 7, "members": 8},
                        {"role": VIEWER, "members": [ANN, None]},
                        {"role": VIEWER, "members": ANN},
                    ]
                },
            )
        )
    kinds = {"roles": CUSTOM, "accounts": ACCOUNT, "buckets": BUCKET, "levels": folder().kind}
    return world(ours, unread=(kinds[what],))


@pytest.mark.parametrize(("what", "who", "permission", "on", "answer"), UNREAD)
def test_what_was_not_read_is_never_taken_for_no(what, who, permission, on, answer):
    check(unread_world(what), who, permission, on, answer)


def test_an_explicit_deny_stands_whatever_else_is_unread():
    guarded = home((VIEWER, ANN), **{"policies.get": denies(deny("storage.googleapis.com/*.*"))})
    blind = resource(folder().kind, FOLDER_5, region="global", gaps={**GAP, "policies.get": refused("policies.get")})

    check(world(guarded, blind), ANN, GET, PHOTOS, NO)


def test_bindings_that_stand_several_times_are_all_told():
    engine = world(home(*[(VIEWER, ANN)] * 3))

    assert len(engine.decide(engine.principal(ANN), GET, engine.target(PHOTOS)).via) == 3
