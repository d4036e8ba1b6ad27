"""Reading an evidence archive back: the same units, in the same order, or one sentence that says why not."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, Literal, cast

import msgspec
import zstandard
from msgspec import UNSET, Struct

from scanners.collectors.asker import Cell, Tally
from scanners.collectors.cloud import Call, Collector
from scanners.collectors.evidence import FORMAT, Answer, Closed, Ended, Header, Name, Seal
from scanners.collectors.gather import Gathered
from scanners.collectors.registry import clouds, of_unit
from scanners.model import Gap, Provider, Resource, State, Unit
from scanners.model.canonical import clean

LONGEST_LINE = 256 * 2**20  # bytes; a longer one was not written by us
WINDOW = 8 * 2**20  # bytes of memory that the decompressor is granted
FOREIGN = "is no evidence archive of posture: write one with `manage.py collect aws -o FILE`."
CUT = "is cut off, its end is missing: copy it again, or collect anew."
DAMAGED = "was changed or damaged after it was written: copy it again, or collect anew."


class Unusable(Exception):
    """Why an archive cannot be audited; reads on after the file's name."""


class _Claim(Struct):
    """As much of a header as every format shares."""

    posture: Literal["evidence"]
    format: int
    version: Name


_decoder: msgspec.json.Decoder[Header | Answer | Ended | Closed | Seal] = msgspec.json.Decoder(
    Header | Answer | Ended | Closed | Seal
)


@dataclass
class _Reading:
    """A unit that is being read."""

    unit: Unit
    provider: Provider
    resources: dict[tuple[str, str], Resource] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)
    gaps: dict[str, tuple[Gap, ...]] = field(default_factory=dict)
    cells: dict[str, Cell] = field(default_factory=dict)

    def take(self, line: Answer, collector: Collector) -> None:
        if not line.ref:
            if line.refused:
                self.gaps[line.kind] = line.refused
            else:
                self.listed.add(line.kind)
            return
        key = (line.kind, line.ref)
        if line.named:
            calls = {section: call.name for section, call in collector.road_of(line.call).calls()}
            name, region = clean(line.named)
            self.resources[key] = Resource(line.kind, line.ref, name, region, self.unit, {}, calls, {})
        resource, section = self.resources[key], line.section or line.call.partition(".")[2]
        _fill(resource.calls, section, line.call)  # on another road it is another call's
        if line.answer is not UNSET:
            _fill(resource.documents, section, clean(line.answer))
        if line.refused:
            _fill(resource.gaps, section, line.refused)

    def end(self, line: Ended) -> None:
        service, _, operation = line.call.partition(".")
        call = Call(service, operation, permission=line.permission)
        self.cells[line.call] = Cell(call, dict(line.counts), line.gap, set(line.refs))

    def close(self, line: Closed) -> Gathered:
        """Raises LookupError when lines are missing.  A kind that the writer did not know was not looked for."""
        if len(self.resources) != line.resources:
            raise LookupError("resources")
        for collector in of_unit(self.unit.service, self.provider):
            if collector.kind not in self.listed | self.gaps.keys():
                call = collector.listing
                gap = Gap(call.name, call.needs, State.SKIPPED, "NotCollected", self.unit.region)
                self.gaps[collector.kind] = (gap,)
                self.cells.setdefault(call.name, Cell(call)).note(gap.state, gap)
        listed = frozenset(self.listed) - self.gaps.keys()
        tally = Tally(line.calls, line.retries, line.throttled)
        return Gathered(self.unit, list(self.resources.values()), listed, self.gaps, self.cells, tally)


def _fill(mapping: Mapping[str, Any], key: str, value: Any) -> None:
    """A resource's mappings are for reading; while it is being put together they are dictionaries of ours."""
    cast(dict[str, Any], mapping)[key] = value


class Reader:
    """Reads an archive once, in order, and holds one unit at a time.  What it says counts only when `seal` is there.

    Raises Unusable, at the latest at the end.
    """

    def __init__(self, file: BinaryIO) -> None:
        stream = zstandard.ZstdDecompressor(max_window_size=WINDOW).stream_reader(file, read_across_frames=True)
        self._stream = io.BufferedReader(stream, 2**20)
        self._hash, self._count = hashlib.sha256(), 0
        self.seal: Seal | None = None
        self.header = self._header()

    def _header(self) -> Header:
        try:
            raw = self._stream.readline(2**20)
            claim = msgspec.json.decode(raw, type=_Claim)
            if claim.format > FORMAT:
                raise Unusable(f"was written by a newer posture ({claim.version}): update this one, then scan it.")
            line = _decoder.decode(raw)
        except (zstandard.ZstdError, msgspec.MsgspecError, RecursionError, ValueError):
            raise Unusable(FOREIGN) from None
        if not isinstance(line, Header) or line.format < 1:
            raise Unusable(FOREIGN)
        if line.provider not in clouds():
            raise Unusable(f"is of a cloud that this posture does not know ({line.provider}): update it, then scan it.")
        self._counted(raw)
        return line

    def units(self) -> Iterator[tuple[Gathered, datetime]]:
        """Each unit, and when it had been read from the cloud."""
        try:
            yield from self._units()
        except (zstandard.ZstdError, msgspec.MsgspecError, RecursionError, LookupError, ValueError):
            raise Unusable(DAMAGED) from None

    def _units(self) -> Iterator[tuple[Gathered, datetime]]:
        provider, reading, seen = self.header.provider, None, set[Unit]()
        while True:
            raw = self._stream.readline(LONGEST_LINE)
            if not raw.endswith(b"\n"):
                raise Unusable(DAMAGED if len(raw) == LONGEST_LINE else CUT)
            line = _decoder.decode(raw)
            if isinstance(line, Seal):
                self._check(line, units=len(seen), between=reading is None)
                return
            self._counted(raw)
            if isinstance(line, Header):
                raise Unusable(DAMAGED)
            unit = Unit(line.region, line.service)
            mine = {one.kind: one for one in of_unit(unit.service, provider)}  # a kind may be of several units
            if not mine or (isinstance(line, Answer) and line.kind not in mine):
                raise Unusable(
                    f"holds what this posture does not know ({line.service}), being written by version "
                    f"{self.header.version}: collect anew."
                )
            reading = reading or _Reading(unit, provider)
            if reading.unit != unit or unit in seen:
                raise Unusable(DAMAGED)
            if isinstance(line, Answer):
                reading.take(line, mine[line.kind])
            elif isinstance(line, Ended):
                reading.end(line)
            else:
                seen.add(unit)
                yield reading.close(line), line.read_at
                reading = None

    def _check(self, seal: Seal, *, units: int, between: bool) -> None:
        same = (seal.lines, seal.sha256) == (self._count, self._hash.hexdigest())
        whole = between and units == seal.units == self.header.units
        if not (same and whole) or self._stream.read(1):
            raise Unusable(DAMAGED)
        self.seal = seal

    def _counted(self, raw: bytes) -> None:
        self._hash.update(raw)
        self._count += 1
