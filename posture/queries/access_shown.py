"""Answers about access as the explorer shows them: rows with links, policies with the lines that decide."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from posture.models import AccessVersion, Resource
from posture.queries import access_records, explorers, moments, visible
from posture.queries.access import Asking
from scanners.access.aws import catalogue
from scanners.access.explorer import Explained, Held, LayerSays, Principal, Said, WhoCan, Written
from scanners.graph.aws_held import LEVELS
from scanners.graph.deciding import mark_in
from scanners.graph.effects import unpacked

MOST_ROWS, MOST_NAMES, MOST_ACTIONS = 300, 1000, 80
MOST_COUNTED = 300  # principals whose actions are counted when somebody asks, where no scan kept them


@dataclass(slots=True)
class Paper:
    """A whole policy, with the lines that decide and the statements that speak of the question."""

    written: Written
    marks: list[str]
    said: list[Said]
    prefix: str
    resource: Resource | None = None


@dataclass(slots=True)
class Layer:
    says: LayerSays
    papers: list[Paper] = field(default_factory=list)
    others: list[Written] = field(default_factory=list)  # policies that say nothing of the question


@dataclass(frozen=True, slots=True)
class Row:
    """A principal on the first page.  `possible` None: nobody counted."""

    who: Principal
    sure: int | None = None
    possible: int | None = None
    doubts: tuple[str, ...] = ()


def who_can(asked: Asking, found: WhoCan) -> dict[str, Any]:
    counts = Counter(one.decided.answer.value for one in found.rows)
    counts.update({answer.value: number for answer, number in found.beyond.items()})
    rows = [access_records.row(one) for one in islice(found.rows, MOST_ROWS)]
    links = _links(asked, (via["ref"] for row in rows for via in row["via"]))
    for row in rows:
        for via in row["via"]:
            via["resource"] = links.get(via["ref"])
    more = len(found.rows) - len(rows) + sum(found.beyond.values())
    return {"rows": rows, "counts": dict(counts), "found": found, "more": more}


def layers(asked: Asking, explained: Explained) -> list[Layer]:
    """Layer by layer, with the policies that speak of the question whole."""
    said = explained.layers
    links = _links(asked, (written.ref for one in said for written in one.policies))
    made = []
    for number, one in enumerate(said):
        layer = Layer(one)
        spoken: dict[int, list[Said]] = defaultdict(list)
        for statement in one.statements:
            spoken[id(statement.written)].append(statement)
        for place, written in enumerate(one.policies):
            if mine := spoken.get(id(written)):
                marks = [mark_in(written, said.mark) for said in mine if said.decides]
                layer.papers.append(Paper(written, marks, mine, f"l{number}p{place}-", links.get(written.ref)))
            else:
                layer.others.append(written)
        made.append(layer)
    return made


def _links(asked: Asking, refs: Iterable[str]) -> dict[str, Resource]:
    rows = visible.resources(asked.seer).filter(account=asked.account, ref__in={ref for ref in refs if ref})
    return {row.ref: row for row in rows}


def columns(held: Held) -> dict[str, Any]:
    """What one can do as a table: (levels in order, rows of (service, a cell a level or None))."""
    there = {level for service in held.services for level in service.levels}
    order = [*(level for level in LEVELS if level in there), *sorted(there.difference(LEVELS))]
    return {"levels": order, "rows": [(one, [one.levels.get(level) for level in order]) for one in held.services]}


def principals(asked: Asking) -> list[Row]:
    """Everybody, who can do most first; where nobody counted, by name."""
    if asked.kept:
        rows = AccessVersion.objects.filter(moments.held(asked.at), account=asked.account).select_related("resource")
        known = {one.ref: one for one in asked.explorer.principals()}
        found = [_kept(row, known) for row in rows]
    else:
        inside = [one for one in asked.explorer.principals() if not one.outside]
        found = [Row(one) for one in inside] if len(inside) > MOST_COUNTED else [_counted(asked, one) for one in inside]
    return sorted(found, key=lambda row: (-(row.possible or 0), -(row.sure or 0), row.who.name))


def _kept(row: AccessVersion, known: dict[str, Principal]) -> Row:
    stored = row.resource
    who = known.get(stored.ref) or Principal(stored.ref, stored.name, stored.kind)
    return Row(who, _count(row.sure), _count(row.possible), tuple(row.doubts))


def _counted(asked: Asking, who: Principal) -> Row:
    held = asked.explorer.held(who)
    return Row(who, len(held.sure), len(held.possible), held.doubts)


def _count(raw: bytes | memoryview) -> int:
    """Of actions that have a name; the last bit stands for all others."""
    return (unpacked(bytes(raw)) & catalogue().every >> 1).bit_count()


def suggestions(asked: Asking) -> dict[str, list[str]]:
    """Names to choose from, in the lists of the form's fields."""
    everybody = asked.explorer.principals()
    names = Counter(one.name for one in everybody)
    mine = [one.name if names[one.name] == 1 else one.ref for one in everybody]
    here = visible.resources(asked.seer).filter(moments.held(asked.at, "versions__"), account=asked.account)
    row = explorers.ROWS[asked.account.provider]
    refs = here.filter(kind__in=row.suggested).order_by("ref").values_list("ref", flat=True)[:MOST_NAMES]
    return {"principals": sorted(mine)[:MOST_NAMES], "resources": list(refs)}


def actions(asked: Asking, text: str) -> list[str]:
    """Actions whose name begins like this, or that people ask about often."""
    return list(islice(asked.explorer.suggested(text), MOST_ACTIONS))
