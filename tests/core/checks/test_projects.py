"""Projects, folders and organisations."""

import pytest

from scanners.access.gcp import of_google
from tests.core.cases import Cases
from tests.core.google import ROBOT, case, folder, organization, policy, project

USED = "projects.locations.recommenders.recommendations.list"
EFFECTIVE = "projects.policies.getEffectivePolicy"
AGENT = "serviceAccount:42@cloudservices.gserviceaccount.com"
EXPIRED = {"expression": 'request.time < timestamp("2025-01-01T00:00:00Z")'}
FOLDER, ORGANIZATION = (f"cloudresourcemanager.googleapis.com/{one}" for one in ("Folder", "Organization"))


def bound(role, who, on=project, **more):
    return case(on(policy((role, who), **more)))


def recommended(subtype, state="ACTIVE", **overview):
    one = {
        "name": "r/1",
        "recommenderSubtype": subtype,
        "stateInfo": {"state": state},
        "content": {"overview": overview},
    }
    return case(project(**{USED: [one]}))


def rule(**said):
    return case(project(**{EFFECTIVE: {"run.allowedIngress": {"spec": {"rules": [said] if said else []}}}}),
                subject="run.allowedIngress")  # fmt: skip


def audited(*logs, service="allServices", exempt=()):
    config = [{"logType": log, **({"exemptedMembers": list(exempt)} if exempt else {})} for log in logs]
    return policy(auditConfigs=[{"service": service, "auditLogConfigs": config}])


ADMIN, READ, WRITE = LOGS = ("ADMIN_READ", "DATA_READ", "DATA_WRITE")

CASES = {
    "gcp.iam.public_member": Cases(
        fails=(
            bound("roles/viewer", "allUsers"),
            bound("roles/browser", "allAuthenticatedUsers", on=folder),
            bound("roles/viewer", "user:a@shop.example allUsers", on=organization),
        ),
        passes=(
            case(project()),
            bound("roles/viewer", "domain:shop.example"),
            bound("roles/viewer", "allUsers", condition=EXPIRED),
        ),
    ),
    "gcp.iam.basic_roles": Cases(
        fails=(
            case(project(policy(("roles/owner", "user:a@shop.example"))), subject="user:a@shop.example roles/owner"),
            case(
                project(policy(("roles/editor", f"serviceAccount:{ROBOT}"))),
                subject=f"serviceAccount:{ROBOT} roles/editor",
            ),
            case(folder(policy(("roles/editor", "group:g@shop.example"))), subject="group:g@shop.example roles/editor"),
        ),
        passes=(case(project()), bound("roles/viewer", "user:a@shop.example"), bound("roles/editor", AGENT)),
    ),
    "gcp.iam.external_member": Cases(
        fails=(
            case(project(policy(("roles/viewer", "user:x@gmail.com"))), subject="user:x@gmail.com"),
            case(project(policy(("roles/viewer", "group:g@Other.example"))), subject="group:g@Other.example"),
            case(folder(policy(("roles/viewer", "domain:other.example"))), subject="domain:other.example"),
            case(
                project(policy(("roles/viewer", "user:x@gmail.com"))),
                subject="user:x@gmail.com",
                unread=frozenset({ORGANIZATION}),
            ),
        ),
        passes=(
            bound("roles/viewer", "user:a@Shop.example group:g@shop.example domain:shop.example"),
            bound("roles/viewer", f"serviceAccount:{ROBOT}"),
            case(
                project(policy(("roles/viewer", "user:a@partner.example"))),
                trusted=frozenset({"partner.example"}),
            ),
        ),
        unknown=(case(project(policy(("roles/viewer", "user:a@shop.example"))), unread=frozenset({ORGANIZATION})),),
    ),
    "gcp.iam.sa_impersonation_wide": Cases(
        fails=(
            case(
                project(policy(("roles/iam.serviceAccountTokenCreator", "group:g@shop.example"))),
                subject="group:g@shop.example roles/iam.serviceAccountTokenCreator",
            ),
            case(
                folder(policy(("projects/shop/roles/becomer", "user:a@shop.example"))),
                subject="user:a@shop.example projects/shop/roles/becomer",
            ),
        ),
        passes=(
            case(project()),
            bound("roles/run.invoker", "user:a@shop.example"),
            bound("projects/shop/roles/reader", "user:a@shop.example"),
            bound("roles/owner", "user:a@shop.example"),
            bound("roles/iam.serviceAccountUser", AGENT),
        ),
        unknown=(bound("roles/new.thing", "user:a@shop.example"),),
    ),
    "gcp.iam.unused_permissions": Cases(
        fails=(
            case(
                project(
                    **{USED: [{"name": "r/1", "recommenderSubtype": "REMOVE_ROLE", "stateInfo": {"state": "ACTIVE"}}]}
                ),
                subject="1",
            ),
        ),
        passes=(
            case(project(**{USED: []})),
            recommended("REMOVE_ROLE", "DISMISSED"),
            recommended("SERVICE_AGENT_WITHOUT_DEFAULT_ROLE"),
        ),
    ),
    "gcp.org.constraints": Cases(
        fails=(
            rule(),
            rule(allowAll=True),
            rule(enforce=False),
            rule(enforce=True, condition={"expression": "resource.matchTag('1/env', 'prod')"}),
            rule(values={"allowedValues": ["all"]}),
        ),
        passes=(rule(enforce=True), rule(denyAll=True), rule(values={"allowedValues": ["internal"]})),
    ),
    "gcp.logging.audit_config": Cases(
        fails=(
            case(project()),
            case(project(audited(ADMIN, READ))),
            case(project(audited(*LOGS, service="storage.googleapis.com"))),
            case(project(audited(*LOGS, exempt=["user:a@shop.example"]))),
        ),
        passes=(
            case(project(audited(*LOGS))),
            case(project(audited(ADMIN)), folder(audited(READ)), organization(audited(WRITE))),
        ),
        unknown=(case(project(audited(ADMIN)), unread=frozenset({FOLDER})),),
    ),
}


@pytest.mark.parametrize(
    ("who", "theirs"),
    [
        (AGENT, True),
        ("serviceAccount:service-42@gcp-sa-pubsub.iam.gserviceaccount.com", True),
        ("serviceAccount:service-42@serverless-robot-prod.iam.gserviceaccount.com", True),
        ("serviceAccount:42@cloudbuild.gserviceaccount.com", False),
        ("serviceAccount:evil@gcp-sa-pubsub.iam.gserviceaccount.com", False),
        ("serviceAccount:service-42@not-compute-system.iam.gserviceaccount.com", False),
        ("user:42@cloudservices.gserviceaccount.com", False),
    ],
)
def test_only_googles_own_agents_are_passed_over(who, theirs):
    assert of_google(who) is theirs


def test_people_with_a_basic_role_are_less_grave_than_machines():
    fails = CASES["gcp.iam.basic_roles"].fails

    assert [one.verdict("gcp.iam.basic_roles").severity for one in fails] == [3, None, 3]
