"""Answers about access as lines for a terminal.  Names are attackers' to choose: nothing unprintable is let through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from posture.reports.table import cell, printable

WORDS = {"allowed": "allowed", "allowed_if": "if", "unknown": "unknown", "denied": "denied"}


def who_can(record: dict[str, Any]) -> Iterator[str]:
    yield from _head(record)
    yield from (f"{printable(record['resource'])}: {note}." for note in record["notes"])
    for row in record["who"]:
        named = row["name"] if row["principal"] == "*" else row["principal"]
        yield f"{WORDS[row['answer']]:8} {cell(named, 64)} {_if(row)}".rstrip()
        yield from (f"         by {_via(via)}" for via in row["via"])
    yield f"{len(record['who'])} can or may, {record['denied']} of {record['asked']} principals of the account cannot."


def _if(row: dict[str, Any]) -> str:
    said = f"if {row['condition']}" if row["condition"] else ""
    if row["answer"] == "unknown":
        rest = "" if row["by_what_was_read"] == "denied" else f"; what was read allows it {said}".rstrip()
        return printable(f"because {'; '.join(row['unknown_because'])}{rest}")
    return printable(said)


def _via(via: dict[str, Any]) -> str:
    sid = f" ({via['sid']})" if via.get("sid") else ""
    return printable(f"{via['effect']} in {via['place']}{sid} of {via['policy']} [{via['layer']}]")


def can(record: dict[str, Any]) -> Iterator[str]:
    yield from _head(record)
    yield f"{printable(record['principal'])}: {record['possible']:,} actions, {record['sure']:,} under no condition"
    yield from (f"  not wholly known: {printable(doubt)}" for doubt in record["doubts"])
    for service in record["services"]:
        counts = (f"{level.lower()} {said['possible']}" + _surely(said) for level, said in service["levels"].items())
        yield f"  {service['service']:28} {', '.join(counts)}"
    yield "by these statements:"
    yield from (f"  {statement(one)}" for one in record["statements"])


def _surely(said: dict[str, int]) -> str:
    return "" if said["sure"] == said["possible"] else f" ({said['sure']} surely)"


def statement(one: dict[str, Any]) -> str:
    doing = f"all but {_some(one['not_actions'])}" if "not_actions" in one else _some(one["actions"])
    on = f"all but {_some(one['not_resources'])}" if "not_resources" in one else _some(one["resources"])
    condition = f" if {one['condition']}" if one["condition"] else ""
    return printable(f"[{one['layer']}] {one['effect']} {doing} on {on}{condition}: {one['policy']}")


def _some(texts: list[str]) -> str:
    return ", ".join(texts[:5]) + (f" and {len(texts) - 5} more" if len(texts) > 5 else "")


def explained(record: dict[str, Any]) -> Iterator[str]:
    yield from _head(record)
    question = printable(f"{record['principal']} {record['action']} {record['resource']}")
    yield f"{WORDS[record['answer']]}: {question}"
    if said := _if(record):
        yield f"  {said}"
    yield from (f"  {note}" for note in record["notes"])
    for layer in record["layers"]:
        level = f" at {layer['level']}" if layer["level"] else ""
        yield f"  {layer['layer']}{level}: {layer['says']}"
        yield from (f"    not read: {printable(because)}" for because in layer["unread"])
        for one in layer["statements"]:
            tail = one["why_not"] or (f"if {one['condition']}" if one["applies"] == "if" else "applies")
            yield printable(f"    {one['effect']} in {one['place']} of {one['policy']}: {tail}")
    if record["would_change"]:
        yield "What would change it, together:"
        yield from (f"  {printable(one['edit'])} [{one['layer']}]" for one in record["would_change"])


def paths(record: dict[str, Any]) -> Iterator[str]:
    yield from _head(record)
    for path in record["paths"]:
        yield from _path(path)
    if record["more"]:
        yield f"{record['more']} more principals: name one with --from."
    for cut in record["cuts"]:
        yield printable(f"Cut: {cut['edit']} at {cut['at']} stops {len(cut['stops'])}")
    if not record["paths"]:
        yield "Nobody can come there by what was read."


def _path(path: dict[str, Any]) -> Iterator[str]:
    origin = printable(path["from"])
    if path["escalates"] is None:
        yield f"unknown  {origin}: {printable('; '.join(path['unknown']))}"
    elif path["administrator"]:
        yield f"is one   {origin}"
    elif not path["escalates"]:
        yield f"no way   {origin}"
    else:
        yield f"can      {origin}"
        for hop in path["steps"]:
            yield printable(f"         {hop['title']} ({hop['by']}), and becomes {hop['to']}")
            yield from (f"           {_because(one)}" for one in hop["because"])
        yield from (f"         {printable(caveat)}" for caveat in path["caveats"])


def _because(one: dict[str, Any]) -> str:
    by = f": {one['policy']}, {one['where']}" if "policy" in one else ""
    return printable(f"{one['permission']} on {one['resource']}{by}")


def _head(record: dict[str, Any]) -> Iterator[str]:
    yield from unread(record["unread"])


def unread(gaps: Iterable[str]) -> Iterator[str]:
    yield from (f"Not read: {printable(gap)}; answers that need it are unknown." for gap in gaps)
