"""Actions of Azure that a cloud auditor asks about, by resource type: a dated choice, and no list of all.

A scan's role definitions name thousands more; this table tells planes apart where they use stars, and what a role may
do in kinds that people know.  A name may stand on both planes.  A word stands below its type:
Microsoft.Web/sites/publish/action.  Source: "Azure permissions" (Azure RBAC documentation, the lists of resource
providers), read 2026-11.

It stays written by hand: the routes of Microsoft's clients tell types and verbs, and not on which plane an action is
nor which of them roles know; what tells both, the list of operations of each provider, no scan asks for.
"""

from __future__ import annotations

from functools import cache

CRUD = "read write delete"
CONTROL = {
    "Microsoft.Authorization/roleAssignments": CRUD,
    "Microsoft.Authorization/roleDefinitions": CRUD,
    "Microsoft.Authorization/denyAssignments": "read",
    "Microsoft.Authorization/elevateAccess": "action",
    "Microsoft.Authorization/locks": CRUD,
    "Microsoft.Authorization/policyAssignments": CRUD + " exempt/action",
    "Microsoft.Authorization/policyDefinitions": CRUD,
    "Microsoft.Authorization/policySetDefinitions": CRUD,
    "Microsoft.Authorization/policyExemptions": CRUD,
    "Microsoft.Authorization/roleEligibilityScheduleRequests": "read write",
    "Microsoft.Authorization/roleAssignmentScheduleRequests": "read write",
    "Microsoft.Authorization/roleManagementPolicies": "read write",
    "Microsoft.Resources/subscriptions": "read",
    "Microsoft.Resources/subscriptions/resourceGroups": CRUD + " moveResources/action",
    "Microsoft.Resources/deployments": CRUD + " validate/action whatIf/action",
    "Microsoft.Resources/deploymentScripts": CRUD,
    "Microsoft.Resources/tags": CRUD,
    "Microsoft.Management/managementGroups": CRUD,
    "Microsoft.Management/managementGroups/subscriptions": "write delete",
    "Microsoft.ManagedServices/registrationAssignments": CRUD,
    "Microsoft.ManagedServices/registrationDefinitions": CRUD,
    "Microsoft.ManagedIdentity/userAssignedIdentities": CRUD + " assign/action",
    "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials": CRUD,
    "Microsoft.Web/sites": CRUD + " publish/action publishxml/action start/action stop/action restart/action"
    " config/list/action",
    "Microsoft.Web/sites/config": "read write",
    "Microsoft.Web/sites/functions": CRUD + " listkeys/action listsecrets/action",
    "Microsoft.Web/sites/functions/keys": "write delete",
    "Microsoft.Web/sites/functions/masterkey": "read",
    "Microsoft.Web/sites/host": "listkeys/action sync/action",
    "Microsoft.Web/sites/host/functionkeys": "write delete",
    "Microsoft.Web/sites/host/systemkeys": "write delete",
    "Microsoft.Web/sites/hostruntime": "read",
    "Microsoft.Web/sites/hostruntime/vfs": CRUD,
    "Microsoft.Web/sites/sourcecontrols": CRUD,
    "Microsoft.Web/sites/slots": CRUD + " publish/action",
    "Microsoft.Web/sites/extensions": CRUD,
    "Microsoft.Web/sites/basicPublishingCredentialsPolicies": "read write",
    "Microsoft.Web/serverfarms": CRUD,
    "Microsoft.App/containerApps": CRUD + " listSecrets/action getAuthToken/action start/action stop/action",
    "Microsoft.App/containerApps/revisions": "read activate/action deactivate/action restart/action",
    "Microsoft.App/jobs": CRUD + " start/action listSecrets/action",
    "Microsoft.App/managedEnvironments": CRUD + " join/action",
    "Microsoft.Storage/storageAccounts": CRUD + " listKeys/action regenerateKey/action listAccountSas/action"
    " listServiceSas/action",
    "Microsoft.Storage/storageAccounts/blobServices": "read write generateUserDelegationKey/action",
    "Microsoft.Storage/storageAccounts/blobServices/containers": CRUD,
    "Microsoft.Storage/storageAccounts/fileServices/shares": CRUD,
    "Microsoft.Storage/storageAccounts/queueServices/queues": CRUD,
    "Microsoft.Storage/storageAccounts/tableServices/tables": CRUD,
    "Microsoft.KeyVault/vaults": CRUD + " deploy/action",
    "Microsoft.KeyVault/vaults/accessPolicies": "write",
    "Microsoft.KeyVault/vaults/secrets": "read write",
    "Microsoft.KeyVault/vaults/keys": "read write",
    "Microsoft.Compute/virtualMachines": CRUD + " start/action restart/action deallocate/action runCommand/action",
    "Microsoft.Compute/virtualMachines/extensions": CRUD,
    "Microsoft.Compute/virtualMachines/runCommands": CRUD,
    "Microsoft.Compute/virtualMachineScaleSets": CRUD,
    "Microsoft.Compute/virtualMachineScaleSets/virtualMachines": "read write delete runCommand/action",
    "Microsoft.Compute/disks": CRUD + " beginGetAccess/action",
    "Microsoft.Compute/snapshots": CRUD + " beginGetAccess/action",
    "Microsoft.Compute/galleries/applications/versions": CRUD,
    "Microsoft.ContainerService/managedClusters": CRUD + " listClusterAdminCredential/action"
    " listClusterUserCredential/action runCommand/action",
    "Microsoft.ContainerRegistry/registries": CRUD + " listCredentials/action importImage/action scheduleRun/action",
    "Microsoft.ContainerRegistry/registries/pull": "read",
    "Microsoft.ContainerRegistry/registries/push": "write",
    "Microsoft.ContainerRegistry/registries/tasks": CRUD,
    "Microsoft.ContainerInstance/containerGroups": CRUD,
    "Microsoft.ContainerInstance/containerGroups/containers": "exec/action",
    "Microsoft.Automation/automationAccounts": CRUD,
    "Microsoft.Automation/automationAccounts/runbooks": CRUD + " publish/action",
    "Microsoft.Automation/automationAccounts/runbooks/draft": "read write",
    "Microsoft.Automation/automationAccounts/jobs": "read write",
    "Microsoft.Automation/automationAccounts/webhooks": CRUD,
    "Microsoft.Automation/automationAccounts/schedules": CRUD,
    "Microsoft.Logic/workflows": CRUD + " run/action listCallbackUrl/action",
    "Microsoft.Logic/workflows/triggers": "read run/action listCallbackUrl/action",
    "Microsoft.Sql/servers": CRUD,
    "Microsoft.Sql/servers/administrators": CRUD,
    "Microsoft.Sql/servers/firewallRules": CRUD,
    "Microsoft.Sql/servers/databases": CRUD + " export/action",
    "Microsoft.DocumentDB/databaseAccounts": CRUD
    + " listKeys/action regenerateKey/action listConnectionStrings/action",
    "Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments": CRUD,
    "Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions": CRUD,
    "Microsoft.DBforPostgreSQL/flexibleServers": CRUD,
    "Microsoft.DBforPostgreSQL/flexibleServers/administrators": CRUD,
    "Microsoft.ServiceBus/namespaces": CRUD,
    "Microsoft.ServiceBus/namespaces/authorizationRules": CRUD + " listkeys/action regenerateKeys/action",
    "Microsoft.EventHub/namespaces": CRUD,
    "Microsoft.EventHub/namespaces/authorizationRules": CRUD + " listkeys/action regenerateKeys/action",
    "Microsoft.CognitiveServices/accounts": CRUD + " listKeys/action regenerateKey/action",
    "Microsoft.Search/searchServices": CRUD + " listAdminKeys/action listQueryKeys/action",
    "Microsoft.MachineLearningServices/workspaces": CRUD + " listKeys/action",
    "Microsoft.MachineLearningServices/workspaces/jobs": CRUD,
    "Microsoft.MachineLearningServices/workspaces/computes": CRUD + " listKeys/action",
    "Microsoft.MachineLearningServices/workspaces/onlineEndpoints": CRUD,
    "Microsoft.ApiManagement/service": CRUD,
    "Microsoft.ApiManagement/service/namedValues": CRUD + " listValue/action",
    "Microsoft.ApiManagement/service/policies": CRUD,
    "Microsoft.Network/networkSecurityGroups": CRUD + " join/action",
    "Microsoft.Network/networkSecurityGroups/securityRules": CRUD,
    "Microsoft.Network/virtualNetworks": CRUD + " join/action",
    "Microsoft.Network/virtualNetworks/subnets": CRUD + " join/action",
    "Microsoft.Network/publicIPAddresses": CRUD + " join/action",
    "Microsoft.Network/privateEndpoints": CRUD,
    "Microsoft.Insights/diagnosticSettings": CRUD,
    "Microsoft.Insights/activityLogAlerts": CRUD,
    "Microsoft.OperationalInsights/workspaces": CRUD + " sharedKeys/action",
    "Microsoft.Security/pricings": CRUD,
    "Microsoft.HybridCompute/machines": CRUD,
    "Microsoft.HybridCompute/machines/extensions": CRUD,
    "Microsoft.HybridCompute/machines/runCommands": CRUD,
    "Microsoft.DesktopVirtualization/hostpools": CRUD + " retrieveRegistrationToken/action",
}
DATA = {
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs": CRUD + " add/action move/action"
    " manageOwnership/action modifyPermissions/action permanentDelete/action runAsSuperUser/action filter/action",
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/tags": "read write",
    "Microsoft.Storage/storageAccounts/fileServices/fileshares/files": CRUD,
    "Microsoft.Storage/storageAccounts/queueServices/queues/messages": CRUD + " add/action process/action",
    "Microsoft.Storage/storageAccounts/tableServices/tables/entities": CRUD + " add/action update/action",
    "Microsoft.KeyVault/vaults/secrets": "getSecret/action setSecret/action readMetadata/action delete",
    "Microsoft.KeyVault/vaults/keys": "read decrypt/action encrypt/action sign/action unwrap/action wrap/action"
    " create/action import/action delete release/action",
    "Microsoft.KeyVault/vaults/certificates": "read delete create/action import/action update/action",
    "Microsoft.Compute/virtualMachines": "login/action loginAsAdmin/action",
    "Microsoft.HybridCompute/machines": "login/action loginAsAdmin/action",
    "Microsoft.ServiceBus/namespaces/messages": "send/action receive/action",
    "Microsoft.EventHub/namespaces/messages": "send/action receive/action",
    "Microsoft.App/sessionPools/interpreters": "execute/action",
    "Microsoft.App/containerApps": "exec/action debug/action",
    "Microsoft.ContainerRegistry/registries/repositories/content": "read write delete",
    "Microsoft.ContainerService/managedClusters/pods": CRUD + " exec/action",
    "Microsoft.ContainerService/managedClusters/secrets": CRUD,
    "Microsoft.ContainerService/managedClusters/serviceaccounts": CRUD + " impersonate/action",
    "Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions": "action",
    "Microsoft.AppConfiguration/configurationStores/keyValues": CRUD,
}


@cache
def actions(*, data: bool) -> frozenset[str]:
    """In Azure's spelling."""
    table = DATA if data else CONTROL
    return frozenset(f"{kind}/{verb}" for kind, verbs in table.items() for verb in verbs.split())
