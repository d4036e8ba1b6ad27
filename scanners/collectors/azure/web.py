"""App Service and Function Apps: settings, sign-in, functions, variables, diagnostics; and what stacks are supported.

The values of app settings and connection strings come by a POST that Reader does not hold: the action
Microsoft.Web/sites/config/list/action, which other tools count as a write.  Only names, kinds of secrets and digests
pass the door.  Sign-in settings are read in the form without secrets, for which a plain read is enough.

Limits: deployment slots are not read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from scanners.collectors.azure.words import RESOURCE, ask, by_id, keep, scope, two_roads
from scanners.collectors.cloud import Call, Collector, Detail, Params
from scanners.collectors.door import Door
from scanners.model import Identity, Place, Resource

SITE = "Microsoft.Web/sites"
FUNCTION_STACKS, WEB_STACKS = "Microsoft.Web/functionAppStacks", "Microsoft.Web/webAppStacks"
REFERENCE = "@Microsoft.KeyVault("
DIAGNOSTICS = ask("monitor", "diagnostic_settings.list", "Microsoft.Insights/diagnosticSettings/read", items="value")
CONFIG = (
    "minTlsVersion", "scmMinTlsVersion", "ftpsState", "linuxFxVersion", "windowsFxVersion", "netFrameworkVersion",
    "phpVersion", "pythonVersion", "nodeVersion", "powerShellVersion", "javaVersion", "javaContainer", "cors",
    "publicNetworkAccess", "ipSecurityRestrictionsDefaultAction", "ipSecurityRestrictions",
    "scmIpSecurityRestrictionsDefaultAction", "scmIpSecurityRestrictions", "scmIpSecurityRestrictionsUseMain",
    "httpLoggingEnabled", "remoteDebuggingEnabled", "http20Enabled", "vnetRouteAllEnabled",
)  # fmt: skip
BINDING = ("type", "authLevel", "methods", "route", "queueName", "topicName", "eventHubName", "path")
SIGN_IN = (
    "platform.enabled", "globalValidation.requireAuthentication", "globalValidation.unauthenticatedClientAction",
    "globalValidation.excludedPaths", "identityProviders.azureActiveDirectory.enabled",
    "identityProviders.azureActiveDirectory.registration.openIdIssuer",
)  # fmt: skip


def of_site(operation: str, permission: str, **more: Any) -> Call:
    return ask("web", f"web_apps.{operation}", f"{SITE}/{permission}", **more)


def properties(*fields: str) -> Any:
    return keep(*(f"properties.{field}" for field in fields))


def variables(answer: Any, door: Door) -> dict[str, Any]:
    """App settings are {name: text}, connection strings {name: {"value": text, "type": …}}."""
    told = answer.get("properties") or {}
    return {
        name: _kept(name, one.get("value") if isinstance(one, Mapping) else one, door) for name, one in told.items()
    }


def _kept(name: str, value: Any, door: Door) -> dict[str, Any]:
    text = "" if value is None else str(value)
    if text.strip().startswith(REFERENCE):
        return {"secret": None, "digest": door.digest(text), "reference": True}
    kept = door.variable(name, text)
    if kept["secret"] is None and _connection(text):
        kept["secret"] = "Connection string with a key"  # noqa: S105  (the name of a kind)
    return {**kept, **({"version": text} if name in VERSIONS and VERSION.fullmatch(text) else {})}


VERSIONS = {"FUNCTIONS_EXTENSION_VERSION", "WEBSITE_NODE_DEFAULT_VERSION"}  # "~4": what the code runs on; no secret
VERSION = re.compile(r"~?\d{1,3}(\.\d{1,3}){0,2}")
KEYS = ("accountkey=", "sharedaccesskey=", "password=", "pwd=")


def _connection(text: str) -> bool:
    """A connection string of Azure's own making, in which a key or a password stands."""
    parts = (part.strip().lower() for part in text.split(";"))
    return ";" in text and any(part.startswith(key) and len(part) > len(key) for part in parts for key in KEYS)


