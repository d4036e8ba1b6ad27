"""Cut from Microsoft's Python clients what the collectors ask: `python -m posture.runtime.sample.azure.trim FOLDER`.

FOLDER holds the unpacked azure-mgmt wheels (azure/mgmt/…) and msgraph-sdk (msgraph/generated/…), at the versions of
SOURCE.  Nothing of them is imported: requests, answers and models are read from their source by `ast`.  Writes
scanners/collectors/azure/routes.json (where each call goes) and specs.json beside this file (what may be answered).
"""

from __future__ import annotations

import ast
import json
import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from scanners.collectors.cloud import Call
from scanners.collectors.registry import collectors
from scanners.model import Provider
from scanners.scan import relations, way_in

HERE = Path(__file__).parent
ROUTES = HERE.parents[3] / "scanners" / "collectors" / "azure" / "routes.json"
SOURCE = (
    "azure-mgmt- apimanagement 5.0.0, appcontainers 5.1.0, authorization 4.0.0, cdn 14.1.0, containerregistry 15.0.0,"
    " containerservice 41.8.0, cosmosdb 10.0.0, eventgrid 10.4.0, eventhub 12.0.0, frontdoor 2.0.0, keyvault 14.1.0,"
    " logic 10.0.0, managementgroups 2.0.0, monitor 6.0.2, msi 7.1.0, network 33.1.0, resource-subscriptions 1.0.0,"
    " resourcegraph 8.0.1, security 7.0.0, servicebus 10.0.0, sql 4.0.0, storage 25.3.0, web 11.0.1; msgraph-sdk"
    " 1.65.0; read 2026-11-22"
)
FOLDERS = {  # of clients that have more than one version of the API, the one that is asked
    "resource": "resource/subscriptions",
    "monitor": "monitor/v2021_05_01_preview",
    "monitor.activity_logs": "monitor/v2015_04_01",
    "monitor.activity_log_alerts": "monitor/v2020_10_01",
    "msi": "msi/v2024_11_30",
    "security": "security/v2024_01_01",
    "security.security_contacts": "security/v2020_01_01_preview",
    "authorization": "authorization/v2022_04_01",
    "authorization.role_eligibility_schedule_instances": "authorization/v2020_10_01",
}
BUILDERS = {  # calls of Microsoft Graph → the request builder, under msgraph/generated
    "organization.list": "organization",
    "applications.list": "applications",
    "applications.owners.list": "applications/item/owners",
    "applications.federated_identity_credentials.list": "applications/item/federated_identity_credentials",
    "service_principals.list": "service_principals",
    "service_principals.app_role_assigned_to.list": "service_principals/item/app_role_assigned_to",
    "role_management.directory.role_assignments.list": "role_management/directory/role_assignments",
    "role_management.directory.role_definitions.list": "role_management/directory/role_definitions",
    "role_management.directory.role_eligibility_schedule_instances.list": (
        "role_management/directory/role_eligibility_schedule_instances"
    ),
    "service_principals.owners.list": "service_principals/item/owners",
    "groups.get": "groups/item",
    "groups.transitive_members.list": "groups/item/transitive_members",
    "identity.conditional_access.policies.list": "identity/conditional_access/policies",
    "policies.identity_security_defaults_enforcement_policy.get": (
        "policies/identity_security_defaults_enforcement_policy"
    ),
    "policies.authorization_policy.get": "policies/authorization_policy",
    "reports.authentication_methods.user_registration_details.list": (
        "reports/authentication_methods/user_registration_details"
    ),
}
SCALARS = {
    "str": "string", "bool": "boolean", "int": "integer", "float": "number", "Any": "any", "object": "any",
    "datetime": "time", "date": "string", "timedelta": "string", "UUID": "string", "bytes": "string", "time": "string",
    "iso-8601": "time", "duration": "string", "long": "integer", "rfc-1123": "string", "unix-time": "integer",
    "JSON": "any",
}  # fmt: skip
Schema = dict[str, Any]


def calls() -> dict[str, Call]:
    cloud = way_in(Provider.AZURE)
    declared = [
        *(call for collector in collectors(Provider.AZURE) for call in collector.every_call()),
        *relations(Provider.AZURE).CALLS,
    ]
    return {call.name: call for call in sorted([cloud.IDENTITY, cloud.REGIONS, *declared], key=lambda call: call.name)}


