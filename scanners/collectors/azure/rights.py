"""What our own credentials may do: read from role assignments, because Resource Graph does not say what it leaves out.

A query answers with the rows that the caller may read, and without a word about the others ("Resource Graph overview:
Permissions", read 2026-11).  So its answer is a whole one only where the caller may read that kind in the whole
subscription, and this is what is found out first.

Limits: a deny assignment below the subscription could still hide rows; conditions are not met on reads of settings.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from scanners.model.globs import matches

Definition = Mapping[str, Any]  # as Resource Manager tells a role


def allows(definition: Definition, action: str) -> bool:
    """Whether one of the role's permissions names the action and does not take it away again."""
    for one in (definition.get("properties") or {}).get("permissions") or ():
        if _any(one.get("actions"), action) and not _any(one.get("notActions"), action):
            return True
    return False


def unseen(definitions: Iterable[Definition], actions: Iterable[str]) -> list[str]:
    """Of these actions those that none of the roles allows."""
    held = list(definitions)
    return [action for action in actions if not any(allows(one, action) for one in held)]


def _any(patterns: Any, action: str) -> bool:
    return any(matches(str(pattern), action) for pattern in patterns or ())
