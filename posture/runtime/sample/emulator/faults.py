"""Faults that a test asks for, and a journal of the calls that were made."""

from __future__ import annotations

import threading
import time
from typing import Any

from posture.runtime.sample.emulator.wire import Call, Refused, Reply, refused
from posture.runtime.sample.rules import HTML, Rule


class Faults:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []

    def add(self, rules: list[dict[str, Any]]) -> None:
        made = [Rule(rule) for rule in rules]
        with self._lock:
            self._rules += made

    def clear(self) -> None:
        with self._lock:
            self._rules = []

    def strike(self, call: Call) -> tuple[Reply | None, bool]:
        """The answer in place of the true one, if any; and whether the true one is to be cut in half."""
        with self._lock:
            struck = [rule.said for rule in self._rules if rule.strikes(call)]
        for said in struck:
            time.sleep(said.get("latency_ms", 0) / 1000)
        for said in struck:
            if said.get("reset"):
                return Reply(0, cut="reset"), False
            if said.get("html"):
                return Reply(502, {"Content-Type": "text/html"}, HTML), False
            if error := said.get("error"):
                return refused(
                    call,
                    Refused(
                        error["code"], error.get("message", ""), error.get("status", 400), error.get("retry_after")
                    ),
                ), False
        return None, any(said.get("truncate") for said in struck)


class Journal:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: list[dict[str, Any]] = []

    def note(self, call: Call, reply: Reply) -> None:
        line = {
            "service": call.service,
            "operation": call.operation,
            "region": call.region,
            "params": call.digest,
            "status": reply.status,
        }
        with self._lock:
            self._lines.append(line)

    def lines(self) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._lines)

    def clear(self) -> None:
        with self._lock:
            self._lines = []
