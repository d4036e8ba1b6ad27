"""What runs in App Service: web apps and function apps, with their settings."""

from __future__ import annotations

from typing import Any

from posture.runtime.sample.azure.estate import GROUP, TENANT, Estate, principal

KIND = "Microsoft.Web/sites"
LOGS = [{"category": "FunctionAppLogs", "enabled": True}]
WORKSPACE = f"{GROUP}/providers/Microsoft.OperationalInsights/workspaces/shop"
SUBNET = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/shop/subnets/apps"
OFFICE = [
    {"ipAddress": "198.51.100.0/24", "action": "Allow", "priority": 100, "name": "office"},
    {"ipAddress": "Any", "action": "Deny", "priority": 2147483647, "name": "Deny all"},
]
ANYBODY = [{"ipAddress": "Any", "action": "Allow", "priority": 2147483647, "name": "Allow all"}]
FRONT_DOOR = [
    {"ipAddress": "AzureFrontDoor.Backend", "tag": "ServiceTag", "action": "Allow", "priority": 100, "name": "door",
     "headers": {"x-azure-fdid": ["5ca11e50-fd00-4000-8000-000000000001"]}},
    {"ipAddress": "Any", "action": "Deny", "priority": 2147483647, "name": "Deny all"},
]  # fmt: skip
SOUND: dict[str, Any] = {
    "minTlsVersion": "1.2",
    "scmMinTlsVersion": "1.2",
    "ftpsState": "Disabled",
    "ipSecurityRestrictions": OFFICE,
    "scmIpSecurityRestrictionsUseMain": True,
    "cors": {"allowedOrigins": ["https://shop.fernhollow.example"], "supportCredentials": False},
}
SIGN_IN = {"platform": {"enabled": True}, "globalValidation": {
    "requireAuthentication": True, "unauthenticatedClientAction": "Return401"}}  # fmt: skip
REFERENCE = "@Microsoft.KeyVault(SecretUri=https://fernhollow-vault.vault.azure.net/secrets/orders-db)"
HOST_STORE = f"DefaultEndpointsProtocol=https;AccountName=fernhollowbackups;AccountKey={'A1b2' * 21}A1==;"
PARTNER_KEY = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"


def sites(made: Estate) -> None:
    stacks(made)
    assigned(made, "fernhollow-storefront")
    assigned(made, "fernhollow-deploys", "repo:fernhollow/shop:environment:production")
    site(
        made,
        "fernhollow-orders",
        "functionapp,linux",
        {**SOUND, "linuxFxVersion": "Python|3.12", "vnetRouteAllEnabled": True},
        settings={
            "FUNCTIONS_EXTENSION_VERSION": "~4",
            "AzureWebJobsStorage__accountName": "shop",
            "ORDERS_DB": REFERENCE,
            "QUEUE_NAME": "orders",
        },
        functions={"take-order": "function", "ship-order": ""},
        tags={"exposure": "partner"},
        more={"clientCertEnabled": True, "clientCertMode": "Required", "virtualNetworkSubnetId": SUBNET},
        identity=system("fernhollow-orders"),
        sign_in=SIGN_IN,
    )
    site(
        made,
        "fernhollow-webhook",
        "functionapp",
        {
            "minTlsVersion": "1.0",
            "scmMinTlsVersion": "1.0",
            "ftpsState": "AllAllowed",
            "ipSecurityRestrictions": ANYBODY,
            "cors": {"allowedOrigins": ["*"]},
            "remoteDebuggingEnabled": True,
            "netFrameworkVersion": "v4.0",
        },
        settings={
            "FUNCTIONS_EXTENSION_VERSION": "~3",
            "FUNCTIONS_WORKER_RUNTIME": "node",
            "WEBSITE_NODE_DEFAULT_VERSION": "~14",
            "PARTNER_API_KEY": PARTNER_KEY,
            "AzureWebJobsStorage": HOST_STORE,
        },
        tags={"exposure": "partner"},
        functions={"receive": "anonymous", "nightly": ""},
        https=False,
        domains=("hooks.fernhollow.example",),
        passwords=True,
        logs=[],
    )
    site(
        made,
        "fernhollow-storefront",
        "app,linux",
        {**SOUND, "linuxFxVersion": "NODE|22-lts", "ipSecurityRestrictions": FRONT_DOOR},
        settings={"CATALOG_URL": "https://catalog.fernhollow.example"},
        identity=user("fernhollow-storefront"),
        logs=[{"categoryGroup": "allLogs", "enabled": True}],
    )
    site(
        made,
        "fernhollow-backoffice",
        "app",
        {**SOUND, "ipSecurityRestrictions": ANYBODY, "netFrameworkVersion": "v10.0"},
        settings={"FEATURES": "refunds"},
        connections={"Reporting": "Server=tcp:reporting.database.windows.net;User Id=app;Password=Gr33nhouse!77;"},
        identity=system("fernhollow-backoffice"),
        logs=[{"category": "AppServiceHTTPLogs", "enabled": True}],
    )
    site(
        made,
        "fernhollow-ledger",
        "functionapp,linux",
        {**SOUND, "linuxFxVersion": "DOTNET-ISOLATED|10.0", "ipSecurityRestrictions": ANYBODY},
        settings={"FUNCTIONS_EXTENSION_VERSION": "~4"},
        functions={"book": "anonymous"},
        identity=system("fernhollow-ledger"),
        public=None,
        private=True,
    )


def system(name: str) -> dict[str, Any]:
    return {"type": "SystemAssigned", "principalId": principal(name), "tenantId": TENANT}


