"""The policies that AWS manages, by ARN, as of a date: what an attached `arn:aws:iam::aws:policy/…` says.

A snapshot for accounts that could not be asked and for questions without an account; what a scan collected goes before
it.  Source: the list that moto 5.2.5 carries (Apache-2.0), made from iam:GetPolicyVersion; `snapshot().read_on` says
when.  The file is frames of zstandard, JSON in each: a heading with the place of every policy, then blocks of policies,
so that one policy costs one block.  `python -m posture.management.managed_policies` writes it anew.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import zstandard

FILE = Path(__file__).with_name("aws_managed_policies.json.zst")
_BLOCK = 16  # policies in a block: 2 KB to read for one policy


@dataclass(frozen=True, slots=True)
class Snapshot:
    read_on: str  # when the newest of the policies was last changed, ISO 8601
    source: str
    places: dict[str, tuple[int, int]]  # name with path: (block, place in it)
    blocks: tuple[tuple[int, int], ...]  # (first byte, bytes)
    frames: bytes


@cache
def snapshot() -> Snapshot:
    raw = FILE.read_bytes()
    reader = zstandard.ZstdDecompressor().decompressobj()
    heading = json.loads(reader.decompress(raw))
    frames = reader.unused_data
    places = {name: (number // _BLOCK, number % _BLOCK) for number, name in enumerate(heading["names"])}
    blocks, start = [], 0
    for size in heading["sizes"]:
        blocks.append((start, size))
        start += size
    return Snapshot(heading["read_on"], heading["source"], places, tuple(blocks), frames)


def document(arn: str) -> dict[str, Any] | None:
    """The policy document of an AWS managed policy in any partition; None when the snapshot does not have it."""
    head, found, name = arn.partition(":iam::aws:policy/")
    place = snapshot().places.get(name) if found and head.startswith("arn:aws") else None
    if place is None:
        return None
    policy: dict[str, Any] = json.loads(_block(place[0])[place[1]])
    return policy


def arns() -> tuple[str, ...]:
    return tuple(f"arn:aws:iam::aws:policy/{name}" for name in snapshot().places)


@lru_cache(maxsize=32)
def _block(number: int) -> tuple[str, ...]:
    start, size = snapshot().blocks[number]
    raw = zstandard.ZstdDecompressor().decompress(snapshot().frames[start : start + size])
    return tuple(raw.decode().splitlines())


def packed(documents: dict[str, Any], *, read_on: str, source: str) -> bytes:
    """The bytes of a snapshot: documents by name with path (`service-role/AWSConfigRole`)."""
    names = sorted(documents)
    lines = [json.dumps(documents[name], separators=(",", ":"), sort_keys=True) for name in names]
    compress = zstandard.ZstdCompressor(level=19, write_checksum=True).compress
    blocks = [compress("\n".join(lines[n : n + _BLOCK]).encode()) for n in range(0, len(lines), _BLOCK)]
    heading = {"read_on": read_on, "source": source, "names": names, "sizes": [len(block) for block in blocks]}
    return compress(json.dumps(heading, separators=(",", ":")).encode()) + b"".join(blocks)
