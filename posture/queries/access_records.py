"""Answers about access as plain records: what commands print, and pages show."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from posture.queries.access import Asking
from posture.queries.moments import exact
from scanners.access.explorer import Cut, Decided, Explained, Hop, LayerSays, Row, Said, Via, Way, WhoCan


def header(asked: Asking) -> dict[str, Any]:
    """What every answer says first: of which account, as of when, and what of it was not read."""
    return {
        "account": asked.account.ref,
        "scan": asked.scan.pk,
        "as_of": exact(asked.at),
        "unread": list(asked.explorer.gaps),
    }


def row(one: Row) -> dict[str, Any]:
    who, decided = one.who, one.decided
    return {
        "principal": who.ref,
        "name": who.name,
        "kind": who.kind,
        "outside": who.outside,
        "answer": decided.answer.value,
        "by_what_was_read": decided.read.value,
        "if": decided.residual,
        "condition": decided.condition,
        "blocked_by": decided.blocked_by,
        "via": [_via(via) for via in decided.via],
        "unknown_because": list(decided.unknown_because),
    }


def _via(via: Via) -> dict[str, Any]:
    found = {
        "layer": via.layer,
        "policy": via.written.name,
        "ref": via.written.ref,
        "statement": via.statement,
        "place": via.place,
        "effect": via.effect,
    }
    told = {"sid": via.sid, "level": via.level, "unknown": via.unknown}
    return found | {key: value for key, value in told.items() if value not in ("", None)}


def who_can(asked: Asking, found: WhoCan) -> dict[str, Any]:
    return header(asked) | {
        "action": found.action,
        "resource": found.target.ref,
        "notes": list(found.target.notes),
        "who": [row(one) for one in found.rows],
        "denied": found.denied,
        "asked": found.asked,
    }


def explained(asked: Asking, found: Explained) -> dict[str, Any]:
    return header(asked) | {
        "action": found.action,
        "resource": found.target.ref,
        "notes": list(found.target.notes),
        **row(found.row),
        "layers": [_layer(one) for one in found.layers],
        "would_change": [{"layer": edit.layer, "edit": edit.words} for edit in found.would_change],
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
        "statement": said.statement,
        "place": said.place,
        "sid": said.sid or None,
        "effect": said.effect,
        "applies": said.holds,
        "condition": said.condition,
        "why_not": said.why_not,
    }


def path(way: Way, caveats: Iterable[str]) -> dict[str, Any]:
    end = way.steps[-1].target if way.steps else way.origin if way.administrator else None
    return {
        "from": way.origin.ref,
        "escalates": way.escalates,
        "administrator": way.administrator,
        "by": list(way.by),
        "target": end and end.ref,
        "steps": [step(one) for one in way.steps],
        "unknown": list(way.unknown),
        "caveats": list(caveats) if way.escalates else [],
    }


def step(hop: Hop) -> dict[str, Any]:
    found: dict[str, Any] = {
        "from": hop.origin.ref,
        "to": hop.target.ref,
        "by": hop.by,
        "because": [_reason(*because) for because in hop.because],
    }
    if hop.assumes:
        found["assumes"] = list(hop.assumes)
    return found | {"title": hop.title, "conditions": conditions(hop)}


def _reason(permission: str, on: str, decided: Decided) -> dict[str, Any]:
    """The first statement that lets it happen; the rest of them `explain` tells."""
    found: dict[str, Any] = {"permission": permission, "resource": on}
    for via in decided.via[:1]:
        where = via.sid or via.place
        named = where if via.sid or via.statement is None else str(via.statement)
        found |= {"policy": via.written.name, "statement": named, "where": where}
    if decided.residual:
        found["if"] = decided.residual
    return found


def conditions(hop: Hop) -> list[str]:
    return list(dict.fromkeys(decided.condition for _, _, decided in hop.because if decided.condition))


def cut(one: Cut) -> dict[str, Any]:
    return {"edit": one.edit, "at": one.at.ref, "stops": [stopped.ref for stopped in one.stops]}
