"""Which permissions principal access boundaries can block, by enforcement version.

A version blocks all that the versions before it do; what a row spares, a later row may block.
Source: "Permissions that principal access boundary policies block" (IAM documentation), read 2026-11.

Limits: what `latest` means is dated; versions that came later are known to block at least as much.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

Patterns = dict[str, str]  # service → resource.verb, parted by blanks


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    blocks: Patterns
    spares: Patterns

    def texts(self, field: str) -> tuple[str, ...]:
        """As deny policies spell permissions: "iam.googleapis.com/roles.*"."""
        told: Patterns = getattr(self, field)
        return tuple(
            f"{service}.googleapis.com/{one}" for service, patterns in told.items() for one in patterns.split()
        )


class Versions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    about: str
    source: str
    dated: str
    default: str
    versions: dict[str, Row]

    @property
    def newest(self) -> int:
        return max(map(int, self.versions))


@cache
def versions() -> Versions:
    return msgspec.json.decode(Path(__file__).with_suffix(".json").read_bytes(), type=Versions)
