"""What watches over a subscription: vaults' logs, flow logs, alerts, and whom Defender tells.

Limits: an alert is looked for in the activity log's own alerts; what searches in a workspace is not read.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.azure import RESOURCE, SUBSCRIPTION
from scanners.access.azure.doors import word
from scanners.checks.app_upkeep import DIAGNOSTICS, kept_logs
from scanners.checks.facets import claim
from scanners.checks.registry import Fix, check
from scanners.model import Node, Resource, Severity, Verdict, failed, passed
from scanners.model.estate import Estate

VAULT, NETWORK = "Microsoft.KeyVault/vaults", "Microsoft.Network/virtualNetworks"
FLOW_LOG = "Microsoft.Network/networkWatchers/flowLogs"
CONTACTS, ALERTS = "security_contacts.list", "activity_log_alerts.list_by_subscription_id"
LEAST = 90  # days: CIS Microsoft Azure Foundations Benchmark 3.0.0, 7.5
WATCHED = {  # CIS Microsoft Azure Foundations Benchmark 3.0.0, 6.2.1 to 6.2.10
    "Microsoft.Authorization/policyAssignments/write": "policies",
    "Microsoft.Network/networkSecurityGroups/write": "network groups",
    "Microsoft.Security/securitySolutions/write": "security solutions",
    "Microsoft.Sql/servers/firewallRules/write": "firewalls of databases",
    "Microsoft.Network/publicIPAddresses/write": "public addresses",
}


@check(
    "azure.keyvault.logging",
    on=VAULT,
    severity=Severity.MEDIUM,
    title="Vault access not logged",
    reads=(DIAGNOSTICS,),
    fix=Fix(
        console="Key vaults > the vault > Monitoring > Diagnostic settings > Add: audit, to a workspace.",
        cli="az monitor diagnostic-settings create --name audit --resource ID --workspace WORKSPACE --logs"
        ' \'[{"categoryGroup":"audit","enabled":true}]\'',
        terraform='resource "azurerm_monitor_diagnostic_setting" "this" { target_resource_id ='
        ' azurerm_key_vault.this.id  enabled_log { category_group = "audit" } }',
    ),
)
def vault_logging(vault: Resource, estate: Estate) -> Iterator[Verdict]:
    """After a theft nobody can tell which secrets were read, by whom, so all of them must be replaced."""
    settings = vault[DIAGNOSTICS]
    kept = any(
        word(log["category"]) == "auditevent" or word(log["categoryGroup"]) in ("alllogs", "audit")
        for log in kept_logs(settings)
    )
    yield claim(kept, "Who reads its secrets is kept", "Nothing keeps who reads its secrets", settings)


@check(
    "azure.network.flow_logs",
    on=NETWORK,
    severity=Severity.LOW,
    title="No flow logs",
    reads=(RESOURCE,),
    joins=((FLOW_LOG, RESOURCE),),
    fix=Fix(
        console="Network Watcher > Flow logs > Create: the virtual network, 90 days.",
        cli="az network watcher flow-log create --name shop --location westeurope --vnet ID --storage-account ACCOUNT"
        " --retention 90",
        terraform='resource "azurerm_network_watcher_flow_log" "this" { target_resource_id ='
        " azurerm_virtual_network.this.id  enabled = true  retention_policy { enabled = true  days = 90 } }",
    ),
)
def flow_logs(network: Resource, estate: Estate) -> Iterator[Verdict]:
    """Where data went after a break-in, and who searched the network before it, nobody can look up."""
    subnets = list(network[RESOURCE]["properties"]["subnets"])
    logs: dict[str, Node] = {}
    for log in estate.all(FLOW_LOG):
        told = log[RESOURCE]["properties"]
        if told["enabled"].value is True:
            logs[word(told.need("targetResourceId"))] = told
    whole = logs.get(network.ref.casefold())
    parts = [_of_subnet(subnet, logs) for subnet in subnets]
    found = [whole] if whole else [one for one in parts if one]
    if not whole and (not subnets or not all(parts)):
        yield failed("What flows in it, or in some of its subnets, is not logged", network[RESOURCE]["properties"])
    elif short := [one["retentionPolicy"] for one in found if not _long(one["retentionPolicy"])]:
        yield failed(f"What flows in it is kept for less than {LEAST} days", *short)
    else:
        yield passed("What flows in it is logged", *found)


def _of_subnet(subnet: Node, logs: dict[str, Node]) -> Node | None:
    """By the subnet itself, or by its network group."""
    guard = subnet["properties"]["networkSecurityGroup"]["id"]
    return logs.get(word(subnet.need("id"))) or (logs.get(word(guard)) if guard.value else None)


def _long(policy: Node) -> bool:
    """Without a policy, or with none that is on, or of no days, nothing is ever deleted."""
    days = policy["days"].value
    return policy["enabled"].value is not True or not days or (isinstance(days, int) and days >= LEAST)


@check(
    "azure.monitor.alerts",
    on=SUBSCRIPTION,
    severity=Severity.MEDIUM,
    title="No alert on sensitive changes",
    reads=(RESOURCE, ALERTS),
    fix=Fix(
        console="Monitor > Alerts > Create > Alert rule: the subscription, the signal, an action group.",
        cli="az monitor activity-log alert create --name nsg --resource-group GROUP --condition category=Administrative"
        " and operationName=Microsoft.Network/networkSecurityGroups/write --action-group ACTIONS",
        terraform='resource "azurerm_monitor_activity_log_alert" "this" { scopes = [data.azurerm_subscription.this.id]'
        '  criteria { category = "Administrative"  operation_name ='
        ' "Microsoft.Network/networkSecurityGroups/write" } }',
    ),
)
def alerts(subscription: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever opens a firewall or switches a policy off is not noticed until somebody looks by chance."""
    whole = f"/subscriptions/{subscription[RESOURCE].need('subscriptionId').text()}".casefold()
    rules = [rule["properties"] for rule in subscription[ALERTS]]
    for operation, what in WATCHED.items():
        named = next((rule for rule in rules if _tells(rule, operation, whole)), None)
        if named:
            yield passed(f"People are told of changes to {what}", named, subject=operation)
        else:
            yield failed(f"Nobody is told of changes to {what}", subscription[ALERTS], subject=operation)


