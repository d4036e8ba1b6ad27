"""The shape of a door: somebody who may be become with a token of another issuer, and what it says of each token."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from scanners.access.explorer import Answer, Decided, Principal
from scanners.graph.federation.tokens import Token

Reason = tuple[str, str, Decided]  # (what is asked, on what, the decision)
_WORST = (Answer.ALLOWED, Answer.IF, Answer.UNKNOWN, Answer.DENIED)


@dataclass(frozen=True, slots=True)
class Opened:
    """How a door opens: all its locks, each with its decision.  No lock is denied."""

    because: tuple[Reason, ...]
    assumes: tuple[str, ...] = ()

    @property
    def answer(self) -> Answer:
        return max((decided.answer for _, _, decided in self.because), key=_WORST.index, default=Answer.ALLOWED)

    @property
    def unknown(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(why for _, _, one in self.because for why in one.unknown_because))


class Door(Protocol):
    """`rule` and `title` say how one comes in.  `issuer` as tokens have it."""

    @property
    def target(self) -> Principal: ...

    @property
    def issuer(self) -> str: ...

    @property
    def rule(self) -> str: ...

    @property
    def title(self) -> str: ...

    def named(self) -> Iterable[Token]:
        """Whom the door itself speaks of."""

    def opens(self, token: Token) -> Opened | None:
        """None where it surely stays shut."""


@dataclass(frozen=True, slots=True)
class Doors:
    """Those of one account.  `unread`: what was not read and may be a door, or a lock of one."""

    doors: tuple[Door, ...]
    unread: tuple[str, ...] = ()


def told(gaps: Iterable[object]) -> tuple[str, ...]:
    """Of gaps, for people."""
    return tuple(
        dict.fromkeys(f"{getattr(gap, 'call', gap)} was not read ({getattr(gap, 'code', '')})" for gap in gaps)
    )
