"""What a fault rule says, and when it strikes: the same words for the doubles of all clouds."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any, Protocol


class Call(Protocol):
    """`text` is what `contains` looks in: the request as it was sent."""

    @property
    def service(self) -> str: ...

    @property
    def operation(self) -> str: ...

    @property
    def region(self) -> str: ...

    @property
    def text(self) -> str: ...


HTML = b"<!doctype html><html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"
WORDS = {
    "service",
    "operation",
    "region",
    "contains",
    "error",
    "latency_ms",
    "reset",
    "truncate",
    "html",
    "times",
    "probability",
    "seed",
}


@dataclass
class Rule:
    """When a call meets all that the rule names, the rule strikes: at most `times`, and only with its `probability`."""

    said: dict[str, Any]
    struck: int = 0
    dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        if unknown := set(self.said) - WORDS:
            raise ValueError(f"A fault rule has no {', '.join(sorted(unknown))}")
        self.dice = random.Random(self.said.get("seed", 0))  # noqa: S311 - repeatable on purpose

    def strikes(self, call: Call) -> bool:
        for word in ("service", "operation", "region"):
            if self.said.get(word, "*") not in ("*", getattr(call, word)):
                return False
        if (part := self.said.get("contains")) and part not in call.text:
            return False
        if self.struck >= self.said.get("times", float("inf")):
            return False
        if self.dice.random() >= self.said.get("probability", 1.0):
            return False
        self.struck += 1
        return True
