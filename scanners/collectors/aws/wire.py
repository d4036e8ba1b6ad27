"""HTTP to AWS: one pool of connections for an event loop, one TLS context for the whole program.

aiohttp carries; what it raises becomes the botocore error that boto3 would raise, so that a refusal has one name.
Nothing is asked again here, no redirect is followed, no cookie kept, and no answer may be larger than LARGEST.
"""

from __future__ import annotations

import asyncio
import ssl
from functools import cache
from pathlib import Path
from typing import Any

import aiohttp
from botocore import exceptions as boto
from botocore.httpsession import get_cert_path
from botocore.parsers import ResponseParserError
from botocore.utils import get_environ_proxies
from yarl import URL

from scanners.collectors.aws.clients import CONNECT_SECONDS, READ_SECONDS
from scanners.collectors.aws.reading import Reply

IN_FLIGHT = 128  # requests of one account at once; fair, as each host's line is first come, first served
PER_HOST = 16  # connections to one host: at 200 ms that is 80 requests a second, more than any quota of quotas.py
WHOLE_SECONDS = 300  # for one answer, however slowly it drips
LARGEST = 256 * 1024 * 1024  # bytes of one answer, unpacked
LONGEST_HEADER = 64 * 1024
_ALWAYS = {"Accept-Encoding": "identity"}  # as boto3 asks: unpacking costs more than a data centre's network saves


@cache
def tls(bundle: str | None) -> ssl.SSLContext:
    """What certificates are checked against: a bundle's file, or certifi's.  Loading it costs 19 ms, so once.

    Raises OSError for a bundle that cannot be read.
    """
    path = Path(bundle or get_cert_path(True))
    if path.is_dir():
        return ssl.create_default_context(capath=str(path))
    return ssl.create_default_context(cafile=str(path))


class Wire:
    """Connections of one event loop.  `bundle`: a file of certificates; None: AWS's are signed by known authorities."""

    def __init__(self, bundle: str | None, *, per_host: int = PER_HOST) -> None:
        self._bundle, self._proxies = bundle, dict[str, str | None]()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=IN_FLIGHT, limit_per_host=per_host, keepalive_timeout=20),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(None, sock_connect=CONNECT_SECONDS, sock_read=READ_SECONDS),
            max_line_size=LONGEST_HEADER,
            max_field_size=LONGEST_HEADER,
            headers=_ALWAYS,
            skip_auto_headers=("Accept", "Content-Type", "User-Agent"),
        )

    async def send(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Reply:
        """Raises botocore's HTTPClientError and its kin, and ResponseParserError for a good answer that breaks off."""
        try:
            target = URL(url, encoded=True)
            secure = tls(self._bundle) if target.scheme == "https" else True
            async with self._session.request(
                method,
                target,
                headers=headers,
                data=body or None,
                allow_redirects=False,
                ssl=secure,
                proxy=self._proxy(target),
            ) as answer:
                return Reply(answer.status, answer.headers, await _body(answer))
        except (aiohttp.ClientError, OSError, ValueError) as broken:
            raise _as_boto(broken, url) from broken

    async def close(self) -> None:
        await self._session.close()

    def _proxy(self, target: URL) -> str | None:
        """HTTPS_PROXY, HTTP_PROXY and NO_PROXY, as botocore reads them."""
        origin = f"{target.scheme}://{target.authority}"
        if origin not in self._proxies:
            found = get_environ_proxies(origin).get(target.scheme)
            self._proxies[origin] = f"http://{found}" if found and "://" not in found else found
        return self._proxies[origin]


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    chunks, size, clock = [], 0, asyncio.get_running_loop().time
    latest = clock() + WHOLE_SECONDS
    try:
        async for chunk in answer.content.iter_any():
            chunks.append(chunk)
            size += len(chunk)
            if size > LARGEST:
                break
            if clock() > latest:
                raise TimeoutError(f"{WHOLE_SECONDS} s were not enough")
    except aiohttp.ClientPayloadError as broken:
        if answer.status < 300:  # of a refusal, the status alone says enough
            raise ResponseParserError(f"the answer was cut off: {broken}") from broken
    if size > LARGEST:
        raise ResponseParserError(f"an answer of more than {LARGEST} bytes")
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


# The first that fits; the specific stand before the general.
_ERRORS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], Any], ...] = (
    (
        (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError, aiohttp.ServerFingerprintMismatch),
        boto.SSLError,
    ),
    ((aiohttp.ClientProxyConnectionError, aiohttp.ClientHttpProxyError), boto.ProxyConnectionError),
    (aiohttp.ConnectionTimeoutError, boto.ConnectTimeoutError),
    (asyncio.TimeoutError, boto.ReadTimeoutError),
    (aiohttp.ClientConnectorError, boto.EndpointConnectionError),
    (aiohttp.ClientPayloadError, boto.ResponseStreamingError),
    ((aiohttp.ServerDisconnectedError, aiohttp.ClientOSError), boto.ConnectionClosedError),
)


def _as_boto(broken: Exception, url: str) -> Exception:
    for kinds, error in _ERRORS:
        if isinstance(broken, kinds):
            said = {"endpoint_url": url.partition("?")[0], "error": broken}
            if error is boto.ProxyConnectionError:
                said["proxy_url"] = "the proxy of the environment"
            made: Exception = error(**said)
            return made
    general: Exception = boto.HTTPClientError(error=broken)
    return general
