"""What stands before apps: gateways, Front Door, API Management, Event Grid, Logic Apps."""

from tests.core.azure import at, case
from tests.core.cases import Cases

NET = "Microsoft.Network"
RULES = {
    "gateway": f"{NET}/ApplicationGatewayWebApplicationFirewallPolicies",
    "door": f"{NET}/FrontDoorWebApplicationFirewallPolicies",
}
PREVENTS = {"state": "Enabled", "enabledState": "Enabled", "mode": "Prevention"}


def policy(kind, name="waf", **settings):
    return at(RULES[kind], name, properties={"policySettings": {**PREVENTS, **settings}})


def gateway(*around, **told):
    return case(at(f"{NET}/applicationGateways", properties=told), *around)


def behind(kind="gateway", listeners=(), **settings):
    rules = policy(kind, **settings)
    return gateway(rules, firewallPolicy={"id": rules.ref.upper()}, httpListeners=list(listeners))


def door(*around, sku="Standard_AzureFrontDoor", rules=()):
    attached = [{"properties": {"parameters": {"wafPolicy": {"id": one.ref}}}} for one in rules]
    sections = {"security_policies.list_by_profile": attached}
    return case(at("Microsoft.Cdn/profiles", body={"sku": {"name": sku}}, **sections), *around, *rules)


def own(mode, on=True):
    return gateway(webApplicationFirewallConfiguration={"enabled": on, "firewallMode": mode})


def listener(ref=None):
    return {"name": "l", "properties": {"firewallPolicy": {"id": ref}} if ref else {}}


WAF = policy("gateway")
TOKENS, NOTHING = {"guards": ["validate-jwt"], "fragments": False}, {"guards": [], "fragments": False}
INCLUDES, ADDRESSES = {"guards": [], "fragments": True}, {"guards": ["ip-filter"], "fragments": False}


def apim(key=False, whole=NOTHING, own=NOTHING, operations=None, **more):
    api = {"id": "/apis/a", "name": "a", "properties": {"subscriptionRequired": key, "protocols": ["https"]}}
    sections = {
        "api.list_by_service": [api],
        "policy.get": whole,
        "api_policy.get": {"a": own},
        "api_operation.list_by_api": {"a": [{"id": f"/apis/a/{one}", "name": one} for one in operations or ()]},
        "api_operation_policy.get": {f"a/{name}": told for name, told in (operations or {}).items()},
        **more,
    }
    return case(at("Microsoft.ApiManagement/service", **sections), subject="a")


def values(**told):
    return case(at("Microsoft.ApiManagement/service", **{"named_value.list_by_service": told}), subject="v")


def transport(subject, protocols=("https",), settings=None, url="https://x", **tls):
    sections = {
        "api.list_by_service": [{"name": "a", "properties": {"protocols": list(protocols)}}],
        "backend.list_by_service": [{"name": "b", "properties": {"url": url, "tls": tls}}],
    }
    properties = {"customProperties": settings or {}}
    return case(at("Microsoft.ApiManagement/service", properties=properties, **sections), subject=subject)


PROTOCOLS = "Microsoft.WindowsAzure.ApiManagement.Gateway.Security."


def topic(subject, *sent, **told):
    sections = {"topic_event_subscriptions.list": [{"properties": {"destination": one}} for one in sent]}
    return case(at("Microsoft.EventGrid/topics", properties=told, **sections), subject=subject)


def hook(**told):
    return {"endpointType": "WebHook", "properties": told}


def workflow(kind="Request", state="Enabled", **limits):
    plan = {"state": state, "triggers": {"t": {"type": kind}}, "accessControl": {"triggers": limits}}
    return case(at("Microsoft.Logic/workflows", **{"workflows.get": plan}))


