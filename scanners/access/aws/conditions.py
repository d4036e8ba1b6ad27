"""Conditions of a statement, compiled once, evaluated to three values over a context.

Operators are joined by AND, keys of one operator by AND, values by OR (by NOR for negated operators).
A key that is absent: no for positive operators and `ForAnyValue`, yes for negated ones, `...IfExists`, `ForAllValues`
and `Null: true`.  A multivalued key without a set operator matches nothing.  `IfExists` says nothing inside a set
operator.  An operator that IAM does not have, or a value that is no text, is MAYBE: nobody knows what it would say.
Sources: "Condition operators", "Single-valued vs. multivalued context keys", "Set operators" (IAM User Guide).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from scanners.access.aws.context import ABSENT, UNKNOWN, Context, Known, Maybe, Value
from scanners.access.aws.operators import OPERATORS, Operator, read_request
from scanners.access.aws.variables import Template, resolve, template
from scanners.access.truth import MAYBE, NO, YES, Truth, negation, truth

_SETS = ("forallvalues:", "foranyvalue:")


@dataclass(frozen=True, slots=True, eq=False)
class Atom:
    """One operator, one key, its values.  Interned: equal atoms are one object, so answers can be remembered by it."""

    operator: str  # as written
    key: str  # in lower case
    written: str  # the key as written
    values: tuple[str, ...]
    quantifier: str  # "", "forallvalues:" or "foranyvalue:"
    if_exists: bool
    name: str  # of the operator alone, in lower case
    test: Callable[[Value, Context], Truth] | None = field(repr=False)  # None: nobody knows
    when_absent: Truth

    @property
    def understood(self) -> bool:
        return self.test is not None or self.name == "null"

    def evaluate(self, context: Context) -> Truth:
        known = context.look(self.key)
        if self.name == "null":
            return self._null(known)
        if self.test is None:
            return MAYBE
        return self._of(known, context)

    def _of(self, known: Known, context: Context) -> Truth:
        if isinstance(known, (str, tuple)):
            return self._present(known, context)
        if known is ABSENT:
            return self.when_absent
        if isinstance(known, Maybe):
            present = self._present(known.value, context)
            return present if present == self.when_absent else MAYBE
        return MAYBE

    def _present(self, value: Value, context: Context) -> Truth:
        if self.quantifier and value in ("", ()):  # a null dataset
            return self.when_absent
        if self.quantifier:
            answers = [self._one(one, context) for one in ((value,) if isinstance(value, str) else value)]
            return min(answers) if self.quantifier == "forallvalues:" else max(answers)
        if isinstance(value, tuple):
            return NO
        return self._one(value, context)

    def _one(self, value: str, context: Context) -> Truth:
        return self.test(value, context) if self.test else MAYBE

    def _null(self, known: Known) -> Truth:
        there = MAYBE if known is UNKNOWN or isinstance(known, Maybe) else truth(known not in (ABSENT, ()))
        answers = [negation(there) if value.lower() == "true" else there for value in self.values if _boolean(value)]
        return max(answers, default=NO)

    def as_condition(self) -> dict[str, dict[str, list[str]]]:
        return {self.operator: {self.written: list(self.values)}}


def _boolean(value: str) -> bool:
    return value.lower() in ("true", "false")


@lru_cache(maxsize=32_768)
def atom(operator: str, key: str, values: tuple[str, ...], variables: bool = True) -> Atom:
    name = operator.lower()
    quantifier = next((prefix for prefix in _SETS if name.startswith(prefix)), "")
    name = name.removeprefix(quantifier)
    if_exists = name.endswith("ifexists")
    name = name.removesuffix("ifexists")
    known = OPERATORS.get(name)
    test = _test(known, values, variables) if known else None
    if quantifier:
        absent = truth(quantifier == "forallvalues:")
    else:
        absent = truth(if_exists or (known is not None and known.negated))
    return Atom(operator, key.lower(), key, values, quantifier, if_exists, name, test, absent)


def _test(operator: Operator, values: tuple[str, ...], variables: bool) -> Callable[[Value, Context], Truth]:
    if operator.patterns:
        templates = tuple(template(value, variables=variables, wildcards=operator.wildcards) for value in values)
        if operator.folded:
            templates = tuple(value.in_lower_case() for value in templates)
        positive = _patterned(operator, templates)
        return (lambda value, context: negation(positive(value, context))) if operator.negated else positive
    return _typed(operator, values)


def _patterned(operator: Operator, templates: tuple[Template, ...]) -> Callable[[Any, Context], Truth]:
    fixed = tuple(pattern for value in templates if (pattern := value.fixed) is not None)
    moving = tuple(value for value in templates if value.keys)
    agrees, read = operator.agrees, operator.read

    def positive(value: str, context: Context) -> Truth:
        value = read(value)
        if any(agrees(pattern, value) for pattern in fixed):
            return YES
        return max((_resolved(operator, one, value, context) for one in moving), default=NO)

    return positive


def _resolved(operator: Operator, one: Template, value: str, context: Context) -> Truth:
    found = resolve(one, context, lower=operator.folded, arn=operator.arn)
    if found is None or not operator.agrees(found[0], value):
        return NO
    return YES if found[1] else MAYBE


def _typed(operator: Operator, values: tuple[str, ...]) -> Callable[[Any, Context], Truth]:
    policy = tuple(operator.read(value) for value in values)
    sound = tuple(value for value in policy if value is not None)
    whole = len(sound) == len(policy)
    agrees, negated = operator.agrees, operator.negated

    def test(value: str, _: Context) -> Truth:
        request = read_request(operator, value)
        if request is None:
            return NO
        agreed = any(agrees(one, request) for one in sound)
        return truth(whole and not agreed) if negated else truth(agreed)

    return test


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """All that a statement demands.  `flaw` says what of it could not be understood."""

    atoms: tuple[Atom, ...]
    flaw: str | None = None

    def evaluate(self, context: Context) -> Truth:
        if self is ALWAYS:
            return YES
        memo = context.memo
        answer: Truth | None = memo.get(self)
        if answer is None:
            answer = MAYBE if self.flaw else YES
            for one in self.atoms:
                answer = min(answer, one.evaluate(context))
                if answer == NO:
                    break
            memo[self] = answer
        return answer

    def unresolved(self, context: Context) -> tuple[str, ...]:
        """The keys, as written, whose facts are missing for an answer."""
        keys = {one.written: None for one in self.atoms if one.understood and one.evaluate(context) == MAYBE}
        return tuple(keys)


ALWAYS = Condition(())


@lru_cache(maxsize=32_768)
def condition(atoms: tuple[Atom, ...], flaw: str | None = None) -> Condition:
    return Condition(atoms, flaw) if atoms or flaw else ALWAYS
