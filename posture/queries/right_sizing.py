"""The right-sized policy of a principal, as a record for the shell and other programs."""

from __future__ import annotations

from typing import Any

from posture.queries import access_records
from posture.queries.access import Asking
from scanners.access.aws.right_size import Proposal
from scanners.graph.right_sized import proposed


def record(asked: Asking, principal: str) -> dict[str, Any]:
    """Raises NotFound."""
    standing = asked.principal(principal)
    return access_records.header(asked) | {"principal": standing.arn} | of(proposed(asked.view, standing))


def of(found: Proposal) -> dict[str, Any]:
    proved = found.proved
    return {
        "confidence": found.confidence.value,
        "policy": found.document,
        "refused": found.refused or None,
        "unseen": list(found.unseen),
        "actions": {"before": found.before, "after": found.after, "removed": found.removed},
        "services": [
            {
                "service": one.service,
                "last_used": one.last,
                "seen_by": one.seen,
                "used": list(one.used),
                "untracked": list(one.untracked),
                "removed": list(one.removed),
            }
            for one in found.services
        ],
        "checked": proved and {"questions": proved.asked, "holds": proved.holds},
    }
