"""Parameters and answers made from botocore's shapes, and how answers look on the wire: the members all there or some
of them, lists of none, one and two, odd spellings, strangers in between.  Seeded: a failure comes again.
"""

from __future__ import annotations

import base64
import json
from random import Random
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as xml

DEEP = 9  # levels; shapes may contain themselves
MOMENTS = [
    "2026-11-22T10:41:32Z", "2026-11-22T10:41:32.5Z", "2026-11-22T10:41:32.123456Z", "2026-11-22T10:41:32+00:00",
    "2026-11-22T10:41:32.123456789Z", "20261122T104132Z", "Sun, 22 Nov 2026 10:41:32 GMT", "2026-11-22", "1795344092",
    "1795344092.25", "2026-02-30T00:00:00Z", "2026-11-22T24:00:00Z", "0001-01-01T00:00:00Z", "99999999999", "",
]  # fmt: skip
NUMBERED_MOMENTS = [1795344092, 1795344092.25, 0, -1, 4_000_000_000, 99_999_999_999, True, *MOMENTS]
TEXTS = ["a", "", " a b ", "ünï\u2603", "<&>\"'", "true", "0", "arn:aws:iam::111122223333:role/x", "a" * 300]
POLICIES = [quote('{"Version": "2012-10-17", "Statement": []}'), '{"a": 1}', "not json", "", quote("[1]"), "%zz"]
XMLNS = "http://a.namespace.example/doc/2026/"


def seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311  (chosen to be repeatable)


def parameters(shape: Any) -> dict[str, Any]:
    """What a call must at least be asked with."""
    return {name: parameter(shape.members[name], name) for name in shape.required_members} if shape else {}


def parameter(shape: Any, name: str) -> Any:
    if shape.type_name == "structure":
        return parameters(shape)
    if shape.type_name == "list":
        return [parameter(shape.member, name)]
    if shape.type_name == "map":
        return {"a": parameter(shape.value, name)}
    if name in ("AccountId", "Bucket"):
        return "111122223333" if name == "AccountId" else "a-bucket"
    numbers = {"integer": 7, "long": 7, "boolean": True, "timestamp": 1795344092, "blob": b"a"}
    text = f"a b/ü+{'x' * 20}".ljust(shape.metadata.get("min", 0), "x")
    return numbers.get(shape.type_name) or (shape.enum[0] if getattr(shape, "enum", ()) else text)


