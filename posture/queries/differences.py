"""What changed between two times: resources, findings, and who gained or lost what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from posture.models import Account, FindingState, Resource, ResourceVersion
from posture.models.findings import Outcome, Severity, State, Transition
from posture.queries import access_changes, moments, visible
from posture.queries.finding_facets import spoken
from posture.queries.visible import Seer


def difference(seer: Seer, accounts: Iterable[Account], before: datetime, after: datetime) -> dict[str, Any]:
    """As JSON: {"from", "to", "accounts": [{"account", "resources", "findings", "grants"}]}."""
    told = [
        {
            "account": one.ref,
            "resources": resources(seer, one, before, after),
            "findings": findings(seer, one, before, after),
            "grants": [access_changes.record(each) for each in access_changes.between(seer, one, before, after)],
        }
        for one in accounts
    ]
    return {"from": moments.exact(before), "to": moments.exact(after), "accounts": told}


def resources(seer: Seer, account: Account, before: datetime, after: datetime) -> list[dict[str, Any]]:
    """Appeared, changed and gone, by kind and id; what changed and changed back is none of these."""
    then, now = _digests(account, before), _digests(account, after)
    moved = [pk for pk in then.keys() | now.keys() if then.get(pk) != now.get(pk)]
    rows = visible.resources(seer).filter(account=account, pk__in=moved).order_by("kind", "ref")
    return [_resource(row, was=row.pk in then, there=row.pk in now) for row in rows]


def _digests(account: Account, at: datetime) -> dict[int, bytes]:
    rows = ResourceVersion.objects.filter(moments.held(at), resource__account=account)
    return {pk: bytes(digest) for pk, digest in rows.values_list("resource_id", "digest").iterator(chunk_size=5000)}


def _resource(row: Resource, *, was: bool, there: bool) -> dict[str, Any]:
    change = "gone" if not there else "changed" if was else "appeared"
    return {"change": change, "kind": row.kind, "ref": row.ref, "name": row.name, "region": row.region}


def findings(seer: Seer, account: Account, before: datetime, after: datetime) -> list[dict[str, Any]]:
    """Those that stand otherwise than they stood, the gravest first."""
    states = visible.finding_states(seer).filter(account=account)
    now = list(
        states.filter(moments.held(after), since_at__gt=before)
        .select_related("finding__resource", "proof")
        .order_by("-severity", "finding_id")
    )
    then = {
        state.finding_id: state
        for state in states.filter(moments.held(before), finding__in=[state.finding_id for state in now])
    }
    return [_finding(state, then.get(state.finding_id)) for state in now if _moved(state, then.get(state.finding_id))]


def _moved(now: FindingState, then: FindingState | None) -> bool:
    if then is None:
        return now.outcome in (Outcome.FAIL, Outcome.UNKNOWN)
    return (now.outcome, now.state, now.severity, now.proof_id) != (
        then.outcome,
        then.state,
        then.severity,
        then.proof_id,
    )


def _finding(now: FindingState, then: FindingState | None) -> dict[str, Any]:
    finding = now.finding
    return {
        "id": finding.key,
        "check": finding.check_id,
        "change": Transition(now.transition).label,
        "severity": Severity(now.severity).label,
        "was": None if then is None else _stood(then),
        "is": _stood(now),
        "kind": spoken(finding.resource.kind),
        "ref": finding.resource.ref,
        "name": finding.resource.name,
        "subject": finding.subject,
        "sentence": now.proof.sentence,
    }


def _stood(state: FindingState) -> dict[str, str]:
    return {"outcome": Outcome(state.outcome).label, "state": State(state.state).label}
