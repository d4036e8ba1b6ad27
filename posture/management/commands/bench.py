"""The benchmarks: seeded and repeatable."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from posture.management.benchmarks import access, scale
from posture.management.command import Command as Base


def _access(options: dict[str, Any]) -> dict[str, Any]:
    return access.run(principals=50, requests=200, rounds=7, seed=options["seed"])


def _scale(options: dict[str, Any]) -> dict[str, Any]:
    return scale.run(
        findings=options["findings"],
        days=options["days"],
        change=options["change"],
        seed=options["seed"],
        say=lambda line: print(line, file=sys.stderr),
    )


_BENCHMARKS = {"access": _access, "scale": _scale}


class Command(Base):
    help = "Measure: `bench scale` writes a year of daily scans; `bench access` decides requests by seeded policies."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=list(_BENCHMARKS))
        parser.add_argument("--findings", type=int, default=200_000)
        parser.add_argument("--days", type=int, default=365)
        parser.add_argument("--change", type=float, default=0.005, help="share of findings that change a day")
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        figures = _BENCHMARKS[options["what"]](options)
        if options["format"] == "json":
            self.stdout.write(json.dumps(figures, indent=2))
        else:
            self.stdout.write("\n".join(f"{value:>12}  {name}" for name, value in figures.items()))
