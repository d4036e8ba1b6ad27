"""What stands in front of a function: its URLs, and the gateways, rules and sources that call it or that it reads from.

Limits: target groups of load balancers, notifications of buckets and schedules are not collected: they show as the
service that the function's policy names.  A gateway that is found here can call only what that policy lets it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from scanners.graph.targets import LATEST
from scanners.model import Node, Resource, Unread
from scanners.model.estate import Estate

_ENDS = frozenset(":/\"'")


@dataclass(frozen=True, slots=True)
class Front:
    """`asks`: how it asks callers who they are, in words; `open`: it lets in anybody on the internet."""

    what: str
    name: str
    detail: str = ""
    asks: str = ""
    open: bool = False
    qualifier: str = ""
    kind: str = ""
    ref: str = ""
    pointer: str = ""
    off: bool = False  # it is there and switched off


def fronts(estate: Estate, function: Resource) -> tuple[list[Front], list[str]]:
    """(what was found, what was not read)"""
    found: list[Front] = []
    unread: list[str] = []
    for look in (_urls, *(_looking(kind, look) for kind, look in _KINDS.items())):
        try:
            found.extend(look(estate, function))
        except Unread as gaps:
            unread.extend(f"{gap.call} was not read ({gap.code})" for gap in gaps.gaps)
    return found, list(dict.fromkeys(unread))


def _urls(estate: Estate, function: Resource) -> Iterator[Front]:
    for name, url in function.each("GetFunctionUrlConfig"):
        if url.present:
            open_ = url.need("AuthType").value == "NONE"
            asks = "nobody is asked who they are" if open_ else "requests signed by AWS credentials"
            yield Front("Function URL", str(url["FunctionUrl"].value or "URL"), "", asks, open_, name,
                        function.kind, function.ref, url["AuthType"].pointer)  # fmt: skip


Look = Callable[[Resource, str], Iterator[Front]]


def _looking(kind: str, look: Look) -> Callable[[Estate, Resource], Iterator[Front]]:
    def over(estate: Estate, function: Resource) -> Iterator[Front]:
        for resource in estate.all(kind):
            yield from look(resource, function.ref)

    return over


def _mapping(mapping: Resource, ref: str) -> Iterator[Front]:
    said = mapping["ListEventSourceMappings"]
    if found := _qualifier(said.need("FunctionArn").text(), ref):
        source = said["EventSourceArn"]
        name = str(source.value or "brokers outside AWS")
        service = name.split(":")[2] if name.startswith("arn:") else "kafka"
        off = said["State"].value == "Disabled"
        yield Front(f"Event source ({service})", name, "it reads what is put in there", "whoever may write to it",
                    False, found, mapping.kind, mapping.ref, source.pointer, off)  # fmt: skip


def _rest(api: Resource, ref: str) -> Iterator[Front]:
    for path in api["GetResources"]:
        for verb, method in path["resourceMethods"].items():
            for node, found in _mentions(method, ref):
                asks = str(method["authorizationType"].value or "NONE")
                key = method["apiKeyRequired"].value is True
                yield Front("REST API", api.name, f"{verb} {path['path'].value}", _asks(asks, key),
                            asks == "NONE" and not key, found, api.kind, api.ref, node.pointer)  # fmt: skip


def _http(api: Resource, ref: str) -> Iterator[Front]:
    mine: dict[str, tuple[Node, str]] = {}
    for one in api["GetIntegrations"]:
        for node, found in _mentions(one, ref):
            mine[f"integrations/{one['IntegrationId'].value}"] = (node, found)
    for route in api["GetRoutes"] if mine else ():
        if (target := str(route["Target"].value)) in mine:
            node, found = mine[target]
            asks, key = str(route["AuthorizationType"].value or "NONE"), route["ApiKeyRequired"].value is True
            yield Front("HTTP API", api.name, str(route["RouteKey"].value), _asks(asks, key),
                        asks == "NONE" and not key, found, api.kind, api.ref, node.pointer)  # fmt: skip


def _asks(kind: str, key: bool) -> str:
    words = {"NONE": "nobody is asked who they are", "AWS_IAM": "requests signed by AWS credentials"}
    said = words.get(kind, f"callers are asked by {kind}")
    return f"{said}, with an API key" if key else said


def _anywhere(what: str, section: str, asks: str) -> Look:
    """What names the function anywhere in one section."""

    def look(resource: Resource, ref: str) -> Iterator[Front]:
        if section in resource.documents or section in resource.gaps:
            for node, found in _mentions(resource[section], ref):
                yield Front(what, resource.name, "", asks, False, found, resource.kind, resource.ref, node.pointer)

    return look


_KINDS: dict[str, Look] = {
    "AWS::Lambda::EventSourceMapping": _mapping,
    "AWS::ApiGateway::RestApi": _rest,
    "AWS::ApiGatewayV2::Api": _http,
    "AWS::Events::Rule": _anywhere("Event rule", "ListTargetsByRule", "whoever may put events on its bus"),
    "AWS::SNS::Subscription": _anywhere("Topic", "ListSubscriptions", "whoever may publish to the topic"),
    "AWS::Cognito::UserPool": _anywhere("User pool", "DescribeUserPool", "whoever signs up or in"),
    "AWS::CloudFront::Distribution": _anywhere("Distribution", "ListDistributions", "its viewers"),
    "AWS::SecretsManager::Secret": _anywhere("Rotation of a secret", "ListSecrets", "Secrets Manager"),
    "AWS::StepFunctions::StateMachine": _anywhere("State machine", "DescribeStateMachine", "whoever may start it"),
}
KINDS = tuple(_KINDS)


def _mentions(node: Node, ref: str, depth: int = 0) -> Iterator[tuple[Node, str]]:
    """(where, qualifier) of every text that names the function."""
    value = node.value
    if isinstance(value, str):
        if found := _qualifier(value, ref):
            yield node, found
    elif isinstance(value, dict) and depth < 40:
        for key in value:
            yield from _mentions(node[key], ref, depth + 1)
    elif isinstance(value, list) and depth < 40:
        for one in node:
            yield from _mentions(one, ref, depth + 1)


def _qualifier(text: str, ref: str) -> str:
    """The qualifier by which a text names the function; empty when it names another or none."""
    _, named, after = text.partition(ref)
    if not named or (after and after[0] not in _ENDS):
        return ""
    if not after.startswith(":"):
        return LATEST
    name = after[1:].split("/")[0].split(":")[0].strip("\"'")
    return name or LATEST
