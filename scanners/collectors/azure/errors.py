"""What Azure's refusals mean.  Proof of absence is never decided here: each call names its own codes for that.

Resource Manager and Microsoft Graph both answer {"error": {"code", "message"}} ("Troubleshoot common Azure deployment
errors", "Microsoft Graph error responses", read 2026-11); App Service writes the names with capitals.

A resource provider that is not registered in the subscription is neither an absence nor a denial: nothing can be asked
of it there, and coverage counts it like a region that was never opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from scanners.collectors.cloud import Refusal
from scanners.model import State

STATES = {
    "AuthorizationFailed": State.DENIED,
    "LinkedAuthorizationFailed": State.DENIED,
    "AuthenticationFailed": State.DENIED,
    "ExpiredAuthenticationToken": State.DENIED,
    "InvalidAuthenticationToken": State.DENIED,
    "InvalidAuthenticationTokenTenant": State.DENIED,
    "RequestDisallowedByPolicy": State.DENIED,
    "DenyAssignmentAuthorizationFailed": State.DENIED,
    "Forbidden": State.DENIED,
    "SubscriptionNotFound": State.DENIED,  # it may be there, and is not shown to us
    "Authorization_RequestDenied": State.DENIED,
    "Authentication_RequestFromNonPremiumTenantOrB2CTenant": State.DENIED,
    "AccessDenied": State.DENIED,
    "MissingSubscriptionRegistration": State.NOT_OPTED_IN,
    "SubscriptionNotRegistered": State.NOT_OPTED_IN,
    "NoRegisteredProviderFound": State.UNSUPPORTED,
    "TooManyRequests": State.THROTTLED,
    "SubscriptionRequestsThrottled": State.THROTTLED,
    "RateLimiting": State.THROTTLED,
    "activityLimitReached": State.THROTTLED,
    "InternalServerError": State.UNREACHABLE,
    "ServiceUnavailable": State.UNREACHABLE,
    "serviceNotAvailable": State.UNREACHABLE,
    "GatewayTimeout": State.UNREACHABLE,
    "ServerTimeout": State.UNREACHABLE,
}
OF_STATUS = {
    401: ("AuthenticationFailed", State.DENIED),
    403: ("Forbidden", State.DENIED),
    408: ("RequestTimeout", State.UNREACHABLE),
    429: ("TooManyRequests", State.THROTTLED),
}


class _Body(msgspec.Struct):
    error: Any = None
    code: Any = msgspec.field(default=None, name="Code")
    message: Any = msgspec.field(default="", name="Message")


def refusal(status: int, headers: Mapping[str, str], body: bytes) -> Refusal:
    """An answer that is no success.  The status says more than a code that nobody has written down."""
    code, message = _told(body)
    usual, state = OF_STATUS.get(status, (str(status), State.UNREACHABLE if status >= 500 else State.UNSUPPORTED))
    if not code and 300 <= status < 400:
        state = State.PARSE_ERROR
    if status in (429, 503):  # a code beside it explains, and changes nothing
        known = State.THROTTLED if status == 429 else STATES.get(code, State.UNREACHABLE)
        known = known if known in (State.THROTTLED, State.UNREACHABLE) else State.UNREACHABLE
    else:
        known = STATES.get(code, state)
    return Refusal(known, code or usual, message or f"HTTP {status} without a reason", _wait(headers))


def _told(body: bytes) -> tuple[str, str]:
    try:
        said = msgspec.json.decode(body, type=_Body)
    except (msgspec.DecodeError, UnicodeDecodeError):  # a proxy's page, or a body cut off
        return "", ""
    told = said.error if isinstance(said.error, dict) else {"code": said.code, "message": said.message}
    return _text(told.get("code"))[:100], _text(told.get("message"))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _wait(headers: Mapping[str, str]) -> float | None:
    """Seconds.  Resource Graph says when its quota is whole again as hours, minutes and seconds: 00:00:05."""
    try:
        if told := headers.get("retry-after", ""):
            return max(0.0, float(told))
        if headers.get("x-ms-user-quota-remaining") == "0":
            hours, minutes, seconds = (float(part) for part in headers["x-ms-user-quota-resets-after"].split(":"))
            return hours * 3600 + minutes * 60 + seconds
    except (ValueError, KeyError):  # none, or a date
        return None
    return None
