"""The list of functions, the most dangerous first: what fails on each, and whether strangers are let in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.fields.json import KT

from posture.models import ResourceVersion
from posture.models.findings import Severity, State
from posture.queries import resources, visible
from posture.queries.clouds import CLOUDS, RUNS
from posture.queries.finding_pages import WrongPlace
from posture.queries.finding_question import Question, narrow, open_failures
from posture.queries.moments import held
from posture.queries.visible import Seer

ROWS = 50
IMAGE = "ListFunctions/PackageType"
# Failing checks by which callers come in that should not, in the words of a row.
OPEN_TO = {check: words for cloud in CLOUDS.values() for check, words in cloud.open_to.items()}


@dataclass(slots=True)
class Row:
    resource: Any
    severities: dict[str, int] = field(default_factory=dict)
    unknown: int = 0
    open_to: str = ""
    runtime: str = ""
    noun: str = ""

    @property
    def danger(self) -> tuple[Any, ...]:
        counts = [self.severities.get(severity.label, 0) for severity in reversed(Severity)]
        return (*(-count for count in counts), -self.unknown, self.resource.name, self.resource.pk)


@dataclass(slots=True)
class Page:
    """`older` and `newer` are places in the list; empty: there is no more that way."""

    rows: list[Row]
    total: int
    dangerous: int
    strangers: int
    older: str = ""
    newer: str = ""

    @property
    def shown(self) -> int:
        return len(self.rows)


def page(seer: Seer, accounts: Collection[int], at: datetime | None, *, q: str = "", after: str = "") -> Page:
    """Three questions, however many there are.  Raises WrongPlace."""
    found = resources.at_time(visible.resources(seer).filter(_kinds(at)), at).filter(gone=False)
    if accounts:
        found = found.filter(account__in=accounts)
    if q:
        found = found.filter(Q(name__icontains=q) | Q(ref__icontains=q))
    rows = {one.pk: Row(one) for one in found.select_related("account")}
    _count(seer, rows, at)
    ranked = sorted(rows.values(), key=lambda row: row.danger)
    start = _place(after, len(ranked))
    some = ranked[start : start + ROWS]
    _runtimes(some, at)
    strangers = sum(bool(row.open_to) for row in ranked)
    dangerous = sum(bool({"critical", "high"} & row.severities.keys()) for row in ranked)
    older = str(start + ROWS) if start + ROWS < len(ranked) else ""
    newer = str(max(0, start - ROWS)) if start else ""
    return Page(some, len(ranked), dangerous, strangers, older, newer)


def _kinds(at: datetime | None) -> Q:
    """What runs code; of some kinds only those that say so themselves."""
    found = Q(kind__in=[one.kind for one in RUNS.values() if one.only is None])
    for one in RUNS.values():
        if one.only is not None:
            place, word = one.only
            saying = {f"{_lookup(place)}__icontains": word}
            mine = ResourceVersion.objects.filter(held(at), resource=OuterRef("pk"), **saying)
            found |= Q(Exists(mine), kind=one.kind)
    return found


def _lookup(place: str) -> str:
    return "__".join(("body", "documents", *place.split("/")))


def _place(after: str, total: int) -> int:
    if not after:
        return 0
    if not after.isascii() or not after.isdecimal() or len(after) > 9 or int(after) >= max(total, 1):
        raise WrongPlace(after)
    return int(after)


def _count(seer: Seer, rows: dict[int, Row], at: datetime | None) -> None:
    question = Question(state=(State.OPEN,), kind=tuple(RUNS), as_of=at)
    of, check = question.field("resource"), question.field("check_id")
    grouped = narrow(seer, question).order_by().values_list(F(of), F(check), F(question.field("severity")))
    strangers: dict[int, set[str]] = defaultdict(set)
    for pk, name, severity, n, failing in grouped.annotate(
        n=Count("pk"), failing=Count("pk", filter=open_failures(question))
    ):
        if (row := rows.get(pk)) is None:
            continue
        row.unknown += n - failing
        if failing:
            label = Severity(severity).label
            row.severities[label] = row.severities.get(label, 0) + failing
            strangers[pk].add(name)
    for pk, names in strangers.items():
        rows[pk].open_to = next((words for check_id, words in OPEN_TO.items() if check_id in names), "")
        order = {severity.label: -severity for severity in Severity}
        rows[pk].severities = dict(sorted(rows[pk].severities.items(), key=lambda item: order[item[0]]))


def _runtimes(rows: list[Row], at: datetime | None) -> None:
    versions = ResourceVersion.objects.filter(held(at), resource__in=[row.resource.pk for row in rows])
    places = list(dict.fromkeys(place for one in RUNS.values() for place in (*one.runtime, IMAGE)))
    told = {pk: dict(zip(places, said, strict=True)) for pk, *said in
            versions.values_list("resource_id", *(KT(_lookup(place)) for place in places))}  # fmt: skip
    for row in rows:
        said, runs = told.get(row.resource.pk, {}), RUNS[row.resource.kind]
        image = "container image" if said.get(IMAGE) == "Image" else runs.image
        row.runtime = next((str(said[place]) for place in runs.runtime if said.get(place)), image)
        row.noun = runs.noun
