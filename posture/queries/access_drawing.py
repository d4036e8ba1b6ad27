"""Paths laid out as a graph: boxes and lines with their places, for a drawing that the server writes.

One path stands upright, hop under hop; many are drawn from left to right, those who climb on the left and whom they
become on the right, each once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scanners.access.explorer import Hop, Principal

WIDE, HIGH, GAP, HOP = 208, 32, 12, 60
LONGEST = 26  # of a label
MOST = 40  # boxes; beyond, the list says it all


@dataclass(frozen=True, slots=True)
class Box:
    ref: str
    label: str
    x: int
    y: int
    goal: bool

    @property
    def text_x(self) -> int:
        return self.x + 10

    @property
    def text_y(self) -> int:
        return self.y + 21


@dataclass(frozen=True, slots=True)
class Line:
    """`d` as SVG takes it; the label stands beside it."""

    d: str
    label: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Drawing:
    width: int
    height: int
    boxes: list[Box]
    lines: list[Line]
    upright: bool


def name(who: Principal) -> str:
    """What people call it."""
    plain = who.name
    return plain if len(plain) <= LONGEST else f"{plain[: LONGEST - 9]}…{plain[-8:]}"


def chain(steps: Sequence[Hop]) -> Drawing | None:
    """One path."""
    if not steps:
        return None
    met = [steps[0].origin, *(step.target for step in steps)]
    boxes = [Box(one.ref, name(one), 0, n * (HIGH + HOP), n == len(met) - 1) for n, one in enumerate(met)]
    lines = [
        Line(f"M 24 {box.y + HIGH} V {box.y + HIGH + HOP - 5}", step.title, 36, box.y + HIGH + HOP // 2 + 4)
        for box, step in zip(boxes, steps, strict=False)
    ]
    widest = max(WIDE, *(36 + 7 * len(line.label) for line in lines))
    return Drawing(widest + 2, len(met) * (HIGH + HOP) - HOP + 2, boxes, lines, upright=True)


def together(paths: Iterable[Sequence[Hop]]) -> Drawing | None:
    """Many paths: how far each is from the end decides its column.  A step that leads to oneself has no line."""
    far: dict[str, int] = {}
    hops: dict[tuple[str, str], str] = {}
    met: dict[str, Principal] = {}
    for steps in paths:
        leading = [step for step in steps if step.origin.ref != step.target.ref]
        end = steps[-1].target
        met[end.ref] = end
        far.setdefault(end.ref, 0)
        for left, step in zip(range(len(leading), 0, -1), leading, strict=True):
            origin, target = step.origin.ref, step.target.ref
            met |= {origin: step.origin, target: step.target}
            far[origin] = max(left, far.get(origin, 0))
            far.setdefault(target, left - 1)
            hops.setdefault((origin, target), step.title)
    if not far or len(far) > MOST:
        return None
    furthest = max(far.values())
    columns: dict[int, list[str]] = {}
    for ref in sorted(far, key=lambda one: (far[one], one)):
        columns.setdefault(furthest - far[ref], []).append(ref)
    boxes = {
        ref: Box(ref, name(met[ref]), column * (WIDE + 72), row * (HIGH + GAP), far[ref] == 0)
        for column, refs in columns.items()
        for row, ref in enumerate(refs)
    }
    lines = [_line(boxes[start], boxes[end], title) for (start, end), title in hops.items()]
    tallest = max(len(refs) for refs in columns.values())
    return Drawing((furthest + 1) * (WIDE + 72) - 70, tallest * (HIGH + GAP), [*boxes.values()], lines, upright=False)


def _line(start: Box, end: Box, title: str) -> Line:
    x1, y1, x2, y2 = start.x + WIDE, start.y + HIGH // 2, end.x, end.y + HIGH // 2
    bend = max(24, abs(x2 - x1) // 2)
    return Line(f"M {x1} {y1} C {x1 + bend} {y1} {x2 - bend} {y2} {x2 - 5} {y2}", title, (x1 + x2) // 2, (y1 + y2) // 2)
