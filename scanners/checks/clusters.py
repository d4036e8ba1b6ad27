"""Kubernetes clusters: from where their control plane can be reached."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.registry import Fix, check
from scanners.model import Resource, Severity, Verdict, failed, passed
from scanners.model.estate import Estate
from scanners.model.ranges import is_internet

CLUSTER = "AWS::EKS::Cluster"


@check(
    "aws.eks.public_endpoint",
    on=CLUSTER,
    severity=Severity.HIGH,
    title="Cluster control plane open to the internet",
    reads=("DescribeCluster",),
    fix=Fix(
        console="EKS > the cluster > Networking > Manage endpoint access: Private, or the addresses that need it.",
        cli="aws eks update-cluster-config --name NAME --resources-vpc-config"
        " endpointPublicAccess=false,endpointPrivateAccess=true",
        terraform='resource "aws_eks_cluster" "this" { vpc_config { endpoint_public_access = false'
        "  endpoint_private_access = true } }",
    ),
)
def public_endpoint(cluster: Resource, estate: Estate) -> Iterator[Verdict]:
    """A token that leaked, or a hole in the API server, can be used from anywhere on the internet."""
    network = cluster["DescribeCluster"].need("resourcesVpcConfig")
    public, ranges = network.need("endpointPublicAccess"), network["publicAccessCidrs"]
    if public.value is False:
        yield passed("The control plane has a private endpoint only", public)
        return
    named = list(ranges)
    if not named:
        yield failed("The control plane can be reached from everywhere, for no range is named", public, ranges)
        return
    if wide := [one for one in named if is_internet(one)]:
        from_where = ", ".join(one.text() for one in wide)
        yield failed(f"The control plane can be reached from {from_where}", *wide, public)
    else:
        yield passed("The control plane can be reached from named ranges only", ranges)
