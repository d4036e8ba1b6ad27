"""Storage, vaults and databases of Azure: who reaches them, and with what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address

from scanners.access.azure import RESOURCE
from scanners.access.azure.doors import is_everywhere, word
from scanners.checks.facets import claim
from scanners.checks.registry import Fix, check
from scanners.model import Gap, Node, Resource, Severity, State, Unread, Verdict, failed, passed
from scanners.model.estate import Estate

STORAGE, VAULT = "Microsoft.Storage/storageAccounts", "Microsoft.KeyVault/vaults"
SQL, COSMOS = "Microsoft.Sql/servers", "Microsoft.DocumentDB/databaseAccounts"
CONTAINERS, SECRETS, KEYS = "blob_containers.list", "secrets.list", "keys.list"
RULES, ADMINISTRATORS = "firewall_rules.list_by_server", "server_azure_ad_administrators.list_by_server"
AUDITING = "server_blob_auditing_policies.get"
OLDEST = timedelta(days=90)
WIDE = 2**24  # addresses: more than that are nobody's own
OLD = ("1.0", "1.1", "tls1_0", "tls1_1", "tls", "tls11", "none")


def network_is_shut(told: Node) -> tuple[bool, list[Node]]:
    """Of what has a switch for the public network and rules with a default; a service without rules lets all in."""
    network, default = told["publicNetworkAccess"], told["networkAcls"]["defaultAction"]
    return word(network, "enabled") != "enabled" or word(default, "allow") == "deny", [network, default]


@check(
    "azure.storage.public",
    on=STORAGE,
    severity=Severity.CRITICAL,
    title="Storage open to everyone",
    reads=(RESOURCE, CONTAINERS),
    fix=Fix(
        console="Storage accounts > the account > Settings > Configuration: allow Blob anonymous access, disabled;"
        " Networking: selected networks.",
        cli="az storage account update --ids ID --allow-blob-public-access false --default-action Deny",
        terraform='resource "azurerm_storage_account" "this" { allow_nested_items_to_be_public = false'
        "  public_network_access_enabled = false }",
    ),
)
def storage_public(account: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever knows or guesses the address reads what is in it, and nobody is asked who they are."""
    told = account[RESOURCE]["properties"]
    shut, why = network_is_shut(told)
    yield claim(shut, "Its network is limited", "It is reached from every network", *why, subject="network",
                severity=Severity.MEDIUM)  # fmt: skip
    allowed = told["allowBlobPublicAccess"]
    if allowed.value is False:
        yield passed("Anonymous access is forbidden", allowed)
        return
    for container in account[CONTAINERS]:
        way = container["properties"]["publicAccess"]
        if word(way, "none") != "none":
            what = "lists and reads everything in it" if word(way) == "container" else "reads what is in it"
            yield failed(f"Anyone {what}", way, allowed, subject=container.need("name").text())
    yield passed("No other container is open", account[CONTAINERS], allowed)


@check(
    "azure.storage.transport_keys",
    on=STORAGE,
    severity=Severity.MEDIUM,
    title="Storage accepts keys or weak transport",
    reads=(RESOURCE,),
    fix=Fix(
        console="Storage accounts > the account > Settings > Configuration: secure transfer required, key access"
        " disabled, TLS 1.2.",
        cli="az storage account update --ids ID --allow-shared-key-access false --https-only true --min-tls-version"
        " TLS1_2",
        terraform='resource "azurerm_storage_account" "this" { shared_access_key_enabled = false'
        '  https_traffic_only_enabled = true  min_tls_version = "TLS1_2" }',
    ),
)
def transport_keys(account: Resource, estate: Estate) -> Iterator[Verdict]:
    """An account key opens everything to whoever has a copy, and nobody sees who; old transport is read along."""
    told = account[RESOURCE]["properties"]
    https, tls, keys = told["supportsHttpsTrafficOnly"], told["minimumTlsVersion"], told["allowSharedKeyAccess"]
    yield claim(https.value is True, "HTTPS is required", "It answers over plain HTTP", https, subject="https")
    least = tls.value or "TLS1_0"
    yield claim(word(tls, "tls1_0") not in OLD, f"{least} is the least", f"It accepts {least}", tls, subject="tls")
    yield claim(keys.value is False, "Account keys are off", "Account keys open it", keys, subject="keys")
    for name, made in told["keyCreationTime"].items() if keys.value is not False else ():
        if made.value:
            day = datetime.fromisoformat(made.text().replace("Z", "+00:00"))
            good, bad = f"It was made on {day.date()}", f"It is in use since {day.date()}"
            yield claim(estate.now - day <= OLDEST, good, bad, made, subject=name, severity=Severity.LOW)


