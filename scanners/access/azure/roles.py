"""Roles as they are weighed: patterns of actions, less patterns, on each of the two planes.

A star stands for any text, slashes as well; case does not matter ("Understand Azure role definitions", read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from scanners.model import Node
from scanners.model.globs import matches

REMEMBERED = 20_000  # actions


@dataclass(frozen=True, slots=True)
class Patterns:
    """`names` and `wild` in small letters, `texts` as they are written."""

    names: frozenset[str] = frozenset()
    wild: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    def cover(self, action: str) -> bool:
        """`action` in small letters."""
        return action in self.names or any(matches(one, action) for one in self.wild)

    @classmethod
    def of(cls, told: Iterable[Node]) -> Patterns:
        return cls.told(one.text() for one in told)

    @classmethod
    def told(cls, patterns: Iterable[str]) -> Patterns:
        texts = tuple(dict.fromkeys(patterns))
        low = {one.casefold() for one in texts}
        stars = tuple(sorted(one for one in low if "*" in one))
        return cls(frozenset(low.difference(stars)), stars, texts)


@dataclass(frozen=True, slots=True)
class Permission:
    """One entry of a role's permissions, or of a denial's.  `condition` None: none."""

    actions: Patterns
    less: Patterns
    data: Patterns
    less_data: Patterns
    condition: Any = None

    def covers(self, action: str, *, data: bool) -> bool:
        if data:
            return self.data.cover(action) and not self.less_data.cover(action)
        return self.actions.cover(action) and not self.less.cover(action)

    @classmethod
    def of(cls, told: Node) -> Permission:
        names = ("actions", "notActions", "dataActions", "notDataActions")
        actions, less, data, less_data = (Patterns.of(told[name]) for name in names)
        return cls(actions, less, data, less_data, told["condition"].value)


@dataclass(frozen=True, eq=False)
class Role:
    """`id` as assignments name it, in small letters; `document` as Azure tells it."""

    id: str
    name: str
    built_in: bool
    permissions: tuple[Permission, ...]
    ref: str = ""
    document: Any = None
    _gives: dict[tuple[str, bool], tuple[Permission, ...]] = field(default_factory=dict, repr=False)

    def gives(self, action: str, *, data: bool) -> tuple[Permission, ...]:
        """The permissions that have an action, in small letters."""
        key = (action, data)
        if (found := self._gives.get(key)) is None:
            if len(self._gives) > REMEMBERED:
                self._gives.clear()
            found = tuple(one for one in self.permissions if one.covers(action, data=data))
            self._gives[key] = found
        return found

    @classmethod
    def of(cls, id: str, told: Node, ref: str = "") -> Role:
        """Raises Unread for one that is not as Azure tells roles."""
        permissions = tuple(Permission.of(one) for one in told["permissions"])
        name = told["roleName"].value
        kind = told["type"].value
        return cls(id, name if isinstance(name, str) else id, kind == "BuiltInRole", permissions, ref, told.value)
