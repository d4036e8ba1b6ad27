"""The way into a project: credentials by Google's own chain, and who we are there.

The chain is google-auth's (application default credentials): GOOGLE_APPLICATION_CREDENTIALS, workload identity
federation, gcloud's user, the metadata server.  What is stored of a connection is the project and, if asked for, the
service account to become; never a key.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import google.auth
from google.auth import exceptions as auth
from google.auth import impersonated_credentials
from google.oauth2.credentials import Credentials

from scanners.collectors.cloud import Caller, Refusal, Regions
from scanners.collectors.gcp.http import Http
from scanners.collectors.gcp.transport import Transport
from scanners.collectors.gcp.words import PROJECT, ask
from scanners.model import Place, Provider, State

IDENTITY = ask("cloudresourcemanager", "projects.get", "resourcemanager.projects.get", params={"name": PROJECT})
REGIONS = IDENTITY  # nothing is asked region by region: listings answer for all locations at once
# "Creating and managing projects", read 2026-11; before the colon the domain of a project as old as App Engine
ACCOUNT = re.compile(r"(?:[a-z0-9][a-z0-9.-]{0,200}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]")
SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)  # some APIs take no read-only scope; the role limits us
SAMPLE_TOKEN = "posture-sample"  # noqa: S105  (opens the loopback double alone)
LIFETIME = 3600  # seconds of an impersonated token


@dataclass(frozen=True, slots=True)
class Connection:
    """What is stored of a way in.  `impersonate` is the service account to become; `endpoint` is the double's.

    Without a project: the one that the chain itself names (GOOGLE_CLOUD_PROJECT, the key's, gcloud's, the machine's).
    `root`: no project is looked at, but an organisation or a folder: organizations/123, folders/456.
    """

    project: str = ""
    impersonate: str = ""
    endpoint: str = ""
    root: str = ""


def connect(way: Connection) -> Transport:
    """Nothing is asked yet.  Raises Refusal where the chain finds no credentials."""
    if way.endpoint:
        if not _loopback(way.endpoint):
            raise Refusal(State.UNREACHABLE, "InvalidEndpoint", "a sample project stands on this machine")
        token: Any = Credentials
        http = Http(token(SAMPLE_TOKEN), loopback=True)
        return Transport(http, way.project, root=way.root, endpoint=way.endpoint)
    try:
        found, own = google.auth.default(scopes=SCOPES)
    except auth.GoogleAuthError as error:
        raise Refusal(State.DENIED, type(error).__name__, str(error)) from error
    project = "" if way.root else way.project or own or ""
    if not way.root and not ACCOUNT.fullmatch(project):
        raise Refusal(State.DENIED, "NoProject", f"the credentials name no project ({project!r})")
    email = way.impersonate or str(getattr(found, "service_account_email", ""))
    http = Http(_become(found, way.impersonate) if way.impersonate else found)
    return Transport(http, project, root=way.root, principal=email)


def _become(source: Any, account: str) -> Any:
    made: Any = impersonated_credentials.Credentials
    return made(source_credentials=source, target_principal=account, target_scopes=SCOPES, lifetime=LIFETIME)


def caller(transport: Transport) -> Caller:
    """Raises Refusal: wrong credentials, a project that we may not see, no network."""
    told = transport.ask(Place(transport.project, "global", "gcp"), IDENTITY, IDENTITY.params)
    return Caller(str(told["projectId"]), "gcp", transport.principal, Provider.GCP)


def identity(who: Caller) -> dict[str, str]:
    """As much of the answer that `caller` was made from as is remembered."""
    return {"projectId": who.account}


def regions(transport: Transport, who: Caller) -> Regions:
    return Regions((), ())


def _loopback(endpoint: str) -> bool:
    host = urlsplit(endpoint).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
