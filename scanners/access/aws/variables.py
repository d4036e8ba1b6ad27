"""Policy variables: `${aws:username}`, `${aws:PrincipalTag/team, 'none'}`, and `${*}`, `${?}`, `${$}` for the signs.

What a variable stands for is literal: a star in it is a star.  A variable without a value, or with several, matches
nothing; policies of version 2008-10-17 have none.  Source: "IAM policy elements: Variables and tags" (IAM User Guide).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from scanners.access.aws.context import Context, Fact, Maybe
from scanners.access.aws.patterns import STAR, Pattern, Token, parse, tidy

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_NAMED = re.compile(r"^\s*([^,'\s][^,']*?)\s*(?:,\s*'(.*)'\s*)?$", re.DOTALL)
_SIGNS = {"*", "?", "$"}
_NO_COLON = "\ue000"  # of private use: in no ARN


@dataclass(frozen=True, slots=True)
class Variable:
    key: str
    default: str | None


@dataclass(frozen=True, slots=True)
class Template:
    """A policy value: tokens and variables in the order written."""

    text: str
    parts: tuple[Token | Variable, ...]
    keys: tuple[str, ...]

    @property
    def fixed(self) -> Pattern | None:
        """The pattern, when no variable stands in it."""
        return None if self.keys else tuple(part for part in self.parts if not isinstance(part, Variable))

    def in_lower_case(self) -> Template:
        parts = tuple(part.lower() if isinstance(part, str) else part for part in self.parts)
        return Template(self.text.lower(), parts, self.keys)


@lru_cache(maxsize=32_768)
def template(text: str, *, variables: bool = True, wildcards: bool = True) -> Template:
    if not variables or "${" not in text:
        return Template(text, parse(text) if wildcards else (text,), ())
    parts: list[Token | Variable] = []
    place = 0
    for found in _VARIABLE.finditer(text):
        parts.extend(_plain(text[place : found.start()], wildcards))
        parts.append(_variable(found.group(1), found.group(0)))
        place = found.end()
    parts.extend(_plain(text[place:], wildcards))
    return Template(text, tuple(parts), tuple(part.key for part in parts if isinstance(part, Variable)))


def _plain(text: str, wildcards: bool) -> tuple[Token, ...]:
    return parse(text) if wildcards else (text,) if text else ()


def _variable(inside: str, whole: str) -> Token | Variable:
    if inside in _SIGNS:
        return inside
    named = _NAMED.match(inside)
    return Variable(named.group(1).lower(), named.group(2)) if named else whole


def resolve(
    value: Template, context: Context, *, lower: bool = False, arn: bool = False
) -> tuple[Pattern, bool] | None:
    """(pattern, whether it is certain), or None when a variable has no value and the whole matches nothing.

    Of a variable whose value is unknown the widest is taken, any text: what that does not match, no value would.
    In an ARN a colon of a value begins no new part: a tag `1:role/x` cannot stand for an account and more.
    """
    certain, colons = True, 0
    tokens: list[Token] = []
    for part in value.parts:
        if not isinstance(part, Variable):
            tokens.append(part)
            colons += part.count(":") if isinstance(part, str) else 0
            continue
        found = _value(part, context)
        if found is None:
            return None
        if arn and colons < 5 and isinstance(found, str):
            found = found.replace(":", _NO_COLON)
        certain = certain and found is not STAR
        tokens.append(found.lower() if lower and isinstance(found, str) else found)
    return _joined(iter(tokens)), certain


def _value(variable: Variable, context: Context) -> Token | None:
    known = context.look(variable.key)
    if isinstance(known, str):
        return known
    if known is Fact.ABSENT:
        return variable.default
    if known in (Fact.PRESENT, Fact.UNKNOWN) or isinstance(known, Maybe):
        return STAR
    return None  # several values: a variable takes none of them


def _joined(tokens: Iterator[Token]) -> Pattern:
    """Neighbouring texts become one, so that equal patterns are equal tuples."""
    kept: list[Token] = []
    for token in tidy(tokens):
        if isinstance(token, str) and kept and isinstance(kept[-1], str):
            kept[-1] += token
        elif token != "":
            kept.append(token)
    return tuple(kept)
