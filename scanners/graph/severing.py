"""The cheapest cut where grants stand on scopes: the one grant without which fewest principals can still escalate.

Candidates are the grants that ways rest on most often, and those that make an administrator of their end.  The effect
of each is not estimated: the grant is taken away and everybody whom it concerns is asked again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from scanners.access.explorer import Cut, Principal, Way, Ways
from scanners.graph.chains import Chains
from scanners.graph.ground import Removal
from scanners.graph.leads import Leads

TRIED = 12  # candidates whose effect is worked out
SHOWN = 5


def with_cuts(chains: Chains, ways: Ways) -> Ways:
    return replace(ways, cuts=cuts(chains, ways.ways))


def cuts(chains: Chains, ways: tuple[Way, ...]) -> tuple[Cut, ...]:
    """The edits that stop most of these ways, best first.  Administrators do not count: they need no way."""
    climbing = tuple(way for way in ways if way.escalates and not way.administrator)
    weights: Counter[Removal] = Counter()
    for way in climbing:
        weights.update(set(_removals(chains, way)))
    origins = tuple(way.origin for way in climbing)
    found = [cut for removal, _ in weights.most_common(TRIED) if (cut := _cut(chains, removal, origins)).stops]
    return tuple(sorted(found, key=lambda cut: (-len(cut.stops), cut.at.ref, cut.edit))[:SHOWN])


def _cut(chains: Chains, removal: Removal, origins: tuple[Principal, ...]) -> Cut:
    ground, concerned = chains.ground.after(removal)
    after = Chains(ground, Leads(ground, chains.base, concerned))
    stopped = (one for one in origins if one.ref not in after.place or not after.climbs(after.place[one.ref]))
    return Cut(removal.words, removal.at, tuple(stopped))


def _removals(chains: Chains, way: Way) -> Iterator[Removal]:
    """What a way rests on: grants of who acts, and of who is become at its end."""
    for hop in way.steps:
        for _, _, decided in hop.because:
            for via in decided.via:
                if via.effect == "Allow" and (found := chains.ground.removal(via, hop.origin)):
                    yield found
    end = way.steps[-1].target if way.steps else way.origin
    for via in chains.ground.administrator(end).via if end.ref in chains.place else ():
        if via.effect == "Allow" and (found := chains.ground.removal(via, end)):
            yield found
