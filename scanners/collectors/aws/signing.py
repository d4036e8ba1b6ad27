"""Signature version 4, with the signing keys kept.  IAM User Guide, "Create a signed AWS API request", read 2026-11.

And the credentials it is done with: they are botocore's, looked at for every request, fetched and renewed in a thread.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from botocore.auth import SIGNED_HEADERS_BLACKLIST
from botocore.credentials import ReadOnlyCredentials, RefreshableCredentials
from botocore.exceptions import NoCredentialsError
from botocore.utils import normalize_url_path

ALGORITHM = "AWS4-HMAC-SHA256"
LOOK_AGAIN = 30.0  # seconds between tries to renew credentials that are still good
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a signature is good for.  `s3`: its paths are signed as they are, and the body's hash is a header."""

    region: str
    service: str
    s3: bool = False


@dataclass(slots=True)
class Signer:
    """`skew` is how far the cloud's clock is ahead of ours, in seconds."""

    skew: float = 0.0
    _keys: dict[tuple[str, str, str, str], hmac.HMAC] = field(default_factory=dict)

    def sign(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        body: bytes,
        scope: Scope,
        credentials: ReadOnlyCredentials,
    ) -> dict[str, str]:
        """The headers with the signature's added; names of the given ones in any case."""
        at = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(time.time() + self.skew))
        digest = hashlib.sha256(body).hexdigest()
        sent = {**headers, "X-Amz-Date": at}
        if scope.s3:
            sent["X-Amz-Content-SHA256"] = digest
        if credentials.token:
            sent["X-Amz-Security-Token"] = credentials.token
        request, names = _canonical(method, url, sent, digest, scope)
        place = f"{at[:8]}/{scope.region}/{scope.service}/aws4_request"
        text = f"{ALGORITHM}\n{at}\n{place}\n{hashlib.sha256(request.encode()).hexdigest()}"
        mac = self._key(credentials.secret_key, at[:8], scope).copy()  # hmac.digest would hand the processor over
        mac.update(text.encode())
        who = f"{ALGORITHM} Credential={credentials.access_key}/{place}"
        sent["Authorization"] = f"{who}, SignedHeaders={names}, Signature={mac.hexdigest()}"
        return sent

    def _key(self, secret: str, day: str, scope: Scope) -> hmac.HMAC:
        name = (secret, day, scope.region, scope.service)
        if (known := self._keys.get(name)) is None:
            if self._keys and next(iter(self._keys))[:2] != name[:2]:
                self._keys.clear()  # a new day, or new credentials
            key = f"AWS4{secret}".encode()
            for step in (day, scope.region, scope.service, "aws4_request"):
                key = hmac.digest(key, step.encode(), "sha256")
            known = self._keys[name] = hmac.new(key, digestmod="sha256")
        return known


def _canonical(method: str, url: str, headers: dict[str, str], digest: str, scope: Scope) -> tuple[str, str]:
    """(canonical request, signed headers)."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    if parts.port not in (None, _DEFAULT_PORTS.get(parts.scheme)):
        host = f"{host}:{parts.port}"
    signed = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    signed = {name: value for name, value in signed.items() if name not in SIGNED_HEADERS_BLACKLIST}
    signed["host"] = host
    names = sorted(signed)
    lines = "".join(f"{name}:{signed[name]}\n" for name in names)
    path = (parts.path or "/") if scope.s3 else quote(normalize_url_path(parts.path), safe="/~")
    pairs = sorted(pair.partition("=")[::2] for pair in parts.query.split("&")) if parts.query else ()
    query = "&".join(f"{name}={value}" for name, value in pairs)
    listed = ";".join(names)
    return f"{method}\n{path}\n{query}\n{lines}\n{listed}\n{digest}", listed


class Keys:
    """The credentials of one account, as they are now.  Of one event loop."""

    def __init__(self, session: Any) -> None:
        self._session = session  # botocore's
        self._lock = asyncio.Lock()
        self._credentials: Any = None
        self._frozen: ReadOnlyCredentials | None = None
        self._looked_at = 0.0

    async def now(self) -> ReadOnlyCredentials:
        """Raises botocore's errors, also those of a role that may not be assumed."""
        if self._frozen is None or self._due():
            async with self._lock:  # one asks; who comes meanwhile waits for what it finds
                if self._frozen is None or self._due():
                    self._frozen = await asyncio.to_thread(self._look)
                    self._looked_at = time.monotonic()
        return self._frozen

    def _due(self) -> bool:
        renewed = isinstance(self._credentials, RefreshableCredentials) and self._credentials.refresh_needed()
        return renewed and time.monotonic() - self._looked_at > LOOK_AGAIN

    def _look(self) -> ReadOnlyCredentials:
        self._credentials = self._credentials or self._session.get_credentials()
        if self._credentials is None:
            raise NoCredentialsError
        frozen: ReadOnlyCredentials = self._credentials.get_frozen_credentials()
        return frozen