def main(folder: Path) -> None:
    routes: dict[str, Any] = {}
    specs: dict[str, Any] = {"source": SOURCE, "answers": {}, "schemas": {}}
    for name, call in calls().items():
        cut: Cut = OfGraph(folder, call.operation) if call.service == "graph" else OfArm(folder, call)
        routes[name] = cut.route()
        specs["answers"][name] = cut.answer()
        cut.schemas(specs["answers"][name], specs["schemas"])
    derived = OfGraph(folder, "organization.list")
    derived.schemas([{"$ref": f"graph/{name}"} for name in DERIVED], specs["schemas"])
    ROUTES.write_text(_lines(routes) + "\n")
    parts = (
        f'"{key}": {_lines(value) if isinstance(value, dict) else json.dumps(value)}' for key, value in specs.items()
    )
    (HERE / "specs.json").write_text("{\n" + ",\n".join(parts) + "\n}\n")


def _lines(table: dict[str, Any]) -> str:
    rows = (f"{json.dumps(key)}: {json.dumps(table[key], sort_keys=True)}" for key in sorted(table))
    return "{\n" + ",\n".join(rows) + "\n}"


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


class Cut(ABC):
    """One operation of a client: where it goes, what it answers, and what that is made of."""

    @abstractmethod
    def route(self) -> Schema: ...

    @abstractmethod
    def answer(self) -> Schema: ...

    @abstractmethod
    def _model(self, name: str) -> Schema: ...

    def schemas(self, told: Any, into: Schema) -> None:
        """Keep the models that a part refers to, and those that they refer to."""
        for name in _references(told):
            if name not in into:
                into[name] = {}
                into[name].update(self._model(name.rpartition("/")[2]))
                self.schemas(into[name], into)


