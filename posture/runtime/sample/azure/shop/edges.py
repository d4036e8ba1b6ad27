"""What stands before the shop's apps, and what calls them: gateways, Front Door, API Management, events, workflows."""

from __future__ import annotations

from typing import Any

from posture.runtime.sample.azure.estate import GROUP, SUBSCRIPTION, Estate

WHOLE = f"/subscriptions/{SUBSCRIPTION}"
NETWORK = f"{GROUP}/providers/Microsoft.Network"
SITES = f"{GROUP}/providers/Microsoft.Web/sites"
ARM = "https://management.azure.com"
GATEWAY_RULES = "ApplicationGatewayWebApplicationFirewallPolicies"
DOOR_RULES = "FrontDoorWebApplicationFirewallPolicies"
TOKENS = "<policies><inbound><base /><validate-jwt header-name='Authorization' /></inbound></policies>"
PLAIN = "<policies><inbound><!-- <validate-jwt /> --><base /></inbound><outbound><base /></outbound></policies>"
PARTNER = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dd"


def edges(made: Estate) -> None:
    gateways(made)
    front_doors(made)
    interfaces(made)
    events(made)
    workflows(made)
    networks(made)


def gateways(made: Estate) -> None:
    rules = made.resource(f"Microsoft.Network/{GATEWAY_RULES}", "shop-waf", {
        "policySettings": {"state": "Enabled", "mode": "Prevention"}})  # fmt: skip
    gateway(made, "shop-gateway", "fernhollow-storefront.azurewebsites.net", {"firewallPolicy": {"id": rules}})
    gateway(made, "old-gateway", "fernhollow-backoffice.azurewebsites.net", {})


def gateway(made: Estate, name: str, host: str, more: dict[str, Any]) -> None:
    pool = {"name": "app", "properties": {"backendAddresses": [{"fqdn": host}]}}
    listener = {"name": "public", "properties": {"protocol": "Https", "hostName": f"{name}.fernhollow.example"}}
    address = {"properties": {"publicIPAddress": {"id": f"{NETWORK}/publicIPAddresses/{name}"}}}
    told = {"backendAddressPools": [pool], "httpListeners": [listener], "frontendIPConfigurations": [address], **more}
    made.resource("Microsoft.Network/applicationGateways", name, told)


def front_doors(made: Estate) -> None:
    rules = made.resource(f"Microsoft.Network/{DOOR_RULES}", "doorwaf", {
        "policySettings": {"enabledState": "Enabled", "mode": "Detection"}})  # fmt: skip
    front_door(made, "fernhollow-door", "fernhollow-storefront.azurewebsites.net", rules)
    front_door(made, "fernhollow-side-door", "fernhollow-webhook.azurewebsites.net", "")


def front_door(made: Estate, name: str, host: str, rules: str) -> None:
    ref = made.resource("Microsoft.Cdn/profiles", name, {"provisioningState": "Succeeded"},
                        sku={"name": "Standard_AzureFrontDoor"})  # fmt: skip
    made.under(ref, "afdEndpoints", {"name": "shop", "properties": {
        "hostName": f"{name}.z01.azurefd.net", "enabledState": "Enabled"}})  # fmt: skip
    made.under(ref, "originGroups", {"name": "app", "properties": {"provisioningState": "Succeeded"}})
    made.under(f"{ref}/originGroups/app", "origins", {"name": "app", "properties": {
        "hostName": host, "enabledState": "Enabled"}})  # fmt: skip
    told = {"type": "WebApplicationFirewall", "wafPolicy": {"id": rules}}
    made.under(ref, "securityPolicies", *([{"name": "waf", "properties": {"parameters": told}}] if rules else []))


def interfaces(made: Estate) -> None:
    """API Management: one that asks who calls, and one that does not."""
    sound = {"gatewayUrl": "https://fernhollow-api.azure-api.net", "customProperties": {
        f"{PROTOCOLS}.Tls10": "False", f"{PROTOCOLS}.Tls11": "False"}}  # fmt: skip
    ref = service(made, "fernhollow-api", sound, TOKENS)
    interface(made, ref, "orders", ["https"], key=True, backend="fernhollow-orders")
    values(made, ref, {"region": ("westeurope", False), "partner": ("", True)})
    old = {"gatewayUrl": "https://fernhollow-old-api.azure-api.net", "customProperties": {
        f"{PROTOCOLS}.Tls10": "True"}}  # fmt: skip
    ref = service(made, "fernhollow-old-api", old, PLAIN)
    interface(made, ref, "hooks", ["http", "https"], key=False, backend="fernhollow-webhook", check=False)
    interface(made, ref, "ledger", ["https"], key=False, backend="fernhollow-ledger", operations={"book": TOKENS})
    values(made, ref, {"partner-key": (PARTNER, False)})


PROTOCOLS = "Microsoft.WindowsAzure.ApiManagement.Gateway.Security.Protocols"


def service(made: Estate, name: str, told: dict[str, Any], policy: str) -> str:
    ref = made.resource("Microsoft.ApiManagement/service", name, {
        "virtualNetworkType": "None", "publicNetworkAccess": "Enabled", "publisherEmail": "api@fernhollow.example",
        "publisherName": "Fernhollow", **told}, sku={"name": "Developer", "capacity": 1})  # fmt: skip
    rules(made, ref, policy)
    made.put(f"{ref}/apis", [])
    made.put(f"{ref}/backends", [])
    return ref


