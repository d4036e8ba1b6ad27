"""The directory: people's rules for signing in, applications and what they may do, groups."""

from __future__ import annotations

from typing import Any

from posture.runtime.sample.azure.estate import DOMAIN, TENANT, Estate, principal

GRAPH_APP = "00000003-0000-0000-c000-000000000000"
ROLES = {
    "Application.ReadWrite.All": "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9",
    "User.Read.All": "df021288-bdef-4463-88db-98f22de89214",
}
V1 = "/v1.0"
DEPLOYER = f"1{103:020d}"  # the unique id of the shop's service account "deployer" in Google Cloud


def directory(made: Estate) -> None:
    made.put(f"{V1}/organization", [{"id": TENANT, "displayName": "Fernhollow"}])
    made.put(
        f"{V1}/policies/identitySecurityDefaultsEnforcementPolicy",
        {"id": "x", "displayName": "Security Defaults", "isEnabled": False},
    )
    made.put(f"{V1}/policies/authorizationPolicy", {
        "id": "authorizationPolicy", "allowInvitesFrom": "everyone",
        "guestUserRoleId": "10dae51f-b6af-4016-8d66-8c2a99b929b3", "defaultUserRolePermissions": {
            "allowedToCreateApps": True, "permissionGrantPoliciesAssigned": [
                "ManagePermissionGrantsForSelf.microsoft-user-default-low"]}})  # fmt: skip
    made.put(f"{V1}/identity/conditionalAccess/policies", [admins_only_watched()])
    made.put(
        f"{V1}/reports/authenticationMethods/userRegistrationDetails",
        [person("ada", True), person("grace", False)],
    )
    for name, secrets, owners, trusted in (
        ("shop-web", [secret("2026-09-01", "2027-01-15")], ["ada"], []),
        ("legacy-export", [secret("2024-01-01", "2026-01-01"), secret("2025-06-01", "2027-06-01")], [], []),
        ("ci", [], ["grace"], [github("repo:fernhollow/shop:ref:refs/heads/main")]),
        ("deploy-pipeline", [], ["grace"], [github("repo:fernhollow/shop:pull_request"), google(DEPLOYER)]),
    ):
        application(made, name, secrets, owners, trusted)
    api = {"id": principal("graph api"), "appId": GRAPH_APP, "displayName": "Microsoft Graph",
           "servicePrincipalType": "Application", "accountEnabled": True,
           "appRoles": [{"id": id, "value": value, "isEnabled": True} for value, id in ROLES.items()]}  # fmt: skip
    people = [
        app_principal(name) for name in ("deploy-pipeline", "catalog-sync", "hr-sync", "shop-web", "legacy-export")
    ]
    robots = [app_principal(name, "ManagedIdentity") for name in ("fernhollow-orders", "fernhollow-backoffice")]
    made.put(f"{V1}/servicePrincipals", [api, *people, *robots])
    apps: list[dict[str, Any]] = [api, *people]
    for one in apps:
        theirs = [user("grace")] if one["displayName"] == "legacy-export" else []
        made.put(f"{V1}/servicePrincipals/{one['id']}/owners", theirs)
    held = (("hr-sync", "Application.ReadWrite.All"), ("catalog-sync", "User.Read.All"))
    made.put(f"{V1}/servicePrincipals/{api['id']}/appRoleAssignedTo", [
        {"id": f"held-{name}", "appRoleId": ROLES[role], "principalId": principal(name),
         "principalType": "ServicePrincipal", "principalDisplayName": name, "resourceId": api["id"]}
        for name, role in held
    ])  # fmt: skip
    directory_roles(made)
    group(made, "platform", "linus", "barbara")
    group(made, "auditors", "edsger")
    group(made, "on-call", "radia", "barbara")
    group(made, "service-desk", "radia")


DIRECTORY_ROLES = {  # some of what they may, with their ids ("Microsoft Entra built-in roles", read 2026-11)
    "Global Administrator": ("62e90394-69f5-4237-9190-012177145e10", [
        "microsoft.directory/applications/allProperties/allTasks",
        "microsoft.directory/servicePrincipals/allProperties/allTasks",
        "microsoft.directory/groups/allProperties/allTasks",
        "microsoft.directory/users/allProperties/allTasks",
        "microsoft.directory/roleAssignments/allProperties/allTasks",
    ]),
    "Directory Readers": ("88d8e3e3-8f55-4a1e-953a-9b9898b8876b", [
        "microsoft.directory/applications/standard/read",
        "microsoft.directory/groups/standard/read",
        "microsoft.directory/users/standard/read",
    ]),
    "Application Administrator": ("9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3", [
        "microsoft.directory/applications/create",
        "microsoft.directory/applications/credentials/update",
        "microsoft.directory/applications/owners/update",
        "microsoft.directory/servicePrincipals/credentials/update",
        "microsoft.directory/servicePrincipals/owners/update",
    ]),
    "Helpdesk Administrator": ("729827e3-9c14-49f7-bb1b-9608f156bbb8", [
        "microsoft.directory/users/invalidateAllRefreshTokens",
        "microsoft.directory/users/password/update",
    ]),
}  # fmt: skip


