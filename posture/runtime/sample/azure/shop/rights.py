"""The subscription itself, its plans and exports, and who holds which role where."""

from __future__ import annotations

from typing import Any

from posture.runtime.sample.azure.estate import ABOVE as CHAIN
from posture.runtime.sample.azure.estate import GROUP, SUBSCRIPTION, TENANT, Estate, principal
from posture.runtime.sample.azure.family import SHOPS
from scanners.collectors.azure.account import SAMPLE_PRINCIPAL

WHOLE = f"/subscriptions/{SUBSCRIPTION}"
ABOVE = "/providers/Microsoft.Management/managementGroups/fernhollow"
VAULT = f"{GROUP}/providers/Microsoft.KeyVault/vaults/fernhollow-vault"
RECEIPTS = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/fernhollowreceipts"
PROVIDER = "providers/Microsoft.Authorization"
BUILT_IN = {  # built-in roles have the same ids everywhere ("Azure built-in roles", read 2026-11)
    "Owner": ("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", ["*"], [], []),
    "Contributor": (
        "b24988ac-6180-42a0-ab88-20f7382dd24c",
        ["*"],
        [
            "Microsoft.Authorization/*/Delete",
            "Microsoft.Authorization/*/Write",
            "Microsoft.Authorization/elevateAccess/Action",
        ],
        [],
    ),
    "Reader": ("acdd72a7-3385-48ef-bd42-f606fba81ae7", ["*/read"], [], []),
    "User Access Administrator": (
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        ["*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"],
        [],
        [],
    ),
    "Storage Blob Data Reader": (
        "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
        ["Microsoft.Storage/storageAccounts/blobServices/containers/read"],
        [],
        ["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"],
    ),
    "Key Vault Secrets User": (
        "4633458b-17de-408a-b874-0445c86b69e6",
        [],
        [],
        ["Microsoft.KeyVault/vaults/secrets/getSecret/action"],
    ),
}
CUSTOM = {
    "everything-but-billing": ("5ca11e50-c001-4000-8000-000000000001", ["*"], ["Microsoft.Billing/*"]),
    "order-reader": ("5ca11e50-c001-4000-8000-000000000002", ["Microsoft.Web/sites/read"], []),
    "scanner-additions": (
        "5ca11e50-c001-4000-8000-000000000003",
        ["Microsoft.Web/sites/config/list/action"],
        [],
    ),
}


def rights(made: Estate) -> None:
    subscription(made)
    definitions = [*(definition(name, "BuiltInRole", *told) for name, told in BUILT_IN.items()),
                   *(definition(name, "CustomRole", *told, []) for name, told in CUSTOM.items())]  # fmt: skip
    made.put(f"{WHOLE}/{PROVIDER}/roleDefinitions", definitions)
    assignments = [
        assignment("Reader", SAMPLE_PRINCIPAL, WHOLE),
        assignment("scanner-additions", SAMPLE_PRINCIPAL, WHOLE),
        assignment("Owner", principal("ada"), WHOLE, "User"),
        assignment("Owner", principal("platform"), ABOVE, "Group"),
        assignment("Owner", principal("grace"), WHOLE, "User"),
        assignment("User Access Administrator", principal("grace"), WHOLE, "User"),
        assignment("Contributor", principal("deploy-pipeline"), WHOLE),
        assignment("Contributor", principal("fernhollow-backoffice"), WHOLE),
        assignment("Key Vault Secrets User", principal("fernhollow-orders"), VAULT),
        assignment("Storage Blob Data Reader", principal("fernhollow-storefront"), RECEIPTS),
        assignment("Contributor", principal("fernhollow-deploys"), GROUP),
        assignment("Reader", principal("catalog-sync"), GROUP),
        assignment("Reader", principal("auditors"), WHOLE, "Group"),
    ]  # fmt: skip
    made.put(f"{WHOLE}/{PROVIDER}/roleAssignments", assignments)
    made.put(f"{WHOLE}/{PROVIDER}/denyAssignments", [denial()])
    made.put(f"{WHOLE}/{PROVIDER}/roleEligibilityScheduleInstances", [
        eligible("Owner", principal("linus")), eligible("Contributor", principal("on-call"), "Group")])  # fmt: skip


