"""Staged resources → resources and their versions, as a handful of statements over whole sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from posture.models import Account, Resource, Scan, Scope
from posture.store.copy import execute
from scanners.collectors.cloud import Collector
from scanners.model import Gap, State
from scanners.model.estate import NOT_SCANNED

_SCOPES = """
    INSERT INTO posture_scope (account_id, region, service, gaps)
    SELECT %(account)s, u.region, u.service, '{}' FROM posture_unit u WHERE u.scan_id = %(scan)s
    ON CONFLICT (account_id, region, service) DO NOTHING
"""
_UPSERT = """
    INSERT INTO posture_resource (account_id, scope_id, kind, ref, name, region, digest, first_at, changed_at)
    SELECT DISTINCT ON (g.kind, g.ref) s.account_id, s.id, g.kind, g.ref, g.name, g.region, g.digest, %(at)s, %(at)s
    FROM posture_stagedresource g
    JOIN posture_unit u ON u.id = g.unit_id AND u.scan_id = %(scan)s
    JOIN posture_scope s ON s.account_id = %(account)s AND s.region = u.region AND s.service = u.service
    ORDER BY g.kind, g.ref, g.id
    ON CONFLICT (account_id, kind, ref) DO UPDATE SET
        scope_id = excluded.scope_id, name = excluded.name, region = excluded.region, digest = excluded.digest,
        changed_at = excluded.changed_at, gone_at = NULL
"""
_CLOSE_CHANGED = """
    UPDATE posture_resourceversion v SET until_at = %(at)s
    FROM posture_resource r
    WHERE v.resource_id = r.id AND v.until_at IS NULL AND r.account_id = %(account)s AND r.changed_at = %(at)s
"""
_OPEN_NEW = """
    INSERT INTO posture_resourceversion (resource_id, since_at, digest, body)
    SELECT DISTINCT ON (r.id) r.id, %(at)s, g.digest, g.body
    FROM posture_stagedresource g
    JOIN posture_unit u ON u.id = g.unit_id AND u.scan_id = %(scan)s
    JOIN posture_resource r ON r.account_id = %(account)s AND r.kind = g.kind AND r.ref = g.ref
    ORDER BY r.id, g.id
"""
_GONE = "UPDATE posture_resource SET gone_at = %s, changed_at = %s WHERE id = ANY(%s)"


def apply(scan: Scan, at: datetime) -> None:
    """New and changed resources get a version from `at` on; those proven gone are closed."""
    where = {"at": at, "scan": scan.pk, "account": scan.account_id}
    gone = [pk for ids in scan.units.values_list("gone", flat=True) for pk in ids]
    if gone:  # first: what one unit misses, another may have seen
        execute(_GONE, [at, at, gone])
    execute(_SCOPES, where)
    execute(_UPSERT, where)
    execute(_CLOSE_CHANGED, where)
    execute(_OPEN_NEW, where)


def kinds_of(ids: Iterable[int]) -> Iterator[tuple[int, str]]:
    yield from Resource.objects.filter(pk__in=list(ids)).values_list("id", "kind")


def never_read(
    account: Account, collectors: dict[str, Collector], open_regions: list[str]
) -> dict[str, tuple[Gap, ...]]:
    """By kind, the regions where no scan has looked yet though the account could have such things there.

    Unknown, not empty: a trail that is nowhere to be seen may be recorded from a region that was left out.
    """
    looked = set(Scope.objects.filter(account=account).values_list("region", "service"))
    places = {kind: open_regions if c.everywhere else ["global"] for kind, c in collectors.items()}
    unseen = {
        kind: [region for region in places[kind] if (region, c.unit_service) not in looked]
        for kind, c in collectors.items()
    }
    return {
        kind: tuple(_not_scanned(collectors[kind], region) for region in regions)
        for kind, regions in unseen.items()
        if regions
    }


def _not_scanned(collector: Collector, region: str) -> Gap:
    return Gap(collector.listing.name, collector.listing.needs, State.SKIPPED, NOT_SCANNED, region)


def read_in_full(account: Account, collectors: dict[str, Collector]) -> dict[str, frozenset[str]]:
    """By kind, the regions whose listing was read in full when it was last asked for."""
    scopes = list(
        Scope.objects.filter(account=account, tried_at__isnull=False).values_list("region", "service", "gaps")
    )
    return {
        kind: frozenset(region for region, service, gaps in scopes if service == c.unit_service and kind not in gaps)
        for kind, c in collectors.items()
    }
