"""Questions that are asked of every cloud, put to what clouds have in common: a variable, a date, an address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from scanners.catalog.ports import Port
from scanners.model import Node, Severity, Verdict, failed, passed


def claim(
    holds: bool, good: str, bad: str, *because: Node, subject: str = "", severity: Severity | None = None
) -> Verdict:
    """One setting that is right or wrong, where a check judges several."""
    if holds:
        return passed(good, *because, subject=subject)
    return failed(bad, *because, subject=subject, severity=severity)


def secrets_in(variables: Iterable[tuple[str, Node]], all_of_them: Node) -> Iterator[Verdict]:
    """`variables` are (name, what the door kept of the value).  A value that only its name betrays is less grave."""
    found = [(name, kept["secret"]) for name, kept in variables if kept["secret"].present]
    if found:
        names = ", ".join(f"{name} ({kind.value})" for name, kind in sorted(found, key=lambda one: one[0]))
        only_names = all(kind.value == "Secret by name" for _, kind in found)
        severity = Severity.HIGH if only_names else None
        yield failed(f"Secrets stand in variables: {names}", *(kind for _, kind in found), severity=severity)
    else:
        yield passed("No variable holds what looks like a secret", all_of_them)


def supported(runtime: Node, end: date, today: date, *because: Node) -> Iterator[Verdict]:
    if end <= today:
        yield failed(f"Support for {runtime.value} ended on {end}", runtime, *because)
    else:
        yield passed(f"{runtime.value} is supported until {end}", runtime, *because)


@dataclass(frozen=True, slots=True)
class Ports:
    """What a firewall's rule lets through: a protocol ("all" for every one), and of TCP and UDP a span of ports."""

    protocol: str
    first: int = 0
    last: int = 65535

    @property
    def everything(self) -> bool:
        if self.protocol in ("tcp", "udp"):
            return self.first <= 1 and self.last >= 65535
        return self.protocol == "all"

    def reach(self, port: Port) -> bool:
        if self.protocol in port.protocols:
            return self.first <= port.number <= self.last
        return self.protocol == "all"
