"""The right-sized policy of a principal, as a record for the shell and other programs."""

from __future__ import annotations

from typing import Any

from posture.queries import access_records
from posture.queries.access import Asking
from scanners.access.explorer import Sized


def record(asked: Asking, principal: str) -> dict[str, Any]:
    """Raises NotFound."""
    who = asked.principal(principal)
    return access_records.header(asked) | {"principal": who.ref} | of(asked.explorer.right_size(who))


def of(found: Sized) -> dict[str, Any]:
    return {
        "confidence": str(found.confidence),
        "policy": found.document,
        "refused": found.refused or None,
        "unseen": list(found.unseen),
        "actions": {"before": found.before, "after": found.after, "removed": found.removed},
        "services": [
            {
                "service": one.name,
                "last_used": one.last,
                "seen_by": one.seen,
                "used": list(one.used),
                "untracked": list(one.untracked),
                "removed": list(one.removed),
            }
            for one in found.services
        ],
        "checked": found.checked and {"questions": found.checked[0], "holds": found.checked[1]},
    }
