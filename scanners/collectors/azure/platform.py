"""Container Apps, registries, clusters and network security groups."""

from __future__ import annotations

from scanners.collectors.azure.words import two_roads

CONTAINER_APP, REGISTRY = "Microsoft.App/containerApps", "Microsoft.ContainerRegistry/registries"
CLUSTER, FIREWALL = "Microsoft.ContainerService/managedClusters", "Microsoft.Network/networkSecurityGroups"
RULE = (
    "protocol", "access", "direction", "priority", "sourceAddressPrefix", "sourceAddressPrefixes",
    "destinationPortRange", "destinationPortRanges", "destinationAddressPrefix", "sourceApplicationSecurityGroups",
)  # fmt: skip

COLLECTORS = (
    two_roads(
        CONTAINER_APP,
        service="appcontainers",
        listed="container_apps.list_by_subscription",
        fields=(
            "configuration.ingress.external",
            "configuration.ingress.allowInsecure",
            "configuration.ingress.ipSecurityRestrictions",
            "configuration.ingress.clientCertificateMode",
            "configuration.ingress.transport",
            "configuration.ingress.fqdn",
            "configuration.ingress.customDomains.name",
            "environmentId",
        ),
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
        ),
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
