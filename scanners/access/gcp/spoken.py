"""What an expression says, in words: “the resource's name begins with …”."""

from __future__ import annotations

from scanners.access.gcp.grammar import Term

NAMES = {
    "resource.name": "the resource's name",
    "resource.type": "the resource's type",
    "resource.service": "the resource's service",
    "request.time": "the time of the request",
    "request.auth.access_levels": "the caller's access levels",
    "destination.ip": "the address that is reached",
    "destination.port": "the port that is reached",
    "origin.ip": "the caller's address",
    "request.host": "the host that is asked",
    "request.path": "the path that is asked",
    "principal.type": "the kind of the caller",
    "principal.subject": "the caller",
}
COMPARED = {
    "==": "is",
    "!=": "is not",
    "<": "is below",
    "<=": "is at most",
    ">": "is above",
    ">=": "is at least",
    "in": "is one of",
}
TIMED = {"<": "is before", "<=": "is not after", ">": "is after", ">=": "is not before"}
METHODS = {
    "startsWith": "begins with",
    "endsWith": "ends with",
    "contains": "contains",
    "matches": "matches",
    "hasOnly": "has nothing but",
    "inIpRange": "is within",
}
PARTS = {
    "getFullYear": "year",
    "getMonth": "month (January is 0)",
    "getDate": "day of the month",
    "getDayOfMonth": "day of the month (the first is 0)",
    "getDayOfWeek": "day of the week (Sunday is 0)",
    "getDayOfYear": "day of the year (the first is 0)",
    "getHours": "hour",
    "getMinutes": "minute",
    "getSeconds": "second",
    "getMilliseconds": "millisecond",
}


def spoken(term: Term) -> str:
    """For people.  What has no words of its own stands as it is written."""
    if term.path in NAMES:
        return NAMES[term.path]
    if term.op in COMPARED:
        left, right = term.parts
        words = TIMED if left.path == "request.time" else COMPARED
        return f"{spoken(left)} {words.get(term.op, COMPARED[term.op])} {spoken(right)}"
    if term.op in ("and", "or"):
        return f" {term.op} ".join(spoken(part) for part in term.parts)
    if term.op == "not":
        return f"not ({spoken(term.parts[0])})"
    if term.op == "value" and isinstance(term.value, str):
        return f"“{term.value}”"
    if term.op == "list":
        return ", ".join(spoken(part) for part in term.parts)
    if term.op == "call":
        return _called(term)
    return term.source


def _called(term: Term) -> str:
    if not term.method:
        return spoken(term.parts[0]) if term.name in ("timestamp", "duration", "date") and term.parts else term.source
    owner, *given = term.parts
    told = [spoken(one) for one in given]
    if term.name in PARTS:
        zone = f" in {told[0]}" if told else ""
        return f"the {PARTS[term.name]} of {spoken(owner)}{zone}"
    if term.name in METHODS and given:
        return f"{spoken(owner)} {METHODS[term.name]} {', '.join(told)}"
    if owner.path == "resource" and given:
        if term.name in ("matchTag", "matchTagId"):
            return f"the resource has the tag {' with the value '.join(told)}"
        if term.name in ("hasTagKey", "hasTagKeyId"):
            return f"the resource has a tag {told[0]}"
    if owner.path == "api" and term.name == "getAttribute" and given:
        return told[0]
    return term.source
