"""Other auditors on the same account, over the same road, in the same run; a peer that cannot be had is not run.

A peer gets its cheapest way: only the services that we read too, one output file, no compliance reports of its own.
"""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posture.management.benchmarks.scan.design import REGIONS
from posture.management.benchmarks.scan.measure import run
from posture.management.benchmarks.scan.stage import Stage
from scanners.scan import services

PROWLER = "5.46.0"
PROWLER_SERVICES = {  # ours: Prowler's, where it has another name
    "appsync": ["appsync"],
    "cognito-idp": ["cognito"],
    "dynamodb": ["dynamodb"],
    "ec2": ["ec2", "vpc"],
    "events": ["eventbridge"],
    "lambda": ["awslambda"],
    "logs": ["cloudwatch"],
}


class NotRun(Exception):
    """Why a peer was not run, as one sentence."""


@dataclass(frozen=True)
class Peer:
    """`scan` writes its report below the folder; `failures` reads it: (check, full id of the resource, name)."""

    name: str
    install: Callable[[Path], Path]
    command: Callable[[Path, Path], list[str | Path]]
    failures: Callable[[Path], Iterator[tuple[str, str, str]]]
    good: tuple[int, ...] = (0,)


def measure(peer: Peer, stage: Stage, tools: Path, place: Path) -> dict[str, Any]:
    """Figures of one run over the road as it is set.  Raises NotRun."""
    program = peer.install(tools)
    report = place / f"{peer.name}-report"
    report.mkdir(exist_ok=True)
    env = stage.environment() | {"HOME": str(place), "PROWLER_NO_BANNER": "1"}
    spent = run(peer.command(program, report), env=env, cwd=place, log=place / f"{peer.name}.log")
    if spent.code not in peer.good:
        raise NotRun(f"it ended with {spent.code}: {(place / f'{peer.name}.log').read_text(errors='replace')[-300:]}")
    road = stage.report()
    return {
        "wall": spent.wall,
        "cpu": spent.cpu,
        "peak MB": spent.peak_mb,
        "calls": road["calls"],
        "repeated": road["repeated"],
        "throttled": road["throttled"],
        "failures": sum(1 for _ in peer.failures(report)),
        "road": road,
    }


def install_prowler(tools: Path) -> Path:
    """In an environment of its own, once."""
    place = tools / f"prowler-{PROWLER}"
    program = place / "bin" / "prowler"
    if program.exists():
        return program
    pip: list[str | Path] = [place / "bin" / "python", "-m", "pip", "install", "--quiet", f"prowler=={PROWLER}"]
    try:
        subprocess.run([sys.executable, "-m", "venv", place], check=True, capture_output=True)
        subprocess.run(pip, check=True, capture_output=True, timeout=900)
    except (OSError, subprocess.SubprocessError) as failure:
        said = getattr(failure, "stderr", b"") or b""
        why = said.decode(errors="replace").strip().rpartition("\n")[2] or str(failure)
        raise NotRun(f"prowler {PROWLER} could not be installed: {why[:200]}") from None
    return program


def prowler_command(program: Path, report: Path) -> list[str | Path]:
    chosen = sorted(
        {name for ours in services() for name in PROWLER_SERVICES.get(ours, [ours])} & known_to_prowler(program)
    )
    quiet = ["--no-banner", "--ignore-exit-code-3", "--output-formats", "csv"]
    return [program, "aws", "--region", *REGIONS, "--service", *chosen, *quiet, "-o", report, "-F", "bench"]


def known_to_prowler(program: Path) -> set[str]:
    """The services it has checks for."""
    found = program.parent.parent.glob("lib/*/site-packages/prowler/providers/aws/services/*/")
    return {folder.name for folder in found}


def prowler_failures(report: Path) -> Iterator[tuple[str, str, str]]:
    csv.field_size_limit(sys.maxsize)
    for sheet in report.glob("*.csv"):
        with sheet.open(newline="") as lines:
            for row in csv.DictReader(lines, delimiter=";"):
                if row["STATUS"] == "FAIL":
                    yield row["CHECK_ID"], row["RESOURCE_UID"], row["RESOURCE_NAME"]


def no_cloudsploit(tools: Path) -> Path:
    raise NotRun(
        "CloudSploit is no package of the npm registry, only a repository, and this program fetches packages only"
    )


PEERS = {
    "prowler": Peer("prowler", install_prowler, prowler_command, prowler_failures, good=(0, 3)),
    "cloudsploit": Peer("cloudsploit", no_cloudsploit, lambda *_: [], lambda _: iter(())),
}
