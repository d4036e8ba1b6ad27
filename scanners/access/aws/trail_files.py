"""The records of CloudTrail's files: as a trail delivers them, gzip or plain, and as LookupEvents answers.

A file that cannot be read as one raises `NotRecords` with a sentence; a record that is none is counted.
Sources, read 2026-11: "CloudTrail log file examples", "CloudTrail record contents", "CloudTrail userIdentity element"
(AWS CloudTrail User Guide); "LookupEvents", "Event" (AWS CloudTrail API Reference).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import msgspec

LARGEST = 512 * 1024 * 1024  # bytes of a file once unpacked; CloudTrail's own have a few MB
_GZIP = b"\x1f\x8b"


class NotRecords(ValueError):
    """No file of CloudTrail's records; the text says why, and is the end of a sentence about the file."""


class Issuer(msgspec.Struct, frozen=True, gc=False):
    arn: str | None = None
    type: str | None = None


class Session(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    session_issuer: Issuer | None = None


class Identity(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    type: str | None = None
    arn: str | None = None
    account_id: str | None = None
    session_context: Session | None = None


class Record(msgspec.Struct, frozen=True, rename="camel"):
    """What of a record is looked at.  `management_event` and `event_category` are missing from old ones."""

    event_source: str
    event_name: str
    event_time: str
    user_identity: Identity = Identity()
    aws_region: str = ""
    error_code: str | None = None
    read_only: bool | str | None = None  # older records have it as text
    management_event: bool | None = None
    event_category: str | None = None
    event_id: str | None = msgspec.field(default=None, name="eventID")
    recipient_account_id: str | None = None
    resources: Any = None
    request_parameters: Any = None

    @property
    def is_data(self) -> bool:
        return self.event_category == "Data" or (self.event_category is None and self.management_event is False)

    @property
    def reads(self) -> bool:
        return self.read_only is True or self.read_only == "true"


class _Looked(msgspec.Struct, frozen=True, gc=False):
    """An event as LookupEvents gives it: the record is JSON inside a text."""

    text: str = msgspec.field(name="CloudTrailEvent")


class _File(msgspec.Struct, frozen=True, gc=False):
    records: list[msgspec.Raw] | None = msgspec.field(default=None, name="Records")
    events: list[msgspec.Raw] | None = msgspec.field(default=None, name="Events")
    digest: Any = msgspec.field(default=None, name="digestStartTime")


_file = msgspec.json.Decoder(_File)
_list = msgspec.json.Decoder(list[msgspec.Raw])
_record = msgspec.json.Decoder(Record)
_looked = msgspec.json.Decoder(_Looked)


def records(raw: bytes) -> Iterator[tuple[Record | None, bool]]:
    """(a record, or None for what is none, whether it was looked up and not delivered).  Raises NotRecords at once."""
    rows, events = _rows(unpacked(raw))
    return _each(rows, events)


def _each(rows: list[msgspec.Raw], events: list[msgspec.Raw]) -> Iterator[tuple[Record | None, bool]]:
    for row in rows:
        try:
            yield _record.decode(row), False
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            yield _within(row), True
    for row in events:
        yield _within(row), True


def _within(row: msgspec.Raw) -> Record | None:
    try:
        return _record.decode(_looked.decode(row).text)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _rows(raw: bytes) -> tuple[list[msgspec.Raw], list[msgspec.Raw]]:
    text = raw.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not text:
        raise NotRecords("is empty")
    try:
        if text.startswith(b"["):
            return _list.decode(text), []
        found = _file.decode(text)
    except RecursionError:
        raise NotRecords("is nested too deeply") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
        cut = "truncated" in str(wrong)
        raise NotRecords("is cut off" if cut else "is not a file of CloudTrail's records") from None
    if found.records is None and found.events is None:
        raise NotRecords("is a digest of CloudTrail's, without records" if found.digest else "has no records")
    return found.records or [], found.events or []


def unpacked(raw: bytes) -> bytes:
    """Of gzip what is in it, if it is not too much.  Raises NotRecords."""
    if not raw.startswith(_GZIP):
        return raw
    parts, size = list[bytes](), 0
    while raw.startswith(_GZIP):
        opened = zlib.decompressobj(wbits=31)
        try:
            parts.append(opened.decompress(raw, LARGEST - size + 1))
        except zlib.error:
            raise NotRecords("is damaged: its gzip cannot be unpacked") from None
        size += len(parts[-1])
        if size > LARGEST:
            raise NotRecords(f"is larger than {LARGEST // 1024 // 1024} MB once unpacked")
        if not opened.eof:
            raise NotRecords("is cut off")
        raw = opened.unused_data
    return b"".join(parts)
