"""What the functions of a role did, by CloudTrail's event history, where scans were asked to read it.

Silence says something only where nobody but those functions acts as the role, each of them was asked about, and the
history of none was cut short; anything else adds uses and takes none away.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from scanners.access.aws.recorded import Told, by_history
from scanners.access.aws.trail import Activity, fold, key
from scanners.access.aws.trail_files import Record
from scanners.access.aws.usage import Usage
from scanners.graph.standing import Standing, View
from scanners.model import Node, Resource, Unread
from scanners.model.estate import Estate

SECTION = "LookupEvents"
DAYS = 90  # that the history goes back; to the hour, so the first day counts as half seen
FUNCTION = "AWS::Lambda::Function"
_INVOKER = "lambda.amazonaws.com"


def functions_of(estate: Estate) -> tuple[list[Resource], bool]:
    """(the functions of the account that were seen, whether they are all)"""
    found: list[Resource] = []
    try:
        for function in estate.all(FUNCTION):
            found.append(function)  # noqa: PERF402  (what came before Unread counts)
    except Unread:
        return found, False
    return found, True


def running_as(functions: Iterable[Resource], arn: str) -> list[Resource]:
    return [one for one in functions if _role(one) == arn]


def _role(function: Resource) -> object:
    try:
        return function["ListFunctions"]["Role"].value
    except Unread:
        return None


def history(view: View, standing: Standing, usage: Usage | None) -> Told | None:
    """None where no function that runs as it was asked about."""
    if standing.kind != "role":
        return None
    everything, all_read = functions_of(view.estate)
    functions = running_as(everything, standing.arn)
    asked = [one for one in functions if one.asked(SECTION)]
    if not asked:
        return None
    activity = Activity()
    since = (view.estate.now - timedelta(days=DAYS)).date().isoformat()
    because = "" if all_read else "not all functions were read"
    for function in functions:
        try:
            if not function.asked(SECTION):
                quiet = function["GetMetricData"]["Invoked"].value is False
                because = because or ("" if quiet else f"{function.name} was not asked about")
                continue
            said = function[SECTION]
            _add(activity, said, standing.arn)
            if said["Since"].value:
                since = max(since, said["Since"].text())
                because = because or f"that of {function.name} is longer than what is asked for"
        except Unread as unread:
            first = unread.gaps[0]
            because = because or f"{first.call} was not read ({first.code})"
    because = because or _others(view, standing.arn)
    return by_history(activity, standing.arn, usage, since, because=because)


def _add(activity: Activity, said: Node, arn: str) -> None:
    """Events of the role itself: others may have chosen the function's name for a session."""
    for row in said["Events"]:
        if key(row.need("Role").text()) == key(arn):
            record = Record(
                event_source=row.need("Source").text(),
                event_name=row.need("Name").text(),
                event_time=row.need("Last").text(),
                aws_region=row.need("Region").text(),
                error_code=row["Error"].value if isinstance(row["Error"].value, str) else None,
            )
            fold(activity, record)


def _others(view: View, arn: str) -> str:
    """Whoever beside functions may act as the role; empty where nobody may."""
    trust = next((one.trust for one in view.account.entities if one.arn == arn), None)
    statements = trust.get("Statement") if isinstance(trust, dict) else None
    rows = statements if isinstance(statements, list) else [statements]
    if all(isinstance(row, dict) and row.get("Principal") == {"Service": _INVOKER} for row in rows):
        return ""
    return "others than functions may act as it"
