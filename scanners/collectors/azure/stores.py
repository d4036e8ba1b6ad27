"""Storage, vaults, SQL and Cosmos DB, Service Bus and Event Hubs: how they are reached, and with which credentials."""

from __future__ import annotations

from scanners.collectors.azure.web import DIAGNOSTICS, diagnostics
from scanners.collectors.azure.words import RESOURCE, ask, by_id, keep, scope, two_roads
from scanners.collectors.cloud import Call, Collector, Detail, Params
from scanners.model import Resource

STORAGE, VAULT = "Microsoft.Storage/storageAccounts", "Microsoft.KeyVault/vaults"
SQL, COSMOS = "Microsoft.Sql/servers", "Microsoft.DocumentDB/databaseAccounts"
BUS, HUBS = "Microsoft.ServiceBus/namespaces", "Microsoft.EventHub/namespaces"
NETWORK = ("publicNetworkAccess", "networkAcls.defaultAction", "networkAcls.bypass", "networkAcls.ipRules")
CONTAINERS = ask(
    "storage",
    "blob_containers.list",
    f"{STORAGE}/blobServices/containers/read",
    items="value",
    absent=frozenset({"FeatureNotSupportedForAccount"}),  # accounts for files alone have no containers
)


def containers(account: Resource) -> Params | None:
    """Where the account forbids anonymous access, what its containers say has no effect."""
    allowed = account[RESOURCE]["properties"]["allowBlobPublicAccess"]
    return None if allowed.value is False else by_id(account)


def of_server(operation: str, permission: str, items: str = "value") -> Call:
    return ask("sql", operation, f"{SQL}/{permission}", items=items)


def of_vault(what: str) -> Detail:
    """What Resource Manager tells of keys and secrets: never what they hold."""
    fields = ("name", "properties.attributes.enabled", "properties.attributes.exp")
    rotation = ("properties.rotationPolicy.attributes.expiryTime", "properties.rotationPolicy.lifetimeActions.action")
    return Detail(
        ask("keyvault", f"{what}.list", f"{VAULT}/{what}/read", items="value"),
        bind=by_id,
        shape=keep(*fields, *(rotation if what == "keys" else ())),
    )


def namespaces(kind: str, service: str, *fields: str) -> Collector:
    return two_roads(
        kind,
        service=service,
        listed="namespaces.list",
        fields=("disableLocalAuth", "publicNetworkAccess", "minimumTlsVersion", *fields),
        details=(
            Detail(
                ask(service, "namespaces.get_network_rule_set", f"{kind}/networkRuleSets/read"),
                bind=by_id,
                shape=keep(
                    "properties.defaultAction",
                    "properties.publicNetworkAccess",
                    "properties.ipRules",
                    "properties.virtualNetworkRules",
                ),
            ),
        ),
    )


COLLECTORS = (
    two_roads(
        STORAGE,
        service="storage",
        listed="storage_accounts.list",
        fields=(
            *NETWORK,
            "allowBlobPublicAccess",
            "allowSharedKeyAccess",
            "supportsHttpsTrafficOnly",
            "minimumTlsVersion",
            "keyCreationTime",
            "encryption.keySource",
        ),
        details=(Detail(CONTAINERS, bind=containers, shape=keep("name", "properties.publicAccess")),),
    ),
    two_roads(
        VAULT,
        service="keyvault",
        listed="vaults.list_by_subscription",
        fields=(
            *NETWORK,
            "enableRbacAuthorization",
            "enablePurgeProtection",
            "enableSoftDelete",
            "softDeleteRetentionInDays",
            "accessPolicies.objectId",
            "accessPolicies.permissions",
        ),
        details=(of_vault("secrets"), of_vault("keys"), Detail(DIAGNOSTICS, bind=scope, shape=diagnostics)),
    ),
    two_roads(
        SQL,
        service="sql",
        listed="servers.list",
        fields=("publicNetworkAccess", "minimalTlsVersion", "restrictOutboundNetworkAccess"),
        details=(
            Detail(
                of_server("firewall_rules.list_by_server", "firewallRules/read"),
                bind=by_id,
                shape=keep("name", "properties.startIpAddress", "properties.endIpAddress"),
            ),
            Detail(
                of_server("server_azure_ad_administrators.list_by_server", "administrators/read"),
                bind=by_id,
                shape=keep(
                    "name", "properties.administratorType", "properties.login", "properties.azureADOnlyAuthentication"
                ),
            ),
            Detail(
                of_server("server_blob_auditing_policies.get", "auditingSettings/read", items=""),
                bind=lambda server: {**by_id(server), "blobAuditingPolicyName": "default"},
                shape=keep("properties.state", "properties.isAzureMonitorTargetEnabled", "properties.retentionDays"),
            ),
        ),
    ),
    two_roads(
        COSMOS,
        service="cosmosdb",
        listed="database_accounts.list",
        fields=(
            "disableLocalAuth",
            "publicNetworkAccess",
            "ipRules",
            "isVirtualNetworkFilterEnabled",
            "virtualNetworkRules.id",
            "minimalTlsVersion",
        ),
    ),
    namespaces(BUS, "servicebus"),
    namespaces(HUBS, "eventhub"),
)
