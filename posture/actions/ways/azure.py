"""Into Azure: the machine's own identity, narrowed to a tenant and a client where asked; never a secret."""

from __future__ import annotations

from posture.models import Account
from scanners import scan
from scanners.collectors.azure import account as azure
from scanners.collectors.cloud import Caller, Refusal
from scanners.model import Provider

CHAIN = "sign in with `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and the client's certificate or secret"
NOBODY = ("ClientAuthenticationError", "CredentialUnavailableError")


def connection(account: Account) -> azure.Connection:
    """`tenant` and `client` stand in Account.way."""
    way = account.way
    return azure.Connection(account.ref, way.get("tenant", ""), way.get("client", ""), account.endpoint)


def probe(account: Account) -> Caller:
    return scan.probe(Provider.AZURE, connection(account))


def refused(refusal: Refusal, account: Account) -> str:
    if refusal.state == "unreachable":
        return f"Azure did not answer in time ({refusal.code}): check this machine's network and try again."
    if refusal.code in NOBODY:
        return f"Azure knows no identity of this machine ({refusal.code}): give it a managed identity, or {CHAIN}."
    if refusal.state in ("denied", "unsupported"):
        return (
            f"Azure did not let us see subscription {account.ref} ({refusal.code}). Check its id and its tenant, and "
            "that this machine's identity has the role below in it; wait some minutes when that is new."
        )
    return f"Azure refused ({refusal.code}): {refusal.message}"


def refused_here(refusal: Refusal) -> str:
    if refusal.state == "unreachable":
        return f"Azure cannot be reached ({refusal.code}): check the network, the proxy, and AZURE_AUTHORITY_HOST."
    if refusal.code in NOBODY:
        return f"No Azure credentials were found: {CHAIN}."
    if refusal.code == "InvalidSubscriptionId":
        return "No subscription was named: set AZURE_SUBSCRIPTION_ID to its id."
    return f"Azure refused these credentials ({refusal.code}): {refusal.message}"
