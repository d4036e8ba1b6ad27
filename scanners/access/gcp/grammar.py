"""The expressions of IAM conditions, read into terms: the part of CEL that conditions use.

Source: "Common Expression Language, language definition" (cel-spec) and "Attribute reference for IAM Conditions",
read 2026-11.  Reading is linear in the text; how deep brackets may nest is bounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

LONGEST = 16_000  # characters; Google takes far less
DEEPEST = 40
_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*)
    |(?P<text>[rR]?(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'))
    |(?P<number>0[xX][0-9a-fA-F]+|\d+)(?![.\w])
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<mark>&&|\|\||==|!=|<=|>=|[-+*/%<>!?:.,()\[\]])""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.))", re.DOTALL)
_SHORT = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"} | {c: c for c in "\\\"'`?"}
COMPARES = ("==", "!=", "<", "<=", ">", ">=", "in")


class Misread(ValueError):
    """The text is no expression of this grammar; the message says why, for people."""


@dataclass(frozen=True, slots=True)
class Term:
    """`op`: value, name, field, call, list, item, and, or, not, minus, sum, choice, or a comparison's own mark.

    `name` is that of a name, a field or a function; the parts of a method call are its owner and its arguments.
    """

    op: str
    parts: tuple[Term, ...] = ()
    name: str = ""
    value: Any = field(default=None, compare=False)
    method: bool = False
    source: str = field(default="", compare=False)

    @property
    def path(self) -> str:
        """ "request.time" of a chain of names; empty for anything else."""
        if self.op == "name":
            return self.name
        if self.op == "field":
            owner = self.parts[0].path
            return f"{owner}.{self.name}" if owner else ""
        return ""


def read(text: str) -> Term:
    """Raises Misread."""
    if len(text) > LONGEST:
        raise Misread(f"it has more than {LONGEST} characters")
    found = _Reader(text, _tokens(text))
    term = found.choice()
    if found.kind:
        raise Misread(f"{found.token!r} stands where it should have ended")
    return term


def _tokens(text: str) -> list[tuple[str, str, int]]:
    """(kind, text, where it begins)."""
    tokens, place = [], 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise Misread(f"{text[place : place + 12]!r} was not understood")
        if found.lastgroup != "space":
            tokens.append((str(found.lastgroup), found[0], place))
        place = found.end()
    return tokens


class _Reader:
    def __init__(self, text: str, tokens: list[tuple[str, str, int]]) -> None:
        self.text, self.tokens, self.at, self.depth = text, tokens, 0, 0

    @property
    def kind(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    @property
    def token(self) -> str:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else "the end"

    def is_mark(self, *marks: str) -> bool:
        return self.kind in ("mark", "name") and self.token in marks

    def take(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1][1]

    def expect(self, mark: str) -> None:
        if not (self.kind == "mark" and self.token == mark):
            raise Misread(f"{mark!r} was expected, not {self.token!r}")
        self.take()

    def place(self) -> int:
        return self.tokens[self.at][2] if self.at < len(self.tokens) else len(self.text)

    def since(self, place: int) -> str:
        _, told, start = self.tokens[self.at - 1]
        return self.text[place : start + len(told)]

    def choice(self) -> Term:
        self.depth += 1
        if self.depth > DEEPEST:
            raise Misread(f"it nests more than {DEEPEST} deep")
        start = self.place()
        term = self.joined("||", "or")
        if self.is_mark("?"):
            self.take()
            yes = self.choice()
            self.expect(":")
            term = Term("choice", (term, yes, self.choice()), source=self.since(start))
        self.depth -= 1
        return term

    def joined(self, mark: str, op: str) -> Term:
        start = self.place()
        inner = self.compared if op == "and" else lambda: self.joined("&&", "and")
        parts = [inner()]
        while self.is_mark(mark):
            self.take()
            parts.append(inner())
        return parts[0] if len(parts) == 1 else Term(op, tuple(parts), source=self.since(start))

    def compared(self) -> Term:
        start, term = self.place(), self.summed()
        if self.is_mark(*COMPARES):
            op = self.take()
            term = Term(op, (term, self.summed()), source=self.since(start))
        return term

    def summed(self) -> Term:
        start, parts, signs = self.place(), [self.single()], [""]
        while self.is_mark("+", "-", "*", "/", "%"):
            signs.append(self.take())
            parts.append(self.single())
        if len(parts) == 1:
            return parts[0]
        return Term("sum", tuple(parts), value=tuple(signs), source=self.since(start))

    def single(self) -> Term:
        start, nots, minuses = self.place(), 0, 0
        while self.is_mark("!"):
            self.take()
            nots += 1
        while not nots and self.is_mark("-"):
            self.take()
            minuses += 1
        term = self.member()
        if nots % 2:
            return Term("not", (term,), source=self.since(start))
        return Term("minus", (term,), source=self.since(start)) if minuses % 2 else term

    def member(self) -> Term:
        start, term, links = self.place(), self.primary(), 0
        while self.is_mark(".", "["):
            links += 1
            if links > DEEPEST:
                raise Misread(f"it nests more than {DEEPEST} deep")
            if self.take() == "[":
                key = self.choice()
                self.expect("]")
                term = Term("item", (term, key), source=self.since(start))
                continue
            if self.kind != "name":
                raise Misread(f"a name was expected after the dot, not {self.token!r}")
            name = self.take()
            if self.is_mark("("):
                term = Term("call", (term, *self.several("(", ")")), name, method=True, source=self.since(start))
            else:
                term = Term("field", (term,), name, source=self.since(start))
        return term

    def primary(self) -> Term:
        start, kind = self.place(), self.kind
        if self.is_mark("("):
            self.take()
            term = self.choice()
            self.expect(")")
            return term
        if self.is_mark("["):
            return Term("list", self.several("[", "]"), source=self.since(start))
        if kind == "text":
            told = self.take()
            return Term("value", value=_text(told), name=told, source=told)
        if kind == "number":
            told = self.take()
            return Term(
                "value", value=int(told, 0) if told[:2] in ("0x", "0X") else _number(told), name=told, source=told
            )
        if kind == "name":
            name = self.take()
            if name in ("true", "false", "null"):
                return Term("value", value={"true": True, "false": False, "null": None}[name], name=name, source=name)
            if self.is_mark("("):
                return Term("call", self.several("(", ")"), name, source=self.since(start))
            return Term("name", (), name, source=name)
        raise Misread(f"{self.token!r} stands where a value should")

    def several(self, opening: str, closing: str) -> tuple[Term, ...]:
        self.expect(opening)
        parts: list[Term] = []
        while not self.is_mark(closing):
            parts.append(self.choice())
            if not self.is_mark(","):
                break
            self.take()
        self.expect(closing)
        return tuple(parts)


def _number(told: str) -> int:
    if len(told) > 19:
        raise Misread("a number is too large")
    return int(told)


def _text(told: str) -> str:
    if told[0] in "rR":
        return told[2:-1]
    return _ESCAPE.sub(_character, told[1:-1])


def _character(found: re.Match[str]) -> str:
    for group, base in ((1, 16), (2, 16), (3, 16), (4, 8)):
        if found[group]:
            number = int(found[group], base)
            if number > 0x10FFFF or 0xD800 <= number < 0xE000:
                raise Misread("an escape names no character")
            return chr(number)
    if found[5] not in _SHORT:
        raise Misread(f"the escape {found[0]!r} is not known")
    return _SHORT[found[5]]
