"""Where each call goes: verb, address and query names, as Google's discovery documents have them.

routes.json is made by `python -m posture.runtime.sample.gcp.trim` from the call tables and those documents.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import msgspec

from scanners.collectors.cloud import Paging, Params, Refusal
from scanners.model import State


class Route(msgspec.Struct, frozen=True):
    """`path` has {simple} and {+reserved} places, of which the second may hold slashes (RFC 6570)."""

    method: str  # the method's id: "run.projects.locations.services.list"
    verb: str
    host: str  # "run.googleapis.com"
    path: str  # "v2/{+parent}/services"
    query: tuple[str, ...]
    takes_body: bool
    page: tuple[str, str] | None  # the request's token field, and where the answer keeps the next one

    @property
    def paging(self) -> Paging | None:
        return Paging((self.page[0],), (self.page[1],)) if self.page else None

    def address(self, params: Params) -> tuple[str, dict[str, Any]]:
        """(path, query).  Raises Refusal for a name that would lead elsewhere, KeyError for one that lacks."""
        path, query = self.path, dict(params)
        for name in places(self.path):
            value = str(query.pop(name.lstrip("+")))
            if any(unquote(step) in ("", ".", "..") for step in value.split("/")):
                raise Refusal(State.PARSE_ERROR, "NotAnAddress", f"{name} cannot stand in an address")
            path = path.replace(f"{{{name}}}", quote(value, safe="/@$!*,=~%" if name.startswith("+") else "~"))
        if unknown := query.keys() - {*self.query, "body"}:
            raise KeyError(f"{self.method} takes no {', '.join(sorted(unknown))}")
        return path, query


def places(path: str) -> list[str]:
    return [part.partition("}")[0] for part in path.split("{")[1:]]


@cache
def routes() -> dict[str, Route]:
    """By call name."""
    return msgspec.json.decode(Path(__file__).with_suffix(".json").read_bytes(), type=dict[str, Route])
