"""What stands before apps: application gateways, Front Door, API Management; and the firewalls for requests there.

Of a policy of API Management, which is XML with code in it and may hold secrets, only the names of the elements are
kept that turn callers away ("API Management policy reference", read 2026-11), and whether it includes a fragment.
Policies of single operations are read of those APIs that ask for no key and have none of their own.

Limits: workspaces, products and fragments of API Management are not read, nor Front Door (classic) and Azure CDN.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from scanners.collectors.azure.words import RESOURCE, ask, body, by_id, keep, objects, two_roads
from scanners.collectors.cloud import Detail, Params
from scanners.collectors.door import Door
from scanners.model import Resource

GATEWAY, GATEWAY_RULES = (
    "Microsoft.Network/applicationGateways",
    "Microsoft.Network/ApplicationGatewayWebApplicationFirewallPolicies",
)
PROFILE, PROFILE_RULES = "Microsoft.Cdn/profiles", "Microsoft.Network/FrontDoorWebApplicationFirewallPolicies"
SERVICE = "Microsoft.ApiManagement/service"
FRONT_DOOR = "_azurefrontdoor"
RULES = ("policySettings.mode", "policySettings.state", "policySettings.enabledState")
ASKS = ("validate-jwt", "validate-azure-ad-token", "validate-client-certificate", "authentication-basic")
GUARDS = (*ASKS, "ip-filter", "check-header")
ELEMENT = re.compile(r"<([A-Za-z][\w-]*)")
NONE = frozenset({"ResourceNotFound"})
SKU = keep("sku.name")


def with_sku(kind: str, *fields: str) -> Any:
    plain = body(kind, *fields)
    return lambda item, door: {**plain(item, door), **SKU(item, door)}


def of_front_door(what: str, operation: str, *fields: str, **more: Any) -> Detail:
    call = ask("cdn", f"{operation}.list_by_profile", f"{PROFILE}/{what}/read", items="value")
    return Detail(call, bind=front_door, shape=keep("id", "name", *(f"properties.{one}" for one in fields)), **more)


def front_door(profile: Resource) -> Params | None:
    """Azure CDN has profiles of the same kind, and none of this in them."""
    return by_id(profile) if FRONT_DOOR in str(profile[RESOURCE]["sku"]["name"].value).lower() else None


def origin_groups(profile: Resource) -> Iterator[tuple[str, Params]]:
    if front_door(profile):
        for group in profile["afd_origin_groups.list_by_profile"]:
            yield group.need("name").text(), {"id": group.need("id").text()}


def of_service(what: str, operation: str, shape: Any) -> Detail:
    return Detail(
        ask("apimanagement", f"{operation}.list_by_service", f"{SERVICE}/{what}/read", items="value"),
        bind=by_id,
        shape=shape,
    )


def guards(answer: Any, door: Door) -> dict[str, Any]:
    """{"guards": [names], "fragments": whether others' parts are included}, of what is done to a request."""
    found = {name.lower() for name in ELEMENT.findall(_inbound((answer.get("properties") or {}).get("value") or ""))}
    return {"guards": [one for one in GUARDS if one in found], "fragments": "include-fragment" in found}


def _inbound(text: str) -> str:
    """Without comments.  Text of any shape is walked once."""
    first, *commented = text.split("<!--")
    plain = first + "".join(part.partition("-->")[2] for part in commented)
    return "".join(part.partition("</inbound")[0] for part in plain.split("<inbound")[1:])


def named_values(answer: Any, door: Door) -> dict[str, Any]:
    """By name; of values that Azure does not hide, what the door keeps."""
    kept = {}
    for one in objects(answer):
        told = one.get("properties") or {}
        name = str(told.get("displayName") or one.get("name") or "")
        hidden, vault = told.get("secret") is True, bool(told.get("keyVault"))
        plain = None if hidden or vault else door.variable(name, told.get("value") or "")
        kept[name] = {"hidden": hidden, "vault": vault, **(plain or {"secret": None})}
    return kept


def policies(service: Resource) -> Iterator[tuple[str, Params]]:
    for api in service[APIS]:
        yield api.need("name").text(), {"id": api.need("id").text(), "policyId": "policy", "format": "rawxml"}


def unguarded(service: Resource) -> Iterator[tuple[str, Params]]:
    """The APIs whose operations may ask for themselves, for nothing else does."""
    whole, of_apis = service[POLICY].value, dict(service.each(API_POLICY))
    for api in service[APIS]:
        told = of_apis.get(api.need("name").text())
        own = told.value if told else None
        if api["properties"]["subscriptionRequired"].value is False and not _asks(whole) and not _asks(own):
            yield api.need("name").text(), {"id": api.need("id").text()}


def _asks(policy: Mapping[str, Any] | None) -> bool:
    return bool(policy and set(ASKS).intersection(policy["guards"]))


def of_operations(service: Resource) -> Iterator[tuple[str, Params]]:
    for api, operations in service.each(OPERATIONS):
        for one in operations:
            name, place = f"{api}/{one.need('name').text()}", one.need("id").text()
            yield name, {"id": place, "policyId": "policy", "format": "rawxml"}


APIS, POLICY, API_POLICY = "api.list_by_service", "policy.get", "api_policy.get"
OPERATIONS, OPERATION_POLICY = "api_operation.list_by_api", "api_operation_policy.get"
API = (
    "id", "name", "properties.displayName", "properties.path", "properties.protocols",
    "properties.subscriptionRequired", "properties.serviceUrl", "properties.isCurrent",
)  # fmt: skip
BACKEND = (
    "id", "name", "properties.url", "properties.protocol", "properties.resourceId",
    "properties.tls.validateCertificateChain", "properties.tls.validateCertificateName",
)  # fmt: skip


def of_apis(section: str, permission: str, each: Any, after: str, **more: Any) -> Detail:
    call = ask("apimanagement", section, f"{SERVICE}/{permission}/read", **more)
    return Detail(call, each=each, after=after, shape=keep("id", "name") if call.items else guards)


COLLECTORS = (
    two_roads(
        GATEWAY,
        service="network",
        listed="application_gateways.list_all",
        fields=(
            "firewallPolicy.id",
            "webApplicationFirewallConfiguration.enabled",
            "webApplicationFirewallConfiguration.firewallMode",
            "httpListeners.name",
            "httpListeners.properties.firewallPolicy.id",
            "httpListeners.properties.protocol",
            "httpListeners.properties.hostName",
            "backendAddressPools.name",
            "backendAddressPools.properties.backendAddresses",
            "frontendIPConfigurations.properties.publicIPAddress.id",
        ),
    ),
    two_roads(GATEWAY_RULES, service="network", listed="web_application_firewall_policies.list_all", fields=RULES),
    two_roads(
        PROFILE,
        service="cdn",
        listed="profiles.list",
        fields=(),
        shape=with_sku(PROFILE),
        details=(
            of_front_door("afdEndpoints", "afd_endpoints", "hostName", "enabledState"),
            of_front_door("originGroups", "afd_origin_groups"),
            of_front_door("securityPolicies", "security_policies", "parameters"),
            Detail(
                ask("cdn", "afd_origins.list_by_origin_group", f"{PROFILE}/originGroups/origins/read", items="value"),
                each=origin_groups,
                after="afd_origin_groups.list_by_profile",
                shape=keep("name", "properties.hostName", "properties.enabledState"),
            ),
        ),
    ),
    two_roads(PROFILE_RULES, service="frontdoor", listed="policies.list_by_subscription", fields=RULES),
    two_roads(
        SERVICE,
        service="apimanagement",
        listed="api_management_service.list",
        fields=(
            "gatewayUrl",
            "hostnameConfigurations.hostName",
            "customProperties",
            "virtualNetworkType",
            "publicNetworkAccess",
            "disableGateway",
        ),
        details=(
            of_service("apis", "api", keep(*API)),
            of_service("backends", "backend", keep(*BACKEND)),
            of_service("namedValues", "named_value", named_values),
            Detail(
                ask("apimanagement", POLICY, f"{SERVICE}/policies/read", absent=NONE),
                bind=lambda service: {**by_id(service), "policyId": "policy", "format": "rawxml"},
                shape=guards,
            ),
            of_apis(API_POLICY, "apis/policies", policies, APIS, absent=NONE),
            of_apis(OPERATIONS, "apis/operations", unguarded, API_POLICY, items="value"),
            of_apis(OPERATION_POLICY, "apis/operations/policies", of_operations, OPERATIONS, absent=NONE),
        ),
    ),
)
