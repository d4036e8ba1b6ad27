"""Pages for the lists that moto gives on one page, in the words of each service."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from posture.runtime.sample.emulator.answers.kinds import Answer, MotoSays
from posture.runtime.sample.emulator.wire import Call, Refused


@dataclass(frozen=True, slots=True)
class Paged:
    """Cut `items` of moto's full answer into pages."""

    items: str
    limit: str
    token: str
    next: str
    default: int = 100
    truncated: str = ""
    refusal: str = "InvalidNextToken"

    def __call__(self, call: Call, moto_says: MotoSays) -> dict[str, Any]:
        return self.cut(moto_says(self.limit, self.token), call.params.get(self.limit), call.params.get(self.token))

    def cut(self, answer: dict[str, Any], limit: Any, token: str | None) -> dict[str, Any]:
        start = opened(token, self.refusal)
        end = start + int(limit or self.default)
        items = answer.get(self.items) or []
        answer[self.items] = items[start:end]
        more = end < len(items)
        answer.pop(self.next, None)
        if more:
            answer[self.next] = sealed(end)
        if self.truncated:
            answer[self.truncated] = more
        return answer


def sealed(place: int) -> str:
    return base64.urlsafe_b64encode(f"page:{place}".encode()).decode()


def opened(token: str | None, refusal: str = "InvalidNextToken") -> int:
    if not token:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token).decode().removeprefix("page:"))
    except ValueError:
        raise Refused(refusal, "The page token is not valid.") from None


KMS: dict[str, Any] = {
    "limit": "Limit",
    "token": "Marker",
    "next": "NextMarker",
    "truncated": "Truncated",
    "refusal": "InvalidMarkerException",
}

ANSWERS: dict[tuple[str, str], Answer] = {
    ("kms", "ListKeys"): Paged("Keys", **KMS),
    ("kms", "ListGrants"): Paged("Grants", **KMS),
}
