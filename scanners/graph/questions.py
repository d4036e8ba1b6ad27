"""`access paths --cases`: questions about account models as JSON Lines, one answer a line, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from scanners.graph.cases import Misunderstood, Question, account, identifier, question
from scanners.graph.graph import Graph, build
from scanners.graph.paths import answer
from scanners.graph.states import State


def answers(lines: Iterable[bytes | str], now: str | None = None) -> Iterator[dict[str, Any]]:
    """`now`: ISO 8601, for conditions on the time; without it such a condition may hold.

    A line that cannot be understood gets {"id", "error"}; empty lines are passed over.
    """
    for line in lines:
        if line.strip():
            yield _answered(line, now)


def _answered(line: bytes | str, now: str | None) -> dict[str, Any]:
    try:
        asked = question(line)
        graph = build(account(asked.account, now))
        if asked.attackers is not None:
            return {"id": asked.id, "attackers": {arn: _escalates(graph, arn) for arn in asked.attackers}}
        return {"id": asked.id, **_shown(graph, asked)}
    except Misunderstood as wrong:
        return {"id": identifier(line), "error": str(wrong)}


def _shown(graph: Graph, asked: Question) -> dict[str, Any]:
    arn = asked.attacker or ""
    found = answer(graph, graph.scene.principals[_place(graph, arn)].arn)
    shown: dict[str, Any] = {
        "escalates": found.escalates,
        "paths": list(found.paths),
        "target": found.target,
        "steps": [step.as_json() for step in found.steps],
    }
    return shown | ({"unknown": list(found.unknown)} if found.unknown else {})


def _escalates(graph: Graph, arn: str) -> bool | None:
    place = _place(graph, arn)
    if State(place) in graph.levels:
        return True
    return answer(graph, graph.scene.principals[place].arn).escalates


def _place(graph: Graph, arn: str) -> int:
    """The principal itself, or the role of a session."""
    if arn in graph.scene.place:
        return graph.scene.place[arn]
    parts = arn.split(":", 5)
    if len(parts) == 6 and parts[2] == "sts" and parts[5].startswith("assumed-role/"):
        name = parts[5].split("/")[1]
        for place, one in enumerate(graph.scene.principals):
            if one.kind == "role" and (one.account, one.name) == (parts[4], name):
                return place
    raise Misunderstood(f"{arn[:120]!r} is no principal of the account")
