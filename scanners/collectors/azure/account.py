"""The way into a subscription: credentials by Azure's own chain, and who we are there.

The chain is azure-identity's DefaultAzureCredential: a service principal's AZURE_CLIENT_ID, AZURE_TENANT_ID and secret
or certificate, workload identity (AZURE_FEDERATED_TOKEN_FILE), managed identity, and who signed in with Azure's tools.
What is stored of a connection is the subscription and, if asked for, the tenant and the client; never a secret.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import os
import re
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from azure.identity import DefaultAzureCredential

from scanners.collectors.azure.authorization import THE_SUBSCRIPTION as IDENTITY
from scanners.collectors.azure.http import Http
from scanners.collectors.azure.transport import Transport
from scanners.collectors.cloud import Caller, Refusal, Regions
from scanners.model import Place, Provider, State

REGIONS = IDENTITY  # nothing is asked region by region: listings answer for all locations at once
CLOUDS = {  # the authority that azure-identity is told (AZURE_AUTHORITY_HOST) → the hosts of the planes
    "login.microsoftonline.com": {"arm": "management.azure.com", "graph": "graph.microsoft.com"},
    "login.microsoftonline.us": {"arm": "management.usgovcloudapi.net", "graph": "graph.microsoft.us"},
    "login.chinacloudapi.cn": {"arm": "management.chinacloudapi.cn", "graph": "microsoftgraph.chinacloudapi.cn"},
}
PUBLIC = "login.microsoftonline.com"
ACCOUNT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
SAMPLE_PRINCIPAL = "5ca11e50-0000-4000-8000-000000000001"


@dataclass(frozen=True, slots=True)
class Connection:
    """What is stored of a way in.

    `tenant` and `client` narrow the chain: the directory to sign in to, and the managed or workload identity to be.
    `endpoint` is the double's.  `root`: no subscription is looked at, but the management group of that id.
    """

    subscription: str = ""  # without one: the one that AZURE_SUBSCRIPTION_ID names, for the chain names none
    tenant: str = ""
    client: str = ""
    endpoint: str = ""
    root: str = ""


class SampleToken(NamedTuple):
    token: str


class SampleCredential:
    """Opens the loopback double alone: a token that nobody signed."""

    def get_token(self, *scopes: str, tenant_id: str | None = None) -> SampleToken:
        body = json.dumps({"oid": SAMPLE_PRINCIPAL, "aud": scopes[0].removesuffix("/.default")}).encode()
        return SampleToken(f"sample.{base64.urlsafe_b64encode(body).decode().rstrip('=')}.")


def connect(way: Connection) -> Transport:
    """Nothing is asked yet.  Raises Refusal for what is no subscription's id."""
    subscription = "" if way.root else _subscription(way)
    if way.endpoint:
        if not _loopback(way.endpoint):
            raise Refusal(State.UNREACHABLE, "InvalidEndpoint", "a sample subscription stands on this machine")
        http = Http(SampleCredential(), loopback=True)
        return Transport(http, subscription, CLOUDS[PUBLIC], root=way.root, endpoint=way.endpoint)
    chosen: dict[str, Any] = {}
    if way.client:
        chosen = {"managed_identity_client_id": way.client, "workload_identity_client_id": way.client}
    if way.tenant:
        chosen |= {"additionally_allowed_tenants": [way.tenant], "workload_identity_tenant_id": way.tenant}
    http = Http(DefaultAzureCredential(**chosen), tenant=way.tenant)
    return Transport(http, subscription, hosts(), root=way.root)


def _subscription(way: Connection) -> str:
    subscription = way.subscription or os.environ.get("AZURE_SUBSCRIPTION_ID", "")
    try:
        UUID(subscription)
    except ValueError as wrong:
        raise Refusal(State.DENIED, "InvalidSubscriptionId", "a subscription's id is a UUID") from wrong
    return subscription


def hosts() -> dict[str, str]:
    """Those of the cloud that azure-identity signs in to.  Raises Refusal for one that is not known."""
    told = os.environ.get("AZURE_AUTHORITY_HOST", PUBLIC)
    authority = urlsplit(told if "://" in told else f"https://{told}").hostname or ""
    if authority not in CLOUDS:
        raise Refusal(State.UNREACHABLE, "UnknownCloud", f"no Azure cloud signs in at {authority}")
    return CLOUDS[authority]


def caller(transport: Transport) -> Caller:
    """Raises Refusal: wrong credentials, a subscription that we may not see, no network."""
    told = transport.ask(Place(transport.subscription, "global", "azure"), IDENTITY, IDENTITY.params)
    return Caller(str(told["subscriptionId"]), "azure", transport.principal(), Provider.AZURE)


def identity(who: Caller) -> dict[str, str]:
    """As much of the answer that `caller` was made from as is remembered."""
    return {"subscriptionId": who.account}


def regions(transport: Transport, who: Caller) -> Regions:
    return Regions((), ())


def _loopback(endpoint: str) -> bool:
    host = urlsplit(endpoint).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
