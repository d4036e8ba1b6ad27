"""One step of a way with its proof: on which thing a rule was used, and what the engine says to each of its needs."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.explorer import Answer, Decided, Hop, Principal
from scanners.catalog.escalation import Need
from scanners.graph.ground import Thing
from scanners.graph.leads import Lead, Leads, kind_of
from scanners.graph.tiers import TIERS
from scanners.graph.universe import members

Reason = tuple[str, str, Decided]
RANK = {Answer.ALLOWED: 0, Answer.IF: 1, Answer.UNKNOWN: 2, Answer.DENIED: 3}


class Hops:
    """`tier` says on how much certainty the steps rest."""

    def __init__(self, leads: Leads, tier: int) -> None:
        self.leads, self.tier = leads, tier

    def hop(self, origin: int, lead: Lead, place: int, thing: int = -1) -> Hop:
        """`place`: who is become, -1 where nobody is.  `thing`: what the rule is done to, -1: the best that does."""
        leads, rule = self.leads, lead.rule
        who = leads.principals[origin]
        on = leads.things[thing] if thing >= 0 else self._on(lead, place)
        gained = leads.principals[place] if place >= 0 else None
        because = tuple(self._reason(who, lead, need, on, gained) for need in rule.needs)
        if rule.target.through and on is not None:
            because += (self._handed_on(lead, on, place),)
        if rule.gives == "take" and on is not None:
            gained = Principal(on.ref, on.target.name, on.kind)
        return Hop(who, gained or who, rule.id, rule.title, because, rule.assumes)

    def doubts(self, lead: Lead) -> Iterator[str]:
        """What was not read of the things that a rule may be used on."""
        if lead.gains[2] & ~lead.gains[0]:
            yield from self.leads.ground.missing(kind_of(lead.rule))
            for thing in members(lead.things[2]):
                yield from self.leads.things[thing].unsure

    def _on(self, lead: Lead, place: int) -> Thing | None:
        """The thing by which `place` is gained, the surest first; None where no such thing was listed."""
        leads = self.leads
        if through := lead.rule.target.through:
            for between in members(lead.things[self.tier]):
                if leads.bits(between, through)[self.tier] >> place & 1:
                    return self._listed(between)
            return None
        if lead.rule.target.kind not in ("resource", "role"):
            return self._listed(place)
        for tier in TIERS[: self.tier + 1]:
            for thing in members(lead.things[tier]):
                if leads.gains(1 << thing) >> place & 1:
                    return leads.things[thing]
        return next((leads.things[thing] for thing in members(lead.things[self.tier])), None)

    def _reason(self, who: Principal, lead: Lead, need: Need, on: Thing | None, gained: Principal | None) -> Reason:
        leads = self.leads
        if need.on == "new":
            return self._best(who, need, self._scopes(who, lead))
        if need.on == "runs_as" and gained is not None:
            on = self._listed(leads.place[gained.ref])
        return self._best(who, need, (on,) if on is not None else tuple(leads.ground.scopes()))

    def _listed(self, place: int) -> Thing | None:
        """The identity of that place; None where it was not listed, and only the scopes can be asked."""
        thing = self.leads.things[place]
        return thing if thing.kind else None

    def _handed_on(self, lead: Lead, between: Thing, place: int) -> Reason:
        """What the identity in between holds on the one that is become."""
        leads = self.leads
        need = Need(lead.rule.target.through, "target")
        return self._best(leads.principals[leads.place[between.identities[0]]], need, (leads.things[place],))

    def _scopes(self, who: Principal, lead: Lead) -> tuple[Thing, ...]:
        """Where something new is made: the scope on which all the needs hold best."""
        leads = self.leads
        made = [leads.things[leads.at[ref]] for ref in leads.ground.made_in(lead.rule) if ref in leads.at]
        needs = [need for need in lead.rule.needs if need.on == "new"]
        ranked = sorted(made, key=lambda scope: max(RANK[self._best(who, one, (scope,))[2].answer] for one in needs))
        return tuple(ranked[:1])

    def _best(self, who: Principal, need: Need, things: tuple[Thing, ...]) -> Reason:
        asked = [
            (permission, thing.ref, self.leads.decide(who, permission, thing))
            for thing in things
            for permission in need.permissions
        ]
        return min(asked, key=lambda reason: RANK[reason[2].answer])
