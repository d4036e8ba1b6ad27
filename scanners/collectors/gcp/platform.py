"""Clusters, image repositories and API keys."""

from __future__ import annotations

from typing import Any

from scanners.collectors.cloud import Over
from scanners.collectors.gcp.words import PAGE, PROJECT, RESOURCE, ask, get_policy, keep, two_roads

CLUSTER, REPOSITORY = "container.googleapis.com/Cluster", "artifactregistry.googleapis.com/Repository"
API_KEY = "apikeys.googleapis.com/Key"
LOCATIONS = ask(
    "artifactregistry",
    "projects.locations.list",
    "artifactregistry.locations.list",
    items="locations",
    params={"name": PROJECT, "pageSize": PAGE},
)


def where(cluster: Any) -> str:
    """Answers to old clients have the zone alone."""
    return str(cluster.get("location") or cluster.get("zone", "-"))


COLLECTORS = (
    two_roads(
        CLUSTER,
        service="container",
        types=(CLUSTER,),
        listing=ask(
            "container",
            "projects.locations.clusters.list",
            "container.clusters.list",
            items="clusters",
            fills=RESOURCE,
            params={"parent": f"{PROJECT}/locations/-"},
        ),
        full_name=lambda place, body: (
            f"//container.googleapis.com/projects/{place.account}/locations/{where(body)}/clusters/{body['name']}"
        ),
        short=lambda body: str(body["name"]),
        location=where,
        shape=keep(
            "name",
            "location",
            "autopilot.enabled",
            "privateClusterConfig.enablePrivateEndpoint",
            "privateClusterConfig.enablePrivateNodes",
            "masterAuthorizedNetworksConfig",
            "legacyAbac",
            "controlPlaneEndpointsConfig.ipEndpointsConfig.enabled",
            "controlPlaneEndpointsConfig.ipEndpointsConfig.enablePublicEndpoint",
            "controlPlaneEndpointsConfig.ipEndpointsConfig.authorizedNetworksConfig",
            "controlPlaneEndpointsConfig.dnsEndpointConfig.allowExternalTraffic",
            "workloadIdentityConfig.workloadPool",
            "nodePools.name",
            "nodePools.config.serviceAccount",
            "nodePools.config.workloadMetadataConfig.mode",
            "nodePools.config.oauthScopes",
            "networkConfig.defaultEnablePrivateNodes",
            "networkConfig.datapathProvider",
            "networkPolicy.enabled",
            "databaseEncryption.state",
            "binaryAuthorization.enabled",
            "binaryAuthorization.evaluationMode",
            "shieldedNodes.enabled",
            "loggingConfig.componentConfig.enableComponents",
        ),
    ),
    two_roads(
        REPOSITORY,
        service="artifactregistry",
        types=(REPOSITORY,),
        policies_of=(REPOSITORY,),
        over=(Over(LOCATIONS, lambda location: {"parent": location["name"]}),),
        listing=ask(
            "artifactregistry",
            "projects.locations.repositories.list",
            "artifactregistry.repositories.list",
            items="repositories",
            fills=RESOURCE,
            params={"pageSize": PAGE},
        ),
        full_name=lambda place, body: f"//artifactregistry.googleapis.com/{body['name']}",
        location=lambda body: str(body["name"]).split("/")[3],
        shape=keep(
            "name",
            "format",
            "mode",
            "labels",
            "kmsKeyName",
            "dockerConfig.immutableTags",
            "vulnerabilityScanningConfig.enablementConfig",
            "vulnerabilityScanningConfig.enablementState",
        ),
        policy=get_policy(
            "artifactregistry", "projects.locations.repositories", "artifactregistry.repositories.getIamPolicy"
        ),
    ),
    two_roads(
        API_KEY,
        service="apikeys",
        types=(API_KEY,),
        listing=ask(
            "apikeys",
            "projects.locations.keys.list",
            "apikeys.keys.list",
            items="keys",
            fills=RESOURCE,
            params={"parent": f"{PROJECT}/locations/global", "pageSize": 300},
        ),
        full_name=lambda place, body: f"//apikeys.googleapis.com/{body['name']}",
        short=lambda body: str(body.get("displayName") or body["uid"]),
        shape=keep("name", "uid", "displayName", "createTime", "restrictions", "serviceAccountEmail"),
    ),
)
