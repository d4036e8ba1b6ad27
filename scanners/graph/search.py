"""What one caller comes to control, event by event, and the route among them that leads to the goal."""

from __future__ import annotations

from dataclasses import dataclass, field

from scanners.graph.leads import Lead

Lifted = frozenset[str]  # refs of guards


@dataclass(frozen=True, slots=True)
class Event:
    """Something that the caller gains.  `place`: whom, or -1 where nobody is become; `after`: events it rests on."""

    origin: int
    lead: Lead
    thing: int
    place: int
    lifted: Lifted
    after: tuple[int, ...]


@dataclass(slots=True)
class Search:
    """What one caller comes to control.  `ends`: the events that reach the goal together; `last` has then got there.

    `only`: the guards that may be lifted; None: any.
    """

    start: int
    tier: int
    only: Lifted | None = None
    events: list[Event] = field(default_factory=list)
    order: list[int] = field(default_factory=list)
    came: dict[int, int] = field(default_factory=dict)  # place → event
    lifts: dict[str, int] = field(default_factory=dict)  # guard → event
    bits: int = 0
    lifted: Lifted = frozenset()
    found: bool = False
    ends: tuple[int, ...] = ()
    last: int = -1

    def rests_on(self, place: int) -> tuple[int, ...]:
        own = (self.came[place],) if place in self.came else ()
        return (*own, *(self.lifts[guard] for guard in sorted(self.lifted)))

    def add(self, event: Event) -> int:
        self.events.append(event)
        return len(self.events) - 1

    def arrive(self, last: int, *ends: int) -> None:
        self.found, self.last, self.ends = True, last, ends

    def route(self) -> list[Event]:
        """The events that the end rests on, in the order in which they happen."""
        needed, waiting = set[int](), list(self.ends)
        while waiting:
            one = waiting.pop()
            if one not in needed:
                needed.add(one)
                waiting += self.events[one].after
        return [self.events[one] for one in sorted(needed)]
