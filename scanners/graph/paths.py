"""Paths out of the graph: the shortest from a caller to an administrator's power, step by step, with its proof."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scanners.catalog.escalation import Rule, by_id
from scanners.graph.account import PRINCIPALS
from scanners.graph.graph import Graph, Node, Turn
from scanners.graph.powers import Ways
from scanners.graph.proof import Reason, reasons
from scanners.graph.states import NEW, State
from scanners.graph.universe import members


@dataclass(frozen=True, slots=True)
class Step:
    """`origin` acts, by a rule, and can then act as `target` (ARNs)."""

    origin: str
    target: str
    rule: Rule
    because: tuple[Reason, ...]

    def as_json(self) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "from": self.origin,
            "to": self.target,
            "by": self.rule.id,
            "because": [reason.as_json() for reason in self.because],
        }
        return shown | ({"assumes": list(self.rule.assumes)} if self.rule.assumes else {})


@dataclass(frozen=True, slots=True)
class Answer:
    """`escalates` None: nobody knows, for the reasons in `unknown`."""

    escalates: bool | None
    paths: tuple[str, ...] = ()
    target: str | None = None
    steps: tuple[Step, ...] = ()
    unknown: tuple[str, ...] = ()
    administrator: bool = False
    caveats: tuple[str, ...] = ()  # what was not looked at and might forbid a step


def answer(graph: Graph, arn: str) -> Answer:
    """Whether a principal of the account can come to an administrator's power, and how."""
    start = State(graph.scene.place[arn])
    if start in graph.levels:
        route = list(_route(graph, start))
        ids = dict.fromkeys([*_ways_out(graph, graph.nodes[start]), *(step.rule.id for step in route)])
        target = route[-1].target if route else arn
        caveats = graph.scene.account.caveats
        return Answer(True, tuple(ids), target, tuple(route), administrator=not route, caveats=caveats)
    unknown = tuple(dict.fromkeys(_unknown(graph, start)))
    return Answer(None if unknown else False, unknown=unknown)


def between(graph: Graph, arn: str, goal: str) -> Answer:
    """Whether a principal can come to act as another one, and how.  Whoever becomes an administrator can."""
    start, end = State(graph.scene.place[arn]), State(graph.scene.place[goal])
    _, plain = graph.reach(start)
    if plain >> end.place & 1 and start != end:
        steps = _walk(graph, start, end, sys.maxsize)
        ids = tuple(dict.fromkeys(step.rule.id for step in steps))
        return Answer(True, ids, goal, tuple(steps), caveats=graph.scene.account.caveats)
    return answer(graph, arn)


def comers(graph: Graph, goal: str) -> list[str]:
    """ARNs of those who can come to act as a principal: by a way to it, nearest first; then whoever can become an
    administrator, by whatever way.
    """
    place = graph.scene.place[goal]
    won, bits, order = {State(place)}, 1 << place, list[State]()
    while fresh := [one for one in graph.nodes if one not in won and _leads_to(graph.nodes[one], won, bits)]:
        won.update(fresh)
        order += fresh
        bits |= sum(1 << one.place for one in fresh if one.plain)
    plain = [one.place for one in order if one.plain and one.place != place]
    known = {place, *plain}
    others = (one for one in range(len(graph.scene.principals)) if one not in known and graph.escalates(one))
    return [graph.scene.principals[one].arn for one in (*plain, *others)]


def _leads_to(node: Node, won: set[State], bits: int) -> bool:
    return bool(node.union & bits) or any(turn.state in won for turn in node.turns)


def _ways_out(graph: Graph, node: Node) -> Iterator[str]:
    """Rules by which a first step leads on to an administrator."""
    for way in node.ways:
        if any(State(place) in graph.levels for place in members(way.bits)):
            yield way.rule.id
    for turn in node.turns:
        if turn.state in graph.levels:
            yield turn.rule.id
            yield from _composed(graph, node.state, turn)


def _composed(graph: Graph, start: State, turn: Turn) -> Iterator[str]:
    """The catalogue's own name for writing a principal's policies and becoming it in one step."""
    if turn.holder is None or turn.writer != start:
        return
    for way in graph.nodes[start].ways:
        if way.bits >> turn.state.place & 1:
            made = [turn.rule.id, way.rule.id]
            yield from (rule.id for rule in by_id().values() if list(rule.made_of) == made)


def _route(graph: Graph, start: State) -> Iterator[Step]:
    state = start
    while graph.levels[state]:
        following, steps = _next(graph, state)
        yield from steps
        if following == NEW:
            return
        state = following


def _next(graph: Graph, state: State) -> tuple[State, list[Step]]:
    """One step nearer, or the steps of a turn that needs two powers."""
    node, wanted = graph.nodes[state], graph.levels[state] - 1
    for way in node.ways:
        for place in members(way.bits):
            if graph.levels.get(State(place)) == wanted:
                return State(place), [_step(graph, state, way.rule, place)]
    for turn in node.turns:
        if graph.levels.get(turn.state) == wanted:
            return turn.state, _turned(graph, state, turn)
    raise AssertionError("a level has no way down")


def _turned(graph: Graph, state: State, turn: Turn) -> list[Step]:
    changed = _step(graph, turn.writer or state, turn.rule, turn.state.place)
    if turn.writer is None or turn.holder is None:
        return [changed]
    before = turn.number
    return [*_walk(graph, state, turn.writer, before), changed, *_walk(graph, state, turn.holder, before)]


def _walk(graph: Graph, start: State, goal: State, before: int) -> list[Step]:
    """The shortest way between two states, by turns that were found earlier.  Steps are proved on the way alone."""
    came: dict[State, tuple[State, Ways | None, Turn | None]] = {}
    queue, seen = [start], 1 << start.place if start.plain else 0
    for state in queue:
        if state == goal:
            break
        for following, way, turn in _out(graph, state, before, seen):
            if following not in came and following != start and following in graph.nodes:
                came[following] = state, way, turn
                queue.append(following)
        seen |= graph.nodes[state].union
    found: list[Step] = []
    while goal != start:
        state, way, turn = came[goal]
        if way:
            found = [_step(graph, state, way.rule, goal.place), *found]
        elif turn:
            found = [*_turned(graph, state, turn), *found]
        goal = state
    return found


def _out(graph: Graph, state: State, before: int, seen: int) -> Iterator[tuple[State, Ways | None, Turn | None]]:
    """`seen`: bits of principals that are known already."""
    node = graph.nodes[state]
    for way in node.ways:
        fresh = way.bits & ~seen
        seen |= way.bits
        for place in members(fresh):
            yield State(place), way, None
    for turn in node.turns:
        if turn.number < before:
            yield turn.state, None, turn


def _step(graph: Graph, state: State, rule: Rule, place: int) -> Step:
    principals = graph.scene.principals
    goal = principals[place].arn if place >= 0 else "a new administrator"
    return Step(principals[state.place].arn, goal, rule, tuple(reasons(graph.scene, state, rule, place)))


def _unknown(graph: Graph, start: State) -> Iterator[str]:
    """What was not read on the way: then nobody knows whether it leads further."""
    states, _ = graph.reach(start)
    unread = graph.scene.account.unread
    yield from (because for kind, because in unread.items() if kind in PRINCIPALS)
    for state in states:
        node = graph.nodes[state]
        if node.unknown:
            yield node.unknown
        yield from (unread[kind] for kind in node.row.unsure)
