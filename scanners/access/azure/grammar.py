"""The language of conditions, read into a tree.

    !(ActionMatches{'Microsoft.Storage/*'} AND SubOperationMatches{'Blob.List'}) OR (@Resource[…:name] StringEquals 'x')

Source: "Azure role assignment condition format and syntax" (Azure RBAC documentation), an edition of 2021, and for
Guid, DateTime, TimeOfDay, Bool, Exists and sub-operations what its later editions are known to say.  It takes no more
than 8 KB.  Words are told apart without regard to case.  AND and OR side by side want parentheses, as documented.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from scanners.access.azure.comparing import OPERATORS, QUANTIFIERS, NotComparable

LONGEST, DEEPEST = 65_536, 60
TOKEN = re.compile(
    r"""\s*(?:(?P<attribute>@?(?:Resource|Request|Principal|Environment)\s*\[(?:[^\[\]'"])*\])
    |(?P<text>'(?:[^'\\]|\\.)*')|(?P<sign>&&|\|\||[(){},!])|(?P<word>[^\s(){},!'&|\[\]@]+))""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)


class NotUnderstood(ValueError):
    """The text says what, for people."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """`source`: resource, request, principal, environment; `name` as written, without its brackets."""

    source: str
    name: str

    @property
    def key(self) -> str:
        return f"{self.source}[{self.name.casefold()}]"


@dataclass(frozen=True, slots=True)
class Matches:
    """`of`: actionmatches or suboperationmatches."""

    of: str
    patterns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exists:
    attribute: Attribute


Operand = Attribute | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    left: Operand
    quantifier: str
    operator: str  # a key of OPERATORS
    right: Operand


@dataclass(frozen=True, slots=True)
class Not:
    of: Expression


@dataclass(frozen=True, slots=True)
class Several:
    """`word`: and, or."""

    word: str
    of: tuple[Expression, ...]


Expression = Matches | Exists | Comparison | Not | Several


@lru_cache(maxsize=512)
def parsed(text: str) -> Expression:
    """Raises NotUnderstood."""
    if len(text) > LONGEST:
        raise NotUnderstood("it is longer than conditions may be")
    parser = Parser(_tokens(text))
    found = parser.expression()
    parser.end()
    return found


Token = tuple[str, str]  # kind, text


def _tokens(text: str) -> list[Token]:
    found, place, end = list[Token](), 0, len(text.rstrip())
    while place < end:
        match = TOKEN.match(text, place)
        if match is None or match.end() == place:
            raise NotUnderstood(f"it is not clear from {text[place : place + 30].strip()!r} on")
        kind = str(match.lastgroup)
        found.append((kind, match[kind]))
        place = match.end()
    return found


WORDS = {"&&": "and", "||": "or", "!": "not", "and": "and", "or": "or", "not": "not"}


class Parser:
    """By descent, at most DEEPEST parentheses down."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens, self.place, self.depth = tokens, 0, 0

    def expression(self) -> Expression:
        parts, words = [self._single()], set[str]()
        while (word := self._logical()) in ("and", "or"):
            self.place += 1
            words.add(word)
            parts.append(self._single())
        if len(words) > 1:
            raise NotUnderstood("AND and OR stand side by side without parentheses")
        return Several(words.pop(), tuple(parts)) if words else parts[0]

    def end(self) -> None:
        if self.place < len(self.tokens):
            raise NotUnderstood(f"nothing should follow before {self.tokens[self.place][1][:30]!r}")

    def _single(self) -> Expression:
        negated = False
        while self._logical() == "not":
            self.place += 1
            negated = not negated
        found = self._group() if self._is("(") else self._claim()
        return Not(found) if negated else found

    def _group(self) -> Expression:
        self.depth += 1
        if self.depth > DEEPEST:
            raise NotUnderstood("its parentheses stand too deep in each other")
        self._take("(")
        found = self.expression()
        self._take(")")
        self.depth -= 1
        return found

    def _claim(self) -> Expression:
        kind, text = self._next()
        word = text.casefold()
        if kind == "word" and word in ("actionmatches", "suboperationmatches"):
            return Matches(word, self._values())
        if kind == "word" and word == "exists":
            return Exists(self._attribute(self._next()))
        self.place -= 1
        left = self._operand()
        quantifier, operator = self._operator()
        right = self._operand()
        return _checked(Comparison(left, quantifier, operator, right))

    def _operator(self) -> tuple[str, str]:
        kind, text = self._next()
        quantifier, _, name = text.casefold().rpartition(":")
        if kind != "word" or name not in OPERATORS or (quantifier and quantifier not in QUANTIFIERS):
            raise NotUnderstood(f"{text[:60]!r} is no operator")
        return quantifier, name

    def _operand(self) -> Operand:
        if self._is("{"):
            return self._values()
        kind, text = token = self._next()
        return self._attribute(token) if kind == "attribute" else (self._value(kind, text),)

    def _values(self) -> tuple[str, ...]:
        self._take("{")
        found = [self._value(*self._next())]
        while self._is(","):
            self.place += 1
            found.append(self._value(*self._next()))
        self._take("}")
        return tuple(found)

    def _value(self, kind: str, text: str) -> str:
        if kind == "text":
            return re.sub(r"\\(['\\])", r"\1", text[1:-1])
        if kind == "word":
            return text
        raise NotUnderstood(f"{text[:30]!r} is no value")

    def _attribute(self, token: Token) -> Attribute:
        kind, text = token
        if kind != "attribute":
            raise NotUnderstood(f"{text[:30]!r} is no attribute")
        source, _, name = text.partition("[")
        return Attribute(source.strip().lstrip("@").casefold(), name[:-1].strip())

    def _logical(self) -> str:
        if self.place >= len(self.tokens) or self.tokens[self.place][0] not in ("sign", "word"):
            return ""
        return WORDS.get(self.tokens[self.place][1].casefold(), "")

    def _is(self, sign: str) -> bool:
        return self.place < len(self.tokens) and self.tokens[self.place] == ("sign", sign)

    def _take(self, sign: str) -> None:
        if not self._is(sign):
            raise NotUnderstood(f"a {sign} is missing")
        self.place += 1

    def _next(self) -> Token:
        if self.place >= len(self.tokens):
            raise NotUnderstood("it ends too early")
        self.place += 1
        return self.tokens[self.place - 1]


def _checked(made: Comparison) -> Comparison:
    """What is written as a value must be one that the operator can take."""
    needs: Callable[[str], object] = OPERATORS[made.operator].needs
    for side in (made.left, made.right):
        for value in side if isinstance(side, tuple) else ():
            try:
                needs(value)
            except NotComparable as wrong:
                raise NotUnderstood(str(wrong)) from None
    several = any(isinstance(side, tuple) and len(side) > 1 for side in (made.left, made.right))
    if several and not made.quantifier and made.operator != "timeofdayinrange":
        raise NotUnderstood("several values stand where one is compared")
    return made
