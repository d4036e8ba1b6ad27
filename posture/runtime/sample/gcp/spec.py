"""What Google's discovery documents allow: which requests there are, and what may stand in them and in answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

EVERYWHERE = {"alt", "fields", "key", "prettyPrint", "quotaUser", "$.xgafv"}
NUMBER = re.compile(r"-?\d+")


class Mismatch(Exception):
    """What was sent or answered is nothing that the specification has."""


@dataclass(frozen=True)
class Method:
    id: str
    api: str
    verb: str
    path: str
    parameters: Mapping[str, Any]
    request: str | None
    response: str | None

    @property
    def service(self) -> str:
        return self.api.partition(".")[0]

    @property
    def host(self) -> str:
        return f"{self.service}.googleapis.com"

    def match(self, host: str, raw_path: str) -> dict[str, str] | None:
        """The places of the path, if it is this method's."""
        if host != self.host or not (found := self._pattern().fullmatch(raw_path)):
            return None
        return {name: unquote(value) for name, value in zip(self._names(), found.groups(), strict=True)}

    def check_query(self, query: Mapping[str, list[str]]) -> None:
        for name, values in query.items():
            known = self.parameters.get(name)
            if known is None or known.get("location") != "query":
                if name in EVERYWHERE:
                    continue
                raise Mismatch(f'Unknown name "{name}": cannot find field')
            if len(values) > 1 and not known.get("repeated"):
                raise Mismatch(f'"{name}" is given more than once')
            for value in values:
                _scalar(value, known, name, from_query=True)
        for name, known in self.parameters.items():
            if known.get("required") and known.get("location") == "query" and name not in query:
                raise Mismatch(f'Required parameter "{name}" is missing')

    def _names(self) -> list[str]:
        return [part.partition("}")[0].lstrip("+") for part in self.path.split("{")[1:]]

    def _pattern(self) -> re.Pattern[str]:
        return _path_pattern(self.path, tuple((n, self.parameters[n].get("pattern")) for n in self._names()))


@cache
def _path_pattern(path: str, patterns: tuple[tuple[str, str | None], ...]) -> re.Pattern[str]:
    known, made = dict(patterns), ""
    for part in re.split(r"(\{[^}]+\})", path):
        if not part.startswith("{"):
            made += re.escape(part)
        elif part.startswith("{+") and (pattern := known[part[2:-1]]):
            made += f"({pattern.removeprefix('^').removesuffix('$').replace('(?:', '(?:')})"
        else:
            made += "([^/]+)"
    return re.compile(made)


@cache
def _specs() -> dict[str, Any]:
    specs: dict[str, Any] = json.loads((Path(__file__).with_name("specs.json")).read_text())
    return specs


@cache
def methods() -> dict[str, Method]:
    return {name: Method(name, **told) for name, told in _specs()["methods"].items()}


def schema(api: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = _specs()["schemas"][api][name]
    return found


def find(verb: str, host: str, raw_path: str) -> tuple[Method, dict[str, str]] | None:
    for method in methods().values():
        if method.verb == verb and (places := method.match(host, raw_path)) is not None:
            return method, places
    return None


def check(value: Any, api: str, name: str) -> None:
    """Raises Mismatch for what is not of that schema: a field that it has not, a value of another type."""
    for wrong in mismatches(value, {"$ref": name}, api, name):
        raise Mismatch(wrong)


def mismatches(value: Any, told: Mapping[str, Any], api: str, where: str) -> Iterator[str]:
    if "$ref" in told:
        told = schema(api, told["$ref"])
    kind = told.get("type", "any")
    if kind == "any":
        return
    if kind == "object":
        yield from _object(value, told, api, where)
    elif kind == "array":
        if not isinstance(value, list):
            yield f"{where} is no list"
        else:
            for index, item in enumerate(value):
                yield from mismatches(item, told["items"], api, f"{where}[{index}]")
    else:
        try:
            _scalar(value, told, where)
        except Mismatch as wrong:
            yield str(wrong)


def _object(value: Any, told: Mapping[str, Any], api: str, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where} is no object"
        return
    known, more = told.get("properties", {}), told.get("additionalProperties")
    for key, item in value.items():
        if key in known:
            yield from mismatches(item, known[key], api, f"{where}.{key}")
        elif more is not None:
            yield from mismatches(item, more, api, f"{where}.{key}")
        else:
            yield f"{where} has no {key}"


def _scalar(value: Any, told: Mapping[str, Any], where: str, *, from_query: bool = False) -> None:
    kind = told.get("type", "any")
    if kind == "string":
        fine = isinstance(value, str)
        if fine and told.get("format") in ("int64", "uint64"):
            fine = bool(NUMBER.fullmatch(value))
        if fine and told.get("enum") and value not in told["enum"]:
            raise Mismatch(f"{where} cannot be {value!r}")
    elif kind == "boolean":
        fine = value in ("true", "false") if from_query else isinstance(value, bool)
    elif kind == "integer":
        fine = bool(NUMBER.fullmatch(str(value))) and not isinstance(value, bool)
    elif kind == "number":
        fine = from_query or (isinstance(value, (int, float)) and not isinstance(value, bool))
    else:
        fine = True
    if not fine:
        raise Mismatch(f"{where} is no {kind}")
