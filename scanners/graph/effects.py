"""What a scan keeps of everybody's access: the actions a principal can surely and possibly do, and the statements that
give and bound them.

Statements are kept once for all who share them, by digest; a principal's own row says where each stands.  A row's
digest is of everything in it, so that equal access gives equal rows, and a new catalogue of actions gives new ones.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec

from scanners.access.aws import catalogue, effective
from scanners.access.aws.conditions import Condition
from scanners.access.aws.policies import Group, Rule
from scanners.access.explorer import Written
from scanners.access.truth import NO, YES
from scanners.graph.standing import Standing

_json = msgspec.json.Encoder(order="sorted")


@dataclass(frozen=True, slots=True)
class Kept:
    """One principal's access.  `stands`: {layer, level, policy, ref, statement, sid, grant: hex digest}."""

    arn: str
    digest: bytes
    sure: bytes
    possible: bytes
    stands: tuple[dict[str, Any], ...]
    doubts: tuple[str, ...]


@cache
def catalogue_digest() -> bytes:
    """Of the actions in their order: a bitmap can only be read with the catalogue it was made by."""
    return hashlib.blake2b("\n".join(catalogue().names).encode(), digest_size=16).digest()


def digest(value: Any) -> bytes:
    """Lists keep their order here: documents are read as they are stored, and stored anew only when they changed."""
    return hashlib.blake2b(_json.encode(value), digest_size=16).digest()


def packed(bitmap: int) -> bytes:
    """Most bitmaps are nearly empty or nearly full: some hundred bytes of 2,500."""
    return zlib.compress(bitmap.to_bytes(len(catalogue().names) // 8 + 1, "little"), 6)


def unpacked(raw: bytes) -> int:
    return int.from_bytes(zlib.decompress(raw), "little")


class Keeper:
    """Makes rows; `grants` collects the statements that they speak of, by digest."""

    def __init__(self) -> None:
        self.grants: dict[bytes, dict[str, Any]] = {}
        self._known: dict[tuple[Rule, bool], bytes] = {}

    def keep(self, one: Standing) -> Kept:
        found = effective(one.who, one.layers, one.context)
        stands = tuple(self._stands(one))
        doubts = tuple(doubt.because for doubt in one.doubts)
        sure, possible = packed(found.sure), packed(found.possible)
        seen = digest([catalogue_digest().hex(), sure.hex(), possible.hex(), stands, doubts])
        return Kept(one.arn, seen, sure, possible, stands, doubts)

    def _stands(self, one: Standing) -> Iterator[dict[str, Any]]:
        layers = one.layers
        boundary = [] if layers.boundary is None else [(layers.boundary, None, one.boundary or ())]
        scps = [(group, level, one.scps[level]) for level, group in enumerate(layers.scps)]
        for group, level, written in ((layers.identity, None, one.identity), *boundary, *scps):
            yield from self._of(one, group, level, written)

    def _of(
        self, one: Standing, group: Group, level: int | None, written: tuple[Written, ...]
    ) -> Iterator[dict[str, Any]]:
        for place, rule in group.places():
            holds = rule.condition.evaluate(one.context)
            if holds == NO:
                continue
            source = written[place]
            found: dict[str, Any] = {
                "layer": group.kind,
                "policy": source.name,
                "ref": source.ref,
                "statement": rule.statement.place,
                "grant": self._grant(rule, sure=holds == YES and not rule.flaw).hex(),
            }
            if level is not None:
                found["level"] = level
            if rule.statement.sid is not None:
                found["sid"] = rule.statement.sid
            yield found

    def _grant(self, rule: Rule, *, sure: bool) -> bytes:
        known = self._known.get((rule, sure))
        if known is None:
            body = statement(rule) | {"sure": sure}
            known = self._known[rule, sure] = digest(body)
            self.grants[known] = body
        return known


def statement(rule: Rule) -> dict[str, Any]:
    """A statement as JSON: {effect, actions or not_actions, resources or not_resources, condition, unknown}."""
    said = rule.statement
    effect = "Allow" if not rule.denies else "Deny" if not rule.allows else "Allow or Deny"
    found: dict[str, Any] = {"effect": effect}
    for name in ("actions", "not_actions", "resources", "not_resources"):
        if (texts := getattr(said, name)) is not None:
            found[name] = list(texts)
    if (block := condition(said.condition)) is not None:
        found["condition"] = block
    if rule.flaw:
        found["unknown"] = rule.flaw
    return found


def condition(said: Condition) -> dict[str, Any] | None:
    """As policies write it; None where nothing is demanded."""
    block: dict[str, Any] = {}
    for atom in said.atoms:
        for operator, keys in atom.as_condition().items():
            block.setdefault(operator, {}).update(keys)
    return block or None
