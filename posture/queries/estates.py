"""An account's estate as a publication left it, now or back then, for the engines that answer questions about it.

What a listing did not read then stands in `gaps`, from the coverage cells of that time; resources that it hides stand
there as they were last seen.  Explorers are kept for the last publications that were asked about: a publication
never changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from posture.models import Account, CoverageCell, Scan
from posture.queries import explorers, moments, visible
from posture.queries.visible import Seer
from posture.store import chief, evidence
from scanners.access.explorer import Explorer
from scanners.collectors.cloud import Call
from scanners.collectors.registry import by_kind
from scanners.model import Gap, Provider, Resource, State
from scanners.model.estate import NOT_SCANNED, Estate

KEPT = 4  # explorers


class NotScanned(LookupError):
    """No scan of the account had been published by then."""


def published(seer: Seer, account: Account, at: datetime | None) -> Scan:
    """The scan that readers saw at a time.  Raises NotScanned."""
    found = visible.scans(seer).filter(account=account, state__in=moments.PUBLISHED, finished_at__isnull=False)
    if at is not None:
        found = found.filter(finished_at__lte=at)
    if (scan := found.order_by("-finished_at").first()) is None:
        raise NotScanned(account.name)
    return scan


def explorer_of(scan: Scan, account: Account) -> Explorer:
    """Of a published scan that the person may see.  Kept: the same scan always gives the same answers."""
    return stood(scan, account)[1]


def stood(scan: Scan, account: Account) -> tuple[Estate, Explorer]:
    """The explorer with the estate that it stands on."""
    return _stood(scan.pk, account.provider)


@lru_cache(maxsize=KEPT)
def _stood(scan: int, provider: str) -> tuple[Estate, Explorer]:
    made = estate(Scan.objects.select_related("account").get(pk=scan))
    return made, explorers.of(made, provider)


def forget() -> None:
    """For tests: another database has other scans of the same number."""
    _stood.cache_clear()


def estate(scan: Scan) -> Estate:
    account, at = scan.account, scan.finished_at or scan.asked_at
    together = explorers.ROWS[account.provider].together
    identities: dict[str, list[Resource]] = defaultdict(list)
    for resource in evidence.as_of(account.pk, together, at):
        identities[resource.kind].append(resource)

    collected = by_kind(Provider(account.provider))

    def load(kind: str) -> Iterable[Resource]:
        """Of a kind that no collector knows nothing was ever kept: no need to ask."""
        if kind in together or kind not in collected:
            return identities.get(kind, ())
        return evidence.as_of(account.pk, [kind], at)

    gaps, known = chief.lent(account, _gaps(account, scan, at), load, lambda management: _known_to(management, at))
    return Estate(account=account.ref, now=scan.asked_at, load=known, gaps=gaps)


def _known_to(management: Account, at: datetime) -> tuple[chief.Gaps, chief.Load]:
    """Gaps and resources of another account as they stood then."""
    done = Scan.objects.filter(account=management, state__in=moments.PUBLISHED, finished_at__lte=at)
    scan = done.order_by("-finished_at").first()
    return _gaps(management, scan, at), lambda kind: evidence.as_of(management.pk, [kind], at)


def _gaps(account: Account, scan: Scan | None, at: datetime) -> dict[str, tuple[Gap, ...]]:
    """By kind, the listings that had not been read in full."""
    cells = {
        (cell.region, cell.service, cell.call): cell
        for cell in CoverageCell.objects.filter(moments.held(at), account=account)
    }
    regions = scan.summary.get("regions", []) if scan else []
    found: dict[str, list[Gap]] = defaultdict(list)
    for kind, collector in by_kind(Provider(account.provider)).items():
        road = (*(over.call for over in collector.over), collector.listing)
        for region in regions if collector.everywhere else ["global"]:
            met = [(call, cells.get((region, collector.unit_service, call.name))) for call in road]
            if gap := _met(met, region):
                found[kind].append(gap)
    return {kind: tuple(gaps) for kind, gaps in found.items()}


def _met(road: list[tuple[Call, CoverageCell | None]], region: str) -> Gap | None:
    """What stands in the way to a listing: the first call that was not answered.  One that led nowhere is an answer."""
    for call, cell in road:
        if cell and (not State(cell.state).known or cell.state == State.ELSEWHERE):
            return Gap(call.name, cell.permission, State(cell.state), cell.code, region, cell.message)
    call, last = road[-1]
    if last is None and road[0][1] is None:
        return Gap(call.name, call.needs, State.SKIPPED, NOT_SCANNED, region)
    return None
