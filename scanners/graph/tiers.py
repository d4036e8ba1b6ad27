"""Answers to many questions at once, as bits, in three tiers: each lies within the next.

What surely (or on a condition) holds; what holds by what was read, though something was not; what nobody can exclude.
"""

from __future__ import annotations

from scanners.access.explorer import Answer, Decided

Bits = tuple[int, int, int]  # surely, by what was read, by what nobody can exclude
NONE: Bits = (0, 0, 0)
EVERYWHERE: Bits = (-1, -1, -1)
TIERS = (0, 1, 2)
SURE, TOLD, OPEN = TIERS


def both(one: Bits, other: Bits) -> Bits:
    return one[0] & other[0], one[1] & other[1], one[2] & other[2]


def either(one: Bits, other: Bits) -> Bits:
    return one[0] | other[0], one[1] | other[1], one[2] | other[2]


def within(bits: Bits, mask: int) -> Bits:
    return bits[0] & mask, bits[1] & mask, bits[2] & mask


def gated(bits: Bits, gate: Bits) -> Bits:
    """The bits, tier by tier, where the gate has any."""
    return (bits[0] if gate[0] else 0, bits[1] if gate[1] else 0, bits[2] if gate[2] else 0)


def bits_of(decided: Decided, mask: int) -> Bits:
    if decided.answer in (Answer.ALLOWED, Answer.IF):
        return mask, mask, mask
    if decided.answer is Answer.UNKNOWN:
        return 0, mask if decided.possible else 0, mask
    return NONE
