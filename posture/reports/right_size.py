"""The right-sized policy for people: what stays, what goes, how sure that is, and the policy to paste."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from posture.reports.table import printable

SURE = {
    "high": "all that stays was used, all that goes was not",
    "medium": "some stays because nobody can say whether it was used",
    "low": "some goes that the report does not speak of",
    "none": "what it used is not known, so nothing goes",
}
SHOWN = 12  # actions of one service


def right_size(record: dict[str, Any]) -> Iterator[str]:
    yield printable(record["principal"])
    if record["refused"]:
        yield printable(f"No policy is offered: {record['refused']}.")
        return
    yield from _files(record.get("trail"))
    counts = record["actions"]
    yield f"{counts['before']:,} actions before, {counts['after']:,} after, {counts['removed']:,} removed."
    yield f"Confidence: {record['confidence']} ({SURE[record['confidence']]})."
    yield from (printable(f"  {one[:1].upper()}{one[1:]}.") for one in (*record["told"], *record["unseen"]))
    yield ""
    for one in record["services"]:
        yield from _service(one)
    if checked := record["checked"]:
        yield ""
        yield (
            f"Checked with {checked['questions']:,} questions: what was used is still allowed, what is removed is"
            " denied, nothing is wider."
        )
    yield ""
    if record["policy"] is None:
        yield "Nothing that it holds was used: its policies can be taken away."
    else:
        yield json.dumps(record["policy"], indent=2)
    if record["on"]:
        yield from _on(record["on"])


def _files(trail: dict[str, Any] | None) -> Iterator[str]:
    if trail is None:
        return
    for flaw in trail["not_read"][:SHOWN]:
        yield printable(f"{flaw}: it was left out.")
    if (more := len(trail["not_read"]) - SHOWN) > 0:
        yield f"{more:,} more files were left out."
    if trail["not_understood"]:
        yield f"{trail['not_understood']:,} entries are no records and were left out."


def _on(suggested: dict[str, Any]) -> Iterator[str]:
    yield ""
    yield f"A suggestion that also names what was used (confidence: {suggested['confidence']}):"
    for one in suggested["named"]:
        yield printable(f"  {one['action']} on {', '.join(one['resources'])}")
    yield (
        f"Checked with {suggested['checked']['questions']:,} questions: every use has the answer that it had, nothing"
        " is wider. What was done before the files begin may have been on something else."
    )
    yield ""
    yield json.dumps(suggested["policy"], indent=2)


def _service(one: dict[str, Any]) -> Iterator[str]:
    last = (
        f"last used {one['last_used']}"
        if one["last_used"]
        else "not used"
        if one["seen_by"] != "nothing"
        else "unknown"
    )
    yield printable(f"{one['service']} ({last})")
    for sign, kind, words in (
        ("=", "used", "used"),
        ("?", "untracked", "kept, use not tracked"),
        ("-", "removed", "removed"),
    ):
        if names := one[kind]:
            more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            yield printable(f"  {sign} {words}: {', '.join(names[:SHOWN])}{more}")
