"""Names that a caller may give to what it makes: one that every action it needs is allowed on.

Where actions are limited to different names, names that their patterns share are tried: each pattern with its
wildcards filled in.  Limit: two patterns that both hold wildcards within the name, and neither of whose fillings fits
the other (`dev-*` and `*-api`), are taken to share none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scanners.access.aws.arns import reach, target
from scanners.access.aws.operators import colons
from scanners.access.aws.patterns import ANY, STAR, Pattern, parse
from scanners.access.aws.variables import resolve
from scanners.access.truth import NO, YES
from scanners.graph.layers import Asked, Layers, Weighing
from scanners.graph.sheets import bit

_FILL = "q7zx"


def nameable(weighing: Weighing, layers: Layers, asked: Asked, arn: str, actions: list[str]) -> bool:
    """`arn` is a rule's: without its beginning, with stars for what the caller chooses."""
    account, one = weighing.account, weighing.one
    wanted = f"arn:{account.partition}:{arn.replace('{account}', account.id)}"
    answers = [one(layers, action, wanted, asked) for action in actions]
    if NO in answers:
        return False
    if all(answer == YES for answer in answers):
        return True
    return any(
        all(one(layers, action, name, asked) != NO for action in actions)
        for name in _names(wanted, layers, asked, actions)
    )


def _names(wanted: str, layers: Layers, asked: Asked, actions: list[str]) -> Iterator[str]:
    """Concrete names, the plain one first."""
    tried = set()
    template = parse(wanted)
    for pattern in ((STAR,), *_patterns(layers, asked, actions)):
        for name in _filled(wanted, pattern):
            if name not in tried and reach(template, target(name), fill=False)[1] != NO:
                tried.add(name)
                yield name


def _patterns(layers: Layers, asked: Asked, actions: list[str]) -> Iterable[Pattern]:
    mask = 0
    for action in actions:
        mask |= bit(action)
    found: dict[Pattern, None] = {}
    for layer in (layers.identity, *layers.limits()):
        for sheet in layer:
            for line in (*sheet.allows, *sheet.denies):
                if line.mask & mask:
                    found.update(dict.fromkeys(line.rule.resources.fixed))
                    for moving in line.rule.resources.moving:
                        if (value := resolve(moving, asked.own)) is not None:
                            found[value[0]] = None
    return found


def _filled(wanted: str, pattern: Pattern) -> Iterator[str]:
    """The ARN asked for with what the pattern fixes, and the rest filled in."""
    wholes, parts = wanted.split(":", 5), colons(pattern)
    if len(parts) < 6:
        parts = (*parts, *((STAR,),) * (6 - len(parts)))
    for fill in (_FILL, ""):
        chosen = [
            _text(part, fill) if "*" in want and part != (STAR,) else want.replace("*", fill or _FILL)
            for want, part in zip(wholes, parts, strict=True)
        ]
        yield ":".join(chosen)


def _text(pattern: Pattern, fill: str) -> str:
    return "".join(fill if token is STAR else "q" if token is ANY else str(token) for token in pattern)
