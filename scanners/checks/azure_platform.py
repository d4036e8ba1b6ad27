"""Container Apps, registries, clusters, networks, buses and hubs of Azure, and what the subscription watches over.

Limits: a network group is judged by itself; what other groups and firewalls on the way stop is the exposure graph's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scanners.access.azure import RESOURCE, SUBSCRIPTION
from scanners.access.azure.doors import is_everywhere, named_networks, wants_certificate, word
from scanners.catalog.ports import ADMINISTRATION, STORES, Port
from scanners.checks.app_upkeep import DIAGNOSTICS, kept_logs
from scanners.checks.facets import Ports, claim
from scanners.checks.registry import Fix, check
from scanners.model import Node, Resource, Severity, Verdict, failed, passed
from scanners.model.estate import Estate

CONTAINER_APP, REGISTRY = "Microsoft.App/containerApps", "Microsoft.ContainerRegistry/registries"
CLUSTER, FIREWALL = "Microsoft.ContainerService/managedClusters", "Microsoft.Network/networkSecurityGroups"
BUS, HUBS = "Microsoft.ServiceBus/namespaces", "Microsoft.EventHub/namespaces"
RULES, PLANS = "namespaces.get_network_rule_set", "pricings.list"
HARDENED = {  # subject → (setting, what is said when it holds, and when not, how grave)
    "network": ("networkProfile.networkPolicy", "Rules between containers are kept",
                "No rules between containers are kept", None),
    "identity": ("securityProfile.workloadIdentity.enabled", "Containers have identities of their own",
                 "Containers have no identities of their own", None),
    "secrets": ("securityProfile.azureKeyVaultKms.enabled", "Its secrets are encrypted with a key of a vault",
                "Its secrets are encrypted with no key of ours", Severity.LOW),
    "defender": ("securityProfile.defender.securityMonitoring.enabled", "Defender watches over it",
                 "Defender does not watch over it", Severity.LOW),
    "upgrades": ("autoUpgradeProfile.upgradeChannel", "It is upgraded without anyone's doing",
                 "Nobody upgrades it but by hand", Severity.LOW),
}  # fmt: skip
EXPORTED = ("Administrative", "Security", "Policy", "Alert")
WANTED = {  # "Defender for Cloud pricing", plans of serverless and data services, read 2026-11
    "AppServices": "App Service",
    "StorageAccounts": "storage",
    "KeyVaults": "Key Vault",
    "Arm": "Resource Manager",
    "Containers": "containers",
    "Api": "APIs",
    "SqlServers": "Azure SQL",
    "OpenSourceRelationalDatabases": "open source databases",
    "CosmosDbs": "Cosmos DB",
}


@check(
    "azure.containerapp.exposed",
    on=CONTAINER_APP,
    severity=Severity.MEDIUM,
    title="Container app published or allowing clear traffic",
    reads=(RESOURCE,),
    fix=Fix(
        console="Container Apps > the app > Networking > Ingress: limited to the environment, or address restrictions;"
        " insecure connections off.",
        cli="az containerapp ingress update --ids ID --type internal --allow-insecure false",
        terraform='resource "azurerm_container_app" "this" { ingress { external_enabled = false'
        "  allow_insecure_connections = false } }",
    ),
)
def container_app(app: Resource, estate: Estate) -> Iterator[Verdict]:
    """Anyone reaches the code behind it, past whatever filters elsewhere; and in the clear, whoever is on the way."""
    ingress = app[RESOURCE]["properties"]["configuration"]["ingress"]
    if not ingress.value:
        yield passed("It takes no requests", ingress)
        return
    external, clear, rules = ingress["external"], ingress["allowInsecure"], ingress["ipSecurityRestrictions"]
    safe = external.value is not True or named_networks(ingress) or wants_certificate(ingress)
    good, bad = "Only named networks or callers reach it", "The whole internet reaches it"
    yield claim(safe, good, bad, external, rules, ingress["clientCertificateMode"])
    severity = None if external.value is True else Severity.LOW
    good, bad = "Plain HTTP is sent on to HTTPS", "It answers over plain HTTP"
    yield claim(clear.value is not True, good, bad, clear, subject="transport", severity=severity)


@check(
    "azure.acr.access",
    on=REGISTRY,
    severity=Severity.HIGH,
    title="Registry weakly protected",
    reads=(RESOURCE,),
    fix=Fix(
        console="Container registries > the registry > Access keys: admin user off; Networking: selected networks.",
        cli="az acr update --name NAME --admin-enabled false --anonymous-pull-enabled false --default-action Deny",
        terraform='resource "azurerm_container_registry" "this" { admin_enabled = false'
        "  anonymous_pull_enabled = false  public_network_access_enabled = false }",
    ),
)
def registry(found: Resource, estate: Estate) -> Iterator[Verdict]:
    """Who gets in reads the code in the images, or leaves others in their place, which are then run."""
    told = found[RESOURCE]["properties"]
    pull, admin, network = told["anonymousPullEnabled"], told["adminUserEnabled"], told["publicNetworkAccess"]
    good, bad = "Nobody pulls without a name", "Anyone pulls its images, without a name"
    yield claim(pull.value is not True, good, bad, pull, subject="anonymous")
    good, bad = "The shared administrator is off", "A shared administrator with a password is on"
    yield claim(admin.value is not True, good, bad, admin, subject="admin")
    default = told["networkRuleSet"]["defaultAction"]
    shut = word(network, "enabled") != "enabled" or word(default) == "deny"
    good, bad = "Its network is limited", "It is reached from every network"
    yield claim(shut, good, bad, network, default, subject="network", severity=Severity.MEDIUM)


@check(
    "azure.aks.exposed",
    on=CLUSTER,
    severity=Severity.HIGH,
    title="Cluster control plane exposed",
    reads=(RESOURCE,),
    fix=Fix(
        console="Kubernetes services > the cluster > Networking: authorized IP ranges; Security configuration: Entra ID"
        " with Azure RBAC, local accounts off.",
        cli="az aks update --ids ID --api-server-authorized-ip-ranges 198.51.100.0/24 --disable-local-accounts",
        terraform='resource "azurerm_kubernetes_cluster" "this" { local_account_disabled = true'
        '  api_server_access_profile { authorized_ip_ranges = ["198.51.100.0/24"] } }',
    ),
)
def cluster(found: Resource, estate: Estate) -> Iterator[Verdict]:
    """A stolen token or a fresh hole in the API server is enough, from anywhere; local accounts have no MFA."""
    told = found[RESOURCE]["properties"]
    api, network = told["apiServerAccessProfile"], told["publicNetworkAccess"]
    ranges = list(api["authorizedIPRanges"])
    named = bool(ranges) and not any(is_everywhere(one) for one in ranges)
    shut = api["enablePrivateCluster"].value is True or word(network) == "disabled" or named
    yield claim(shut, "Named networks alone reach its API", "The internet reaches its API", api, network, subject="api")
    local, entra, rbac = told["disableLocalAccounts"], told["aadProfile"], told["enableRBAC"]
    good, bad = "Local accounts are off", "Local accounts are on"
    yield claim(local.value is True, good, bad, local, subject="accounts", severity=Severity.MEDIUM)
    good, bad = "People sign in with Entra ID", "People do not sign in with Entra ID"
    yield claim(bool(entra.value), good, bad, entra, subject="entra", severity=Severity.MEDIUM)
    good, bad = "Kubernetes asks for roles", "Kubernetes asks for no roles"
    yield claim(rbac.value is not False, good, bad, rbac, subject="rbac")


@check(
    "azure.aks.hardening",
    on=CLUSTER,
    severity=Severity.MEDIUM,
    title="Cluster hardening gaps",
    reads=(RESOURCE,),
    fix=Fix(
        console="Kubernetes services > the cluster > Networking: network policy; Security configuration: workload"
        " identity, Key Vault encryption, Defender; Cluster configuration: automatic upgrade.",
        cli="az aks update --ids ID --network-policy cilium --enable-oidc-issuer --enable-workload-identity"
        " --enable-defender --auto-upgrade-channel patch",
        terraform='resource "azurerm_kubernetes_cluster" "this" { oidc_issuer_enabled = true'
        '  workload_identity_enabled = true  automatic_upgrade_channel = "patch"  network_profile {'
        ' network_policy = "cilium" } }',
    ),
)
def hardening(found: Resource, estate: Estate) -> Iterator[Verdict]:
    """One taken container reaches all others, the nodes' identity, and holes that were patched elsewhere long ago."""
    told = found[RESOURCE]["properties"]
    for subject, (steps, good, bad, severity) in HARDENED.items():
        node = told
        for step in steps.split("."):
            node = node[step]
        holds = node.value is True or (isinstance(node.value, str) and word(node) != "none")
        yield claim(holds, good, bad, node, subject=subject, severity=severity)


