"""The product itself, measured: `manage.py scan aws` as a process, from its start to the last row."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from posture.management.benchmarks.scan.database import Database, grown
from posture.management.benchmarks.scan.limits import least_seconds
from posture.management.benchmarks.scan.measure import run
from posture.management.benchmarks.scan.stage import Stage
from posture.runtime.home import REPOSITORY

SCAN = (sys.executable, "manage.py", "scan", "aws", "--format", "json")
PUBLISHED = {"POSTURE_AWS_QUOTAS": "published"}  # pace the emulator as AWS would want to be paced


def scan(stage: Stage, database: Database, place: Path, *, paced: bool = False) -> dict[str, Any]:
    """Figures of one scan over the road as it is set.  Raises RuntimeError when it did not come to its end."""
    before = database.figures()
    spent = run(SCAN, env=stage.environment() | (PUBLISHED if paced else {}), cwd=REPOSITORY, log=place / "scan.log")
    after = database.figures()
    if spent.code not in (0, 3):
        raise RuntimeError(f"the scan ended with {spent.code}: {(place / 'scan.log').read_text()[-2000:]}")
    said, road, rows = json.loads(spent.out), stage.report(), grown(before, after)
    least, quota = least_seconds({(s, o, r): times for s, o, r, times in road["by call"]})
    return {
        "wall": spent.wall,
        "cpu": spent.cpu,
        "postgres cpu": rows.pop("cpu"),
        "peak MB": spent.peak_mb,
        "calls": road["calls"],
        "repeated": road["repeated"],
        "throttled": road["throttled"],
        "lost": sum(1 for gap in said["gaps"] if gap["state"] == "throttled"),
        "wal MB": round(rows.pop("wal") / 1e6, 2),
        "rows": rows,
        "least wall under AWS's limits": round(least, 1),
        "the limit that says so": quota,
        "state": said["state"],
        "opened": said["opened"],
        "unchanged": said["unchanged"],
        "gaps": said["gaps"],
        "road": road,
    }
