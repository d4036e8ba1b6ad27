"""What stands before apps in Azure: firewalls for requests, API Management, Event Grid, Logic Apps.

Limits: products and fragments of API Management are not read, nor what an API's own code asks of callers.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.azure import RESOURCE
from scanners.access.azure.doors import is_everywhere, word
from scanners.checks.facets import claim
from scanners.checks.registry import Fix, check
from scanners.model import Gap, Node, Resource, Severity, State, Unread, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

GATEWAY, PROFILE = "Microsoft.Network/applicationGateways", "Microsoft.Cdn/profiles"
GATEWAY_RULES = "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies"
PROFILE_RULES = "Microsoft.Network/FrontDoorWebApplicationFirewallPolicies"
ATTACHED = "security_policies.list_by_profile"
SERVICE, TOPIC = "Microsoft.ApiManagement/service", "Microsoft.EventGrid/topics"
WORKFLOW = "Microsoft.Logic/workflows"
APIS, BACKENDS, VALUES = "api.list_by_service", "backend.list_by_service", "named_value.list_by_service"
POLICY, API_POLICY = "policy.get", "api_policy.get"
OPERATIONS, OPERATION_POLICY = "api_operation.list_by_api", "api_operation_policy.get"
SENT, PLAN = "topic_event_subscriptions.list", "workflows.get"
GATEWAY_SETTING = "microsoft.windowsazure.apimanagement.gateway.security."
WEAK = ("protocols.tls10", "protocols.tls11", "protocols.ssl30", "backend.protocols.tls10", "backend.protocols.tls11",
        "backend.protocols.ssl30", "ciphers.tripledes168")  # fmt: skip
IDENTITIES = ("validate-jwt", "validate-azure-ad-token", "validate-client-certificate", "authentication-basic")


@check(
    "azure.edge.waf",
    on=(GATEWAY, PROFILE),
    severity=Severity.MEDIUM,
    title="Edge without blocking firewall",
    reads=(RESOURCE, ATTACHED),
    joins=((GATEWAY_RULES, RESOURCE), (PROFILE_RULES, RESOURCE)),
    fix=Fix(
        console="Application gateways > the gateway > Web application firewall (Front Door: Security policies): a"
        " policy in prevention mode.",
        cli="az network application-gateway waf-policy policy-setting update --policy-name POLICY --resource-group"
        " GROUP --mode Prevention --state Enabled",
        terraform='resource "azurerm_web_application_firewall_policy" "this" { policy_settings { enabled = true'
        '  mode = "Prevention" } }',
    ),
)
def edge_waf(edge: Resource, estate: Estate) -> Iterator[Verdict]:
    """Known attacks reach the code behind it, on the day that a hole is found and before anyone has patched."""
    told = edge[RESOURCE]
    if edge.kind == PROFILE and "_azurefrontdoor" not in word(told["sku"]["name"]):
        yield not_applicable("It is a profile of Azure CDN", told["sku"])
        return
    named = list(_rules_of(edge))
    if not named:
        yield failed("No firewall looks at requests", told["properties"])
        return
    kind = PROFILE_RULES if edge.kind == PROFILE else GATEWAY_RULES
    policies = {policy.ref.casefold(): policy for policy in estate.all(kind)} if _by_policy(named) else {}
    weak = [one for one in named if not _blocks(one, policies)]
    if weak:
        yield failed("Its firewall is off, watches only, or does not stand before all of it", *weak)
    else:
        yield passed("A firewall turns attacks away", *named)


def _rules_of(edge: Resource) -> Iterator[Node]:
    """What names a firewall: ids of policies, and the gateway's own settings."""
    if edge.kind == PROFILE:
        yield from (one["properties"]["parameters"].need("wafPolicy").need("id") for one in edge[ATTACHED])
        return
    told = edge[RESOURCE]["properties"]
    whole, own = told["firewallPolicy"]["id"], told["webApplicationFirewallConfiguration"]
    if whole.value:
        yield whole
    elif own.value:
        yield own
    elif any(one["properties"]["firewallPolicy"]["id"].value for one in told["httpListeners"]):
        yield from (one["properties"]["firewallPolicy"]["id"] for one in told["httpListeners"])


def _by_policy(named: list[Node]) -> bool:
    return any(isinstance(one.value, str) for one in named)


def _blocks(one: Node, policies: dict[str, Resource]) -> bool:
    if isinstance(one.value, dict):
        return one["enabled"].value is True and word(one["firewallMode"]) == "prevention"
    if not one.value:
        return False
    if (policy := policies.get(word(one))) is None:
        raise Unread(Gap(one.call, "", State.SKIPPED, f"the policy {one.value} is elsewhere", one.region))
    said = policy[RESOURCE]["properties"]["policySettings"]
    on = word(said["state"]) == "enabled" or word(said["enabledState"]) == "enabled"
    return on and word(said["mode"]) == "prevention"


