"""What mends a call that gave no answer.

AWS says in its refusals which kind of policy decided (IAM User Guide, "Troubleshoot access denied error messages",
2025); where it says nothing, a missing statement is by far the likeliest.
"""

from __future__ import annotations

import re

_EXPLICIT = re.compile(r"explicit deny in an? (?P<kind>[a-z -]*(?:policy|boundary))", re.IGNORECASE)
_NOT_ALLOWED = re.compile(
    r"because no (?P<kind>service control policy|resource control policy|permissions boundary|session policy|"
    r"VPC endpoint policy) allows",
    re.IGNORECASE,
)
_ORGANISATION = ("service control policy", "resource control policy")
_CREDENTIALS = {
    "ExpiredToken", "ExpiredTokenException", "InvalidAccessKeyId", "InvalidClientTokenId", "InvalidToken",
    "RequestExpired", "SignatureDoesNotMatch", "InvalidSignatureException", "UnrecognizedClientException",
    "TokenRefreshRequired", "AuthFailure",
}  # fmt: skip
_NOT_SUBSCRIBED = {"OptInRequired", "SubscriptionRequiredException"}
_OTHER = {
    "throttled": "AWS asked us to slow down until we gave up. The next scan asks again; a quieter hour may help.",
    "unreachable": "No answer came back. The next scan asks again; if it stays so, check the road from this machine.",
    "parse_error": "An answer came that we do not understand, so it counts as unread. That is our mistake: report it.",
    "unsupported": "AWS does not know this call there. Nothing in the account mends that.",
    "skipped": "It was left out by choice, and stays unknown until a scan includes it.",
    "not_opted_in": "The region is not open in this account.",
}


def remedy(state: str, code: str, message: str) -> tuple[str, bool]:
    """(what to do, in a sentence or two; whether a statement in our own policy would do it)."""
    if state != "denied":
        return _OTHER.get(state, "Nothing is known that mends this."), False
    if code in _CREDENTIALS:
        return "The credentials of the scan were not accepted any more. Scan again with fresh ones.", False
    if code in _NOT_SUBSCRIBED:
        return "The account has not signed up for this service there, and it answers nobody.", False
    decided = _EXPLICIT.search(message) or _NOT_ALLOWED.search(message)
    kind = decided["kind"].strip() if decided else ""
    if kind.lower() in _ORGANISATION:
        return (
            f"A {kind.lower()} of the organisation denies it, and no statement in this account can undo that. "
            "Ask whoever keeps the organisation's policies to leave out the scanning role.",
            False,
        )
    if decided and decided.re is _EXPLICIT:
        return (
            f"An explicit deny in its {kind} refuses it. Take it away; allowing the call as well does not help.",
            False,
        )
    if kind:
        return f"The {kind} leaves it out. Allow it there too; the role's own policy alone does not help.", True
    return "Add this statement to the policy of the scanning role.", True
