"""Conditions of role and deny assignments in three values, with what is left of them in words.

Known of a request are its action, the names in the resource's id, and the time of the scan.  What else a condition
asks for (tags, the caller's security attributes, sub-operations, what a new role assignment holds) is not known, and
stays as a residue: what must hold.  The time of day is another at every request, and stays as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from scanners.access.azure.comparing import OPERATORS, NotComparable, compared
from scanners.access.azure.grammar import (
    Attribute,
    Comparison,
    Exists,
    Expression,
    Matches,
    Not,
    NotUnderstood,
    Operand,
    Several,
    parsed,
)
from scanners.access.truth import MAYBE, NO, YES, Truth, negation, truth
from scanners.model.globs import matches


@dataclass(frozen=True, slots=True)
class Facts:
    """Of one request.  `told`: values by attribute, "resource[microsoft.storage/storageaccounts:name]".

    `whole`: that is all there is, and a condition that asks for more is not met.
    """

    action: str
    told: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    now: datetime | None = None
    whole: bool = False

    def of(self, operand: Operand) -> tuple[str, ...] | None:
        if isinstance(operand, tuple):
            return operand
        if operand.key == "environment[utcnow]" and self.now:
            return (self.now.isoformat(),)
        return self.told.get(operand.key)


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a condition: `words` for people, `json` for programs; neither where nothing is left."""

    holds: Truth
    words: str = ""
    json: Any = None
    flaw: str = ""


def weighed(condition: Any, facts: Facts) -> Left:
    """Of a condition as Azure tells it; none holds always, and one that is not understood may hold."""
    if condition is None or condition == "":
        return Left(YES)
    try:
        if not isinstance(condition, str):
            raise NotUnderstood("it is no text")
        left = _left(parsed(condition), facts)
        return Left(NO) if facts.whole and left.holds == MAYBE else left
    except NotUnderstood as wrong:
        return Left(MAYBE, f"a condition holds that was not understood: {wrong}", {"condition": condition}, str(wrong))


def both(first: Left, second: Left) -> Left:
    return _joined("and", [first, second])


def either(parts: Iterable[Left]) -> Left:
    return _joined("or", list(parts))


def turned(one: Left) -> Left:
    """Its negation."""
    if one.holds != MAYBE:
        return Left(negation(one.holds))
    if isinstance(one.json, dict) and "not" in one.json:
        return Left(MAYBE, one.words.removeprefix("not (").removesuffix(")"), one.json["not"], one.flaw)
    return Left(MAYBE, f"not ({one.words})", {"not": one.json}, one.flaw)


def _left(part: Expression, facts: Facts) -> Left:
    if isinstance(part, Several):
        return _joined(part.word, [_left(one, facts) for one in part.of])
    if isinstance(part, Not):
        return turned(_left(part.of, facts))
    holds = _holds(part, facts)
    return Left(holds) if holds != MAYBE else Left(holds, in_words(part), {"condition": written(part)})


def _joined(word: str, parts: list[Left]) -> Left:
    decides, neutral = (NO, YES) if word == "and" else (YES, NO)
    if any(one.holds == decides for one in parts):
        return Left(decides)
    if not (rest := [one for one in parts if one.holds == MAYBE]):
        return Left(neutral)
    rest = list({str(one.json): one for one in rest}.values())
    if len(rest) == 1:
        return rest[0]
    words = f" {word} ".join(f"({one.words})" if " and " in one.words or " or " in one.words else one.words
                             for one in rest)  # fmt: skip
    name = "all" if word == "and" else "any"
    return Left(MAYBE, words, {name: [one.json for one in rest]}, next((one.flaw for one in rest if one.flaw), ""))


def _holds(part: Matches | Exists | Comparison, facts: Facts) -> Truth:
    if isinstance(part, Matches):
        if part.of == "actionmatches":
            return truth(any(matches(one, facts.action) for one in part.patterns))
        told = facts.told.get("request[suboperation]")
        if told is None:
            return MAYBE
        return truth(any(matches(one, sub) for one in part.patterns for sub in told))
    if isinstance(part, Exists):
        found = facts.of(part.attribute)
        return MAYBE if found is None and not facts.whole else truth(bool(found))
    operator = OPERATORS[part.operator]
    left, right = facts.of(part.left), facts.of(part.right)
    if left is None or right is None or operator.by_the_hour:
        return MAYBE
    try:
        return truth(compared(operator, part.quantifier, left, right))
    except NotComparable:  # what the request holds is of another type
        return MAYBE


def in_words(part: Matches | Exists | Comparison) -> str:
    if isinstance(part, Matches):
        what = "the action" if part.of == "actionmatches" else "the operation within it"
        return f"{what} is {_listed(part.patterns, 'or')}"
    if isinstance(part, Exists):
        return f"{_named(part.attribute)} is there"
    some, among = part.quantifier.startswith("forany"), part.quantifier.endswith("anyvalues")
    left = _named(part.left) if isinstance(part.left, Attribute) else _listed(part.left, "or" if some else "and")
    right = (
        _named(part.right)
        if isinstance(part.right, Attribute)
        else _listed(part.right, "or" if among or not part.quantifier else "and")
    )
    every = "every value of " if part.quantifier.startswith("forall") else ""
    return f"{every}{left} {OPERATORS[part.operator].words} {right}"


def written(part: Matches | Exists | Comparison) -> str:
    """As Azure writes it."""
    if isinstance(part, Matches):
        return f"{part.of}{_braced(part.patterns)}"
    if isinstance(part, Exists):
        return f"Exists {_braced(part.attribute)}"
    quantifier = f"{part.quantifier}:" if part.quantifier else ""
    return f"{_braced(part.left)} {quantifier}{part.operator} {_braced(part.right)}"


def _braced(side: Operand) -> str:
    if isinstance(side, Attribute):
        return f"@{side.source.title()}[{side.name}]"
    return "{" + ", ".join(repr(one) for one in side) + "}"


def _named(one: Attribute) -> str:
    """@Resource[Microsoft.Storage/…/containers:name]: "containers name of the resource"."""
    _, tagged, tag = one.name.rpartition("/tags:")
    word = f"tag {tag.partition('<')[0]}" if tagged else one.name.rpartition("/")[2].replace(":", " ")
    return f"{word} of the {one.source}"


def _listed(values: tuple[str, ...], word: str) -> str:
    shown = [repr(one) for one in values[:8]] + ([f"{len(values) - 8} more"] if len(values) > 8 else [])
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {word} {shown[-1]}"