@check(
    "azure.apim.no_auth",
    on=SERVICE,
    severity=Severity.HIGH,
    title="API without token check",
    reads=(APIS, POLICY, API_POLICY, OPERATIONS, OPERATION_POLICY),
    fix=Fix(
        console="API Management > APIs > the API > Settings > Subscription required; Design > Inbound processing:"
        " validate-azure-ad-token or validate-jwt.",
        cli="az apim api update --service-name NAME --resource-group GROUP --api-id API --subscription-required true",
        terraform='resource "azurerm_api_management_api" "this" { subscription_required = true }',
    ),
)
def apim_no_auth(service: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever finds its address calls the code behind it, as often as they like and with what they like."""
    whole = service[POLICY]
    of_apis = dict(service.each(API_POLICY))
    operations, of_operations = dict(service.each(OPERATIONS)), dict(service.each(OPERATION_POLICY))
    for api in service[APIS]:
        name = api.need("name").text()
        key, own = api["properties"]["subscriptionRequired"], of_apis.get(name)
        if key.value is not False:
            yield passed("Callers need a key", key, subject=name)
            continue
        policies = [one for one in (whole, own) if one is not None and one.value]
        if guard := next((one for one in policies if _asks(one)), None):
            yield passed("A policy asks who calls", guard, subject=name)
            continue
        inner = [of_operations.get(f"{name}/{one.need('name').text()}") for one in operations.get(name, ())]
        if inner and all(one is not None and one.value and _asks(one) for one in inner):
            yield passed("Each operation asks who calls", *(one for one in inner if one), subject=name)
            continue
        for one in (*policies, *(each for each in inner if each is not None and each.value)):
            _no_fragments(one)
        yield failed("No key and no policy asks who calls", key, *policies, subject=name)


def _asks(policy: Node) -> bool:
    return any(word(one) in IDENTITIES for one in policy["guards"])


def _no_fragments(policy: Node) -> None:
    if policy["fragments"].value is True:
        raise Unread(Gap(policy.call, "", State.SKIPPED, "a fragment of the policy was not read", policy.region))


@check(
    "azure.apim.plain_named_value",
    on=SERVICE,
    severity=Severity.HIGH,
    title="Secret kept as a plain named value",
    reads=(VALUES,),
    fix=Fix(
        console="API Management > Named values > the value > Type: Key vault; then replace the secret.",
        cli="az apim nv update --service-name NAME --resource-group GROUP --named-value-id VALUE --secret true",
        terraform='resource "azurerm_api_management_named_value" "this" { secret = true  value_from_key_vault'
        " { secret_id = azurerm_key_vault_secret.this.id } }",
    ),
)
def plain_named_value(service: Resource, estate: Estate) -> Iterator[Verdict]:
    """Everyone who may look at the service reads it, and it opens what stands behind the gateway."""
    values = service[VALUES]
    for name, kept in values.items():
        if kept["secret"].value:
            yield failed(f"It looks like a secret ({kept['secret'].value}), and is not hidden", kept, subject=name)
    yield passed("No other named value shows what looks like a secret", values)


@check(
    "azure.apim.transport",
    on=SERVICE,
    severity=Severity.MEDIUM,
    title="API gateway allows weak transport",
    reads=(RESOURCE, APIS, BACKENDS),
    fix=Fix(
        console="API Management > Security > Protocols + ciphers: off what is old; APIs > Settings > URL scheme: HTTPS;"
        " Backends: validate certificates.",
        cli="az apim update --name NAME --resource-group GROUP --set customProperties.'Microsoft.WindowsAzure"
        ".ApiManagement.Gateway.Security.Protocols.Tls10'=False",
        terraform='resource "azurerm_api_management" "this" { security { enable_frontend_tls10 = false'
        "  enable_backend_tls10 = false } }",
    ),
)
def apim_transport(service: Resource, estate: Estate) -> Iterator[Verdict]:
    """Tokens and what they open are read on the way, or handed to whoever pretends to be the service behind."""
    settings = service[RESOURCE]["properties"]["customProperties"]
    old = [one for name, one in settings.items() if _is_weak(name) and word(one) == "true"]
    good, bad = "Old protocols are off", "Old protocols or ciphers are on"
    yield claim(not old, good, bad, *(old or [settings]), subject="protocols")
    apis = service[APIS]
    clear = [one["properties"]["protocols"] for one in apis if any(word(p) in ("http", "ws") for p in _ways(one))]
    good, bad = "Every API is called over TLS", f"{len(clear)} APIs answer in the clear"
    yield claim(not clear, good, bad, *(clear or [apis]), subject="apis")
    backends = service[BACKENDS]
    loose = [one["properties"] for one in backends if _is_loose(one["properties"])]
    good, bad = "Backends prove who they are", f"{len(loose)} backends need not prove who they are"
    yield claim(not loose, good, bad, *(loose or [backends]), subject="backends")


def _is_weak(name: str) -> bool:
    return name.casefold().removeprefix(GATEWAY_SETTING) in WEAK


def _ways(api: Node) -> Iterator[Node]:
    return iter(api["properties"]["protocols"])


def _is_loose(backend: Node) -> bool:
    tls = backend["tls"]
    plain = word(backend["url"]).startswith("http://")
    return plain or tls["validateCertificateChain"].value is False or tls["validateCertificateName"].value is False


@check(
    "azure.eventgrid.access",
    on=TOPIC,
    severity=Severity.MEDIUM,
    title="Event Grid topic accepts keys or every network",
    reads=(RESOURCE, SENT),
    fix=Fix(
        console="Event Grid topics > the topic > Settings > Configuration: local authentication off; Networking:"
        " private; Event subscriptions: Entra ID for webhooks.",
        cli="az eventgrid topic update --ids ID --disable-local-auth true --public-network-access disabled",
        terraform='resource "azurerm_eventgrid_topic" "this" { local_auth_enabled = false'
        "  public_network_access_enabled = false }",
    ),
)
def eventgrid_access(topic: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever has its key makes events up, and what listens believes them."""
    told = topic[RESOURCE]["properties"]
    keys, network, rules = told["disableLocalAuth"], told["publicNetworkAccess"], told["inboundIpRules"]
    yield claim(keys.value is True, "Shared keys are off", "Shared keys open it", keys, subject="keys")
    named = bool(rules.value) and not any(is_everywhere(rule["ipMask"]) for rule in rules)
    shut = word(network, "enabled") != "enabled" or named
    good, bad = "Named networks alone reach it", "It is reached from every network"
    yield claim(shut, good, bad, network, rules, subject="network")
    hooks = [one for sent in topic[SENT] for one in _hooks(sent)]
    bare = [one for one in hooks if not one["properties"]["azureActiveDirectoryTenantId"].value]
    good, bad = "Webhooks are told who sends", "Webhooks get events without a token that says who sends"
    yield claim(not bare, good, bad, *(bare or [topic[SENT]]), subject="webhooks", severity=Severity.LOW)


def _hooks(sent: Node) -> Iterator[Node]:
    told = sent["properties"]
    for one in (told["destination"], told["deliveryWithResourceIdentity"]["destination"]):
        if word(one["endpointType"]) == "webhook":
            yield one


@check(
    "azure.logicapp.trigger_open",
    on=WORKFLOW,
    severity=Severity.MEDIUM,
    title="Workflow trigger open to everyone",
    reads=(PLAN,),
    fix=Fix(
        console="Logic apps > the workflow > Settings > Workflow settings > Access control: named addresses; or"
        " Authorization: a policy.",
        cli="az resource update --ids ID --set properties.accessControl.triggers.allowedCallerIpAddresses="
        '\'[{"addressRange":"198.51.100.0/24"}]\'',
        terraform='resource "azurerm_logic_app_workflow" "this" { access_control { trigger {'
        ' allowed_caller_ip_address_range = ["198.51.100.0/24"] } } }',
    ),
)
def trigger_open(workflow: Resource, estate: Estate) -> Iterator[Verdict]:
    """Its address is its password: whoever has seen it once, in a log or a ticket, starts the workflow at will."""
    told = workflow[PLAN]
    triggers = told.need("triggers")
    requests = [one for _, one in triggers.items() if word(one["type"]) == "request"]
    limits = told["accessControl"]["triggers"]
    addresses, policies = limits["allowedCallerIpAddresses"], limits["openAuthenticationPolicies"]["policies"]
    named = addresses.value is not None and not any(is_everywhere(one["addressRange"]) for one in addresses)
    if word(told["state"], "enabled") != "enabled":
        yield not_applicable("It is switched off", told["state"])
    elif not requests:
        yield passed("No request starts it", triggers)
    elif named or policies.value:
        yield passed("Named addresses or signed in callers alone start it", addresses, policies)
    else:
        yield failed("Whoever has its address starts it, from anywhere", *requests, addresses)
