"""Container Apps, registries, clusters, networks, buses and what watches over a subscription."""

from tests.core.azure import at, case, subscription
from tests.core.cases import Cases

OFFICE = {"action": "Allow", "ipAddressRange": "198.51.100.0/24"}


def thing(kind, subject="", **properties):
    return case(at(kind, properties=properties), subject=subject)


def container_app(subject="", **ingress):
    return thing("Microsoft.App/containerApps", subject, configuration={"ingress": ingress or None})


def registry(subject, **told):
    return thing("Microsoft.ContainerRegistry/registries", subject, **told)


def cluster(subject, **told):
    return thing("Microsoft.ContainerService/managedClusters", subject, **told)


def api(**profile):
    return cluster("api", apiServerAccessProfile=profile)


def namespace(kind, subject, default="Deny", **told):
    rules = {"namespaces.get_network_rule_set": {"properties": {"defaultAction": default}}}
    return case(at(f"Microsoft.{kind}/namespaces", properties=told, **rules), subject=subject)


def namespaces(kind):
    return Cases(
        fails=(
            namespace(kind, "keys", disableLocalAuth=False),
            namespace(kind, "keys"),
            namespace(kind, "network", "Allow", publicNetworkAccess="Enabled"),
            namespace(kind, "network", "Allow"),
            namespace(kind, "tls", minimumTlsVersion="1.1"),
        ),
        passes=(
            namespace(kind, "keys", disableLocalAuth=True),
            namespace(kind, "network", "Deny", publicNetworkAccess="Enabled"),
            namespace(kind, "network", "Allow", publicNetworkAccess="Disabled"),
            namespace(kind, "network", "Allow", publicNetworkAccess="SecuredByPerimeter"),
            namespace(kind, "tls", minimumTlsVersion="1.2"),
        ),
    )


def rule(ports="22", source="*", priority=100, access="Allow", direction="Inbound", protocol="Tcp", **more):
    told = {"destinationPortRange": ports, "sourceAddressPrefix": source, "priority": priority, "access": access,
            "direction": direction, "protocol": protocol, **more}  # fmt: skip
    return {"name": f"r{priority}", "properties": {key: value for key, value in told.items() if value is not None}}


def nsg(*rules, subject="22", **more):
    told = {"securityRules": list(rules), "subnets": [{"id": "s"}], **more}
    return thing("Microsoft.Network/networkSecurityGroups", subject, **told)


def export(*categories, sink="workspaceId", enabled=True, key="category"):
    logs = [{key: name, "enabled": enabled} for name in categories]
    return case(subscription(**{"diagnostic_settings.list": [{"properties": {sink: "x", "logs": logs}}]}))


def plan(name, tier, **more):
    told = [{"name": name, "properties": {"pricingTier": tier, **more}}]
    return case(subscription(**{"pricings.list": told}), subject=name)


ALL = ("Administrative", "Security", "Policy", "Alert")
CASES = {
    "azure.containerapp.exposed": Cases(
        fails=(
            container_app(external=True),
            container_app(external=True, ipSecurityRestrictions=[{**OFFICE, "ipAddressRange": "0.0.0.0/0"}]),
            container_app(external=True, ipSecurityRestrictions=[{**OFFICE, "action": "Deny"}]),
            container_app(external=True, clientCertificateMode="accept"),
            container_app("transport", external=False, allowInsecure=True),
        ),
        passes=(
            container_app(external=False),
            container_app(external=True, ipSecurityRestrictions=[OFFICE]),
            container_app(external=True, clientCertificateMode="require"),
            container_app("transport", external=True, allowInsecure=False),
            container_app(),
        ),
    ),
    "azure.acr.access": Cases(
        fails=(
            registry("anonymous", anonymousPullEnabled=True),
            registry("admin", adminUserEnabled=True),
            registry("network", publicNetworkAccess="Enabled"),
            registry("network", networkRuleSet={"defaultAction": "Allow"}),
        ),
        passes=(
            registry("anonymous", anonymousPullEnabled=False),
            registry("admin", adminUserEnabled=False),
            registry("network", publicNetworkAccess="Disabled"),
            registry("network", publicNetworkAccess="Enabled", networkRuleSet={"defaultAction": "Deny"}),
        ),
    ),
    "azure.aks.exposed": Cases(
        fails=(
            api(),
            api(authorizedIPRanges=[]),
            api(authorizedIPRanges=["198.51.100.0/24", "0.0.0.0/0"]),
            cluster("accounts"),
            cluster("entra"),
            cluster("rbac", enableRBAC=False),
        ),
        passes=(
            api(enablePrivateCluster=True),
            api(authorizedIPRanges=["198.51.100.0/24"]),
            cluster("accounts", disableLocalAccounts=True),
            cluster("entra", aadProfile={"managed": True}),
            cluster("rbac", enableRBAC=True),
        ),
    ),
    "azure.servicebus.access": namespaces("ServiceBus"),
    "azure.eventhub.access": namespaces("EventHub"),
    "azure.network.nsg_open": Cases(
        fails=(
            nsg(rule()),
            nsg(rule(source="Internet")),
            nsg(rule(source="0.0.0.0/1")),
            nsg(rule(source="::/0")),
            nsg(rule("*", protocol="*"), subject="all"),
            nsg(rule("0-65535"), subject="all"),
            nsg(rule("20-30", protocol="*")),
            nsg(rule(None, destinationPortRanges=["443", "22"])),
            nsg(rule(source=None, sourceAddressPrefixes=["10.0.0.0/8", "Internet"])),
            nsg(rule("5432"), subject="5432"),
            nsg(rule("3389", protocol="Udp"), subject="3389"),
            nsg(rule(priority=100), rule(access="Deny", priority=200)),
            nsg(rule(), subnets=[]),
        ),
        passes=(
            nsg(rule("443")),
            nsg(rule(source="198.51.100.0/24")),
            nsg(rule(source="VirtualNetwork")),
            nsg(rule(direction="Outbound")),
            nsg(rule(access="Deny")),
            nsg(rule(access="Deny", priority=50), rule(priority=100)),
            nsg(rule(protocol="Udp")),
            nsg(rule("22", protocol="Icmp")),
            nsg(),
        ),
    ),
    "azure.monitor.activity_export": Cases(
        fails=(
            export(),
            export("Administrative", "Policy"),
            export(*ALL, enabled=False),
            export(*ALL, sink="name"),
        ),
        passes=(
            export(*ALL),
            export(*ALL, sink="storageAccountId"),
            export("allLogs", key="categoryGroup"),
        ),
    ),
    "azure.defender.plans": Cases(
        fails=(plan("KeyVaults", "Free"), plan("AppServices", "Free")),
        passes=(plan("KeyVaults", "Standard"), plan("KubernetesService", "Free"),
                plan("Containers", "Free", deprecated=True)),
    ),
}  # fmt: skip


def test_a_group_that_guards_nothing_is_judged_lighter():
    idle = nsg(rule(), subnets=[])

    assert idle.verdict("azure.network.nsg_open").severity.label == "low"
