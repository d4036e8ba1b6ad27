"""The graph of escalation: who can become whom, solved backwards from the administrators.

A principal leads to sets of others, one for each rule, kept as the bits of a number: edges grow with the distinct sets
and not with the pairs.  Steps that change a principal (its policies rewritten, its boundary gone, a group joined) lead
to a state of it, which is judged by the layers it has then.  What needs two powers at once, to write a principal's
policies and to act as it, is found among all that a caller can become.

Known limits: managed machines are those whose role may register them; quotas of attachments are not counted; resource
policies of functions and keys are not asked; session names and tags are taken to be free.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from scanners.catalog.escalation import Rule, by_id, rules
from scanners.graph.account import Account
from scanners.graph.powers import Row, Rows, Ways
from scanners.graph.scene import Scene
from scanners.graph.states import NEW, State, layers
from scanners.graph.universe import members

MOST_TURNS = 50  # of one caller by one rule: who may rewrite and become fifty principals needs no more


@dataclass(frozen=True, slots=True)
class Turn:
    """A step to one state by a rule.

    Where it takes two powers, `writer` changes the target and `holder` acts as it: both are states that the caller can
    come to without turns of this or a higher `number`.
    """

    rule: Rule
    state: State
    writer: State | None = None
    holder: State | None = None
    number: int = 0


@dataclass(slots=True)
class Node:
    state: State
    row: Row
    ways: tuple[Ways, ...]
    turns: list[Turn]
    union: int  # of the bits of all ways
    own: int = 0  # how many of the turns it makes by itself
    unknown: str | None = None


@dataclass(eq=False)
class Graph:
    """`levels`: for every state that leads to an administrator, in how many steps; 0 for administrators."""

    scene: Scene
    rows: Rows
    registers: int = 0  # principals as which a machine is seen by Systems Manager
    nodes: dict[State, Node] = field(default_factory=dict)
    levels: dict[State, int] = field(default_factory=dict)

    def node(self, place: int) -> Node:
        return self.nodes[State(place)]

    def escalates(self, place: int) -> bool:
        return State(place) in self.levels

    def reach(self, start: State) -> tuple[list[State], int]:
        """All states that a caller can come to, and the bits of the principals it can act as."""
        seen, order, plain = {start}, [start], 1 << start.place
        for state in order:
            node = self.nodes[state]
            fresh = node.union & ~plain
            plain |= node.union
            following = [State(place) for place in members(fresh)] + [turn.state for turn in node.turns]
            for one in following:
                if one not in seen and one.place >= 0:
                    seen.add(one)
                    order.append(one)
        return order, plain

    def administrators(self) -> list[int]:
        return [place for place in range(len(self.scene.principals)) if self.node(place).row.admin]


def build(account: Account, earlier: Graph | None = None) -> Graph:
    """The graph of an account.  With an earlier graph of it only what changed since is worked out anew."""
    scene = Scene(account)
    if earlier is None or earlier.scene.likeness() != scene.likeness():
        return Builder(scene, Rows(scene), {}, -1).graph()
    scene.take_over(earlier.scene)
    return Builder(scene, earlier.rows.for_scene(scene), earlier.nodes, earlier.registers).graph()


class Builder:
    """`known` are nodes of an earlier graph in which the principals of `registered` were seen by Systems Manager."""

    def __init__(self, scene: Scene, rows: Rows, known: Mapping[State, Node], registered: int) -> None:
        self.scene, self.rows, self.known, self.registered = scene, rows, known, registered
        self.result = Graph(scene, rows)
        self.registers = 0
        self.turned = 0  # turns that take two powers, so far

    def graph(self) -> Graph:
        places = range(len(self.scene.principals))
        plain = [self.rows.row(layers(self.scene, State(place)), self.scene.principals[place]) for place in places]
        for place in places:
            self.registers |= plain[place].registers << place
        self.result.registers = self.registers
        for place in places:
            self._visit(State(place), plain[place])
        self._solve()
        while self._pairs():
            self._solve()
        return self.result

    # nodes

    def _visit(self, state: State, row: Row | None = None) -> None:
        """Lay out a state and those that it turns into by itself."""
        if state in self.result.nodes or state.place < 0:
            return
        entity = self.scene.principals[state.place]
        row = row or self.rows.row(layers(self.scene, state), entity)
        self.result.nodes[state] = node = self._again(state, row) or self._node(state, row)
        for turn in node.turns:
            self._visit(turn.state)

    def _again(self, state: State, row: Row) -> Node | None:
        """The node of the earlier graph, if all that it rests on is the same."""
        node = self.known.get(state)
        if node is None or node.row is not row or self.registers != self.registered:
            return None
        return Node(state, row, node.ways, node.turns[: node.own], node.union, node.own, node.unknown)

    def _node(self, state: State, row: Row) -> Node:
        entity = self.scene.principals[state.place]
        ways = self._ways(state, row)
        union = 0
        for way in ways:
            union |= way.bits
        turns = [] if row.admin else self._turns(state, row, ways)
        unknown = self.scene.unknown(entity) if state.plain else None
        return Node(state, row, ways, turns, union, len(turns), unknown)

    def _ways(self, state: State, row: Row) -> tuple[Ways, ...]:
        others = ~(1 << state.place)
        found = []
        for way in row.becomes:
            bits = way.bits & others
            if "managed" in way.rule.target.state:
                bits &= self.registers | self.scene.managed
            if bits:
                found.append(Ways(way.rule, bits))
        if bits := self._assumable(state, row) & others:
            found.append(Ways(by_id()["sts-001"], bits))
        return tuple(found)

    def _assumable(self, state: State, row: Row) -> int:
        scene, doors = self.scene, row.doors
        entity = scene.principals[state.place]
        trust = scene.trusts.of(entity)
        local = scene.of_account(entity.account)
        limits = doors.left_by_scps & ~doors.barred
        within = limits & doors.left_by_boundary
        asked = (trust.direct | trust.role | trust.account) & doors.by_identity & within
        return asked | local & (trust.direct & limits | trust.role & within)

    def _turns(self, state: State, row: Row, ways: tuple[Ways, ...]) -> list[Turn]:
        me = 1 << state.place
        found = [Turn(way.rule, state.rewritten()) for way in row.edits if way.bits & me]
        if not state.unbound:
            found += [Turn(way.rule, state.freed()) for way in row.unbinds if way.bits & me]
        found += [Turn(rule, NEW) for rule in row.creates]
        if row.joins & ~state.joined and me & self.scene.mask("user") and not state.edited:
            found.append(Turn(by_id()["iam-013"], state.with_groups(row.joins)))
        found += self._composed(row, ways, state)
        return [turn for turn in found if turn.state != state]

    def _composed(self, row: Row, ways: tuple[Ways, ...], state: State) -> list[Turn]:
        """Rules made of two: one writes a principal's policies, the other becomes it."""
        edits = {way.rule.id: way.bits for way in row.edits}
        takes = {way.rule.id: way.bits for way in ways}
        found = []
        for rule in _composed_rules():
            edit, take = rule.made_of
            both = edits.get(edit, 0) & takes.get(take, 0) & ~(1 << state.place)
            bounded = both & self.scene.mask("bounded")
            turned = [*islice(members(both & ~bounded), MOST_TURNS), *islice(members(bounded), MOST_TURNS)]
            found += [Turn(rule, State(place, edited=True)) for place in turned]
        return found

    # who gets there

    def _solve(self) -> None:
        """Levels, outwards from the administrators."""
        nodes = self.result.nodes
        levels = {state: 0 for state, node in nodes.items() if node.row.admin}
        levels[NEW] = 0
        won = sum(1 << state.place for state in levels if state.plain and state.place >= 0)
        waiting = [node for state, node in nodes.items() if state not in levels]
        level = 0
        while True:
            level += 1
            reached = [node for node in waiting if node.union & won or any(turn.state in levels for turn in node.turns)]
            if not reached:
                break
            for node in reached:
                levels[node.state] = level
                won |= 1 << node.state.place if node.state.plain else 0
            waiting = [node for node in waiting if node.state not in levels]
        self.result.levels = levels

    # two powers at once

    def _pairs(self) -> bool:
        """Turns of callers that can become both who changes a principal and that principal; whether any was new."""
        losing = [node for state, node in self.result.nodes.items() if state.plain and state not in self.result.levels]
        changing = 0
        for node in self.result.nodes.values():
            if node.state not in self.result.levels and (node.row.edits or node.row.unbinds or node.row.joins):
                changing |= 1 << node.state.place
        new = False
        for node in losing if changing else ():
            states, plain = self.result.reach(node.state)
            if plain & changing:
                new |= self._pair(node, states, plain)
        return new

    def _pair(self, caller: Node, states: list[State], plain: int) -> bool:
        have = {turn.state for turn in caller.turns} | set(states)
        new = False
        for state in states:
            row = self.result.nodes[state].row
            for turn in self._changes(state, row, plain):
                if turn.state not in have:
                    have.add(turn.state)
                    self.turned += 1
                    caller.turns.append(replace(turn, number=self.turned))
                    self._visit(turn.state)
                    new = True
        return new

    def _changes(self, writer: State, row: Row, plain: int) -> list[Turn]:
        found = [
            Turn(way.rule, State(place, edited=True), writer, State(place))
            for way in row.edits
            for place in members(way.bits & plain)
        ]
        for way in row.unbinds:
            for place in members(way.bits & plain):
                found.append(Turn(way.rule, State(place, unbound=True), writer, State(place)))
                found.append(Turn(way.rule, State(place, edited=True, unbound=True), writer, State(place, True)))
        users = plain & self.scene.mask("user") if row.joins else 0
        found += [Turn(by_id()["iam-013"], State(one, joined=row.joins), writer, State(one)) for one in members(users)]
        return [turn for turn in found if turn.holder is None or turn.holder in self.result.nodes]


def _composed_rules() -> tuple[Rule, ...]:
    return tuple(rule for rule in rules() if rule.made_of)
