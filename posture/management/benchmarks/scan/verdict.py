"""Targets, each with what was measured and whether it was met; None where it could not be measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    target: str
    measured: str
    met: bool | None

    def as_text(self) -> str:
        mark = {True: "met", False: "NOT MET", None: "not measured"}[self.met]
        return f"{mark:>12}  {self.target}: {self.measured}"


def verdicts(figures: Figures) -> list[Line]:
    ours = figures["scan"]
    calls, least = ours["calls"], ours["necessary"]
    lines = [
        Line("calls at most 1.05 × necessary", f"{calls} of {least}, {calls / least:.3f}", calls <= 1.05 * least),
        Line("nothing read twice", f"{ours['repeated']} repeated", ours["repeated"] == 0),
    ]
    for peer, shares in {"prowler": (1 / 20, 1 / 8, 1 / 5), "cloudsploit": (1 / 2, 0.8, 0.9)}.items():
        lines += _beside(peer, ours, figures.get("peers", {}).get(peer), shares)
    if limited := figures.get("limited"):
        lines += _limited(limited)
    if large := figures.get("large"):
        lines += [
            _at_most("N=50 in at most 5.5 × the time of N=10", large["wall"], ours["wall"], 5.5),
            _at_most("N=50 in at most 1.6 × the memory of N=10", large["peak MB"], ours["peak MB"], 1.6),
        ]
    if wide := figures.get("wide"):
        said = f"{wide['peak MB']:.0f} MB at {wide['resources']} resources in 17 regions"
        lines.append(Line("17 regions, 100,000 resources: under 512 MiB", said, wide["peak MB"] < 512 * 1.048576))
    lines += [line for name in ("unchanged", "changed") if name in figures for line in _rescanned(figures, name)]
    judged = figures["judged"]["posture"]
    missed, accused = (sum(len(one[word]) for one in judged.values()) for word in ("missed", "accused"))
    planted = sum(one["planted"] for one in judged.values())
    lines.append(Line("every planted defect found", f"{planted - missed} of {planted}", missed == 0))
    lines.append(Line("nothing sound accused", f"{accused} accused", accused == 0))
    return lines


def _beside(peer: str, ours: Figures, theirs: Figures | None, shares: tuple[float, float, float]) -> list[Line]:
    lines = []
    for (name, key, unit), share in zip(
        (("wall", "wall", "s"), ("CPU", "cpu", "s"), ("peak memory", "peak MB", "MB")), shares, strict=True
    ):
        target = f"{name} at most {_share(share)} of {peer}'s"
        if theirs is None or "not run" in theirs:
            lines.append(Line(target, f"not run: {theirs['not run'] if theirs else 'not asked for'}", None))
        else:
            said = f"{ours[key]:.1f} of {theirs[key]:.1f} {unit}, {_share(ours[key] / theirs[key])}"
            lines.append(Line(target, said, ours[key] <= share * theirs[key]))
    return lines


def _share(value: float) -> str:
    return f"1/{1 / value:.1f}".removesuffix(".0") if 0 < value < 0.5 else f"{value:.2f}"


def _limited(limited: Figures) -> list[Line]:
    share = limited["throttled"] / limited["calls"]
    least = limited["least wall under AWS's limits"]
    return [
        Line("under AWS's limits: no answer lost", f"{limited['lost']} lost", limited["lost"] == 0),
        Line("under AWS's limits: at most 2 % throttled", f"{limited['throttled']} calls, {share:.1%}", share <= 0.02),
        Line(
            "under AWS's limits: at most 1.25 × what they allow",
            f"{limited['wall']:.1f} s of {least:.1f} s ({limited['the limit that says so']})",
            limited["wall"] <= 1.25 * least,
        ),
    ]


def _at_most(target: str, measured: float, of: float, times: float) -> Line:
    return Line(target, f"{measured:.1f} of {of:.1f}, {measured / of:.2f} ×", measured <= times * of)


def _rescanned(figures: Figures, name: str) -> list[Line]:
    """Rows and WAL in proportion to the change: twice the share of the first scan's is proportional enough, and what
    a scan itself leaves (its row, its units, its coverage) is allowed for.
    """
    first, again = figures["scan"], figures[name]
    written, before = (sum(one["rows"].values()) for one in (again, first))
    own = 12 * again["units"] + 100  # rows
    allowed = 2 * again["changed share"] * before + own
    said = (
        f"{written} rows and {again['wal MB']} MB of WAL, where the first scan wrote {before} and {first['wal MB']} MB"
    )
    return [Line(f"rescan with {again['changed share']:.1%} changed writes in proportion", said, written <= allowed)]
