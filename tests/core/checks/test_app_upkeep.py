"""App Service and Function Apps: what they hold, run on and write down."""

from tests.core.azure import ABOVE, EVERYWHERE, HOME, ME, OTHER, SHOP, TEAM, at, case, denies, group, holds
from tests.core.cases import Cases, resource

SITE, CONTAINER_APP = "Microsoft.Web/sites", "Microsoft.App/containerApps"
SETTINGS, STRINGS = "web_apps.list_application_settings", "web_apps.list_connection_strings"
IDENTITY = {"identity": {"system": ME}}
USER = {"identity": {"user": {f"{SHOP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/x": ME}}}
KEPT = [
    {"name": "s", "properties": {"workspaceId": "w", "logs": [{"category": "AppServiceHTTPLogs", "enabled": True}]}}
]


def strong(*around, body=IDENTITY, kind=SITE):
    return case(at(kind, body=body), *around)


def settings(strings=None, **told):
    return case(at(SITE, **{SETTINGS: told, STRINGS: strings or {}}))


def value(secret=None, **more):
    return {"secret": secret, "digest": "00", **more}


def stack(kind, language, *versions):
    minors = [{"stackSettings": {system: {"runtimeVersion": name, **told}}} for system, name, told in versions]
    told = {"properties": {"majorVersions": [{"minorVersions": minors}]}}
    return resource(f"Microsoft.Web/{kind}", f"/providers/Microsoft.Web/{kind}/{language}", resource=told)


LINUX, WINDOWS = "linuxRuntimeSettings", "windowsRuntimeSettings"
PAST, COMING = {"endOfLifeDate": "2025-10-31T00:00:00Z"}, {"endOfLifeDate": "2028-10-31T00:00:00Z"}
STACKS = (
    stack("functionAppStacks", "python", (LINUX, "Python|3.12", COMING), (LINUX, "Python|3.9", PAST)),
    stack("functionAppStacks", "node", (WINDOWS, "~22", COMING), (WINDOWS, "~14", PAST)),
    stack("functionAppStacks", "dotnet", (WINDOWS, "v10.0", {}), (WINDOWS, "v3.1", {"isDeprecated": True})),
    stack("webAppStacks", "node", (LINUX, "NODE|22-lts", COMING), (LINUX, "NODE|16-lts", PAST)),
    stack("webAppStacks", "php", (LINUX, "PHP|8.0", PAST)),
)


def runs(config=None, kind="functionapp", around=STACKS, subject="", host="~4", node=None, **properties):
    told = {"FUNCTIONS_EXTENSION_VERSION": value(version=host)} if host else {}
    if node:
        told["WEBSITE_NODE_DEFAULT_VERSION"] = value(version=node)
    sections = {"web_apps.get_configuration": {"properties": config or {}}, SETTINGS: told}
    return case(at(SITE, body={"kind": kind}, properties=properties, **sections), *around, subject=subject)


def web(fx, **more):
    return runs({"linuxFxVersion": fx}, kind="app,linux", **more)


def ftp(state, subject, **allowed):
    policies = [{"name": name, "properties": {"allow": allow}} for name, allow in allowed.items()]
    sections = {"web_apps.get_configuration": {"properties": {"ftpsState": state}},
                "web_apps.list_basic_publishing_credentials_policies": policies}  # fmt: skip
    return case(at(SITE, **sections), subject=subject)


def logs(kept, **told):
    return case(at(SITE, **{"diagnostic_settings.list": kept, SETTINGS: told}))


def log(sink="workspaceId", enabled=True, **named):
    return [{"name": "s", "properties": {sink: "x", "logs": [{**named, "enabled": enabled}]}}]


