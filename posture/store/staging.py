"""What a unit saw, put aside until its scan is published: all or nothing, and only by the holder of the fence."""

from __future__ import annotations

from typing import Any

import msgspec
from django.db import transaction
from django.db.models.functions import Now

from posture.models import Resource, Unit
from posture.store.copy import copy_into
from scanners.collectors.gather import Gathered
from scanners.model import Gap
from scanners.model import Resource as Seen
from scanners.model.canonical import digest

_json = msgspec.json.Encoder()


def stage(unit: Unit, seen: Gathered, preview: list[dict[str, Any]]) -> bool:
    """Write one finished unit.  False when its lease was lost: another worker's result counts."""
    with transaction.atomic():
        held = Unit.objects.select_for_update().filter(pk=unit.pk, fence=unit.fence, state=Unit.State.RUNNING)
        if not held.exists():
            return False
        known_here = Resource.objects.filter(
            account=unit.scan.account_id, scope__region=unit.region, scope__service=unit.service, gone_at=None
        )
        before = {
            (kind, ref): (pk, bytes(known))
            for pk, kind, ref, known in known_here.values_list("id", "kind", "ref", "digest")
        }
        rows = []
        for resource in seen.resources:
            known = before.pop((resource.kind, resource.ref), (0, b""))[1]
            if (now := version_digest(resource)) != known:
                rows.append((unit.pk, resource.kind, resource.ref, resource.name, resource.region, now, body(resource)))
        columns = ("unit_id", "kind", "ref", "name", "region", "digest", "body")
        if rows:
            copy_into("posture_stagedresource", columns, rows)
        absent = [(kind, pk) for (kind, _), (pk, _) in before.items()]
        held.update(
            state=Unit.State.DONE,
            finished_at=Now(),
            leased_until=None,
            calls=seen.tally.calls,
            retries=seen.tally.retries,
            throttled=seen.tally.throttled,
            seen=len(seen.resources),
            listed=sorted(seen.listed),
            gaps={kind: [msgspec.to_builtins(gap) for gap in gaps] for kind, gaps in seen.gaps.items()},
            cells=cells(seen),
            gone=[pk for kind, pk in absent if kind in seen.listed],
            unseen=[pk for kind, pk in absent if kind in seen.gaps],
            preview=preview,
        )
    return True


def version_digest(resource: Seen) -> bytes:
    """What makes a new version: the documents and what is missing, not the wording of a refusal."""
    missing = {section: [_core(gap) for gap in gaps] for section, gaps in resource.gaps.items()}
    return digest([resource.name, resource.region, resource.documents, missing])


def body(resource: Seen) -> str:
    content = {"documents": resource.documents, "calls": resource.calls, "gaps": resource.gaps}
    return _json.encode(content).decode()


def cells(seen: Gathered) -> list[dict[str, Any]]:
    """Coverage, one object a call."""
    return [
        {
            "call": call,
            "permission": cell.call.needs,
            "state": cell.state.value,
            "code": cell.gap.code if cell.gap else "",
            "message": cell.gap.message if cell.gap else "",
            "counts": {state.value: count for state, count in sorted(cell.counts.items())},
            "refs": sorted(cell.refs)[:20],  # the same ones every time, whichever came first
        }
        for call, cell in sorted(seen.cells.items())
    ]


def _core(gap: Gap) -> tuple[str, str, str]:
    return gap.call, gap.state.value, gap.code
