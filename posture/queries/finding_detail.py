"""One finding with all that a person needs to believe it: its proof in the evidence, its history, its relatives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import zip_longest
from typing import Any

from django.db.models import Count, Q

from posture.models import FindingState
from posture.models.findings import Outcome, State, Transition
from posture.queries import remedies, visible
from posture.queries.clouds import CLOUDS
from posture.queries.finding_evidence import Exhibit, exhibits
from posture.queries.finding_question import Question, all_known, narrow
from posture.queries.finding_records import Readings
from posture.queries.finding_rows import SEVERITIES, Found, read
from posture.queries.moments import PUBLISHED
from posture.queries.visible import Seer
from scanners.catalog import frameworks

TRANSITIONS, RELATIVES = 100, 8  # shown at most
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Step:
    """One transition: what was said from then on, and, where the proof moved, what it was before."""

    kind: str
    state: FindingState
    scan: int | None
    was: dict[str, Any] | None
    note: str

    @property
    def now(self) -> dict[str, Any]:
        return _settings(self.state)

    @property
    def prefix(self) -> str:
        """Keeps the anchors of several differences on one page apart."""
        return f"t{self.state.since_at:%Y%m%d%H%M%S%f}-"


@dataclass(frozen=True)
class Refused:
    """A call that gave no answer, and what mends it."""

    gap: dict[str, Any]
    remedy: str


@dataclass(frozen=True)
class Relatives:
    rows: list[Found]
    of_resource: int
    of_check: int
    of_check_here: int


@dataclass(frozen=True)
class Detail:
    found: Found
    since: datetime
    seen_at: datetime | None
    exhibits: list[Exhibit]
    before: FindingState | None
    refused: list[Refused]
    statement: str  # what to paste to allow what was refused
    statement_name: str
    steps: list[Step]
    more_steps: bool
    controls: list[tuple[str, str, list[str]]]
    relatives: Relatives


def one(seer: Seer, key: str, question: Question) -> Detail | None:
    """The finding as it stands at the question's time; None where the person sees none, or there was none yet."""
    rows = all_known(seer, question).filter(**{question.field("key"): key})
    found = next(read(rows, question), None)
    if found is None:
        return None
    states = _states(seer, found, question)
    known = next((state for state in states if state.outcome != Outcome.UNKNOWN), None)
    before = known if found.lost else None
    mends = [(gap, *_mend(gap, found.provider)) for gap in found.missing]
    allow = {gap["permission"] for gap, _, helps in mends if gap["permission"] and helps}
    shown, at = (before.proof.because, _end(before)) if before else (found.because, question.as_of)
    return Detail(
        found=found,
        since=states[0].since_at if states else found.changed_at,
        seen_at=_seen_at(seer, found, question),
        exhibits=exhibits(seer, found, shown, at),
        before=before,
        refused=[Refused(gap, remedy) for gap, remedy, _ in mends],
        statement=CLOUDS[found.provider].addition(allow, found.account) if allow else "",
        statement_name=CLOUDS[found.provider].addition_name,
        steps=_steps(seer, found, states),
        more_steps=len(states) > TRANSITIONS,
        controls=[(name, frameworks.TITLES[name], ids) for name, ids in frameworks.controls(found.check).items()],
        relatives=_relatives(seer, found, question),
    )


def _seen_at(seer: Seer, found: Found, question: Question) -> datetime | None:
    readings = Readings(seer, question)
    readings.look_up([found])
    return readings.seen_at(found)


def _mend(gap: dict[str, Any], provider: str) -> tuple[str, bool]:
    return remedies.remedy(gap["state"], gap["code"], gap.get("message", ""), provider)


def _end(state: FindingState) -> datetime | None:
    return state.until_at - _INSTANT if state.until_at else None


def _states(seer: Seer, found: Found, question: Question) -> list[FindingState]:
    states = visible.finding_states(seer).filter(finding=found.id)
    if question.as_of:
        states = states.filter(since_at__lte=question.as_of)
    return list(states.select_related("proof").order_by("-since_at")[: TRANSITIONS + 1])


def _steps(seer: Seer, found: Found, states: list[FindingState]) -> list[Step]:
    times = [state.since_at for state in states]
    scans = dict(
        visible.scans(seer)
        .filter(account=found.account_id, finished_at__in=times, state__in=PUBLISHED)
        .values_list("finished_at", "pk")
    )
    pairs = zip_longest(states[:TRANSITIONS], states[1 : TRANSITIONS + 1])
    return [
        Step(_kind(state, older), state, scans.get(state.since_at), _moved(state, older), _note(state, older))
        for state, older in pairs
        if state
    ]


def _kind(state: FindingState, older: FindingState | None) -> str:
    if state.transition == Transition.SEEN:
        return "seen_again" if older and older.outcome == Outcome.UNKNOWN else "seen"
    return "lost_sight" if state.transition == Transition.LOST else Transition(state.transition).label


def _settings(state: FindingState) -> dict[str, Any]:
    return {proof["pointer"]: proof["value"] for proof in state.proof.because}


def _moved(state: FindingState, older: FindingState | None) -> dict[str, Any] | None:
    """The settings that decided before, where others decide now."""
    if older is None or not older.proof.because or not state.proof.because:
        return None
    was = _settings(older)
    return was if was != _settings(state) else None


def _note(state: FindingState, older: FindingState | None) -> str:
    if older is None or older.severity == state.severity:
        return ""
    return f"Severity {SEVERITIES[older.severity]} became {SEVERITIES[state.severity]}."


def _relatives(seer: Seer, found: Found, question: Question) -> Relatives:
    """What else is open on the resource, and where else the check fails."""
    itself = {question.field("id"): found.id}
    beside = replace(question, ref=(found.ref,), account=(found.account_id,), state=(State.OPEN.value,))
    here = narrow(seer, beside).exclude(**itself)
    order = (f"-{question.field('severity')}", question.field("check_id"), question.field("id"))
    rows = list(read(here.order_by(*order)[:RELATIVES], question))
    same = narrow(seer, replace(question, check=(found.check,))).exclude(**itself)
    counts = same.aggregate(everywhere=Count("*"), here=Count("account", filter=Q(account=found.account_id)))
    total = len(rows) if len(rows) < RELATIVES else here.count()
    return Relatives(rows, total, counts["everywhere"], counts["here"])


def first_at(seer: Seer, key: str) -> datetime | None:
    """When a finding was first heard of; None where the person sees none."""
    states = visible.finding_states(seer).filter(finding__key=key)
    return states.order_by("since_at").values_list("since_at", flat=True).first()
