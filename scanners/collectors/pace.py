"""One paced limiter per account, region and quota: a token bucket that slows when the cloud says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

FLOOR = 0.1  # of the published rate, however often the cloud refuses
BACK_OFF, RECOVER = 0.8, 1.1  # multiplicative decrease on a refusal, increase on answers


class Pace(Protocol):
    """Requests of one quota: here in one process, or shared by many (posture.store.pace)."""

    async def take(self) -> None:
        """Wait for the next free place in the queue."""

    def refused(self, wait: float) -> None:
        """The cloud asked for less: slow down, and send nothing for `wait` seconds."""

    def answered(self) -> None:
        """There was an answer: go faster again."""


Paces = Callable[[str, float], Pace]  # (account/region/quota, requests a second) → its limiter


@dataclass
class Bucket:
    """Requests of one quota, in one process.

    `rate` is what the cloud publishes, in requests a second; bursts of one second pass."""

    rate: float
    _pace: float = 0.0
    _tokens: float = 0.0
    _at: float = 0.0
    _blocked_until: float = 0.0
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def take(self) -> None:
        """Wait for the next free place in the queue."""
        async with self._lock:
            now = asyncio.get_running_loop().time()
            if not self._pace:
                self._pace, self._tokens, self._at = self.rate, max(1.0, self.rate), now
            if (wait := self._blocked_until - now) > 0:
                await asyncio.sleep(wait)
                now += wait
            self._tokens = min(max(1.0, self._pace), self._tokens + (now - self._at) * self._pace)
            self._at = now
            if self._tokens < 1:
                await asyncio.sleep((1 - self._tokens) / self._pace)
                self._at += (1 - self._tokens) / self._pace
                self._tokens = 1
            self._tokens -= 1

    def refused(self, wait: float) -> None:
        """The cloud asked for less: slow down, and send nothing for `wait` seconds."""
        now = asyncio.get_running_loop().time()
        self._pace = max(FLOOR * self.rate, (self._pace or self.rate) * BACK_OFF)
        self._tokens = 0
        self._blocked_until = max(self._blocked_until, now + wait)

    def answered(self) -> None:
        if self._pace < self.rate:
            self._pace = min(self.rate, self._pace * RECOVER)


def alone(key: str, rate: float) -> Pace:
    """For a process that asks alone."""
    return Bucket(rate)
