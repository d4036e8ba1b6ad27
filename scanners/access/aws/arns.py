"""Resource elements: which resources a pattern reaches.

An ARN is compared part by part, split at its first five colons; a wildcard stays within its part, and in the sixth
reaches over `/` and `:`.  Partition, service, region and account are compared without regard to case.  An incomplete
ARN is filled up with stars in identity policies and boundaries, and reaches nothing elsewhere.  A part of the resource
type behind a wildcard (`arn:aws:iam::1:ro*/x`) is MAYBE: the IAM User Guide says that it is not allowed, policies that
AWS itself publishes use it.  A request may hold wildcards too: `some` says whether a resource that it stands for is
reached, `all` whether all are.  Source: "IAM JSON policy elements: Resource", "IAM identifiers" (IAM User Guide).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

from scanners.access.aws.context import Context
from scanners.access.aws.operators import colons
from scanners.access.aws.patterns import STAR, Pattern, Wild, covers, everything, literal, matcher, overlap, parse
from scanners.access.aws.variables import Template, resolve, template
from scanners.access.truth import MAYBE, NO, YES, Truth, negation

Reach = tuple[Truth, Truth]  # whether some, whether all resources of the request are reached
NONE: Reach = (NO, NO)
WHOLE: Reach = (YES, YES)
# Kinds of policies whose incomplete ARNs are filled up with stars.
FILLED = frozenset({"identity", "boundary", "session"})
# Services whose resource part begins with a name and not with a type (Service Authorization Reference, 2026-10).
_UNTYPED = frozenset({
    "sns", "sqs", "codecommit", "codepipeline", "execute-api", "wafv2", "aws-marketplace", "kinesis", "mediaconnect",
    "neptune-db", "servicequotas", "ssm-sap", "mapcredits", "apigateway",
})  # fmt: skip
_ALL: tuple[Pattern, ...] = ((STAR,),) * 6


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """The resource of a request.  Interned by `target`; remembers how patterns reached it."""

    text: str
    pattern: Pattern
    parts: tuple[Pattern, ...] | None  # None: no ARN
    texts: tuple[str, ...] | None  # of the parts, when no wildcard stands in them
    typed: bool
    memo: dict[object, Reach] = field(default_factory=dict)

    @property
    def exact(self) -> bool:
        return literal(self.pattern) is not None


@lru_cache(maxsize=32_768)
def target(text: str) -> Target:
    pattern = parse(text)
    parts = folded(colons(pattern))
    is_arn = len(parts) == 6 and text[:4].lower() == "arn:"
    if everything(pattern):
        return Target(text, pattern, _ALL, None, False)
    texts = tuple(literal(part) for part in parts)
    exact = tuple(one for one in texts if one is not None)
    return Target(
        text,
        pattern,
        parts if is_arn else None,
        exact if is_arn and len(exact) == len(parts) else None,
        is_arn and _typed(text),
    )


def _typed(text: str) -> bool:
    _, _, service, region, account, resource = text.split(":", 5)
    if service.lower() in _UNTYPED or (service.lower() == "s3" and not region and not account):
        return False
    return not resource.startswith("/") and ("/" in resource or ":" in resource)


def folded(parts: tuple[Pattern, ...]) -> tuple[Pattern, ...]:
    """Partition, service, region and account without regard to case."""
    return tuple(
        part if place in (0, 5) else tuple(t.lower() if isinstance(t, str) else t for t in part)
        for place, part in enumerate(parts)
    )


def reach(pattern: Pattern, asked: Target, *, fill: bool) -> Reach:
    """How a pattern whose variables are resolved reaches a request's resource."""
    if everything(pattern):
        return WHOLE
    wanted = colons(pattern)
    if len(wanted) < 6:
        if not fill or len(wanted) < 2:
            return (YES, YES) if asked.parts is None and covers(pattern, asked.pattern) else NONE
        wanted = (*wanted, *_ALL[len(wanted) :])
    if asked.parts is None:
        return NONE
    wanted = folded(wanted)
    reached = MAYBE if asked.typed and _hides_type(wanted[5]) else YES
    if asked.texts is not None:
        exactly = all(matcher(one)(text) for one, text in zip(wanted, asked.texts, strict=True))
        return (reached, reached) if exactly else NONE
    if not all(overlap(one, other) for one, other in zip(wanted, asked.parts, strict=True)):
        return NONE
    whole = all(covers(one, other) for one, other in zip(wanted, asked.parts, strict=True))
    return reached, reached if whole else NO


@lru_cache(maxsize=32_768)
def _hides_type(part: Pattern) -> bool:
    """Whether a wildcard stands in the type: `ro*/x`, `u*`; not `*`, `*/x` or `role/*`."""
    if part and part[0] is STAR and (len(part) == 1 or str(part[1])[:1] in ("/", ":")):
        return False
    for token in part:
        if isinstance(token, Wild):
            return True
        if "/" in token or ":" in token:
            return False
    return False


@dataclass(frozen=True, slots=True, eq=False)
class Resources:
    """A Resource or NotResource element.  Interned by `resources`."""

    texts: tuple[str, ...]
    fixed: tuple[Pattern, ...]
    moving: tuple[Template, ...]
    negated: bool
    fill: bool
    stars: bool  # some value is `*`

    def reach(self, asked: Target, context: Context, *, wildcard_only: bool = False) -> Reach:
        """`wildcard_only`: an action that names no resource matches `*` alone, or any NotResource without it."""
        if wildcard_only:
            return WHOLE if self.stars != self.negated else NONE
        memo: dict[object, Reach] = context.memo if self.moving else asked.memo
        key = (self, asked) if self.moving else self
        found = memo.get(key)
        if found is None:
            if len(memo) > 65_536:
                memo.clear()
            found = memo[key] = self._reach(asked, context)
        return found

    def _reach(self, asked: Target, context: Context) -> Reach:
        if self.stars:
            return NONE if self.negated else WHOLE
        some, whole = NO, NO
        for pattern in self.fixed:
            one, every = reach(pattern, asked, fill=self.fill)
            some, whole = max(some, one), max(whole, every)
            if whole == YES:
                break
        for moving in self.moving:
            if (found := resolve(moving, context, arn=True)) is None:
                continue
            one, every = reach(found[0], asked, fill=self.fill)
            certain = YES if found[1] else MAYBE
            some, whole = max(some, min(one, certain)), max(whole, min(every, certain))
        return (negation(whole), negation(some)) if self.negated else (some, whole)

    def unresolved(self, context: Context) -> tuple[Template, ...]:
        """The values whose variables are not known."""
        return tuple(
            one for one in self.moving if (found := resolve(one, context, arn=True)) is not None and not found[1]
        )


@lru_cache(maxsize=32_768)
def resources(texts: tuple[str, ...], *, negated: bool, variables: bool, fill: bool) -> Resources:
    values = [template(text, variables=variables) for text in texts]
    fixed = tuple(pattern for value in values if (pattern := value.fixed) is not None)
    stars = any(everything(pattern) for pattern in fixed)
    return Resources(texts, fixed, tuple(value for value in values if value.keys), negated, fill, stars)


ANY_RESOURCE = resources(("*",), negated=False, variables=False, fill=False)


def arns_overlap(one: str, other: str) -> bool:
    """Whether some ARN is matched by both patterns, part by part; `*` alone overlaps with all."""
    first, second = parse(one), parse(other)
    if everything(first) or everything(second):
        return True
    left, right = colons(first), colons(second)
    if len(left) != len(right):
        return False
    return all(overlap(a, b) for a, b in zip(folded(left), folded(right), strict=True))
