"""The decision on one request: its outcome, what is sure and what possible, and on demand why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from scanners.access.aws.context import EMPTY, Context
from scanners.access.aws.requests import Layers, Request
from scanners.access.aws.weigh import Answers, bounded_by, weigh
from scanners.access.aws.witnesses import needed, witnesses
from scanners.access.truth import YES


class Outcome(Enum):
    ALLOWED = "Allowed"
    ALLOWED_IF = "AllowedIf"  # the residual condition must hold
    EXPLICITLY_DENIED = "ExplicitlyDenied"
    IMPLICITLY_DENIED = "ImplicitlyDenied"


@dataclass(slots=True, eq=False)
class Decision:
    """`sure`: allowed whatever the unknown keys hold.  `possible`: allowed for some of what they may hold."""

    outcome: Outcome
    sure: bool
    possible: bool
    answers: Answers
    request: Request
    layers: Layers
    context: Context

    @property
    def blocked_by(self) -> str | None:
        """The layer that says no: of several the first, in the order in which AWS asks."""
        from scanners.access.aws.explain import blocked_by

        return blocked_by(self)

    @property
    def because(self) -> list[dict[str, object]]:
        """The statements that decide, each with its layer, place and Sid."""
        from scanners.access.aws.explain import because

        return because(self)

    @property
    def achievable(self) -> bool:
        """Whether some completion of the unknown keys allows it: possible, and no contradiction of its conditions."""
        from scanners.access.aws.completions import achievable

        return achievable(self)

    @property
    def residual(self) -> object:
        """What must hold for a possible permission: None when nothing must."""
        from scanners.access.aws.residual import residual

        return residual(self)


def decide(request: Request, layers: Layers, context: Context = EMPTY) -> Decision:
    answers = weigh(request, layers, context)
    sure, possible = _bounds(answers, request, layers, context)
    if sure:
        outcome = Outcome.ALLOWED
    elif answers.denied == YES:
        outcome = Outcome.EXPLICITLY_DENIED
    else:
        outcome = Outcome.ALLOWED_IF if possible else Outcome.IMPLICITLY_DENIED
    return Decision(outcome, sure, possible, answers, request, layers, context)


def bounds(request: Request, layers: Layers, context: Context = EMPTY) -> tuple[bool, bool]:
    """(sure, possible), without a decision to look at."""
    return _bounds(weigh(request, layers, context), request, layers, context)


def _bounds(answers: Answers, request: Request, layers: Layers, context: Context) -> tuple[bool, bool]:
    sure, possible = bounded_by(answers)
    if not possible or request.asked.exact or not needed(layers.groups(), request, context):
        return sure, possible
    possible = False
    for resource in witnesses(layers.groups(), request, context):
        one = bounded_by(weigh(request.about(resource), layers, context))
        if one[0]:
            return one
        possible = possible or one[1]
    return False, possible
