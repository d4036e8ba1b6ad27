"""Cut from Google's discovery documents what the collectors ask: `python -m posture.runtime.sample.gcp.trim FOLDER`.

FOLDER holds discovery documents as google-api-python-client ships them (discovery_cache/documents/NAME.VERSION.json);
IAM v3 has none, and is told by Google's own client of it (wheel.py).
Writes scanners/collectors/gcp/routes.json (where each call goes) and specs.json beside this file (what may be sent and
answered: methods, and the schemas their answers and the inventory's assets are made of).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from posture.runtime.sample.gcp import wheel
from posture.runtime.sample.gcp.bodies import BODIES
from scanners.collectors.cloud import Call
from scanners.collectors.registry import collectors
from scanners.model import Provider
from scanners.scan import relations, way_in

HERE = Path(__file__).parent
ROUTES = HERE.parents[3] / "scanners" / "collectors" / "gcp" / "routes.json"
SOURCE = "google-api-python-client 2.202.0, discovery_cache/documents; read 2026-11-22"
VERSIONS = {  # of services that have more than one; of a method, where it is not its service's
    "run": "v2",
    "run.namespaces.services.list": "v1",
    "cloudfunctions": "v2",
    "cloudresourcemanager": "v3",
    "cloudresourcemanager.projects.getAncestry": "v1",
    "bigquery": "v2",
    "apikeys": "v2",
    "orgpolicy": "v2",
    "logging": "v2",
    "monitoring": "v3",
    "iam.policies.listPolicies": "v2",
    "iam.policies.get": "v2",
    "iam.organizations.locations.principalAccessBoundaryPolicies.list": "v3",
    **{f"iam.{level}.locations.policyBindings.list": "v3" for level in ("projects", "folders", "organizations")},
}
IDS = {  # methods whose id is not service.operation
    "cloudasset.assets.listResource": "cloudasset.assets.list",
    "cloudasset.assets.listIamPolicy": "cloudasset.assets.list",
    "sqladmin.instances.list": "sql.instances.list",
}
KEPT = frozenset(
    [
        "type",
        "format",
        "$ref",
        "items",
        "properties",
        "additionalProperties",
        "enum",
        "pattern",
        "required",
        "repeated",
        "location",
        "default",
    ]
)


def calls() -> dict[str, Call]:
    cloud = way_in(Provider.GCP)
    declared = [
        *(call for collector in collectors(Provider.GCP) for call in collector.every_call()),
        *relations(Provider.GCP).CALLS,
    ]
    return {call.name: call for call in sorted([cloud.IDENTITY, cloud.REGIONS, *declared], key=lambda call: call.name)}


def main(folder: Path) -> None:
    specs: dict[str, Any] = {"source": SOURCE, "revisions": {}, "methods": {}, "schemas": {}}
    routes: dict[str, Any] = {}
    for name, call in calls().items():
        version = VERSIONS.get(name) or VERSIONS.get(call.service, "v1")
        api = f"{call.service}.{version}"
        document = _document(folder, api)
        method = next(m for m in _methods(document) if m["id"] == IDS.get(name, name))
        specs["revisions"][api] = document["revision"]
        routes[name] = _route(method, document)
        specs["methods"][method["id"]] = {"api": api, **_method(method, document)}
        for part in ("request", "response"):
            _schema(method.get(part, {}), document, specs["schemas"].setdefault(api, {}))
    for api, schema in BODIES.values():
        document = _document(folder, api)
        specs["revisions"][api] = document["revision"]
        _schema({"$ref": schema}, document, specs["schemas"].setdefault(api, {}))
    ROUTES.write_text(_lines(routes))
    (HERE / "specs.json").write_text(
        "{\n"
        + ",\n".join(
            f'"{key}": {_lines(value) if isinstance(value, dict) else json.dumps(value)}'
            for key, value in specs.items()
        )
        + "\n}\n"
    )


def _document(folder: Path, api: str) -> Any:
    return wheel.document() if api == wheel.API else json.loads((folder / f"{api}.json").read_text())


def _lines(table: dict[str, Any]) -> str:
    rows = (f"{json.dumps(key)}: {json.dumps(table[key], sort_keys=True)}" for key in sorted(table))
    return "{\n" + ",\n".join(rows) + "\n}"


def _methods(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from part.get("methods", {}).values()
    for inner in part.get("resources", {}).values():
        yield from _methods(inner)


def _route(method: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    parameters = {**document.get("parameters", {}), **method.get("parameters", {})}
    answer = document["schemas"].get(method.get("response", {}).get("$ref"), {}).get("properties", {})
    page = None
    if "pageToken" in parameters and "nextPageToken" in answer:
        page = ["pageToken", "nextPageToken"]
    elif "continue" in parameters:
        page = ["continue", "metadata.continue"]
    return {
        "method": method["id"],
        "verb": method["httpMethod"],
        "host": document["rootUrl"].removeprefix("https://").rstrip("/"),
        "path": document["servicePath"] + method["path"],
        "query": sorted(name for name, p in method.get("parameters", {}).items() if p["location"] == "query"),
        "takes_body": "request" in method,
        "page": page,
    }


def _method(method: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    return {
        "verb": method["httpMethod"],
        "path": document["servicePath"] + method["path"],
        "parameters": _kept(method.get("parameters", {}), names=True),
        "request": method.get("request", {}).get("$ref"),
        "response": method.get("response", {}).get("$ref"),
    }


def _schema(part: Any, document: dict[str, Any], into: dict[str, Any]) -> None:
    """Keep the schemas that a part refers to, and those that they refer to."""
    if isinstance(part, dict):
        name = part.get("$ref")
        if isinstance(name, str) and name not in into:
            into[name] = _kept(document["schemas"][name])
            _schema(into[name], document, into)
        for inner in part.values():
            _schema(inner, document, into)
    elif isinstance(part, list):
        for inner in part:
            _schema(inner, document, into)


def _kept(part: Any, *, names: bool = False) -> Any:
    """Without words for people.  `names`: the keys of this level are names, not words of the schema language."""
    if isinstance(part, list):
        return [_kept(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    return {key: _kept(value, names=key == "properties") for key, value in part.items() if names or key in KEPT}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
