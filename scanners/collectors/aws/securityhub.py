"""Security Hub: whether a region has it, and which standards it holds the account against.

An account without it is told so by a code of the service's own; a caller without the permission by another
("DescribeHub", AWS Security Hub API reference, read 2026-11).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanners.collectors.aws.region_wide import no_questions, region_wide
from scanners.collectors.cloud import Call, Detail
from scanners.collectors.door import Door
from scanners.model import Resource

OFF = frozenset({"InvalidAccessException", "ResourceNotFoundException"})
HUB = Call("securityhub", "DescribeHub", absent=OFF)
STANDARDS = Call(
    "securityhub",
    "GetEnabledStandards",
    items="StandardsSubscriptions",
    params={"MaxResults": 100},
    absent=frozenset({"InvalidAccessException"}),
)
KEPT = ("StandardsArn", "StandardsStatus")


def if_on(region: Resource) -> dict[str, str] | None:
    return {} if region["DescribeHub"].present else None


def standards(items: list[Mapping[str, Any]], door: Door) -> list[dict[str, Any]]:
    return [{field: one[field] for field in KEPT if field in one} for one in items]


COLLECTORS = (
    region_wide(
        "AWS::SecurityHub::Hub",
        "securityhub",
        "hub",
        Detail(HUB, bind=no_questions),
        Detail(STANDARDS, bind=if_on, after="DescribeHub", shape=standards),
    ),
)
