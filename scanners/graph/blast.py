"""What one compromise leads to, hop by hop: whom a principal can come to act as, by which rule, and how far from it.

The hops are those of the graph of escalation; one that only turns the principal itself into more (its own policies
rewritten) counts as a hop too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scanners.catalog.escalation import Rule
from scanners.graph.graph import Graph
from scanners.graph.states import NEW, State
from scanners.graph.universe import members

MOST = 200  # hops that are named


@dataclass(frozen=True, slots=True)
class Hop:
    """`distance` counts from 1.  `target` is an ARN, or words for an administrator that is made anew."""

    distance: int
    origin: str
    target: str
    rule: Rule
    administrator: bool

    @property
    def name(self) -> str:
        """As people say it: role/deploy."""
        return self.target.rpartition(":")[2]


@dataclass(frozen=True, slots=True)
class Blast:
    """`hops` nearest first, each target once; `more` that are not named; `unknown` what might lead further."""

    hops: tuple[Hop, ...]
    more: int = 0
    unknown: tuple[str, ...] = ()

    @property
    def administrator(self) -> Hop | None:
        return next((hop for hop in self.hops if hop.administrator), None)


def blast(graph: Graph, arn: str) -> Blast:
    start = State(graph.scene.place[arn])
    seen, front, hops, more = {start}, [start], list[Hop](), 0
    distance = 0
    while front:
        distance, following = distance + 1, list[State]()
        for state in front:
            for rule, reached in _out(graph, state):
                if reached in seen:
                    continue
                seen.add(reached)
                following.append(reached)
                if len(hops) < MOST:
                    hops.append(_hop(graph, distance, state, rule, reached))
                else:
                    more += 1
        front = following
    return Blast(tuple(hops), more, tuple(dict.fromkeys(_unknown(graph, seen))))


def _out(graph: Graph, state: State) -> Iterator[tuple[Rule, State]]:
    node = graph.nodes.get(state)
    if node is None:
        return
    for way in node.ways:
        for place in members(way.bits):
            yield way.rule, State(place)
    for turn in node.turns:
        yield turn.rule, turn.state


def _hop(graph: Graph, distance: int, state: State, rule: Rule, reached: State) -> Hop:
    principals = graph.scene.principals
    goal = principals[reached.place].arn if reached.place >= 0 else "a new administrator"
    node = graph.nodes.get(reached)
    admin = reached == NEW or (node is not None and node.row.admin)
    return Hop(distance, principals[state.place].arn, goal, rule, admin)


def _unknown(graph: Graph, seen: set[State]) -> Iterator[str]:
    unread = graph.scene.account.unread
    for state in seen:
        if (node := graph.nodes.get(state)) is not None:
            if node.unknown:
                yield node.unknown
            yield from (unread[kind] for kind in node.row.unsure)