def assigned(made: Estate, name: str, *subjects: str) -> None:
    """An identity that things are given; `subjects` of GitHub's tokens may be it."""
    told = {"principalId": principal(name), "clientId": principal(f"{name} client"), "tenantId": TENANT}
    ref = made.resource("Microsoft.ManagedIdentity/userAssignedIdentities", name, told)
    trusted = [{"name": f"github-{number}", "properties": {
        "issuer": "https://token.actions.githubusercontent.com", "subject": subject,
        "audiences": ["api://AzureADTokenExchange"]}} for number, subject in enumerate(subjects)]  # fmt: skip
    made.under(ref, "federatedIdentityCredentials", *trusted)


def user(name: str) -> dict[str, Any]:
    ref = f"{GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"
    return {
        "type": "UserAssigned",
        "userAssignedIdentities": {ref: {"principalId": principal(name), "clientId": principal(f"{name} client")}},
    }


def site(
    made: Estate,
    name: str,
    kind: str,
    config: dict[str, Any],
    *,
    settings: dict[str, str],
    connections: dict[str, str] | None = None,
    functions: dict[str, str] | None = None,
    identity: dict[str, Any] | None = None,
    sign_in: dict[str, Any] | None = None,
    logs: list[dict[str, Any]] | None = None,
    https: bool = True,
    passwords: bool = False,
    public: str | None = "Enabled",
    private: bool = False,
    domains: tuple[str, ...] = (),
    tags: dict[str, str] | None = None,
    more: dict[str, Any] | None = None,
) -> None:
    """`functions` are name → authLevel of its HTTP trigger; one without is started by a timer."""
    host = f"{name}.azurewebsites.net"
    told = {"state": "Running", "enabled": True, "httpsOnly": https, "publicNetworkAccess": public,
            "defaultHostName": host, "hostNames": [host, *domains],
            "lastModifiedTimeUtc": "2026-11-02T08:00:00", **(more or {})}  # fmt: skip
    beside = {key: value for key, value in (("identity", identity), ("tags", tags)) if value}
    ref = made.resource(KIND, name, told, kind=kind, **beside)
    config = {"publishingUsername": f"${name}", "httpLoggingEnabled": False, **config}
    off = {"platform": {"enabled": False}, "globalValidation": {"unauthenticatedClientAction": "AllowAnonymous"}}
    _config(made, ref, "web", config)
    _config(made, ref, "authsettingsV2", sign_in or off)
    _config(made, ref, "appsettings/list", settings)
    strings = {key: {"value": value, "type": "SQLAzure"} for key, value in (connections or {}).items()}
    _config(made, ref, "connectionstrings/list", strings)
    allowed = [{"name": way, "type": KIND, "properties": {"allow": passwords}} for way in ("ftp", "scm")]
    made.under(ref, "basicPublishingCredentialsPolicies", *allowed)
    made.under(ref, "functions", *(function(name, *one) for one in (functions or {}).items()))
    approved = {"privateLinkServiceConnectionState": {"status": "Approved"}, "provisioningState": "Succeeded"}
    ways = [{"name": "shop-net", "properties": approved}] if private else []
    made.under(ref, "privateEndpointConnections", *ways)
    kept = LOGS if logs is None else logs
    setting = {"name": "to-workspace", "properties": {"workspaceId": WORKSPACE, "logs": kept}}
    made.under(ref, "providers/Microsoft.Insights/diagnosticSettings", *([setting] if kept else []))


def _config(made: Estate, ref: str, what: str, properties: dict[str, Any]) -> None:
    name = what.partition("/")[0]
    made.put(f"{ref}/config/{what}", {"id": f"{ref}/config/{name}", "name": name, "properties": properties})


def function(app: str, name: str, level: str) -> dict[str, Any]:
    http = {"type": "httpTrigger", "direction": "in", "name": "req", "authLevel": level, "methods": ["post"]}
    timer = {"type": "timerTrigger", "direction": "in", "name": "timer", "schedule": "0 0 3 * * *"}
    told = {"isDisabled": False, "config": {"bindings": [http if level else timer]}, "language": "python"}
    return {"name": f"{app}/{name}", "type": "Microsoft.Web/sites/functions", "properties": told}


VERSIONS = {  # language → (major, [(runtime version as a setting tells it, end of support)])
    "python": [("Python|3.12", "2028-10-31"), ("Python|3.9", "2025-10-31")],
    "node": [("~22", "2027-04-30"), ("~14", "2023-04-30"), ("Node|22", "2027-04-30")],
    "dotnet": [("DOTNET-ISOLATED|8.0", "2026-11-10"), ("DOTNET-ISOLATED|10.0", "2028-11-14")],
}
WEB_VERSIONS = {
    "node": [("NODE|22-lts", "2027-04-30"), ("NODE|16-lts", "2023-09-11")],
    "dotnet": [("v8.0", "2026-11-10"), ("v10.0", "2028-11-14")],
}


def stacks(made: Estate) -> None:
    for kind, versions in (("functionAppStacks", VERSIONS), ("webAppStacks", WEB_VERSIONS)):
        rows = [
            {
                "id": f"/providers/Microsoft.Web/{kind}/{language}",
                "name": language,
                "type": f"Microsoft.Web/{kind}",
                "properties": {"value": language, "majorVersions": [{"value": language, "minorVersions": [
                    {"value": version, "stackSettings": _settings(version, end)} for version, end in rows]}]},
            }
            for language, rows in versions.items()
        ]  # fmt: skip
        made.put(f"/providers/Microsoft.Web/{kind}", rows)


def _settings(version: str, end: str) -> dict[str, Any]:
    system = "linux" if "|" in version else "windows"
    return {f"{system}RuntimeSettings": {"runtimeVersion": version, "endOfLifeDate": f"{end}T00:00:00Z"}}
