"""MSK: clusters, who may connect to them and how."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanners.collectors.cloud import Call, Collector
from scanners.collectors.door import Door
from scanners.model import Identity, Place

LIST = Call("kafka", "ListClustersV2", items="ClusterInfoList", params={"MaxResults": 100})
KEPT = ("ClusterArn", "ClusterName", "ClusterType", "Serverless")
OF_PROVISIONED = ("BrokerNodeGroupInfo", "ClientAuthentication", "EncryptionInfo", "LoggingInfo")


def cluster(place: Place, item: Mapping[str, Any]) -> Identity:
    return Identity(item["ClusterArn"], item["ClusterName"])


def kept(item: Mapping[str, Any], door: Door) -> dict[str, Any]:
    found = {field: item[field] for field in KEPT if field in item}
    if provisioned := item.get("Provisioned"):
        found["Provisioned"] = {field: provisioned[field] for field in OF_PROVISIONED if field in provisioned}
    return found


COLLECTORS = (Collector(kind="AWS::MSK::Cluster", listing=LIST, identify=cluster, shape=kept),)
