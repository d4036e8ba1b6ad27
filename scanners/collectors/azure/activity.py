"""The activity log of a subscription: who did what, folded to the day of the last time.

It has what was written, deleted and acted through Resource Manager, for 90 days; what was only read and what was done
to data leave no line in it ("Azure Monitor activity log", read 2026-11).  The log is asked window by window, the newest
first, and a window for `PAGES` pages at most; behind one that has more, older windows are not asked.  What was read of
it counts all the same: a use is a use.

Of a line are kept who, by the object id in the claims of the token, the operation, the day, and the resource group or
the subscription that it fell on ("Azure Activity Log event schema", read 2026-11).  Lines that Azure Policy writes
about the work of others are left out.  An attempt that was refused counts as use: it takes nothing away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from scanners.collectors.azure.authorization import THE_SUBSCRIPTION
from scanners.collectors.azure.words import listing
from scanners.collectors.cloud import CUT, Collector, Detail, Params, ParseError, Refusal
from scanners.collectors.door import Door
from scanners.model import Identity, Place, Resource, State

ACTIVITY = "Microsoft.Insights/eventtypes"
PAGES = 50  # of about 200 lines
WINDOWS = {  # by name: (from, to) in days ago.  What began more than 90 days ago is refused
    "00-01": (1, -1), "01-07": (7, 1), "07-30": (30, 7), "30-60": (60, 30), "60-89": (89, 60),
}  # fmt: skip
OBJECT_ID = "http://schemas.microsoft.com/identity/claims/objectidentifier"
OF_POLICY = "microsoft.authorization/policies/"
FIELDS = "authorization,caller,claims,eventTimestamp,operationName,resourceId"
LOG = listing("monitor", "activity_logs.list", f"{ACTIVITY}/values/read", params={"$select": FIELDS}, pages=PAGES)


def slim(page: Mapping[str, Any]) -> dict[str, Any]:
    """A page with what is kept of its lines, in the log's own form: a day, not a moment, and each only once.

    Raises Refusal for what is no line.
    """
    try:
        last = _last(page["value"])
    except ParseError as broken:
        raise Refusal(State.PARSE_ERROR, "NotUnderstood", str(broken)) from broken
    lines = [
        {"claims": {OBJECT_ID: who}, "authorization": {"action": did, "scope": where}, "eventTimestamp": day}
        for (who, did, where), day in last.items()
    ]
    return {**page, "value": lines}


def _last(lines: Iterable[Any]) -> dict[tuple[str, str, str], str]:
    """{(who, operation, where): day of the last time}.  Raises ParseError for what is no line."""
    last: dict[tuple[str, str, str], str] = {}
    for line in lines:
        if not isinstance(line, dict):
            raise ParseError("a line of the log is no object")
        who, operation, day = _who(line), _operation(line), _text(line.get("eventTimestamp"))[:10]
        if who and operation and not operation.startswith(OF_POLICY):
            key = who, operation, _where(line)
            last[key] = max(last.get(key, ""), day)
    return last


def _who(line: Mapping[str, Any]) -> str:
    """By object id; where the claims have none, as the log names the caller.  In small letters."""
    claims = line.get("claims")
    told = claims.get(OBJECT_ID) if isinstance(claims, dict) else None
    return (_text(told) or _text(line.get("caller"))).casefold()


def _operation(line: Mapping[str, Any]) -> str:
    """In small letters."""
    asked, name = line.get("authorization"), line.get("operationName")
    action = _text(asked.get("action")) if isinstance(asked, dict) else ""
    return (action or (_text(name.get("value")) if isinstance(name, dict) else "")).casefold()


def _where(line: Mapping[str, Any]) -> str:
    """The resource group, else the whole subscription; in small letters."""
    asked = line.get("authorization")
    scope = (_text(asked.get("scope")) if isinstance(asked, dict) else "") or _text(line.get("resourceId"))
    steps = [step for step in scope.casefold().split("/") if step]
    return f"/{'/'.join(steps[:4] if steps[2:3] == ['resourcegroups'] else steps[:2])}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def windows(log: Resource) -> Iterator[tuple[str, Params]]:
    """The newest, and then each whose younger neighbour was read to its end."""
    read = {name: answer["whole"].value for name, answer in log.each(LOG.section)}
    for name, (begin, end) in WINDOWS.items():
        yield name, {"$filter": f"eventTimestamp ge '{{{begin} days ago}}' and eventTimestamp le '{{{end} days ago}}'"}
        if read.get(name) is not True:
            return


def folded(lines: list[Any], door: Door) -> dict[str, Any]:
    """{"whole": whether the window was read to its end, "used": {who: {operation: {where: day}}}}"""
    used: dict[str, dict[str, dict[str, str]]] = {}
    for (who, operation, where), day in _last(line for line in lines if line != CUT).items():
        used.setdefault(who, {}).setdefault(operation, {})[where] = day
    return {"whole": CUT not in lines, "used": used}


def the_log(place: Place, item: Any) -> Identity:
    id = item.get("subscriptionId")
    if not isinstance(id, str):
        raise ParseError("the subscription tells no id")
    return Identity(f"/subscriptions/{id}/providers/{ACTIVITY}/management", "Activity log")


COLLECTORS = (
    Collector(
        kind=ACTIVITY,
        listing=THE_SUBSCRIPTION,
        identify=the_log,
        shape=lambda item, door: {},
        service="subscription",
        everywhere=False,
        details=(Detail(LOG, each=windows, shape=folded),),
    ),
)