CASES = {
    "azure.edge.waf": Cases(
        fails=(
            gateway(),
            gateway(httpListeners=[listener()]),
            behind(mode="Detection"),
            behind(state="Disabled", enabledState="Disabled"),
            own("Detection"),
            own("Prevention", on=False),
            gateway(WAF, httpListeners=[listener(WAF.ref), listener()]),
            door(),
            door(rules=[policy("door", mode="Detection")]),
            door(rules=[policy("door", "one"), policy("door", "two", mode="Detection")]),
        ),
        passes=(
            behind(),
            own("Prevention"),
            gateway(WAF, httpListeners=[listener(WAF.ref)]),
            door(rules=[policy("door")]),
        ),
        neutral=(door(sku="Standard_Microsoft"),),
        unknown=(gateway(firewallPolicy={"id": "/subscriptions/other/waf"}),),
    ),
    "azure.apim.no_auth": Cases(
        fails=(
            apim(),
            apim(whole=None, own=None),
            apim(own=ADDRESSES),
            apim(operations={"read": TOKENS, "write": NOTHING}),
            apim(operations={"read": TOKENS, "write": None}),
        ),
        passes=(
            apim(key=True),
            apim(whole=TOKENS),
            apim(own=TOKENS),
            apim(operations={"read": TOKENS, "write": TOKENS}),
        ),
        unknown=(apim(own=INCLUDES), apim(whole=INCLUDES), apim(operations={"read": INCLUDES})),
    ),
    "azure.apim.plain_named_value": Cases(
        fails=(values(v={"secret": "Stripe key", "hidden": False}),),
        passes=(
            values(v={"secret": None, "hidden": False}),
            values(v={"secret": None, "hidden": True}),
            values(v={"secret": None, "hidden": False, "vault": True}),
            values(),
        ),
    ),
    "azure.apim.transport": Cases(
        fails=(
            transport("protocols", settings={f"{PROTOCOLS}Protocols.Tls10": "True"}),
            transport("protocols", settings={f"{PROTOCOLS}Backend.Protocols.Ssl30": "true"}),
            transport("protocols", settings={f"{PROTOCOLS}Ciphers.TripleDes168": "True"}),
            transport("apis", protocols=("http", "https")),
            transport("apis", protocols=("ws",)),
            transport("backends", validateCertificateChain=False),
            transport("backends", validateCertificateName=False),
            transport("backends", url="http://x"),
        ),
        passes=(
            transport("protocols", settings={f"{PROTOCOLS}Protocols.Tls10": "False"}),
            transport(
                "protocols", settings={"Microsoft.WindowsAzure.ApiManagement.Gateway.Protocols.Server.Http2": "True"}
            ),
            transport("apis", protocols=("https", "wss")),
            transport("backends", validateCertificateChain=True),
        ),
    ),
    "azure.eventgrid.access": Cases(
        fails=(
            topic("keys", disableLocalAuth=False),
            topic("keys"),
            topic("network", publicNetworkAccess="Enabled"),
            topic("network"),
            topic("network", inboundIpRules=[{"ipMask": "0.0.0.0/0"}]),
            topic("webhooks", hook(endpointBaseUrl="https://x")),
        ),
        passes=(
            topic("keys", disableLocalAuth=True),
            topic("network", publicNetworkAccess="Disabled"),
            topic("network", inboundIpRules=[{"ipMask": "198.51.100.0/24"}]),
            topic("webhooks", hook(azureActiveDirectoryTenantId="t")),
            topic("webhooks", {"endpointType": "AzureFunction", "properties": {}}),
            topic("webhooks"),
        ),
    ),
    "azure.logicapp.trigger_open": Cases(
        fails=(
            workflow(),
            workflow(allowedCallerIpAddresses=[{"addressRange": "0.0.0.0/0"}]),
            workflow(openAuthenticationPolicies={"policies": {}}),
        ),
        passes=(
            workflow(allowedCallerIpAddresses=[{"addressRange": "198.51.100.0/24"}]),
            workflow(allowedCallerIpAddresses=[]),
            workflow(openAuthenticationPolicies={"policies": {"mine": {"type": "AAD"}}}),
            workflow("Recurrence"),
        ),
        neutral=(workflow(state="Disabled"),),
    ),
}