class Made:
    """One way to fill shapes: `many` items a list, a member there with a chance of `share`, odd things with `odd`."""

    def __init__(self, seed: int, *, many: int = 1, share: float = 1.0, odd: float = 0.0) -> None:
        self.random, self.many, self.share, self.odd = seeded(seed), many, share, odd

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def body(self, protocol: str, operation: Any) -> bytes:
        shape = operation.output_shape
        if shape is None:
            return b"" if "json" in protocol else b"<Nothing/>"
        payload = shape.serialization.get("payload")
        if "json" in protocol:
            inner = shape.members[payload] if payload else shape
            return json.dumps(self.json(inner, DEEP, protocol)).encode()
        if payload and shape.members[payload].type_name in ("string", "blob"):
            return self.random.choice(TEXTS).encode()
        if payload:
            member = shape.members[payload]
            return self.document(member.serialization.get("name", payload), member)
        if wrapper := shape.serialization.get("resultWrapper"):
            root = xml.Element(f"{{{XMLNS}}}{operation.name}Response")
            self.fill(xml.SubElement(root, f"{{{XMLNS}}}{wrapper}"), shape, DEEP)
            told = xml.SubElement(root, f"{{{XMLNS}}}ResponseMetadata")
            xml.SubElement(told, f"{{{XMLNS}}}RequestId").text = "a-request"
            return xml.tostring(root)
        return self.document(f"{operation.name}Response", shape)

    def document(self, name: str, shape: Any) -> bytes:
        root = xml.Element(f"{{{XMLNS}}}{name}")
        self.fill(root, shape, DEEP)
        return xml.tostring(root)

    def json(self, shape: Any, deep: int, protocol: str) -> Any:
        if self.chance(self.odd / 4):
            return self.random.choice([None, {}, [], "odd", 7, True, ["odd"], {"odd": None}, 1.5])
        if shape.type_name == "structure":
            found = {
                member.serialization.get("name", name): self.json(member, deep - 1, protocol)
                for name, member in shape.members.items()
                if deep and self.chance(self.share)
            }
            return {**found, "aStranger": {"a": [1]}, "__type": "x"} if self.chance(self.odd) else found
        if shape.type_name == "list":
            return [self.json(shape.member, deep - 1, protocol) for _ in range(self.many if deep else 0)]
        if shape.type_name == "map":
            return {f"k{n}": self.json(shape.value, deep - 1, protocol) for n in range(self.many if deep else 0)}
        if shape.type_name in ("integer", "long", "float", "double"):
            return self.random.choice([0, -5, 2**53 + 1, 1.5] if protocol == "json" else [0, -5, 7, 3.0])
        if shape.type_name == "timestamp":
            return self.random.choice(NUMBERED_MOMENTS if self.odd else NUMBERED_MOMENTS[:5])
        if shape.type_name == "boolean":
            return self.random.choice([True, False])
        if shape.type_name == "blob":
            return base64.b64encode(b"\x00\xff" * self.random.randint(0, 5)).decode()
        return self.random.choice(TEXTS)

    def fill(self, node: Any, shape: Any, deep: int) -> None:
        getattr(self, f"_{shape.type_name}", self._scalar)(node, shape, deep)
        if self.chance(self.odd / 20):
            xml.SubElement(node, self.random.choice(["aStranger", f"{{{XMLNS}}}member", "item"])).text = "odd"

    def _structure(self, node: Any, shape: Any, deep: int) -> None:
        for name, member in shape.members.items():
            if not deep or not self.chance(self.share):
                continue
            traits, tag = member.serialization, member.serialization.get("name", name)
            if traits.get("xmlAttribute"):
                node.set("{http://www.w3.org/2001/XMLSchema-instance}type", "CanonicalUser")
            elif traits.get("flattened") and member.type_name == "list":
                for _ in range(self.many):
                    named = member.member.serialization.get("name") or tag
                    self.fill(xml.SubElement(node, f"{{{XMLNS}}}{named}"), member.member, deep - 1)
            elif traits.get("flattened") and member.type_name == "map":
                for n in range(self.many):
                    self.entry(xml.SubElement(node, f"{{{XMLNS}}}{tag}"), member, n, deep - 1)
            elif not traits.get("location"):
                for _ in range(2 if self.chance(self.odd / 20) else 1):
                    self.fill(xml.SubElement(node, f"{{{XMLNS}}}{tag}"), member, deep - 1)

    def _list(self, node: Any, shape: Any, deep: int) -> None:
        for _ in range(self.many if deep else 0):
            tag = shape.member.serialization.get("name") or "member"
            self.fill(xml.SubElement(node, f"{{{XMLNS}}}{tag}"), shape.member, deep - 1)

    def _map(self, node: Any, shape: Any, deep: int) -> None:
        for n in range(self.many if deep else 0):
            self.entry(xml.SubElement(node, f"{{{XMLNS}}}entry"), shape, n, deep - 1)

    def entry(self, node: Any, shape: Any, n: int, deep: int) -> None:
        xml.SubElement(node, f"{{{XMLNS}}}{shape.key.serialization.get('name') or 'key'}").text = f"k{n}"
        self.fill(
            xml.SubElement(node, f"{{{XMLNS}}}{shape.value.serialization.get('name') or 'value'}"), shape.value, deep
        )

    def _scalar(self, node: Any, shape: Any, _: int) -> None:
        texts = {
            "boolean": ["true", "false", "True", "1", ""] if self.odd else ["true", "false"],
            "integer": ["0", "-5", " 7 ", "x", ""] if self.odd else ["0", "-5"],
            "timestamp": MOMENTS if self.odd else MOMENTS[:4],
            "blob": ["AP8=", ""],
            "float": ["0.5", "-1e3"],
        }
        kind = {"long": "integer", "double": "float"}.get(shape.type_name, shape.type_name)
        policies = POLICIES if self.odd else POLICIES[:1]
        node.text = self.random.choice(policies if shape.name == "policyDocumentType" else texts.get(kind, TEXTS))


def spoilt(body: bytes, random: Random) -> bytes:
    """The same body as a bad road leaves it, or as somebody else would write it."""
    at = random.randrange(len(body) + 1)
    return random.choice(
        [
            body[:at],
            body + b"\n",
            b"\xef\xbb\xbf" + body,
            body.replace(b"{", b"[", 1),
            body.replace(b"Response", b"Answer", 2),
            b"<html><body><h1>502</h1></body></html>",
            b"<html><br></html>",
            body[:at] + b"\xff" + body[at:],
            body[:at] + b"\x00" + body[at:],
            b"null", b"[]", b'"text"', b"{}", b"", b" ", b"NaN", b'{"a":"\\ud800"}', b"[" * 3000, b"<a>" * 3000,
        ]
    )  # fmt: skip
