"""What is asked of findings, and the rows that answer it, now or as of a time.

A list, its counts and its exports all start here, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from posture.models import FindingState, Proof, Resource, Scan
from posture.models.findings import Outcome, State, Transition
from posture.queries import moments, visible
from posture.queries.visible import Seer
from scanners.catalog import frameworks
from scanners.checks.registry import checks


@dataclass(frozen=True)
class Question:
    """An empty tuple asks for anything of that sort; None in `outcome` and `state`: nothing was said about it.

    With neither said, the open failures are meant: what fails, and what failed when it was last in sight.
    """

    severity: tuple[int, ...] = ()
    outcome: tuple[int, ...] | None = None
    state: tuple[int, ...] | None = None
    account: tuple[int, ...] = ()
    region: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    check: tuple[str, ...] = ()
    framework: tuple[str, ...] = ()
    control: tuple[str, ...] = ()
    kind: tuple[str, ...] = ()
    ref: tuple[str, ...] = ()
    finding: tuple[str, ...] = ()
    q: str = ""
    new: datetime | None = None
    as_of: datetime | None = None

    @property
    def default(self) -> bool:
        return self.outcome is None and self.state is None and not self.finding

    def field(self, path: str) -> str:
        """Where something of a finding is read: on itself now, on its state at that time when looking back."""
        head, _, rest = path.partition("__")
        if self.as_of:
            head = THEN.get(head, f"finding__{head}")
        return f"{head}__{rest}" if rest else head


# The fields of Finding that FindingState has as well, and those that follow from earlier states.
THEN = {
    **{name: name for name in ("account", "account_id", "outcome", "severity", "state", "transition", "proof")},
    "id": "finding_id",
    "changed_at": "since_at",
    "last_known": "known_then",
    "opened_at": "opened_then",
    "seen_at": "seen_then",
}
PLAIN = {
    "severity": "severity",
    "account": "account",
    "region": "resource__region",
    "service": "resource__scope__service",
    "kind": "resource__kind",
    "ref": "resource__ref",
    "finding": "key",
}


def all_known(seer: Seer, question: Question) -> QuerySet[Any]:
    """All that the person may see at the question's time: findings now, states of findings when looking back."""
    at = question.as_of
    if at is None:
        return visible.findings(seer)
    known = known_states(OuterRef("finding_id"), at).values("outcome")[:1]
    ended = known_states(OuterRef(OuterRef("finding_id")), at).values("until_at")[:1]
    opened = FindingState.objects.filter(
        finding=OuterRef("finding_id"), since_at__lte=at, transition=Transition.OPENED
    ).order_by("-since_at")
    scans = Scan.objects.filter(account=OuterRef("account"), state__in=moments.PUBLISHED)
    seen = scans.filter(finished_at__lt=Subquery(ended)).order_by("-finished_at")
    return (
        visible.finding_states(seer)
        .filter(moments.held(at))
        .alias(
            known_then=Subquery(known),
            opened_then=Subquery(opened.values("since_at")[:1]),
            seen_then=Subquery(seen.values("finished_at")[:1]),
        )
    )


def narrow(seer: Seer, question: Question, *, lifting: Collection[str] = ()) -> QuerySet[Any]:
    """What is asked for; `lifting` names filters left out, for counts of their values."""
    found = all_known(seer, question)
    for name, path in PLAIN.items():
        if name not in lifting and (values := getattr(question, name)):
            found = found.filter(**{f"{question.field(path)}__in": values})
    if "standing" not in lifting:
        found = found.filter(standing(question))
    asked = _checks_asked(question, lifting)
    if asked is not None:
        found = found.filter(**{f"{question.field('check_id')}__in": asked})
    if question.new:
        found = found.filter(opened_since(question, question.new))
    return found.filter(_mentions(question)) if question.q else found


def known_states(finding: OuterRef, at: datetime) -> QuerySet[FindingState]:
    """The states of a finding that was in sight, the last one first."""
    states = FindingState.objects.filter(finding=finding, since_at__lte=at)
    return states.exclude(outcome=Outcome.UNKNOWN).order_by("-since_at")


def open_failures(question: Question) -> Q:
    """A gap closes nothing: what failed when it was last in sight still counts."""
    lost = Q(**{question.field("outcome"): Outcome.UNKNOWN, question.field("last_known"): Outcome.FAIL})
    return Q(**{question.field("state"): State.OPEN}) & (Q(**{question.field("outcome"): Outcome.FAIL}) | lost)


def standing(question: Question) -> Q:
    """Said of one of outcome and state only, the other is free; but what is gone must be asked for."""
    if question.default:
        return open_failures(question)
    if question.state is None:
        wanted = Q() if question.finding else Q(**{f"{question.field('state')}__in": (State.OPEN, State.RESOLVED)})
    else:
        wanted = Q(**{f"{question.field('state')}__in": question.state}) if question.state else Q()
    return wanted & (Q(**{f"{question.field('outcome')}__in": question.outcome}) if question.outcome else Q())


def _checks_asked(question: Question, lifting: Collection[str]) -> list[str] | None:
    """The checks that check, framework and control leave; None: any."""
    if "check" in lifting or not (question.check or question.framework or question.control):
        return None
    return [name for name in question.check or checks() if speaks_to(name, question.framework, question.control)]


def speaks_to(check: str, wanted: Collection[str], controls: Collection[str]) -> bool:
    """Whether a check is mapped to one of these frameworks, and there to one of these controls."""
    mapped = frameworks.controls(check)
    said = [mapped[name] for name in (wanted or mapped) if name in mapped]
    if controls:
        return any(control in ids for ids in said for control in controls)
    return bool(said) or not wanted


def opened_since(question: Question, since: datetime) -> Q:
    """Failures first seen after that time."""
    if question.as_of is None:
        return Q(opened_at__gt=since)
    opened = FindingState.objects.filter(
        finding=OuterRef("finding_id"), transition=Transition.OPENED, since_at__gt=since, since_at__lte=question.as_of
    )
    return Q(Exists(opened))


def _mentions(question: Question) -> Q:
    """The words in the name or id of the resource, in the id or title of the check, or in the sentence."""
    words = question.q
    named = Resource.objects.filter(Q(name__icontains=words) | Q(ref__icontains=words)).values("pk")
    said = Proof.objects.filter(sentence__icontains=words).values("pk")
    asked = [c.id for c in checks().values() if words.lower() in c.id or words.lower() in c.title.lower()]
    return (
        Q(**{f"{question.field('resource')}__in": named})
        | Q(**{f"{question.field('proof')}__in": said})
        | Q(**{f"{question.field('check_id')}__in": asked})
        | Q(**{f"{question.field('check_id')}__icontains": words})
        | Q(**{question.field("key"): words})
    )
