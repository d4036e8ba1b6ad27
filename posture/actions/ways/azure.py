"""Into Azure: the machine's own identity, narrowed to a tenant and a client where asked; never a secret."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from posture.actions.ways import each
from posture.models import Account, Organisation
from scanners import scan
from scanners.collectors.azure import account as azure
from scanners.collectors.cloud import Caller, Refusal
from scanners.model import Gap, Provider

CHAIN = "sign in with `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and the client's certificate or secret"
NOBODY = ("ClientAuthenticationError", "CredentialUnavailableError")


def connection(account: Account) -> azure.Connection:
    """`tenant` and `client` stand in Account.way."""
    way = account.way
    return azure.Connection(account.ref, way.get("tenant", ""), way.get("client", ""), account.endpoint)


def probe(account: Account) -> Caller:
    return scan.probe(Provider.AZURE, connection(account))


def refused(refusal: Refusal, account: Account) -> str:
    if said := _not_at_all(refusal):
        return said
    if refusal.state in ("denied", "unsupported"):
        return (
            f"Azure did not let us see subscription {account.ref} ({refusal.code}). Check its id and its tenant, and "
            "that this machine's identity has the role below in it; wait some minutes when that is new."
        )
    return f"Azure refused ({refusal.code}): {refusal.message}"


def _not_at_all(said: Refusal | Gap) -> str:
    """Where nobody was asked anything yet; else nothing."""
    if said.state == "unreachable":
        return f"Azure did not answer in time ({said.code}): check this machine's network and try again."
    if said.code in NOBODY:
        return f"Azure knows no identity of this machine ({said.code}): give it a managed identity, or {CHAIN}."
    return ""


def refused_here(refusal: Refusal) -> str:
    if refusal.state == "unreachable":
        return f"Azure cannot be reached ({refusal.code}): check the network, the proxy, and AZURE_AUTHORITY_HOST."
    if refusal.code in NOBODY:
        return f"No Azure credentials were found: {CHAIN}."
    if refusal.code == "InvalidSubscriptionId":
        return "No subscription was named: set AZURE_SUBSCRIPTION_ID to its id."
    return f"Azure refused these credentials ({refusal.code}): {refusal.message}"


def root(organisation: Organisation) -> azure.Connection:
    way = organisation.way
    return azure.Connection(
        root=organisation.ref,
        tenant=way.get("tenant", ""),
        client=way.get("client", ""),
        endpoint=organisation.endpoint,
    )


def lister(organisation: Organisation) -> None:
    """No subscription lists the others."""


def entrance(organisation: Organisation, ref: str, *, own: bool) -> dict[str, Any]:
    return {"way": organisation.way}


def unlisted(gaps: Sequence[Gap], organisation: Organisation) -> str:
    if said := _not_at_all(gaps[0]):
        return said
    if gaps[0].state not in ("denied", "unsupported"):
        return f"The subscriptions in {organisation.ref} are not known: {gaps[0].message}"
    return (
        f"Azure did not list the subscriptions in management group {organisation.ref}: {each(gaps)}. Check its id and "
        "its tenant, and that this machine's identity has the role below in it; wait some minutes when that is new."
    )
