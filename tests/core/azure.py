"""Builders for cases on Azure: a subscription with roles, who holds them, groups and the directory."""

from __future__ import annotations

from typing import Any

from scanners.access.azure import (
    API,
    APP_ROLE,
    APPLICATION,
    ASSIGNMENT,
    DEFINITION,
    DENIAL,
    DIRECTORY_ROLE,
    ELIGIBLE,
    GROUP,
    MEMBERS,
    OWNERS,
    PRINCIPAL,
    SUBSCRIPTION,
)
from scanners.access.azure.directory import ROLE_DEFINITION
from scanners.access.azure.rights import MAY_ACTIVATE
from scanners.access.azure.usage import ACTIVITY, LINES
from scanners.model import Resource
from tests.core.cases import ACCOUNT, Case, resource

HOME = f"/subscriptions/{ACCOUNT}"  # cases are judged in this account
SHOP = f"{HOME}/resourceGroups/shop"
ABOVE = "/providers/Microsoft.Management/managementGroups/top"
ROLES = f"{HOME}/providers/{DEFINITION}"
ME, OTHER, TEAM = "aaaa", "bbbb", "cccc"
KEPT = {"secret": None, "digest": "d"}  # what the door lets through of a value
WINDOWS = ("00-01", "01-07", "07-30", "30-60", "60-89")
EVERYWHERE = "00000000-0000-0000-0000-000000000000"
MASTERS = {"Owner": ["*"], "Contributor": ["*"], "Administrator": ["Microsoft.Authorization/*"]}
NOT_RIGHTS = ["Microsoft.Authorization/*/Write", "Microsoft.Authorization/*/Delete",
              "Microsoft.Authorization/elevateAccess/Action"]  # fmt: skip


def at(kind: str, name: str = "it", **more: Any) -> Resource:
    """A resource of the shop; `properties` and whatever else stands beside them."""
    told = {"id": f"{SHOP}/providers/{kind}/{name}", "name": name, "location": "westeurope", **more.pop("body", {})}
    properties = more.pop("properties", {})
    return resource(kind, told["id"], region="westeurope", resource={**told, "properties": properties}, **more)


def role(
    name: str, actions: list[str], less: list[str] | None = None, kind: str = "BuiltInRole", **more: Any
) -> Resource:
    held = {"actions": actions, "notActions": less or [], **more.pop("data", {})}
    told = {"roleName": name, "type": kind, "permissions": [held], "assignableScopes": [HOME], **more}
    return resource(DEFINITION, f"{ROLES}/{name.lower()}", region="global", resource={"name": name, "properties": told})


def holds(who: str, name: str, scope: str = HOME, kind: str = "ServicePrincipal", **more: Any) -> Resource:
    told = {"principalId": who, "roleDefinitionId": f"{ROLES}/{name.lower()}", "scope": scope, "principalType": kind}
    ref = f"{scope}/providers/{ASSIGNMENT}/{who}{name}"
    return resource(ASSIGNMENT, ref, region="global", resource={"properties": {**told, **more}})


def denies(who: str, *actions: str, scope: str = HOME, spared: str = "", **more: Any) -> Resource:
    told = {
        "scope": scope,
        "permissions": [{"actions": list(actions)}],
        "principals": [{"id": who}],
        "excludePrincipals": [{"id": spared}] if spared else [],
        **more,
    }
    return resource(
        DENIAL, f"{scope}/providers/{DENIAL}/no-{who}-{len(actions)}", region="global", resource={"properties": told}
    )


def group(name: str = TEAM, *members: str) -> Resource:
    sections = {"resource": {"id": name}, MEMBERS: [{"id": one} for one in members]}
    return resource(GROUP, f"/groups/{name}", region="global", **sections)


def principal(who: str = ME, **more: Any) -> Resource:
    told = {"id": who, "appId": f"app-{who}", "displayName": "robot", "accountEnabled": True, **more}
    return resource(PRINCIPAL, f"/servicePrincipals/{who}", region="global", resource=told)


def api(**named: str) -> Resource:
    told = {"id": "graph", "appRoles": [{"id": id, "value": value.replace("_", ".")} for id, value in named.items()]}
    return resource(API, "/apis/graph", region="global", resource=told)


def app_role(who: str, id: str) -> Resource:
    told = {"appRoleId": id, "principalId": who, "resourceId": "graph"}
    return resource(APP_ROLE, f"/appRoleAssignments/{who}{id}", region="global", resource=told)


