"""Readers of answers, compiled once an operation from botocore's output shapes.

They give what botocore's parsers give, quicker (a tenth of the time for large answers), or raise `Odd`: then botocore
parses, and says what is wrong or how it understands the oddity.  So a reader must be right only where it answers.
tests/house/test_wire.py compares both on answers made from every declared call's shape.
Limits: members in headers or in a payload, XML attributes, event streams and unions are left to botocore.
"""

from __future__ import annotations

import base64
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import ParseError, XMLParser

from botocore.utils import parse_timestamp

Read = Callable[[Any], Any]
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z", re.ASCII)
_POLICY = "policyDocumentType"  # IAM's: URL-encoded JSON, which botocore decodes after the call
_NUMBERS: dict[str, Callable[[Any], Any]] = {"integer": int, "long": int, "float": float, "double": float}
_ODD_TRAITS = ("location", "xmlAttribute", "eventstream", "payload", "eventheader", "eventpayload", "jsonvalue")


class Odd(Exception):
    """Not as the shape promises: botocore decides what it means."""


class Unread(Exception):
    """A shape that is left to botocore."""


def moment(value: Any) -> datetime:
    """A timestamp in any of AWS's formats; the common ones without botocore's guessing."""
    if isinstance(value, str) and _ISO.fullmatch(value):
        return datetime.fromisoformat(value)
    if type(value) in (int, float) and 0 <= value < 2**33:
        return datetime.fromtimestamp(value, UTC)
    parsed: datetime = parse_timestamp(value)
    return parsed


def reader(protocol: str, operation: Any) -> Read | None:
    """What reads an operation's body (XML: bytes; JSON: the decoded value) to a dictionary; None: botocore does.

    A reader raises Odd, or whatever odd values cause in Python's own conversions.
    """
    shape = operation.output_shape
    if shape is None or protocol not in ("query", "ec2", "json", "rest-json"):
        return None
    decoded = protocol == "query" and operation.service_model.service_name == "iam"
    shapes = _Xml(policies=decoded) if protocol in ("query", "ec2") else _Json(strict=protocol == "rest-json")
    try:
        read = shapes.of(shape)
    except Unread:
        return None
    return shapes.body(shape, read)


class _Shapes(ABC):
    """Compiles shapes; a structure once, so that shapes may contain themselves."""

    def __init__(self) -> None:
        self._structures: dict[str, Read] = {}

    def of(self, shape: Any) -> Read:
        if any(trait in shape.serialization for trait in _ODD_TRAITS) or shape.metadata.get("exception"):
            raise Unread(shape.name)
        compiled: Read = getattr(self, f"_{shape.type_name}", self._scalar)(shape)
        return compiled

    def _structure(self, shape: Any) -> Read:
        if shape.is_tagged_union or shape.is_document_type:
            raise Unread(shape.name)
        if shape.name not in self._structures:
            table: dict[str, Any] = {}
            read = self._structures[shape.name] = self._of_members(table)
            for name, member in shape.members.items():
                self._member(table, name, member)
            return read
        return self._structures[shape.name]

    @abstractmethod
    def _of_members(self, table: dict[str, Any]) -> Read: ...

    @abstractmethod
    def _member(self, table: dict[str, Any], name: str, member: Any) -> None: ...

    @abstractmethod
    def _scalar(self, shape: Any) -> Read: ...

    @abstractmethod
    def body(self, shape: Any, read: Read) -> Read: ...


class _Json(_Shapes):
    """`strict`: rest-json, whose numbers botocore converts."""

    def __init__(self, *, strict: bool) -> None:
        super().__init__()
        self._strict = strict

    def body(self, shape: Any, read: Read) -> Read:
        return read

    def _of_members(self, table: dict[str, Any]) -> Read:
        def structure(value: Any) -> Any:
            if value is None:
                return None
            if type(value) is not dict:
                raise Odd
            found = {}
            for key, said in value.items():
                if said is not None and key in table:
                    name, read = table[key]
                    found[name] = read(said) if read else said
            return found

        return structure

    def _member(self, table: dict[str, Any], name: str, member: Any) -> None:
        key = member.serialization.get("name", name)
        if key in table:
            raise Unread(key)
        table[key] = name, self._or_none(self.of(member))

    def _list(self, shape: Any) -> Read:
        read = self._or_none(self.of(shape.member))

        def items(value: Any) -> list[Any]:
            if type(value) is not list:
                raise Odd
            return [item if item is None else read(item) for item in value] if read else value

        return items

    def _map(self, shape: Any) -> Read:
        if self.of(shape.key) is not _same:
            raise Unread(shape.name)
        read = self._or_none(self.of(shape.value))

        def entries(value: Any) -> dict[str, Any]:
            if type(value) is not dict:
                raise Odd
            return {key: read(item) for key, item in value.items()} if read else value

        return entries

    def _scalar(self, shape: Any) -> Read:
        if shape.type_name == "timestamp":
            return moment
        if shape.type_name == "blob":
            return base64.b64decode
        if self._strict and shape.type_name in _NUMBERS:
            return _NUMBERS[shape.type_name]
        return _boolean_of if self._strict and shape.type_name == "boolean" else _same

    @staticmethod
    def _or_none(read: Read) -> Read | None:
        """None for what stays as it is, so that it is not called."""
        return None if read is _same else read