def _namespace(id: str, kind: str, noun: str, group: str, resource: str) -> None:
    """The same question of two kinds of namespaces."""

    @check(
        id,
        on=kind,
        severity=Severity.MEDIUM,
        title=f"{noun} namespace accepts shared keys or every network",
        reads=(RESOURCE, RULES),
        fix=Fix(
            console=f"{noun} > the namespace > Overview > Local authentication: disabled; Networking: selected"
            " networks; Configuration: TLS 1.2.",
            cli=f"az {group} namespace update --ids ID --disable-local-auth true --public-network-access Disabled"
            " --minimum-tls-version 1.2",
            terraform=f'resource "{resource}" "this" {{ local_authentication_enabled = false'
            '  public_network_access_enabled = false  minimum_tls_version = "1.2" }',
        ),
    )
    def namespace(found: Resource, estate: Estate) -> Iterator[Verdict]:
        """A shared key works from anywhere, for whoever has a copy, and nobody sees who used it."""
        told = found[RESOURCE]["properties"]
        keys, network, tls = told["disableLocalAuth"], told["publicNetworkAccess"], told["minimumTlsVersion"]
        yield claim(keys.value is True, "Shared keys are off", "Shared keys open it", keys, subject="keys")
        old = f"It accepts TLS {tls.value}"
        yield claim(word(tls, "1.2") not in ("1.0", "1.1"), "TLS 1.2 is the least", old, tls, subject="tls")
        if word(network, "enabled") != "enabled":
            yield passed("The public network is shut", network, subject="network")
            return
        rules = found[RULES].need("properties")
        shut = word(rules["defaultAction"], "allow") == "deny"
        good, bad = "Named networks alone reach it", "It is reached from every network"
        yield claim(shut, good, bad, network, rules["defaultAction"], subject="network")


