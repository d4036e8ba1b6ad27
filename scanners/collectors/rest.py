"""The one place that speaks HTTP to clouds with REST APIs: a request in, status, headers and bytes out.

Nothing else of the collectors knows which library it is; retries, paging and meaning are others' work.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, NamedTuple

import requests

from scanners.collectors.cloud import Refusal
from scanners.model import State

TIMEOUTS = (5.0, 60.0)  # seconds: to connect, and of silence while an answer is awaited
LARGEST = 256 * 2**20  # bytes of one answer


class Reply(NamedTuple):
    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes


class Sessions:
    """A session a thread, for sessions are not to be shared."""

    def __init__(self, *, loopback: bool = False) -> None:
        self._loopback, self._here = loopback, threading.local()
        self._all: list[requests.Session] = []

    def send(self, verb: str, url: str, query: list[tuple[str, str]], body: Any, headers: Mapping[str, str]) -> Reply:
        """Raises Refusal when no answer came."""
        try:
            with self.session().request(
                verb,
                url,
                params=query,
                json=body,
                headers={"User-Agent": "posture", "Accept": "application/json", **headers},
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
        except (requests.RequestException, OSError) as error:
            raise Refusal(State.UNREACHABLE, type(error).__name__, str(error)) from error

    def session(self) -> requests.Session:
        if not hasattr(self._here, "session"):
            self._here.session = session = requests.Session()
            session.trust_env = not self._loopback  # a proxy has no business between us and an emulator
            self._all.append(session)
        kept: requests.Session = self._here.session
        return kept

    def close(self) -> None:
        for session in self._all:
            session.close()
