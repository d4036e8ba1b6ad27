"""Policy documents as JSON brings them, read tolerantly: what cannot be understood is named, and never crashes.

A statement with a flaw is neither dropped nor believed: whether it applies is MAYBE.  A document may be a text, which
may be URL-encoded as IAM's API sends it.  Duplicate keys in a text: the last one counts, as for IAM, and is a flaw.
Source: "Grammar of the IAM JSON policy language" (IAM User Guide).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from scanners.access.aws.conditions import ALWAYS, Atom, Condition, atom, condition
from scanners.access.aws.context import text

_LONGEST = 2_000_000  # characters of a document; IAM's own limits are far below


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as written.  `None` where the element is absent; `flaws` in plain words."""

    place: int
    sid: str | None
    allows: bool
    denies: bool
    actions: tuple[str, ...] | None
    not_actions: tuple[str, ...] | None
    resources: tuple[str, ...] | None
    not_resources: tuple[str, ...] | None
    principal: Any
    not_principal: Any
    condition: Condition
    flaws: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Document:
    variables: bool  # version 2012-10-17
    statements: tuple[Statement, ...]
    flaws: tuple[str, ...] = ()


_ELEMENTS = {
    "sid", "effect", "action", "notaction", "resource", "notresource", "principal", "notprincipal", "condition",
}  # fmt: skip


def read(source: object) -> Document:
    """Any value at all: a parsed document, its text, or nonsense."""
    if isinstance(source, (str, bytes)):
        source, flaw = _parsed(source)
        if flaw:
            return Document(False, (unreadable(flaw),), (flaw,))
    if not isinstance(source, dict):
        flaw = "the document is no JSON object"
        return Document(False, (unreadable(flaw),), (flaw,)) if source is not None else Document(False, ())
    elements = {str(key).lower(): value for key, value in source.items()}
    variables = elements.get("version") == "2012-10-17"
    written = elements.get("statement", [])
    rows = written if isinstance(written, list) else [written]
    return Document(variables, tuple(_statement(place, row, variables) for place, row in enumerate(rows)))


def _parsed(source: str | bytes) -> tuple[Any, str | None]:
    try:
        raw = source.decode() if isinstance(source, bytes) else source
        if len(raw) > _LONGEST:
            return None, "the document is longer than any that AWS takes"
        if raw.lstrip()[:3].upper() == "%7B":
            raw = unquote(raw)
        return json.loads(raw, object_pairs_hook=_pairs), None
    except (ValueError, RecursionError):
        return None, "the document is no JSON"


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        found["\0duplicate"] = True
    return found


def unreadable(flaw: str) -> Statement:
    """It may allow or deny anything to anyone."""
    return Statement(0, None, True, True, ("*",), None, ("*",), None, "*", None, ALWAYS, (flaw,))


def _statement(place: int, row: object, variables: bool) -> Statement:
    if not isinstance(row, dict):
        return unreadable("a statement is no JSON object")
    elements = {str(key).lower(): value for key, value in row.items()}
    flaws = [f"{key!r} is no element of a statement" for key in elements if key not in _ELEMENTS and key[0:1] != "\0"]
    if any(str(key).startswith("\0") for key in row):
        flaws.append("an element is written twice")
    effect = elements.get("effect")
    if effect not in ("Allow", "Deny"):
        flaws.append("Effect is neither Allow nor Deny")
    lists = {
        name: _texts(elements[name], name, flaws) if name in elements else None
        for name in ("action", "notaction", "resource", "notresource")
    }
    flaws.extend(
        f"{name} and not{name} stand together"
        for name in ("action", "resource", "principal")
        if name in elements and f"not{name}" in elements
    )
    if lists["action"] is None and lists["notaction"] is None:
        flaws.append("no action is named")
    return Statement(
        place=place,
        sid=elements["sid"] if isinstance(elements.get("sid"), str) else None,
        allows=effect != "Deny",
        denies=effect != "Allow",
        actions=lists["action"],
        not_actions=lists["notaction"],
        resources=lists["resource"],
        not_resources=lists["notresource"],
        principal=elements.get("principal"),
        not_principal=elements.get("notprincipal"),
        condition=read_condition(elements.get("condition"), variables=variables),
        flaws=tuple(flaws),
    )


def _texts(value: object, name: str, flaws: list[str]) -> tuple[str, ...]:
    rows = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) for one in rows):
        flaws.append(f"a value of {name} is no text")
    return tuple(one for one in rows if isinstance(one, str))


def read_condition(block: object, *, variables: bool = True) -> Condition:
    """A Condition block: {operator: {key: value or values}}."""
    if block is None:
        return ALWAYS
    if not isinstance(block, dict):
        return condition((), "Condition is no JSON object")
    atoms: list[Atom] = []
    flaw = None
    for operator, keys in block.items():
        if not isinstance(keys, dict):
            flaw = "a condition names no keys"
            continue
        for key, values in keys.items():
            rows = values if isinstance(values, list) else [values]
            if str(key).startswith("\0") or str(operator).startswith("\0"):
                flaw = "a condition is written twice"
                continue
            if not all(isinstance(one, (str, bool, int, float)) for one in rows):
                flaw = "a value of a condition is no text"
            texts = tuple(text(one) for one in rows if isinstance(one, (str, bool, int, float)))
            one = atom(str(operator), str(key), texts, variables)
            if not one.understood:
                flaw = f"{str(operator)[:60]!r} is no condition operator"
            atoms.append(one)
    return condition(tuple(atoms), flaw)
