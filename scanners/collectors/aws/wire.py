"""HTTP to AWS: one pool of connections for an event loop, one TLS context for the whole program.

Nothing is asked again here, no redirect is followed, no cookie kept, and no answer may be larger than LARGEST.  What
goes wrong becomes the botocore error that boto3 would raise, so that a refusal has one name.
"""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from botocore import exceptions as boto
from botocore.httpsession import get_cert_path
from botocore.utils import get_environ_proxies

from scanners.collectors.aws.clients import CONNECT_SECONDS, READ_SECONDS
from scanners.collectors.aws.connection import Connection, Limits
from scanners.collectors.aws.reading import Reply
from scanners.collectors.aws.writing import NotOurs

IN_FLIGHT = 128  # requests of one account at once; fair, as each host's line is first come, first served
PER_HOST = 16  # connections to one host: at 200 ms that is 80 requests a second, more than any quota of quotas.py
WHOLE_SECONDS = 300  # for one answer, however slowly it drips
KEPT_SECONDS = 20.0  # a connection that nobody uses
MOST_IDLE = IN_FLIGHT  # of all hosts: one behind TLS weighs 100 kB, and 17 regions have 700 hosts
LARGEST = 256 * 1024 * 1024  # bytes of one answer, unpacked
PORTS = {"http": 80, "https": 443}
_WITHOUT_LENGTH = {"GET", "HEAD", "DELETE"}  # methods that announce no body when they have none


@cache
def tls(bundle: str | None) -> ssl.SSLContext:
    """What certificates are checked against: a bundle's file, or certifi's.  Loading it costs 19 ms, so once.

    Raises OSError for a bundle that cannot be read.
    """
    path = Path(bundle or get_cert_path(True))
    if path.is_dir():
        return ssl.create_default_context(capath=str(path))
    return ssl.create_default_context(cafile=str(path))


class Origin(NamedTuple):
    """Where requests go.  `proxy`: through whom, None: directly."""

    scheme: str
    host: str
    port: int
    proxy: SplitResult | None

    @property
    def authority(self) -> str:
        return self.name if self.port == PORTS[self.scheme] else f"{self.name}:{self.port}"

    @property
    def name(self) -> str:
        return f"[{self.host}]" if ":" in self.host else self.host


class Line:
    """The connections to one origin: those that wait for use, and the right to have one."""

    __slots__ = ("idle", "turns")

    def __init__(self, per_host: int) -> None:
        self.turns = asyncio.Semaphore(per_host)
        self.idle: dict[Connection, None] = {}  # the one used last at the end


