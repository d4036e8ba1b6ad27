"""Truth as a type: what was read is a Node, what was not read is a Gap, and touching a gap raises Unread.

Nothing here defaults to empty.  A check walks nodes; a node knows the JSON pointer it stands at, so the path a check
took to its verdict is the proof that people see.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import msgspec

ABSENT: Final = None  # the document of a call whose answer proved that the thing is not there


class State(StrEnum):
    """How a call ended: the state of a coverage cell."""

    READ = "read"
    ABSENT = "absent"
    DENIED = "denied"
    THROTTLED = "throttled"
    UNREACHABLE = "unreachable"
    UNSUPPORTED = "unsupported"
    NOT_OPTED_IN = "not_opted_in"
    PARSE_ERROR = "parse_error"
    SKIPPED = "skipped"
    OTHER_ROAD = "other_road"  # refused, and another call has answered the same question
    ELSEWHERE = "elsewhere"  # the cloud tells it to another account alone: nothing is missing here, and nothing known

    @property
    def known(self) -> bool:
        """Whether the account told all that it can tell."""
        return self in (State.READ, State.ABSENT, State.NOT_OPTED_IN, State.OTHER_ROAD, State.ELSEWHERE)


@dataclass(frozen=True, slots=True)
class Gap:
    """A call that gave no answer, and what would have allowed it."""

    call: str  # "lambda.GetPolicy"
    permission: str  # "lambda:GetPolicy"
    state: State
    code: str  # the cloud's own error code
    region: str
    message: str = ""  # bounded and redacted; not part of a finding's identity


class Unread(Exception):
    """Something a decision needs was not read.  The engine turns it into the verdict *unknown*."""

    def __init__(self, *gaps: Gap) -> None:
        super().__init__("; ".join(f"{gap.call} in {gap.region}: {gap.code}" for gap in gaps))
        self.gaps = gaps


class Node(msgspec.Struct, frozen=True, gc=False):
    """A place inside a document that was read.  `value` is None where the cloud left the field out.

    A check makes thousands of them: a struct is made five times as fast as a dataclass.
    """

    value: Any
    pointer: str  # JSON pointer (RFC 6901) into the resource's evidence
    call: str
    region: str
    ref: str = ""  # of the resource that holds the evidence

    @property
    def present(self) -> bool:
        return self.value is not None

    def __getitem__(self, key: str | int) -> Node:
        """A field or element that may be left out.  Asking a value of another type is a parse gap."""
        value = self.value
        if value is None:
            return self._child(key, None)
        if isinstance(key, str) and isinstance(value, dict):
            return self._child(key, value.get(key))
        if isinstance(key, int) and isinstance(value, list):
            return self._child(key, value[key] if key < len(value) else None)
        raise self._malformed("of another type than expected")

    def need(self, key: str) -> Node:
        """A field that the cloud always sends; its absence means that the answer was not understood."""
        child = self[key]
        if child.value is None:
            raise child._malformed("missing")
        return child

    def __iter__(self) -> Iterator[Node]:
        """The elements of a list.  A field left out has none; a lone object counts as a list of one (IAM's habit)."""
        if self.value is None:
            return
        if isinstance(self.value, list):
            for index, item in enumerate(self.value):
                yield self._child(index, item)
        else:
            yield self

    def items(self) -> Iterator[tuple[str, Node]]:
        if self.value is None:
            return
        if not isinstance(self.value, dict):
            raise self._malformed("not an object")
        for key, item in self.value.items():
            yield key, self._child(key, item)

    def text(self) -> str:
        if not isinstance(self.value, str):
            raise self._malformed("not a text")
        return self.value

    def _child(self, key: str | int, value: Any) -> Node:
        step = str(key).replace("~", "~0").replace("/", "~1")
        return Node(value, f"{self.pointer}/{step}", self.call, self.region, self.ref)

    def _malformed(self, why: str) -> Unread:
        return Unread(Gap(self.call, "", State.PARSE_ERROR, f"{self.pointer} is {why}", self.region))
