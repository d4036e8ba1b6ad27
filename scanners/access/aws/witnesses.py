"""Single resources out of a request with wildcards, one for each way in which the statements cut it.

`box/*` may be allowed by one layer in `box/a*` and by another in `box/b*` only, or be allowed and denied in the same
part: then no resource is allowed, though every layer allows some.  Asking for single resources decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scanners.access.aws.arns import Resources, folded
from scanners.access.aws.context import Context
from scanners.access.aws.operators import colons
from scanners.access.aws.patterns import ANY, STAR, Pattern, common, covers, everything, overlap
from scanners.access.aws.policies import Group, Rule
from scanners.access.aws.requests import Request
from scanners.access.aws.scope import applies
from scanners.access.aws.variables import resolve
from scanners.access.truth import NO, YES

_MOST = 256  # ways that are followed
_FILLERS = ("\u2042" * 7, "")  # what no policy names stands for a star, or nothing does
Parts = tuple[Pattern, ...]


def needed(groups: Iterable[Group], request: Request, context: Context) -> bool:
    """Whether some statement cuts the request: allows or denies a part of it and not the whole."""
    if request.asked.exact or request.wildcard_only:
        return False
    for group in groups:
        allows, denies = group.candidates(request.name)
        if any(_cuts(rule, request, context) for rule in denies):
            return True
        if any(_cuts(rule, request, context) for rule in allows):
            return True
    return False


def _cuts(rule: Rule, request: Request, context: Context) -> bool:
    some, whole = applies(rule, request, context)
    return some != NO and whole != YES


def witnesses(groups: Iterable[Group], request: Request, context: Context) -> Iterator[str]:
    """ARNs that the request stands for; every one of them is worth a question of its own."""
    if request.asked.parts is None:
        return
    ways: dict[Parts, None] = {request.asked.parts: None}
    for cuts in _stages(groups, request, context):
        for way in tuple(ways):
            for parts in cuts:
                if len(ways) < _MOST and (met := _meet(way, parts)) is not None:
                    ways[met] = None
    for way in ways:
        for filler in _FILLERS:
            yield ":".join(_single(part, filler) for part in way)


def _single(part: Pattern, filler: str) -> str:
    return "".join(filler if token is STAR else "\u2042" if token is ANY else str(token) for token in part)


def _stages(groups: Iterable[Group], request: Request, context: Context) -> Iterator[list[Parts]]:
    """What a resource must be within: one pattern of what each group allows, and of what each deny spares."""
    for group in groups:
        allows, denies = group.candidates(request.name)
        yield [parts for rule in allows if not rule.resources.negated for parts in _patterns(rule.resources, context)]
        for rule in denies:
            if rule.resources.negated:
                yield list(_patterns(rule.resources, context))


def _patterns(resources: Resources, context: Context) -> Iterator[Parts]:
    found = [resolve(value, context, arn=True) for value in resources.moving]
    for pattern in (*resources.fixed, *(one[0] for one in found if one is not None)):
        if not everything(pattern):
            parts = colons(pattern)
            if len(parts) < 6 and resources.fill:
                parts = (*parts, *((STAR,),) * (6 - len(parts)))
            if len(parts) == 6:
                yield folded(parts)


def _meet(one: Parts, other: Parts) -> Parts | None:
    """What both reach; where neither holds the other, one text of what they share."""
    met = []
    for a, b in zip(one, other, strict=True):
        if covers(a, b):
            met.append(b)
        elif covers(b, a):
            met.append(a)
        elif overlap(a, b) and (text := common(a, b, "\u2042")) is not None:
            met.append((text,))
        else:
            return None
    return tuple(met)