CASES = {
    "azure.app.identity": Cases(
        fails=(case(at(SITE)),), passes=(case(at(SITE, body=IDENTITY)), case(at(SITE, body=USER)))
    ),
    "azure.app.identity_privileged": Cases(
        fails=(
            strong(holds(ME, "Owner")),
            strong(holds(ME, "Contributor", SHOP)),
            strong(holds(ME, "Contributor", SHOP.upper())),
            strong(holds(ME.upper(), "Contributor")),
            strong(holds(ME, "Administrator", ABOVE)),
            strong(holds(ME, "Publisher"), body=USER),
            strong(holds(ME, "Owner", condition="@Resource[x] StringEquals 'y'")),
            strong(holds(TEAM, "Owner", kind="Group"), group(TEAM, ME)),
            strong(holds(ME, "Owner"), kind=CONTAINER_APP),
            strong(holds(ME, "Owner"), denies(OTHER, "*")),
            strong(holds(ME, "Owner"), denies(EVERYWHERE, "*", spared=ME)),
            strong(holds(ME, "Owner"), denies(ME, "*/read")),
            strong(holds(ME, "Owner"), denies(ME, "*", scope=SHOP)),
        ),
        passes=(
            strong(holds(ME, "Reader")),
            strong(holds(ME, "Blob", SHOP)),
            strong(holds(ME, "Owner", f"{SHOP}/providers/Microsoft.Web/sites/it")),
            strong(holds(OTHER, "Owner")),
            strong(holds(TEAM, "Owner", kind="Group"), group(TEAM, OTHER)),
            strong(holds(ME, "Owner"), denies(ME, "*")),
            strong(holds(ME, "Owner"), denies(EVERYWHERE, "*", scope=HOME)),
            strong(holds(TEAM, "Owner", kind="Group"), group(TEAM, ME), denies(TEAM, "*")),
        ),
        neutral=(strong(holds(ME, "Owner"), body={}),),
        unknown=(strong(holds(ME, "Missing")),),
    ),
    "azure.app.settings_secret": Cases(
        fails=(
            settings(KEY=value("Stripe Access Key")),
            settings(KEY=value("Secret by name")),
            settings({"Db": value("Connection string with a key")}, MODE=value()),
        ),
        passes=(settings(), settings({"Db": value(reference=True)}, MODE=value())),
    ),
    "azure.app.runtime_eol": Cases(
        fails=(
            runs({"linuxFxVersion": "Python|3.9"}),
            runs({"linuxFxVersion": "PYTHON|3.9"}),
            runs(node="~14"),
            runs({"netFrameworkVersion": "v3.1"}),
            runs({"linuxFxVersion": "Python|3.12"}, host="~3", subject="host"),
            runs({"linuxFxVersion": "Python|3.12"}, host="~1", subject="host"),
            runs(functionAppConfig={"runtime": {"name": "python", "version": "3.9"}}),
            web("NODE|16-lts"),
            web("PHP|8.0"),
        ),
        passes=(
            runs({"linuxFxVersion": "Python|3.12"}),
            runs(node="~22", config={"netFrameworkVersion": "v4.0"}),
            runs({"netFrameworkVersion": "v10.0", "phpVersion": "Off"}),
            runs(functionAppConfig={"runtime": {"name": "python", "version": "3.12"}}, host=None),
            runs({"netFrameworkVersion": "v4.0"}, kind="app"),
            web("NODE|22-lts"),
        ),
        neutral=(web("DOCKER|shop.azurecr.io/app:1"), web("sitecontainers")),
        unknown=(web("NODE|99-lts"),),
    ),
    "azure.app.ftp_basic_auth": Cases(
        fails=(
            ftp("AllAllowed", "state", ftp=False),
            ftp("FtpsOnly", "ftp", ftp=True, scm=False),
            ftp("Disabled", "scm", ftp=False, scm=True),
        ),
        passes=(
            ftp("Disabled", "scm", ftp=False, scm=False),
            ftp("FtpsOnly", "state", ftp=False),
            ftp("Disabled", "ftp", ftp=True, scm=False),
        ),
    ),
    "azure.app.logging": Cases(
        fails=(
            logs([]),
            logs(log(category="AppServiceConsoleLogs")),
            logs(log(category="AppServiceHTTPLogs", enabled=False)),
            logs(log(sink="name", category="AppServiceHTTPLogs")),
        ),
        passes=(
            logs(KEPT),
            logs(log(categoryGroup="allLogs")),
            logs(log(sink="storageAccountId", category="FunctionAppLogs")),
            logs([], APPLICATIONINSIGHTS_CONNECTION_STRING=value()),
        ),
    ),
}
