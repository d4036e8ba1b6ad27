"""Emulator and proxy as processes, and the words that the proxy understands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posture.management.benchmarks.scan.design import REGIONS
from posture.runtime.home import REPOSITORY

PACKAGE = "posture.management.benchmarks.scan"
BUILD_SECONDS = 600


@dataclass(frozen=True)
class Stage:
    """The account and the road to it."""

    cloud: dict[str, Any]
    endpoint: str
    n: int
    seed: int

    def road(self, *, latency_ms: float = 0, limited: bool = False, regions: tuple[str, ...] = REGIONS) -> None:
        """Set it, and count from nought.  More regions than were built are shown as the first one is."""
        mirrored = (
            [regions[0], *(name for name in regions if name not in REGIONS)] if len(regions) > len(REGIONS) else []
        )
        said = {"latency_ms": latency_ms, "limited": limited, "seed": self.seed}
        self._say("PUT", f"{self.endpoint}/_bench/road", {**said, "regions": regions, "mirrored": mirrored})

    def report(self) -> dict[str, Any]:
        """What passed since the road was set."""
        said: dict[str, Any] = self._say("GET", f"{self.endpoint}/_bench/report")
        return said

    def touch(self, share: float) -> int:
        """Change a share of all resources; the proxy replays the new answers.  How many were changed."""
        changed: int = self._say("POST", f"{self.cloud['endpoint']}/_sample/touch", share)
        self._say("POST", f"{self.endpoint}/_bench/refresh", {})
        return changed

    def environment(self) -> dict[str, str]:
        """For a program that is to find the account: nobody's real credentials, and no other road."""
        foreign = ("AWS_", "MOTO_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "DJANGO_")
        kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(foreign)}
        return kept | {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": "AKIABENCHBENCHBENCH1",
            "AWS_SECRET_ACCESS_KEY": "bench",
            "AWS_DEFAULT_REGION": REGIONS[0],
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    @staticmethod
    def _say(method: str, url: str, said: Any = None) -> Any:
        body = None if said is None else json.dumps(said).encode()
        request = urllib.request.Request(url, data=body, method=method)  # noqa: S310 - our own loopback
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=600) as answer:
            return json.load(answer)


@contextmanager
def stage(n: int, seed: int, place: Path) -> Iterator[Stage]:
    """The account of that size, built, behind a proxy.  Raises RuntimeError if either does not get ready."""
    with (
        _process("cloud", place, "--n", str(n), "--seed", str(seed)) as cloud,
        _process("proxy", place, "--to", cloud["endpoint"]) as proxy,
    ):
        yield Stage(cloud, proxy["endpoint"], n, seed)


@contextmanager
def _process(name: str, place: Path, *words: str) -> Iterator[dict[str, Any]]:
    address, log = place / f"{name}.json", place / f"{name}.log"
    address.unlink(missing_ok=True)
    command = [sys.executable, "-m", f"{PACKAGE}.{name}", "--address-file", str(address), *words]
    with log.open("wb") as said:
        child = subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
    try:
        yield _ready(child, address, log)
    finally:
        child.terminate()
        child.wait()


def _ready(child: subprocess.Popen[bytes], address: Path, log: Path) -> dict[str, Any]:
    deadline = time.monotonic() + BUILD_SECONDS
    while time.monotonic() < deadline and child.poll() is None:
        if address.exists():
            said: dict[str, Any] = json.loads(address.read_text())
            return said
        time.sleep(0.05)
    raise RuntimeError(f"{address.stem} did not get ready: {log.read_text(errors='replace').strip()[-2000:]}")