def subscription(made: Estate) -> None:
    told = {"id": WHOLE, "subscriptionId": SUBSCRIPTION, "displayName": "Fernhollow-shop", "state": "Enabled",
            "tenantId": TENANT}  # fmt: skip
    made.put(WHOLE, told)
    chain = [{"name": name, "displayName": name} for name in (SHOPS, ABOVE.rpartition("/")[2], TENANT)]
    made.put(CHAIN, {"id": WHOLE, "above": chain})
    seen = {"displayName": "Fernhollow-shop", "parentNameChain": [str(one["name"]) for one in reversed(chain)]}
    entity: dict[str, Any] = {"id": WHOLE, "name": SUBSCRIPTION, "type": "/subscriptions", "properties": seen}
    made.put("/providers/Microsoft.Management/getEntities", [entity])
    setting = {"logs": [{"category": name, "enabled": True} for name in ("Administrative", "Policy")],
               "workspaceId": f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/shop"}  # fmt: skip
    made.under(WHOLE, "providers/Microsoft.Insights/diagnosticSettings", {"name": "export", "properties": setting})
    made.put(f"{WHOLE}/providers/Microsoft.Security/securityContacts", [{"name": "default", "properties": {
        "emails": "security@fernhollow.example", "alertNotifications": {"state": "On", "minimalSeverity": "High"},
        "notificationsByRole": {"state": "Off", "roles": []}}}])  # fmt: skip
    made.put(f"{WHOLE}/providers/Microsoft.Insights/activityLogAlerts", [
        alert(operation) for operation in ("Microsoft.Authorization/policyAssignments/write",
                                           "Microsoft.Network/networkSecurityGroups/write")])  # fmt: skip
    plans = {"AppServices": "Standard", "StorageAccounts": "Standard", "KeyVaults": "Free", "Arm": "Standard",
             "Containers": "Free", "Api": "Free", "SqlServers": "Standard", "CosmosDbs": "Standard",
             "OpenSourceRelationalDatabases": "Standard", "KubernetesService": "Free"}  # fmt: skip
    old = {"deprecated": True, "replacedBy": ["Containers"]}
    rows = ({"name": name, "type": "Microsoft.Security/pricings", "properties": {
        "pricingTier": tier, **(old if name == "KubernetesService" else {})}} for name, tier in
            plans.items())  # fmt: skip
    made.under(WHOLE, "providers/Microsoft.Security/pricings", *rows)


def alert(operation: str) -> dict[str, Any]:
    name = operation.split("/")[1]
    group = {"actionGroupId": f"{GROUP}/providers/Microsoft.Insights/actionGroups/people"}
    conditions = [{"field": "category", "equals": "Administrative"}, {"field": "operationName", "equals": operation}]
    told = {
        "scopes": [WHOLE],
        "enabled": True,
        "condition": {"allOf": conditions},
        "actions": {"actionGroups": [group]},
    }
    return {"id": f"{GROUP}/providers/Microsoft.Insights/activityLogAlerts/{name}", "name": name, "properties": told}


def role(name: str) -> str:
    id = (BUILT_IN.get(name) or CUSTOM[name])[0]
    return f"{WHOLE}/{PROVIDER}/roleDefinitions/{id}"


def definition(name: str, kind: str, id: str, actions: list[str], but: list[str], data: list[str]) -> dict[str, Any]:
    held = {"actions": actions, "notActions": but, "dataActions": data, "notDataActions": []}
    told = {
        "roleName": name,
        "type": kind,
        "permissions": [held],
        "assignableScopes": ["/" if kind == "BuiltInRole" else WHOLE],
    }
    return {"id": role(name), "name": id, "type": "Microsoft.Authorization/roleDefinitions", "properties": told}


def assignment(name: str, who: str, scope: str, kind: str = "ServicePrincipal") -> dict[str, Any]:
    id = principal(f"{name}{who}{scope}")
    told = {"roleDefinitionId": role(name), "principalId": who, "principalType": kind, "scope": scope,
            "createdOn": "2025-04-01T09:00:00Z"}  # fmt: skip
    return {
        "id": f"{scope}/{PROVIDER}/roleAssignments/{id}",
        "name": id,
        "type": "Microsoft.Authorization/roleAssignments",
        "properties": told,
    }


def eligible(name: str, who: str, kind: str = "User") -> dict[str, Any]:
    id = principal(f"eligible {name}{who}")
    told = {"roleDefinitionId": role(name), "principalId": who, "principalType": kind, "scope": WHOLE,
            "status": "Provisioned", "memberType": "Direct"}  # fmt: skip
    return {"id": f"{WHOLE}/{PROVIDER}/roleEligibilityScheduleInstances/{id}", "name": id, "properties": told}


def denial() -> dict[str, Any]:
    """As a managed application leaves it: nobody but its publisher touches what it made."""
    held = {"actions": ["*"], "notActions": ["*/read"], "dataActions": [], "notDataActions": []}
    told = {"denyAssignmentName": "managed by the publisher", "permissions": [held], "scope": f"{GROUP}-managed",
            "doNotApplyToChildScopes": False, "isSystemProtected": True,
            "principals": [{"id": "00000000-0000-0000-0000-000000000000", "type": "SystemDefined"}],
            "excludePrincipals": [{"id": principal("publisher"), "type": "ServicePrincipal"}]}  # fmt: skip
    id = principal("denial")
    return {"id": f"{GROUP}-managed/{PROVIDER}/denyAssignments/{id}", "name": id, "properties": told}