class _Xml(_Shapes):
    """`policies`: strings of the shape policyDocumentType are decoded."""

    def __init__(self, *, policies: bool) -> None:
        super().__init__()
        self._policies = policies

    def body(self, shape: Any, read: Read) -> Read:
        wrapper = shape.serialization.get("resultWrapper")

        def document(body: bytes) -> Any:
            parser = XMLParser(encoding="utf-8")  # noqa: S314  (as botocore reads it; expat of today bounds entities)
            try:
                parser.feed(body)
                root = parser.close()
            except ParseError as broken:
                raise Odd from broken
            if wrapper:
                found = [child for child in root if _tag(child) == wrapper]
                if len(found) != 1:
                    raise Odd
                return read(found[0])
            return read(root)

        return document

    def _of_members(self, table: dict[str, Any]) -> Read:
        spelled: dict[str, Any] = {}  # tags as they come, with their namespace → entry or None

        def structure(node: Any) -> dict[str, Any]:
            found: dict[str, Any] = {}
            for child in node:
                tag = child.tag
                try:
                    entry = spelled[tag]
                except KeyError:
                    entry = table.get(_tag(child))
                    if len(spelled) < 1000:  # tags are the cloud's to choose
                        spelled[tag] = entry
                if entry is None:
                    continue
                name, read, repeated = entry
                if repeated:
                    found.setdefault(name, []).append(child)
                elif name in found:
                    raise Odd
                else:
                    found[name] = read(child)
            for name, read in flat:
                if name in found:
                    found[name] = read(found[name])
            return found

        flat = _Flat(table)
        return structure

    def _member(self, table: dict[str, Any], name: str, member: Any) -> None:
        flattened = bool(member.serialization.get("flattened")) and member.type_name in ("list", "map")
        key = member.serialization.get("name", name)
        if flattened and member.type_name == "list":
            key = member.member.serialization.get("name") or key
        if key in table:
            raise Unread(key)
        table[key] = name, self.of(member), flattened

    def _list(self, shape: Any) -> Read:
        read = self.of(shape.member)
        return lambda nodes: [read(node) for node in nodes]

    def _map(self, shape: Any) -> Read:
        key, value = self.of(shape.key), self.of(shape.value)
        named = shape.key.serialization.get("name") or "key"
        holds = shape.value.serialization.get("name") or "value"

        def entries(nodes: Any) -> dict[Any, Any]:
            found = {}
            for entry in nodes:
                pair = {_tag(node): node for node in entry}
                if len(entry) != 2 or pair.keys() != {named, holds}:
                    raise Odd
                found[key(pair[named])] = value(pair[holds])
            return found

        return entries

    def _scalar(self, shape: Any) -> Read:
        kind = shape.type_name
        if kind in ("string", "character"):
            return _policy if self._policies and shape.name == _POLICY and kind == "string" else _text
        if kind == "boolean":
            return lambda node: node.text == "true"
        if kind not in _SCALARS:
            raise Unread(kind)
        convert = _SCALARS[kind]
        return lambda node: convert(node.text or "")


class _Flat:
    """The repeated members of a structure's table, known once it is full."""

    def __init__(self, table: dict[str, Any]) -> None:
        self._table = table
        self._found: list[tuple[str, Read]] | None = None

    def __iter__(self) -> Any:
        if self._found is None:
            self._found = [(name, read) for name, read, repeated in self._table.values() if repeated]
        return iter(self._found)


_SCALARS: dict[str, Callable[[str], Any]] = {**_NUMBERS, "timestamp": moment, "blob": base64.b64decode}


def _same(value: Any) -> Any:
    return value


def _boolean_of(value: Any) -> bool:
    if type(value) is not bool:
        raise Odd
    return value


def _text(node: Any) -> str:
    text: str = node.text or ""
    return text


def _policy(node: Any) -> Any:
    return json.loads(unquote(node.text or ""))


def _tag(node: Any) -> str:
    tag: str = node.tag
    return tag.rpartition("}")[2]
