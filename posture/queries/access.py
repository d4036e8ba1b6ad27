"""Questions about access over stored accounts: whose account, as of when, which principal, action, resource are meant.

Every answer comes from the engine of the account's cloud, over the estate as a scan published it; where scans keep what
everybody can do, that leaves out principals whose denial is certain.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from posture.models import AccessVersion, Account, Resource, Scan
from posture.queries import estates, explorers, moments, visible
from posture.queries.clouds import CLOUDS, Cloud
from posture.queries.visible import Seer
from scanners.access.aws import catalogue
from scanners.access.explorer import Explorer, NotFound, Principal, Target, WhoCan
from scanners.graph.aws_explorer import AwsExplorer
from scanners.graph.effects import catalogue_digest, unpacked


@dataclass(frozen=True, eq=False)
class Asking:
    """An account as one of its scans left it."""

    seer: Seer
    account: Account
    scan: Scan
    explorer: Explorer

    @property
    def at(self) -> datetime:
        return self.scan.finished_at or self.scan.asked_at

    @property
    def cloud(self) -> Cloud:
        return CLOUDS[self.account.provider]

    @property
    def kept(self) -> bool:
        """Whether scans keep what everybody can do."""
        return explorers.ROWS[self.account.provider].kept

    def principal(self, text: str) -> Principal:
        """By ref or by a name that only one has.  Raises NotFound."""
        return self.explorer.principal(text.strip())

    def target(self, text: str) -> Target:
        """By ref, or by a name that only one has; nothing: any.  Raises NotFound."""
        text = text.strip()
        return self.explorer.target(_ref_of(self, text) or text)


def accounts(seer: Seer) -> list[Account]:
    """Those whose access can be asked about."""
    found = visible.accounts(seer).filter(provider__in=[*explorers.ROWS], published_at__isnull=False)
    return list(found.order_by("name", "ref"))


def asking(seer: Seer, account: Account, at: datetime | None) -> Asking:
    """Raises NotScanned."""
    scan = estates.published(seer, account, at)
    return Asking(seer, account, scan, estates.explorer_of(scan, account))


def _ref_of(asked: Asking, name: str) -> str:
    """The only resource of that name among all that were seen; empty where there is none.  Raises NotFound."""
    row = explorers.ROWS[asked.account.provider]
    if not name or name == "*" or name.startswith(row.refs):
        return ""
    here = visible.resources(asked.seer).filter(moments.held(asked.at, "versions__"), account=asked.account, name=name)
    named = here.filter(ref__startswith=row.refs).exclude(kind__in=row.not_targets)
    found = sorted(set(named.values_list("ref", flat=True)[:9]))
    if len(found) > 1:
        listed = ", ".join(found[:4])
        raise NotFound(f"“{name[:200]}” is the name of several resources: {listed}. Say which by its id.")
    return found[0] if found else ""


def can(asked: Asking, action: str, on: Target, most: int | None = None) -> WhoCan:
    """Who can do it.  `most`: as many as are shown; an engine may leave the others at their number."""
    if isinstance(asked.explorer, AwsExplorer):
        return asked.explorer.who_can(action, on, possible_for(asked, action), most)
    return asked.explorer.who_can(action, on)


def possible_for(asked: Asking, action: str) -> set[str] | None:
    """ARNs of those whose stored bitmap has the action, or that nobody knows all of; None where nothing tells."""
    number = catalogue().number.get(action.lower())
    rows = AccessVersion.objects.filter(moments.held(asked.at), account=asked.account)
    found = list(rows.values_list("resource__ref", "catalogue__digest", "possible", "doubts"))
    if number is None or len(found) < len(asked.explorer.principals()):
        return None
    if any(bytes(digest) != catalogue_digest() for _, digest, _, _ in found):
        return None
    return {ref for ref, _, bits, doubts in found if doubts or unpacked(bytes(bits)) >> number & 1}


def resource_of(asked: Asking, who: Principal) -> Resource | None:
    """The stored resource that a principal is, for a link."""
    return resources_of(asked.seer, asked.account, [who]).order_by("gone_at").first()


def resources_of(seer: Seer, account: Account, whom: Iterable[Principal]) -> QuerySet[Resource]:
    found = Q(pk__in=[])
    for who in whom:
        for kind, (before, part) in explorers.ROWS[account.provider].principals.items():
            if who.ref.startswith(before):
                found |= Q(kind=kind, **{_PARTS[part][0]: _PARTS[part][1] + who.ref.removeprefix(before)})
    return visible.resources(seer).filter(found, account=account)


_PARTS = {"ref": ("ref", ""), "name": ("name", ""), "tail": ("ref__endswith", "/")}


def names_of(book: bytes) -> list[str]:
    return zlib.decompress(book).decode().split("\n")
