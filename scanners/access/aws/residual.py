"""What must hold for a permission that is possible and not sure: a formula over conditions.

As JSON: a condition block as policies write it, {"resource": pattern} where a variable decides, {"all": […]},
{"any": […]}, {"not": …}, {"unknown": "…"} for what could not be understood.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scanners.access.aws.explain import Place, speaking
from scanners.access.aws.plans import gives_leave
from scanners.access.aws.principals import Match
from scanners.access.aws.scope import bound_by_rcps, bound_by_scps, keeps_its_own_door
from scanners.access.truth import MAYBE, NO

if TYPE_CHECKING:
    from scanners.access.aws.decide import Decision

TRUE: object = True
FALSE: object = False


def residual(decision: Decision) -> object:
    """None when nothing must hold, or when nothing can help."""
    if decision.sure or not decision.possible:
        return None
    formula = _formula(decision)
    return None if formula is TRUE else formula


def _formula(decision: Decision) -> object:
    places = list(speaking(decision))
    denials = [every_not(_rule(decision, p, whole=True)) for p in places if p[3].denies]
    limits = {"boundary": any_of([]), "session": any_of([]), "identity": any_of([])}
    for kind in limits:
        limits[kind] = any_of([_rule(decision, p) for p in places if p[1].kind == kind and p[3].allows])
    layers, request = decision.layers, decision.request
    if request.principal.is_root:
        limits["identity"] = TRUE
    elif decision.answers.identity == NO:
        limits["identity"] = FALSE
    if layers.boundary is None:
        limits["boundary"] = TRUE
    if layers.session is None:
        limits["session"] = TRUE
    own = all_of([limits["boundary"], limits["session"]])
    grants = _resource_grants(decision, places)
    granted = {
        match: any_of([_rule(decision, p) for p in grants if p[3].match(request.principal) is match])
        for match in (Match.DIRECT, Match.ROLE, Match.ACCOUNT)
    }
    guards = [
        any_of([_rule(decision, p) for p in places if p[1] is group and p[3].allows]) for group in _guards(decision)
    ]
    return all_of([_combined(decision, limits["identity"], own, granted), *guards, *denials])


def _combined(decision: Decision, identity: object, own: object, granted: dict[Match, object]) -> object:
    request = decision.request
    trusted = any_of(list(granted.values()))
    if request.principal.kind != "aws":
        return granted[Match.DIRECT]
    if not request.same_account:
        return all_of([identity, own, trusted])
    door = trusted if keeps_its_own_door(request) else TRUE
    within = any_of([granted[Match.ROLE], all_of([identity, door])])
    return any_of([granted[Match.DIRECT], all_of([within, own])])


def _resource_grants(decision: Decision, places: list[Place]) -> list[Place]:
    answers = decision.answers
    if max(answers.direct, answers.role, answers.account) == NO:
        return []
    return [p for p in places if p[1].kind in ("resource", "grant") and p[3].allows]


def _guards(decision: Decision) -> list[object]:
    layers, request = decision.layers, decision.request
    scps = layers.scps if bound_by_scps(request) else ()
    rcps = tuple(filter(gives_leave, layers.rcps)) if bound_by_rcps(request) else ()
    return [*scps, *rcps, *([layers.vpce] if layers.vpce is not None else [])]


def _rule(decision: Decision, place: Place, *, whole: bool = False) -> object:
    """What of one statement is left open."""
    rule, context = place[3], decision.context
    wildcard_only = bool(decision.request.wildcard_only)
    reach = rule.resources.reach(decision.request.asked, context, wildcard_only=wildcard_only)[1 if whole else 0]
    if reach == NO:
        return FALSE
    parts: list[object] = []
    for atom in rule.condition.atoms:
        answer = atom.evaluate(context)
        if answer == NO:
            return FALSE
        if answer == MAYBE:
            parts.append(atom.as_condition())
    if rule.flaw:
        parts.append({"unknown": rule.flaw})
    if reach == MAYBE:
        open_ = [one.text for one in rule.resources.unresolved(context)] or list(rule.resources.texts)
        parts.append(any_of([{"resource": text} for text in open_]))
    return all_of(parts)


def every_not(formula: object) -> object:
    if formula is TRUE or formula is FALSE:
        return FALSE if formula is TRUE else TRUE
    return {"not": formula}


def all_of(parts: list[object]) -> object:
    return _joined(parts, "all", TRUE, FALSE)


def any_of(parts: list[object]) -> object:
    return _joined(parts, "any", FALSE, TRUE)


def _joined(parts: list[object], word: str, neutral: object, final: object) -> object:
    kept: list[object] = []
    for part in parts:
        if part is final:
            return final
        inner = part[word] if isinstance(part, dict) and word in part else [part]
        kept.extend(one for one in inner if one is not neutral and one not in kept)
    if not kept:
        return neutral
    return kept[0] if len(kept) == 1 else {word: kept}
