"""App Service, Function Apps and Container Apps: callers' certificates, debugging, networks, and keys they hold."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.azure import RESOURCE, identities
from scanners.access.azure.calling import CONTAINER_APP, SITE, is_function_app
from scanners.access.azure.doors import CONFIG, word
from scanners.checks.facets import claim, secrets_in
from scanners.checks.registry import Fix, check
from scanners.model import Resource, Severity, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

SETTINGS = "web_apps.list_application_settings"
HOST_STORE = "AzureWebJobsStorage"  # and AzureWebJobsStorage__accountName, where an identity opens it


@check(
    "azure.app.client_cert",
    on=SITE,
    severity=Severity.LOW,
    title="Partner app without client certificates",
    reads=(RESOURCE,),
    fix=Fix(
        console="App Service > the app > Settings > Configuration > General settings > Client certificate mode:"
        " Require.",
        cli="az webapp update --ids ID --set clientCertEnabled=true clientCertMode=Required",
        terraform='resource "azurerm_linux_web_app" "this" { client_certificate_enabled = true'
        '  client_certificate_mode = "Required" }',
    ),
)
def client_cert(site: Resource, estate: Estate) -> Iterator[Verdict]:
    """A partner's machine has no second factor: a certificate is what tells it from whoever has copied a key.

    Asked of apps with the tag exposure=partner.
    """
    told = site[RESOURCE]
    tag, on, mode = (
        told["tags"]["exposure"],
        told["properties"]["clientCertEnabled"],
        told["properties"]["clientCertMode"],
    )
    if word(tag) != "partner":
        yield not_applicable("It has no tag exposure=partner", tag)
        return
    required = on.value is True and word(mode, "required") == "required"
    yield claim(required, "Callers must show a certificate", "Callers need no certificate", on, mode, tag)


@check(
    "azure.app.remote_debug",
    on=SITE,
    severity=Severity.MEDIUM,
    title="Remote debugging on",
    reads=(CONFIG,),
    fix=Fix(
        console="App Service > the app > Settings > Configuration > General settings > Remote debugging: off.",
        cli="az webapp config set --ids ID --remote-debugging-enabled false",
        terraform='resource "azurerm_linux_web_app" "this" { site_config { remote_debugging_enabled = false } }',
    ),
)
def remote_debug(site: Resource, estate: Estate) -> Iterator[Verdict]:
    """A debugger reads all memory and runs what it likes; it was for one afternoon, and stands open since."""
    on = site[CONFIG].need("properties")["remoteDebuggingEnabled"]
    yield claim(on.value is not True, "No debugger can be attached", "A debugger can be attached from outside", on)


@check(
    "azure.app.vnet",
    on=SITE,
    severity=Severity.LOW,
    title="App egress bypasses the network",
    reads=(RESOURCE, CONFIG),
    fix=Fix(
        console="App Service > the app > Settings > Networking > Outbound traffic: a subnet, and all internet traffic"
        " through it.",
        cli="az webapp vnet-integration add --ids ID --vnet NETWORK --subnet SUBNET; az webapp config set --ids ID"
        " --vnet-route-all-enabled true",
        terraform='resource "azurerm_linux_web_app" "this" { virtual_network_subnet_id = azurerm_subnet.apps.id'
        "  site_config { vnet_route_all_enabled = true } }",
    ),
)
def vnet(site: Resource, estate: Estate) -> Iterator[Verdict]:
    """What taken over code sends away goes past every firewall, and nobody sees where to."""
    subnet, all_of_it = site[RESOURCE]["properties"]["virtualNetworkSubnetId"], site[CONFIG].need("properties")
    routed = all_of_it["vnetRouteAllEnabled"]
    if not subnet.value:
        yield failed("It is in no network of ours", subnet)
    else:
        good, bad = "All that it sends goes through a network", "Only private addresses are reached through a network"
        yield claim(routed.value is True, good, bad, subnet, routed)


@check(
    "azure.function.storage_keys",
    on=SITE,
    severity=Severity.MEDIUM,
    title="Function uses storage account keys",
    reads=(RESOURCE, SETTINGS),
    fix=Fix(
        console="Give the app's identity Storage Blob Data Owner on the account; replace AzureWebJobsStorage by"
        " AzureWebJobsStorage__accountName under Settings > Environment variables.",
        cli="az functionapp config appsettings set --ids ID --settings AzureWebJobsStorage__accountName=ACCOUNT",
        terraform='resource "azurerm_linux_function_app" "this" { storage_uses_managed_identity = true }',
    ),
)
def storage_keys(site: Resource, estate: Estate) -> Iterator[Verdict]:
    """The key opens the whole account, the function's code and keys in it, and works from anywhere."""
    if not is_function_app(site):
        yield not_applicable("It runs no functions", site[RESOURCE]["kind"])
        return
    settings = site[SETTINGS]
    kept = settings[HOST_STORE]
    if kept["secret"].value:
        yield failed("It opens its storage account with a key in its settings", kept)
    elif kept["reference"].value is True:
        yield passed("Its storage account's key stands in a vault", kept)
    else:
        yield passed("It opens its storage account with no key that stands in its settings", settings)


@check(
    "azure.containerapp.identity_secret",
    on=CONTAINER_APP,
    severity=Severity.HIGH,
    title="Container app holds literal secrets or lacks identity",
    reads=(RESOURCE,),
    fix=Fix(
        console="Container Apps > the app > Security > Identity: on; Secrets: a Key Vault reference; Containers >"
        " Environment variables: reference the secret.",
        cli="az containerapp identity assign --ids ID --system-assigned; az containerapp secret set --ids ID --secrets"
        " key=keyvaultref:https://VAULT.vault.azure.net/secrets/NAME,identityref:system",
        terraform='resource "azurerm_container_app" "this" { identity { type = "SystemAssigned" }  secret { name ='
        ' "key"  key_vault_secret_id = azurerm_key_vault_secret.this.id  identity = "System" } }',
    ),
)
def container_secret(app: Resource, estate: Estate) -> Iterator[Verdict]:
    """Everyone who may look at the app reads what stands in its variables; an identity needs no such thing."""
    told = app[RESOURCE]
    containers = told.need("variables")
    yield from secrets_in((pair for _, one in containers.items() for pair in one.items()), containers)
    some = [node for _, node in identities(told)]
    good, bad = "It has a managed identity", "It has no managed identity"
    nodes = some or [told["identity"]]
    yield claim(bool(some), good, bad, *nodes, subject="identity", severity=Severity.LOW)
