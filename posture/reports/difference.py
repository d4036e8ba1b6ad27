"""What changed, as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from posture.reports.access import statement
from posture.reports.table import cell, printable

_SIGNS = {"appeared": "+", "gone": "-", "changed": "~"}
_NAMED = 12  # actions of one principal


def lines(record: dict[str, Any]) -> Iterator[str]:
    yield f"From {record['from']} to {record['to']}"
    for account in record["accounts"]:
        yield f"Account {printable(account['account'])}"
        yield f"  Resources: {len(account['resources'])}"
        yield from (f"    {_resource(one)}" for one in account["resources"])
        yield f"  Findings: {len(account['findings'])}"
        yield from (f"    {_finding(one)}" for one in account["findings"])
        yield f"  Access: {len(account['grants'])}"
        for one in account["grants"]:
            yield from (f"    {line}" for line in _access(one))


def _resource(one: dict[str, Any]) -> str:
    return f"{_SIGNS[one['change']]} {cell(one['kind'], 32)} {printable(one['ref'])}"


def _finding(one: dict[str, Any]) -> str:
    return f"{cell(one['change'], 9)} {cell(one['severity'], 9)} {cell(one['check'], 34)} {printable(one['name'])}"


def _access(one: dict[str, Any]) -> Iterator[str]:
    yield f"{_SIGNS.get(one['change'], '?')} {printable(one['principal'])}" + (
        f": {one['change']}" if one["change"] not in _SIGNS else ""
    )
    yield from (f"    {line}" for line in _moved(one))
    for each in one["through"]:
        yield f"    by the policy of {printable(each['resource'])}"
        yield from (f"      {line}" for line in _moved(each))


def _moved(one: dict[str, Any]) -> Iterator[str]:
    yield from (printable(doubt) for doubt in one["doubts"])
    for word in ("gained", "lost", "surer", "less_sure"):
        if names := one[word]:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            yield f"{word.replace('_', ' ')} {', '.join(names[:_NAMED])}{more}"
    yield from (f"new  {statement(each)}" for each in one["given"])
    yield from (f"went {statement(each)}" for each in one["taken"])