def functions(site: Resource) -> Params | None:
    return by_id(site) if "functionapp" in str(site[RESOURCE]["kind"].value).lower() else None


def private_ways(site: Resource) -> Params | None:
    """Asked where it decides: whether a site that says nothing of its network is public follows from them."""
    return None if site[RESOURCE]["properties"]["publicNetworkAccess"].value else by_id(site)


def bindings(answer: Any, door: Door) -> list[dict[str, Any]]:
    """Of each function its name and how it is triggered; its code and its tests are not for us."""
    kept = []
    for one in answer:
        told = one.get("properties") or {}
        config = told.get("config")
        found = config.get("bindings") if isinstance(config, Mapping) else None
        kept.append(
            {
                "name": str(told.get("name") or one.get("name") or "").rpartition("/")[2],
                "isDisabled": bool(told.get("isDisabled")),
                "bindings": [
                    {key: way[key] for key in BINDING if way.get(key) is not None}
                    for way in (found if isinstance(found, list) else [])
                    if isinstance(way, Mapping)
                ],
            }
        )
    return kept


diagnostics = keep(
    "name", "properties.logs.category", "properties.logs.categoryGroup", "properties.logs.enabled",
    "properties.workspaceId", "properties.storageAccountId", "properties.eventHubAuthorizationRuleId",
    "properties.marketplacePartnerId",
)  # fmt: skip


def stack(place: Place, item: Any) -> Identity:
    return Identity(item["id"], item["name"])


def stacks(kind: str, operation: str) -> Collector:
    """What Microsoft says of each version of a language, on both systems."""
    settings = [
        f"properties.majorVersions.minorVersions.stackSettings.{system}RuntimeSettings.{field}"
        for system in ("linux", "windows")
        for field in ("runtimeVersion", "endOfLifeDate", "isDeprecated")
    ]
    return Collector(
        kind=kind,
        listing=ask("web", f"provider.{operation}", f"{kind}/read", items="value", fills=RESOURCE),
        identify=stack,
        shape=keep("name", *settings),
        service="web",
        everywhere=False,
    )


COLLECTORS = (
    two_roads(
        SITE,
        service="web",
        listed="web_apps.list",
        fields=(
            "httpsOnly",
            "publicNetworkAccess",
            "virtualNetworkSubnetId",
            "clientCertEnabled",
            "clientCertMode",
            "state",
            "enabled",
            "defaultHostName",
            "hostNames",
            "functionAppConfig.runtime",
        ),
        details=(
            Detail(of_site("get_configuration", "config/read"), bind=by_id, shape=properties(*CONFIG)),
            Detail(
                of_site("get_auth_settings_v2_without_secrets", "config/read"), bind=by_id, shape=properties(*SIGN_IN)
            ),
            Detail(of_site("list_application_settings", "config/list/action"), bind=by_id, shape=variables),
            Detail(of_site("list_connection_strings", "config/list/action"), bind=by_id, shape=variables),
            Detail(of_site("list_functions", "functions/read", items="value"), bind=functions, shape=bindings),
            Detail(
                of_site(
                    "list_basic_publishing_credentials_policies",
                    "basicPublishingCredentialsPolicies/read",
                    items="value",
                ),
                bind=by_id,
                shape=keep("name", "properties.allow"),
            ),
            Detail(
                of_site("get_private_endpoint_connection_list", "privateEndpointConnections/read", items="value"),
                bind=private_ways,
                shape=properties("privateLinkServiceConnectionState.status"),
            ),
            Detail(DIAGNOSTICS, bind=scope, shape=diagnostics),
        ),
    ),
    stacks(FUNCTION_STACKS, "get_function_app_stacks"),
    stacks(WEB_STACKS, "get_web_app_stacks"),
)