def directory_roles(made: Estate) -> None:
    there = f"{V1}/roleManagement/directory"
    made.put(f"{there}/roleDefinitions", [
        {"id": id, "displayName": name, "templateId": id, "isBuiltIn": True, "isEnabled": True,
         "rolePermissions": [{"allowedResourceActions": actions}]} for name, (id, actions) in DIRECTORY_ROLES.items()
    ])  # fmt: skip
    held = (("global-1", user("ada"), "Global Administrator"),
            ("reader-1", app_principal("catalog-sync"), "Directory Readers"),
            ("helpdesk-1", user("edsger"), "Helpdesk Administrator"))  # fmt: skip
    desk = {"@odata.type": "#microsoft.graph.group", "id": principal("service-desk"), "displayName": "service-desk"}
    made.put(f"{there}/roleAssignments", [
        {"id": id, "principalId": who["id"], "directoryScopeId": "/", "roleDefinitionId": DIRECTORY_ROLES[role][0],
         "principal": {"@odata.type": "#microsoft.graph.servicePrincipal", **who}}
        for id, who, role in (*held, ("helpdesk-2", desk, "Helpdesk Administrator"))
    ])  # fmt: skip
    made.put(f"{there}/roleEligibilityScheduleInstances", [
        {"id": "may-1", "principalId": principal("grace"), "directoryScopeId": "/", "memberType": "Direct",
         "principal": user("grace"),
         "roleDefinitionId": DIRECTORY_ROLES["Application Administrator"][0]},
    ])  # fmt: skip


def admins_only_watched() -> dict[str, Any]:
    return {
        "id": "5ca11e50-ca00-4000-8000-000000000001",
        "displayName": "MFA for administrators",
        "state": "enabledForReportingButNotEnforced",
        "conditions": {"users": {"includeRoles": ["62e90394-69f5-4237-9190-012177145e10"]}, "clientAppTypes": ["all"],
                       "applications": {"includeApplications": ["All"]}},
        "grantControls": {"operator": "OR", "builtInControls": ["mfa"]},
    }  # fmt: skip


def person(name: str, registered: bool) -> dict[str, Any]:
    told = {"id": principal(name), "userPrincipalName": f"{name}@{DOMAIN}", "isAdmin": True}
    return {**told, "isMfaRegistered": registered, "isMfaCapable": registered, "userType": "member"}


def secret(begin: str, end: str) -> dict[str, Any]:
    return {"keyId": principal(begin + end), "displayName": "client secret", "startDateTime": f"{begin}T00:00:00Z",
            "endDateTime": f"{end}T00:00:00Z", "hint": "abc"}  # fmt: skip


def github(subject: str) -> dict[str, Any]:
    return {"id": principal(subject), "name": "github", "issuer": "https://token.actions.githubusercontent.com",
            "subject": subject, "audiences": ["api://AzureADTokenExchange"]}  # fmt: skip


def google(unique: str) -> dict[str, Any]:
    return {"id": principal(unique), "name": "google", "issuer": "https://accounts.google.com", "subject": unique,
            "audiences": ["api://AzureADTokenExchange"]}  # fmt: skip


def application(made: Estate, name: str, secrets: list[Any], owners: list[str], trusted: list[Any]) -> None:
    id = principal(f"app {name}")
    told = {"id": id, "appId": principal(f"client {name}"), "displayName": name, "signInAudience": "AzureADMyOrg",
            "passwordCredentials": secrets, "keyCredentials": [], "createdDateTime": "2024-01-01T00:00Z"}  # fmt: skip
    made.at.setdefault(f"{V1}/applications", []).append(told)
    made.put(f"{V1}/applications/{id}/owners", [user(one) for one in owners])
    made.put(f"{V1}/applications/{id}/federatedIdentityCredentials", trusted)


def user(name: str) -> dict[str, Any]:
    return {"@odata.type": "#microsoft.graph.user", "id": principal(name), "displayName": name.title(),
            "userPrincipalName": f"{name}@{DOMAIN}"}  # fmt: skip


def app_principal(name: str, kind: str = "Application") -> dict[str, Any]:
    return {"id": principal(name), "appId": principal(f"client {name}"), "displayName": name, "accountEnabled": True,
            "servicePrincipalType": kind, "appOwnerOrganizationId": TENANT}  # fmt: skip


def group(made: Estate, name: str, *members: str) -> None:
    id = principal(name)
    made.put(f"{V1}/groups/{id}", {"id": id, "displayName": name, "isAssignableToRole": False})
    made.put(f"{V1}/groups/{id}/transitiveMembers", [user(one) for one in members])