def rules(made: Estate, ref: str, policy: str) -> None:
    made.put(f"{ref}/policies/policy", {"id": f"{ref}/policies/policy", "name": "policy", "properties": {
        "format": "rawxml", "value": policy}})  # fmt: skip


def interface(
    made: Estate, ref: str, name: str, protocols: list[str], *, key: bool, backend: str, check: bool = True,
    operations: dict[str, str] | None = None,
) -> None:  # fmt: skip
    """`operations` have policies of their own."""
    url = f"https://{backend}.azurewebsites.net/api"
    told = {"displayName": name, "path": name, "protocols": protocols, "subscriptionRequired": key, "isCurrent": True,
            "serviceUrl": url}  # fmt: skip
    place = f"{ref}/apis/{name}"
    made.at[f"{ref}/apis".casefold()].append({"id": place, "name": name, "properties": told})
    rules(made, place, PLAIN)
    made.put(f"{place}/operations", [{"id": f"{place}/operations/{one}", "name": one, "properties": {
        "displayName": one, "method": "POST", "urlTemplate": f"/{one}"}} for one in operations or ()])  # fmt: skip
    for one, policy in (operations or {}).items():
        rules(made, f"{place}/operations/{one}", policy)
    behind = {"url": url, "protocol": "http", "resourceId": f"{ARM}{SITES}/{backend}",
              "tls": {"validateCertificateChain": check, "validateCertificateName": check}}  # fmt: skip
    made.at[f"{ref}/backends".casefold()].append(
        {"id": f"{ref}/backends/{backend}", "name": backend, "properties": behind}
    )


def values(made: Estate, ref: str, told: dict[str, tuple[str, bool]]) -> None:
    made.under(ref, "namedValues", *({"name": name, "properties": {
        "displayName": name, "secret": hidden, **({} if hidden else {"value": value})}}
        for name, (value, hidden) in told.items()))  # fmt: skip


def events(made: Estate) -> None:
    to_function = destination("AzureFunction", resourceId=f"{SITES}/fernhollow-orders/functions/take-order")
    to_hook = destination("WebHook", endpointBaseUrl="https://fernhollow-webhook.azurewebsites.net/api/receive")
    topic(made, "fernhollow-orders-made", {"disableLocalAuth": True, "publicNetworkAccess": "Disabled"}, to_function)
    topic(made, "fernhollow-old-events", {"disableLocalAuth": False, "publicNetworkAccess": "Enabled"}, to_hook)
    ref = made.resource("Microsoft.EventGrid/systemTopics", "receipts", {
        "source": f"{GROUP}/providers/Microsoft.Storage/storageAccounts/fernhollowreceipts",
        "topicType": "Microsoft.Storage.StorageAccounts"})  # fmt: skip
    book = destination("AzureFunction", resourceId=f"{SITES}/fernhollow-ledger/functions/book")
    made.under(ref, "eventSubscriptions", {"name": "book", "properties": {"destination": book}})


def destination(kind: str, **told: str) -> dict[str, Any]:
    return {"endpointType": kind, "properties": told}


def topic(made: Estate, name: str, told: dict[str, Any], where: dict[str, Any]) -> None:
    ref = made.resource("Microsoft.EventGrid/topics", name, told)
    made.under(ref, "eventSubscriptions", {"name": "to-app", "properties": {"destination": where}})


def workflows(made: Estate) -> None:
    call = {"type": "Function", "inputs": {"function": {"id": f"{SITES}/fernhollow-orders/functions/take-order"}}}
    limits = {"triggers": {"allowedCallerIpAddresses": [{"addressRange": "198.51.100.0/24"}]}}
    workflow(made, "partner-orders", {"accessControl": limits}, {"order": call})
    workflow(made, "old-orders", {}, {"until": {"type": "Scope", "actions": {"order": call}}})


def workflow(made: Estate, name: str, more: dict[str, Any], actions: dict[str, Any]) -> None:
    plan = {"triggers": {"manual": {"type": "Request", "kind": "Http"}}, "actions": actions}
    told = {"state": "Enabled", "definition": plan, **more}
    ref = made.resource("Microsoft.Logic/workflows", name, told)
    made.put(ref, {"id": ref, "name": name, "type": "Microsoft.Logic/workflows", "properties": told})


def networks(made: Estate) -> None:
    shop = network(made, "shop", "shop-nsg")
    network(made, "attic", "")
    watcher = f"{NETWORK}/networkWatchers/watcher"
    made.put(f"{WHOLE}/providers/Microsoft.Network/networkWatchers", [{"id": watcher, "name": "watcher"}])
    told = {"targetResourceId": shop, "enabled": True, "retentionPolicy": {"days": 90, "enabled": True}}
    log = {"id": f"{watcher}/flowLogs/shop", "name": "shop", "location": "westeurope", "properties": told}
    made.put(f"{watcher}/flowLogs", [log])


def network(made: Estate, name: str, rules: str) -> str:
    guard = {"networkSecurityGroup": {"id": f"{NETWORK}/networkSecurityGroups/{rules}"}} if rules else {}
    subnet = {"id": f"{NETWORK}/virtualNetworks/{name}/subnets/apps", "name": "apps", "properties": guard}
    return made.resource("Microsoft.Network/virtualNetworks", name, {"subnets": [subnet]})