@check(
    "azure.keyvault.access",
    on=VAULT,
    severity=Severity.HIGH,
    title="Vault open or on legacy access policies",
    reads=(RESOURCE,),
    fix=Fix(
        console="Key vaults > the vault > Settings > Access configuration: Azure role-based access control; Networking:"
        " selected networks.",
        cli="az keyvault update --ids ID --enable-rbac-authorization true --default-action Deny",
        terraform='resource "azurerm_key_vault" "this" { rbac_authorization_enabled = true  network_acls {'
        ' default_action = "Deny"  bypass = "AzureServices" } }',
    ),
)
def vault_access(vault: Resource, estate: Estate) -> Iterator[Verdict]:
    """A stolen token is then enough from anywhere, and whoever may write the vault may give themselves its secrets."""
    told = vault[RESOURCE]["properties"]
    shut, why = network_is_shut(told)
    yield claim(shut, "Its network is limited", "It is reached from every network", *why, subject="network")
    rbac = told["enableRbacAuthorization"]
    good, bad = "Roles decide who gets in", "Access policies decide who gets in, not roles"
    yield claim(rbac.value is True, good, bad, rbac, subject="rbac", severity=Severity.MEDIUM)
    for policy in told["accessPolicies"] if rbac.value is not True else ():
        everything = [one for _, rights in policy["permissions"].items() for one in rights if word(one) == "all"]
        if everything:
            who = policy.need("objectId").text()
            yield failed("An access policy grants every right", *everything, policy, subject=who)


@check(
    "azure.keyvault.recoverable",
    on=VAULT,
    severity=Severity.MEDIUM,
    title="Vault can be purged",
    reads=(RESOURCE,),
    fix=Fix(
        console="Key vaults > the vault > Settings > Properties > Purge protection: enable.",
        cli="az keyvault update --ids ID --enable-purge-protection true",
        terraform='resource "azurerm_key_vault" "this" { purge_protection_enabled = true }',
    ),
)
def recoverable(vault: Resource, estate: Estate) -> Iterator[Verdict]:
    """One call ends every key in it for good, and with the keys all that they encrypt."""
    told = vault[RESOURCE]["properties"]
    soft, purge = told["enableSoftDelete"], told["enablePurgeProtection"]
    if soft.value is False:
        yield failed("What is deleted is gone at once", soft)
    else:
        yield claim(purge.value is True, "Nobody may purge it", "It may be purged for good", purge, soft)


@check(
    "azure.keyvault.expiry",
    on=VAULT,
    severity=Severity.MEDIUM,
    title="Secret or key without expiry",
    reads=(SECRETS, KEYS),
    fix=Fix(
        console="Key vaults > the vault > Objects > Secrets or Keys > the current version: set an expiration date, and"
        " a rotation policy.",
        cli="az keyvault secret set-attributes --vault-name VAULT --name NAME --expires 2027-06-30T00:00:00Z",
        terraform='resource "azurerm_key_vault_secret" "this" { expiration_date = "2027-06-30T00:00:00Z" }',
    ),
)
def expiry(vault: Resource, estate: Estate) -> Iterator[Verdict]:
    """A secret that never ends is never replaced, and a copy of it works for years."""
    for section, word_for in ((SECRETS, "secrets"), (KEYS, "keys")):
        for one in vault[section]:
            told = one["properties"]["attributes"]
            if told["enabled"].value is False:
                continue
            subject = f"{word_for}/{one.need('name').text()}"
            if not told["exp"].value:
                yield failed("It never expires", told, subject=subject)
            else:
                end = datetime.fromtimestamp(int(told["exp"].value), UTC)
                good, bad = f"It expires on {end.date()}", f"It expired on {end.date()} and is still on"
                yield claim(end > estate.now, good, bad, told["exp"], subject=subject)
    yield passed("Everything in it has an end", vault[SECRETS], vault[KEYS])


