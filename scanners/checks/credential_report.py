"""Reading the credential report: what it says of a user, and what its words mean.

Limits: the report may be four hours old; a user it does not name yet gets no answer.  It names keys by number (first,
second), not by id.
"""

from __future__ import annotations

from datetime import date

from scanners.model import Gap, Node, Resource, State, Unread
from scanners.model.estate import Estate

ACCOUNT = "AWS::Account"
REPORT = "GetCredentialReport"
KEYS = ("access_key_1", "access_key_2")


def row_of(user: Resource, estate: Estate) -> Node:
    """What the credential report says of a user; raises Unread when it does not name the user yet."""
    for account in estate.all(ACCOUNT):
        row = account[REPORT][user.name]
        if row.present:
            return row
    raise Unread(Gap("iam.GetCredentialReport", "", State.SKIPPED, "NotInTheReportYet", "global"))


def said_yes(node: Node) -> bool:
    """ "N/A" and "not_supported" stand for what is not there; other words are not understood."""
    said = node.text().lower()
    if said in ("true", "false", "n/a", "not_supported"):
        return said == "true"
    raise not_understood(node)


def day_of(node: Node) -> date | None:
    """None for "N/A", "no_information" and "not_supported": never, as far as AWS remembers."""
    said = node.text()
    try:
        return date.fromisoformat(said[:10]) if said[:1].isdigit() else None
    except ValueError:
        raise not_understood(node) from None


def within(node: Node, days: int, estate: Estate) -> bool:
    day = day_of(node)
    return day is not None and (estate.now.date() - day).days <= days


def in_words(key: str) -> str:
    return key.replace("_", " ")


def not_understood(node: Node) -> Unread:
    code = f"{node.pointer} says {node.value}"
    return Unread(Gap("iam.GetCredentialReport", "", State.PARSE_ERROR, code, "global"))
