"""Google is asked about no made-up things: of what is not there it says as of what we may not see.

"Permission denied on resource (or it may not exist)": the wording of most APIs, Google Cloud error messages, 2026.
"""

from __future__ import annotations

from scanners.collectors.cloud import Call, Params
from scanners.model import Place


def params(call: Call, place: Place) -> Params | None:
    return None


def why_not(call: Call) -> str:
    return "Google says the same of what is not there and of what we may not see"


def proves(call: Call, code: str) -> bool:
    """Whether this refusal is heard only by those who may ask."""
    return code in call.absent
