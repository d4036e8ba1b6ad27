"""Why a principal may do something, or may not: each layer's say, with every statement that speaks of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from scanners.access.aws.policies import Group, Rule
from scanners.access.aws.scope import applies, bound_by_rcps, bound_by_scps
from scanners.access.aws.words import in_words
from scanners.access.explorer import LayerSays, Said, Written
from scanners.access.truth import MAYBE, NO, YES
from scanners.graph.judging import Judged

NAMES = {
    "scp": "Service control policies", "rcp": "Resource control policies",
    "resource": "The resource's own policy", "grant": "Grants and access lists",
    "identity": "Identity policies", "boundary": "Permissions boundary", "session": "Session policy",
    "vpce": "VPC endpoint policy",
}  # fmt: skip


def layers_say(judged: Judged) -> Iterator[LayerSays]:
    """In the order in which AWS asks them; those that do not count for this request are left out."""
    layers, request = judged.decision.layers, judged.decision.request
    doubts = {layer: tuple(one.because for one in judged.doubts if one.layer == layer) for layer in NAMES}
    for kind, groups, counts in (("rcp", layers.rcps, bound_by_rcps), ("scp", layers.scps, bound_by_scps)):
        for level, one in enumerate(groups):
            if counts(request):
                yield _says(judged, one, level, doubts[kind])
        if not groups and doubts[kind]:
            yield LayerSays(kind, NAMES[kind], "unread", unread=doubts[kind])
    for kind, found in (("resource", layers.resource), ("grant", layers.grant)):
        if found is not None:
            yield _says(judged, found, None, doubts[kind])
        elif doubts[kind]:
            yield LayerSays(kind, NAMES[kind], "unread", unread=doubts[kind])
    if request.principal.kind == "aws":
        for own in (layers.identity, layers.boundary):
            if own is not None:
                yield _says(judged, own, None, doubts[own.kind])
    if judged.door is not None:
        for said in layers_say(judged.door):
            if said.layer in ("resource", "grant"):
                yield replace(said, title="Access point")


def _says(judged: Judged, one: Group, level: int | None, doubts: tuple[str, ...]) -> LayerSays:
    statements = tuple(_statements(judged, one, level))
    policies = tuple(judged.written(one.kind, level, place) for place in range(len(one.policies)))
    if one.kind == "grant":  # a key may have thousands: those that say nothing of it are not named
        policies = tuple({id(said.written): said.written for said in statements}.values())
    named = policies[0].level if one.kind in ("scp", "rcp") and policies else ""
    return LayerSays(one.kind, NAMES[one.kind], _verdict(judged, one, statements), statements, policies, named, doubts)


def _verdict(judged: Judged, one: Group, statements: tuple[Said, ...]) -> str:
    said = {(one.effect, one.holds) for one in statements}
    if ("Deny", "yes") in said:
        return "denies"
    if judged.who.is_root and one.kind == "identity":
        return "allows"
    if ("Deny", "if") in said:
        return "may deny"
    if ("Allow", "yes") in said:
        return "allows"
    if ("Allow", "if") in said:
        return "may allow"
    only_denies = one.kind == "rcp" and not any(rule.allows for _, rule in one.places())
    return "allows" if only_denies else "silent"


def _statements(judged: Judged, one: Group, level: int | None) -> Iterator[Said]:
    request = judged.decision.request
    bounded = judged.decision.layers.boundary is not None
    for place, rule in one.places():
        if rule.actions.covers(request.name) and rule.match(request.principal, bounded=bounded):
            yield _said(judged, rule, judged.written(one.kind, level, place))


def _said(judged: Judged, rule: Rule, written: Written) -> Said:
    request, context = judged.decision.request, judged.decision.context
    some, whole = applies(rule, request, context)
    holds = whole if rule.denies else some
    open_: dict[str, Any] = {}
    failed: list[str] = []
    for atom in rule.condition.atoms:
        answer = atom.evaluate(context)
        if answer == MAYBE:
            for operator, keys in atom.as_condition().items():
                open_.setdefault(operator, {}).update(keys)
        elif answer == NO:
            failed.append(atom.written)
    why_not = ""
    if holds == NO:
        why_not = f"its condition on {', '.join(failed)} does not hold" if failed else "it is about other resources"
    effect = "Deny" if rule.denies else "Allow"
    word = {YES: "yes", MAYBE: "if", NO: "no"}[holds]
    number = rule.statement.place
    return Said(
        written,
        place(number, written),
        mark(written.document, number),
        effect,
        word,
        rule.statement.sid or "",
        in_words(open_ or None),
        why_not,
        number,
    )


def place(number: int, written: Written | None = None) -> str:
    """As people count; what is no policy has no statements."""
    return "as a whole" if written is not None and written.reads is not None else f"statement {number + 1}"


def mark(document: object, number: int) -> str:
    """The JSON pointer of a statement: a lone one is no list."""
    if isinstance(document, dict):
        for name, value in document.items():
            if str(name).lower() == "statement":
                return f"/{name}/{number}" if isinstance(value, list) else f"/{name}"
    return ""
