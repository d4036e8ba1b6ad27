"""What keeps and what carries: storage, vaults, databases, buses."""

from __future__ import annotations

from typing import Any

from posture.runtime.sample.azure.estate import TENANT, Estate, principal
from posture.runtime.sample.azure.shop.sites import WORKSPACE

CLOSED = {"defaultAction": "Deny", "bypass": "AzureServices", "ipRules": []}
OPEN = {"defaultAction": "Allow", "bypass": "AzureServices", "ipRules": []}
EXPIRES, EXPIRED = 1_800_000_000, 1_700_000_000  # seconds: 2027-01-15 and 2023-11-14


def stores(made: Estate) -> None:
    storage(made, "fernhollowreceipts", {}, {"receipts": "None"})
    storage(made, "fernhollowimages", {"allowBlobPublicAccess": True}, {"products": "Blob", "drafts": "None"})
    storage(
        made,
        "fernhollowbackups",
        {
            "networkAcls": OPEN,
            "allowSharedKeyAccess": True,
            "supportsHttpsTrafficOnly": False,
            "minimumTlsVersion": "TLS1_0",
            "keyCreationTime": {"key1": "2024-02-01T09:00:00Z", "key2": "2026-09-20T09:00:00Z"},
        },
        {"nightly": "None"},
    )
    vault(made, "fernhollow-vault", {}, secrets={"orders-db": EXPIRES}, keys={"tokens": EXPIRES})
    everything = {"tenantId": TENANT, "objectId": principal("deploy-pipeline"), "permissions": {
        "secrets": ["all"], "keys": ["get", "list"]}}  # fmt: skip
    vault(
        made,
        "fernhollow-old-vault",
        {
            "enableRbacAuthorization": False,
            "enablePurgeProtection": None,
            "networkAcls": OPEN,
            "accessPolicies": [everything],
        },
        secrets={"partner-token": None, "smtp": EXPIRED},
        keys={"signing": None},
    )
    sql(made, "fernhollow-orders-db", {"office": ("198.51.100.0", "198.51.100.255")}, "1.2", "Enabled", True)
    sql(
        made,
        "fernhollow-reporting",
        {"everybody": ("0.0.0.0", "255.255.255.255"), "AllowAllWindowsAzureIps": ("0.0.0.0", "0.0.0.0")},  # noqa: S104 - ranges
        "1.0",
        "Disabled",
        False,
    )
    cosmos(made, "fernhollow-catalog", {"disableLocalAuth": True, "publicNetworkAccess": "Disabled"})
    cosmos(made, "fernhollow-carts", {"disableLocalAuth": False, "publicNetworkAccess": "Enabled"})
    for kind, sound, unsound in (
        ("Microsoft.ServiceBus/namespaces", "fernhollow-bus", "fernhollow-old-bus"),
        ("Microsoft.EventHub/namespaces", "fernhollow-events", "fernhollow-clicks"),
    ):
        namespace(made, kind, sound, {"disableLocalAuth": True, "publicNetworkAccess": "Disabled"}, "Deny")
        shared = {"disableLocalAuth": False, "publicNetworkAccess": "Enabled", "minimumTlsVersion": "1.0"}
        namespace(made, kind, unsound, shared, "Allow")


def storage(made: Estate, name: str, more: dict[str, Any], containers: dict[str, str]) -> None:
    told = {
        "allowBlobPublicAccess": False,
        "allowSharedKeyAccess": False,
        "supportsHttpsTrafficOnly": True,
        "minimumTlsVersion": "TLS1_2",
        "publicNetworkAccess": "Enabled",
        "networkAcls": CLOSED,
        "encryption": {"keySource": "Microsoft.Storage"},
        "keyCreationTime": {"key1": "2026-10-01T09:00:00Z", "key2": "2026-10-01T09:00:00Z"},
        **more,
    }
    ref = made.resource("Microsoft.Storage/storageAccounts", name, told, kind="StorageV2", sku={"name": "Standard_LRS"})
    open_to = ({"name": key, "properties": {"publicAccess": value}} for key, value in containers.items())
    made.under(ref, "blobServices/default/containers", *open_to)


def vault(
    made: Estate, name: str, more: dict[str, Any], secrets: dict[str, int | None], keys: dict[str, int | None]
) -> None:
    told = {
        "tenantId": TENANT,
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": True,
        "enableSoftDelete": True,
        "enablePurgeProtection": True,
        "publicNetworkAccess": "Enabled",
        "networkAcls": {"defaultAction": "Deny", "bypass": "AzureServices", "ipRules": []},
        "accessPolicies": [],
        **more,
    }
    ref = made.resource("Microsoft.KeyVault/vaults", name, told)
    for what, found in (("secrets", secrets), ("keys", keys)):
        dated = ({"name": key, "properties": {"attributes": _attributes(end)}} for key, end in found.items())
        made.under(ref, what, *dated)
    audit = {"workspaceId": WORKSPACE, "logs": [{"category": "AuditEvent", "enabled": True}]}
    setting = [{"name": "audit", "properties": audit}] if told["enableRbacAuthorization"] else []
    made.under(ref, "providers/Microsoft.Insights/diagnosticSettings", *setting)


def _attributes(end: int | None) -> dict[str, Any]:
    return {"enabled": True, **({"exp": end} if end else {})}


def sql(
    made: Estate, name: str, rules: dict[str, tuple[str, str]], tls: str, auditing: str, administered: bool
) -> None:
    told = {"publicNetworkAccess": "Enabled", "minimalTlsVersion": tls, "administratorLogin": "shop", "state": "Ready"}
    ref = made.resource("Microsoft.Sql/servers", name, told)
    spans = ({"startIpAddress": first, "endIpAddress": last} for first, last in rules.values())
    made.under(
        ref, "firewallRules", *({"name": rule, "properties": span} for rule, span in zip(rules, spans, strict=True))
    )
    who = {"administratorType": "ActiveDirectory", "login": "db-admins", "sid": principal("db-admins"),
           "tenantId": TENANT, "azureADOnlyAuthentication": True}  # fmt: skip
    made.under(ref, "administrators", *([{"name": "ActiveDirectory", "properties": who}] if administered else []))
    audited = {"state": auditing, "retentionDays": 0, "isAzureMonitorTargetEnabled": auditing == "Enabled"}
    made.put(
        f"{ref}/auditingSettings/default",
        {"id": f"{ref}/auditingSettings/default", "name": "Default", "properties": audited},
    )


def cosmos(made: Estate, name: str, more: dict[str, Any]) -> None:
    told = {"databaseAccountOfferType": "Standard", "ipRules": [], "isVirtualNetworkFilterEnabled": False,
            "virtualNetworkRules": [], "minimalTlsVersion": "Tls12", **more}  # fmt: skip
    made.resource("Microsoft.DocumentDB/databaseAccounts", name, told, kind="GlobalDocumentDB")


def namespace(made: Estate, kind: str, name: str, more: dict[str, Any], default: str) -> None:
    told = {"minimumTlsVersion": "1.2", "status": "Active", **more}
    ref = made.resource(kind, name, told, sku={"name": "Standard", "tier": "Standard"})
    rules = {"defaultAction": default, "publicNetworkAccess": more["publicNetworkAccess"], "ipRules": []}
    path = f"{ref}/networkRuleSets/default"
    made.put(path, {"id": path, "name": "default", "properties": rules})
