"""EKS clusters: from where their control plane can be reached."""

from __future__ import annotations

from scanners.collectors.cloud import Call, Collector, Detail
from scanners.collectors.door import Door
from scanners.model import Identity, Place, Resource

LIST = Call("eks", "ListClusters", items="clusters", params={"maxResults": 100})
DESCRIBE = Call(
    "eks",
    "DescribeCluster",
    take="cluster",
    drop=frozenset({"certificateAuthority", "clientRequestToken", "health", "status"}),
)


def cluster(place: Place, name: str) -> Identity:
    return Identity(f"arn:{place.partition}:eks:{place.region}:{place.account}:cluster/{name}", name)


def listed(name: str, door: Door) -> dict[str, str]:
    return {"name": name}


def of_cluster(cluster: Resource) -> dict[str, str]:
    return {"name": cluster["ListClusters"].need("name").text()}


COLLECTORS = (
    Collector(
        kind="AWS::EKS::Cluster",
        listing=LIST,
        identify=cluster,
        shape=listed,
        details=(Detail(DESCRIBE, bind=of_cluster),),
    ),
)
