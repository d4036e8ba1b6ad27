"""What would change an answer: edits that together turn an allow into a deny, or a deny into an allow.

None is guessed: each edit is made to the layers, and the engine is asked again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanners.access.aws import Decision, Layers, compile_policy, decide
from scanners.access.aws.documents import Document
from scanners.access.aws.explain import Place, speaking
from scanners.access.aws.policies import Group, Policy, group
from scanners.access.aws.scope import applies
from scanners.access.explorer import Edit
from scanners.access.truth import NO, YES
from scanners.graph.judging import Judged
from scanners.graph.scene import FULL

MOST = 12  # edits
_KINDS = {"aws": "AWS", "service": "Service", "federated": "Federated", "canonical": "CanonicalUser"}


def edits(judged: Judged) -> tuple[Edit, ...]:
    found = _to_deny(judged) if judged.decision.possible else _to_allow(judged)
    return tuple(dict.fromkeys(found))


def _to_deny(judged: Judged) -> Iterator[Edit]:
    """Grants, and statements of identity and resource policies, that allow it, until it is no longer possible."""
    decision = judged.decision
    for place in sorted(speaking(decision), key=lambda one: one[1].kind != "grant"):
        _, one, _, rule = place
        given = one.kind in ("resource", "grant") or (one.kind == "identity" and judged.standing is not None)
        if not (given and rule.allows) or applies(rule, decision.request, decision.context)[0] == NO:
            continue
        decision = _asked(decision, _without(decision.layers, place))
        yield _away(judged, place)
        if not decision.possible:
            return
    if judged.standing is not None:
        yield Edit("scp", "deny it in a policy of the organisation: nothing below can")


def _to_allow(judged: Judged) -> Iterator[Edit]:
    decision = judged.decision
    for _ in range(MOST):
        if decision.possible:
            return
        denying = [
            place
            for place in speaking(decision)
            if place[3].denies and applies(place[3], decision.request, decision.context)[1] == YES
        ]
        if denying:
            yield _away(judged, denying[0])
            decision = _asked(decision, _without(decision.layers, denying[0]))
            continue
        blocking = decision.blocked_by
        if blocking is None or blocking in ("vpce", "session"):
            return
        layers, words = _opened(judged, decision, blocking)
        yield Edit(blocking, words)
        decision = _asked(decision, layers)


def _asked(decision: Decision, layers: Layers) -> Decision:
    return decide(decision.request, layers, decision.context)


def _away(judged: Judged, place: Place) -> Edit:
    level, one, number, rule = place
    written = judged.written(one.kind, level, number)
    if written.reads is not None:
        return Edit(one.kind, f"take {written.name} away")
    return Edit(one.kind, f"take statement {rule.statement.place + 1} of {written.name} away")


def _opened(judged: Judged, decision: Decision, blocking: str) -> tuple[Layers, str]:
    """The layer with an Allow of everything beside what it says: whether that is enough, the engine says."""
    layers, request = decision.layers, decision.request
    what = f"{request.action} on {request.resource}"
    if blocking in ("scp", "rcp"):
        rows = layers.scps if blocking == "scp" else layers.rcps
        for level, one in enumerate(rows):
            layers = _with(layers, group(one.kind, (*one.policies, compile_policy(FULL))), level)
        return layers, f"allow {what} at every level of the organisation's policies"
    if blocking == "resource" or judged.standing is None:
        kind = _KINDS.get(request.principal.kind)
        named: Any = {kind: request.principal.value} if kind else "*"
        full = {"Version": "2012-10-17", "Statement": {**FULL["Statement"], "Principal": named}}
        old = layers.resource.policies if layers.resource else ()
        opened = group("resource", (*old, compile_policy(full)))
        return layers.around(resource=opened), f"name it in the resource's own policy, for {what}"
    own = layers.boundary if blocking == "boundary" and layers.boundary else layers.identity
    where = "the permissions boundary" if blocking == "boundary" else "an identity policy"
    return _with(layers, group(own.kind, (*own.policies, compile_policy(FULL)))), f"allow {what} in {where}"


def _without(layers: Layers, place: Place) -> Layers:
    """The statement is left out; the others keep their places."""
    level, one, number, rule = place
    policy = one.policies[number]
    kept = tuple(said for said in policy.document.statements if said.place != rule.statement.place)
    edited = Policy("", Document(policy.document.variables, kept))
    return _with(layers, Group(one.kind, (*one.policies[:number], edited, *one.policies[number + 1 :])), level)


def _with(layers: Layers, one: Group, level: int | None = None) -> Layers:
    if level is None:
        return layers.around(**{one.kind: one})
    rows = layers.scps if one.kind == "scp" else layers.rcps
    return layers.around(**{f"{one.kind}s": (*rows[:level], one, *rows[level + 1 :])})