def _tells(rule: Node, operation: str, whole: str) -> bool:
    """Whether it is on, of the whole subscription, goes to somebody, and asks for no more than the operation."""
    scopes = [word(scope) for scope in rule["scopes"]]
    if rule["enabled"].value is False or whole not in scopes or not rule["actions"]["actionGroups"].value:
        return False
    asked = {word(one["field"]): word(one["equals"]) for one in rule["condition"]["allOf"]}
    asked.pop("category", None)
    return asked == {"operationname": operation.casefold()}


@check(
    "azure.defender.contact",
    on=SUBSCRIPTION,
    severity=Severity.LOW,
    title="No security contact",
    reads=(CONTACTS,),
    fix=Fix(
        console="Microsoft Defender for Cloud > Environment settings > the subscription > Email notifications: an"
        " address, owners, and alerts of high severity.",
        cli="az security contact create --name default --emails security@example.com --alert-notifications on",
        terraform='resource "azurerm_security_center_contact" "this" { email = "security@example.com"'
        "  alert_notifications = true  alerts_to_admins = true }",
    ),
)
def defender_contact(subscription: Resource, estate: Estate) -> Iterator[Verdict]:
    """What Defender finds goes to nobody, and Microsoft has nobody to call when it sees a break-in."""
    contacts = subscription[CONTACTS]
    told = [one["properties"] for one in contacts]
    mail = [one["emails"] for one in told if one["emails"].value]
    owners = [one["notificationsByRole"] for one in told if _to_owners(one["notificationsByRole"])]
    tells = [one["alertNotifications"] for one in told if word(one["alertNotifications"]["state"]) == "on"]
    good, bad = "Defender has an address", "Defender has no address to write to"
    yield claim(bool(mail), good, bad, *(mail or [contacts]), subject="address")
    good, bad = "Owners are written to", "Owners are not written to"
    yield claim(bool(owners), good, bad, *(owners or [contacts]), subject="owners")
    good, bad = "Alerts are sent", "Alerts are not sent"
    yield claim(bool(tells), good, bad, *(tells or [contacts]), subject="alerts")


def _to_owners(roles: Node) -> bool:
    return word(roles["state"]) == "on" and any(word(one) == "owner" for one in roles["roles"])
