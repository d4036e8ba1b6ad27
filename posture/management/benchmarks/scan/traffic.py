"""What passes the proxy: answers that are replayed, calls that are counted, latency that is the same in every run."""

from __future__ import annotations

import zlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

JITTER = 0.4  # of the latency, up and down


class Asked(NamedTuple):
    """All of a request that its answer can depend on; the signature and the time it was made are left out."""

    method: bytes
    target: bytes  # path and query
    scope: bytes  # region/service, of the credential scope
    action: bytes  # X-Amz-Target
    kind: bytes  # Content-Type
    body: bytes

    def elsewhere(self, region: bytes, other: bytes) -> Asked:
        """The same question, about another region."""
        target, scope, body = (part.replace(region, other) for part in (self.target, self.scope, self.body))
        return self._replace(target=target, scope=scope, body=body)


class Known(NamedTuple):
    """A recognised call and its answer, ready to be sent."""

    service: str
    operation: str
    region: str
    params: str  # digest
    code: int
    reply: bytes
    throttled: bytes  # what is sent in its place when the limit is reached

    @property
    def identity(self) -> tuple[str, str, str, str]:
        return self.service, self.operation, self.region, self.params


@dataclass
class Journal:
    """Calls of one run."""

    answered: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)  # identity → how often
    refused: Counter[tuple[str, str, int]] = field(default_factory=Counter)  # by the cloud, for good
    throttled: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    began: float = 0.0
    ended: float = 0.0
    waited: float = 0.0  # seconds that all calls together were under way

    def note(self, known: Known, *, throttled: bool, at: float, waited: float) -> None:
        self.began, self.ended = self.began or at, max(self.ended, at + waited)
        self.waited += waited
        if throttled:
            self.throttled[known.service, known.operation, known.region] += 1
            return
        self.answered[known.identity] += 1
        if known.code >= 300:
            self.refused[known.service, known.operation, known.code] += 1

    def report(self) -> dict[str, Any]:
        calls, throttled = sum(self.answered.values()), sum(self.throttled.values())
        repeats = {identity: times - 1 for identity, times in self.answered.items() if times > 1}
        again: Counter[str] = Counter()
        for (service, operation, *_), times in repeats.items():
            again[f"{service}.{operation}"] += times
        by_call: Counter[tuple[str, str, str]] = Counter()
        for (service, operation, region, _), times in self.answered.items():
            by_call[service, operation, region] += times
        seconds = self.ended - self.began
        return {
            "calls": calls + throttled,
            "answered": calls,
            "distinct": len(self.answered),
            "throttled": throttled,
            "repeated": sum(repeats.values()),
            "repeated calls": dict(again.most_common(20)),
            "seconds": round(seconds, 2),
            "mean in flight": round(self.waited / seconds, 1) if seconds else 0.0,
            "by call": [[*call, times] for call, times in sorted(by_call.items())],
            "refused": [[*call, times] for call, times in sorted(self.refused.items())],
            "throttled calls": [[*call, times] for call, times in sorted(self.throttled.items())],
        }


def latency(milliseconds: float, seed: int, known: Known, nth: int) -> float:
    """Seconds: up to JITTER around the given, the same for the nth time of the same call in every run."""
    dice = zlib.crc32(f"{seed} {known.identity} {nth}".encode()) / 2**32
    return milliseconds / 1000 * (1 + JITTER * (2 * dice - 1))
