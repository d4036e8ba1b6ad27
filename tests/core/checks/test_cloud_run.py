"""Cloud Run services."""

from tests.core.cases import Cases, resource
from tests.core.google import DEFAULT, HERE, HOME, ROBOT, case, folder, organization, policy, project, role

SERVICE, ACCOUNT = "run.googleapis.com/Service", "iam.googleapis.com/ServiceAccount"
ALL, BALANCER, INSIDE = (f"INGRESS_TRAFFIC_{one}" for one in ("ALL", "INTERNAL_LOAD_BALANCER", "INTERNAL_ONLY"))
EXPIRED = {"title": "until 2025", "expression": 'request.time < timestamp("2025-01-01T00:00:00Z")'}
LASTING = {"title": "until 2030", "expression": 'request.time < timestamp("2030-01-01T00:00:00Z")'}
EITHER = {"expression": 'request.time < timestamp("2025-01-01T00:00:00Z") || request.path == "/"'}
ME = f"serviceAccount:{ROBOT}"


def run(allowed=None, *, runs_as=ROBOT, env=(), ingress=ALL, **more):
    template = {"containers": [{"name": "app", "env": list(env)}], **({"serviceAccount": runs_as} if runs_as else {})}
    body = {"name": f"{HOME}/locations/{HERE}/services/app", "ingress": ingress, "template": template, **more}
    return resource(
        SERVICE, f"//run.googleapis.com/{body['name']}", region=HERE, resource=body, iamPolicy=allowed or {}
    )


def invoker(who, **more):
    return policy(("roles/run.invoker", who), **more)


def value(name, secret=None):
    return {"name": name, "value": {"secret": secret, "digest": "00"}}


def other(allowed, email="other@shop.iam.gserviceaccount.com"):
    found = resource(ACCOUNT, f"//iam.googleapis.com/{email}", region="global", iamPolicy=allowed)
    object.__setattr__(found, "name", email)
    return found


def strong(*bindings, on=project, **more):
    return case(run(), on(policy(*bindings), **more))


DENIED = {
    "rules": [
        {
            "denyRule": {
                "deniedPrincipals": ["principalSet://goog/public:all"],
                "deniedPermissions": ["cloudresourcemanager.googleapis.com/projects.setIamPolicy"],
            }
        }
    ]
}
SPARED = {"rules": [{"denyRule": {**DENIED["rules"][0]["denyRule"], "exceptionPrincipals": [
    f"principal://iam.googleapis.com/projects/-/serviceAccounts/{ROBOT}"]}}]}  # fmt: skip
WHEN = {"rules": [{"denyRule": {**DENIED["rules"][0]["denyRule"], "denialCondition": {"expression": "true"}}}]}
ADMIN = ("roles/resourcemanager.projectIamAdmin", ME)

CASES = {
    "gcp.run.public_invoker": Cases(
        fails=(
            case(run(invoker("allUsers"))),
            case(run(invoker("allAuthenticatedUsers"))),
            case(run(invoker(f"{ME} allUsers"))),
            case(run(invoker("allUsers"), ingress=INSIDE)),
            case(run(invokerIamDisabled=True)),
            case(run(invoker("allUsers", condition=LASTING))),
            case(run(invoker("allUsers", condition=EITHER))),
            case(run(), project(invoker("allUsers"))),
            case(run(invoker("allUsers")), unread=frozenset({"cloudresourcemanager.googleapis.com/Project"})),
        ),
        passes=(
            case(run(invoker(ME))),
            case(run()),
            case(run(policy(("roles/run.viewer", "allUsers"), ("roles/run.invoker", ME)), invokerIamDisabled=False)),
            case(run(invoker("allUsers", condition=EXPIRED))),
            case(run(policy(("projects/shop/roles/off", "allUsers")))),
            case(run(invoker("deleted:serviceAccount:x@y.iam.gserviceaccount.com?uid=1 domain:shop.example"))),
        ),
        unknown=(case(run(policy(("organizations/9/roles/caller", "allUsers")))),),
    ),
    "gcp.run.ingress_all": Cases(
        fails=(case(run()),),
        passes=(case(run(ingress=INSIDE)), case(run(ingress=BALANCER))),
        unknown=(case(run(ingress="INGRESS_TRAFFIC_NEW")), case(run(ingress=None))),
    ),
    "gcp.run.default_sa": Cases(
        fails=(
            case(run(runs_as="")),
            case(run(runs_as=DEFAULT)),
            case(run(runs_as=DEFAULT), project(policy(("roles/editor", f"serviceAccount:{DEFAULT}")))),
        ),
        passes=(case(run()), case(run(runs_as="1-compute@shop.iam.gserviceaccount.com"))),
    ),
    "gcp.run.sa_privileged": Cases(
        fails=(
            strong(ADMIN),
            strong(("roles/editor", ME)),
            strong(("roles/owner", ME), on=folder),
            strong(("roles/iam.serviceAccountUser", ME), on=organization),
            strong(("projects/shop/roles/becomer", ME)),
            strong(("roles/owner", ME), on=project, **{"policies.get": {"p": DENIED}}),
            strong(ADMIN, **{"policies.get": {"p": SPARED}}),
            strong(ADMIN, **{"policies.get": {"p": WHEN}}),
            case(run(), other(policy(("roles/iam.serviceAccountTokenCreator", ME)))),
            case(run(runs_as="")),
        ),
        passes=(
            case(run(), other({})),
            strong(("roles/run.invoker", ME)),
            strong(("projects/shop/roles/reader", ME)),
            strong(("roles/owner", "user:rowan@shop.example")),
            strong(ADMIN, **{"policies.get": {"p": DENIED}}),
            case(run(), other(policy(("roles/iam.serviceAccountTokenCreator", ME)), ROBOT)),
        ),
        unknown=(strong(("organizations/9/roles/what", ME)),),
    ),
    "gcp.run.env_secret": Cases(
        fails=(
            case(run(env=[value("KEY", "GitHub Token")])),
            case(run(env=[value("REGION"), value("PASSWORD", "Secret by name")])),
        ),
        passes=(
            case(run()),
            case(run(env=[value("REGION")])),
            case(run(env=[{"name": "PASSWORD", "valueSource": {"secretKeyRef": {"secret": "s"}}}])),
        ),
    ),
}


def test_an_open_service_inside_the_network_is_less_grave():
    verdicts = [
        case(run(invoker("allUsers"), ingress=one)).verdict("gcp.run.public_invoker") for one in (ALL, BALANCER, INSIDE)
    ]

    assert [verdict.severity for verdict in verdicts] == [None, 4, 3]


def test_the_default_account_is_critical_where_it_may_edit_everything():
    verdict = CASES["gcp.run.default_sa"].fails[2].verdict("gcp.run.default_sa")

    assert verdict.severity == 5
    assert [proof.value for proof in verdict.because][1] == f"serviceAccount:{DEFAULT}"


def test_a_role_that_nobody_has_read_is_named():
    verdict = CASES["gcp.run.public_invoker"].unknown[0].verdict("gcp.run.public_invoker")

    assert "organizations/9/roles/caller" in verdict.missing[0].code


def test_a_custom_role_counts_for_what_it_holds():
    anyone = case(
        run(policy(("projects/shop/roles/caller", "allUsers"))), role("projects/shop/roles/caller", "run.routes.invoke")
    )

    assert anyone.verdict("gcp.run.public_invoker").outcome == "fail"
