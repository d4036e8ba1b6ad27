"""The statements that decided, as people read them: where each stands, what it says, what it did."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scanners.access.explorer import Via, Written
from scanners.graph.judging import Judged

LAYERS = {
    "identity": "identity policy",
    "boundary": "permissions boundary",
    "resource": "resource policy",
    "grant": "grant or access list",
    "vpce": "policy of an endpoint",
    "scp": "service control policy",
    "rcp": "resource control policy",
}


@dataclass(frozen=True, slots=True)
class Deciding:
    """`statement` is the JSON as written; `pointer` its place in the evidence of `ref`, empty where it has none."""

    effect: str  # Allow or Deny
    layer: str
    policy: str
    sid: str
    statement: Any
    ref: str = ""
    pointer: str = ""

    @property
    def text(self) -> str:
        return json.dumps(self.statement, indent=2, default=str)

    @property
    def named(self) -> str:
        """The role that a binding gives, else the policy."""
        role = self.statement.get("role") if isinstance(self.statement, dict) else None
        return role if isinstance(role, str) else self.policy

    @property
    def likeness(self) -> str:
        return json.dumps([self.effect, self.layer, self.statement], sort_keys=True, default=str)


def deciding(judged: Judged) -> Iterator[Deciding]:
    """Of callers from outside only what this side says: what their own account allows is not evidence."""
    for one in judged.both:
        yield from _deciding(one)


def _deciding(judged: Judged) -> Iterator[Deciding]:
    for found in judged.decision.because:
        layer = str(found["layer"])
        if layer == "identity" and judged.standing is None:
            continue
        place, level, number = found["policy"], found.get("level"), found["statement"]
        if not isinstance(place, int) or not isinstance(number, int):
            continue
        written = judged.written(layer, level if isinstance(level, int) else None, place)
        statement, step = _statement(written, number)
        pointer = f"{written.pointer}{step}" if written.pointer else ""
        words = LAYERS.get(layer, layer)
        yield Deciding(str(found["effect"]), words, written.name, str(found.get("sid", "")), statement,
                       written.ref, pointer)  # fmt: skip


def _statement(written: Written, number: int) -> tuple[Any, str]:
    """(the statement, its step from the document)"""
    document = written.document
    if written.reads is not None:
        return document, ""
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except (ValueError, RecursionError):
            return document, ""
    rows = document.get("Statement") if isinstance(document, dict) else None
    if isinstance(rows, list):
        return (rows[number], f"/Statement/{number}") if number < len(rows) else (None, "")
    return rows, "/Statement"


def as_told(via: Via) -> Deciding:
    """What an engine of any cloud says decided, with the statement as written."""
    statement = _at(via.written.document, mark_in(via.written, via.mark))
    return Deciding(via.effect, via.layer, via.written.name, via.sid, statement, via.written.ref, via.written.pointer)


def mark_in(written: Written, mark: str) -> str:
    """A pointer into a policy's document; one that begins at the evidence is cut."""
    within = mark.removeprefix(written.pointer) if written.pointer else mark
    return within if within.startswith("/") or not within else mark


def _at(document: Any, mark: str) -> Any:
    """What stands at a JSON pointer; the whole document where there is no such place."""
    found = document
    if isinstance(found, str):
        try:
            found = json.loads(found)
        except (ValueError, RecursionError):
            return document
    for step in mark.split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and step in found:
            found = found[step]
        elif isinstance(found, list) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        else:
            return document
    return found
