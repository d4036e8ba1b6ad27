"""The settings of a function, line by line, as rows of its cloud name them; checks say which of them to look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from posture.queries.clouds.running import Line, Runs
from scanners.checks.registry import checks, evaluate
from scanners.model import Node, Outcome, Resource, Unread, Verdict
from scanners.model.estate import Estate

MOST = 12  # names in one line


@dataclass(slots=True)
class Setting:
    """A line of the settings: `bad` when it should be looked at, `unread` when nobody knows."""

    name: str
    value: str
    note: str = ""
    bad: bool = False
    unread: bool = False


def settings(runs: Runs, seen: Resource, estate: Estate) -> list[Setting]:
    """Those whose question arose."""
    asked = (line for line in runs.settings if any(seen.asked(at.partition("/")[0]) for at in line.at))
    return [_setting(line, seen, estate) for line in asked]


def _setting(line: Line, seen: Resource, estate: Estate) -> Setting:
    try:
        made = Setting(line.name, _value(line, seen))
    except Unread as gaps:
        return Setting(line.name, "Not known", reasons(gaps), unread=True)
    for verdict in verdicts(line.check, seen, estate):
        if verdict.outcome in (Outcome.FAIL, Outcome.UNKNOWN):
            made.note, made.bad = verdict.sentence, verdict.outcome is Outcome.FAIL
            return made
        made.note = verdict.sentence
    return made


def reasons(gaps: Unread) -> str:
    return "; ".join(dict.fromkeys(f"{gap.call} was not read ({gap.code})" for gap in gaps.gaps))


def verdicts(check: str, seen: Resource, estate: Estate) -> list[Verdict]:
    """What a check says of it, failures first; nothing where it is no check of this kind."""
    question = checks().get(check)
    if question is None or seen.kind not in question.kinds:
        return []
    order = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS)
    found = [one for one in evaluate(question, seen, estate) if one.outcome in order]
    return sorted(found, key=lambda one: order.index(one.outcome))


def _value(line: Line, seen: Resource) -> str:
    """Raises Unread where none of the places was read."""
    unread: Unread | None = None
    for at in line.at:
        try:
            node = _at(seen, at)
            names = list(_names(node, line.each)) if line.each else [node.value]
        except Unread as gaps:
            unread = gaps
            continue
        plain = (one for one in names if isinstance(one, (str, int, float, bool)) and one != "")
        words = [line.words.get(one, str(one)) for one in plain]
        if words:
            more = f" and {len(words) - MOST} more" if len(words) > MOST else ""
            return ", ".join(words[:MOST]) + more
    if unread is not None:
        raise unread
    return line.otherwise


def _at(seen: Resource, at: str) -> Node:
    section, *steps = at.split("/")
    node = seen[section]
    for step in steps:
        node = node[step]
    return node


def _names(node: Node, each: str) -> Iterator[object]:
    if each == "*":
        yield from (key for key, _ in node.items())
    else:
        yield from (one[each].value for one in node)
