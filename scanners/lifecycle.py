"""Verdicts of this scan and findings known before → what became of each.  Decides, never writes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from scanners.model import Outcome, Severity


class Transition(StrEnum):
    OPENED = "opened"
    CHANGED = "changed"
    LOST = "lost"  # lost sight of: could not look
    SEEN = "seen"  # seen for the first time without fault, or seen again as it was
    RESOLVED = "resolved"
    GONE = "gone"


class FindingState(StrEnum):
    OPEN = "open"
    RESOLVED = "resolved"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Known:
    """A finding as the last scan left it.  `last_known` is its outcome when it was last in sight."""

    outcome: Outcome
    last_known: Outcome | None
    severity: Severity
    proof: bytes  # digest of sentence, proof and gaps
    gone: bool = False


def transition(before: Known | None, outcome: Outcome, severity: Severity, proof: bytes) -> Transition | None:
    """What a verdict makes of a finding; None when nothing changed and nothing is to be written."""
    if outcome is Outcome.UNKNOWN:
        same = before and not before.gone and before.outcome is outcome and before.proof == proof
        return None if same else Transition.LOST
    if before is None or before.gone:
        return Transition.OPENED if outcome is Outcome.FAIL else Transition.SEEN
    if before.outcome is outcome and before.severity == severity and before.proof == proof:
        return None
    if before.outcome is outcome:
        return Transition.CHANGED
    if outcome is Outcome.FAIL:
        return Transition.SEEN if before.last_known is Outcome.FAIL else Transition.OPENED
    return Transition.RESOLVED if before.last_known is Outcome.FAIL else Transition.SEEN


def last_known(before: Known | None, outcome: Outcome) -> Outcome | None:
    """A gap changes nothing about what was last known."""
    if outcome is not Outcome.UNKNOWN:
        return outcome
    return before.last_known if before and not before.gone else None


def state(outcome: Outcome) -> FindingState:
    """An unknown is an open question: a gap closes nothing."""
    return FindingState.OPEN if outcome in (Outcome.FAIL, Outcome.UNKNOWN) else FindingState.RESOLVED
