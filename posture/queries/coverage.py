"""What was read and what was not: account by region by service, and every refused call with what it blinds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import Concat

from posture.models import Account, CoverageCell, Person, Scope
from posture.queries import visible
from posture.queries.clouds import CLOUDS, Cloud
from posture.queries.remedies import remedy
from scanners.model import State
from scanners.scan import blinded_by

KNOWN = tuple(state.value for state in State if state.known)
UNREAD = ~Q(state__in=KNOWN)
ARRIVAL = "arrival"  # the unit of what is asked before any service: the regions themselves
WORST = (
    "denied", "unreachable", "throttled", "parse_error", "skipped", "unsupported", "not_opted_in", "elsewhere",
    "other_road", "read", "absent",
)  # fmt: skip
SECTIONS, LINES = 5, 100  # matrices and account lines on one page; the rest is a click away
_SCOPE = Concat("region", Value(" "), "service")


@dataclass(slots=True)
class Cell:
    """One scope: its worst state and how many of its calls were read."""

    region: str
    service: str
    states: dict[str, int] = field(default_factory=dict)
    read_at: datetime | None = None

    @property
    def state(self) -> str:
        return next(state for state in (*WORST, *self.states) if state in self.states)

    @property
    def about(self) -> str:
        """What the cell says to those who point at it or hear it."""
        return f"{self.service} in {self.region}"

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def read(self) -> int:
        return sum(n for state, n in self.states.items() if state in KNOWN)

    @property
    def whole(self) -> bool:
        return self.read == self.total


@dataclass(slots=True)
class Refused:
    """One call that gave no answer, in all the regions where it ended the same way."""

    call: str
    permission: str
    state: str
    code: str
    message: str
    since_at: datetime
    account: Account
    scopes: list[Cell] = field(default_factory=list)
    refs: list[str] = field(default_factory=list)

    @property
    def checks(self) -> tuple[str, ...]:
        return blinded(self.call)

    @property
    def advice(self) -> str:
        return remedy(self.state, self.code, self.message, self.account.provider)[0]

    @property
    def fix(self) -> str:
        """What to paste to allow it; empty where nothing of ours can."""
        may_help = remedy(self.state, self.code, self.message, self.account.provider)[1]
        return addition(self.account, [self.permission]) if self.permission and may_help else ""


@dataclass(slots=True)
class Cause:
    """Calls that gave no answer in the same places for the same reason: one thing to mend."""

    calls: list[Refused]

    @property
    def first(self) -> Refused:
        return self.calls[0]

    @property
    def scopes(self) -> list[Cell]:
        by_place = {(cell.region, cell.service): cell for call in self.calls for cell in call.scopes}
        return [by_place[place] for place in sorted(by_place)]

    @property
    def regions(self) -> list[str]:
        return sorted({cell.region for cell in self.scopes})

    @property
    def permissions(self) -> list[str]:
        return sorted({call.permission for call in self.calls if call.permission})

    @property
    def checks(self) -> list[str]:
        return sorted({check for call in self.calls for check in call.checks})

    @property
    def refs(self) -> list[str]:
        return list(dict.fromkeys(ref for call in self.calls for ref in call.refs))

    @property
    def fix(self) -> str:
        """What to paste to allow all of it; empty where nothing of ours can."""
        return addition(self.first.account, self.permissions) if self.first.fix else ""


@dataclass(slots=True)
class Line:
    """An account among others: how much of it was read."""

    account: Account
    scopes: int = 0
    unread: int = 0

    @property
    def read(self) -> int:
        return self.scopes - self.unread


@dataclass(slots=True)
class Matrix:
    """Regions by services; a service that is not asked in any of these regions has no column."""

    services: list[str]
    rows: list[tuple[str, list[Cell | None]]]


@dataclass(slots=True)
class Section:
    """An account's matrix.  Regions that were read in full stand apart, so that a large estate stays readable."""

    line: Line
    partly: Matrix
    whole: Matrix
    closed: list[str]
    causes: list[Cause]

    @property
    def allow_all(self) -> str:
        """All of it that a policy can mend at once, where that takes several."""
        mended = [cause for cause in self.causes if cause.fix]
        actions = {action for cause in mended for action in cause.permissions}
        return addition(self.line.account, actions) if len(mended) > 1 else ""

    @property
    def cloud(self) -> Cloud:
        return CLOUDS[self.line.account.provider]


def addition(account: Account, actions: Iterable[str]) -> str:
    """What to paste to allow these too."""
    return CLOUDS[account.provider].addition(actions, account.ref)


@cache
def blinded(call: str) -> tuple[str, ...]:
    """The checks that need this call's answer; asked for every refused call of every page, so kept."""
    return tuple(blinded_by(call))


def cells(person: Person, at: datetime | None = None) -> QuerySet[CoverageCell]:
    """How every call ended, now or at a time gone by."""
    mine = visible.cells(person)
    return mine.filter(Q(until_at=None) | Q(until_at__gt=at), since_at__lte=at) if at else mine.filter(until_at=None)


