"""The benchmarks: seeded and repeatable."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from posture.management.benchmarks import access, azure_access, google_access, graph, scale
from posture.management.benchmarks.scan import peers, report
from posture.management.benchmarks.scan import run as whole
from posture.management.command import Command as Base
from posture.management.entrance import names
from posture.runtime.mistakes import Mistake


def _scan(options: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    beside = names(options["beside"])
    if unknown := sorted(set(beside) - set(peers.PEERS)):
        raise Mistake(f"No such peer: {', '.join(unknown)}. Known are {', '.join(peers.PEERS)}.")
    try:
        figures = whole.run(
            sizes=options["n"][:2],
            latency=options["latency"],
            limits=options["limits"],
            regions=options["regions"],
            beside=beside,
            seed=options["seed"],
            say=_say,
        )
    except (RuntimeError, TimeoutError) as failure:
        raise Mistake(f"A run failed: {failure}") from None
    return figures, report.lines(figures)


def _access(options: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    if options["cloud"] == "aws":
        return _listed(access.run(principals=50, requests=200, rounds=7, seed=options["seed"]))
    return _listed({"gcp": google_access, "azure": azure_access}[options["cloud"]].run(seed=options["seed"]))


def _graph(options: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    return _listed(graph.run(roles=options["roles"], functions=options["functions"], seed=options["seed"]))


def _scale(options: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    wanted = {word: options[word] for word in ("findings", "days", "change", "seed")}
    return _listed(scale.run(**wanted, say=_say))


def _listed(figures: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    rows = [(name, told) for name, told in figures.items() if not isinstance(told, dict)]
    rows += [
        (f"{part}, {name}", told)
        for part, some in figures.items()
        if isinstance(some, dict)
        for name, told in some.items()
    ]
    return figures, [f"{value:>12}  {name}" for name, value in rows]


def _say(line: str) -> None:
    print(line, file=sys.stderr)


_BENCHMARKS = {"access": _access, "graph": _graph, "scan": _scan, "scale": _scale}


class Command(Base):
    help = (
        "Measure: `bench access` decides requests by seeded policies; `bench scan` scans a built account over a road "
        "with AWS's latency and limits, beside other auditors; `bench graph` looks for escalation; "
        "`bench scale` writes a year of daily scans and asks what a page asks."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=list(_BENCHMARKS))
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--format", choices=["text", "json"], default="text")
        parser.add_argument("--cloud", choices=["aws", "gcp", "azure"], default="aws", help="of bench access")
        scan = parser.add_argument_group("bench scan")
        scan.add_argument("--n", type=int, nargs="+", default=[10], help="units of about 300 resources; a second size")
        scan.add_argument("--latency", type=float, default=50, help="milliseconds, give or take 40 %%")
        scan.add_argument("--limits", action="store_true", help="once more under the rates that AWS publishes")
        scan.add_argument("--regions", type=int, choices=[3, 17], default=3, help="17: once more, wide and large")
        scan.add_argument("--beside", nargs="+", default=[], help=f"peers: {', '.join(peers.PEERS)}")
        paths = parser.add_argument_group("bench graph")
        paths.add_argument("--roles", type=int, default=500)
        paths.add_argument("--functions", type=int, default=100)
        scale = parser.add_argument_group("bench scale")
        scale.add_argument("--findings", type=int, default=200_000)
        scale.add_argument("--days", type=int, default=365)
        scale.add_argument("--change", type=float, default=0.005, help="share of findings that change a day")

    def execute(self, *args: Any, **options: Any) -> str | None:
        self.needs_database = options["what"] == "scale"  # `scan` has one of its own
        return super().execute(*args, **options)

    def handle(self, *args: Any, **options: Any) -> None:
        figures, lines = _BENCHMARKS[options["what"]](options)
        self.stdout.write(json.dumps(figures, indent=2) if options["format"] == "json" else "\n".join(lines))
