"""What a principal used, as IAM reports it: services, and for some services actions, each with its last time.

Sources: IAM API reference, GetServiceLastAccessedDetails, ServiceLastAccessed, TrackedActionLastAccessed; "Refine
permissions using last accessed information" (IAM User Guide), read 2026-11: attempts count, denied ones too; the report
looks back at least 400 days and lags by about four hours; actions on data (an object, an item, a message) are not
tracked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from scanners.model import Node

SECTION = "GetServiceLastAccessedDetails"
LOOKS_BACK = 400  # days, at least


class Fate(StrEnum):
    USED = "used"
    UNUSED = "unused"  # reported, and not used while IAM looks back
    UNTRACKED = "untracked"  # of a service that was used, and the report does not say by which action
    UNREPORTED = "unreported"  # the report does not name the service


@dataclass(frozen=True, slots=True)
class Used:
    """`last` in ISO 8601, None: not used.  `actions`: tracked ones by name in lower case; None: none are told.

    `partly`: something else may have been used, though nothing tells when.
    """

    service: str
    last: str | None
    actions: Mapping[str, str | None] | None = None
    partly: bool = False

    @property
    def by_action(self) -> bool:
        return self.actions is not None

    @property
    def narrows(self) -> bool:
        """Whether some action is told from the others: else a wildcard over the service may as well stay."""
        return self.actions is not None and (not self.partly or not all(self.actions.values()))

    @property
    def ever(self) -> bool:
        return self.partly or self.last is not None or any((self.actions or {}).values())


@dataclass(frozen=True, slots=True)
class Usage:
    """`whole` is false where no report says which services were used: of those not named nobody knows anything."""

    services: Mapping[str, Used] = field(default_factory=dict)
    whole: bool = True

    def fate(self, action: str) -> Fate:
        """`action` in lower case."""
        service, _, name = action.partition(":")
        found = self.services.get(service)
        if found is None:
            return Fate.UNREPORTED if self.whole else Fate.UNTRACKED
        if not found.ever:
            return Fate.UNUSED
        if found.actions is None or name not in found.actions:
            return Fate.UNTRACKED
        return Fate.USED if found.actions[name] else Fate.UNUSED

    def used(self) -> list[str]:
        """The actions that were surely used, in lower case."""
        return [
            f"{one.service}:{name}" for one in self.services.values() for name, at in (one.actions or {}).items() if at
        ]


def usage(node: Node) -> Usage:
    """From the report as it is kept: the answer, or the list of its services.  Raises Unread."""
    rows = node.need("ServicesLastAccessed") if isinstance(node.value, dict) else node
    found = [_used(row) for row in rows]
    return Usage({one.service: one for one in found})


def _used(row: Node) -> Used:
    tracked = row["TrackedActionsLastAccessed"]
    actions: dict[str, str | None] = {}
    for one in tracked:
        at = one["LastAccessedTime"]
        actions[one.need("ActionName").text().lower()] = at.text() if at.present else None
    last = row["LastAuthenticated"]
    return Used(
        row.need("ServiceNamespace").text().lower(), last.text() if last.present else None, actions if actions else None
    )
