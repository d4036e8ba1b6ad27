"""Answers about access as plain records: what commands print, and pages show."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from posture.queries.access import Asking, WhoCan
from posture.queries.moments import exact
from scanners.access.aws.words import in_words
from scanners.graph.changing import edits
from scanners.graph.explaining import LayerSays, Said, layers_say
from scanners.graph.judging import ANYBODY, Judged
from scanners.graph.paths import Answer as Path
from scanners.graph.paths import Step

NOBODY_SIGNED_IN, ANY_ACCOUNT = "anyone, without signing in", "any AWS account"


def header(asked: Asking) -> dict[str, Any]:
    """What every answer says first: of which account, as of when, and what of it was not read."""
    return {
        "account": asked.account.ref,
        "scan": asked.scan.pk,
        "as_of": exact(asked.at),
        "unread": list(asked.view.gaps),
    }


def who(judged: Judged) -> dict[str, Any]:
    """Of a caller inside the account or out of it."""
    if judged.standing is not None:
        return {"principal": judged.standing.arn, "name": judged.standing.name, "kind": judged.standing.kind}
    if judged.who.kind == "anonymous":
        return {"principal": "*", "name": NOBODY_SIGNED_IN, "kind": "anonymous"}
    if judged.who is ANYBODY:
        return {"principal": "*", "name": ANY_ACCOUNT, "kind": "any account"}
    value = judged.who.value or ""
    if judged.who.is_root:
        return {"principal": value, "name": f"account {judged.who.account}", "kind": "account"}
    return {"principal": value, "name": value.rpartition("/")[2] or value, "kind": judged.who.kind}


def row(judged: Judged) -> dict[str, Any]:
    decision = judged.decision
    return who(judged) | {
        "answer": judged.answer.value,
        "by_what_was_read": judged.by_what_was_read.value,
        "if": judged.residual if decision.possible else None,
        "condition": in_words(judged.residual) if decision.possible else "",
        "blocked_by": decision.blocked_by,
        "via": [_via(judged, place) for place in decision.because],
        "unknown_because": list(dict.fromkeys(doubt.because for doubt in judged.doubts)),
    }


def _via(judged: Judged, place: dict[str, Any]) -> dict[str, Any]:
    written = judged.written(place["layer"], place.get("level"), place["policy"])
    found = {"layer": place["layer"], "policy": written.name, "ref": written.ref, "statement": place["statement"]}
    return (
        found | {key: place[key] for key in ("sid", "level", "unknown") if key in place} | {"effect": place["effect"]}
    )


def who_can(asked: Asking, found: WhoCan) -> dict[str, Any]:
    return header(asked) | {
        "action": found.action,
        "resource": found.target.arn,
        "notes": list(found.target.notes),
        "who": [row(one) for one in found.rows],
        "denied": found.denied,
        "asked": found.asked,
    }


def explained(asked: Asking, judged: Judged) -> dict[str, Any]:
    return header(asked) | {
        "action": judged.decision.request.action,
        "resource": judged.target.arn,
        "notes": list(judged.target.notes),
        **row(judged),
        "layers": [_layer(one) for one in layers_say(judged)],
        "would_change": [{"layer": edit.layer, "edit": edit.words} for edit in edits(judged)],
    }


def _layer(one: LayerSays) -> dict[str, Any]:
    return {
        "layer": one.layer,
        "level": one.level,
        "says": one.verdict,
        "statements": [_said(said) for said in one.statements],
        "policies": [policy.name for policy in one.policies],
        "unread": list(one.unread),
    }


def _said(said: Said) -> dict[str, Any]:
    return {
        "policy": said.written.name,
        "statement": said.place,
        "sid": said.sid,
        "effect": said.effect,
        "applies": said.holds,
        "condition": in_words(said.condition),
        "why_not": said.why_not,
    }


def path(arn: str, found: Path) -> dict[str, Any]:
    return {
        "from": arn,
        "escalates": found.escalates,
        "administrator": found.administrator,
        "by": list(found.paths),
        "target": found.target,
        "steps": [step(one) for one in found.steps],
        "unknown": list(found.unknown),
        "caveats": list(found.caveats),
    }


def step(one: Step) -> dict[str, Any]:
    because = [reason.as_json() | {"where": place(reason.statement)} for reason in one.because]
    return one.as_json() | {"title": one.rule.title, "conditions": conditions(one), "because": because}


def place(statement: str) -> str:
    """Its Sid, or which one it is, counted as people count."""
    return f"statement {int(statement) + 1}" if statement.isdigit() else statement


def conditions(one: Step) -> list[str]:
    return list(dict.fromkeys(in_words(reason.condition) for reason in one.because if reason.condition))


def unread_words(gaps: Iterable[str]) -> str:
    return "; ".join(gaps)
