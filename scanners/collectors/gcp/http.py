"""The one place that speaks HTTP to Google: a request in, status, headers and bytes out.

Nothing else of the collectors knows which library it is; retries, paging and meaning are others' work.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

import requests
from google.auth import exceptions as auth
from google.auth.transport.requests import Request

from scanners.collectors.cloud import Refusal
from scanners.model import State

TIMEOUTS = (5.0, 60.0)  # seconds: to connect, and of silence while an answer is awaited
LARGEST = 256 * 2**20  # bytes of one answer


class Reply(NamedTuple):
    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes


class Credentials(Protocol):
    def before_request(self, request: Any, method: str, url: str, headers: dict[str, str]) -> None: ...


class Http:
    """One set of credentials; a session a thread, for sessions are not to be shared."""

    def __init__(self, credentials: Credentials, *, loopback: bool = False) -> None:
        self._credentials, self._loopback = credentials, loopback
        self._renewing, self._here = threading.Lock(), threading.local()
        self._all: list[requests.Session] = []

    def fetch(self, verb: str, url: str, query: list[tuple[str, str]], body: Any = None) -> Reply:
        """Raises Refusal when no answer came, or no credentials could be had."""
        session = self._session()
        headers = {"User-Agent": "posture", "Accept": "application/json"}
        try:
            with self._renewing:  # credentials renew themselves, one at a time
                self._credentials.before_request(Request(session), verb, url, headers)
            with session.request(
                verb,
                url,
                params=query,
                json=body,
                headers=headers,
                timeout=TIMEOUTS,
                allow_redirects=False,
                stream=True,
            ) as answer:
                told = {name.lower(): value for name, value in answer.headers.items()}
                content = bytearray()
                for piece in answer.iter_content(64 * 1024):
                    content += piece
                    if len(content) > LARGEST:
                        raise Refusal(State.PARSE_ERROR, "TooLarge", f"more than {LARGEST} bytes")
                return Reply(answer.status_code, told, bytes(content))
        except auth.TransportError as error:
            raise Refusal(State.UNREACHABLE, type(error).__name__, str(error)) from error
        except auth.GoogleAuthError as error:
            state = State.UNREACHABLE if getattr(error, "retryable", False) else State.DENIED
            raise Refusal(state, type(error).__name__, str(error)) from error
        except (requests.RequestException, OSError) as error:
            raise Refusal(State.UNREACHABLE, type(error).__name__, str(error)) from error

    def close(self) -> None:
        for session in self._all:
            session.close()

    def _session(self) -> requests.Session:
        if not hasattr(self._here, "session"):
            self._here.session = session = requests.Session()
            session.trust_env = not self._loopback  # a proxy has no business between us and an emulator
            self._all.append(session)
        kept: requests.Session = self._here.session
        return kept
