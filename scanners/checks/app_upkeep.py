"""App Service and Function Apps: who they run as, what they hold and run on, how they are deployed, what is logged.

Limits: a stack that Microsoft's lists do not name is not judged; images of one's own are the registry's.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from scanners.access.azure import ASSIGNMENT, DEFINITION, GROUP, MEMBERS, RESOURCE, identities, level, steps, strong
from scanners.access.azure.calling import SITE, is_function_app
from scanners.access.azure.doors import CONFIG
from scanners.checks.facets import claim, secrets_in, supported
from scanners.checks.registry import Fix, check
from scanners.model import Gap, Node, Resource, Severity, State, Unread, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

CONTAINER_APP = "Microsoft.App/containerApps"
SETTINGS, STRINGS = "web_apps.list_application_settings", "web_apps.list_connection_strings"
PASSWORDS = "web_apps.list_basic_publishing_credentials_policies"
DIAGNOSTICS = "diagnostic_settings.list"
FUNCTION_STACKS, WEB_STACKS = "Microsoft.Web/functionAppStacks", "Microsoft.Web/webAppStacks"
OWN_IMAGE = ("docker", "compose", "sitecontainers", "kube")
OLDEST_HOST = 4  # "Azure Functions runtime versions overview", read 2026-11: 2 and 3 ended in 2022, 1 on 2026-09-14
SINKS = ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId")
GROUPS = ("alllogs", "audit")
KEPT = ("appservicehttplogs", "functionapplogs", "appserviceauditlogs")
INSIGHTS = ("APPLICATIONINSIGHTS_CONNECTION_STRING", "APPINSIGHTS_INSTRUMENTATIONKEY")
WHO_HOLDS = ((ASSIGNMENT, RESOURCE), (DEFINITION, RESOURCE), (GROUP, MEMBERS))


@check(
    "azure.app.identity",
    on=SITE,
    severity=Severity.MEDIUM,
    title="App without managed identity",
    reads=(RESOURCE,),
    fix=Fix(
        console="App Service > the app > Settings > Identity > System assigned: on; then replace stored secrets.",
        cli="az webapp identity assign --ids ID",
        terraform='resource "azurerm_linux_web_app" "this" { identity { type = "SystemAssigned" } }',
    ),
)
def identity(site: Resource, estate: Estate) -> Iterator[Verdict]:
    """Without an identity of its own it proves who it is with stored secrets, which are copied, kept and forgotten."""
    told = site[RESOURCE]
    some = [node for _, node in identities(told)]
    yield claim(bool(some), "It has a managed identity", "It has no managed identity", *(some or [told["identity"]]))


@check(
    "azure.app.identity_privileged",
    on=(SITE, CONTAINER_APP),
    severity=Severity.CRITICAL,
    title="App identity too strong",
    reads=(RESOURCE,),
    joins=WHO_HOLDS,
    fix=Fix(
        console="The subscription or resource group > Access control (IAM) > Role assignments: remove the identity;"
        " assign a role for data on the one resource that it needs.",
        cli="az role assignment delete --assignee PRINCIPAL --role ROLE --scope SCOPE",
        terraform='resource "azurerm_role_assignment" "this" { scope = azurerm_storage_account.this.id'
        '  role_definition_name = "Storage Blob Data Reader"  principal_id = PRINCIPAL }',
    ),
)
def identity_privileged(app: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever finds a hole in its code is then master of the subscription, not of one app."""
    who = dict(identities(app[RESOURCE]))
    if not who:
        yield not_applicable("It has no managed identity", app[RESOURCE]["identity"])
        return
    for grant, role, proof in strong(who, estate, lambda scope: len(steps(scope)) <= 4):
        sentence = f"Its identity holds {role['roleName'].value} on {level(grant.scope)}{grant.words}"
        yield failed(sentence, *proof)
    yield passed("Its identity is master of no group of resources", *who.values())


