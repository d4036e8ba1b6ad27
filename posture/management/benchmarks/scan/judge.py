"""Planted defects against what was reported: found, missed, and sound things accused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from posture.management.benchmarks.scan.design import Item, flaws

Report = Iterable[tuple[str, str, str]]  # (check, full id of the resource, its name) of every failure


@dataclass
class Judgement:
    """Of one class of defects: names of items."""

    planted: set[str] = field(default_factory=set)
    found: set[str] = field(default_factory=set)
    accused: set[str] = field(default_factory=set)

    @property
    def missed(self) -> set[str]:
        return self.planted - self.found


def judge(
    items: list[Item], ids: dict[str, str], report: Report, checks: Mapping[str, tuple[str, ...]]
) -> dict[str, Judgement]:
    """By class.  `checks`: of each class, those whose failure counts as finding it.

    A failure of such a check on an item that has another flaw is no accusation where that flaw `also` is one of it.
    """
    known = _names(items, ids)
    classes = flaws()
    by_check: dict[str, list[str]] = defaultdict(list)
    for flaw, wanted in checks.items():
        for check in wanted:
            by_check[check].append(flaw)
    judged = {flaw: Judgement() for flaw in checks}
    for item in items:
        if item.flaw in judged:
            judged[item.flaw].planted.add(item.name)
    for check, ref, name in report:
        for flaw in by_check.get(check, ()):
            words = _words(classes[flaw][0], ref, name)
            meant = next((known[word] for word in words if word in known), None)
            if meant is None:
                continue
            if meant.flaw == flaw:
                judged[flaw].found.add(meant.name)
            elif check not in also(meant.flaw):
                judged[flaw].accused.add(meant.name)
    return judged


def also(flaw: str) -> tuple[str, ...]:
    """Further checks that are right to fail on a thing with this flaw."""
    return flaws()[flaw][1].also if flaw else ()


def _names(items: list[Item], ids: dict[str, str]) -> dict[tuple[str, str], Item]:
    """Items by all that they can be called."""
    called: dict[tuple[str, str], Item] = {}
    for item in items:
        id = ids[f"{item.kind} {item.name}"].split(",")[0]
        for _, word in _words(item.kind, id, item.name):
            called[item.kind, word] = item
    return called


def _words(kind: str, ref: str, name: str) -> list[tuple[str, str]]:
    """What may name a resource: its ARN, the ARN's last part, its name."""
    path, colon = ref.rpartition("/")[2], ref.rpartition(":")[2]
    return [(kind, word) for word in (ref, path, colon, name) if word]
