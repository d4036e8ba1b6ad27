"""A finding with all that a row, a page or an export says of it, read in one query."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, IntegerChoices, QuerySet

from posture.models.findings import Outcome, Severity, State
from posture.queries.finding_question import Question
from scanners.checks.registry import Check, checks


@dataclass(frozen=True, slots=True)
class Found:
    """A finding with all that a row, a page or an export says of it."""

    id: int
    key: str
    check: str
    subject: str
    account_id: int
    provider: str
    account: str
    account_name: str
    resource_id: int
    kind: str
    ref: str
    name: str
    region: str
    place: str
    service: str
    tried_at: datetime | None
    own_seen_at: datetime | None
    severity_rank: int
    outcome_number: int
    state_number: int
    transition: int
    last_known: int | None
    opened_at: datetime | None
    changed_at: datetime
    sentence: str
    because: list[dict[str, Any]]
    missing: list[dict[str, Any]]

    @property
    def severity(self) -> str:
        return SEVERITIES[self.severity_rank]

    @property
    def outcome(self) -> str:
        return OUTCOMES[self.outcome_number]

    @property
    def state(self) -> str:
        return STATES[self.state_number]

    @property
    def lost(self) -> bool:
        """It failed when it was last in sight, and could not be looked at since."""
        return self.outcome_number == Outcome.UNKNOWN and self.last_known == Outcome.FAIL

    @property
    def standing(self) -> str:
        """The state as people say it: what is open but out of sight is said to be so."""
        return "lost_sight" if self.lost else self.state

    @property
    def failing_since(self) -> datetime | None:
        return self.opened_at if self.outcome_number == Outcome.FAIL or self.lost else None

    @property
    def seen_at(self) -> datetime | None:
        """When it was last in sight; None when it never was."""
        if self.outcome_number == Outcome.UNKNOWN:
            return self.own_seen_at
        return self.tried_at or self.changed_at

    @property
    def asked(self) -> Check | None:
        """None when a newer version of the catalogue no longer has the check."""
        return checks().get(self.check)

    @property
    def title(self) -> str:
        return self.asked.title if self.asked else self.check

    @property
    def headline(self) -> str:
        """What it says; of an unknown, what is asked: the reason is not the matter."""
        return self.title if self.outcome_number == Outcome.UNKNOWN else self.sentence


def labels(choices: type[IntegerChoices]) -> dict[int, str]:
    return {int(value): str(label) for value, label in choices.choices}


SEVERITIES, OUTCOMES, STATES = (labels(choices) for choices in (Severity, Outcome, State))

_COLUMNS = {
    "id": "id",
    "key": "key",
    "check": "check_id",
    "subject": "subject",
    "account_id": "account_id",
    "provider": "account__provider",
    "account": "account__ref",
    "account_name": "account__name",
    "resource_id": "resource_id",
    "kind": "resource__kind",
    "ref": "resource__ref",
    "name": "resource__name",
    "region": "resource__region",
    "place": "resource__scope__region",
    "service": "resource__scope__service",
    "tried_at": "resource__scope__tried_at",
    "own_seen_at": "seen_at",
    "severity_rank": "severity",
    "outcome_number": "outcome",
    "state_number": "state",
    "transition": "transition",
    "last_known": "last_known",
    "opened_at": "opened_at",
    "changed_at": "changed_at",
    "sentence": "proof__sentence",
    "because": "proof__because",
    "missing": "proof__missing",
}


def read(found: QuerySet[Any], question: Question, *, chunk: int = 1000) -> Iterator[Found]:
    """Row by row, by a cursor on the server: memory stays flat whatever is asked for."""

    columns = [F(question.field(path)) for path in _COLUMNS.values()]
    for values in found.values_list(*columns).iterator(chunk_size=chunk):
        yield Found(*values)
