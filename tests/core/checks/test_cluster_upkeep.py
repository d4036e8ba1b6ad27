"""Secrets, logs, versions and administrators of clusters: CASES are run by tests/house/test_checks.py."""

from scanners.model import Severity
from tests.core.cases import Case, Cases, resource

KIND, VERSIONS = "AWS::EKS::Cluster", "AWS::EKS::ClusterVersions"
ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
VIEW = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"


def cluster(*around, version="1.33", mode="API", **said):
    access = {"accessConfig": {"authenticationMode": mode}} if mode else {}
    return Case(resource(KIND, DescribeCluster={"version": version, **access, **said}), around)


def keyed(*resources):
    return {"encryptionConfig": [{"resources": list(resources), "provider": {"keyArn": "arn:aws:kms:k"}}]}


def logged(*kinds, enabled=True):
    rest = [kind for kind in ("api", "audit") if kind not in kinds]
    on, off = {"types": list(kinds), "enabled": enabled}, {"types": rest, "enabled": not enabled}
    return cluster(logging={"clusterLogging": [on] if enabled and rest else [off, on]})


def supported(end, last="2030-01-01T00:00:00Z", version="1.33"):
    said = {version: {"endOfStandardSupportDate": end, "endOfExtendedSupportDate": last}}
    return resource(VERSIONS, "arn:versions", DescribeClusterVersions=said)


def administered(*grants, mode="API"):
    """(policy, scope) of each entry."""
    entries = {f"arn:role/{n}": [{"policyArn": p, "accessScope": {"type": s}}] for n, (p, s) in enumerate(grants)}
    said = {"version": "1.33", "accessConfig": {"authenticationMode": mode}}
    asked = {"ListAccessEntries": list(entries), "ListAssociatedAccessPolicies": entries}
    return Case(resource(KIND, DescribeCluster=said, **asked))


CASES = {
    "aws.eks.secrets_encryption": Cases(
        fails=(cluster(), cluster(version="1.27"), cluster(encryptionConfig=[]), cluster(**keyed("configmaps"))),
        passes=(cluster(**keyed("secrets")), cluster(version="1.24", **keyed("secrets"))),
        unknown=(cluster(version=None), cluster(version="next")),
    ),
    "aws.eks.control_plane_logs": Cases(
        fails=(cluster(), logged("api"), logged("audit", enabled=False)),
        passes=(logged("audit"), logged("api", "audit", "authenticator")),
    ),
    "aws.eks.version": Cases(
        fails=(
            cluster(supported("2026-11-22T00:00:00Z")),
            cluster(supported("2025-03-23T00:00:00Z")),
            cluster(supported("2025-03-23T00:00:00Z", "2026-03-23T00:00:00Z")),
        ),
        passes=(cluster(supported("2026-11-23T00:00:00Z")), cluster(supported("2027-07-29", None))),
        unknown=(cluster(), cluster(supported("2027-07-29", version="1.34"))),
    ),
    "aws.eks.access_admins": Cases(
        fails=(
            administered(*[(ADMIN, "cluster")] * 4),
            administered(*[(ADMIN, "cluster")] * 9, mode="API_AND_CONFIG_MAP"),
        ),
        passes=(
            administered(),
            administered(*[(ADMIN, "cluster")] * 3),
            administered(*[(ADMIN, "cluster")] * 3, (ADMIN, "namespace"), (VIEW, "cluster")),
        ),
        neutral=(cluster(mode="CONFIG_MAP"), cluster(mode=None)),
    ),
}


def test_what_nobody_supports_any_more_weighs_more_than_what_is_supported_for_a_price():
    old = cluster(supported("2025-03-23T00:00:00Z", "2026-03-23T00:00:00Z"))

    assert old.verdict("aws.eks.version").severity is Severity.HIGH


def test_a_key_that_aws_owns_weighs_less_than_no_key():
    assert cluster().verdict("aws.eks.secrets_encryption").severity is Severity.LOW
    assert cluster(version="1.27").verdict("aws.eks.secrets_encryption").severity is None
