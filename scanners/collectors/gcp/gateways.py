"""API Gateway: gateways, and of each configuration what every operation asks of callers and which backend it calls.

They are asked of the service itself.  Of an OpenAPI document that much is kept and nothing else.  Source: "OpenAPI
overview", "x-google-backend extension", "Security definitions" (API Gateway documentation), read 2026-11.

Limits: operations of gRPC services are not read.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from scanners.collectors.cloud import Collector, Detail, Over, ParseError
from scanners.collectors.door import Door
from scanners.collectors.gcp.schedules import bare
from scanners.collectors.gcp.words import PAGE, PROJECT, RESOURCE, ask, keep, own
from scanners.model import Identity, Place

GATEWAY, CONFIG = "apigateway.googleapis.com/Gateway", "apigateway.googleapis.com/ApiConfig"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
LARGEST, MOST = 4_000_000, 5_000  # characters of a document, operations of a configuration
NOBODY, KEY, TOKEN = "nobody", "key", "token"  # who is asked: what an operation demands
APIS = ask(
    "apigateway",
    "projects.locations.apis.list",
    "apigateway.apis.list",
    items="apis",
    params={"parent": f"{PROJECT}/locations/global", "pageSize": PAGE},
)
FULL = ask(
    "apigateway", "projects.locations.apis.configs.get", "apigateway.apiconfigs.get", params={"view": "FULL"},
    fills="operations",
)  # fmt: skip


class _Plain(yaml.SafeLoader):
    """Without merge keys, by which a small document makes a large one."""

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        if any(key.tag == "tag:yaml.org,2002:merge" for key, _ in node.value):
            raise yaml.YAMLError("merge keys")
        super().flatten_mapping(node)


def operations(answer: Any, door: Door) -> Any:
    """[{"method", "path", "asks", "backend"}].  Raises ParseError for a document that is not understood."""
    found: list[dict[str, str]] = []
    for one in answer.get("openapiDocuments", []):
        found.extend(_operations(_document(one.get("document", {}).get("contents", ""))))
    if len(found) > MOST:
        raise ParseError(f"more than {MOST} operations")
    return found


def _document(contents: str) -> Mapping[str, Any]:
    """JSON is YAML as well."""
    try:
        text = base64.b64decode(contents, validate=True).decode()
        if len(text) > LARGEST:
            raise ParseError("an OpenAPI document is too large")
        made = yaml.load(text, _Plain)  # noqa: S506  (a safe loader)
    except (ValueError, OverflowError, yaml.YAMLError, RecursionError) as wrong:
        raise ParseError("an OpenAPI document is no YAML") from wrong
    if not isinstance(made, dict) or not isinstance(made.get("paths"), dict):
        raise ParseError("an OpenAPI document has no paths")
    return made


def _operations(document: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    schemes = _schemes(document)
    for path, item in document["paths"].items():
        for method in METHODS if isinstance(item, dict) else ():
            operation = item.get(method)
            if isinstance(operation, dict):
                asks = _asks(operation.get("security", document.get("security")), schemes)
                backend = _backend(operation, document) or _backend(item, document) or _backend(document, document)
                yield {"method": method.upper(), "path": str(path), "asks": asks, "backend": bare(backend)}


def _schemes(document: Mapping[str, Any]) -> dict[str, str]:
    """Name → type, of both versions of OpenAPI."""
    components = document.get("components")
    told = components.get("securitySchemes") if isinstance(components, dict) else document.get("securityDefinitions")
    found = told.items() if isinstance(told, dict) else ()
    return {str(name): str(one.get("type")) for name, one in found if isinstance(one, dict)}


def _asks(security: Any, schemes: Mapping[str, str]) -> str:
    """The weakest of the alternatives.  Raises ParseError for what is no list of them."""
    if security is None:
        return NOBODY
    if not isinstance(security, list) or not all(isinstance(one, dict) for one in security):
        raise ParseError("a security requirement is not understood")
    said = {_demand(one, schemes) for one in security}
    return next((one for one in (NOBODY, KEY, TOKEN) if one in said), NOBODY)


def _demand(alternative: Mapping[str, Any], schemes: Mapping[str, str]) -> str:
    kinds = {schemes.get(str(name), "") for name in alternative}
    if not kinds:
        return NOBODY
    return KEY if kinds <= {"apiKey", ""} else TOKEN


def _backend(part: Mapping[str, Any], document: Mapping[str, Any]) -> str:
    """An address, or the name of one in x-google-api-management."""
    told = part.get("x-google-backend")
    if isinstance(told, str):
        management = document.get("x-google-api-management")
        backends = management.get("backends") if isinstance(management, dict) else None
        told = backends.get(told) if isinstance(backends, dict) else None
    address = told.get("address") if isinstance(told, dict) else None
    return address if isinstance(address, str) else ""


def identified(place: Place, body: Any) -> Identity:
    name = str(body["name"])
    return Identity(f"//apigateway.googleapis.com/{name}", name.rpartition("/")[2], name.split("/")[3])


COLLECTORS = (
    Collector(
        kind=GATEWAY,
        listing=ask(
            "apigateway",
            "projects.locations.gateways.list",
            "apigateway.gateways.list",
            items="gateways",
            fills=RESOURCE,
            params={"parent": f"{PROJECT}/locations/-", "pageSize": PAGE},
        ),
        identify=identified,
        shape=keep("name", "apiConfig", "defaultHostname", "state"),
        everywhere=False,
    ),
    Collector(
        kind=CONFIG,
        listing=ask(
            "apigateway",
            "projects.locations.apis.configs.list",
            "apigateway.apiconfigs.list",
            items="apiConfigs",
            fills=RESOURCE,
            params={"pageSize": PAGE},
        ),
        identify=identified,
        shape=keep("name", "gatewayServiceAccount", "state"),
        everywhere=False,
        over=(Over(APIS, lambda api: {"parent": api["name"]}),),
        details=(Detail(FULL, bind=lambda config: {"name": own(config)}, shape=operations),),
    ),
)
