"""The operators of conditions on role assignments: what each compares, and how values of two sides are matched up.

Source: "Azure role assignment condition format and syntax" (Azure RBAC documentation), an edition of 2021, and for
Guid, DateTime, TimeOfDay, Bool, Exists and sub-operations what its later editions are known to say.  The word before
the colon says how many values of the left side must satisfy the comparison, and to how many of the right.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

Compare = Callable[[str, str], bool]
QUANTIFIERS = {
    "foranyofanyvalues": (any, any),
    "forallofanyvalues": (all, any),
    "foranyofallvalues": (any, all),
    "forallofallvalues": (all, all),
}
FRACTION = re.compile(r"\.\d+")


class NotComparable(ValueError):
    """A value that its operator cannot take; the text says which."""


@dataclass(frozen=True, slots=True)
class Operator:
    """`words` for people; `needs` turns away a value of another type."""

    words: str
    compare: Compare
    needs: Callable[[str], object]
    by_the_hour: bool = False  # asks for the time of day, which is another for every request


def number(text: str) -> int:
    try:
        return int(text[:40])
    except ValueError:
        raise NotComparable(f"{text[:40]!r} is no whole number") from None


def moment(text: str) -> datetime:
    """Universal time where none is told."""
    try:
        told = datetime.fromisoformat(FRACTION.sub("", text[:40]))
    except ValueError:
        raise NotComparable(f"{text[:40]!r} is no time") from None
    return told if told.tzinfo else told.replace(tzinfo=UTC)


def truth_word(text: str) -> bool:
    if text.casefold() not in ("true", "false"):
        raise NotComparable(f"{text[:40]!r} is neither true nor false")
    return text.casefold() == "true"


def hour(text: str) -> str:
    if not re.fullmatch(r"\d\d:\d\d(:\d\d)?(\.\d+)?", text[:40]):
        raise NotComparable(f"{text[:40]!r} is no time of day")
    return text


def like(text: str, pattern: str) -> bool:
    """* stands for any text, ? for one character, and a backslash takes that from the next; case matters."""
    wanted = _tokens(pattern)
    place, at, star, back = 0, 0, -1, 0
    while place < len(text):
        if at < len(wanted) and (wanted[at] == "?" or wanted[at] == f"={text[place]}"):
            place, at = place + 1, at + 1
        elif at < len(wanted) and wanted[at] == "*":
            star, back, at = at, place, at + 1
        elif star >= 0:
            back += 1
            place, at = back, star + 1
        else:
            return False
    return all(one == "*" for one in wanted[at:])


def _tokens(pattern: str) -> list[str]:
    found, escaped = list[str](), False
    for letter in pattern:
        if escaped or letter not in "\\*?":
            found.append(f"={letter}")
            escaped = False
        elif letter == "\\":
            escaped = True
        else:
            found.append(letter)
    return found


def _not(compare: Compare) -> Compare:
    return lambda left, right: not compare(left, right)


def _folded(compare: Compare) -> Compare:
    return lambda left, right: compare(left.casefold(), right.casefold())


def _as(kind: Callable[[str], object], sign: str) -> Compare:
    signs: dict[str, Callable[[object, object], bool]] = {
        "=": lambda left, right: left == right,
        "<": lambda left, right: left < right,  # type: ignore[operator]
        "<=": lambda left, right: left <= right,  # type: ignore[operator]
        ">": lambda left, right: left > right,  # type: ignore[operator]
        ">=": lambda left, right: left >= right,  # type: ignore[operator]
    }
    return lambda left, right: signs[sign](kind(left), kind(right))


def _operators() -> dict[str, Operator]:
    made: dict[str, Operator] = {}

    def add(name: str, words: str, compare: Compare, needs: Callable[[str], object], **more: bool) -> None:
        made[name.casefold()] = Operator(words, compare, needs, **more)

    texts: tuple[tuple[str, str, str, Compare], ...] = (
        ("Equals", "is", "is not", lambda left, right: left == right),
        ("StartsWith", "begins with", "does not begin with", str.startswith),
        ("Like", "is like", "is not like", like),
    )
    for name, words, negated, compare in texts:
        for suffix, by in (("", compare), ("IgnoreCase", _folded(compare))):
            add(f"String{name}{suffix}", words, by, str)
            add(f"StringNot{name}{suffix}", negated, _not(by), str)
    for kind, needs in (("Numeric", number), ("DateTime", moment), ("TimeOfDay", hour)):
        for name, sign, words in (
            ("Equals", "=", "is"), ("LessThan", "<", "is less than"), ("LessThanEquals", "<=", "is at most"),
            ("GreaterThan", ">", "is more than"), ("GreaterThanEquals", ">=", "is at least"),
        ):  # fmt: skip
            add(f"{kind}{name}", words, _as(needs, sign), needs, by_the_hour=kind == "TimeOfDay")
        add(f"{kind}NotEquals", "is not", _not(_as(needs, "=")), needs, by_the_hour=kind == "TimeOfDay")
    add("TimeOfDayInRange", "is within", _as(hour, "="), hour, by_the_hour=True)
    same: tuple[tuple[str, Callable[[str], object]], ...] = (("Bool", truth_word), ("Guid", str.casefold))
    for kind, wants in same:
        add(f"{kind}Equals", "is", _as(wants, "="), wants)
        add(f"{kind}NotEquals", "is not", _not(_as(wants, "=")), wants)
    return made


OPERATORS = _operators()


def compared(operator: Operator, quantifier: str, left: Sequence[str], right: Sequence[str]) -> bool:
    """Raises NotComparable for a value of another type than the operator's."""
    some, of = QUANTIFIERS[quantifier or "foranyofanyvalues"]
    return some(of(operator.compare(one, other) for other in right) for one in left)
