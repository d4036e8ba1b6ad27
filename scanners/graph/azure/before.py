"""What calls a Function App or a Container App from elsewhere: gateways, Front Door, APIs, events, workflows.

An app is known by its host names, or by its id where one is told.  Limits: which APIs use a backend of API Management
by its name stands in policies, of which that is not kept; what stands behind addresses instead of names is not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from scanners.access.azure.doors import word
from scanners.access.azure.rights import RESOURCE
from scanners.graph.fronts import Front
from scanners.model import Node, Resource, Unread
from scanners.model.estate import Estate

GATEWAY, PROFILE = "Microsoft.Network/applicationGateways", "Microsoft.Cdn/profiles"
ENDPOINTS, ORIGINS = "afd_endpoints.list_by_profile", "afd_origins.list_by_origin_group"
ATTACHED = "security_policies.list_by_profile"
SERVICE, APIS, BACKENDS = "Microsoft.ApiManagement/service", "api.list_by_service", "backend.list_by_service"
POLICY, API_POLICY, OPERATION_POLICY = "policy.get", "api_policy.get", "api_operation_policy.get"
TOPIC, SYSTEM_TOPIC, WORKFLOW = (
    "Microsoft.EventGrid/topics",
    "Microsoft.EventGrid/systemTopics",
    "Microsoft.Logic/workflows",
)
SENT = {
    TOPIC: "topic_event_subscriptions.list",
    SYSTEM_TOPIC: "system_topic_event_subscriptions.list_by_system_topic",
}
PLAN = "workflows.get"
ITSELF = "the app behind it asks for itself"


@dataclass(frozen=True, slots=True)
class App:
    """`hosts` and `ref` in small letters."""

    hosts: frozenset[str]
    ref: str

    def is_at(self, url: Node) -> bool:
        """Whether a URL or a host name is the app's."""
        told = word(url)
        try:
            host = urlsplit(told if "//" in told else f"//{told}").hostname or ""
        except ValueError:
            return False
        return host in self.hosts

    def function(self, ref: Node) -> str | None:
        """The function that an id names; empty for the app itself, None for what is another."""
        told = word(ref).removeprefix("https://management.azure.com")
        if told == self.ref:
            return ""
        inner = told.removeprefix(f"{self.ref}/functions/")
        return inner if inner != told else None


def before(estate: Estate, function: Resource, unread: list[str]) -> Iterator[Front]:
    app = App(frozenset(_hosts(function)), function.ref.casefold())
    for kind, look in LOOKS.items():
        try:
            for one in estate.all(kind):
                yield from look(one, app)
        except Unread as gaps:
            unread.extend(f"{gap.call} was not read ({gap.code})" for gap in gaps.gaps)


def _hosts(function: Resource) -> Iterator[str]:
    told = function[RESOURCE]["properties"]
    ingress = told["configuration"]["ingress"]
    named = (told["defaultHostName"], *told["hostNames"], ingress["fqdn"],
             *(one["name"] for one in ingress["customDomains"]))  # fmt: skip
    yield from (word(one) for one in named if one.value)


def _gateway(edge: Resource, app: App) -> Iterator[Front]:
    told = edge[RESOURCE]["properties"]
    guarded = told["firewallPolicy"]["id"].value or told["webApplicationFirewallConfiguration"].value
    hosts = (str(one["properties"]["hostName"].value or "") for one in told["httpListeners"])
    detail = ", ".join(one for one in (*hosts, "" if guarded else "no firewall looks at requests") if one)
    for pool in told["backendAddressPools"]:
        for one in pool["properties"]["backendAddresses"]:
            if app.is_at(one["fqdn"]):
                yield Front("Application Gateway", edge.name, detail, ITSELF, False, "", edge.kind, edge.ref,
                            one["fqdn"].pointer)  # fmt: skip


