"""Times gone by: what `?as_of=` and `--as-of` name, and which intervals held then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from django.db.models import Q

from posture.models import Scan
from posture.queries import visible
from posture.queries.visible import Seer

PUBLISHED = (Scan.State.COMPLETE, Scan.State.INCOMPLETE)
LAST_SCANS = 5


class NoSuchMoment(ValueError):
    """What was asked for is neither a time nor a scan that the person may see."""


@dataclass(frozen=True)
class Moment:
    """A time to look back to; `asked` is what `?as_of=` must say."""

    asked: str
    at: datetime
    label: str


def moment(seer: Seer, asked: str, *, now: datetime) -> datetime | None:
    """The time that `asked` names; None: now.  An ISO time (without a zone UTC; a bare day: its end), or a scan's id.

    Raises NoSuchMoment.
    """
    if not asked:
        return None
    at = _of_scan(seer, asked) if asked.isdecimal() else _of_text(asked)
    return at if at < now else None


def _of_scan(seer: Seer, asked: str) -> datetime:
    if len(asked) > 18:
        raise NoSuchMoment(asked)
    ended = visible.scans(seer).filter(pk=asked, finished_at__isnull=False).values_list("finished_at", flat=True)
    if (at := ended.first()) is None:
        raise NoSuchMoment(asked)
    return at


def _of_text(asked: str) -> datetime:
    try:
        at = datetime.fromisoformat(asked)
        if len(asked) == 10:
            at = datetime.combine(at, time.max)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise NoSuchMoment(asked) from None


def held(at: datetime | None, path: str = "") -> Q:
    """The intervals (of states, versions, cells) that held at a time; None: those that still do."""
    if at is None:
        return Q(**{f"{path}until_at": None})
    ended = Q(**{f"{path}until_at": None}) | Q(**{f"{path}until_at__gt": at})
    return ended & Q(**{f"{path}since_at__lte": at})


def recent(seer: Seer, *, now: datetime, account: int | None = None) -> list[Moment]:
    """Times worth looking back to: the last scans, yesterday, a week ago."""
    ended = visible.scans(seer).filter(state__in=PUBLISHED, finished_at__isnull=False)
    if account:
        ended = ended.filter(account=account)
    last = ended.select_related("account").order_by("-asked_at")[:LAST_SCANS]
    ago = (("Yesterday", now - timedelta(days=1)), ("A week ago", now - timedelta(days=7)))
    return [
        *(Moment(exact(at), at, f"{scan.account}, {at:%d %b %H:%M}") for scan in last if (at := scan.finished_at)),
        *(Moment(exact(at.replace(second=0, microsecond=0)), at, label) for label, at in ago),
    ]


def exact(at: datetime) -> str:
    """As `?as_of=` takes it: to the microsecond, for what a scan published holds from that very instant on."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
