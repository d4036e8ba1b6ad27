"""Many ARNs at once: which of them a Resource element reaches, as the bits of a number.

A pattern is compared only with the ARNs that begin as it begins, and each element once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from scanners.access.aws.arns import Resources, Target, reach, target
from scanners.access.aws.context import Context
from scanners.access.aws.patterns import STAR, Pattern, everything
from scanners.access.aws.truth import MAYBE, YES
from scanners.access.aws.variables import resolve

Found = tuple[int, int]  # bits of what is reached, bits of what may be


class Universe:
    """`arns` in the order of their bits."""

    def __init__(self, arns: Iterable[str]) -> None:
        self.arns = tuple(arns)
        self.targets: tuple[Target, ...] = tuple(target(arn) for arn in self.arns)
        self.place = {arn: place for place, arn in enumerate(self.arns)}
        self.all = (1 << len(self.arns)) - 1
        self._sorted = sorted((arn.lower(), place) for place, arn in enumerate(self.arns))
        self._patterns: dict[tuple[Pattern, bool], Found] = {}
        self._elements: dict[Resources, Found] = {}

    def reached(self, element: Resources, context: Context) -> Found:
        if element.moving:
            return self._reached(element, context)
        found = self._elements.get(element)
        if found is None:
            found = self._elements[element] = self._reached(element, context)
        return found

    def _reached(self, element: Resources, context: Context) -> Found:
        if element.stars:
            return (0, 0) if element.negated else (self.all, 0)
        yes, maybe = 0, 0
        for pattern, certain in self._values(element, context):
            one, doubtful = self._matched(pattern, element.fill)
            yes |= one if certain else 0
            maybe |= doubtful if certain else one | doubtful
        if element.negated:
            return self.all & ~(yes | maybe), maybe & ~yes
        return yes, maybe & ~yes

    def _values(self, element: Resources, context: Context) -> Iterator[tuple[Pattern, bool]]:
        for pattern in element.fixed:
            yield pattern, True
        for moving in element.moving:
            if (found := resolve(moving, context)) is not None:
                yield found

    def _matched(self, pattern: Pattern, fill: bool) -> Found:
        found = self._patterns.get((pattern, fill))
        if found is None:
            found = self._patterns[pattern, fill] = self._compare(pattern, fill)
        return found

    def _compare(self, pattern: Pattern, fill: bool) -> Found:
        if everything(pattern):
            return self.all, 0
        yes, maybe = 0, 0
        for place in self._beginning(pattern):
            some, whole = reach(pattern, self.targets[place], fill=fill)
            if whole == YES:
                yes |= 1 << place
            elif some >= MAYBE:
                maybe |= 1 << place
        return yes, maybe

    def _beginning(self, pattern: Pattern) -> Iterator[int]:
        """The places of the ARNs that begin with the text before the pattern's first wildcard, in any case."""
        first = pattern[0] if pattern else STAR
        text = first.lower() if isinstance(first, str) else ""
        for arn, place in self._sorted[bisect_left(self._sorted, (text, -1)) :]:
            if not arn.startswith(text):
                return
            yield place


def members(bits: int) -> Iterator[int]:
    """The places of the bits that are set, lowest first."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