@check(
    "azure.app.settings_secret",
    on=SITE,
    severity=Severity.CRITICAL,
    title="Secret in app settings",
    reads=(SETTINGS, STRINGS),
    fix=Fix(
        console="Put the value into Key Vault, replace the setting by a reference under Settings > Environment"
        " variables, and replace the secret: it has been readable.",
        cli="az webapp config appsettings set --ids ID --settings"
        " KEY='@Microsoft.KeyVault(SecretUri=https://VAULT.vault.azure.net/secrets/NAME)'",
        terraform='resource "azurerm_linux_web_app" "this" { app_settings = { KEY ='
        ' "@Microsoft.KeyVault(SecretUri=https://VAULT.vault.azure.net/secrets/NAME)" } }',
    ),
)
def settings_secret(site: Resource, estate: Estate) -> Iterator[Verdict]:
    """Everyone who may look at the app's settings reads it, and so does whatever dumps its environment."""
    settings = site[SETTINGS]
    yield from secrets_in([*settings.items(), *site[STRINGS].items()], settings)


@check(
    "azure.app.runtime_eol",
    on=SITE,
    severity=Severity.HIGH,
    title="Language stack past support",
    reads=(RESOURCE, CONFIG, SETTINGS),
    joins=((FUNCTION_STACKS, RESOURCE), (WEB_STACKS, RESOURCE)),
    fix=Fix(
        console="App Service > the app > Settings > Configuration > Stack settings: a supported version, after"
        " testing.",
        cli="az webapp config set --ids ID --linux-fx-version 'PYTHON|3.13'",
        terraform='resource "azurerm_linux_web_app" "this" { site_config { application_stack { python_version ='
        ' "3.13" } } }',
    ),
)
def runtime_eol(site: Resource, estate: Estate) -> Iterator[Verdict]:
    """Nobody patches the language and the libraries the code runs on any more, whatever is found in them."""
    kind = FUNCTION_STACKS if is_function_app(site) else WEB_STACKS
    if kind == FUNCTION_STACKS:
        yield from _host(site[SETTINGS]["FUNCTIONS_EXTENSION_VERSION"]["version"])
    version = _version(site)
    if version is None:
        yield passed("It runs on the .NET Framework, which is part of Windows", site[CONFIG]["properties"])
        return
    name = str(version.value).partition("|")[0].lower()
    if name in OWN_IMAGE:
        yield not_applicable("It runs an image of its own", version)
        return
    known = _stack(version, kind, estate)
    if known["isDeprecated"].value is True and not known["endOfLifeDate"].value:
        yield failed(f"Microsoft calls {version.value} deprecated", version, known)
    elif known["endOfLifeDate"].value:
        end = date.fromisoformat(known["endOfLifeDate"].text()[:10])
        yield from supported(version, end, estate.now.date(), known["endOfLifeDate"])
    else:
        yield passed(f"{version.value} is supported, and no end is announced", version, known)


def _host(version: Node) -> Iterator[Verdict]:
    major = str(version.value or "").lstrip("~").partition(".")[0]
    if major.isdigit():
        good, bad = f"The Functions host is {version.value}", f"Support for the Functions host {version.value} ended"
        yield claim(int(major) >= OLDEST_HOST, good, bad, version, subject="host")


def _version(site: Resource) -> Node | None:
    """The setting that says what the code runs on.  Windows tells .NET Framework of every app, used or not."""
    flexible = site[RESOURCE]["properties"]["functionAppConfig"]["runtime"]
    if flexible["version"].value:
        return flexible["version"]
    config = site[CONFIG].need("properties")
    if config["linuxFxVersion"].value or config["windowsFxVersion"].value:
        return config["linuxFxVersion"] if config["linuxFxVersion"].value else config["windowsFxVersion"]
    for name in ("javaVersion", "phpVersion", "pythonVersion", "powerShellVersion"):
        if config[name].value and str(config[name].value).lower() != "off":
            return config[name]
    if config["nodeVersion"].value:
        return config["nodeVersion"]
    if (node := site[SETTINGS]["WEBSITE_NODE_DEFAULT_VERSION"]["version"]).value:
        return node
    framework = config["netFrameworkVersion"]
    return framework if framework.value and framework.value != "v4.0" else None


