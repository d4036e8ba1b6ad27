"""Into Google Cloud: a service account to become, or the machine's own credentials; never a key."""

from __future__ import annotations

from posture.models import Account
from scanners import scan
from scanners.collectors.cloud import Caller, Refusal
from scanners.collectors.gcp import account as gcp
from scanners.model import Provider

IMPERSONATE = "impersonate"  # in Account.way: the service account's address
CHAIN = "`gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS"


def connection(account: Account) -> gcp.Connection:
    return gcp.Connection(account.ref, account.way.get(IMPERSONATE, ""), account.endpoint)


def probe(account: Account) -> Caller:
    return scan.probe(Provider.GCP, connection(account))


def refused(refusal: Refusal, account: Account) -> str:
    becoming = account.way.get(IMPERSONATE, "")
    if refusal.state == "unreachable":
        return f"Google did not answer in time ({refusal.code}): check this machine's network and try again."
    if refusal.code == "RefreshError" and becoming:
        return (
            f"Google did not let us become {becoming}. Check that it is there, and that this machine's identity has "
            "roles/iam.serviceAccountTokenCreator on it; wait a minute when that is new."
        )
    if refusal.code == "DefaultCredentialsError":
        return f"This machine has no Google credentials of its own: give it a service account, run {CHAIN}."
    if refusal.code == "SERVICE_DISABLED":
        return (
            "The Resource Manager API is switched off in the project that our credentials belong to: run "
            "gcloud services enable cloudresourcemanager.googleapis.com there."
        )
    if refusal.state == "denied":
        who = becoming or "this machine's identity"
        return (
            f"Google did not let us see project {account.ref} ({refusal.code}). Check its id, and that {who} has the "
            "role below in it; wait a minute when that is new."
        )
    return f"Google refused ({refusal.code}): {refusal.message}"


def refused_here(refusal: Refusal) -> str:
    if refusal.state == "unreachable":
        return f"Google cannot be reached ({refusal.code}): check the network, the proxy, and endpoint overrides."
    if refusal.code == "DefaultCredentialsError":
        return f"No Google credentials were found: run {CHAIN}."
    if refusal.code == "NoProject":
        return "These Google credentials name no project: set GOOGLE_CLOUD_PROJECT."
    return f"Google refused these credentials ({refusal.code}): {refusal.message}"
