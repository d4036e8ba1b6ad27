"""The benchmarks: seeded and repeatable."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from posture.management.benchmarks import scale
from posture.management.command import Command as Base


class Command(Base):
    help = "Measure: `bench scale` writes a year of daily scans and asks what a page asks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["scale"])
        parser.add_argument("--findings", type=int, default=200_000)
        parser.add_argument("--days", type=int, default=365)
        parser.add_argument("--change", type=float, default=0.005, help="share of findings that change a day")
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        figures = scale.run(
            findings=options["findings"],
            days=options["days"],
            change=options["change"],
            seed=options["seed"],
            say=lambda line: print(line, file=sys.stderr),
        )
        if options["format"] == "json":
            self.stdout.write(json.dumps(figures, indent=2))
        else:
            self.stdout.write("\n".join(f"{value:>12}  {name}" for name, value in figures.items()))
