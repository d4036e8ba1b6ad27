"""What questions of every cloud share as JSON Lines: how they are refused, and how an answer is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanners.access.explorer import Answer, Decided, Via

Question = dict[str, Any]
Written = dict[str, Any]
MODES = ("strict", "discovery")
_KIND_NAMES: dict[type, str] = {str: "a text", dict: "an object", list: "a list", bool: "true or false"}


class NotUnderstood(ValueError):
    """Why a question has no answer, in one sentence."""


def need(question: Question, key: str, *kinds: type, at: str = "") -> Any:
    """`at`: where the question stands in the line, for the sentence."""
    value = question.get(key)
    if not isinstance(value, kinds):
        wanted = " or ".join(_KIND_NAMES[kind] for kind in kinds)
        raise NotUnderstood(f"{at}{key} is not {wanted}")
    return value


def maybe(question: Question, key: str, kind: type, at: str = "") -> Any:
    """None where it is left out, or null."""
    return None if question.get(key) is None else need(question, key, kind, at=at)


def texts(question: Question, key: str, at: str = "") -> list[str]:
    """A list of texts; none where it is left out."""
    found = maybe(question, key, list, at) or []
    if not all(isinstance(one, str) for one in found):
        raise NotUnderstood(f"{at}{key} is not a list of texts")
    return list(found)


def objects(question: Question, key: str, at: str = "") -> list[Question]:
    found = maybe(question, key, list, at) or []
    if not all(isinstance(one, dict) for one in found):
        raise NotUnderstood(f"{at}{key} is not a list of objects")
    return list(found)


def lists_of_texts(question: Question, key: str) -> dict[str, list[str]] | None:
    """{name: [text, …]}; None where it is left out."""
    found = maybe(question, key, dict)
    return None if found is None else {name: texts(found, name, at=f"{key}: ") for name in found}


def is_strict(question: Question) -> bool:
    mode = question.get("mode", "strict")
    if mode not in MODES:
        raise NotUnderstood("mode is neither strict nor discovery")
    return bool(mode == "strict")


_WORDS = {Answer.ALLOWED: "Allowed", Answer.DENIED: "ImplicitlyDenied"}


def written(decided: Decided, *, strict: bool, silent: str) -> Written:
    """Strictly what is sure is allowed, in discovery what may be.  `silent`: the layer that should have allowed."""
    open_ = decided.answer in (Answer.IF, Answer.UNKNOWN)
    answer = (Answer.DENIED if strict else Answer.ALLOWED) if open_ else decided.answer
    explicit = decided.blocked_by == "deny"
    found: Written = {
        "decision": "ExplicitlyDenied" if explicit else _WORDS[answer],
        "blocked_by": (decided.blocked_by or silent) if answer is Answer.DENIED else None,
        "because": [dict(_because(one)) for one in decided.via],
        "residual_condition": decided.residual if open_ and not strict else None,
    }
    if decided.unknown_because:
        found["unknown_because"] = list(decided.unknown_because)
    return found


def _because(one: Via) -> Iterator[tuple[str, str]]:
    yield from (("layer", one.layer), ("place", one.place), ("policy", one.written.name), ("effect", one.effect))
    for key, value in (("level", one.written.level), ("title", one.sid), ("unknown", one.unknown)):
        if value:
            yield key, value
