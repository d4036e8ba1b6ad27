"""The account itself: its root user, its password policy, whom AWS writes to about security, and the credential report
on everyone's passwords and keys.

AWS makes a report anew when the last one is older than four hours; until it is ready, asking for it is refused.
Days of last use stay, because checks need them, but only to the day: the minute would make every scan a change.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from typing import Any

from scanners.collectors.cloud import Call, Collector, Detail, ParseError
from scanners.collectors.door import Door
from scanners.model import Identity, Place, Resource

SUMMARY = Call("iam", "GetAccountSummary", take="SummaryMap")
MAKE_REPORT = Call("iam", "GenerateCredentialReport", drop=frozenset({"State", "Description"}))
REPORT = Call("iam", "GetCredentialReport", take="Content")
PASSWORDS = Call("iam", "GetAccountPasswordPolicy", take="PasswordPolicy", absent=frozenset({"NoSuchEntity"}))
CONTACT = Call(  # of the person, only the address: name and telephone are nobody's business here
    "account",
    "GetAlternateContact",
    take="AlternateContact",
    params={"AlternateContactType": "SECURITY"},
    absent=frozenset({"ResourceNotFoundException"}),
    drop=frozenset({"Name", "PhoneNumber", "Title"}),
)

KEPT = (
    "arn", "password_enabled", "password_last_changed", "mfa_active",
    "access_key_1_active", "access_key_1_last_rotated", "access_key_2_active", "access_key_2_last_rotated",
)  # fmt: skip
KEPT_TO_THE_DAY = ("password_last_used", "access_key_1_last_used_date", "access_key_2_last_used_date")


def account(place: Place, summary: Any) -> Identity:
    return Identity(f"arn:{place.partition}:iam::{place.account}:root", place.account)


def about_root(summary: Mapping[str, int], door: Door) -> dict[str, int]:
    """What is said of the root user; the rest counts things that are listed elsewhere."""
    return {name: count for name, count in summary.items() if name.startswith("Account")}


def no_questions(account: Resource) -> dict[str, str]:
    return {}


def rows(content: bytes | str, door: Door) -> dict[str, dict[str, str]]:
    """The report by user name; "<root_account>" is the root user."""
    lines = (content.decode() if isinstance(content, bytes) else content).splitlines()
    return {_text(row, "user"): _kept(row) for row in csv.DictReader(lines, strict=True)}


def _kept(row: Mapping[str, str | None]) -> dict[str, str]:
    return {name: _text(row, name) for name in KEPT} | {name: _day(_text(row, name)) for name in KEPT_TO_THE_DAY}


def _text(row: Mapping[str, str | None], column: str) -> str:
    value = row.get(column)
    if value is None:
        raise ParseError(f"the credential report says nothing of {column}")
    return value


def _day(value: str) -> str:
    """ "2026-05-15T09:00:00+00:00" → "2026-05-15"; "N/A" and other words stay."""
    return value.partition("T")[0] if value[:1].isdigit() else value


COLLECTORS = (
    Collector(
        kind="AWS::Account",
        listing=SUMMARY,
        identify=account,
        shape=about_root,
        everywhere=False,
        details=(
            Detail(MAKE_REPORT, bind=no_questions),
            Detail(REPORT, bind=no_questions, after="GenerateCredentialReport", shape=rows),
            Detail(PASSWORDS, bind=no_questions),
            Detail(CONTACT, bind=no_questions),
        ),
    ),
)
