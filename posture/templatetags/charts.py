"""Small charts as server-rendered SVG: zero based, labelled directly, the same numbers one click away as a table."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from django.template import Library
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from .atoms import SEVERITIES, icon, number, plain

register = Library()

Point = tuple[date | datetime, float | None]

# state -> (letter, word, look); the letter and the look say the same thing twice
CELLS = {
    "read": ("", "read", "quiet"),
    "absent": ("", "nothing there", "hollow"),
    "denied": ("D", "denied", "hatched"),
    "throttled": ("T", "throttled", "hatched"),
    "unreachable": ("U", "unreachable", "hatched"),
    "parse_error": ("P", "answer not understood", "hatched"),
    "unsupported": ("–", "not offered here", "hollow"),
    "not_opted_in": ("N", "not switched on here", "hollow"),
    "other_road": ("", "read by another call", "quiet"),
    "elsewhere": ("M", "told to the management account", "hollow"),
    "skipped": ("S", "skipped by choice", "hollow"),
    "never": ("?", "never asked", "hatched"),
}


def places(points: Sequence[Point], width: int, height: int) -> Iterator[list[tuple[float, float]]]:
    """Runs of plotted points; a point whose value is None (not read) breaks the line and is never drawn as zero."""
    if not points:
        return
    moments = [at.timestamp() if isinstance(at, datetime) else float(at.toordinal()) for at, _ in points]
    start, length = moments[0], (moments[-1] - moments[0]) or 1
    top = max((value for _, value in points if value is not None), default=0) or 1
    run: list[tuple[float, float]] = []
    for moment, (_, value) in zip(moments, points, strict=True):
        if value is None:
            if run:
                yield run
            run = []
        else:
            run.append(((moment - start) / length * width, height - value / top * (height - 2)))
    if run:
        yield run


def line(run: Sequence[tuple[float, float]]) -> str:
    if len(run) == 1:  # a lone value still leaves a mark
        run = [*run, (run[0][0] + 1, run[0][1])]
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in run)


def area(run: Sequence[tuple[float, float]], height: int) -> str:
    return f"{line(run)}L{run[-1][0]:.1f} {height}L{run[0][0]:.1f} {height}Z"


@register.inclusion_tag("_components/trend.html")
def trend(points: Iterable[Point], label: str, height: int = 72) -> dict[str, Any]:
    """`{% trend points "Open findings" %}`: points are (date or datetime, number or None where it was not read)."""
    known = list(points)
    runs = list(places(known, 600, height))
    values = [value for _, value in known if value is not None]
    blind = [
        (left[-1][0], right[0][0] - left[-1][0]) for left, right in pairwise(runs)
    ]  # between two runs nothing was read
    return {
        "label": label,
        "points": known,
        "height": height,
        "lines": [(line(run), area(run, height)) for run in runs],
        "blind": [(f"{x:.1f}", f"{width:.1f}") for x, width in blind],
        "peak": max(values, default=0),
        "last": values[-1] if values else None,
    }


@register.simple_tag
def sparkline(values: Iterable[float | None], label: str) -> SafeString:
    """`{% sparkline values "Open findings, 30 days" %}`: 80 by 20, for a table cell beside the number itself."""
    points: list[Point] = [(date.fromordinal(n + 1), value) for n, value in enumerate(values)]
    paths = format_html_join("", '<path class="stroke" d="{}"/>', ((line(run),) for run in places(points, 80, 19)))
    svg = '<svg class="spark" viewBox="0 0 80 20" role="img" aria-label="{0}"><title>{0}</title>{1}</svg>'
    return format_html(svg, label, paths)


def shares(counts: Sequence[int]) -> Iterator[tuple[str, str]]:
    """Where each part of a stacked bar starts and how wide it is, in percent; what exists is never thinner than 1 %."""
    total, x = sum(counts) or 1, 0.0
    seen = [max(n / total, 0.01) if n else 0.0 for n in counts]
    for share in seen:
        width = share / (sum(seen) or 1) * 100
        yield f"{x:.2f}%", f"{width:.2f}%"
        x += width


@register.inclusion_tag("_components/severity_bar.html")
def severity_bar(counts: Mapping[Any, int], href: str = "", param: str = "severity") -> dict[str, Any]:
    """`{% severity_bar counts "/findings/" %}`: counts by severity; each label links to `href?severity=…`."""
    named = {plain(name, "severity").lower(): n for name, n in counts.items()}
    rows = [(name, named.get(name, 0)) for name in SEVERITIES]
    bars = zip(rows, shares([n for _, n in rows]), strict=True)
    glue = "&" if "?" in href else "?"
    return {
        "total": sum(n for _, n in rows),
        "parts": [
            {"name": name, "n": n, "x": x, "width": width, "href": f"{href}{glue}{param}={name}" if href else ""}
            for (name, n), (x, width) in bars
        ],
    }


@register.inclusion_tag("_components/coverage_bar.html")
def coverage_bar(read: int, absent: int, unread: int, href: str = "") -> dict[str, Any]:
    """`{% coverage_bar 1204 31 14 "/coverage/" %}`: scopes read, proved absent, and not read."""
    (x0, w0), (x1, w1), (x2, w2) = shares([read, absent, unread])
    bars = [("read", x0, w0), ("absent", x1, w1), ("unread", x2, w2)]
    counts = {"read": read, "absent": absent, "unread": unread, "total": read + absent + unread}
    return {**counts, "bars": bars, "href": href}


@register.simple_tag
def coverage_cell(
    state: object, done: int | None = None, of: int | None = None, href: str = "", about: str = ""
) -> SafeString:
    """`{% coverage_cell cell.state cell.read cell.total href about %}`: the worst state, and how much is read."""
    letter, word, look = CELLS.get(plain(state).lower(), ("?", plain(state), "hatched"))
    shape = format_html("{}", letter) if letter else icon("pass" if look == "quiet" else "not-applicable")
    partly = done is not None and of is not None and done < of
    text = format_html("{}{}", shape, format_html("<span>{}/{}</span>", done, of) if partly else "")
    words = " ".join(filter(None, (about and f"{about}:", word, f"({done} of {of} calls read)" if partly else "")))
    tag, link = ("a", format_html(' href="{}"', href)) if href else ("span", "")
    cell = '<{0}{1} class="cell is-{2}" title="{3}">{4}<span class="sr">{3}</span></{0}>'
    return format_html(cell, tag, link, look, words, text)


@register.inclusion_tag("_components/coverage_legend.html")
def coverage_legend() -> dict[str, Any]:
    """`{% coverage_legend %}`: what the cells of the matrix mean."""
    return {"states": [(name, word) for name, (_, word, _) in CELLS.items()]}


@register.inclusion_tag("_components/progress.html")
def progress(done: int, total: int | None, label: str, unit: str = "calls", note: str = "") -> dict[str, Any]:
    """`{% progress scan.done scan.total "Lambda" "calls" "84/s, about 2 min left" %}`; total None while unknown."""
    known = total or 0
    return {
        "done": number(done),
        "value": min(done, known),
        "total": known,
        "of": number(known),
        "percent": done * 100 // known if known else None,
        "label": label, "unit": unit, "note": note,
    }  # fmt: skip
