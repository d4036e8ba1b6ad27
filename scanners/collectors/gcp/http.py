"""A request to Google with credentials on it."""

from __future__ import annotations

import threading
from typing import Any, Protocol

from google.auth import exceptions as auth
from google.auth.transport.requests import Request

from scanners.collectors.cloud import Refusal
from scanners.collectors.rest import Reply, Sessions
from scanners.model import State


class Credentials(Protocol):
    def before_request(self, request: Any, method: str, url: str, headers: dict[str, str]) -> None: ...


class Http:
    """One set of credentials."""

    def __init__(self, credentials: Credentials, *, loopback: bool = False) -> None:
        self._credentials, self._renewing = credentials, threading.Lock()
        self._sessions = Sessions(loopback=loopback)

    def fetch(self, verb: str, url: str, query: list[tuple[str, str]], body: Any = None) -> Reply:
        """Raises Refusal when no answer came, or no credentials could be had."""
        return self._sessions.send(verb, url, query, body, self._headers(verb, url))

    def close(self) -> None:
        self._sessions.close()

    def _headers(self, verb: str, url: str) -> dict[str, str]:
        headers: dict[str, str] = {}
        try:
            with self._renewing:  # credentials renew themselves, one at a time
                self._credentials.before_request(Request(self._sessions.session()), verb, url, headers)
        except auth.TransportError as error:
            raise Refusal(State.UNREACHABLE, type(error).__name__, str(error)) from error
        except auth.GoogleAuthError as error:
            state = State.UNREACHABLE if getattr(error, "retryable", False) else State.DENIED
            raise Refusal(state, type(error).__name__, str(error)) from error
        return headers
