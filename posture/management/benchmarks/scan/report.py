"""The figures as people read them: costs side by side, what was found and missed, where auditors disagree, targets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

COLUMNS = ("wall", "cpu", "peak MB", "calls", "repeated", "throttled")
RUNS = {  # part of the figures: how it is called
    "scan": "first scan",
    "unchanged": "rescan, nothing changed",
    "changed": "rescan, some changed",
    "limited": "under AWS's limits",
    "large": "the second size",
    "wide": "17 regions",
}


def lines(figures: dict[str, Any]) -> list[str]:
    return [*_costs(figures), "", *_found(figures), "", *_disagreements(figures), *figures["lines"]]


def _costs(figures: dict[str, Any]) -> Iterator[str]:
    yield f"{'':28}" + "".join(f"{name:>11}" for name in COLUMNS)
    rows = [(called, figures[part]) for part, called in RUNS.items() if part in figures]
    for name, one in [*rows, *figures["peers"].items()]:
        if "not run" in one:
            yield f"{name:28} not run: {one['not run']}"
        else:
            yield f"{name:28}" + "".join(f"{one[column]:>11}" for column in COLUMNS)


def _found(figures: dict[str, Any]) -> Iterator[str]:
    judged = figures["judged"]
    yield f"{'planted defects':44}" + "".join(f"{name:>22}" for name in judged)
    for flaw, one in judged["posture"].items():
        cells = (judged[name][flaw] for name in judged)
        said = (f"{_ratio(cell)}{_accused(cell)}" for cell in cells)
        yield f"{flaw:38}{one['planted']:>6}" + "".join(f"{cell:>22}" for cell in said)


def _ratio(cell: dict[str, Any]) -> str:
    return f"{cell['planted'] - len(cell['missed'])} found"


def _accused(cell: dict[str, Any]) -> str:
    return f", {len(cell['accused'])} accused" if cell["accused"] else ""


def _disagreements(figures: dict[str, Any]) -> Iterator[str]:
    ours = figures["judged"]["posture"]
    for peer, theirs in figures["judged"].items():
        for flaw, cell in theirs.items() if peer != "posture" else ():
            for word, what in (("missed", "does not report"), ("accused", "reports on sound resources")):
                if alone := sorted(set(cell[word]) - set(ours[flaw][word])):
                    yield f"{peer} {what}: {flaw}: {', '.join(alone[:5])}{', …' * (len(alone) > 5)} ({len(alone)})"
