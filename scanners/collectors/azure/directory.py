"""The directory behind a subscription: applications with their credentials and owners, service principals, groups.

Groups are asked for only where they are bound: each that holds a role in the subscription, that may activate one there,
or that holds one of the directory's, with all who are in it through other groups.  Who holds Microsoft Graph's own
rights is asked of Microsoft Graph's principal, in one listing.  Owners of service principals are asked of those that
are no managed identity and not Microsoft's own.

Limits: members of administrative units and groups that may be joined for a time are not read, nor who is in a group
that is denied something, or may activate roles of the directory.  The listings are of the tenant that the scanner's
credentials belong to.
"""

from __future__ import annotations

from typing import Any

from scanners.collectors.azure.authorization import ASSIGNMENTS, ELIGIBILITY
from scanners.collectors.azure.words import RESOURCE, directory, keep
from scanners.collectors.cloud import Call, Collector, Detail, Over, Params
from scanners.model import Identity, Resource

TENANT, APPLICATION = "Microsoft.Graph/organization", "Microsoft.Graph/applications"
PRINCIPAL, GROUP = "Microsoft.Graph/servicePrincipals", "Microsoft.Graph/groups"
APP_ROLE, API = "Microsoft.Graph/appRoleAssignments", "Microsoft.Graph/apis"
DIRECTORY_ROLE = "Microsoft.Graph/directoryRoleAssignments"
DIRECTORY_DEFINITION, MAY_ACTIVATE = (
    "Microsoft.Graph/directoryRoleDefinitions",
    "Microsoft.Graph/directoryRoleEligibilities",
)
ELIGIBLE_GROUP, RULING_GROUP = "Microsoft.Graph/eligibleGroups", "Microsoft.Graph/directoryRoleGroups"
MICROSOFT = frozenset({"f8cdef31-a31e-4b4a-93e4-5f571e91255a", "72f988bf-86f1-41af-91ab-2d7cd011db47"})  # its tenants
NOT_LICENSED = frozenset({"AadPremiumLicenseRequired"})  # without Entra ID P2 nothing can be activated
APIS = "00000003-0000-0000-c000-000000000000", "00000002-0000-0000-c000-000000000000"  # Microsoft Graph, and before it
OF_APIS = {"$filter": f"appId in ('{APIS[0]}', '{APIS[1]}')"}
GONE = frozenset({"Request_ResourceNotFound"})
LARGEST = 999


def select(*fields: str, **more: Any) -> dict[str, Any]:
    return {"$select": ",".join(fields), **more}


def listed(operation: str, permission: str, params: Params, **more: Any) -> Call:
    return directory(operation, permission, items="value", params=params, **more)


def of(kind: str, name: str = "displayName") -> Any:
    """By the address that the object has in Microsoft Graph."""
    word = kind.rpartition("/")[2]
    return lambda place, item: Identity(f"/{word}/{item['id']}", str(item.get(name) or item["id"]))


def bound_groups(assignment: Any) -> Params | None:
    told = assignment["properties"]
    return {"group-id": told["principalId"]} if told.get("principalType") == "Group" else None


def ruling_groups(assignment: Any) -> Params | None:
    is_group = (assignment.get("principal") or {}).get("@odata.type") == "#microsoft.graph.group"
    return {"group-id": assignment["principalId"]} if is_group else None


def about(place: str) -> Any:
    def bind(resource: Resource) -> Params:
        return {place: resource.ref.rpartition("/")[2]}

    return bind


def with_owners(principal: Resource) -> Params | None:
    told = principal[RESOURCE]
    if told["servicePrincipalType"].value != "Application" or told["appOwnerOrganizationId"].value in MICROSOFT:
        return None
    return {"servicePrincipal-id": principal.ref.rpartition("/")[2]}


def plain(resource: Resource) -> Params:
    return {}


def table(kind: str, listing: Call, *fields: str, name: str = "displayName", **more: Any) -> Collector:
    return Collector(
        kind=kind,
        listing=listing,
        identify=of(kind, name),
        shape=keep(*fields),
        service="graph",
        everywhere=False,
        **more,
    )


APP_FIELDS = ("id", "appId", "displayName", "signInAudience", "createdDateTime")
SECRETS = ("passwordCredentials", "keyCredentials")
CREDENTIAL = ("keyId", "displayName", "startDateTime", "endDateTime", "type", "usage")
TRUST = ("id", "name", "issuer", "subject", "audiences", "claimsMatchingExpression")
PRINCIPAL_FIELDS = ("id", "appId", "displayName", "servicePrincipalType", "accountEnabled", "appOwnerOrganizationId")
POLICY = (
    "id", "displayName", "state", "conditions.users.includeUsers", "conditions.users.includeRoles",
    "conditions.users.excludeUsers", "conditions.users.excludeRoles", "conditions.users.excludeGroups",
    "conditions.applications.includeApplications", "conditions.applications.excludeApplications",
    "conditions.clientAppTypes", "conditions.locations", "conditions.platforms", "conditions.signInRiskLevels",
    "conditions.userRiskLevels", "conditions.devices", "grantControls.operator", "grantControls.builtInControls",
    "grantControls.authenticationStrength.id",
)  # fmt: skip
BY_DEFAULT = (
    "allowInvitesFrom", "guestUserRoleId", "defaultUserRolePermissions.permissionGrantPoliciesAssigned",
    "defaultUserRolePermissions.allowedToCreateApps", "defaultUserRolePermissions.allowedToCreateSecurityGroups",
)  # fmt: skip
NAMES = ("id", "displayName", "userPrincipalName")
MEMBER = (*NAMES, "@odata.type")
REGISTERED = ("id", "userPrincipalName", "isAdmin", "isMfaRegistered", "isMfaCapable", "userType")

