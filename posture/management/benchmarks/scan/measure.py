"""What a program costs: wall, processor seconds, peak memory; and what a Postgres did meanwhile."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

GLANCE = 0.05  # seconds between two looks at a program's memory
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Spent:
    """`cpu` is the program's own and its children's, in seconds; `peak_mb` the program's largest resident size."""

    code: int
    wall: float
    cpu: float
    peak_mb: float
    out: str


def run(command: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path, log: Path, limit: float = 3600) -> Spent:
    """Run it to its end.  Its errors go to `log`.  Raises TimeoutError when it takes longer than `limit` seconds."""
    started, out = time.monotonic(), log.with_suffix(".out")
    with log.open("wb") as errors, out.open("wb") as output:
        child = subprocess.Popen(
            [str(word) for word in command], env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=errors
        )
        peak = 0.0
        while True:
            pid, status, spent = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            peak = max(peak, _peak(child.pid))
            if time.monotonic() - started > limit:
                child.kill()
                child.wait()
                raise TimeoutError(f"{command[0]} was still running after {limit:.0f} s")
            time.sleep(GLANCE)
        child.returncode = os.waitstatus_to_exitcode(status)
    wall, cpu = time.monotonic() - started, spent.ru_utime + spent.ru_stime
    return Spent(child.returncode, round(wall, 2), round(cpu, 2), round(peak, 1), out.read_text(errors="replace"))


def _peak(pid: int) -> float:
    """Megabytes.  Of the program itself: `ru_maxrss` would count what its parent held when it was forked."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1000 for line in lines if line.startswith("VmHWM:")), 0.0)


def family_cpu(pid: int) -> float:
    """Processor seconds of a process, of its children that live, and of those it has buried."""
    spent = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(stat.parent.name) == pid:
            spent += sum(map(int, fields[11:15]))
        elif int(fields[1]) == pid:
            spent += sum(map(int, fields[11:13]))
    return spent / TICKS
