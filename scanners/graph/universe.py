"""Many ARNs at once: which of them a Resource element reaches, as the bits of a number.

A pattern is compared only with the ARNs that begin as it begins, and each element once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Iterator

from scanners.access.aws.arns import Resources, Target, reach, target
from scanners.access.aws.context import Context
from scanners.access.aws.operators import colons
from scanners.access.aws.patterns import STAR, Pattern, everything, literal, matcher
from scanners.access.aws.variables import resolve
from scanners.access.truth import MAYBE, YES, Truth
from scanners.graph.callers import Request

Found = tuple[int, int]  # bits of what is reached, bits of what may be


class Universe:
    """`arns` in the order of their bits.

    `about` gives a request as it is for one of them; `likeness` what of one of them conditions may ask, with its tags
    or without: for those that are alike the answer is one.
    """

    def __init__(
        self,
        arns: Iterable[str],
        about: Callable[[Request, int], Request],
        likeness: Callable[[int, bool], Hashable],
    ) -> None:
        self.arns = tuple(arns)
        self.targets: tuple[Target, ...] = tuple(target(arn) for arn in self.arns)
        self.place = {arn: place for place, arn in enumerate(self.arns)}
        self.all = (1 << len(self.arns)) - 1
        self._heads: dict[tuple[str, ...], list[tuple[str, int]]] = {}
        for place, arn in enumerate(self.arns):
            *head, tail = arn.split(":", 5)
            if len(head) == 5:
                self._heads.setdefault(tuple(text.lower() for text in head), []).append((tail, place))
        for tails in self._heads.values():
            tails.sort()
        self._patterns: dict[tuple[Pattern, bool], Found] = {}
        self._elements: dict[Resources, Found] = {}
        self.about, self._likeness = about, likeness
        self._alike: dict[bool, tuple[int, ...]] = {}

    def alike(self, *, tagged: bool) -> tuple[int, ...]:
        """The ARNs in groups of which conditions say the same."""
        if tagged not in self._alike:
            found: dict[Hashable, int] = {}
            for place in range(len(self.arns)):
                name = self._likeness(place, tagged)
                found[name] = found.get(name, 0) | 1 << place
            self._alike[tagged] = tuple(found.values())
        return self._alike[tagged]

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
        parts = colons(pattern)
        places = self._alike_in(parts) if len(parts) == 6 else range(len(self.arns))
        yes, maybe = 0, 0
        doubt: dict[bool, Truth] = {}
        for place in places:
            asked = self.targets[place]
            if len(parts) < 6 or asked.typed not in doubt:  # of one whole pattern all that match do so alike
                doubt[asked.typed] = reach(pattern, asked, fill=fill)[0]
            if doubt[asked.typed] == YES:
                yes |= 1 << place
            elif doubt[asked.typed] == MAYBE:
                maybe |= 1 << place
        return yes, maybe

    def _alike_in(self, parts: tuple[Pattern, ...]) -> Iterator[int]:
        """The places of the ARNs whose six parts a pattern's parts match."""
        whole, last = literal(parts[5]), parts[5]
        first = last[0] if last else STAR
        beginning = first if isinstance(first, str) else ""
        match = matcher(last)
        for head, tails in self._heads.items():
            if not all(matcher(part)(text) for part, text in zip(map(_folded, parts[:5]), head, strict=True)):
                continue
            for tail, place in tails[bisect_left(tails, (beginning, -1)) :]:
                if not tail.startswith(beginning) or (whole is not None and tail != whole):
                    break
                if match(tail):
                    yield place


def _folded(part: Pattern) -> Pattern:
    return tuple(token.lower() if isinstance(token, str) else token for token in part)


def members(bits: int) -> Iterator[int]:
    """The places of the bits that are set, lowest first."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest
