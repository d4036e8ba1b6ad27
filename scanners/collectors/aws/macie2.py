"""Macie: whether a region has it, and whether it looks into buckets by itself.

Macie answers "denied" to an account that has not enabled it and to a caller who may not ask: errors.SAID tells the two
apart by their sentences.
"""

from __future__ import annotations

from scanners.collectors.aws.errors import MACIE_OFF
from scanners.collectors.aws.region_wide import no_questions, region_wide
from scanners.collectors.cloud import Call, Detail
from scanners.model import Resource

SESSION = Call(
    "macie2",
    "GetMacieSession",
    absent=frozenset({MACIE_OFF, "ResourceNotFoundException"}),
    drop=frozenset({"createdAt", "updatedAt"}),
)
DISCOVERY = Call(
    "macie2",
    "GetAutomatedDiscoveryConfiguration",
    absent=frozenset({MACIE_OFF}),
    drop=frozenset({"disabledAt", "firstEnabledAt", "lastUpdatedAt"}),
)


def if_on(region: Resource) -> dict[str, str] | None:
    return {} if region["GetMacieSession"].present else None


COLLECTORS = (
    region_wide(
        "AWS::Macie::Session",
        "macie2",
        "session",
        Detail(SESSION, bind=no_questions),
        Detail(DISCOVERY, bind=if_on, after="GetMacieSession"),
    ),
)
