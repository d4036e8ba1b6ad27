"""What google-cloud-iam knows of IAM v3, in the form of a discovery document, for that API has none.

Routes are those of the wheel's REST transports, fields those of its message types.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from typing import Any

API = "iam.v3"
PLACES = re.compile(r"\{(\w+)=([^}]+)\}")
SERVICES = {  # module of the transport, its class → the methods that are asked, by their REST names
    ("policy_bindings", "PolicyBindings"): {"ListPolicyBindings": "{0}.locations.policyBindings.list"},
    ("principal_access_boundary_policies", "PrincipalAccessBoundaryPolicies"): {
        "ListPrincipalAccessBoundaryPolicies": "{0}.locations.principalAccessBoundaryPolicies.list"
    },
}
KINDS = {5: "integer", 8: "boolean", 9: "string", 14: "string"}  # numbers of google.protobuf.FieldDescriptorProto.Type
MESSAGE = 11
STAMP, EXPRESSION = "google.protobuf.Timestamp", "google.type.Expr"


def document() -> dict[str, Any]:
    """A method stands once for each kind of parent that it has a route for."""
    schemas: dict[str, Any] = {}
    methods: dict[str, Any] = {}
    for (module, service), names in SERVICES.items():
        base = import_module(f"google.cloud.iam_v3.services.{module}.transports.rest_base")
        routes = getattr(base, f"_Base{service}RestTransport")
        types = import_module("google.cloud.iam_v3.types")
        for name, spelled in names.items():
            request = getattr(types, f"{name}Request").pb().DESCRIPTOR
            answer = getattr(types, f"{name}Response").pb().DESCRIPTOR
            _schema(answer, schemas)
            for route in getattr(routes, f"_Base{name}")._get_http_options():
                made = _method(route, request, answer.name, spelled)
                methods[made["id"]] = made
    return {
        "revision": f"google-cloud-iam {version('google-cloud-iam')}",
        "rootUrl": "https://iam.googleapis.com/",
        "servicePath": "",
        "methods": methods,
        "schemas": schemas,
    }


def _method(route: dict[str, str], request: Any, answer: str, spelled: str) -> dict[str, Any]:
    (place,) = PLACES.finditer(route["uri"])
    name, pattern = place.groups()
    parameters = {
        _camel(field.name): {"location": "query", **_field(field, {})} for field in request.fields if field.name != name
    }
    within = "^" + pattern.replace("*", "[^/]+") + "$"
    parameters[name] = {"location": "path", "type": "string", "pattern": within, "required": True}
    return {
        "id": f"iam.{spelled.format(pattern.partition('/')[0])}",
        "httpMethod": route["method"].upper(),
        "path": PLACES.sub(r"{+\1}", route["uri"]).lstrip("/"),
        "parameters": parameters,
        "response": {"$ref": answer},
    }


def _schema(message: Any, into: dict[str, Any]) -> None:
    if message.name not in into:
        told = into[message.name] = {"type": "object", "properties": {}}
        told["properties"] = {_camel(field.name): _field(field, into) for field in message.fields}


def _field(field: Any, into: dict[str, Any]) -> dict[str, Any]:
    if field.type == MESSAGE and field.message_type.GetOptions().map_entry:
        value = field.message_type.fields_by_name["value"]
        return {"type": "object", "additionalProperties": _one(value, into)}
    one = _one(field, into)
    return {"type": "array", "items": one} if field.is_repeated else one


def _one(field: Any, into: dict[str, Any]) -> dict[str, Any]:
    if field.type != MESSAGE:
        named = {"enum": list(_names(field))} if field.enum_type else {}
        return {"type": KINDS[field.type], **named}
    if field.message_type.full_name == STAMP:
        return {"type": "string", "format": "google-datetime"}
    _schema(field.message_type, into)
    return {"$ref": field.message_type.name}


def _names(field: Any) -> Iterator[str]:
    yield from (value.name for value in field.enum_type.values)


def _camel(name: str) -> str:
    first, *more = name.split("_")
    return first + "".join(word.capitalize() for word in more)
