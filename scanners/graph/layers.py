"""What a principal's layers let it do to many resources at once.

Everything is the *possible* bound: what is allowed for some completion of what is not known, unless a Deny surely
holds.  Whether a condition must hold beside is worked out for the paths that are shown (`scanners.graph.proof`).
What one policy says of one action is worked out once for all principals that share the policy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from scanners.access.aws.arns import Target, target
from scanners.access.aws.context import Known
from scanners.access.truth import MAYBE, NO, YES, Truth
from scanners.graph.account import Account, Entity
from scanners.graph.callers import Request, request
from scanners.graph.sheets import Line, Sheet, bit
from scanners.graph.universe import Universe, members

_OF_TARGET = ("aws:resourcetag/", "iam:resourcetag/", "iam:permissionsboundary", "aws:requestedregion")
_TAGS = ("aws:resourcetag/", "iam:resourcetag/")


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


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A request as any caller makes it, and as this one does, for policies that speak of their caller."""

    anyone: Request
    own: Request

    def by(self, sheet: Sheet) -> Request:
        return self.own if sheet.personal else self.anyone


class Weighing:
    """Answers about the policies of one account, remembered by policy."""

    def __init__(self, account: Account) -> None:
        self.account = account
        self._anyone: dict[tuple[tuple[str, Known], ...], Request] = {}
        self._bits: dict[object, int] = {}
        self._ones: dict[object, Truth] = {}

    def asked(self, who: Entity | None, **facts: Known) -> Asked:
        name = tuple(sorted(facts.items(), key=lambda item: item[0]))
        if name not in self._anyone:
            self._anyone[name] = request(self.account, None, **facts)
        anyone = self._anyone[name]
        return Asked(anyone, anyone if who is None else request(self.account, who, **facts))

    # many resources

    def allowed(self, layers: Layers, action: str, asked: Asked, on: Universe) -> int:
        """Bits of the resources on which the action is possible."""
        found = self.permitted(layers.identity, action, asked, on)
        for layer in layers.limits():
            if not found:
                return 0
            found &= self.permitted(layer, action, asked, on)
        return found & ~self.denied(layers, action, asked, on) if found else 0

    def permitted(self, layer: Iterable[Sheet], action: str, asked: Asked, on: Universe) -> int:
        """What the Allow statements of one layer may reach."""
        found = 0
        for sheet in layer:
            if sheet.granted & bit(action):
                found |= self._reached(sheet, action, asked, on, allows=True)
        return found

    def denied(self, layers: Layers, action: str, asked: Asked, on: Universe) -> int:
        """What some Deny surely takes away."""
        found = 0
        for layer in (layers.identity, *layers.limits()):
            for sheet in layer:
                if sheet.denies:
                    found |= self._reached(sheet, action, asked, on, allows=False)
        return found

    def _reached(self, sheet: Sheet, action: str, asked: Asked, on: Universe, *, allows: bool) -> int:
        context = asked.by(sheet)
        name = (sheet, action, context, on, allows)
        found = self._bits.get(name)
        if found is None:
            found = _permitted(sheet, action, context, on) if allows else _denied(sheet, action, context, on)
            if context is asked.anyone:
                self._bits[name] = found
        return found

    # one resource, or a pattern of them

    def one(self, layers: Layers, action: str, resource: str, asked: Asked, *, wildcard_only: bool = False) -> Truth:
        """Whether the action is possible on some resource that an ARN or pattern stands for, YES when on every one."""
        on = target(resource)
        answer = self.permits(layers.identity, action, on, asked, wildcard_only=wildcard_only)
        for layer in layers.limits():
            answer = min(answer, self.permits(layer, action, on, asked, wildcard_only=wildcard_only))
        if answer == NO:
            return NO
        for layer in (layers.identity, *layers.limits()):
            for sheet in layer:
                if sheet.denies:
                    answer = min(answer, self._said(sheet, action, on, asked, wildcard_only, allows=False))
        return answer

    def permits(
        self, layer: Iterable[Sheet], action: str, on: Target, asked: Asked, *, wildcard_only: bool = False
    ) -> Truth:
        """YES: on every resource meant; MAYBE: on some."""
        best = NO
        for sheet in layer:
            if sheet.granted & bit(action):
                best = max(best, self._said(sheet, action, on, asked, wildcard_only, allows=True))
        return best

    def _said(self, sheet: Sheet, action: str, on: Target, asked: Asked, alone: bool, *, allows: bool) -> Truth:
        context = asked.by(sheet)
        name = (sheet, action, on, context, alone, allows)
        found = self._ones.get(name)
        if found is None:
            found = (_permits if allows else _spares)(sheet, action, on, context, alone)
            if context is asked.anyone:
                self._ones[name] = found
        return found


def _permitted(sheet: Sheet, action: str, context: Request, on: Universe) -> int:
    found = 0
    for line in sheet.speaking(action, allows=True):
        yes, maybe = on.reached(line.rule.resources, context)
        if (yes | maybe) & ~found:
            found |= _where(line, yes | maybe, context, on, lambda answer: answer != NO)
    return found


def _denied(sheet: Sheet, action: str, context: Request, on: Universe) -> int:
    found = 0
    for line in sheet.speaking(action, allows=False):
        yes, _ = on.reached(line.rule.resources, context)
        if yes & ~found and not line.rule.flaw:
            found |= _where(line, yes, context, on, lambda answer: answer == YES)
    return found


def _where(line: Line, bits: int, context: Request, on: Universe, wanted: Callable[[Truth], bool]) -> int:
    """Those of the resources for which the condition's answer is the wanted one."""
    condition = line.rule.condition
    keys = [atom.key for atom in condition.atoms if atom.key.startswith(_OF_TARGET)]
    if not keys:
        return bits if wanted(condition.evaluate(context)) else 0
    found = 0
    for alike in on.alike(tagged=any(key.startswith(_TAGS) for key in keys)):
        if alike & bits and wanted(condition.evaluate(on.about(context, next(members(alike))))):
            found |= alike & bits
    return found


def _permits(sheet: Sheet, action: str, on: Target, context: Request, alone: bool) -> Truth:
    best = NO
    for line in sheet.speaking(action, allows=True):
        if line.rule.condition.evaluate(context) != NO:
            some, whole = line.rule.resources.reach(on, context, wildcard_only=alone)
            best = max(best, YES if whole != NO else MAYBE if some != NO else NO)
    return best


def _spares(sheet: Sheet, action: str, on: Target, context: Request, alone: bool) -> Truth:
    """NO: a Deny surely covers all; MAYBE: some."""
    answer = YES
    for line in sheet.speaking(action, allows=False):
        if not line.rule.flaw and line.rule.condition.evaluate(context) == YES:
            some, whole = line.rule.resources.reach(on, context, wildcard_only=alone)
            answer = min(answer, NO if whole == YES else MAYBE if some != NO else YES)
    return answer
