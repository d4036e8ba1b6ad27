"""What principals did, as the activity log has it: writes, deletions and actions of the control plane.

Limits: what was only read, and what was done to data, leaves no line.  Nor does what Azure checks beside a write, such
as joining a network or giving out an identity.  The log is the subscription's own: of what was done elsewhere it has
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from scanners.access.azure.rights import steps
from scanners.access.azure.standing import because
from scanners.model import Gap, Node, Resource, State, Unread
from scanners.model.estate import Estate

ACTIVITY, LINES = "Microsoft.Insights/eventtypes", "activity_logs.list"
CALL, PERMISSION = f"monitor.{LINES}", f"{ACTIVITY}/values/read"
WHOLE = 89  # days: as far back as the log is asked for
Places = Mapping[str, Node]  # resource group or subscription → the last day


@dataclass(frozen=True, slots=True)
class Usage:
    """By principal, the operations and where.  Names in small letters.

    `days`: how far back the log was read to its end; what is known from before counts as use, and its lack as nothing.
    """

    of: Mapping[str, Mapping[str, Places]] = field(default_factory=dict)
    days: int = 0
    gaps: tuple[Gap, ...] = ()
    windows: tuple[Node, ...] = ()

    def need_whole(self) -> None:
        """Raises Unread where less than `WHOLE` days are known."""
        if self.gaps:
            raise Unread(*self.gaps)
        if self.days < WHOLE:
            raise Unread(Gap(CALL, PERMISSION, State.SKIPPED, f"the log is long: {self.days} days were read", "global"))

    @property
    def unread(self) -> tuple[str, ...]:
        """In words, why less than `WHOLE` days are known."""
        if self.gaps:
            return because(self.gaps)
        return () if self.days >= WHOLE else (f"the activity log is long: {self.days} days of it were read",)

    @property
    def nameless(self) -> int:
        """People whom the log names by something else than their object ids: who they are is not known."""
        return sum("@" in who for who in self.of)

    def by(self, who: str, scope: str) -> dict[str, Node]:
        """{operation: last day} of what a principal did at a scope or below it.

        Of a resource, all that it did in the resource group: more is not kept.
        """
        found: dict[str, Node] = {}
        above = steps(scope)[:4]
        for operation, places in self.of.get(who, {}).items():
            days = [day for where, day in places.items() if steps(where)[: len(above)] == above]
            if days:
                found[operation] = max(days, key=Node.text)
        return found


def usage_of(estate: Estate) -> Usage:
    return estate.derived("azure usage", lambda: _usage(estate))


def _usage(estate: Estate) -> Usage:
    used: dict[str, dict[str, dict[str, Node]]] = {}
    whole, gaps = dict[str, Node](), list[Gap]()
    try:
        for log in estate.all(ACTIVITY):
            _read(log, used, whole, gaps)
    except Unread as unread:
        gaps += unread.gaps
    if not whole and not gaps:
        gaps.append(Gap(CALL, PERMISSION, State.SKIPPED, "NotAsked", "global"))
    return Usage(used, _days(whole), tuple(gaps), tuple(whole.values()))


def _read(log: Resource, used: dict[str, dict[str, dict[str, Node]]], whole: dict[str, Node], gaps: list[Gap]) -> None:
    try:
        for window, answer in log.each(LINES):
            whole[window] = answer["whole"]
            for who, operations in answer["used"].items():
                for operation, places in operations.items():
                    known = used.setdefault(who, {}).setdefault(operation, {})
                    for where, day in places.items():
                        known[where] = max(known.get(where, day), day, key=Node.text)
    except Unread as unread:
        gaps += unread.gaps


def _days(whole: Mapping[str, Node]) -> int:
    """How far back the log is known without a hole.  Windows are called 00-01, 01-07 …"""
    days = 0
    for window in sorted(whole):
        begin, _, end = window.partition("-")
        if whole[window].value is not True or begin != f"{days:02}" or not end.isdigit():
            break
        days = int(end)
    return days
