"""Why a decision came out as it did: built only when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from scanners.access.aws.policies import Group, Rule
from scanners.access.aws.scope import applies, bound_by_rcps, bound_by_scps, keeps_its_own_door
from scanners.access.truth import MAYBE, NO, YES

if TYPE_CHECKING:
    from scanners.access.aws.decide import Decision


def blocked_by(decision: Decision, *, surely: bool = False) -> str | None:
    """Of an explicit deny its layer; of an implicit one the layer that should have allowed and does not.

    `surely`: what is allowed under a condition only counts as blocked.
    """
    if decision.sure or (decision.possible and not surely):
        return None
    if decision.answers.denied != NO and (decision.answers.denied == YES or decision.possible):
        return next((group.kind for _, group, _, _ in _denying(decision, decision.answers.denied)), None)
    return _missing(decision, MAYBE if decision.possible else NO)


def _missing(decision: Decision, most: int) -> str:
    """The first layer that allows no more than `most`."""
    answers = decision.answers
    for name, answer in (("scp", answers.scp), ("rcp", answers.rcp), ("vpce", answers.vpce)):
        if answer <= most:
            return name
    request = decision.request
    trusted = max(answers.direct, answers.role, answers.account)
    if request.principal.kind != "aws":
        return "resource"
    if answers.identity <= most and (answers.role <= most or not request.same_account):
        return "identity"
    if trusted <= most and (not request.same_account or keeps_its_own_door(request)):
        return "resource"
    return _limit(decision, most)


def _limit(decision: Decision, most: int) -> str:
    for name, answer in (("boundary", decision.answers.boundary), ("session", decision.answers.session)):
        if answer <= most:
            return name
    return "identity"


Place = tuple[int | None, Group, int, Rule]  # level of an organisation, group, policy, rule


def rules(decision: Decision) -> Iterator[Place]:
    """Every rule of the layers that count for this request."""
    request, layers = decision.request, decision.layers
    own = request.principal.kind == "aws"
    for groups, counts in ((layers.rcps, bound_by_rcps), (layers.scps, bound_by_scps)):
        for level, group in enumerate(groups):
            if counts(request):
                yield from ((level, group, policy, rule) for policy, rule in group.places())
    for one, counted in (
        (layers.resource, True),
        (layers.grant, True),
        (layers.identity, own),
        (layers.boundary, own),
        (layers.session, own),
        (layers.vpce, True),
    ):
        if one is not None and counted:
            yield from ((None, one, policy, rule) for policy, rule in one.places())


def speaking(decision: Decision) -> Iterator[Place]:
    request = decision.request
    bounded = decision.layers.boundary is not None
    for place in rules(decision):
        rule = place[3]
        if rule.actions.covers(request.name) and rule.match(request.principal, bounded=bounded):
            yield place


def _denying(decision: Decision, least: int) -> Iterator[Place]:
    for place in speaking(decision):
        if place[3].denies and applies(place[3], decision.request, decision.context)[1] >= least:
            yield place


def _allowing(decision: Decision, least: int) -> Iterator[Place]:
    for place in speaking(decision):
        if place[3].allows and applies(place[3], decision.request, decision.context)[0] >= least:
            yield place


def because(decision: Decision) -> list[dict[str, object]]:
    """Denying statements when denied; else those that allow, and those that may take it back."""
    if decision.answers.denied == YES:
        return [_reference(place, "Deny") for place in _denying(decision, YES)]
    found = [_reference(place, "Allow") for place in _allowing(decision, MAYBE)]
    return found + [_reference(place, "Deny") for place in _denying(decision, MAYBE)]


def _reference(place: Place, effect: str) -> dict[str, object]:
    level, group, policy, rule = place
    found: dict[str, object] = {"layer": group.kind, "policy": policy, "statement": rule.statement.place}
    if level is not None:
        found["level"] = level
    if rule.statement.sid is not None:
        found["sid"] = rule.statement.sid
    if rule.flaw:
        found["unknown"] = rule.flaw
    return {**found, "effect": effect}
