"""What Microsoft's clients send and take: which requests there are, and what may stand in answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from scanners.collectors.azure.routes import Route, routes

TIME = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?")
KINDS: dict[str, tuple[type, ...]] = {"string": (str,), "boolean": (bool,), "integer": (int,), "number": (int, float)}
AFTER = "$skiptoken"  # stands in addresses of next pages alone


class Mismatch(Exception):
    """What was sent or answered is nothing that the specification has."""


@cache
def _specs() -> dict[str, Any]:
    specs: dict[str, Any] = json.loads(Path(__file__).with_name("specs.json").read_text())
    return specs


def answer_of(call: str) -> dict[str, Any]:
    found: dict[str, Any] = _specs()["answers"][call]
    return found


def schema(name: str) -> dict[str, Any]:
    found: dict[str, Any] = _specs()["schemas"][name]
    return found


def resolved(told: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in told:
        told = schema(told["$ref"])
    return told


def derived(value: Any, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Microsoft Graph says which kind an object is, where a listing may hold several: that kind's schema."""
    name = value.get("@odata.type") if isinstance(value, dict) else None
    word = name.removeprefix("#microsoft.graph.") if isinstance(name, str) else ""
    found: Mapping[str, Any] = _specs()["schemas"].get(f"graph/{word[:1].upper()}{word[1:]}", told)
    return found if "@odata.type" in told.get("properties", {}) else told


def items_of(call: str) -> Mapping[str, Any]:
    """The schema of one item of a listing."""
    items: Mapping[str, Any] = resolved(answer_of(call))["properties"]["value"]["items"]
    return items


def find(plane: str, verb: str, path: str) -> list[tuple[str, Route, dict[str, str]]]:
    """Calls that this is the address of, with the places of the path.  Case does not matter to Resource Manager."""
    found = []
    for name, route in routes().items():
        if (route.plane, route.verb) == (plane, verb) and (match := _pattern(route.path).fullmatch(path)):
            named = [part.partition("}")[0].lstrip("+") for part in route.path.split("{")[1:]]
            found.append((name, route, dict(zip(named, map(unquote, match.groups()), strict=True))))
    return found


@cache
def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^}]+\})", path)
    made = ("(.+?)" if one.startswith("{+") else "([^/]+)" if one.startswith("{") else re.escape(one) for one in parts)
    return re.compile("".join(made), re.IGNORECASE)


def check_query(route: Route, query: Mapping[str, str]) -> None:
    if route.version and "api-version" not in query:
        raise Mismatch("MissingApiVersionParameter: The api-version query parameter (?api-version=) is required")
    if query.get("api-version", "") != route.version:
        raise Mismatch(f"the api-version '{query.get('api-version')}' is not supported")
    if unknown := query.keys() - {*route.query, "api-version", AFTER}:
        raise Mismatch(f"unknown query parameters {', '.join(sorted(unknown))}")


def check(value: Any, told: Mapping[str, Any], where: str) -> None:
    """Raises Mismatch for what is not of that schema: a field that it has not, a value of another type."""
    for wrong in mismatches(value, told, where):
        raise Mismatch(wrong)


def mismatches(value: Any, told: Mapping[str, Any], where: str) -> Iterator[str]:
    told = derived(value, resolved(told))
    kind = told.get("type", "any")
    if value is None or kind == "any":
        return
    if kind == "object":
        yield from _object(value, told, where)
    elif kind == "array":
        if not isinstance(value, list):
            yield f"{where} is no list"
            return
        for index, item in enumerate(value):
            yield from mismatches(item, told["items"], f"{where}[{index}]")
    elif kind == "time":
        if not isinstance(value, str) or not TIME.fullmatch(value):
            yield f"{where} is no time"
    elif not isinstance(value, KINDS[kind]) or (kind in ("integer", "number") and isinstance(value, bool)):
        yield f"{where} is no {kind}"
    elif told.get("enum") and str(value).casefold() not in {one.casefold() for one in told["enum"]}:
        yield f"{where} cannot be {value!r}"


def _object(value: Any, told: Mapping[str, Any], where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where} is no object"
        return
    known, more = told.get("properties", {}), told.get("additionalProperties")
    for key, item in value.items():
        if key in known:
            yield from mismatches(item, known[key], f"{where}.{key}")
        elif more is not None:
            yield from mismatches(item, more, f"{where}.{key}")
        elif not key.startswith("@odata."):
            yield f"{where} has no {key}"
