"""What stands in Fernhollow's Azure subscription: the shop's third home, with sound things and planted mistakes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from posture.runtime.sample.azure.family import Subscription

SUBSCRIPTION = "5ca11e50-f04e-4011-8000-0000000000aa"
TENANT = "5ca11e50-7e4a-4000-8000-0000000000bb"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/shop"
ABOVE = "above"  # where what Resource Graph tells of the subscription's groups is kept
HERE = "westeurope"
DOMAIN = "fernhollow.example"
KINDS = {  # listings of the whole subscription → what they list
    "web.web_apps.list": "Microsoft.Web/sites",
    "storage.storage_accounts.list": "Microsoft.Storage/storageAccounts",
    "keyvault.vaults.list_by_subscription": "Microsoft.KeyVault/vaults",
    "sql.servers.list": "Microsoft.Sql/servers",
    "cosmosdb.database_accounts.list": "Microsoft.DocumentDB/databaseAccounts",
    "servicebus.namespaces.list": "Microsoft.ServiceBus/namespaces",
    "eventhub.namespaces.list": "Microsoft.EventHub/namespaces",
    "appcontainers.container_apps.list_by_subscription": "Microsoft.App/containerApps",
    "containerregistry.registries.list": "Microsoft.ContainerRegistry/registries",
    "containerservice.managed_clusters.list": "Microsoft.ContainerService/managedClusters",
    "network.network_security_groups.list_all": "Microsoft.Network/networkSecurityGroups",
    "network.virtual_networks.list_all": "Microsoft.Network/virtualNetworks",
    "network.application_gateways.list_all": "Microsoft.Network/applicationGateways",
    "network.web_application_firewall_policies.list_all": (
        "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies"
    ),
    "frontdoor.policies.list_by_subscription": "Microsoft.Network/FrontDoorWebApplicationFirewallPolicies",
    "cdn.profiles.list": "Microsoft.Cdn/profiles",
    "apimanagement.api_management_service.list": "Microsoft.ApiManagement/service",
    "eventgrid.topics.list_by_subscription": "Microsoft.EventGrid/topics",
    "eventgrid.system_topics.list_by_subscription": "Microsoft.EventGrid/systemTopics",
    "logic.workflows.list_by_subscription": "Microsoft.Logic/workflows",
    "msi.user_assigned_identities.list_by_subscription": "Microsoft.ManagedIdentity/userAssignedIdentities",
}


@dataclass
class Estate:
    """`resources` are ARM's bodies; `at` is what stands at every other address, by its path in small letters."""

    resources: list[dict[str, Any]] = field(default_factory=list)
    at: dict[str, Any] = field(default_factory=dict)
    subscriptions: list[Subscription] = field(default_factory=list)  # of the whole tenant

    def put(self, path: str, told: Any) -> None:
        self.at[path.casefold()] = told

    def resource(self, type: str, name: str, properties: dict[str, Any], **more: Any) -> str:
        """Its id."""
        ref = f"{GROUP}/providers/{type}/{name}"
        self.resources.append(
            {"id": ref, "name": name, "type": type, "location": HERE, "properties": properties, **more}
        )
        return ref

    def under(self, ref: str, path: str, *children: dict[str, Any]) -> None:
        """A listing below a resource; `children` are named by "name"."""
        self.put(f"{ref}/{path}", [{"id": f"{ref}/{path}/{one['name']}", **one} for one in children])


def principal(name: str) -> str:
    """The object id of somebody in the directory."""
    return f"5ca11e50-0000-4000-8000-{sum(ord(letter) * 31**place for place, letter in enumerate(name)) % 10**12:012d}"


def estate() -> Estate:
    from posture.runtime.sample.azure.family import family
    from posture.runtime.sample.azure.shop import activity, directory, edges, platform, rights, sites, stores

    made = Estate()
    for build in (family, sites.sites, stores.stores, platform.platform, rights.rights, directory.directory,
                  activity.activity, edges.edges):  # fmt: skip
        build(made)
    return made
