"""Service accounts' keys and workload identity federation."""

from tests.core.cases import Cases, resource
from tests.core.google import case

ACCOUNT, PROVIDER = "iam.googleapis.com/ServiceAccount", "iam.googleapis.com/WorkloadIdentityPoolProvider"
GITHUB, GITLAB = "https://token.actions.githubusercontent.com", "https://gitlab.com"


def account(*keys, **more):
    body = {"name": "a", "email": "a@shop", **more}
    return resource(ACCOUNT, "//iam.googleapis.com/a", region="global", resource=body, keys=list(keys))


def key(made="2023-01-01T00:00:00Z", **more):
    return {"name": "projects/p/serviceAccounts/a/keys/k1", "validAfterTime": made, **more}


def provider(issuer=GITHUB, condition="", **more):
    body = {"name": "p", "state": "ACTIVE", "oidc": {"issuerUri": issuer}, "attributeCondition": condition, **more}
    return case(resource(PROVIDER, "//iam.googleapis.com/p", region="global", resource=body))


LONG_AGO = "2025-11-20T07:00:00Z"


def used(last=None, since=LONG_AGO, **more):
    told = {"observationPeriod": {"startTime": since}, "activity": {"lastAuthenticatedTime": last} if last else {}}
    body = {"name": "a", "email": "a@shop", **more}
    return case(resource(ACCOUNT, "//iam.googleapis.com/a", region="global", resource=body, activities=[told]))


def untold():
    return case(resource(ACCOUNT, "//iam.googleapis.com/a", region="global", resource={"name": "a"}, activities=[]))


CASES = {
    "gcp.iam.sa_unused": Cases(
        fails=(used(), used("2026-08-01T07:00:00Z"), used("2025-12-01T07:00:00Z")),
        passes=(used("2026-11-20T07:00:00Z"), used("2026-11-20T07:00:00Z", since="2026-11-01T07:00:00Z")),
        neutral=(used(disabled=True), used(since="2026-11-01T07:00:00Z")),
        unknown=(untold(), used("yesterday")),
    ),
    "gcp.iam.sa_user_keys": Cases(
        fails=(
            case(account(key()), subject="k1"),
            case(account(key("2026-11-20T00:00:00.123Z")), subject="k1"),
        ),
        passes=(
            case(account()),
            case(account(key(disabled=True)), subject="k1"),
            case(account(key(), disabled=True), subject="k1"),
        ),
        unknown=(case(account(key("yesterday"))),),
    ),
    "gcp.iam.wif_open": Cases(
        fails=(
            provider(),
            provider(condition="assertion.ref == 'refs/heads/main'"),
            provider(condition="assertion.repository_owner.startsWith('')"),
            provider(GITLAB, "attribute.ref_type == 'branch'"),
            provider("https://oidc.eks.eu-west-1.amazonaws.com/id/ABC"),
        ),
        passes=(
            provider(condition="assertion.repository_owner == 'fernhollow'"),
            provider(condition='"1234" == assertion.repository_owner_id'),
            provider(condition="attribute.repository in ['fernhollow/shop']"),
            provider(condition="assertion['repository'].startsWith('fernhollow/')"),
            provider(GITLAB, "google.subject.startsWith('project_path:fernhollow/shop:')"),
            provider("https://login.fernhollow.example"),
        ),
        neutral=(
            provider(disabled=True),
            provider(state="DELETED"),
            case(resource(PROVIDER, "//x/p", region="global", resource={"aws": {"accountId": "111122223333"}})),
        ),
    ),
}


def test_a_young_key_is_less_grave_than_an_old_one():
    old, young = (one.verdict("gcp.iam.sa_user_keys") for one in CASES["gcp.iam.sa_user_keys"].fails)

    assert (old.severity, young.severity) == (None, 3)
