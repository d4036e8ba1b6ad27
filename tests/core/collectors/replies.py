"""A cloud that answers from a table: what a collector makes of answers, of refusals, and of pages."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from scanners.collectors.asker import Asker
from scanners.collectors.cloud import Call, Collector, Paging, Params, Refusal, at
from scanners.collectors.door import Door
from scanners.collectors.gather import Gathered, gather
from scanners.model import Place, State, Unit
from tests.core.cases import ACCOUNT, REGION

DOOR = Door(b"the key of this test installation")


@dataclass
class Replies:
    """`answers[operation]` is an answer or an error code; operations not named answer with nothing in them."""

    answers: dict[str, Any]
    asked: list[tuple[str, Params]] = field(default_factory=list)

    async def send(self, place: Place, call: Call, params: Params) -> Any:
        self.asked.append((call.operation, params))
        answer = self.answers.get(call.operation, {})
        if isinstance(answer, str):
            raise Refusal(State.DENIED, answer, "no")
        return answer

    def paging(self, call: Call) -> Paging | None:
        return None

    def rate(self, place: Place, call: Call) -> tuple[str, float]:
        return "all", 10_000.0

    def search(self, expression: str, answer: Any) -> Any:
        return at(expression, answer)


def gathered(collector: Collector, **answers: Any) -> Gathered:
    """What one collector makes of these answers: its unit in one region, with no cloud behind it."""
    asker = Asker(Replies(answers), Place(ACCOUNT, REGION), {})
    return asyncio.run(gather(Unit(REGION, collector.unit_service), (collector,), asker, DOOR))
