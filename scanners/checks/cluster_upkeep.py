"""Kubernetes clusters: secrets, logs, versions and administrators.

Limits: rights that are given inside a cluster, in its aws-auth map or by role bindings, cannot be seen from AWS.
Sources: "Default envelope encryption for all Kubernetes API data", "Associate access policies with access entries"
(Amazon EKS user guide), read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from scanners.checks.clusters import CLUSTER
from scanners.checks.registry import Fix, check
from scanners.checks.ways_in import nearby
from scanners.model import Gap, Node, Resource, Severity, State, Unread, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

VERSIONS = "AWS::EKS::ClusterVersions"
ENCRYPTS_BY_ITSELF = (1, 28)  # from this version on, AWS encrypts what a cluster keeps with a key of its own
FEW = 3  # administrators
ADMIN = ":cluster-access-policy/AmazonEKSClusterAdminPolicy"


@check(
    "aws.eks.secrets_encryption",
    on=CLUSTER,
    severity=Severity.MEDIUM,
    title="Cluster secrets without envelope encryption",
    reads=("DescribeCluster",),
    fix=Fix(
        console="EKS > the cluster > Overview > Secrets encryption > Enable: a key of your own.",
        cli="aws eks associate-encryption-config --cluster-name NAME --encryption-config"
        " resources=secrets,provider={keyArn=ARN}",
        terraform='resource "aws_eks_cluster" "this" { encryption_config { resources = ["secrets"]  provider {'
        " key_arn = aws_kms_key.this.arn } } }",
    ),
)
def secrets_encryption(cluster: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever gets at a copy of the cluster's store reads every password in it; with your key, only who may use it."""
    said = cluster["DescribeCluster"]
    configs, version = said["encryptionConfig"], said.need("version")
    keyed = [
        config["provider"]["keyArn"] for config in configs if any(one.value == "secrets" for one in config["resources"])
    ]
    if keyed:
        yield passed("Secrets are encrypted with a key of the account", *keyed)
    elif _number(version) >= ENCRYPTS_BY_ITSELF:
        sentence = "Secrets are encrypted with a key that AWS owns, whose use nobody can see or stop"
        yield failed(sentence, configs, version, severity=Severity.LOW)
    else:
        yield failed("Secrets are kept without envelope encryption", configs, version)


def _number(version: Node) -> tuple[int, int]:
    major, _, minor = version.text().partition(".")
    return int(major), int(minor)


@check(
    "aws.eks.control_plane_logs",
    on=CLUSTER,
    severity=Severity.MEDIUM,
    title="Cluster audit log off",
    reads=("DescribeCluster",),
    fix=Fix(
        console="EKS > the cluster > Observability > Control plane logs > Manage: audit and authenticator.",
        cli="aws eks update-cluster-config --name NAME --logging"
        ' \'{"clusterLogging":[{"types":["audit","authenticator"],"enabled":true}]}\'',
        terraform='resource "aws_eks_cluster" "this" { enabled_cluster_log_types = ["audit", "authenticator"] }',
    ),
)
def control_plane_logs(cluster: Resource, estate: Estate) -> Iterator[Verdict]:
    """Nobody can say afterwards who read a secret, ran a command in a container, or made somebody an administrator."""
    said = cluster["DescribeCluster"]
    said.need("version")
    settings = said["logging"]["clusterLogging"]
    on = [kind for one in settings if one["enabled"].value is True for kind in one["types"]]
    audit = [kind for kind in on if kind.value == "audit"]
    if audit:
        yield passed("The audit log is kept", *audit)
    else:
        kept = ", ".join(sorted(kind.text() for kind in on))
        yield failed(f"Of the control plane only {kept} are logged" if kept else "No log is kept", settings)


@check(
    "aws.eks.version",
    on=CLUSTER,
    severity=Severity.MEDIUM,
    title="Cluster version near or past support",
    reads=("DescribeCluster",),
    joins=((VERSIONS, "DescribeClusterVersions"),),
    fix=Fix(
        console="EKS > the cluster > Upgrade version, one version at a time, after the upgrade insights are clean.",
        cli="aws eks update-cluster-version --name NAME --kubernetes-version VERSION",
        terraform='resource "aws_eks_cluster" "this" { version = "1.34" }',
    ),
)
def version(cluster: Resource, estate: Estate) -> Iterator[Verdict]:
    """Holes that are found in it stay open, or are mended for a price, and one day AWS upgrades it by itself."""
    running = cluster["DescribeCluster"].need("version")
    for known in nearby(cluster, VERSIONS, estate):
        said = known["DescribeClusterVersions"][running.text()]
        if said.present:
            end, last = said.need("endOfStandardSupportDate"), said["endOfExtendedSupportDate"]
            yield _supported(running, end, last, estate.now.date())
            return
    raise Unread(Gap("eks.DescribeClusterVersions", "", State.UNSUPPORTED, "VersionNotListed", cluster.region))


def _supported(running: Node, end: Node, last: Node, today: date) -> Verdict:
    standard = date.fromisoformat(end.text()[:10])
    if standard > today:
        return passed(f"Version {running.value} is in standard support until {standard}", running, end)
    over = last.present and date.fromisoformat(last.text()[:10]) <= today
    if over:
        sentence = f"All support for version {running.value} has ended"
        return failed(sentence, running, last, severity=Severity.HIGH)
    return failed(f"Standard support for version {running.value} ended on {standard}", running, end)


@check(
    "aws.eks.access_admins",
    on=CLUSTER,
    severity=Severity.HIGH,
    title="Many cluster administrators",
    reads=("DescribeCluster", "ListAccessEntries", "ListAssociatedAccessPolicies"),
    fix=Fix(
        console="EKS > the cluster > Access > the entry > Access policies: fewer rights, or for namespaces only.",
        cli="aws eks disassociate-access-policy --cluster-name NAME --principal-arn ARN"
        " --policy-arn arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy",
        terraform='resource "aws_eks_access_policy_association" "this" { access_scope { type = "namespace"'
        '  namespaces = ["shop"] } }',
    ),
)
def access_admins(cluster: Resource, estate: Estate) -> Iterator[Verdict]:
    """Each of them can read every secret and run anything in the cluster; whoever takes over one has it all."""
    mode = cluster["DescribeCluster"]["accessConfig"]["authenticationMode"]
    if not mode.present or mode.value == "CONFIG_MAP":
        yield not_applicable("The cluster keeps its access in a map of its own, which AWS does not show", mode)
        return
    found = [
        (principal, policy)
        for principal, policies in cluster.each("ListAssociatedAccessPolicies")
        for policy in policies
        if policy.need("policyArn").text().endswith(ADMIN) and policy["accessScope"]["type"].value == "cluster"
    ]
    proofs = [policy for _, policy in found]
    if len(found) > FEW:
        yield failed(f"{len(found)} principals administer the whole cluster", *proofs)
    else:
        entries = cluster["ListAccessEntries"]
        yield passed(
            f"Access entries make {len(found)} principals administrators of the whole cluster", entries, *proofs
        )
