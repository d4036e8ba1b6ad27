"""What a caller may do by its own policies: quick answers per action for graphs, and all actions at once as bitmaps.

Only the caller's layers count here (identity, boundary, session, SCPs); what a resource's policy adds is `decide`'s.
A bitmap is an integer over the catalogue's actions (`Catalogue.number`); `sure` means allowed on some resource whatever
the unknown keys hold, `possible` allowed on some resource for some of what they may hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache

from scanners.access.aws.actions import Actions, service_actions, services
from scanners.access.aws.conditions import Condition
from scanners.access.aws.context import NOTHING_KNOWN, Context
from scanners.access.aws.decide import bounds
from scanners.access.aws.policies import Group, Rule
from scanners.access.aws.principals import Principal
from scanners.access.aws.requests import Layers, Request
from scanners.access.truth import MAYBE, NO, YES, Truth


@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """The actions of AWS in a fixed order; the last bit stands for every action the catalogue does not know."""

    names: tuple[str, ...]
    number: dict[str, int]
    spans: dict[str, tuple[int, int]]  # of a service its first number and how many it has

    @property
    def every(self) -> int:
        return (1 << len(self.names) + 1) - 1

    def named(self, bitmap: int) -> Iterator[str]:
        """The actions of a bitmap, in lower case, without the bit of the unknown."""
        bits = bin(bitmap)[:1:-1]
        number = bits.find("1")
        while 0 <= number < len(self.names):
            yield self.names[number]
            number = bits.find("1", number + 1)


@cache
def catalogue() -> Catalogue:
    names: list[str] = []
    spans = {}
    for service in services():
        mine = service_actions(service)
        spans[service] = (len(names), len(mine))
        names.extend(mine)
    return Catalogue(tuple(names), {name: number for number, name in enumerate(names)}, spans)


@lru_cache(maxsize=32_768)
def bitmap(actions: Actions) -> int:
    """The catalogue's actions that an element covers."""
    known = catalogue()
    found = known.every if actions.every else 0
    if not actions.every:
        for name in actions.names:
            if (number := known.number.get(name)) is not None:
                found |= 1 << number
        for service, patterns in actions.patterns.items():
            first, count = known.spans.get(service, (0, 0))
            for number in range(first, first + count):
                name = known.names[number].partition(":")[2]
                if any(match(name) for match in patterns):
                    found |= 1 << number
    return known.every & ~found if actions.negated else found


@dataclass(frozen=True, slots=True)
class Grant:
    """One statement of identity policies that gives an action: to which resources, under which condition."""

    resources: tuple[str, ...]
    all_but: bool  # the resources are those of a NotResource
    condition: Condition
    sure: bool
    rule: Rule = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Effective:
    """`sure` and `possible` as bitmaps over `catalogue()`."""

    principal: Principal
    layers: Layers
    context: Context
    sure: int
    possible: int

    def on(self, action: str) -> tuple[Grant, ...]:
        """The identity statements that give an action; ask `allows` for a resource they name."""
        return grants(self.layers, action, self.context)

    def allows(self, action: str, resource: str = "*") -> tuple[bool, bool]:
        return allowed(self.principal, self.layers, action, resource, self.context)


def allowed(
    principal: Principal, layers: Layers, action: str, resource: str = "*", context: Context = NOTHING_KNOWN
) -> tuple[bool, bool]:
    """(sure, possible) by the caller's own policies, on some resource of the pattern, in the caller's account."""
    return bounds(Request(principal, action, resource, principal.account), layers, context)


def allows_sure(
    principal: Principal, layers: Layers, action: str, resource: str = "*", context: Context = NOTHING_KNOWN
) -> bool:
    return allowed(principal, layers, action, resource, context)[0]


def allows_possibly(
    principal: Principal, layers: Layers, action: str, resource: str = "*", context: Context = NOTHING_KNOWN
) -> bool:
    return allowed(principal, layers, action, resource, context)[1]


def grants(layers: Layers, action: str, context: Context = NOTHING_KNOWN) -> tuple[Grant, ...]:
    found = []
    for rule in layers.identity.candidates(action.lower())[0]:
        holds = _holds(rule, context)
        if holds != NO:
            found.append(Grant(rule.resources.texts, rule.resources.negated, rule.condition, holds == YES, rule))
    return tuple(found)


def effective(principal: Principal, layers: Layers, context: Context = NOTHING_KNOWN) -> Effective:
    """All that a caller's own policies let it do somewhere."""
    own = [layers.identity, *(one for one in (layers.boundary, layers.session) if one is not None)]
    scps = [] if principal.service_linked else list(layers.scps)
    sure = possible = catalogue().every
    taken_surely = taken_maybe = 0
    for number, group in enumerate(own + scps):
        gives = _gives(group, context)
        if not (number == 0 and principal.is_root):
            sure, possible = sure & gives.sure, possible & gives.possible
        taken_surely |= gives.denied
        taken_maybe |= gives.maybe_denied
    return Effective(principal, layers, context, sure & ~taken_maybe, possible & ~taken_surely)


@dataclass(frozen=True, slots=True)
class _Gives:
    sure: int
    possible: int
    denied: int  # everywhere, surely
    maybe_denied: int  # somewhere, or perhaps


def _gives(group: Group, context: Context) -> _Gives:
    """Remembered by the context: equal groups of many principals are weighed once."""
    found: _Gives | None = context.memo.get(("gives", group))
    if found is None:
        sure = possible = denied = maybe_denied = 0
        for _, rule in group.places():
            holds = _holds(rule, context)
            if holds == NO:
                continue
            actions = bitmap(rule.actions)
            if rule.allows:
                possible |= actions
                sure |= actions if holds == YES else 0
            if rule.denies:
                maybe_denied |= actions
                everywhere = rule.resources.stars and not rule.resources.negated
                denied |= actions if everywhere and holds == YES else 0
        found = context.memo[("gives", group)] = _Gives(sure, possible, denied, maybe_denied)
    return found


def _holds(rule: Rule, context: Context) -> Truth:
    holds = rule.condition.evaluate(context)
    return min(holds, MAYBE) if rule.flaw else holds