def _front_door(profile: Resource, app: App) -> Iterator[Front]:
    if "_azurefrontdoor" not in word(profile[RESOURCE]["sku"]["name"]):
        return
    for _, origins in profile.each(ORIGINS):
        for one in origins:
            host = one["properties"]["hostName"]
            if app.is_at(host):
                names = [str(each["properties"]["hostName"].value or "") for each in profile[ENDPOINTS]]
                bare = "" if list(profile[ATTACHED]) else "no firewall looks at requests"
                off = word(one["properties"]["enabledState"]) == "disabled"
                yield Front("Front Door", profile.name, ", ".join(each for each in (*names, bare) if each), ITSELF,
                            False, "", profile.kind, profile.ref, host.pointer, off)  # fmt: skip


def _service(service: Resource, app: App) -> Iterator[Front]:
    told = service[RESOURCE]["properties"]
    inside = word(told["publicNetworkAccess"]) == "disabled" or word(told["virtualNetworkType"]) == "internal"
    for api in service[APIS]:
        about = api["properties"]
        if app.is_at(about["serviceUrl"]):
            asks, nobody = _asked(service, api)
            detail = ", ".join(one for one in (f"/{about['path'].value or ''}", "inside only" if inside else "") if one)
            yield Front("API Management", f"{service.name}: {api.need('name').text()}", detail, asks,
                        nobody and not inside, "", service.kind, service.ref, about["serviceUrl"].pointer)  # fmt: skip
    for one in service[BACKENDS]:
        about = one["properties"]
        if app.is_at(about["url"]) or app.function(about["resourceId"]) is not None:
            name, detail = f"{service.name}: {one.need('name').text()}", "the policies of its APIs tell which use it"
            yield Front("API Management backend", name, detail, "callers as its APIs ask", False, "", service.kind,
                        service.ref, about.pointer)  # fmt: skip


def _asked(service: Resource, api: Node) -> tuple[str, bool]:
    """(in words, whether nobody is asked)"""
    if api["properties"]["subscriptionRequired"].value is not False:
        return "callers with a key of API Management", False
    name = api.need("name").text()
    own = dict(service.each(API_POLICY)).get(name)
    found = [one.text() for policy in (service[POLICY], own) if policy is not None for one in policy["guards"]]
    if found:
        return f"a policy asks ({', '.join(dict.fromkeys(found))})", False
    inner = (one for key, one in service.each(OPERATION_POLICY) if key.startswith(f"{name}/"))
    if any(one["guards"].value or one["fragments"].value for one in inner):
        return "some of its operations ask", False
    if any(policy["fragments"].value for policy in (service[POLICY], own) if policy is not None):
        return "a fragment of its policy may ask, and was not read", False
    return "anyone: nobody is asked who they are", True


def _topic(topic: Resource, app: App) -> Iterator[Front]:
    source = word(topic[RESOURCE]["properties"]["source"]).rpartition("/")[2]
    feeds = f"whoever changes {source}" if source else "whoever may publish to it"
    for sent in topic[SENT[topic.kind]]:
        told = sent["properties"]
        for where in (told["destination"], told["deliveryWithResourceIdentity"]["destination"]):
            about = where["properties"]
            name = app.function(about["resourceId"])
            if name is not None or app.is_at(about["endpointBaseUrl"]):
                what = "Event Grid" if name is not None else "Event Grid webhook"
                yield Front(what, topic.name, "", feeds, False, name or "", topic.kind, topic.ref, where.pointer)


def _workflow(workflow: Resource, app: App) -> Iterator[Front]:
    told = workflow[PLAN]
    kinds = ", ".join(sorted({str(one["type"].value) for _, one in told["triggers"].items()}))
    for one in told["functions"]:
        name = app.function(one)
        if name is not None:
            off = word(told["state"], "enabled") != "enabled"
            yield Front("Logic App", workflow.name, f"started by {kinds}" if kinds else "", "who starts the workflow",
                        False, name, workflow.kind, workflow.ref, one.pointer, off)  # fmt: skip


LOOKS: dict[str, Callable[[Resource, App], Iterator[Front]]] = {
    GATEWAY: _gateway,
    PROFILE: _front_door,
    SERVICE: _service,
    TOPIC: _topic,
    SYSTEM_TOPIC: _topic,
    WORKFLOW: _workflow,
}
