"""What a principal's layers let it do to many resources at once.

Everything is the *possible* bound: what is allowed for some completion of what is not known, unless a Deny surely holds.
Whether a condition must hold beside is worked out for the paths that are shown (`scanners.graph.proof`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from scanners.access.aws.arns import Target, target
from scanners.access.aws.policies import Rule
from scanners.access.aws.truth import MAYBE, NO, YES, Truth
from scanners.graph.callers import Request
from scanners.graph.sheets import Line, Sheet, bit
from scanners.graph.universe import Universe, members

Facts = Callable[[Request, int], Request]  # the request as it is for the resource at a place
_OF_TARGET = ("aws:resourcetag/", "iam:resourcetag/", "iam:permissionsboundary", "aws:requestedregion")


@dataclass(frozen=True, slots=True)
class Layers:
    """Compiled policies around one principal.  `boundary` None: there is none; `scps` by level."""

    identity: tuple[Sheet, ...]
    boundary: tuple[Sheet, ...] | None
    scps: tuple[tuple[Sheet, ...], ...]

    def limits(self) -> tuple[tuple[Sheet, ...], ...]:
        """What must allow beside the identity policies."""
        return (*self.scps, *(() if self.boundary is None else (self.boundary,)))

    @property
    def personal(self) -> bool:
        return any(sheet.personal for layer in (self.identity, *self.limits()) for sheet in layer)

    def granted(self) -> int:
        """Actions that every layer speaks of in some Allow."""
        found = _granted(self.identity)
        for layer in self.limits():
            found &= _granted(layer)
        return found


def _granted(layer: Iterable[Sheet]) -> int:
    found = 0
    for sheet in layer:
        found |= sheet.granted
    return found


def allowed(layers: Layers, action: str, context: Request, on: Universe, facts: Facts) -> int:
    """Bits of the resources on which the action is possible."""
    found = permitted(layers.identity, action, context, on, facts)
    for layer in layers.limits():
        if not found:
            return 0
        found &= permitted(layer, action, context, on, facts)
    return found & ~denied(layers, action, context, on, facts) if found else 0


def permitted(layer: Iterable[Sheet], action: str, context: Request, on: Universe, facts: Facts) -> int:
    """What the Allow statements of one layer may reach."""
    found = 0
    for line in _speaking(layer, action, allows=True):
        yes, maybe = on.reached(line.rule.resources, context)
        reached = yes | maybe
        if reached & ~found:
            found |= _where(line, reached, context, facts, lambda answer: answer != NO)
    return found


def denied(layers: Layers, action: str, context: Request, on: Universe, facts: Facts) -> int:
    """What some Deny surely takes away."""
    found = 0
    for layer in (layers.identity, *layers.limits()):
        for line in _speaking(layer, action, allows=False):
            if line.rule.flaw:
                continue
            yes, _ = on.reached(line.rule.resources, context)
            if yes & ~found:
                found |= _where(line, yes, context, facts, lambda answer: answer == YES)
    return found


def _speaking(layer: Iterable[Sheet], action: str, *, allows: bool) -> Iterable[Line]:
    asked = bit(action)
    for sheet in layer:
        for line in sheet.allows if allows else sheet.denies:
            if line.mask & asked:
                yield line


def _where(line: Line, bits: int, context: Request, facts: Facts, wanted: Callable[[Truth], bool]) -> int:
    """Those of the resources for which the condition's answer is the wanted one."""
    condition = line.rule.condition
    if not any(atom.key.startswith(_OF_TARGET) for atom in condition.atoms):
        return bits if wanted(condition.evaluate(context)) else 0
    found = 0
    for place in members(bits):
        if wanted(condition.evaluate(facts(context, place))):
            found |= 1 << place
    return found


def one(layers: Layers, action: str, resource: str, context: Request, *, wildcard_only: bool = False) -> Truth:
    """Whether the action is possible on some resource that an ARN or pattern stands for, YES when on every one."""
    asked = target(resource)
    answer = _permits(layers.identity, action, asked, context, wildcard_only)
    for layer in layers.limits():
        answer = min(answer, _permits(layer, action, asked, context, wildcard_only))
    if answer == NO:
        return NO
    return min(answer, _spares(layers, action, asked, context, wildcard_only))


def permits(layer: Iterable[Sheet], action: str, resource: str, context: Request) -> bool:
    return _permits(layer, action, target(resource), context, False) != NO


def _permits(layer: Iterable[Sheet], action: str, asked: Target, context: Request, wildcard_only: bool) -> Truth:
    """YES: on every resource meant; MAYBE: on some."""
    best = NO
    for line in _speaking(layer, action, allows=True):
        if line.rule.condition.evaluate(context) == NO:
            continue
        some, whole = line.rule.resources.reach(asked, context, wildcard_only=wildcard_only)
        best = max(best, YES if whole != NO else MAYBE if some != NO else NO)
        if best == YES:
            break
    return best


def _spares(layers: Layers, action: str, asked: Target, context: Request, wildcard_only: bool) -> Truth:
    """NO: a Deny surely covers all; MAYBE: some."""
    answer = YES
    for layer in (layers.identity, *layers.limits()):
        for line in _speaking(layer, action, allows=False):
            rule: Rule = line.rule
            if rule.flaw or rule.condition.evaluate(context) != YES:
                continue
            some, whole = rule.resources.reach(asked, context, wildcard_only=wildcard_only)
            if whole == YES:
                return NO
            if some != NO:
                answer = MAYBE
    return answer


__all__ = ["MAYBE", "Facts", "Layers", "allowed", "denied", "one", "permits", "permitted"]
