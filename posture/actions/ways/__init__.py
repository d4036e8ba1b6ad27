"""How each cloud is entered, and what to do where it does not let us in: one module a cloud."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import Any, Protocol, cast

from posture.models import Account, Organisation
from scanners.collectors.cloud import Caller, Refusal
from scanners.model import Gap


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

    def root(self, organisation: Organisation) -> Any:
        """What the cloud's `connect` takes to list the accounts of an organisation."""

    def lister(self, organisation: Organisation) -> Account | None:
        """The account that lists the others, where one does: its way in is tried before it is used."""

    def entrance(self, organisation: Organisation, ref: str, *, own: bool) -> dict[str, Any]:
        """The fields of an account that is entered through its organisation; `own`: it is the lister."""

    def unlisted(self, gaps: Sequence[Gap], organisation: Organisation) -> str:
        """On a page: what to mend where the accounts could not be listed."""


@cache
def way(provider: str) -> Way:
    """Imported when it is needed: who scans one cloud need not load the libraries of three."""
    return cast(Way, import_module(f"{__name__}.{provider}"))


def each(gaps: Sequence[Gap]) -> str:
    """Every road that was refused, and what it needs."""
    return "; ".join(f"{gap.call} was refused ({gap.code}), it needs {gap.permission}" for gap in gaps)