@check(
    "azure.sql.exposed",
    on=SQL,
    severity=Severity.CRITICAL,
    title="SQL server open or weak",
    reads=(RESOURCE, RULES, ADMINISTRATORS, AUDITING),
    fix=Fix(
        console="SQL servers > the server > Security > Networking: disable public access, or named addresses; Microsoft"
        " Entra ID: set an administrator; Auditing: on.",
        cli="az sql server update --ids ID --enable-public-network false --minimal-tls-version 1.2",
        terraform='resource "azurerm_mssql_server" "this" { public_network_access_enabled = false'
        '  minimum_tls_version = "1.2" }',
    ),
)
def sql_exposed(server: Resource, estate: Estate) -> Iterator[Verdict]:
    """Databases that everyone reaches are found within minutes, and a guessed password or a fresh hole opens them."""
    told = server[RESOURCE]["properties"]
    network, tls = told["publicNetworkAccess"], told["minimalTlsVersion"]
    if word(network, "enabled") == "enabled":
        for rule in server[RULES]:
            yield _rule(rule, network)
    yield claim(word(tls, "none") not in OLD, f"TLS {tls.value} is the least", "It accepts TLS before 1.2", tls,
                subject="tls", severity=Severity.MEDIUM)  # fmt: skip
    who, audit = server[ADMINISTRATORS], server[AUDITING].need("properties")["state"]
    good, bad = "Its administrator signs in with Entra ID", "No administrator signs in with Entra ID"
    yield claim(bool(who.value), good, bad, who, subject="administrator", severity=Severity.MEDIUM)
    good, bad = "Who did what is written down", "Nobody writes down who did what"
    yield claim(word(audit) == "enabled", good, bad, audit, subject="auditing", severity=Severity.MEDIUM)
    yield passed("No other rule opens it", network)


def _rule(rule: Node, network: Node) -> Verdict:
    told, name = rule.need("properties"), rule.need("name").text()
    first, last = told.need("startIpAddress"), told.need("endIpAddress")
    try:
        begin, end = int(IPv4Address(first.text())), int(IPv4Address(last.text()))
    except ValueError:
        raise Unread(Gap(first.call, "", State.PARSE_ERROR, f"{first.pointer} is no address", first.region)) from None
    if begin == end == 0:
        sentence = "Everything in Azure reaches it, whoever runs it there"
        return failed(sentence, first, last, network, subject=name, severity=Severity.HIGH)
    bad = f"A rule opens it from {first.value} to {last.value}"
    return claim(end - begin < WIDE, "The rule names few addresses", bad, first, last, network, subject=name)


@check(
    "azure.cosmos.access",
    on=COSMOS,
    severity=Severity.HIGH,
    title="Cosmos DB accepts keys or every network",
    reads=(RESOURCE,),
    fix=Fix(
        console="Azure Cosmos DB > the account > Settings > Networking: selected networks, or disabled; keys off by"
        " command.",
        cli="az resource update --ids ID --set properties.disableLocalAuth=true"
        " properties.publicNetworkAccess=Disabled",
        terraform='resource "azurerm_cosmosdb_account" "this" { local_authentication_disabled = true'
        "  public_network_access_enabled = false }",
    ),
)
def cosmos_access(account: Resource, estate: Estate) -> Iterator[Verdict]:
    """A copied key opens all of its data from anywhere, and nobody sees who used it."""
    told = account[RESOURCE]["properties"]
    network, rules, keys = told["publicNetworkAccess"], told["ipRules"], told["disableLocalAuth"]
    named = [rule["ipAddressOrRange"] for rule in rules]
    wide = [one for one in named if one.value == "0.0.0.0" or is_everywhere(one)]  # noqa: S104  (all of Azure)
    by_network = told["isVirtualNetworkFilterEnabled"].value is True
    shut = word(network, "enabled") != "enabled" or (not wide and (bool(named) or by_network))
    good, bad = "Named networks alone reach it", "It is reached from networks that are not its owner's"
    yield claim(shut, good, bad, network, *(wide or [rules]), subject="network")
    good, bad = "Account keys are off", "Account keys open it"
    yield claim(keys.value is True, good, bad, keys, subject="keys", severity=Severity.MEDIUM)
