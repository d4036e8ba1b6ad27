"""Kubernetes clusters: CASES are run by tests/house/test_checks.py."""

from tests.core.cases import Case, Cases, resource


def cluster(public, *ranges, **more):
    network = {"endpointPublicAccess": public, "endpointPrivateAccess": True, "publicAccessCidrs": list(ranges), **more}
    return Case(resource("AWS::EKS::Cluster", DescribeCluster={"resourcesVpcConfig": network}))


CASES = {
    "aws.eks.public_endpoint": Cases(
        fails=(
            cluster(True, "0.0.0.0/0"),
            cluster(True, "203.0.113.0/24", "::/0"),
            cluster(True, "0.0.0.0/1", "128.0.0.0/1"),
            cluster(True),
            cluster(True, publicAccessCidrs=None),
        ),
        passes=(cluster(False), cluster(False, "0.0.0.0/0"), cluster(True, "203.0.113.0/24")),
        unknown=(cluster(None), cluster(True, "not-a-range")),
    ),
}
