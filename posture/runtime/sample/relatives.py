"""The other accounts of a sample family: the shop again, under names of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Protocol

from posture.runtime.sample.gcp.double import Reply

Names = Mapping[str, str]  # what the shop is called → what the relative is


class Answering(Protocol):
    def reply(self, verb: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply: ...


class Relatives:
    """Stands before a double: who asks about a relative is told of the shop, with the names changed.

    So a fault rule that `contains` a name knows the shop's alone.
    """

    def __init__(self, double: Answering, relatives: Callable[[], Iterable[Names]]) -> None:
        self._double, self._relatives = double, relatives

    def reply(self, verb: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        asked = target + body.decode(errors="replace")
        for names in self._relatives():
            if any(name in asked for name in names.values()):
                back = {theirs: ours for ours, theirs in names.items()}
                told = self._double.reply(verb, _renamed(target, back), headers, _renamed(body.decode(), back).encode())
                return replace(told, body=_renamed(told.body.decode(), names).encode())
        return self._double.reply(verb, target, headers, body)


def _renamed(text: str, names: Names) -> str:
    for before, after in names.items():
        text = text.replace(before, after)
    return text
