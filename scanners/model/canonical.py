"""Canonical bytes and digests: equal settings give equal digests, whatever order the cloud sent them in."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, date, datetime
from typing import Any

import msgspec

_encoder = msgspec.json.Encoder(order="sorted")
_PLAIN = frozenset({str, int, float, bool, type(None)})


def clean(value: Any) -> Any:
    """A cloud's answer as plain JSON that Postgres can hold: times in ISO 8601, NUL and lone surrogates spelled out."""
    if isinstance(value, str):
        if "\x00" in value or not value.isascii():
            value = value.replace("\x00", "\\u0000").encode("utf-8", "backslashreplace").decode()
        return value
    if isinstance(value, dict):
        return {clean(str(key)): clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(item) for item in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    return value


def canonical(value: Any) -> bytes:
    """Sorted keys and order-free lists: clouds promise no order, and a shuffle is not a change."""
    return _encoder.encode(_ordered(value))


def digest(value: Any) -> bytes:
    """16 bytes of blake2b over the canonical form."""
    return hashlib.blake2b(canonical(value), digest_size=16).digest()


def _ordered(value: Any) -> Any:
    """Most of evidence is plain, and most lists hold one thing: neither is looked into or sorted."""
    if isinstance(value, dict):
        return {key: item if item.__class__ in _PLAIN else _ordered(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        items = [item if item.__class__ in _PLAIN else _ordered(item) for item in value]
        return sorted(items, key=_encoder.encode) if len(items) > 1 else items
    return value
