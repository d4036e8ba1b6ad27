"""What calls an app from elsewhere, as its page shows it."""

from __future__ import annotations

import pytest

from scanners.access.azure.engine import AzureEngine
from scanners.graph.azure.fronts import fronts
from tests.core.azure import a_site, at, case, subscription
from tests.core.cases import refused

HOST = "orders.azurewebsites.net"
SITE = a_site(defaultHostName=HOST, hostNames=[HOST, "Orders.Fernhollow.example"])
NET = "Microsoft.Network"
TOKENS, NOTHING = {"guards": ["validate-jwt"], "fragments": False}, {"guards": [], "fragments": False}
FRAGMENT = {"guards": [], "fragments": True}


def told(*around, shown=SITE):
    found, gaps = fronts(AzureEngine(case(shown, subscription(), *around).estate()), shown)
    own = {"Host name", "Custom domain", "HTTP function", "Ingress"}
    return [one for one in found if one.what not in own], gaps


def gateway(fqdn, **more):
    pools = [{"properties": {"backendAddresses": [{"ipAddress": "10.0.0.4"}, {"fqdn": fqdn}]}}]
    return at(f"{NET}/applicationGateways", "edge", properties={"backendAddressPools": pools, **more})


def front_door(host, rules=(), sku="Premium_AzureFrontDoor", state="Enabled"):
    return at("Microsoft.Cdn/profiles", "door", body={"sku": {"name": sku}}, **{
        "afd_endpoints.list_by_profile": [{"properties": {"hostName": "door.azurefd.net"}}],
        "afd_origins.list_by_origin_group": {"app": [{"properties": {"hostName": host, "enabledState": state}}]},
        "security_policies.list_by_profile": list(rules),
    })  # fmt: skip


def apim(key=False, whole=NOTHING, own=NOTHING, inner=None, url=f"https://{HOST}/api", backends=(), **about):
    return at("Microsoft.ApiManagement/service", "gate", properties=about, **{
        "api.list_by_service": [{"name": "a", "properties": {
            "serviceUrl": url, "path": "orders", "subscriptionRequired": key}}],
        "backend.list_by_service": list(backends),
        "policy.get": whole,
        "api_policy.get": {"a": own},
        "api_operation_policy.get": {f"a/{name}": one for name, one in (inner or {}).items()},
    })  # fmt: skip


def events(kind, section, where, **about):
    return at(f"Microsoft.EventGrid/{kind}", "made", properties=about, **{
        section: [{"properties": {"destination": where}}]})  # fmt: skip


TO_FUNCTION = {"endpointType": "AzureFunction", "properties": {"resourceId": f"{SITE.ref.upper()}/functions/take"}}
ONE_TOPIC = "topic_event_subscriptions.list"
SYSTEM = "system_topic_event_subscriptions.list_by_system_topic"


def workflow(*functions, state="Enabled"):
    plan = {"state": state, "triggers": {"t": {"type": "Request"}}, "functions": list(functions)}
    return at("Microsoft.Logic/workflows", "flow", **{"workflows.get": plan})


@pytest.mark.parametrize("fqdn", [HOST, HOST.upper(), "orders.fernhollow.example"])
def test_a_gateway_is_known_by_the_hosts_behind_it(fqdn):
    ((front,), gaps) = told(gateway(fqdn))

    assert (front.what, front.name, front.open, gaps) == ("Application Gateway", "edge", False, [])
    assert front.detail == "no firewall looks at requests"


@pytest.mark.parametrize("fqdn", ["other.azurewebsites.net", f"x{HOST}", f"{HOST}.example", None])
def test_what_leads_elsewhere_is_not_shown(fqdn):
    hook = {"endpointType": "WebHook", "properties": {"endpointBaseUrl": f"https://{fqdn}/api"}}
    other = {"endpointType": "AzureFunction", "properties": {"resourceId": f"{SITE.ref}-two/functions/take"}}

    found, _ = told(gateway(fqdn), front_door(fqdn), apim(url=f"https://{fqdn}"), events("topics", ONE_TOPIC, hook),
                    events("systemTopics", SYSTEM, other), workflow(f"{SITE.ref}-two"))  # fmt: skip

    assert found == []


