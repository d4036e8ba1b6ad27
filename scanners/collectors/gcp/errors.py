"""What Google's refusals mean.  Proof of absence is never decided here: each call names its own codes for that.

Answers carry google.rpc.Status ("Errors", Google APIs design guide), older APIs (Storage, BigQuery, Cloud SQL, Compute)
the list `errors` with a reason instead; codes here are the names of google.rpc.Code either way, and the reason where
that says more.

An API that is switched off (SERVICE_DISABLED) is neither an absence nor a denial.  Switched off in the project that is
looked at, nothing can be asked there, and new resources cannot be made; those made before may live on (a bucket serves
its objects).  So the listing is not read and what was known stays known, and coverage counts it like a region that was
never opened.  Switched off in the project that the *scanner* belongs to, it is a denial like others: the gap names it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from scanners.collectors.cloud import Refusal
from scanners.model import State

OFF = "SERVICE_DISABLED"
STATES = {
    "UNAUTHENTICATED": State.DENIED,
    "PERMISSION_DENIED": State.DENIED,
    "RESOURCE_EXHAUSTED": State.THROTTLED,
    "RATE_LIMIT_EXCEEDED": State.THROTTLED,
    "UNKNOWN": State.UNREACHABLE,
    "INTERNAL": State.UNREACHABLE,
    "UNAVAILABLE": State.UNREACHABLE,
    "DEADLINE_EXCEEDED": State.UNREACHABLE,
    "ABORTED": State.UNREACHABLE,
    "CANCELLED": State.UNREACHABLE,
    "INVALID_ARGUMENT": State.UNSUPPORTED,
    "FAILED_PRECONDITION": State.UNSUPPORTED,
    "OUT_OF_RANGE": State.UNSUPPORTED,
    "NOT_FOUND": State.UNSUPPORTED,
    "UNIMPLEMENTED": State.UNSUPPORTED,
}
CODES = {  # HTTP status → google.rpc.Code, for answers without a status of their own
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
THROTTLING = {"rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "RATE_LIMIT_EXCEEDED"}  # sent as 403, too
SWITCHED_OFF = {"accessNotConfigured", OFF}


class _Error(msgspec.Struct):
    message: str = ""
    status: str = ""
    details: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []


class _Body(msgspec.Struct):
    error: _Error


def refusal(status: int, headers: Mapping[str, str], body: bytes, ours: Callable[[str], bool]) -> Refusal:
    """An answer that is no success.  `ours` says of a project's id or number whether it is the one looked at."""
    try:
        said = msgspec.json.decode(body, type=_Body).error
    except (msgspec.DecodeError, UnicodeDecodeError):  # a proxy's page, or a body cut off
        if state := STATES.get(CODES.get(status, "")):
            return Refusal(state, CODES[status], f"HTTP {status} without a reason", _retry_after(headers))
        state = State.UNREACHABLE if status >= 500 else State.PARSE_ERROR
        return Refusal(state, str(status), f"HTTP {status} without a reason", _retry_after(headers))
    reasons = _reasons(said)
    if reasons & SWITCHED_OFF:
        return _switched_off(said, ours)
    code = said.status or CODES.get(status, str(status))
    state = STATES.get(code) or (State.UNREACHABLE if status >= 500 else State.UNSUPPORTED)
    if reasons & THROTTLING:
        code, state = "RATE_LIMIT_EXCEEDED", State.THROTTLED
    return Refusal(state, code, said.message, _retry_after(headers) or _retry_info(said))


def _reasons(said: _Error) -> set[str]:
    return {str(one.get("reason", "")) for one in (*said.details, *said.errors)}


def _switched_off(said: _Error, ours: Callable[[str], bool]) -> Refusal:
    owners = {
        str(metadata.get("consumer", "")).rpartition("/")[2]
        for one in said.details
        if isinstance(metadata := one.get("metadata"), dict)
    } - {""}
    if any(ours(owner) for owner in owners):
        return Refusal(State.NOT_OPTED_IN, OFF, said.message)
    return Refusal(State.DENIED, OFF, said.message)  # off in the scanner's own project, or it is not said where


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds."""
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:  # none, or a date, which Google does not send
        return None


def _retry_info(said: _Error) -> float | None:
    """Seconds, of google.rpc.RetryInfo: "1.5s"."""
    for one in said.details:
        delay = str(one.get("retryDelay", ""))
        if delay.endswith("s") and delay[:-1].replace(".", "", 1).isdigit():
            return float(delay[:-1])
    return None