class Wire:
    """Connections of one event loop.  `bundle`: a file of certificates; None: AWS's are signed by known authorities."""

    def __init__(self, bundle: str | None, *, per_host: int = PER_HOST) -> None:
        self._bundle, self._per_host = bundle, per_host
        self._limits = Limits(READ_SECONDS, WHOLE_SECONDS, LARGEST)
        self._loop, self._turns = asyncio.get_running_loop(), asyncio.Semaphore(IN_FLIGHT)
        self._origins: dict[tuple[str, str], Origin] = {}
        self._lines: dict[Origin, Line] = {}
        self._idle: dict[Connection, Line] = {}  # of all lines, the longest idle first

    async def send(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Reply:
        """Raises botocore's HTTPClientError and its kin, and ResponseParserError for a good answer that breaks off."""
        target = urlsplit(url)
        origin = self._origin(target)
        message = written(method, target, headers, body, origin)
        line = self._lines.setdefault(origin, Line(self._per_host))
        async with line.turns, self._turns:
            connection = self._kept(line) or await self._opened(origin, url)
            reply = await connection.ask(url, message, bodiless=method == "HEAD")
            self._keep(connection, line)
            return reply

    async def close(self) -> None:
        for connection in [*self._idle]:
            self._taken(connection).close()
        await asyncio.sleep(0)  # asyncio closes their sockets in its next round

    def _origin(self, target: SplitResult) -> Origin:
        """HTTPS_PROXY, HTTP_PROXY and NO_PROXY count as botocore reads them."""
        key = (target.scheme, target.netloc)
        if key not in self._origins:
            if not target.hostname or target.scheme not in PORTS:
                raise boto.HTTPClientError(error=f"no address: {target.scheme}://{target.netloc}")
            found = get_environ_proxies(f"{target.scheme}://{target.netloc}").get(target.scheme)
            proxy = urlsplit(found if "://" in found else f"http://{found}") if found else None
            if proxy and proxy.scheme != "http":
                raise NotOurs("a proxy that is itself behind TLS")
            self._origins[key] = Origin(target.scheme, target.hostname, target.port or PORTS[target.scheme], proxy)
        return self._origins[key]

    def _kept(self, line: Line) -> Connection | None:
        """The connection used last: a server closes the others first."""
        latest = self._loop.time() - KEPT_SECONDS
        while line.idle:
            connection = self._taken(next(reversed(line.idle)))
            if connection.open and connection.idle_since >= latest:
                return connection
            connection.close()
        return None

    def _keep(self, connection: Connection, line: Line) -> None:
        """For the next; of many hosts' connections those go that nobody has used for longest."""
        if connection.open:
            line.idle[connection] = None
            self._idle[connection] = line
        latest = self._loop.time() - KEPT_SECONDS
        while self._idle and (len(self._idle) > MOST_IDLE or next(iter(self._idle)).idle_since < latest):
            self._taken(next(iter(self._idle))).close()

    def _taken(self, connection: Connection) -> Connection:
        del self._idle.pop(connection).idle[connection]
        return connection

    async def _opened(self, origin: Origin, url: str) -> Connection:
        said = {"endpoint_url": url.partition("?")[0]}
        try:
            secure = tls(self._bundle) if origin.scheme == "https" else None
        except OSError as unreadable:
            raise boto.HTTPClientError(error=unreadable) from unreadable
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                if origin.proxy:
                    return await self._through(origin, secure, origin.proxy)
                return await self._directly(origin, secure)
        except TimeoutError as late:
            raise boto.ConnectTimeoutError(**said, error=late) from late
        except ssl.SSLError as distrusted:
            raise boto.SSLError(**said, error=distrusted) from distrusted
        except (OSError, ValueError, boto.HTTPClientError) as no:
            if origin.proxy:
                raise boto.ProxyConnectionError(proxy_url="the proxy of the environment", error=no) from no
            raise boto.EndpointConnectionError(**said, error=no) from no

    async def _directly(self, origin: Origin, secure: ssl.SSLContext | None) -> Connection:
        host = origin.host if secure else None
        _, connection = await self._loop.create_connection(
            lambda: Connection(self._limits), origin.host, origin.port, ssl=secure, server_hostname=host
        )
        return connection

    async def _through(self, origin: Origin, secure: ssl.SSLContext | None, proxy: SplitResult) -> Connection:
        """Plain requests are told to the proxy; for those behind TLS it is asked for a tunnel."""
        host, port = proxy.hostname or "", proxy.port or PORTS[proxy.scheme]
        _, connection = await self._loop.create_connection(lambda: Connection(self._limits), host, port)
        if secure is None:
            return connection
        authority = f"{origin.name}:{origin.port}"
        lines = [f"CONNECT {authority} HTTP/1.1", f"Host: {authority}", *_proxied(origin)]
        try:
            said = await connection.ask(authority, "\r\n".join([*lines, "", ""]).encode(), bodiless=True)
            if said.status != 200:
                raise ConnectionRefusedError(f"the proxy says {said.status}")
            return await connection.secured(secure, origin.host)
        except BaseException:
            connection.close()
            raise


def written(method: str, target: SplitResult, headers: dict[str, str], body: bytes, origin: Origin) -> bytes:
    """The request as it goes over the wire.  Raises HTTPClientError for a header that is two."""
    where = f"{target.path or '/'}?{target.query}" if target.query else target.path or "/"
    if origin.proxy and origin.scheme == "http":
        where = f"http://{origin.authority}{where}"
    lines = [f"{method} {where} HTTP/1.1", f"Host: {origin.authority}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if "Accept-Encoding" not in headers:
        lines.append("Accept-Encoding: identity")  # as boto3 asks: unpacking costs more than a near network saves
    if body or method not in _WITHOUT_LENGTH:
        lines.append(f"Content-Length: {len(body)}")
    if origin.scheme == "http":
        lines += _proxied(origin)
    head = "\r\n".join([*lines, "", ""])
    if head.count("\n") != len(lines) + 1 or head.count("\r") != len(lines) + 1:
        raise boto.HTTPClientError(error="a header holds a line break")
    return head.encode() + body


def _proxied(origin: Origin) -> list[str]:
    """Who we are to the proxy, if it asks that of us."""
    proxy = origin.proxy
    if proxy is None or proxy.username is None:
        return []
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return [f"Proxy-Authorization: Basic {b64encode(pair.encode()).decode()}"]
