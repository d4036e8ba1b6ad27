"""Patterns with stars, as roles write them."""

from __future__ import annotations


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern covers a text: * stands for any text, and case does not matter.  Linear in both."""
    first, *rest = pattern.casefold().split("*")
    told = text.casefold()
    if not rest:
        return first == told
    if not told.startswith(first):
        return False
    place, last = len(first), rest[-1]
    for part in rest[:-1]:
        found = told.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return len(told) - len(last) >= place and told.endswith(last)
