"""The accounts under one root, as the cloud lists them: an organisation's, a folder's, a management group's.

Each cloud's folder has a module `family`: the calls that tell them, and `family(transport)`; scanners.scan chooses it.
Part of a family is no family: who stands in no list may have left, or the list may have broken off.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scanners.collectors.cloud import Caller, Refusal
from scanners.model import State

UNSEEN = "NotSeen"  # it is listed, and nobody tells us its state
# "Account", AWS Organizations API; "Project", Resource Manager API v3; "Azure subscription states"; read 2026-11
ACTIVE = {"ACTIVE", "Enabled", "PastDue", "Warned", UNSEEN}
GONE = {"SUSPENDED", "PENDING_CLOSURE", "CLOSED", "DELETE_REQUESTED", "Disabled", "Deleted"}


@dataclass(frozen=True, slots=True)
class Member:
    """An account, a project or a subscription.  `state` is the cloud's own word; one that is new to us says nothing."""

    ref: str
    name: str
    state: str

    @property
    def active(self) -> bool:
        return self.state in ACTIVE

    @property
    def gone(self) -> bool:
        return self.state in GONE

    @property
    def unseen(self) -> bool:
        return self.state == UNSEEN


@dataclass(frozen=True, slots=True)
class Family:
    """Read in full.  `who` asked; `management` is the account or the directory that the root belongs to."""

    ref: str
    members: tuple[Member, ...]
    who: Caller
    management: str = ""


def odd(why: str) -> Refusal:
    return Refusal(State.PARSE_ERROR, "NotUnderstood", f"The list was not understood: {why}.")


def whole(members: Iterable[Member]) -> tuple[Member, ...]:
    """By id, each once.  Raises Refusal: a list of nobody is not believed, for then everybody would have left."""
    found = {member.ref: member for member in members}
    if not found:
        raise odd("it names nobody")
    return tuple(found[ref] for ref in sorted(found))
