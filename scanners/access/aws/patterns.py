"""Patterns with `*` and `?`: whether they match a text, overlap, or one covers the other, in time linear in the text.

A pattern is a tuple of tokens: a text stands for itself, `STAR` for any text, `ANY` for any one character.  So a star
that came out of a variable, which is literal, is never taken for a wildcard.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from enum import Enum
from functools import lru_cache


class Wild(Enum):
    STAR = "*"
    ANY = "?"


STAR, ANY = Wild.STAR, Wild.ANY
Token = str | Wild
Pattern = tuple[Token, ...]
_WILD = re.compile(r"([*?])")


def parse(text: str) -> Pattern:
    """The tokens of a pattern as written: neighbouring stars are one."""
    return tidy(STAR if piece == "*" else ANY if piece == "?" else piece for piece in _WILD.split(text) if piece)


def tidy(tokens: Iterator[Token]) -> Pattern:
    kept: list[Token] = []
    for token in tokens:
        if token is STAR and kept and kept[-1] is STAR:
            continue
        kept.append(token)
    return tuple(kept)


def literal(pattern: Pattern) -> str | None:
    """The one text that a pattern without wildcards matches."""
    return "".join(str(token) for token in pattern) if not any(isinstance(t, Wild) for t in pattern) else None


def everything(pattern: Pattern) -> bool:
    return bool(pattern) and all(token is STAR for token in pattern)


@lru_cache(maxsize=32_768)
def matcher(pattern: Pattern) -> Callable[[str], bool]:
    """Linear: the pieces between stars are found from left to right, each at its first place, with no way back."""
    exact = literal(pattern)
    if exact is not None:
        return exact.__eq__
    if everything(pattern):
        return lambda text: True
    pieces = _pieces(pattern)
    if len(pieces) == 1:
        whole = re.compile(pieces[0], re.DOTALL).fullmatch
        return lambda text: whole(text) is not None
    if len(pieces) == 2 and len(pattern) == 2 and isinstance(pattern[0], str):
        beginning = pattern[0]
        return lambda text: text.startswith(beginning)
    return _in_order([re.compile(piece, re.DOTALL) for piece in pieces])


def _pieces(pattern: Pattern) -> list[str]:
    """What stands between the stars, as regular expressions without repetition."""
    pieces = [""]
    for token in pattern:
        if token is STAR:
            pieces.append("")
        else:
            pieces[-1] += "." if token is ANY else re.escape(str(token))
    return pieces


def _in_order(pieces: list[re.Pattern[str]]) -> Callable[[str], bool]:
    first, *middle, last = pieces
    ending = re.compile(f"(?:{last.pattern})\\Z", re.DOTALL)
    width = _width(last.pattern)

    def matches(text: str) -> bool:
        found = first.match(text)
        if found is None:
            return False
        place = found.end()
        for piece in middle:
            found = piece.search(text, place)
            if found is None:
                return False
            place = found.end()
        start = len(text) - width
        return start >= place and ending.match(text, start) is not None

    return matches


def _width(expression: str) -> int:
    """How many characters a piece matches: an escape and what it escapes are one."""
    return len(re.sub(r"\\(.)", "x", expression, flags=re.DOTALL))


def _symbols(pattern: Pattern) -> list[Token]:
    """A pattern character by character."""
    symbols: list[Token] = []
    for token in pattern:
        symbols.extend([token] if isinstance(token, Wild) else token)
    return symbols


def _places(symbols: list[Token]) -> dict[Token, int]:
    """Of every symbol the bits of where it stands."""
    places: dict[Token, int] = {}
    for place, symbol in enumerate(symbols):
        places[symbol] = places.get(symbol, 0) | 1 << place
    return places


@lru_cache(maxsize=32_768)
def covers(wide: Pattern, narrow: Pattern) -> bool:
    """Whether every text that `narrow` matches is one that `wide` matches.  Never wrongly yes."""
    exact = literal(narrow)
    if exact is not None:
        return matcher(wide)(exact)
    symbols = _symbols(wide)
    places = _places(symbols)
    stars, anys = places.get(STAR, 0), places.get(ANY, 0)
    state = _past_stars(1, stars)
    for symbol in _symbols(narrow):
        if symbol is STAR:
            state &= stars
        else:
            step = anys if symbol is ANY else anys | places.get(symbol, 0)
            state = (state & step) << 1 | state & stars
        state = _past_stars(state, stars)
        if not state:
            return False
    return bool(state >> len(symbols) & 1)


def _past_stars(state: int, stars: int) -> int:
    """A star may stand for nothing; no two stand side by side, so one step is enough."""
    return state | (state & stars) << 1


@lru_cache(maxsize=32_768)
def overlap(one: Pattern, other: Pattern) -> bool:
    """Whether some text is matched by both."""
    for text, pattern in ((literal(one), other), (literal(other), one)):
        if text is not None:
            return matcher(pattern)(text)
    symbols = _symbols(other)
    places = _places(symbols)
    stars = places.get(STAR, 0)
    every = (1 << len(symbols)) - 1
    anys = places.get(ANY, 0)
    state = _past_stars(1, stars)
    for symbol in _symbols(one):
        if symbol is STAR:  # swallows any number of the other's symbols: everything from the first place on
            lowest = state & -state
            state = (every << 1 | 1) & ~(lowest - 1)
        else:
            step = every & ~stars if symbol is ANY else anys | places.get(symbol, 0)
            state = (state & step) << 1 | state & stars
        state = _past_stars(state, stars)
        if not state:
            return False
    return bool(state >> len(symbols) & 1)


_LARGEST = 250_000  # pairs of places that are looked at
Place = tuple[int, int]  # how far in either pattern


def common(one: Pattern, other: Pattern, filler: str) -> str | None:
    """A text that both match, with `filler` where both leave it open; None when there is none or it is too long."""
    left, right = _symbols(one), _symbols(other)
    if len(left) * len(right) > _LARGEST:
        return None
    goal = (len(left), len(right))
    came: dict[Place, tuple[Place, str] | None] = {(0, 0): None}
    stack = [(0, 0)]
    while stack:
        place = stack.pop()
        if place == goal:
            return _told(came, place)
        for following, text in _steps(left, right, place, filler):
            if following not in came:
                came[following] = (place, text)
                stack.append(following)
    return None


def _steps(left: list[Token], right: list[Token], place: Place, filler: str) -> Iterator[tuple[Place, str]]:
    i, j = place
    a = left[i] if i < len(left) else None
    b = right[j] if j < len(right) else None
    if a is STAR:
        yield (i + 1, j), filler if b is STAR else ""
        if b is not None and b is not STAR:
            yield (i, j + 1), filler[0] if b is ANY else str(b)
    if b is STAR:
        yield (i, j + 1), ""
        if a is not None and a is not STAR:
            yield (i + 1, j), filler[0] if a is ANY else str(a)
    if a is not None and b is not None and a is not STAR and b is not STAR and (a == b or ANY in (a, b)):
        yield (i + 1, j + 1), filler[0] if a is b is ANY else str(b if a is ANY else a)


def _told(came: dict[Place, tuple[Place, str] | None], place: Place) -> str:
    texts = []
    while (step := came[place]) is not None:
        place, text = step
        texts.append(text)
    return "".join(reversed(texts))
