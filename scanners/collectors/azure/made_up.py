"""Azure is asked about no made-up things: whether it looks for the thing or for the right first differs by provider."""

from __future__ import annotations

from scanners.collectors.cloud import Call, Params
from scanners.model import Place


def params(call: Call, place: Place) -> Params | None:
    return None


def why_not(call: Call) -> str:
    return "Azure does not promise to look at our rights before it looks for the thing"


def proves(call: Call, code: str) -> bool:
    """Whether this refusal is heard only by those who may ask."""
    return code in call.absent
