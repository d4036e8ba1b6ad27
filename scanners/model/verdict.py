"""What a check says of a resource, and the proof it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

import msgspec

from scanners.model.evidence import Gap, Node

PROOF_BYTES = 2_000


class Outcome(StrEnum):
    FAIL = "fail"
    PASS = "pass"  # noqa: S105  (an outcome, not a password)
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class Severity(IntEnum):
    INFO = 1
    LOW = 2
    MEDIUM = 3
    HIGH = 4
    CRITICAL = 5

    @property
    def label(self) -> str:
        return self.name.lower()


class Proof(msgspec.Struct, frozen=True, gc=False):
    """One setting or statement that decided: where it stands, what it says, which call read it."""

    pointer: str
    value: Any  # None: the cloud left the field out, or said that it is not there
    call: str
    region: str
    ref: str  # the resource whose evidence the pointer walks


@dataclass(frozen=True, slots=True)
class Verdict:
    """Sentences name no age and no resource, so that equal evidence gives equal words on any day."""

    outcome: Outcome
    sentence: str
    because: tuple[Proof, ...] = ()
    subject: str = ""  # which part of the resource, where a check judges several: a port, a key, a qualifier
    severity: Severity | None = None  # when this case is graver or lighter than the check's own severity
    missing: tuple[Gap, ...] = ()


def proof(node: Node) -> Proof:
    value = node.value
    if isinstance(value, (str, list, dict)) and len(str(value)) > PROOF_BYTES:
        value = str(value)[:PROOF_BYTES] + "…"
    return Proof(node.pointer, value, node.call, node.region, node.ref)


def failed(sentence: str, *because: Node, subject: str = "", severity: Severity | None = None) -> Verdict:
    return Verdict(Outcome.FAIL, sentence, tuple(proof(n) for n in because), subject, severity)


def passed(sentence: str, *because: Node, subject: str = "") -> Verdict:
    return Verdict(Outcome.PASS, sentence, tuple(proof(n) for n in because), subject)


def not_applicable(sentence: str, *because: Node, subject: str = "") -> Verdict:
    return Verdict(Outcome.NOT_APPLICABLE, sentence, tuple(proof(n) for n in because), subject)
