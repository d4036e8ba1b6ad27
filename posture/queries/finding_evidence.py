"""The evidence behind a proof: the documents that were read, with the deciding places, who read them and when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from posture.models import Resource, ResourceVersion, Unit
from posture.queries import visible
from posture.queries.finding_rows import Found
from posture.queries.moments import PUBLISHED
from posture.queries.visible import Seer


@dataclass(frozen=True)
class Source:
    """Where a document came from; the template tag `proof` prints it."""

    call: str
    region: str
    at: datetime | None
    caller: str
    scan: int | None


@dataclass(frozen=True)
class Exhibit:
    """The answer of one call about one resource, and the places in it that decided."""

    resource: Resource | None
    document: Any
    marks: list[str]
    source: Source
    prefix: str
    title: str = ""
    elsewhere: bool = False  # the evidence of another resource
    whole: bool = True  # False: the document is no longer kept, only what decided

    @property
    def anchors(self) -> list[tuple[str, str]]:
        """(address in the page, place) of every mark."""
        return [(f"#{self.prefix}{mark}", mark or "/") for mark in self.marks]


def exhibits(seer: Seer, found: Found, because: Iterable[Mapping[str, Any]], at: datetime | None) -> list[Exhibit]:
    """One for every document that a place in `because` points into, as it stood at that time."""
    grouped: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for proof in because:
        section = proof["pointer"].split("/")[1] if "/" in proof["pointer"] else ""
        grouped.setdefault((proof["ref"] or found.ref, section), []).append(proof)
    versions = _versions(seer, found, {ref for ref, _ in grouped}, at)
    readings = _readings(seer, found, versions, at)
    return [
        _exhibit(f"p{n}-", section, proofs, _holding(versions, ref, section), readings, elsewhere=ref != found.ref)
        for n, ((ref, section), proofs) in enumerate(grouped.items(), 1)
    ]


def _exhibit(
    prefix: str,
    section: str,
    proofs: list[Mapping[str, Any]],
    version: ResourceVersion | None,
    readings: Mapping[tuple[str, str], Unit],
    *,
    elsewhere: bool,
) -> Exhibit:
    resource = version.resource if version else None
    unit = readings.get((resource.scope.region, resource.scope.service)) if resource else None
    source = Source(
        call=proofs[0]["call"],
        region=proofs[0]["region"],
        at=unit.finished_at if unit else None,
        caller=unit.scan.caller if unit else "",
        scan=unit.scan_id if unit else None,
    )
    if version is None:
        told = {proof["pointer"]: proof["value"] for proof in proofs}
        return Exhibit(None, told, [], source, prefix, section, elsewhere, whole=False)
    start = len(section) + 1
    marks = list(dict.fromkeys(proof["pointer"][start:] for proof in proofs))
    return Exhibit(resource, version.body["documents"][section], marks, source, prefix, section, elsewhere)


def _versions(seer: Seer, found: Found, refs: set[str], at: datetime | None) -> list[ResourceVersion]:
    """Of each resource the version that stood then; of one that is gone, the last."""
    resources = visible.resources(seer).filter(account=found.account_id, ref__in=refs)
    versions = ResourceVersion.objects.filter(resource__in=resources)
    if at:
        versions = versions.filter(since_at__lte=at)
    latest = versions.order_by("resource", "-since_at").distinct("resource")
    return list(latest.select_related("resource__scope"))


def _holding(versions: Iterable[ResourceVersion], ref: str, section: str) -> ResourceVersion | None:
    """Two kinds may share a ref: the one that has such a document is meant."""
    meant = (v for v in versions if v.resource.ref == ref and section in v.body["documents"])
    return next(meant, None)


def _readings(
    seer: Seer, found: Found, versions: Iterable[ResourceVersion], at: datetime | None
) -> dict[tuple[str, str], Unit]:
    """The last published reading of each scope by then: it says by whom and when."""
    scopes = {(v.resource.scope.region, v.resource.scope.service) for v in versions}
    if not scopes:
        return {}
    wanted = Q()
    for region, service in scopes:
        wanted |= Q(region=region, service=service)
    scans = visible.scans(seer).filter(account=found.account_id, state__in=PUBLISHED)
    if at:
        scans = scans.filter(finished_at__lte=at)
    units = Unit.objects.filter(wanted, scan__in=scans).select_related("scan")
    last = units.order_by("region", "service", "-scan__finished_at").distinct("region", "service")
    return {(unit.region, unit.service): unit for unit in last}