class OfArm(Cut):
    """One operation of an azure-mgmt client."""

    def __init__(self, folder: Path, call: Call) -> None:
        group, _, method = call.operation.rpartition(".")
        place = FOLDERS.get(f"{call.service}.{group}") or FOLDERS.get(call.service, call.service)
        self.root, self.api = folder / "azure" / "mgmt" / place, f"{place.replace('/', '.')}"
        self.group, self.method = group, method

    def route(self) -> Schema:
        made = self._builder()
        text = ast.unparse(made)
        constants = (str(node.value) for node in ast.walk(made) if isinstance(node, ast.Constant))
        path = next(text for text in constants if text.startswith("/"))
        for wide in re.findall(r"'([^']+)': _SERIALIZER\.url\([^)]*skip_quote=True\)", text):
            path = path.replace(f"{{{wide}}}", f"{{+{wide}}}")
        version = _found(r"api_version[^\n]*'(\d{4}-\d\d-\d\d[^']*)'", text)
        query = sorted(set(re.findall(r"_params\['([^']+)'\] = _SERIALIZER\.query", text)) - {"api-version"})
        verb = _found(r"method='(\w+)'", text)
        told = {"plane": "arm", "verb": verb[1], "path": path, "query": query, "version": version[1]}
        page = ["nextLink", "nextLink"] if self._is_paged() else None
        if self.api == "resourcegraph":
            told["query"], page = ["query", "$skipToken"], ["$skipToken", "$skipToken"]
        return {
            **told,
            "takes_body": "json" in [one.arg for one in made.args.kwonlyargs] or self.api == "resourcegraph",
            "page": page,
        }

    def answer(self) -> Schema:
        returned = ast.unparse(self._method().returns or ast.Constant(None))
        found = _found(r"_models\.(?:_models\.)?(\w+)", returned)
        one = {"$ref": f"{self.api}/{found[1]}"}
        whole = found[1].endswith("ListResult")  # the oldest clients name the page, not what stands on it
        if whole or not self._is_paged() or ("ItemPaged" not in returned and "Iterable" not in returned):
            return one
        return {
            "type": "object",
            "properties": {"value": {"type": "array", "items": one}, "nextLink": {"type": "string"}},
        }

    def _builder(self) -> ast.FunctionDef:
        names = {f"build_{self.group}_{self.method}_request", f"build_{self.method}_request"}
        if not self.group:
            names |= {f"build_resource_graph_{self.method}_request"}
        for path in self._all_operations():
            for node in _parsed(path).body:
                if isinstance(node, ast.FunctionDef) and node.name in names:
                    return node
        raise LookupError(f"{self.api} builds no {names}")

    def _all_operations(self) -> list[Path]:
        old = self.root / "operations" / f"_{self.group}_operations.py"
        if old.exists():
            return [old]
        return sorted((self.root / "operations").glob("_*operations.py"))

    def _method(self) -> ast.FunctionDef:
        wanted = f"{self.group.replace('_', '')}operations"
        for path in self._all_operations():
            for node in _parsed(path).body:
                if isinstance(node, ast.ClassDef) and (node.name.lower().lstrip("_") == wanted or not self.group):
                    overloads = [
                        one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == self.method
                    ]
                    if overloads:
                        return overloads[-1]
        raise LookupError(f"{self.api} has no {self.group}.{self.method}")

    def _is_paged(self) -> bool:
        return "ItemPaged" in ast.unparse(self._method())

    def _model(self, name: str) -> Schema:
        node = self._class(name)
        if any("Enum" in ast.unparse(base) for base in node.bases):
            return {"type": "string", "enum": _enum(node)}
        told = self._object(node)
        for kind in self._kinds_of(node):
            _join(told["properties"], self._object(kind)["properties"])
        return told

    def _class(self, name: str) -> ast.ClassDef:
        for path in sorted((self.root / "models").glob("_*.py")):
            for node in _parsed(path).body:
                if isinstance(node, ast.ClassDef) and node.name == name:
                    return node
        raise LookupError(f"{self.api} has no model {name}")

    def _kinds_of(self, node: ast.ClassDef) -> Iterator[ast.ClassDef]:
        """Where a field says which of several kinds an object is: those kinds, whose fields may stand in it."""
        is_old = any("_subtype_map" in ast.unparse(line) for line in node.body if isinstance(line, ast.Assign))
        for path in sorted((self.root / "models").glob("_*.py")):
            for one in _parsed(path).body:
                if not isinstance(one, ast.ClassDef):
                    continue
                bases = {ast.unparse(base).rpartition(".")[2] for base in one.bases}
                told = is_old or any(given.arg == "discriminator" for given in one.keywords)
                if told and node.name in bases:
                    yield one

    def _object(self, node: ast.ClassDef) -> Schema:
        fields: Schema = {}
        for base in node.bases:
            parent = ast.unparse(base).rpartition(".")[2]
            if parent not in ("Model", "_Model", "ABC"):
                fields.update(self._object(self._class(parent)).get("properties", {}))
        for line in node.body:
            if isinstance(line, ast.AnnAssign) and isinstance(line.value, ast.Call):
                given = {one.arg: one.value for one in line.value.keywords}
                kind = ast.unparse(line.value.func)
                name = ast.literal_eval(given["name"]) if "name" in given else ast.unparse(line.target)
                if "format" in given and ast.literal_eval(given["format"]) == "unix-timestamp":
                    fields[name] = {"type": "integer"}
                elif kind in ("rest_field", "rest_discriminator"):
                    fields[name] = self._annotated(line.annotation)
            elif isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "_attribute_map":
                for told in ast.literal_eval(line.value).values():
                    self._old_field(fields, told["key"].replace("\\.", "\0").split("."), told["type"])
        return {"type": "object", "properties": fields}

    def _old_field(self, fields: Schema, steps: list[str], kind: str) -> None:
        for step in steps[:-1]:
            fields = fields.setdefault(step, {"type": "object", "properties": {}})["properties"]
        fields[steps[-1].replace("\0", ".")] = self._old_kind(kind)

    def _old_kind(self, kind: str) -> Schema:
        if kind.startswith("["):
            return {"type": "array", "items": self._old_kind(kind[1:-1])}
        if kind.startswith("{"):
            return {"type": "object", "additionalProperties": self._old_kind(kind[1:-1])}
        return {"type": SCALARS[kind]} if kind in SCALARS else {"$ref": f"{self.api}/{kind}"}

    def _annotated(self, told: ast.expr) -> Schema:
        if isinstance(told, ast.Constant) and isinstance(told.value, str):
            return self._annotated(ast.parse(told.value, mode="eval").body)
        if isinstance(told, ast.Subscript):
            outer = ast.unparse(told.value).rpartition(".")[2].lower()
            inner = told.slice.elts if isinstance(told.slice, ast.Tuple) else [told.slice]
            if outer == "list":
                return {"type": "array", "items": self._annotated(inner[0])}
            if outer == "dict":
                return {"type": "object", "additionalProperties": self._annotated(inner[1])}
            if outer == "literal":
                return {"type": "string"}
            return self._annotated(inner[-1])  # Optional[x]; Union[str, an enum]
        name = ast.unparse(told)
        last = name.rpartition(".")[2]
        if "_models." in name:
            return {"$ref": f"{self.api}/{last}"}
        return {"type": SCALARS[last]}


