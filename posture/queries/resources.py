"""The list of resources, now or as of a time, with how many open findings each has."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from posture.models import Account, Resource, ResourceVersion
from posture.models.findings import Severity, State
from posture.queries import keyset, visible
from posture.queries.finding_facets import spoken
from posture.queries.finding_pages import Page
from posture.queries.finding_question import Question, narrow, open_failures
from posture.queries.moments import held
from posture.queries.visible import Seer

ORDERS = ("name", "-name", "kind", "-kind", "changed", "-changed")
HERE, GONE = "here", "gone"
MOST = 80  # values in one menu


@dataclass(frozen=True)
class Asked:
    """Empty: any.  `state` names what is shown; without it, what is there."""

    account: tuple[int, ...] = ()
    kind: tuple[str, ...] = ()
    region: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    failing: bool = False
    q: str = ""
    as_of: datetime | None = None

    @property
    def states(self) -> tuple[str, ...]:
        return self.state or (HERE,)


@dataclass(slots=True)
class Row:
    resource: Resource
    changed: datetime
    gone: bool
    severities: dict[str, int]
    unknown: int

    @property
    def open(self) -> int:
        return sum(self.severities.values())


FACETS = {"kind": "Kind", "region": "Region", "service": "Service", "state": "State", "account": "Account"}
_PATHS = {"account": "account", "kind": "kind", "region": "region", "service": "scope__service"}


def at_time(found: QuerySet[Resource], at: datetime | None) -> QuerySet[Any]:
    """Resources that had been seen by then, with `gone` and `changed` as they were."""
    if at is None:
        gone = Case(When(gone_at=None, then=Value(False)), default=Value(True), output_field=BooleanField())
        return found.annotate(gone=gone, changed=F("changed_at"))
    versions = ResourceVersion.objects.filter(resource=OuterRef("pk"))
    since = versions.filter(held(at)).values("since_at")
    last = versions.filter(since_at__lte=at).order_by("-since_at").values("until_at")[:1]
    return found.filter(first_at__lte=at).annotate(
        gone=~Exists(since), changed=Coalesce(Subquery(since[:1]), Subquery(last), F("first_at"))
    )


def _found(seer: Seer, asked: Asked) -> QuerySet[Any]:
    """What is left before any facet narrows it."""
    found = at_time(visible.resources(seer), asked.as_of)
    if asked.q:
        found = found.filter(Q(name__icontains=asked.q) | Q(ref__icontains=asked.q))
    if asked.failing:
        question = Question(as_of=asked.as_of)
        found = found.filter(Exists(narrow(seer, question).filter(**{question.field("resource"): OuterRef("pk")})))
    return found


def page(seer: Seer, asked: Asked, order: str, *, after: str = "", before: str = "") -> Page[Row]:
    """Raises WrongPlace."""
    found = _found(seer, asked)
    for name, path in _PATHS.items():
        if values := getattr(asked, name):
            found = found.filter(**{f"{path}__in": values})
    if len(asked.states) == 1:
        found = found.filter(gone=GONE in asked.states)
    some = keyset.page(found.select_related("account"), order, after=after, before=before)
    return Page(rows(seer, some.rows, asked.as_of), some.older, some.newer)


def rows(seer: Seer, resources: Collection[Any], at: datetime | None) -> list[Row]:
    """With their open findings: one question for all of them."""
    question = Question(state=(State.OPEN,), as_of=at)
    failing = Count("pk", filter=open_failures(question))
    of = question.field("resource")
    grouped = narrow(seer, question).filter(**{f"{of}__in": [resource.pk for resource in resources]}).order_by()
    severities: dict[int, dict[str, int]] = defaultdict(dict)
    unknown: Counter[int] = Counter()
    counted = grouped.values_list(F(of), F(question.field("severity"))).annotate(n=Count("pk"), failing=failing)
    for pk, severity, n, fails in sorted(counted, key=lambda row: -row[1]):
        unknown[pk] += n - fails
        if fails:
            severities[pk][Severity(severity).label] = fails
    return [Row(r, r.changed, r.gone, severities[r.pk], unknown[r.pk]) for r in resources]


def facets(seer: Seer, asked: Asked, accounts: Iterable[Account]) -> tuple[list[dict[str, Any]], int]:
    """The menus, every value counted with its own filter lifted; and how many resources there are in all."""
    names = {account.pk: account for account in accounts}
    grouped = _found(seer, asked).order_by().values_list("account", "kind", "region", "scope__service", "gone")
    combinations = [
        ({"account": pk, "kind": kind, "region": region, "service": service, "state": GONE if gone else HERE}, n)
        for pk, kind, region, service, gone, n in grouped.annotate(n=Count("pk"))
    ]
    wanted = {name: set(getattr(asked, name)) for name in _PATHS} | {"state": set(asked.states)}
    counts: dict[str, Counter[Any]] = {name: Counter() for name in FACETS}
    total = 0
    for values, n in combinations:
        missed = [name for name, chosen in wanted.items() if chosen and values[name] not in chosen]
        total += 0 if missed else n
        for name in FACETS if not missed else missed if len(missed) == 1 else ():
            counts[name][values[name]] += n
    menus = [
        _menu("kind", counts["kind"], spoken),
        _menu("region", counts["region"], str),
        _menu("service", counts["service"], str),
        _menu("state", counts["state"], {HERE: "Here", GONE: "Gone"}.__getitem__),
        {"param": "failing", "label": "Findings", "options": [{"value": "yes", "label": "With open findings"}]},
    ]
    if len(names) > 1:
        by_ref = _menu("account", counts["account"], lambda pk: names[pk].name)
        by_ref["options"] = [replace_value(option, names) for option in by_ref["options"]]
        menus.append(by_ref)
    return menus, total


def replace_value(option: dict[str, Any], names: dict[int, Account]) -> dict[str, Any]:
    """Accounts are called by the cloud's own id in addresses."""
    return {**option, "value": names[int(option["value"])].ref}


def _menu(param: str, counts: Counter[Any], label: Callable[[Any], str]) -> dict[str, Any]:
    options = [{"value": str(v), "label": label(v), "count": n} for v, n in counts.most_common(MOST)]
    return {"param": param, "label": FACETS[param], "options": options}


__all__ = ["Asked", "Row", "facets", "page", "rows"]
