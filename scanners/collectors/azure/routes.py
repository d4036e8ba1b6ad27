"""Where each call goes: plane, verb, address, API version and query names, as Microsoft's own clients have them.

routes.json is made by `python -m posture.runtime.sample.azure.trim` from the call tables and the azure-mgmt wheels
(Microsoft Graph: the request builders of msgraph-sdk).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import msgspec

from scanners.collectors.cloud import Paging, Params, Refusal
from scanners.model import State

ID = "id"  # the parameter that stands for all places of an address that a resource's id fills


class Route(msgspec.Struct, frozen=True):
    """`path` has {simple} and {+reserved} places, of which the second may hold slashes."""

    plane: str  # "arm" or "graph"
    verb: str
    path: str  # "/subscriptions/{subscriptionId}/providers/Microsoft.Web/sites"
    query: tuple[str, ...]
    version: str  # of the API; Graph has it in the path
    takes_body: bool
    page: tuple[str, str] | None  # where the next page is asked, and where the answer says so

    @property
    def paging(self) -> Paging | None:
        return Paging((self.page[0],), (self.page[1],)) if self.page else None

    def address(self, params: Params) -> tuple[str, dict[str, Any]]:
        """(path, query).  Raises Refusal for a name that would lead elsewhere, KeyError for one that lacks."""
        query = dict(params)
        if ID in query:
            query = {**self._filled(str(query.pop(ID))), **query}
        path = self.path
        for name in places(self.path):
            value = str(query.pop(name.lstrip("+"))).strip("/")
            if any(unquote(step) in ("", ".", "..") for step in value.split("/")):
                raise _elsewhere(name)
            path = path.replace(f"{{{name}}}", quote(value, safe="/" if name.startswith("+") else ""))
        if unknown := query.keys() - {*self.query, "body"}:
            raise KeyError(f"{self.path} takes no {', '.join(sorted(unknown))}")
        return path, query

    def _filled(self, id: str) -> dict[str, Any]:
        """The places that a resource's id fills: its steps are those that the address begins with."""
        wanted, told = self.path.strip("/").split("/"), id.strip("/").split("/")
        if len(told) > len(wanted):
            raise _elsewhere(ID)
        filled = {}
        for place, step in zip(wanted, told, strict=False):
            if place.startswith("{"):
                filled[place.strip("{}")] = step
            elif place.casefold() != step.casefold():
                raise _elsewhere(ID)
        return filled


def _elsewhere(name: str) -> Refusal:
    return Refusal(State.PARSE_ERROR, "NotAnAddress", f"{name} cannot stand in an address")


def places(path: str) -> list[str]:
    return [part.partition("}")[0] for part in path.split("{")[1:]]


@cache
def routes() -> dict[str, Route]:
    """By call name."""
    return msgspec.json.decode(Path(__file__).with_suffix(".json").read_bytes(), type=dict[str, Route])
