"""A sample account for a test: its own process, its own port, gone when the test is done."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class SampleCloud:
    endpoint: str
    account: str
    regions: tuple[str, ...]
    pid: int

    def faults(self, rules: list[dict[str, Any]]) -> None:
        """Add fault rules; see `emulator/faults.py` for their words. Raises ValueError for a word that no rule has."""
        self._control("POST", "faults", rules)

    def clear(self) -> None:
        """No faults, and an empty journal."""
        self._control("DELETE", "faults")
        self._control("DELETE", "calls")

    def calls(self) -> list[dict[str, Any]]:
        """Of each call since the last `clear`: service, operation, region, digest of the parameters, status."""
        lines: list[dict[str, Any]] = self._control("GET", "calls")
        return lines

    def _control(self, method: str, name: str, said: Any = None) -> Any:
        body = None if said is None else json.dumps(said).encode()
        request = urllib.request.Request(f"{self.endpoint}/_sample/{name}", data=body, method=method)  # noqa: S310
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise ValueError(error.read().decode()) from None


@contextmanager
def sample_cloud(*, empty: bool = False, home: Path) -> Iterator[SampleCloud]:
    """Start the sample account, or an empty one, and wait for it. Raises RuntimeError if it does not get ready."""
    home.mkdir(parents=True, exist_ok=True)
    address = home / "sample-cloud.json"
    address.unlink(missing_ok=True)
    command = [
        sys.executable,
        "-m",
        "posture.runtime.sample.server",
        "--address-file",
        str(address),
        *(["--empty"] if empty else []),
    ]
    with (home / "sample-cloud.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=REPOSITORY, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        yield SampleCloud(**ready(process, address, log=home / "sample-cloud.log"), pid=process.pid)
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def ready(process: subprocess.Popen[bytes], address: Path, *, log: Path, patience: float = 180) -> dict[str, Any]:
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if address.exists():
            said: dict[str, Any] = json.loads(address.read_text())
            return {**said, "regions": tuple(said["regions"])}
        if process.poll() is not None:
            raise RuntimeError(f"The sample account stopped: {log.read_text(errors='replace').strip()[-2000:]}")
        time.sleep(0.05)
    raise RuntimeError(f"The sample account was not ready after {patience:g} s")
