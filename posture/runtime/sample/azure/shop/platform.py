"""Container Apps, registries, clusters, network security groups."""

from __future__ import annotations

from typing import Any

from posture.runtime.sample.azure.estate import GROUP, Estate, principal
from posture.runtime.sample.azure.shop.sites import PARTNER_KEY, system

OFFICE = [{"name": "office", "ipAddressRange": "198.51.100.0/24", "action": "Allow"}]

ENVIRONMENT = "mangohill-1a2b3c4d.westeurope.azurecontainerapps.io"


def platform(made: Estate) -> None:
    container_app(made, "catalog", {"external": False, "allowInsecure": False, "transport": "auto"})
    container_app(made, "price-feed", {"external": True, "allowInsecure": True, "transport": "auto"}, PARTNER_KEY)
    container_app(
        made,
        "partner-api",
        {
            "external": True,
            "allowInsecure": False,
            "clientCertificateMode": "require",
            "ipSecurityRestrictions": OFFICE,
        },
    )
    sound = {"adminUserEnabled": False, "anonymousPullEnabled": False, "publicNetworkAccess": "Disabled"}
    registry(made, "fernhollowshop", sound)
    unsound = {"adminUserEnabled": True, "anonymousPullEnabled": True, "publicNetworkAccess": "Enabled"}
    registry(made, "fernhollowlegacy", {**unsound, "networkRuleSet": {"defaultAction": "Allow", "ipRules": []}})
    cluster(
        made,
        "shop",
        {
            "enableRBAC": True,
            "disableLocalAccounts": True,
            "aadProfile": {"managed": True, "enableAzureRBAC": True},
            "apiServerAccessProfile": {"enablePrivateCluster": False, "authorizedIPRanges": ["198.51.100.0/24"]},
            "networkProfile": {"networkPolicy": "cilium"},
            "securityProfile": {
                "workloadIdentity": {"enabled": True},
                "azureKeyVaultKms": {"enabled": True},
                "defender": {"securityMonitoring": {"enabled": True}},
            },
            "autoUpgradeProfile": {"upgradeChannel": "patch"},
        },
    )
    cluster(made, "sandbox", {"enableRBAC": True, "disableLocalAccounts": False})
    firewall(
        made,
        "shop-nsg",
        rule("https", 100, "443"),
        rule("office-ssh", 110, "22", source="198.51.100.0/24"),
        rule("no-rdp", 120, "3389", access="Deny"),
    )
    firewall(
        made,
        "legacy-nsg",
        rule("ssh", 100, "22"),
        rule("databases", 110, "5000-6500", source="Internet"),
        rule("everything-out", 120, "*", direction="Outbound"),
    )


def container_app(made: Estate, name: str, ingress: dict[str, Any], key: str = "") -> None:
    """`key` stands in a variable; without it, the variable refers to a secret."""
    ingress = {"targetPort": 8080, "fqdn": f"{name}.{ENVIRONMENT}", **ingress}
    told = {
        "environmentId": f"{GROUP}/providers/Microsoft.App/managedEnvironments/shop",
        "configuration": {"ingress": ingress, "secrets": [{"name": "partner"}]},
        "template": {
            "containers": [
                {
                    "name": name,
                    "image": f"fernhollowshop.azurecr.io/{name}:v3",
                    "env": [{"name": "PARTNER_API_KEY", **({"value": key} if key else {"secretRef": "partner"})}],
                }
            ]
        },
    }
    made.resource("Microsoft.App/containerApps", name, told, identity=system(name))


def registry(made: Estate, name: str, properties: dict[str, Any]) -> None:
    made.resource("Microsoft.ContainerRegistry/registries", name, properties, sku={"name": "Premium"})


def cluster(made: Estate, name: str, properties: dict[str, Any]) -> None:
    identity = {"type": "SystemAssigned", "principalId": principal(f"aks {name}")}
    told = {"kubernetesVersion": "1.35", "dnsPrefix": name, **properties}
    made.resource("Microsoft.ContainerService/managedClusters", name, told, identity=identity)


def rule(
    name: str,
    priority: int,
    ports: str,
    *,
    source: str = "*",
    access: str = "Allow",
    direction: str = "Inbound",
    protocol: str = "Tcp",
) -> dict[str, Any]:
    told = {
        "protocol": protocol,
        "access": access,
        "direction": direction,
        "priority": priority,
        "sourceAddressPrefix": source,
        "sourcePortRange": "*",
        "destinationAddressPrefix": "*",
        "destinationPortRange": ports,
    }
    return {"name": name, "properties": told}


def firewall(made: Estate, name: str, *rules: dict[str, Any]) -> None:
    subnet = {"id": f"{GROUP}/providers/Microsoft.Network/virtualNetworks/shop/subnets/{name}"}
    made.resource("Microsoft.Network/networkSecurityGroups", name, {"securityRules": list(rules), "subnets": [subnet]})