def directory_role(who: str, id: str, scope: str = "/") -> Resource:
    told = {"principalId": who, "roleDefinitionId": id, "directoryScopeId": scope}
    return resource(DIRECTORY_ROLE, f"/directoryRoleAssignments/{who}{id}{scope}", region="global", resource=told)


def subscription(**sections: Any) -> Resource:
    return resource(SUBSCRIPTION, HOME, region="global", resource={"displayName": "shop"}, **sections)


KNOWN = (
    role("Owner", ["*"]),
    role("Contributor", ["*"], NOT_RIGHTS),
    role("Administrator", ["*/read", "Microsoft.Authorization/*"]),
    role("Reader", ["*/read"]),
    role("Publisher", ["Microsoft.Web/sites/publish/Action"], kind="CustomRole"),
    role("Blob", ["Microsoft.Storage/storageAccounts/blobServices/containers/read"]),
)


def case(it: Resource, *around: Resource, **more: Any) -> Case:
    """With the roles everybody knows, one assignment to nobody in question, and a group nobody in question is in."""
    return Case(it, (*around, *KNOWN, holds(OTHER, "Reader", kind="User"), group("dddd", OTHER)), **more)


def may_hold(who: str, name: str, scope: str = HOME, kind: str = "User", **more: Any) -> Resource:
    """An assignment that may be activated (PIM)."""
    held = holds(who, name, scope, kind, **more)
    ref = held.ref.replace(ASSIGNMENT, ELIGIBLE)
    return resource(ELIGIBLE, ref, region="global", **held.documents)


def directory_definition(name: str, *actions: str, condition: str = "") -> Resource:
    """A role of the directory, whose id is its name in small letters."""
    part = {"allowedResourceActions": list(actions), "condition": condition or None}
    told = {"id": name.lower(), "displayName": name, "rolePermissions": [part]}
    return resource(ROLE_DEFINITION, f"/directoryRoleDefinitions/{name.lower()}", region="global", resource=told)


def may_rule(who: str, id: str, scope: str = "/") -> Resource:
    """A role of the directory that may be activated."""
    told = {"principalId": who, "roleDefinitionId": id, "directoryScopeId": scope}
    return resource(MAY_ACTIVATE, f"/directoryRoleEligibilities/{who}{id}", region="global", resource=told)


def application(name: str, *owners: str) -> Resource:
    sections = {"resource": {"id": name, "appId": f"app-{name}"}, OWNERS: [{"id": one} for one in owners]}
    return resource(APPLICATION, f"/applications/{name}", region="global", **sections)


def a_site(name: str = "orders", *, level: str = "function", identity: str = "eeee", **more: object) -> Resource:
    bindings = [{"type": "httpTrigger", "authLevel": level}]
    told = {
        "kind": "functionapp,linux",
        "identity": {"system": identity} if identity else {},
    }
    return at(
        "Microsoft.Web/sites",
        name,
        body=told,
        properties={"httpsOnly": True, "publicNetworkAccess": "Enabled", **more},
        **{
            "web_apps.get_configuration": {"properties": {"linuxFxVersion": "Python|3.12", "minTlsVersion": "1.2"}},
            "web_apps.get_auth_settings_v2_without_secrets": {"properties": {"platform": {"enabled": False}}},
            "web_apps.list_application_settings": {"MODE": KEPT},
            "web_apps.list_connection_strings": {},
            "web_apps.list_functions": [{"name": "take", "isDisabled": False, "bindings": bindings}],
            "web_apps.list_basic_publishing_credentials_policies": [],
            "web_apps.get_private_endpoint_connection_list": [],
            "diagnostic_settings.list": [],
        },
    )


def a_log(*lines: tuple[str, str, str], whole: tuple[str, ...] = WINDOWS) -> Resource:
    """The activity log; `lines` are (who, operation, where), of the newest window; `whole`: those read to the end."""
    used: dict[str, Any] = {}
    for who, operation, where in lines:
        used.setdefault(who, {}).setdefault(operation, {})[where.casefold()] = "2026-11-21"
    answers = {name: {"whole": name in whole, "used": {}} for name in (*whole, *WINDOWS[len(whole) :][:1])}
    answers["00-01"]["used"] = used
    return resource(ACTIVITY, f"{HOME}/providers/{ACTIVITY}/management", region="global", **{"resource": {},
                    LINES: answers})  # fmt: skip
