"""Into Google Cloud: a service account to become, or the machine's own credentials; never a key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from posture.actions.ways import each
from posture.models import Account, Organisation
from scanners import scan
from scanners.collectors.cloud import Caller, Refusal
from scanners.collectors.gcp import account as gcp
from scanners.model import Gap, Provider

IMPERSONATE = "impersonate"  # in Account.way: the service account's address
CHAIN = "`gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS"


def connection(account: Account) -> gcp.Connection:
    return gcp.Connection(account.ref, account.way.get(IMPERSONATE, ""), account.endpoint)


def probe(account: Account) -> Caller:
    return scan.probe(Provider.GCP, connection(account))


def refused(refusal: Refusal, account: Account) -> str:
    becoming = account.way.get(IMPERSONATE, "")
    if said := _not_at_all(refusal, becoming):
        return said
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


def _not_at_all(said: Refusal | Gap, becoming: str) -> str:
    """Where nobody was asked anything yet; else nothing."""
    if said.state == "unreachable":
        return f"Google did not answer in time ({said.code}): check this machine's network and try again."
    if said.code == "RefreshError" and becoming:
        return (
            f"Google did not let us become {becoming}. Check that it is there, and that this machine's identity has "
            "roles/iam.serviceAccountTokenCreator on it; wait a minute when that is new."
        )
    if said.code == "DefaultCredentialsError":
        return f"This machine has no Google credentials of its own: give it a service account, run {CHAIN}."
    return ""


def refused_here(refusal: Refusal) -> str:
    if refusal.state == "unreachable":
        return f"Google cannot be reached ({refusal.code}): check the network, the proxy, and endpoint overrides."
    if refusal.code == "DefaultCredentialsError":
        return f"No Google credentials were found: run {CHAIN}."
    if refusal.code == "NoProject":
        return "These Google credentials name no project: set GOOGLE_CLOUD_PROJECT."
    return f"Google refused these credentials ({refusal.code}): {refusal.message}"


def root(organisation: Organisation) -> gcp.Connection:
    way = organisation.way
    return gcp.Connection(root=organisation.ref, impersonate=way.get(IMPERSONATE, ""), endpoint=organisation.endpoint)


def lister(organisation: Organisation) -> None:
    """No project lists the others."""


def entrance(organisation: Organisation, ref: str, *, own: bool) -> dict[str, Any]:
    return {"way": organisation.way}


def unlisted(gaps: Sequence[Gap], organisation: Organisation) -> str:
    becoming = organisation.way.get(IMPERSONATE, "")
    if said := _not_at_all(gaps[-1], becoming):
        return said
    if not any(gap.state == "denied" for gap in gaps):
        return f"The projects in {organisation.ref} are not known: {gaps[-1].message}"
    who = becoming or "this machine's identity"
    return (
        f"Google did not list the projects in {organisation.ref}: {each(gaps)}. One of the two roads is enough. Check "
        f"the id, and that {who} has the role below in it; SERVICE_DISABLED is mended by gcloud services enable in the "
        "project that our credentials belong to."
    )
