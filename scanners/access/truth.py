"""Three values: what is so, what is not, and what cannot be known from what was given.

They are ordered, so that AND is `min`, OR is `max` and NOT is `YES - value` (Kleene's strong logic).
"""

from __future__ import annotations

NO = 0
MAYBE = 1
YES = 2
Truth = int


def negation(value: Truth) -> Truth:
    return YES - value


def truth(claim: bool) -> Truth:
    return YES if claim else NO
