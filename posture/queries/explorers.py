"""Which engine answers questions about the accounts of a cloud: one row a cloud."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from scanners.access.explorer import Explorer
from scanners.graph import aws_explorer
from scanners.graph.targets import POLICIES
from scanners.model import Provider
from scanners.model.estate import Estate


@dataclass(frozen=True, slots=True)
class Row:
    """`together`: kinds that every question needs, read at once; `refs`: how ids that can be asked about begin.

    `kept`: scans keep what everybody can do; of other clouds it is worked out when somebody asks.  `strangers`:
    refs of those whom a function's page names even when nothing does: (ref, label, note).
    """

    explorer: Callable[[Estate], Explorer]
    together: tuple[str, ...]
    refs: str
    kept: bool = False
    not_targets: tuple[str, ...] = ()  # kinds that nobody asks about as a resource
    suggested: tuple[str, ...] = ()  # kinds whose resources a form names
    strangers: tuple[tuple[str, str, str], ...] = ()


ROWS: dict[str, Row] = {
    Provider.AWS: Row(
        aws_explorer.explorer,
        aws_explorer.IDENTITIES,
        "arn:",
        kept=True,
        not_targets=("AWS::IAM::Group",),
        suggested=tuple(POLICIES),
    ),
}


def of(estate: Estate, provider: str) -> Explorer:
    """Raises KeyError for a cloud that has no engine."""
    return ROWS[provider].explorer(estate)
