"""Where principals and things lie among the bits of a number.

The first places are the principals, in order.  A thing that is an identity or a group lies in its principal's place;
others follow.
"""

from __future__ import annotations

from collections.abc import Collection

from scanners.access.explorer import Principal, Target
from scanners.graph.ground import Ground, Thing
from scanners.graph.universe import members


class Places:
    """`mask`: by kind, its things.  `inside`: by ref, that thing and what lies in it.  `identities`: what is become."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.principals: tuple[Principal, ...] = tuple({one.ref: one for one in ground.principals()}.values())
        self.place = {one.ref: place for place, one in enumerate(self.principals)}
        self.things: list[Thing] = [_nobody(one) for one in self.principals]
        self._gains: dict[int, int] = {}
        self._lay_out()

    def _lay_out(self) -> None:
        self.mask: dict[str, int] = {}
        self.at: dict[str, int] = {}  # by ref of a thing, its place
        self._named: dict[str, int] = {}  # by ref, all things of that name
        for thing in self.ground.things():
            own = self.place.get(thing.identities[0]) if len(thing.identities) == 1 and _is_itself(thing) else None
            place = len(self.things) if own is None else own
            self.things[place : place + 1] = [thing]
            self.at.setdefault(thing.ref, place)
            self._named[thing.ref] = self._named.get(thing.ref, 0) | 1 << place
            self.mask[thing.kind] = self.mask.get(thing.kind, 0) | 1 << place
        self.inside: dict[str, int] = {}
        for place, thing in enumerate(self.things):
            for ref in {*thing.within, thing.ref} if thing.kind else ():
                self.inside[ref] = self.inside.get(ref, 0) | 1 << place
        self.identities = sum(1 << place for place, one in enumerate(self.things[: len(self.principals)]) if one.kind)

    def places(self, refs: Collection[str]) -> int:
        """Of all things of these refs."""
        found = 0
        for ref in refs:
            found |= self._named.get(ref, 0)
        return found

    def gains(self, things: int) -> int:
        """Places of the principals whose power comes with these things."""
        if things not in self._gains:
            found = 0
            for place in members(things):
                for ref in self.things[place].identities:
                    found |= 1 << self.place[ref] if ref in self.place else 0
            self._gains[things] = found
        return self._gains[things]


def _is_itself(thing: Thing) -> bool:
    """Whether the thing is the principal: an identity, a group."""
    return "principal" in thing.marks


def _nobody(principal: Principal) -> Thing:
    return Thing("", Target(principal.ref, principal.name))