def test_front_door_is_shown_with_its_names_and_whether_a_firewall_is_there():
    (bare,), _ = told(front_door(HOST))
    (guarded,), _ = told(front_door(HOST, [{"properties": {}}], state="Disabled"))

    assert (bare.what, bare.detail) == ("Front Door", "door.azurefd.net, no firewall looks at requests")
    assert (guarded.detail, guarded.off) == ("door.azurefd.net", True)
    assert told(front_door(HOST, sku="Standard_Microsoft"))[0] == []


APIS = [
    (apim(key=True), "callers with a key of API Management", False),
    (apim(), "anyone: nobody is asked who they are", True),
    (apim(publicNetworkAccess="Disabled"), "anyone: nobody is asked who they are", False),
    (apim(virtualNetworkType="Internal"), "anyone: nobody is asked who they are", False),
    (apim(whole=TOKENS), "a policy asks (validate-jwt)", False),
    (apim(own=TOKENS), "a policy asks (validate-jwt)", False),
    (apim(inner={"read": TOKENS, "write": NOTHING}), "some of its operations ask", False),
    (apim(own=FRAGMENT), "a fragment of its policy may ask, and was not read", False),
    (apim(whole=None, own=None), "anyone: nobody is asked who they are", True),
]


@pytest.mark.parametrize(("service", "asks", "is_open"), APIS)
def test_an_api_is_shown_with_what_it_asks_of_callers(service, asks, is_open):
    ((front,), _) = told(service)

    assert (front.what, front.name, front.asks, front.open) == ("API Management", "gate: a", asks, is_open)


def test_a_backend_is_known_by_the_apps_id():
    one = {"name": "b", "properties": {"url": "https://x", "resourceId": f"https://management.azure.com{SITE.ref}"}}

    ((front,), _) = told(apim(url="https://elsewhere", backends=[one]))

    assert (front.what, front.name) == ("API Management backend", "gate: b")


def test_events_are_shown_with_who_makes_them():
    hook = {"endpointType": "WebHook", "properties": {"endpointBaseUrl": f"https://{HOST}/api/take"}}

    (own,), _ = told(events("topics", ONE_TOPIC, TO_FUNCTION))
    (system,), _ = told(events("systemTopics", SYSTEM, TO_FUNCTION, source="/x/storageAccounts/receipts"))
    (webhook,), _ = told(events("topics", ONE_TOPIC, hook))

    assert (own.what, own.qualifier, own.asks) == ("Event Grid", "take", "whoever may publish to it")
    assert system.asks == "whoever changes receipts"
    assert webhook.what == "Event Grid webhook"


def test_a_workflow_is_shown_with_what_starts_it():
    ((front,), _) = told(workflow(f"{SITE.ref}/functions/take", state="Disabled"))

    assert (front.what, front.detail, front.qualifier, front.off) == ("Logic App", "started by Request", "take", True)


def test_a_container_app_is_known_by_its_host():
    ingress = {"external": True, "fqdn": HOST}
    shown = at("Microsoft.App/containerApps", "orders", properties={"configuration": {"ingress": ingress}})

    ((front,), _) = told(gateway(HOST), shown=shown)

    assert front.what == "Application Gateway"


def test_what_was_not_read_is_said_and_hides_nothing_else():
    gap = refused("workflows.get", "logic")
    blind = at("Microsoft.Logic/workflows", "flow", gaps={"workflows.get": gap})

    found, gaps = told(blind, gateway(HOST))

    assert [one.what for one in found] == ["Application Gateway"]
    assert gaps == ["logic.workflows.get was not read (AccessDenied)"]
