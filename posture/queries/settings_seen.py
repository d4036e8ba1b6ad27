"""A resource as it was read: each call's answer with the lines that findings point at, and its versions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from posture.models import Resource, ResourceVersion, Unit
from posture.models.findings import Outcome, State
from posture.queries import moments, visible
from posture.queries.finding_pages import DEFAULT, ordered
from posture.queries.finding_question import Question, narrow
from posture.queries.finding_rows import Found, read
from posture.queries.visible import Seer
from scanners.checks.registry import checks

VERSIONS, FINDINGS = 100, 300  # of one resource, at most


@dataclass(frozen=True, slots=True)
class Pointing:
    """A finding, and the lines of one section that it rests on."""

    finding: Found
    pointers: list[str]
    elsewhere: bool  # it is a finding of another resource


@dataclass(slots=True)
class Section:
    """What one call said of the resource.  `gaps` is what of it was not read; not `told`: it did not arise."""

    name: str
    call: str
    document: Any = None
    told: bool = False
    gaps: list[dict[str, Any]] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    pointing: list[Pointing] = field(default_factory=list)
    source: dict[str, Any] = field(default_factory=dict)

    @property
    def absent(self) -> bool:
        return self.told and self.document is None and not self.gaps

    @property
    def asked(self) -> bool:
        return self.told or bool(self.gaps)

    @property
    def anchor(self) -> str:
        return f"/{self.name}"


@dataclass(frozen=True, slots=True)
class Difference:
    """Two versions side by side; what one of them could not read cannot be compared and is named instead."""

    before: ResourceVersion
    after: ResourceVersion
    old: dict[str, Any]
    new: dict[str, Any]
    unread: list[str]

    @property
    def same(self) -> bool:
        return self.old == self.new


def find(seer: Seer, pk: int) -> Resource:
    """Raises Resource.DoesNotExist."""
    return visible.resources(seer).select_related("account", "scope").get(pk=pk)


def versions(resource: Resource) -> list[ResourceVersion]:
    """Newest first, without their bodies."""
    found = ResourceVersion.objects.filter(resource=resource).defer("body").order_by("-since_at")
    return list(found[:VERSIONS])


def version_at(known: Iterable[ResourceVersion], at: datetime | None) -> ResourceVersion | None:
    """The one that held then; of a resource that was gone, the last one before."""
    return next((version for version in known if at is None or version.since_at <= at), None)


def bodies(resource: Resource, wanted: Collection[ResourceVersion]) -> dict[datetime, dict[str, Any]]:
    since = {version.since_at for version in wanted}
    found = ResourceVersion.objects.filter(resource=resource, since_at__in=since)
    return dict(found.values_list("since_at", "body"))


def findings(seer: Seer, resource: Resource, at: datetime | None) -> list[Found]:
    """Of every outcome and state, the gravest first."""
    question = Question(outcome=(), state=(), as_of=at)
    mine = ordered(narrow(seer, question).filter(**{question.field("resource"): resource}), question, DEFAULT)
    return list(read(mine[:FINDINGS], question))


def pointing_here(seer: Seer, resource: Resource, at: datetime | None) -> list[Found]:
    """Open findings of other resources that rest on a setting of this one.  Only checks that look elsewhere can."""
    elsewhere = tuple(c.id for c in checks().values() if any(kind == resource.kind for kind, _ in c.joins))
    if not elsewhere:
        return []
    question = Question(account=(resource.account_id,), state=(State.OPEN,), check=elsewhere, as_of=at)
    here = {f"{question.field('proof')}__because__contains": [{"ref": resource.ref}]}
    found = narrow(seer, question).filter(**here).exclude(**{question.field("resource"): resource})
    return list(read(ordered(found, question, DEFAULT)[:FINDINGS], question))


def sections(
    body: dict[str, Any], resource: Resource, pointing: Iterable[Found], unit: Unit | None = None
) -> list[Section]:
    """In the order in which they were asked; those that findings point at first.  `unit` is who read them."""
    source = {"region": resource.region, "at": unit.finished_at, "caller": unit.scan.caller} if unit else {}
    documents, gaps = body.get("documents", {}), body.get("gaps", {})
    calls = body.get("calls", {}) | {name: name for name in documents if name not in body.get("calls", {})}
    found = {
        name: Section(
            name,
            call,
            documents.get(name),
            name in documents and not (gaps.get(name) and not documents[name]),  # no answer at all is not an empty one
            gaps.get(name, []),
            source={"call": call, **source},
        )
        for name, call in calls.items()
    }
    for finding in pointing:
        lines: dict[str, list[str]] = defaultdict(list)
        for section, pointer in _marks(finding, resource.ref):
            lines[section] += [] if pointer in lines[section] else [pointer]
        for section in lines.keys() & found.keys():
            found[section].marks += [pointer for pointer in lines[section] if pointer not in found[section].marks]
            found[section].pointing.append(Pointing(finding, lines[section], finding.resource_id != resource.pk))
    return sorted(found.values(), key=lambda section: (not section.marks, not section.asked))


def _marks(finding: Found, ref: str) -> Iterator[tuple[str, str]]:
    """(section, pointer inside its document) of every proof that stands in this resource."""
    if finding.state_number != State.OPEN or finding.outcome_number != Outcome.FAIL:
        return
    for proof in finding.because:
        if proof.get("ref") in (ref, ""):
            section, slash, rest = str(proof.get("pointer", "")).removeprefix("/").partition("/")
            yield section, slash + rest


def read_by(seer: Seer, resource: Resource, at: datetime | None) -> Unit | None:
    """The unit that last looked at the resource's scope, with its scan: when it was read, and as whom."""
    scans = visible.scans(seer).filter(account=resource.account_id, state__in=moments.PUBLISHED)
    if at:
        scans = scans.filter(finished_at__lte=at)
    units = Unit.objects.filter(scan__in=scans, region=resource.scope.region, service=resource.scope.service)
    heavy = ("gaps", "cells", "gone", "unseen", "preview", "listed")
    return units.select_related("scan").defer(*heavy).order_by("-scan__asked_at").first()


def difference(before: ResourceVersion, after: ResourceVersion, read: dict[datetime, dict[str, Any]]) -> Difference:
    old, new = read.get(before.since_at, {}), read.get(after.since_at, {})
    unread = sorted({*old.get("gaps", {}), *new.get("gaps", {})})
    documents = [{k: v for k, v in body.get("documents", {}).items() if k not in unread} for body in (old, new)]
    return Difference(before, after, documents[0], documents[1], unread)
