"""EKS clusters: from where their control plane can be reached, who administers them, and how long AWS supports them.

Of access entries only those with the policy of cluster administrators are asked for.
Limits: rights that are given inside a cluster, in its aws-auth map or by role bindings, cannot be seen from AWS.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from scanners.collectors.cloud import Call, Collector, Detail
from scanners.collectors.door import Door
from scanners.model import Identity, Place, Resource

ADMIN = "cluster-access-policy/AmazonEKSClusterAdminPolicy"
PAGE = {"maxResults": 100}
GONE = frozenset({"ResourceNotFoundException"})
LIST = Call("eks", "ListClusters", items="clusters", params=PAGE)
DESCRIBE = Call(
    "eks",
    "DescribeCluster",
    take="cluster",
    drop=frozenset({"certificateAuthority", "clientRequestToken", "health", "status"}),
)
ADMINS = Call("eks", "ListAccessEntries", items="accessEntries", params=PAGE)
RIGHTS = Call("eks", "ListAssociatedAccessPolicies", items="associatedAccessPolicies", params=PAGE, absent=GONE)
VERSIONS = Call("eks", "DescribeClusterVersions", params={"includeAll": True, **PAGE})
OF_A_VERSION = ("clusterVersion", "endOfStandardSupportDate", "endOfExtendedSupportDate")


def cluster(place: Place, name: str) -> Identity:
    return Identity(f"arn:{place.partition}:eks:{place.region}:{place.account}:cluster/{name}", name)


def listed(name: str, door: Door) -> dict[str, str]:
    return {"name": name}


def of_cluster(cluster: Resource) -> dict[str, str]:
    return {"name": cluster["ListClusters"].need("name").text()}


def if_entries_count(cluster: Resource) -> dict[str, str] | None:
    """A cluster that keeps its access in a map of its own has no entries, and says so with an error."""
    mode = cluster["DescribeCluster"]["accessConfig"]["authenticationMode"]
    if not mode.present or mode.value == "CONFIG_MAP":
        return None
    partition = cluster.ref.split(":")[1]
    return {"clusterName": of_cluster(cluster)["name"], "associatedPolicyArn": f"arn:{partition}:eks::aws:{ADMIN}"}


def admins(cluster: Resource) -> Iterator[tuple[str, dict[str, str]]]:
    if "ListAccessEntries" in cluster.documents or "ListAccessEntries" in cluster.gaps:
        for principal in cluster["ListAccessEntries"]:
            asked = {"clusterName": of_cluster(cluster)["name"], "principalArn": principal.text()}
            yield principal.text(), asked


def rights(items: list[Mapping[str, Any]], door: Door) -> list[dict[str, Any]]:
    return [{key: one[key] for key in ("policyArn", "accessScope") if key in one} for one in items]


def versions(place: Place, answer: Any) -> Identity:
    """All versions of a region as one thing: they are AWS's, not the account's."""
    return Identity(f"arn:{place.partition}:eks:{place.region}:{place.account}:cluster-versions", "cluster versions")


def by_version(answer: Mapping[str, Any], door: Door) -> dict[str, Any]:
    return {one["clusterVersion"]: {key: one.get(key) for key in OF_A_VERSION} for one in answer["clusterVersions"]}


COLLECTORS = (
    Collector(
        kind="AWS::EKS::Cluster",
        listing=LIST,
        identify=cluster,
        shape=listed,
        details=(
            Detail(DESCRIBE, bind=of_cluster),
            Detail(ADMINS, bind=if_entries_count, after="DescribeCluster"),
            Detail(RIGHTS, each=admins, after="ListAccessEntries", shape=rights),
        ),
    ),
    Collector(kind="AWS::EKS::ClusterVersions", listing=VERSIONS, identify=versions, shape=by_version),
)
