"""How each cloud is entered, and what to do where it does not let us in: one module a cloud."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any, Protocol, cast

from posture.models import Account
from scanners.collectors.cloud import Caller, Refusal


class Way(Protocol):
    """`connection` is what the cloud's `connect` takes: of an account that is stored, or is about to be.

    An account without an id and without a way of its own is that of this machine's credentials.
    """

    def connection(self, account: Account) -> Any: ...

    def probe(self, account: Account) -> Caller:
        """Who we are there, found out while a person waits.  Raises Refusal."""

    def refused(self, refusal: Refusal, account: Account) -> str:
        """On a page: what to mend."""

    def refused_here(self, refusal: Refusal) -> str:
        """In a shell, with this machine's own credentials."""


@cache
def way(provider: str) -> Way:
    """Imported when it is needed: who scans one cloud need not load the libraries of three."""
    return cast(Way, import_module(f"{__name__}.{provider}"))
