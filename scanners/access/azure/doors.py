"""The doors of apps: which networks reach them, and what the platform and the functions ask of callers.

Limits: deployment slots are not looked at.  A rule for a service tag counts as a limit, whatever the tag; one that
wants a header of Front Door does, too.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.azure.rights import RESOURCE
from scanners.model import Node, Resource
from scanners.model.ranges import is_internet

CONFIG, SIGN_IN = "web_apps.get_configuration", "web_apps.get_auth_settings_v2_without_secrets"
FUNCTIONS, PRIVATE = "web_apps.list_functions", "web_apps.get_private_endpoint_connection_list"
EVERYWHERE = ("any", "*", "internet")
LAST = 2**31


def open_door(site: Resource) -> tuple[Node, ...]:
    """Why the whole internet reaches it; nothing where a network setting or an address rule keeps strangers away."""
    network = site[RESOURCE]["properties"]["publicNetworkAccess"]
    config = site[CONFIG].need("properties")
    if not network.value:
        network = config["publicNetworkAccess"]
        for way in site[PRIVATE]:  # with a private way in, and nothing said, the public one is shut
            if way["properties"]["privateLinkServiceConnectionState"]["status"].value == "Approved":
                return ()
    if str(network.value or "Enabled").lower() == "disabled":
        return ()
    rule = open_rule(config["ipSecurityRestrictions"], config["ipSecurityRestrictionsDefaultAction"])
    return (rule, network) if rule else ()


def open_rule(rules: Node, default: Node) -> Node | None:
    """The rule, or the default, that lets everyone in: the first that fits decides, in order of priority."""
    ordered = sorted(rules, key=_priority)
    for rule in ordered:
        if _is_for_everyone(rule):
            return rule["ipAddress"] if word(rule["action"], "allow") == "allow" else None
        if word(rule["action"], "allow") == "allow" and _is_the_internet(rule["ipAddress"]):
            return rule["ipAddress"]
    if default.value:
        return default if word(default) == "allow" else None
    return None if ordered else rules


def _priority(rule: Node) -> int:
    told = rule["priority"].value
    return int(told) if isinstance(told, (int, float)) else LAST if told else 0


def _is_for_everyone(rule: Node) -> bool:
    return word(rule["ipAddress"]) in EVERYWHERE and not rule["headers"].value


def _is_the_internet(address: Node) -> bool:
    return "/" in str(address.value or "") and is_internet(address)


def word(node: Node, default: str = "") -> str:
    return str(node.value or default).lower()


def is_everywhere(source: Node) -> bool:
    told = word(source)
    return told in EVERYWHERE or (bool(told) and (told[0].isdigit() or ":" in told) and is_internet(source))


def named_networks(ingress: Node) -> bool:
    """Whether rules of a container app's ingress let in named networks alone."""
    named = [rule for rule in ingress["ipSecurityRestrictions"] if word(rule["action"]) == "allow"]
    return bool(named) and not any(is_everywhere(rule["ipAddressRange"]) for rule in named)


def wants_certificate(ingress: Node) -> bool:
    return word(ingress["clientCertificateMode"]) == "require"


def asks_who(site: Resource) -> tuple[bool, Node]:
    """Whether the platform turns away whoever has not signed in, for every path."""
    told = site[SIGN_IN].need("properties")
    rules = told["globalValidation"]
    required = (
        told["platform"]["enabled"].value is True
        and rules["requireAuthentication"].value is True
        and word(rules["unauthenticatedClientAction"]) != "allowanonymous"
        and not any(path.value in ("/", "/*") for path in rules["excludedPaths"])
    )
    return required, told


def anonymous(site: Resource) -> Iterator[tuple[str, Node]]:
    """Of a function app the functions that answer whoever calls them: (name, how much is asked)."""
    for function in site[FUNCTIONS]:
        for way in function["bindings"]:
            is_open = word(way["type"]) == "httptrigger" and word(way["authLevel"]) == "anonymous"
            if is_open and function["isDisabled"].value is not True:
                yield function.need("name").text(), way["authLevel"]