def _stack(version: Node, kind: str, estate: Estate) -> Node:
    """What Microsoft says of it."""
    wanted = str(version.value).casefold()
    for stack in estate.all(kind):
        for major in stack[RESOURCE]["properties"]["majorVersions"]:
            for minor in major["minorVersions"]:
                for told in (one for _, one in minor["stackSettings"].items()):
                    name = str(told["runtimeVersion"].value or "").casefold()
                    if name and wanted in (name, name.partition("|")[2]):
                        return told
    code = f"{version.value} is not in Microsoft's list of stacks"
    raise Unread(Gap(version.call, "", State.UNSUPPORTED, code, version.region))


@check(
    "azure.app.ftp_basic_auth",
    on=SITE,
    severity=Severity.MEDIUM,
    title="Deployment by FTP or basic password",
    reads=(CONFIG, PASSWORDS),
    fix=Fix(
        console="App Service > the app > Settings > Configuration > General settings: FTP state disabled, SCM and FTP"
        " basic auth publishing credentials off.",
        cli="az resource update --ids ID/basicPublishingCredentialsPolicies/scm --set properties.allow=false",
        terraform='resource "azurerm_linux_web_app" "this" { ftp_publish_basic_authentication_enabled = false'
        "  webdeploy_publish_basic_authentication_enabled = false }",
    ),
)
def ftp_basic_auth(site: Resource, estate: Estate) -> Iterator[Verdict]:
    """Who has the one password of the app replaces its code; it is no person's, and no second factor guards it."""
    ftp = site[CONFIG].need("properties").need("ftpsState")
    yield claim(
        ftp.value != "AllAllowed", f"FTP is {ftp.value}", "Code may come by FTP in the clear", ftp, subject="state"
    )
    for policy in site[PASSWORDS]:
        name, allow = policy.need("name").text(), policy["properties"].need("allow")
        shut = allow.value is not True or (name == "ftp" and ftp.value == "Disabled")
        yield claim(
            shut, "The app's password does not open it", "The app's password opens it", allow, ftp, subject=name
        )


@check(
    "azure.app.logging",
    on=SITE,
    severity=Severity.MEDIUM,
    title="App logs not kept",
    reads=(DIAGNOSTICS, SETTINGS),
    fix=Fix(
        console="App Service > the app > Monitoring > Diagnostic settings > Add: HTTP logs or function logs, to a Log"
        " Analytics workspace.",
        cli="az monitor diagnostic-settings create --resource ID --name to-workspace --workspace WORKSPACE --logs"
        ' \'[{"categoryGroup":"allLogs","enabled":true}]\'',
        terraform='resource "azurerm_monitor_diagnostic_setting" "this" { target_resource_id ='
        ' azurerm_linux_web_app.this.id  enabled_log { category = "AppServiceHTTPLogs" } }',
    ),
)
def logging(site: Resource, estate: Estate) -> Iterator[Verdict]:
    """After a break-in nobody can say who came, what was called and what was taken."""
    settings = site[DIAGNOSTICS]
    for log in kept_logs(settings):
        if str(log["categoryGroup"].value).lower() in GROUPS or str(log["category"].value).lower() in KEPT:
            yield passed("A diagnostic setting keeps its logs", log)
            return
    for name, told in site[SETTINGS].items():
        if name in INSIGHTS:
            yield passed("Application Insights receives its requests", told)
            return
    yield failed("No diagnostic setting keeps its logs, and Application Insights does not see it", settings)


def kept_logs(settings: Node) -> Iterator[Node]:
    """The logs that some setting sends somewhere."""
    for setting in settings:
        told = setting["properties"]
        if any(told[sink].value for sink in SINKS):
            yield from (log for log in told["logs"] if log["enabled"].value is True)
