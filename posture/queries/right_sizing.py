"""The right-sized policy of a principal, as a record for the shell and other programs."""

from __future__ import annotations

from typing import Any

from posture.queries import access_records
from posture.queries.access import Asking
from scanners.access.aws.trail import Trail
from scanners.access.explorer import NotFound, Sized
from scanners.graph.aws_explorer import AwsExplorer


def record(asked: Asking, principal: str, trail: Trail | None = None) -> dict[str, Any]:
    """`trail`: records of CloudTrail, for accounts of AWS.  Raises NotFound."""
    who, explorer = asked.principal(principal), asked.explorer
    if trail is None:
        found = of(explorer.right_size(who))
    elif isinstance(explorer, AwsExplorer):
        found = of(explorer.right_size(who, trail)) | {"trail": _read(trail)}
    else:
        raise NotFound(f"CloudTrail records accounts of AWS: {asked.account} is none.")
    return access_records.header(asked) | {"principal": who.ref} | found


def _read(trail: Trail) -> dict[str, Any]:
    """Of the files as a whole."""
    return {
        "files": trail.files,
        "not_read": trail.flaws,
        "records": trail.count,
        "twice": trail.twice,
        "not_understood": trail.not_understood,
        "from": trail.first or None,
        "to": trail.last or None,
        "days": len(trail.days),
        "regions": sorted(trail.regions),
    }


def of(found: Sized) -> dict[str, Any]:
    return {
        "confidence": str(found.confidence),
        "policy": found.document,
        "refused": found.refused or None,
        "unseen": list(found.unseen),
        "told": list(found.told),
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
        "checked": _checked(found.checked),
        "on": found.on
        and {
            "confidence": str(found.on.confidence),
            "policy": found.on.document,
            "named": [{"action": action, "resources": list(resources)} for action, resources in found.on.named],
            "checked": _checked(found.on.checked),
        },
    }


def _checked(asked: tuple[int, bool] | None) -> dict[str, Any] | None:
    return asked and {"questions": asked[0], "holds": asked[1]}
