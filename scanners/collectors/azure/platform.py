"""Container Apps, registries, clusters, network security groups, networks and the logs of what flows in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanners.collectors.azure.words import (
    RESOURCE,
    SUBSCRIPTION,
    ask,
    body,
    identify,
    keep,
    listing,
    objects,
    two_roads,
)
from scanners.collectors.cloud import Collector, Over
from scanners.collectors.door import Door

CONTAINER_APP, REGISTRY = "Microsoft.App/containerApps", "Microsoft.ContainerRegistry/registries"
CLUSTER, FIREWALL = "Microsoft.ContainerService/managedClusters", "Microsoft.Network/networkSecurityGroups"
NETWORK, FLOW_LOG = "Microsoft.Network/virtualNetworks", "Microsoft.Network/networkWatchers/flowLogs"
WATCHER = "Microsoft.Network/networkWatchers"
RULE = (
    "protocol", "access", "direction", "priority", "sourceAddressPrefix", "sourceAddressPrefixes",
    "destinationPortRange", "destinationPortRanges", "destinationAddressPrefix", "sourceApplicationSecurityGroups",
)  # fmt: skip

CONTAINER_FIELDS = (
    "configuration.ingress.external",
    "configuration.ingress.allowInsecure",
    "configuration.ingress.ipSecurityRestrictions",
    "configuration.ingress.clientCertificateMode",
    "configuration.ingress.transport",
    "configuration.ingress.fqdn",
    "configuration.ingress.customDomains.name",
    "environmentId",
)


def container_app(item: Any, door: Door) -> dict[str, Any]:
    """With the names of its variables, by container: of a value, what the door keeps; of others, that they refer."""
    plan = (item.get("properties") or {}).get("template") or {}
    found: dict[str, Any] = {}
    for one in (*objects(plan.get("containers")), *objects(plan.get("initContainers"))):
        found.setdefault(str(one.get("name") or ""), {}).update(_variables(objects(one.get("env")), door))
    return {**body(CONTAINER_APP, *CONTAINER_FIELDS)(item, door), "variables": found}


def _variables(told: list[dict[str, Any]], door: Door) -> Iterator[tuple[str, dict[str, Any]]]:
    for one in told:
        name, refers = str(one.get("name") or ""), one.get("secretRef")
        if refers:
            yield name, {"secret": None, "digest": door.digest(str(refers)), "reference": True}
        else:
            yield name, door.variable(name, one.get("value") or "")


def of_watcher(watcher: Any) -> dict[str, str]:
    steps = str(watcher["id"]).strip("/").split("/")
    return {"resourceGroupName": steps[3], "networkWatcherName": steps[-1]}


COLLECTORS = (
    two_roads(
        CONTAINER_APP,
        service="appcontainers",
        listed="container_apps.list_by_subscription",
        fields=CONTAINER_FIELDS,
        shape=container_app,
    ),
    two_roads(
        REGISTRY,
        service="containerregistry",
        listed="registries.list",
        fields=(
            "adminUserEnabled",
            "anonymousPullEnabled",
            "publicNetworkAccess",
            "networkRuleSet.defaultAction",
            "networkRuleSet.ipRules",
        ),
    ),
    two_roads(
        CLUSTER,
        service="containerservice",
        listed="managed_clusters.list",
        fields=(
            "apiServerAccessProfile.enablePrivateCluster",
            "apiServerAccessProfile.authorizedIPRanges",
            "disableLocalAccounts",
            "aadProfile.managed",
            "aadProfile.enableAzureRBAC",
            "enableRBAC",
            "publicNetworkAccess",
            "networkProfile.networkPolicy",
            "oidcIssuerProfile.enabled",
            "securityProfile.workloadIdentity.enabled",
            "securityProfile.azureKeyVaultKms.enabled",
            "securityProfile.defender.securityMonitoring.enabled",
            "autoUpgradeProfile.upgradeChannel",
        ),
    ),
    two_roads(
        NETWORK,
        service="network",
        listed="virtual_networks.list_all",
        fields=("subnets.id", "subnets.name", "subnets.properties.networkSecurityGroup.id"),
    ),
    Collector(
        kind=FLOW_LOG,
        listing=ask(
            "network", "flow_logs.list", f"{FLOW_LOG}/read", items="value", params=SUBSCRIPTION, fills=RESOURCE
        ),
        identify=identify(FLOW_LOG),
        shape=keep(
            "id",
            "name",
            "properties.targetResourceId",
            "properties.enabled",
            "properties.retentionPolicy",
            "properties.flowAnalyticsConfiguration.networkWatcherFlowAnalyticsConfiguration.enabled",
        ),
        service="network",
        everywhere=False,
        over=(Over(listing("network", "network_watchers.list_all", f"{WATCHER}/read"), of_watcher),),
    ),
    two_roads(
        FIREWALL,
        service="network",
        listed="network_security_groups.list_all",
        fields=(
            "securityRules.name",
            *(f"securityRules.properties.{field}" for field in RULE),
            "subnets.id",
            "networkInterfaces.id",
        ),
    ),
)