def lines(person: Person, at: datetime | None = None, only: Collection[int] | None = None) -> list[Line]:
    """Accounts (all, or `only` these) that were ever looked at, those with gaps first."""
    mine = visible.accounts(person).select_related("published_scan")
    if only is not None:
        mine = mine.filter(pk__in=only)
    known = {found.pk: Line(found) for found in mine}
    counted = (
        cells(person, at)
        .filter(account__in=known)
        .exclude(Q(service=ARRIVAL) & ~UNREAD)
        .values_list("account")
        .annotate(scopes=Count(_SCOPE, distinct=True), unread=Count(_SCOPE, distinct=True, filter=UNREAD))
        .order_by()
    )
    for pk, scopes, unread in counted:
        known[pk].scopes, known[pk].unread = scopes, unread
    seen = [line for line in known.values() if line.scopes]
    return sorted(seen, key=lambda line: (-line.unread, line.account.name.lower()))


def blinded_checks(person: Person, at: datetime | None = None, only: Collection[int] = ()) -> set[str]:
    """Checks that cannot answer everywhere."""
    unread = cells(person, at).filter(UNREAD, **{"account__in": only} if only else {})
    return {check for call in unread.values_list("call", flat=True).distinct().order_by() for check in blinded(call)}


def sections(
    person: Person, chosen: Iterable[Line], at: datetime | None = None, region: str = "", service: str = ""
) -> list[Section]:
    """The matrices of some accounts, and their refused calls (of one region or service, where asked for)."""
    lines = {line.account.pk: line for line in chosen}
    mine = cells(person, at).filter(account__in=lines)
    scopes: dict[int, dict[tuple[str, str], Cell]] = defaultdict(dict)
    closed: dict[int, list[str]] = defaultdict(list)
    counted = mine.exclude(service=ARRIVAL).values_list("account", "region", "service", "state").annotate(Count("pk"))
    for pk, place, of, state, n in counted.order_by():
        scopes[pk].setdefault((place, of), Cell(place, of)).states[state] = n
    if at is None:  # when a scope was last read is known of today only
        read = Scope.objects.filter(account__in=lines, read_at__isnull=False)
        for pk, place, of, read_at in read.values_list("account", "region", "service", "read_at"):
            if cell := scopes[pk].get((place, of)):
                cell.read_at = read_at
    for pk, call in mine.filter(service=ARRIVAL, state=State.NOT_OPTED_IN).values_list("account", "call"):
        closed[pk].append(call.removeprefix("region "))
    narrow = {name: value for name, value in (("region", region), ("service", service)) if value}
    gaps = _refused(mine.filter(UNREAD, **narrow), {pk: line.account for pk, line in lines.items()}, scopes)
    return [_section(line, scopes[pk], sorted(closed[pk]), gaps[pk]) for pk, line in lines.items()]


def refused(person: Person, account: Account, at: datetime | None = None) -> list[Refused]:
    """The calls of one account that gave no answer."""
    unread = cells(person, at).filter(UNREAD, account=account)
    return _refused(unread, {account.pk: account}, {account.pk: {}})[account.pk]


def _section(line: Line, scopes: dict[tuple[str, str], Cell], closed: list[str], gaps: list[Refused]) -> Section:
    gapped = {region for (region, _), cell in scopes.items() if not cell.whole}
    partly = _matrix({place: cell for place, cell in scopes.items() if place[0] in gapped})
    whole = _matrix({place: cell for place, cell in scopes.items() if place[0] not in gapped})
    return Section(line, partly, whole, closed, _causes(gaps))


def _causes(refused: list[Refused]) -> list[Cause]:
    """A policy of the organisation that closes a region is one cause, not one for every call there."""
    found: dict[tuple[object, ...], Cause] = {}
    for call in refused:
        places = tuple(sorted({cell.region for cell in call.scopes}))
        found.setdefault((call.state, call.code, call.advice, places), Cause([])).calls.append(call)
    return sorted(found.values(), key=lambda cause: (-len(cause.checks), cause.first.call))


def _matrix(scopes: dict[tuple[str, str], Cell]) -> Matrix:
    services = sorted({service for _, service in scopes})
    regions = sorted({region for region, _ in scopes}, key=lambda region: (region != "global", region))
    return Matrix(services, [(region, [scopes.get((region, service)) for service in services]) for region in regions])


def _refused(
    unread: QuerySet[CoverageCell],
    accounts: Mapping[int, Account],
    scopes: dict[int, dict[tuple[str, str], Cell]],
) -> dict[int, list[Refused]]:
    found: dict[int, dict[tuple[str, ...], Refused]] = defaultdict(dict)
    for cell in unread.order_by("call", "region"):
        account = accounts[cell.account_id]
        advice = remedy(cell.state, cell.code, cell.message, account.provider)[0]
        same = found[cell.account_id].setdefault(
            (cell.call, cell.permission, cell.state, cell.code, advice),
            Refused(cell.call, cell.permission, cell.state, cell.code, cell.message, cell.since_at, account),
        )
        place = (cell.region, cell.service)
        same.scopes.append(scopes[cell.account_id].get(place) or Cell(*place))
        same.refs += [ref for ref in cell.refs if ref not in same.refs]
        same.since_at = min(same.since_at, cell.since_at)
    worst = {
        pk: sorted(by_call.values(), key=lambda one: (-len(one.checks), one.call)) for pk, by_call in found.items()
    }
    return defaultdict(list, worst)
