"""Ways to more power where grants stand on scopes: chains of rules, from any principal to an administrator.

What a caller controls grows until nothing is new: whom it becomes, which guards it has lifted.  All that it controls it
controls together, so what takes two powers (one principal widens a role, another one holds it) is found as well.  The
search runs in three tiers: on what surely (or on a condition) holds; on what holds by what was read; on what nobody can
exclude.  Only the first gives a way; the others say that nobody knows.

Known limits: a role that is held on a single resource gains nothing when it is widened; of guards each is lifted whole.
"""

from __future__ import annotations

from scanners.access.explorer import Answer, Decided, Hop, NotFound, Principal, Way, Ways
from scanners.graph.ground import Ground
from scanners.graph.hops import Hops
from scanners.graph.leads import Lead, Leads
from scanners.graph.search import Event, Lifted, Search
from scanners.graph.tiers import OPEN, SURE, TIERS, TOLD, Bits, bits_of
from scanners.graph.universe import members


class Chains:
    """Over one ground.  `leads` may be those of an earlier, like ground (see `Leads`)."""

    def __init__(self, ground: Ground, leads: Leads | None = None) -> None:
        self.ground = ground
        self.worlds: dict[Lifted, Leads] = {frozenset(): leads or Leads(ground)}
        self.base = self.worlds[frozenset()]
        self.principals, self.place = self.base.principals, self.base.place
        self.everybody = (1 << len(self.principals)) - 1
        self._admins: dict[Lifted, Bits] = {}
        self._crowned: dict[tuple[Lifted, int, int], Bits] = {}
        self._won: dict[tuple[int, int], Search] = {}
        self._hopeful: dict[int, int] = {}

    def world(self, lifted: Lifted) -> Leads:
        if lifted not in self.worlds:
            self.worlds[lifted] = Leads(self.ground.without(lifted))
        return self.worlds[lifted]

    def administrators(self, lifted: Lifted = frozenset()) -> Bits:
        if lifted not in self._admins:
            ground = self.world(lifted).ground
            found = [0, 0, 0]
            for place, who in enumerate(self.principals):
                for tier, bit in enumerate(_surely(ground.administrator(who), 1 << place)):
                    found[tier] |= 0 if ground.idle(who) else bit
            self._admins[lifted] = found[0], found[1], found[2]
        return self._admins[lifted]

    # what one caller comes to control

    def to_administrator(self, start: int, tier: int = SURE) -> Search:
        key = start, tier
        if key not in self._won:
            hopeful = self.hopeful(tier) >> start & 1
            self._won[key] = self._shortest(start, tier, None) if hopeful else Search(start, tier)
        return self._won[key]

    def hopeful(self, tier: int) -> int:
        """Places from which an administrator, or somebody who rewrites or lifts something, is reached by becoming."""
        if tier not in self._hopeful:
            won, waiting = self.administrators()[tier], dict[int, int]()
            for place in members(self.everybody & ~won):
                steps = self.base.steps(place)
                waiting[place] = steps.union[tier]
                for lead in (*steps.edits, *steps.unbinds):
                    won |= (1 << place | (lead.gains[tier] if _is_role(lead) else 0)) if lead.gains[tier] else 0
            while reached := [place for place, union in waiting.items() if union & won and not won >> place & 1]:
                won |= sum(1 << place for place in reached)
            self._hopeful[tier] = won
        return self._hopeful[tier]

    def _shortest(self, start: int, tier: int, goal: str | None) -> Search:
        """The search; where several guards were lifted, one of them alone may do."""
        search = self._search(Search(start, tier), goal)
        for guard in sorted(search.lifted) if search.found and len(search.lifted) > 1 else ():
            alone = self._search(Search(start, tier, frozenset((guard,))), goal)
            if alone.found:
                return alone
        if not search.found:
            search.events.clear()
        return search

    def _search(self, search: Search, goal: str | None) -> Search:
        search.order, search.bits = [search.start], 1 << search.start
        while True:
            self._spread(search, goal)
            if search.found or not self._lift(search):
                return search

    def _spread(self, search: Search, goal: str | None) -> None:
        """Whom the caller becomes with the guards that are lifted by now; stops where the goal is reached."""
        leads, tier = self.world(search.lifted), search.tier
        goals = self.administrators(search.lifted)[tier] if goal is None else self._bit(goal)
        for place in members(search.bits & goals):
            search.arrive(place, *search.rests_on(place))
            return
        for place in search.order:
            if self._arrives(search, leads, place, goal):
                return
            steps = leads.steps(place)
            for gained in members(steps.union[tier] & self.everybody & ~search.bits):
                lead = next(one for one in steps.becomes if one.gains[tier] >> gained & 1)
                event = Event(place, lead, -1, gained, search.lifted, search.rests_on(place))
                search.came[gained] = search.add(event)
                search.order.append(gained)
                search.bits |= 1 << gained
                if goals >> gained & 1:
                    search.arrive(gained, search.came[gained])
                    return
        if goal is None:
            self._widen_others(search, leads)

    def _arrives(self, search: Search, leads: Leads, place: int, goal: str | None) -> bool:
        """Whether a principal that the caller controls reaches the goal by one rule that makes nobody else of it."""
        steps = leads.steps(place)
        for lead in steps.edits if goal is None else steps.takes:
            if _is_role(lead):
                if lead.gains[search.tier] >> place & 1 and self._widens(search, leads, lead, place, place):
                    return True
                continue
            for thing in members(lead.things[search.tier]):
                crowned = goal is None and self._crowns(search, leads, place, thing)
                if crowned or leads.things[thing].ref == goal:
                    event = Event(place, lead, thing, -1, search.lifted, search.rests_on(place))
                    search.arrive(place if crowned else -1, search.add(event))
                    return True
        return False

    def _widen_others(self, search: Search, leads: Leads) -> None:
        """Roles that one controlled principal widens and another one holds."""
        for place in search.order:
            for lead in leads.steps(place).edits:
                for holder in members(lead.gains[search.tier] & search.bits) if _is_role(lead) else ():
                    if holder != place and self._widens(search, leads, lead, place, holder):
                        return

    def _widens(self, search: Search, leads: Leads, lead: Lead, writer: int, holder: int) -> bool:
        for thing in members(lead.things[search.tier]):
            held = leads.gains(1 << thing) >> holder & 1
            if held and self._crowns(search, leads, holder, thing):
                rests = dict.fromkeys((*search.rests_on(writer), *search.rests_on(holder)))
                event = Event(writer, lead, thing, holder, search.lifted, tuple(rests))
                search.arrive(holder, search.add(event))
                return True
        return False

    def _crowns(self, search: Search, leads: Leads, place: int, thing: int) -> bool:
        key = search.lifted, place, thing
        if key not in self._crowned:
            self._crowned[key] = bits_of(leads.ground.crowned(self.principals[place], leads.things[thing]), 1)
        return bool(self._crowned[key][search.tier])

    def _lift(self, search: Search) -> bool:
        """Lift every guard that the caller can; whether there was a new one."""
        leads, new = self.world(search.lifted), dict[str, int]()
        for place in search.order:
            for lead in leads.steps(place).unbinds:
                for thing in members(lead.things[search.tier]):
                    guard = leads.things[thing].ref
                    if guard in search.lifted or guard in new or (search.only and guard not in search.only):
                        continue
                    event = Event(place, lead, thing, -1, search.lifted, search.rests_on(place))
                    new[guard] = search.add(event)
        search.lifts.update(new)
        search.lifted |= frozenset(new)
        return bool(new)

    def _bit(self, goal: str) -> int:
        return 1 << self.place[goal] if goal in self.place else 0

    # answers

    def ways(self, origin: Principal | None = None, goal: Principal | None = None) -> Ways:
        """Of one principal or of all.  Raises NotFound for one that the account does not have."""
        if origin is not None and origin.ref not in self.place:
            raise NotFound(f"{origin.name} is no principal of this account")
        places = range(len(self.principals)) if origin is None else (self.place[origin.ref],)
        found = tuple(self.way(place, goal) for place in places)
        return Ways(found, (), tuple(dict.fromkeys(self.ground.caveats)))

    def way(self, place: int, goal: Principal | None = None) -> Way:
        who = self.principals[place]
        if goal is not None:
            search = self._shortest(place, SURE, goal.ref)
            if search.found:
                return Way(who, True, False, self._first(search), self._hops(search))
        for tier in TIERS:
            search = self.to_administrator(place, tier)
            if search.found:
                return self._found(who, search)
        if goal is not None and (search := self._shortest(place, OPEN, goal.ref)).found:
            return self._found(who, search)
        return Way(who, False)

    def climbs(self, place: int) -> bool:
        """Whether it surely becomes an administrator, or is one."""
        return self.to_administrator(place).found

    def _found(self, who: Principal, search: Search) -> Way:
        if search.tier == SURE:
            by = self._by(search) if search.ends else ()
            return Way(who, True, not search.ends, by, self._hops(search))
        steps = self._hops(search) if search.tier == TOLD else ()
        return Way(who, None, False, (), steps, self._unknown(search))

    def _hops(self, search: Search) -> tuple[Hop, ...]:
        return tuple(self._hop(search, event) for event in search.route())

    def _hop(self, search: Search, event: Event) -> Hop:
        return Hops(self.world(event.lifted), search.tier).hop(event.origin, event.lead, event.place, event.thing)

    def _first(self, search: Search) -> tuple[str, ...]:
        return tuple(dict.fromkeys(event.lead.rule.id for event in search.route() if event.origin == search.start))

    def _by(self, search: Search) -> tuple[str, ...]:
        """All rules by which a first step of the caller leads on."""
        start, steps = search.start, self.base.steps(search.start)
        found = dict.fromkeys(self._first(search))
        for lead in steps.becomes:
            if any(self.climbs(place) for place in members(lead.gains[SURE] & self.everybody)):
                found[lead.rule.id] = None
        plain = Search(start, SURE)
        for lead in steps.edits:
            for thing in members(lead.things[SURE]):
                mine = not _is_role(lead) or self.base.gains(1 << thing) >> start & 1
                if mine and self._crowns(plain, self.base, start, thing):
                    found[lead.rule.id] = None
        return tuple(found)

    def _unknown(self, search: Search) -> tuple[str, ...]:
        """What was not read of the route; of its end, whether that is an administrator."""
        found: dict[str, None] = {}
        for event in search.route():
            for _, _, decided in self._hop(search, event).because:
                found.update(dict.fromkeys(decided.unknown_because))
            found.update(dict.fromkeys(Hops(self.world(event.lifted), search.tier).doubts(event.lead)))
        if search.last >= 0:
            end = self.world(search.lifted).ground.administrator(self.principals[search.last])
            found.update(dict.fromkeys(end.unknown_because))
        return tuple(found) or self.ground.engine.gaps or ("something on the way was not read",)


def _is_role(lead: Lead) -> bool:
    return lead.rule.target.kind == "role"


def _surely(decided: Decided, bit: int) -> Bits:
    """An administrator is one on no condition."""
    if decided.answer is Answer.UNKNOWN:
        return 0, bit if decided.read is Answer.ALLOWED else 0, bit
    return (bit, bit, bit) if decided.answer is Answer.ALLOWED else (0, 0, 0)
