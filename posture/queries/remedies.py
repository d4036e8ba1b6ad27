"""What mends a call that gave no answer."""

from __future__ import annotations

from posture.queries.clouds import CLOUDS
from posture.queries.clouds.cloud import Remedy
from scanners.model import Provider

_OTHER = {
    "throttled": "{name} asked us to slow down until we gave up. The next scan asks again; a quieter hour may help.",
    "unreachable": "No answer came back. The next scan asks again; if it stays so, check the road from this machine.",
    "parse_error": "An answer came that we do not understand, so it counts as unread. That is our mistake: report it.",
    "unsupported": "{name} does not know this call there. Nothing in the {account} mends that.",
    "skipped": "It was left out by choice, and stays unknown until a scan includes it.",
    "not_opted_in": "{closed}",
    "elsewhere": "Only the account that manages the organisation is told this: connect it, and its scan tells.",
    "other_road": "Another call answers the same question, so nothing is missing.",
}


def remedy(state: str, code: str, message: str, provider: str = Provider.AWS) -> Remedy:
    """(what to do, in a sentence or two; whether a statement in our own policy would do it)."""
    cloud = CLOUDS[provider]
    if state == "denied":
        return cloud.denied(code, message)
    said = _OTHER.get(state, "Nothing is known that mends this.")
    return said.format(name=cloud.name, account=cloud.account, closed=cloud.closed), False
