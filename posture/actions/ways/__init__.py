"""How each cloud is entered, and what to do where it does not let us in: one row a cloud."""

from __future__ import annotations

from typing import Any, Protocol

from posture.actions.ways import aws, azure, gcp
from posture.models import Account
from scanners.collectors.cloud import Caller, Refusal
from scanners.model import Provider


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


WAYS: dict[str, Way] = {Provider.AWS: aws, Provider.GCP: gcp, Provider.AZURE: azure}