class OfGraph(Cut):
    """One GET of Microsoft Graph."""

    def __init__(self, folder: Path, operation: str) -> None:
        self.root = folder / "msgraph" / "generated"
        place = self.root / BUILDERS[operation]
        self.file = next(place.glob("*_request_builder.py"))

    def route(self) -> Schema:
        text = self.file.read_text()
        found = _found(r'"\{\+baseurl\}([^"{]*(?:\{[^?][^"{]*)*)(?:\{\?([^}]*)\})?"', text)
        path = found[1].replace("%2D", "-")
        query = sorted(name.replace("%24", "$") for name in (found[2] or "").split(",") if name)
        page = ["nextLink", "@odata.nextLink"] if "CollectionResponse" in text else None
        return {
            "plane": "graph", "verb": "GET", "path": f"/v1.0{path}", "query": query, "version": "", "takes_body": False,
            "page": page,
        }  # fmt: skip

    def answer(self) -> Schema:
        found = _found(r"async def get\(.*?\) -> Optional\[(\w+)\]", self.file.read_text())
        return {"$ref": f"graph/{found[1]}"}

    def _model(self, name: str) -> Schema:
        file = (
            self.root
            / "models"
            / (re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower() + ".py")
        )
        tree = _parsed(file)
        node = next(one for one in tree.body if isinstance(one, ast.ClassDef) and one.name == name)
        bases = [ast.unparse(base) for base in node.bases]
        if "Enum" in bases:
            return {"type": "string", "enum": _enum(node)}
        fields: Schema = {"@odata.type": {"type": "string"}}
        for base in bases:
            if base not in ("AdditionalDataHolder", "BackedModel", "Parsable"):
                fields.update(self._model(base)["properties"])
        reader = next(
            one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "get_field_deserializers"
        )
        for table in (one for one in ast.walk(reader) if isinstance(one, ast.Dict)):
            for key, told in zip(table.keys, table.values, strict=True):
                field = ast.literal_eval(key) if key else ""
                if _wanted(name, field) and isinstance(told, ast.Lambda) and isinstance(told.body, ast.Call):
                    fields[field] = self._read(ast.unparse(told.body.args[2]).partition(".")[2])
        return {"type": "object", "properties": fields}

    def _read(self, told: str) -> Schema:
        found = _found(r"get_(\w+)\((\w*)", told)
        kind, of = found[1], found[2]
        if kind == "collection_of_object_values" or kind == "collection_of_enum_values":
            return {"type": "array", "items": {"$ref": f"graph/{of}"}}
        if kind == "collection_of_primitive_values":
            return {"type": "array", "items": {"type": SCALARS.get(of, "string")}}
        if kind in ("object_value", "enum_value"):
            return {"$ref": f"graph/{of}"}
        return {"type": SCALARS.get(kind.removesuffix("_value"), "string")}


WHOLE = {"Application", "ServicePrincipal", "Group", "Organization", "User"}
DERIVED = ("User",)  # what a listing of directory objects tells, beside the kinds that have a listing of their own
ASKED = set(  # of Graph's largest objects, the fields that the collectors select
    "id appId displayName signInAudience createdDateTime passwordCredentials keyCredentials servicePrincipalType"  # noqa: SIM905 - a long list
    " accountEnabled appOwnerOrganizationId appRoles isAssignableToRole membershipRule userPrincipalName".split()
)


def _join(fields: Schema, more: Schema) -> None:
    """Fields of several kinds of one object; what they tell differently may be anything."""
    for name, told in more.items():
        known = fields.setdefault(name, told)
        if known != told:
            if isinstance(known, dict) and "properties" in known and "properties" in told:
                _join(known["properties"], told["properties"])
            else:
                fields[name] = {"type": "any"}


def _found(pattern: str, text: str) -> re.Match[str]:
    if found := re.search(pattern, text):
        return found
    raise LookupError(f"no {pattern} in {text[:200]}")


def _wanted(model: str, key: str) -> bool:
    return model not in WHOLE or key in ASKED


def _enum(node: ast.ClassDef) -> list[str]:
    values = (line.value for line in node.body if isinstance(line, ast.Assign))
    return [
        str(
            value.value
            if isinstance(value, ast.Constant)
            else ast.literal_eval(value.elts[0] if isinstance(value, ast.Tuple) else value)
        )
        for value in values
    ]


def _references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for inner in part.values():
            yield from _references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _references(inner)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
