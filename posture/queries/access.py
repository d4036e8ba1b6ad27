"""Questions about access over stored accounts: whose account, as of when, which principal, action, resource are meant.

Every answer comes from the engine, over a view of the account as a scan published it; bitmaps that were stored with
the scan leave out principals whose denial is certain.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from datetime import datetime

from posture.models import AccessVersion, Account, Resource, Scan
from posture.queries import estates, moments, visible
from posture.queries.visible import Seer
from scanners.access.aws import catalogue
from scanners.graph.effects import catalogue_digest, unpacked
from scanners.graph.judging import Answer, Judged, Judging, who_can
from scanners.graph.standing import NotFound, Standing, View
from scanners.graph.targets import Target, target
from scanners.model import Provider

_ACTION = re.compile(r"[a-z0-9-]{1,60}:[A-Za-z0-9]{1,120}")
_ARN = re.compile(r"arn:[\w-]+:[\w-]+:[\w-]*:[^:]*:.+", re.DOTALL)


@dataclass(frozen=True, eq=False)
class Asking:
    """An account as one of its scans left it."""

    seer: Seer
    account: Account
    scan: Scan
    view: View

    @property
    def at(self) -> datetime:
        return self.scan.finished_at or self.scan.asked_at

    def principal(self, text: str) -> Standing:
        """By ARN or by a name that only one has.  Raises NotFound."""
        return self.view.named(text.strip())

    def target(self, text: str) -> Target:
        """By ARN (wildcards too) or by a name that only one resource has; nothing: any.  Raises NotFound."""
        return target(self.view.estate, resource_named(self, text.strip() or "*"))


@dataclass(frozen=True, eq=False)
class WhoCan:
    """`rows` without those that are denied, who are `denied` in number; `asked` principals of the account in all."""

    action: str
    target: Target
    rows: list[Judged]
    denied: int
    asked: int


def accounts(seer: Seer) -> list[Account]:
    """Those whose access can be asked about."""
    found = visible.accounts(seer).filter(provider=Provider.AWS, published_at__isnull=False)
    return list(found.order_by("name", "ref"))


def asking(seer: Seer, account: Account, at: datetime | None) -> Asking:
    """Raises NotScanned."""
    scan = estates.published(seer, account, at)
    return Asking(seer, account, scan, estates.view_of(scan, account))


def action_named(text: str) -> str:
    """One action, written in full.  Raises NotFound."""
    text = text.strip()
    if not _ACTION.fullmatch(text):
        raise NotFound(f"“{text[:120]}” is no action: write one in full, such as s3:GetObject.")
    return text


def known_action(action: str) -> bool:
    return action.lower() in catalogue().number


def resource_named(asked: Asking, text: str) -> str:
    if text == "*" or _ARN.fullmatch(text):
        return text
    here = visible.resources(asked.seer).filter(moments.held(asked.at, "versions__"), account=asked.account)
    found = sorted(
        set(here.filter(name=text).exclude(kind__startswith="AWS::IAM::Group").values_list("ref", flat=True)[:9])
    )
    arns = [ref for ref in found if ref.startswith("arn:")]
    if len(arns) == 1:
        return arns[0]
    if not arns:
        raise NotFound(
            f"There is no resource “{text[:200]}” in account {asked.account.ref}: name one that is, or its ARN."
        )
    raise NotFound(f"“{text[:200]}” is the name of several resources: {', '.join(arns[:4])}. Say which by its ARN.")


def can(asked: Asking, action: str, on: Target) -> WhoCan:
    """Who can do it."""
    rows = who_can(asked.view, action, on, possible_for(asked, action))
    kept = [row for row in rows if row.answer is not Answer.DENIED]
    inside = sum(row.standing is not None for row in kept)
    everybody = len(asked.view.standings)
    return WhoCan(action, on, kept, everybody - inside, everybody)


def one(asked: Asking, who: Standing, action: str, on: Target) -> Judged:
    return Judging(asked.view, action, on).of(who)


def possible_for(asked: Asking, action: str) -> set[str] | None:
    """ARNs of those whose stored bitmap has the action, or that nobody knows all of; None where nothing tells."""
    number = catalogue().number.get(action.lower())
    rows = AccessVersion.objects.filter(moments.held(asked.at), account=asked.account)
    found = list(rows.values_list("resource__ref", "catalogue__digest", "possible", "doubts"))
    if number is None or len(found) < len(asked.view.standings):
        return None
    if any(bytes(digest) != catalogue_digest() for _, digest, _, _ in found):
        return None
    return {ref for ref, _, bits, doubts in found if doubts or unpacked(bytes(bits)) >> number & 1}


def principals(asked: Asking) -> list[Standing]:
    return list(asked.view.standings.values())


def resource_of(asked: Asking, ref: str) -> Resource | None:
    """The stored resource of an ARN, for a link."""
    return visible.resources(asked.seer).filter(account=asked.account, ref=ref).order_by("gone_at").first()


def names_of(book: bytes) -> list[str]:
    return zlib.decompress(book).decode().split("\n")