RULES = listed(
    "role_management.directory.role_assignments.list",
    "RoleManagement.Read.Directory",
    {"$expand": "principal"},
    fills=RESOURCE,
)


def groups(kind: str, over: Over) -> Collector:
    """Those that a listing names.  One that several name is asked about once."""
    return table(
        kind,
        directory(
            "groups.get",
            "GroupMember.Read.All",
            params=select("id", "displayName", "isAssignableToRole", "membershipRule"),
            absent=GONE,
            fills=RESOURCE,
        ),
        "id",
        "displayName",
        "isAssignableToRole",
        "membershipRule",
        over=(over,),
        details=(
            Detail(
                listed("groups.transitive_members.list", "GroupMember.Read.All", select(*NAMES, **{"$top": LARGEST})),
                bind=about("group-id"),
                shape=keep(*MEMBER),
                shared=True,
            ),
        ),
    )


COLLECTORS = (
    table(
        TENANT,
        listed("organization.list", "Organization.Read.All", select("id", "displayName"), fills=RESOURCE),
        "id",
        "displayName",
        details=(
            Detail(
                directory("identity.conditional_access.policies.list", "Policy.Read.All", items="value"),
                bind=plain,
                shape=keep(*POLICY),
            ),
            Detail(
                directory("policies.identity_security_defaults_enforcement_policy.get", "Policy.Read.All"),
                bind=plain,
                shape=keep("isEnabled"),
            ),
            Detail(
                directory("policies.authorization_policy.get", "Policy.Read.All"),
                bind=plain,
                shape=keep(*BY_DEFAULT),
            ),
            Detail(
                listed(
                    "reports.authentication_methods.user_registration_details.list",
                    "AuditLog.Read.All",
                    {"$filter": "isAdmin eq true"},
                ),
                bind=plain,
                shape=keep(*REGISTERED),
            ),
        ),
    ),
    table(
        APPLICATION,
        listed(
            "applications.list",
            "Application.Read.All",
            select(*APP_FIELDS, *SECRETS, **{"$top": LARGEST}),
            fills=RESOURCE,
        ),
        *APP_FIELDS,
        *(f"{secret}.{field}" for secret in SECRETS for field in CREDENTIAL),
        details=(
            Detail(
                listed("applications.owners.list", "Application.Read.All", select(*NAMES)),
                bind=about("application-id"),
                shape=keep(*MEMBER),
            ),
            Detail(
                listed("applications.federated_identity_credentials.list", "Application.Read.All", {}),
                bind=about("application-id"),
                shape=keep(*TRUST),
            ),
        ),
    ),
    table(
        PRINCIPAL,
        listed(
            "service_principals.list",
            "Application.Read.All",
            select(*PRINCIPAL_FIELDS, **{"$top": LARGEST}),
            fills=RESOURCE,
        ),
        *PRINCIPAL_FIELDS,
        details=(
            Detail(
                listed("service_principals.owners.list", "Application.Read.All", select(*NAMES)),
                bind=with_owners,
                shape=keep(*MEMBER),
            ),
        ),
    ),
    table(
        API,
        listed(
            "service_principals.list",
            "Application.Read.All",
            {**select("id", "appId", "displayName", "appRoles"), **OF_APIS},
            fills=RESOURCE,
        ),
        "id",
        "appId",
        "displayName",
        "appRoles.id",
        "appRoles.value",
    ),
    table(
        APP_ROLE,
        listed(
            "service_principals.app_role_assigned_to.list", "Application.Read.All", {"$top": LARGEST}, fills=RESOURCE
        ),
        "id",
        "appRoleId",
        "principalId",
        "principalType",
        "resourceId",
        name="principalDisplayName",
        over=(
            Over(
                listed("service_principals.list", "Application.Read.All", {**select("id"), **OF_APIS}),
                lambda api: {"servicePrincipal-id": api["id"]},
            ),
        ),
    ),
    table(
        DIRECTORY_ROLE,
        RULES,
        "id",
        "principalId",
        "roleDefinitionId",
        "directoryScopeId",
        *(f"principal.{field}" for field in MEMBER),
        name="id",
    ),
    table(
        DIRECTORY_DEFINITION,
        listed("role_management.directory.role_definitions.list", "RoleManagement.Read.Directory", {}, fills=RESOURCE),
        "id",
        "displayName",
        "templateId",
        "isBuiltIn",
        "isEnabled",
        "rolePermissions.allowedResourceActions",
        "rolePermissions.condition",
    ),
    table(
        MAY_ACTIVATE,
        listed(
            "role_management.directory.role_eligibility_schedule_instances.list",
            "RoleManagement.Read.Directory",
            {"$expand": "principal"},
            absent=NOT_LICENSED,
            fills=RESOURCE,
        ),
        "id",
        "principalId",
        "roleDefinitionId",
        "directoryScopeId",
        *(f"principal.{field}" for field in MEMBER),
        name="id",
    ),
    groups(GROUP, Over(ASSIGNMENTS, bound_groups)),
    groups(ELIGIBLE_GROUP, Over(ELIGIBILITY, bound_groups)),
    groups(RULING_GROUP, Over(RULES, ruling_groups)),
)
