"""Who leads to whom by which rule: every need of a rule is asked of the engine, and answers are kept as bits.

A place is a bit of a number.  The first places are the principals, in order; each thing that is an identity or a group
lies in its principal's place, other things follow.

What an allowed answer on a scope settles is not asked of the things within; elsewhere the engine is asked where a grant
may stand (`Ground.spots`).  So the questions grow with grants and not with pairs.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator
from dataclasses import dataclass, field

from scanners.access.explorer import Answer, Decided, Principal
from scanners.catalog.escalation import Rule
from scanners.graph.ground import Ground, Thing
from scanners.graph.places import Places
from scanners.graph.tiers import EVERYWHERE, NONE, OPEN, Bits, bits_of, both, either, gated, within
from scanners.graph.universe import members


@dataclass(frozen=True, slots=True)
class Lead:
    """`things`: what the rule is done to.  `gains`: whose power comes with them, or the things themselves."""

    rule: Rule
    things: Bits
    gains: Bits


@dataclass(slots=True)
class Steps:
    """All that one principal can do by the rules in one step."""

    becomes: list[Lead] = field(default_factory=list)
    edits: list[Lead] = field(default_factory=list)
    unbinds: list[Lead] = field(default_factory=list)
    takes: list[Lead] = field(default_factory=list)
    union: Bits = NONE  # of what it becomes
    through: bool = False  # whether it rests on what others hold as well

    def of(self, gives: str) -> list[Lead]:
        return {"admin_self": self.edits, "unbound": self.unbinds, "take": self.takes}.get(gives, self.becomes)

    def all(self) -> Iterator[Lead]:
        yield from self.becomes
        yield from self.edits
        yield from self.unbinds
        yield from self.takes


class Leads(Places):
    """Of one ground.  With `earlier` ones of a like ground only `concerned` principals are asked anew."""

    def __init__(self, ground: Ground, earlier: Leads | None = None, concerned: Collection[str] | None = None) -> None:
        super().__init__(ground)
        self.asked = 0  # questions put to the engine, so far
        self._targeted: dict[str, int] = {}
        self._scoped = {scope.ref for scope in ground.scopes()}
        self._possible: dict[str, int] = {}
        self.levels = self.places([scope.ref for scope in ground.scopes()])
        self._made = {rule.id: self.places(ground.made_in(rule)) for rule in ground.rules}
        self._kinds = self._kinds_asked()
        self._missing = {kind: ground.missing(kind) for kind in {kind_of(rule) for rule in ground.rules}}
        self._forbidden = {one: ground.forbids(one) for one in {rule.target.unless for rule in ground.rules} if one}
        self._strangers = self._unlisted_identities()
        self._steps: dict[int, Steps] = {}
        self._bits: dict[tuple[int, str], Bits] = {}
        if earlier is not None and concerned is not None and earlier.likeness() == self.likeness():
            spared = {place for ref, place in self.place.items() if ref not in concerned}
            self._steps = {place: one for place, one in earlier._steps.items() if place in spared and not one.through}

    def likeness(self) -> tuple[object, ...]:
        """What steps of principals rest on, beside their own grants."""
        return tuple(self.things), tuple(self._missing.items()), tuple(self._forbidden.items())

    def _kinds_asked(self) -> dict[str, int]:
        """By permission, the places it may be asked on."""
        found: dict[str, int] = {}
        runners = self.identities & ~self.mask.get("group", 0)  # nothing runs as a group
        for rule in self.ground.rules:
            own = self.mask.get(kind_of(rule), 0)
            for need in rule.needs:
                mask = {"runs_as": runners, "new": 0}.get(need.on, own) | self._made[rule.id]
                for permission in need.permissions:
                    found[permission] = found.get(permission, 0) | mask
            if through := rule.target.through:
                found[through] = found.get(through, 0) | own | self._made[rule.id]
        return found

    # one permission of one principal

    def bits(self, place: int, permission: str) -> Bits:
        """On which things a principal holds it."""
        key = place, permission
        if key not in self._bits:
            self._bits[key] = self._ask(self.principals[place], permission)
        return self._bits[key]

    def _ask(self, who: Principal, permission: str) -> Bits:
        spots = self.ground.spots(who, permission)
        if spots is not None and not spots:
            return NONE
        wanted = self.asked_on(permission)
        own = self._near(spots and [ref for ref in spots if ref not in self._scoped], wanted)
        found, settled, doubtful = NONE, 0, 0
        for scope in self.ground.scopes():
            inside = self.inside[scope.ref] & wanted & ~settled
            if inside & self.at_scope(scope) and (spots is None or not {scope.ref, *scope.within}.isdisjoint(spots)):
                decided = self.decide(who, permission, scope)
                over = self.at_scope(scope)
                if self.ground.settles(who, permission, scope, decided):
                    over |= inside if decided.read is Answer.ALLOWED else inside & ~own
                found = either(found, bits_of(decided, over))
                settled |= over
                doubtful |= inside if decided.answer is Answer.UNKNOWN else 0
        left = self._near(spots, wanted & ~settled)
        found = either(found, (0, 0, doubtful & ~settled & ~left))
        return either(found, self._each(who, permission, spots, left))

    def _each(self, who: Principal, permission: str, spots: Collection[str] | None, places: int) -> Bits:
        """Things on which nothing is granted, and which are alike, are asked of once."""
        found, answers = NONE, dict[Hashable, Decided]()
        for place in members(places):
            thing = self.things[place]
            likeness = thing.likeness if spots is not None and thing.ref not in spots else None
            decided = answers.get(likeness) if likeness is not None else None
            if decided is None:
                decided = answers[likeness] = self.decide(who, permission, thing)
            found = either(found, bits_of(decided, 1 << place))
        return found

    def at_scope(self, scope: Thing) -> int:
        return 1 << self.at[scope.ref]

    def asked_on(self, permission: str) -> int:
        """The places on which a rule may ask for it."""
        return self._kinds.get(permission, 0)

    def _near(self, spots: Collection[str] | None, places: int) -> int:
        """Those of the places where a grant stands, or on what they lie in."""
        if spots is None:
            return places
        near = 0
        for ref in spots:
            near |= self.inside.get(ref, 0)
        return places & near

    def decide(self, who: Principal, permission: str, on: Thing) -> Decided:
        self.asked += 1
        return self.ground.decide(who, permission, on)

    # all rules of one principal

    def steps(self, place: int) -> Steps:
        if place not in self._steps:
            self._steps[place] = self._work_out(place)
        return self._steps[place]

    def _work_out(self, place: int) -> Steps:
        steps = Steps()
        if self.ground.idle(self.principals[place]):
            return steps
        for rule in self.ground.rules:
            lead = self._lead(place, rule)
            if lead is not None:
                steps.of(rule.gives).append(lead)
                steps.through |= bool(rule.target.through)
                if rule.gives in ("become", "join"):
                    steps.union = either(steps.union, lead.gains)
        return steps

    def _lead(self, place: int, rule: Rule) -> Lead | None:
        forbidden = self._forbidden.get(rule.target.unless, False)
        if forbidden is True:
            return None
        things, gate, through = self._needs(place, rule)
        if not gate[OPEN]:
            return None
        found = within(gated(things, gate), self._targets(rule))
        gains = self._gained(rule, found, through)
        if self._missing[kind_of(rule)]:
            if rule.gives == "admin_self":  # on a scope, by something nobody listed
                found = found[0], found[1], found[2] | things[OPEN] & self._made[rule.id]
            gains = gains[0], gains[1], gains[2] | found[2] & self.levels | self._unlisted(rule, things, through)
        if forbidden is None:
            found, gains = (0, *found[1:]), (0, *gains[1:])
        me = 1 << place
        if rule.gives in ("become", "join"):
            gains = within(gains, ~me)
        return Lead(rule, found, gains) if gains[OPEN] else None

    def _needs(self, place: int, rule: Rule) -> tuple[Bits, Bits, Bits]:
        """Where all needs on the thing hold, the scopes where something new can be made, and who may be handed over."""
        things = gate = through = EVERYWHERE
        made = self._made[rule.id]
        for need in rule.needs:
            held = NONE
            for permission in need.permissions:
                held = either(held, self.bits(place, permission))
            if need.on == "new":
                gate = both(gate, within(held, made))
            elif need.on == "runs_as":
                unlisted = self._strangers if held[OPEN] & made else 0
                through = both(through, (held[0], held[1], held[2] | unlisted))
            else:
                things = both(things, held)
            if not (things[OPEN] and gate[OPEN] and through[OPEN]):
                return NONE, NONE, NONE
        return things, gate, through

    def _targets(self, rule: Rule) -> int:
        if rule.id not in self._targeted:
            wanted = frozenset(rule.target.state)
            mask = self.mask.get(kind_of(rule), 0)
            fitting = (place for place in members(mask) if wanted <= self.things[place].marks)
            self._targeted[rule.id] = sum(1 << place for place in fitting)
        return self._targeted[rule.id]

    def _gained(self, rule: Rule, things: Bits, through: Bits) -> Bits:
        if rule.gives in ("unbound", "take"):
            return things
        if rule.gives == "admin_self" and rule.target.kind != "role":
            return things
        if rule.target.through:
            return self._handed_on(things, rule.target.through)
        if rule.target.kind not in ("resource", "role"):
            return within(things, self.identities)
        found = self.gains(things[0]), self.gains(things[1]), self.gains(things[2]) | self._unsure(rule, things[2])
        return both(found, through)

    def _handed_on(self, accounts: Bits, permission: str) -> Bits:
        """Whom the identities become by holding a permission of their own."""
        found = NONE
        for place in members(accounts[OPEN]):
            bit = 1 << place
            itself = within(accounts, bit)
            found = either(found, gated(within(self.bits(place, permission), self.identities & ~bit), itself))
        return found

    def _unsure(self, rule: Rule, things: int) -> int:
        """Whoever may run what nobody knows the identity of."""
        doubtful = any(self.things[place].unsure for place in members(things))
        return self._anybody(kind_of(rule)) if doubtful else 0

    def _unlisted(self, rule: Rule, things: Bits, through: Bits) -> int:
        """Whose power comes with things that nobody listed: their needs are asked of the scopes they would lie in."""
        if rule.gives not in ("become", "join") or not things[OPEN] & self._made[rule.id]:
            return 0
        return self._anybody(kind_of(rule)) & through[OPEN]

    def _unlisted_identities(self) -> int:
        """Principals that are identities for all one knows, though they were not listed."""
        kinds = {
            kind_of(rule) for rule in self.ground.rules if rule.gives == "become" and rule.target.kind != "resource"
        }
        found = 0
        for kind in kinds:
            found |= self._anybody(kind) if self._missing[kind] else 0
        return found & ~self.identities

    def _anybody(self, kind: str) -> int:
        if kind not in self._possible:
            self._possible[kind] = sum(
                1 << self.place[ref] for ref in set(self.ground.possible(kind)) & self.place.keys()
            )
        return self._possible[kind]


def kind_of(rule: Rule) -> str:
    return rule.target.runs_as if rule.target.kind == "resource" else rule.target.kind
