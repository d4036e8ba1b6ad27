"""Evidence archives: what a collection saw, in a file that can be audited later, elsewhere, without credentials.

JSON Lines in one zstd stream: a header, then unit by unit the answers and the line that closes the unit, then the seal.
What is written is what `gather` hands to the store, so it has passed the door, and only that can be read back.  The
seal finds damage and careless changes; it has no key, so it does not prove who wrote the file.

FORMAT rises with the shape of a line, and when less is kept of an answer than checks of today rely on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, BinaryIO, Literal

import msgspec
import zstandard
from msgspec import UNSET, Meta, Struct, UnsetType

from scanners import VERSION
from scanners.collectors.cloud import ODD, Call, Collector
from scanners.collectors.door import Door
from scanners.collectors.gather import Gathered
from scanners.collectors.registry import of_unit
from scanners.model import Gap, Provider, Resource, State, Unread
from scanners.model.canonical import clean

FORMAT = 3  # 2: a line may name the section it fills; 3: of any cloud

Word = Annotated[str, Meta(max_length=40)]
Name = Annotated[str, Meta(max_length=100)]
Code = Annotated[str, Meta(max_length=200)]
Count = Annotated[int, Meta(ge=0, lt=2**31)]
Moment = Annotated[datetime, Meta(tz=True)]


class _Line(Struct, tag_field="line", forbid_unknown_fields=True):
    pass


class Header(_Line, tag="archive"):
    posture: Literal["evidence"]
    format: int
    version: Name  # of the product
    provider: Provider
    account: Annotated[str, Meta(max_length=255)]  # in the form of its cloud
    partition: Annotated[str, Meta(pattern="^[a-z-]+$", max_length=20)]
    caller: Annotated[str, Meta(max_length=2048)]
    asked_at: Moment
    regions: tuple[Word, ...]  # that were chosen; empty: all that are enabled
    services: tuple[Word, ...]  # likewise
    enabled: tuple[Word, ...]
    not_opted_in: tuple[Word, ...]
    gap: Gap | None  # why the enabled regions are not known
    units: Count
    digests: Name  # names the key of the digests of secret values, see `key_name`


class Answer(_Line, tag="call", omit_defaults=True):
    """One call and what became of it.  Without `ref`: a listing, its answer how many items it gave.

    Of a call asked once per qualifier, `params` and `answer` are by qualifier.
    """

    region: Word
    service: Word
    call: Name
    kind: Annotated[str, Meta(max_length=80)]
    ref: str = ""
    section: Name = ""  # of the resource, where it is not called as the call's operation
    named: tuple[str, Word] | None = None  # (name, region) of a resource, on its first line
    params: Any = None  # None: what to ask could not be told
    answer: Any | UnsetType = UNSET  # null: proven absent
    refused: tuple[Gap, ...] = ()


class Ended(_Line, tag="cell"):
    """How often a call ended in which way in its unit."""

    region: Word
    service: Word
    call: Name
    permission: Name
    counts: dict[State, Count]
    gap: Gap | None
    refs: tuple[str, ...]


class Closed(_Line, tag="unit"):
    region: Word
    service: Word
    read_at: Moment
    resources: Count
    calls: Count
    retries: Count
    throttled: Count


class Seal(_Line, tag="end"):
    finished_at: Moment
    units: Count
    lines: Count  # before this one
    sha256: Annotated[str, Meta(max_length=64)]  # of the bytes of those lines


_encoder = msgspec.json.Encoder()


def key_name(door: Door) -> str:
    """Equal for archives whose digests can be compared; says nothing of the key."""
    return door.digest("posture: the name of this key")


class Writer:
    """Writes units as they finish; `close` seals the archive, and without it the archive counts as cut off."""

    def __init__(self, file: BinaryIO, header: Header) -> None:
        self._stream = zstandard.ZstdCompressor(level=3, write_checksum=True).stream_writer(file, closefd=False)
        self._hash, self._count, self._units = hashlib.sha256(), 0, 0
        self._provider = header.provider
        self._put(header)

    def unit(self, seen: Gathered, *, at: datetime) -> None:
        for line in lines_of(seen, at, self._provider):
            self._put(line)
        self._units += 1

    def close(self, *, at: datetime) -> Seal:
        seal = Seal(at, self._units, self._count, self._hash.hexdigest())
        self._put(seal)
        self._stream.close()  # type: ignore[no-untyped-call]
        return seal

    def _put(self, line: _Line) -> None:
        said = _encoder.encode(line) + b"\n"
        self._stream.write(said)
        self._hash.update(said)
        self._count += 1


def header(*, provider: Provider = Provider.AWS, **said: Any) -> Header:
    """Of an archive written now, by this version."""
    return Header(posture="evidence", format=FORMAT, version=VERSION, provider=provider, **said)


def lines_of(seen: Gathered, at: datetime, provider: Provider = Provider.AWS) -> Iterator[Answer | Ended | Closed]:
    """A unit, line by line."""
    place = (seen.unit.region, seen.unit.service)
    tables = {collector.kind: collector for collector in of_unit(seen.unit.service, provider)}
    for kind in sorted(seen.listed | seen.gaps.keys()):
        listing = _listing(tables[kind], seen)
        params = clean(listing.params)
        if kind in seen.gaps:
            yield Answer(*place, listing.name, kind, params=params, refused=seen.gaps[kind])
        else:
            items = sum(resource.kind == kind for resource in seen.resources)
            yield Answer(*place, listing.name, kind, params=params, answer={"items": items})
    for resource in seen.resources:
        yield from _answers(place, resource, tables[resource.kind])
    for call, cell in sorted(seen.cells.items()):
        yield Ended(*place, call, cell.call.needs, cell.counts, cell.gap, tuple(sorted(cell.refs)))
    tally = seen.tally
    yield Closed(*place, at, len(seen.resources), tally.calls, tally.retries, tally.throttled)


def _listing(collector: Collector, seen: Gathered) -> Call:
    """That of the road which was taken."""
    cell = seen.cells.get(collector.listing.name)
    if collector.otherwise and cell and State.OTHER_ROAD in cell.counts:
        return collector.otherwise.listing
    return collector.listing


def _answers(place: tuple[str, str], resource: Resource, collector: Collector) -> Iterator[Answer]:
    named: tuple[str, str] | None = (resource.name, resource.region)
    for section, call in resource.calls.items():
        if section in resource.documents or section in resource.gaps:
            yield Answer(
                *place,
                call,
                resource.kind,
                resource.ref,
                "" if call.partition(".")[2] == section else section,
                named,
                params=_params(collector, section, call, resource),
                answer=resource.documents.get(section, UNSET),
                refused=resource.gaps.get(section, ()),
            )
            named = None


def _params(collector: Collector, section: str, name: str, resource: Resource) -> Any:
    """What was sent, told again from the table and from what had been answered: no secret value can be in it."""
    road = collector.road_of(name)
    call = next((call for call in road.every_call() if (call.name, call.section) == (name, section)), None)
    always = call.params if call else {}
    for detail in (*road.details, *(part.otherwise for part in road.attached if part.otherwise)):
        if (detail.section, detail.call.name) == (section, name):
            try:
                if detail.each:
                    return clean({key: {**always, **params} for key, params in detail.each(resource)})
                return clean({**always, **((detail.bind(resource) if detail.bind else None) or {})})
            except (Unread, *ODD):
                return None
    return clean(always)
