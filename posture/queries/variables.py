"""Variables of a resource, whose values are never kept: names, kinds of secrets, and where the same secret stands."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from posture.models import Resource

TWINS = 20  # resources that hold the same secret, at most
DEEPEST = 32


@dataclass(frozen=True, slots=True)
class Variable:
    """Of a value that is never kept: its name, what kind of secret it looks like, and where the same one stands."""

    name: str
    pointer: str
    secret: str
    same: tuple[tuple[int, str], ...]  # (resource id, "name/variable")


def variables(resource: Resource, body: dict[str, Any]) -> list[Variable]:
    """Wherever the door kept a name, a kind and a digest instead of a value."""
    found = list(_kept(body.get("documents", {})))
    secret = sorted({digest for *_, kind, digest in found if kind})
    twins = _twins(resource, secret) if secret else {}
    own: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for _, name, _, digest in found:
        own[digest].append((resource.pk, f"{resource.name}/{name}"))
    told = []
    for pointer, name, kind, digest in found:
        others = [place for place in own[digest] if place[1] != f"{resource.name}/{name}"]
        same = (*others, *twins.get(digest, ())) if kind else ()
        told.append(Variable(name, pointer, kind or "", same))
    return sorted(told, key=lambda variable: (not variable.secret, variable.name))


def _kept(value: Any, pointer: str = "", name: str = "", depth: int = 0) -> Iterator[tuple[str, str, str | None, str]]:
    """(pointer, name, kind of secret, digest).  Where variables are a list, each says its name beside its value."""
    if isinstance(value, dict) and value.keys() == {"secret", "digest"}:
        yield pointer, name, value["secret"], str(value["digest"])
    elif isinstance(value, (dict, list)) and depth < DEEPEST:
        listed = value.get("name") if isinstance(value, dict) else None
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            step = str(key).replace("~", "~0").replace("/", "~1")
            named = listed if key == "value" and isinstance(listed, str) else str(key)
            yield from _kept(item, f"{pointer}/{step}", named, depth + 1)


def _twins(resource: Resource, digests: list[str]) -> dict[str, list[tuple[int, str]]]:
    """Where else among the account's resources of this kind the same secrets stand."""
    found: dict[str, list[tuple[int, str]]] = defaultdict(list)
    with connection.cursor() as cursor:
        where: dict[str, Any] = {"account": resource.account_id, "kind": resource.kind, "self": resource.pk}
        cursor.execute(_SAME, {**where, "digests": json.dumps({"d": digests}), "most": TWINS})
        for pk, name, documents in cursor.fetchall():
            kept = json.loads(documents) if isinstance(documents, str) else documents
            for _, variable, kind, digest in _kept(kept):
                if kind and digest in digests:
                    found[digest].append((pk, f"{name}/{variable}"))
    return found


_SAME = """
    SELECT r.id, r.name, v.body->'documents'
    FROM posture_resource r JOIN posture_resourceversion v ON v.resource_id = r.id AND v.until_at IS NULL
    WHERE r.account_id = %(account)s AND r.kind = %(kind)s AND r.id <> %(self)s AND r.gone_at IS NULL
      AND jsonb_path_exists(v.body->'documents', '$.**.digest ? (@ == $d[*])', %(digests)s::jsonb)
    ORDER BY r.name, r.id LIMIT %(most)s
"""
