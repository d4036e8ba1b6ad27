"""A request to Azure with a token of the right audience on it."""

from __future__ import annotations

import threading
from typing import Any, Protocol

from azure.core.exceptions import AzureError, ClientAuthenticationError

from scanners.collectors.cloud import Refusal
from scanners.collectors.rest import Reply, Sessions
from scanners.model import State


class Token(Protocol):
    @property
    def token(self) -> str: ...


class Credential(Protocol):
    """As azure-identity's credentials are: they remember tokens, and renew them."""

    def get_token(self, *scopes: str, tenant_id: str | None = None) -> Token: ...


class Http:
    """One set of credentials, and the directory to sign in to where they know several."""

    def __init__(self, credential: Credential, *, tenant: str = "", loopback: bool = False) -> None:
        self._credential, self._tenant, self._renewing = credential, tenant, threading.Lock()
        self._sessions = Sessions(loopback=loopback)

    def fetch(self, verb: str, url: str, query: list[tuple[str, str]], body: Any, audience: str) -> Reply:
        """Raises Refusal when no answer came, or no token could be had."""
        headers = {"Authorization": f"Bearer {self.token(audience)}"}
        return self._sessions.send(verb, url, query, body, headers)

    def token(self, audience: str) -> str:
        try:
            with self._renewing:
                return self._credential.get_token(f"{audience}/.default", tenant_id=self._tenant or None).token
        except ClientAuthenticationError as error:
            raise Refusal(State.DENIED, type(error).__name__, str(error)) from error
        except AzureError as error:
            raise Refusal(State.UNREACHABLE, type(error).__name__, str(error)) from error

    def close(self) -> None:
        self._sessions.close()
        if close := getattr(self._credential, "close", None):
            close()
