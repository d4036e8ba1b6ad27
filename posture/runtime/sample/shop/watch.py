"""Who watches the account: analyzers, detectors, the address that AWS writes to.  One region was forgotten."""

from __future__ import annotations

from typing import Any

from posture.runtime.sample.shop import EDGE, MAIN
from posture.runtime.sample.shop.account import Account

SOUTH = "eu-south-1"
ANALYZERS = (  # name, region, what it looks for
    ("outside", MAIN, "ACCOUNT"),
    ("unused", MAIN, "ACCOUNT_UNUSED_ACCESS"),
    ("outside", EDGE, "ACCOUNT"),
    ("unused", SOUTH, "ACCOUNT_UNUSED_ACCESS"),
)
PROTECTIONS = ("S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "LAMBDA_NETWORK_LOGS")
DETECTORS = (  # region, on, protections that are off
    (MAIN, True, ()),
    (EDGE, True, ("LAMBDA_NETWORK_LOGS",)),
    (SOUTH, False, PROTECTIONS),
)


def build(account: Account) -> None:
    with account.past(400):
        for name, region, kind in ANALYZERS:
            account.client("accessanalyzer", region).create_analyzer(analyzerName=name, type=kind)
        for region, on, off in DETECTORS:
            account.client("guardduty", region).create_detector(Enable=on, Features=features(off))
        account.client("account", EDGE).put_alternate_contact(
            AlternateContactType="SECURITY",
            EmailAddress="security@fernhollow.test",
            Name="Security",
            PhoneNumber="+44 20 7946 0000",
            Title="Team",
        )


def features(off: tuple[str, ...]) -> list[dict[str, Any]]:
    return [{"Name": name, "Status": "DISABLED" if name in off else "ENABLED"} for name in PROTECTIONS]