_namespace("azure.servicebus.access", BUS, "Service Bus", "servicebus", "azurerm_servicebus_namespace")
_namespace("azure.eventhub.access", HUBS, "Event Hubs", "eventhubs", "azurerm_eventhub_namespace")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule for what comes in, with the ports it speaks of and where from."""

    node: Node
    ports: tuple[Ports, ...]
    sources: tuple[Node, ...]

    @property
    def allows(self) -> bool:
        return word(self.node["properties"].need("access")) == "allow"

    @property
    def everywhere(self) -> Node | None:
        return next((source for source in self.sources if is_everywhere(source)), None)


@check(
    "azure.network.nsg_open",
    on=FIREWALL,
    severity=Severity.HIGH,
    title="Network group open to the internet",
    reads=(RESOURCE,),
    fix=Fix(
        console="Network security groups > the group > Inbound security rules: your own ranges, or Azure Bastion.",
        cli="az network nsg rule update --ids ID --source-address-prefixes 198.51.100.0/24",
        terraform='resource "azurerm_network_security_rule" "this" { source_address_prefix = "198.51.100.0/24" }',
    ),
)
def nsg_open(group: Resource, estate: Estate) -> Iterator[Verdict]:
    """Scanners find an open port within minutes and try stolen passwords and fresh exploits on it.

    Lighter where the group guards nothing yet.
    """
    told = group[RESOURCE]["properties"]
    rules = sorted(
        _inbound(told["securityRules"]), key=lambda rule: int(rule.node["properties"].need("priority").value)
    )
    used = told["subnets"].value or told["networkInterfaces"].value
    idle = None if used else Severity.LOW
    whole = _first(rules, None)
    if whole and whole.allows and whole.everywhere:
        sentence = f"Every port is open to {whole.everywhere.value}"
        yield failed(sentence, whole.everywhere, whole.node, subject="all", severity=idle or Severity.CRITICAL)
    for port in (*ADMINISTRATION, *STORES):
        first = _first(rules, port)
        if first and first.allows and first.everywhere:
            sentence = f"{port.service} (port {port.number}) is open to {first.everywhere.value}"
            yield failed(sentence, first.everywhere, first.node, subject=str(port.number), severity=idle)
    yield passed("No other port for administration or data is open to the internet", told["securityRules"])


def _first(rules: list[Rule], port: Port | None) -> Rule | None:
    """The rule that decides about everyone on a port, or on every port: the first in order of priority."""
    for rule in rules:
        if rule.everywhere and any(one.everything if port is None else one.reach(port) for one in rule.ports):
            return rule
    return None


def _inbound(rules: Node) -> Iterator[Rule]:
    for rule in rules:
        told = rule.need("properties")
        if word(told.need("direction")) == "inbound":
            sources = [
                *told["sourceAddressPrefixes"],
                *([told["sourceAddressPrefix"]] if told["sourceAddressPrefix"].value else []),
            ]
            yield Rule(rule, tuple(_ports(told)), tuple(sources))


def _ports(told: Node) -> Iterator[Ports]:
    protocol = word(told.need("protocol"))
    spans = [
        *told["destinationPortRanges"],
        *([told["destinationPortRange"]] if told["destinationPortRange"].value else []),
    ]
    for span in spans:
        first, _, last = span.text().partition("-")
        if first == "*" and protocol == "*":
            yield Ports("all")
        for name in ("tcp", "udp") if protocol == "*" else (protocol,):
            yield Ports(name) if first == "*" else Ports(name, int(first), int(last or first))


@check(
    "azure.monitor.activity_export",
    on=SUBSCRIPTION,
    severity=Severity.HIGH,
    title="Activity log not exported",
    reads=(DIAGNOSTICS,),
    fix=Fix(
        console="Monitor > Activity log > Export Activity Logs > Add diagnostic setting: Administrative, Security,"
        " Policy and Alert, to a Log Analytics workspace.",
        cli="az monitor diagnostic-settings subscription create --name export --location westeurope --workspace"
        ' WORKSPACE --logs \'[{"category":"Administrative","enabled":true}]\'',
        terraform='resource "azurerm_monitor_diagnostic_setting" "this" { target_resource_id ='
        ' data.azurerm_subscription.this.id  enabled_log { category = "Administrative" } }',
    ),
)
def activity_export(subscription: Resource, estate: Estate) -> Iterator[Verdict]:
    """Azure forgets after 90 days who changed what; after a break-in that is found late nobody can tell any more."""
    settings = subscription[DIAGNOSTICS]
    logs = list(kept_logs(settings))
    kept = {word(log["category"]) for log in logs}
    everything = any(word(log["categoryGroup"]) == "alllogs" for log in logs)
    missing = [] if everything else [name for name in EXPORTED if name.lower() not in kept]
    bad = f"Nothing keeps {', '.join(missing)} of the activity log"
    yield claim(not missing, "The activity log is kept elsewhere", bad, settings)


@check(
    "azure.defender.plans",
    on=SUBSCRIPTION,
    severity=Severity.MEDIUM,
    title="Defender plans off",
    reads=(PLANS,),
    fix=Fix(
        console="Microsoft Defender for Cloud > Environment settings > the subscription > Defender plans: on.",
        cli="az security pricing create --name KeyVaults --tier Standard",
        terraform='resource "azurerm_security_center_subscription_pricing" "this" { resource_type = "KeyVaults"'
        '  tier = "Standard" }',
    ),
)
def defender_plans(subscription: Resource, estate: Estate) -> Iterator[Verdict]:
    """Nobody is told of stolen keys at work, of malware in storage, or of calls from strange places."""
    for plan in subscription[PLANS]:
        name, tier = plan.need("name").text(), plan["properties"].need("pricingTier")
        if name in WANTED and plan["properties"]["deprecated"].value is not True:
            good, bad = f"Defender watches over {WANTED[name]}", f"Defender does not watch over {WANTED[name]}"
            yield claim(word(tier) == "standard", good, bad, tier, subject=name)
    yield passed("Every other plan is on, or of no use here", subscription[PLANS])
