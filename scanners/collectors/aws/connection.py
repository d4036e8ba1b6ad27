"""One connection to a host: a request, then its answer, then the next request.

httptools reads HTTP (it is the parser of Node.js); asyncio carries the bytes.  What ends an answer before it is whole
becomes the botocore error that boto3 would raise, so that a refusal has one name.
"""

from __future__ import annotations

import asyncio
import ssl
import zlib
from dataclasses import dataclass

import httptools
from botocore import exceptions as boto
from botocore.awsrequest import HeadersDict
from botocore.parsers import ResponseParserError

from scanners.collectors.aws.reading import Reply

LONGEST_HEAD = 64 * 1024  # bytes of an answer's headers
GZIP_OR_ZLIB = 47  # how zlib's `wbits` say "whichever of the two"


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one answer: seconds of silence, seconds from the question to its end, bytes unpacked."""

    silence: float
    whole: float
    largest: int


class Answer:
    """An answer as its bytes come in.  `bodiless`: to a HEAD or a CONNECT, where headers are all."""

    __slots__ = ("_parser", "bodiless", "fed", "head", "headers", "pieces", "size", "status", "stays", "whole")

    def __init__(self, bodiless: bool) -> None:
        self.bodiless, self.whole = bodiless, False
        self.stays = False  # whether the connection may carry another request
        self.status = self.fed = self.head = self.size = 0  # status 0: the headers are not whole
        self.headers: list[tuple[str, str]] = []
        self.pieces: list[bytes] = []
        self._parser = httptools.HttpResponseParser(self)

    def feed(self, piece: bytes) -> None:
        """Raises httptools' errors."""
        if not self.status:
            self.fed += len(piece)
        self._parser.feed_data(piece)

    @property
    def endless(self) -> bool:
        return self.head > LONGEST_HEAD or (not self.status and self.fed > LONGEST_HEAD)

    @property
    def tells_its_length(self) -> bool:
        return any(name.lower() in ("content-length", "transfer-encoding") for name, _ in self.headers)

    def on_message_begin(self) -> None:
        if self.whole:  # an answer to nothing: it belongs to nobody, and whoever sent it is not asked again
            self.stays = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.whole:
            return
        self.head += len(name) + len(value)
        self.headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_headers_complete(self) -> None:
        if self.whole:
            return
        status = self._parser.get_status_code()
        if status >= 200:
            self.status, self.whole = status, self.bodiless
            self.stays = self.bodiless or self._parser.should_keep_alive()
        else:  # "100 Continue" and its like: the answer comes after it
            self.headers = []

    def on_body(self, piece: bytes) -> None:
        if self.whole:
            return
        self.pieces.append(piece)
        self.size += len(piece)

    def on_message_complete(self) -> None:
        self.whole = bool(self.status)

    def reply(self, largest: int) -> Reply:
        """Raises ResponseParserError for a body that cannot be unpacked, or is larger."""
        body = self.pieces[0] if len(self.pieces) == 1 else b"".join(self.pieces)
        headers = HeadersDict(self.headers)
        packed = headers.get("Content-Encoding", "identity").lower()
        if body and packed in ("gzip", "deflate"):
            unpacker = zlib.decompressobj(GZIP_OR_ZLIB)
            try:
                body = unpacker.decompress(body, largest + 1)
            except zlib.error as odd:
                raise ResponseParserError(f"the answer cannot be unpacked: {odd}") from odd
            if not unpacker.eof and len(body) <= largest:
                raise ResponseParserError("the packed answer has no end")
        if len(body) > largest:
            raise ResponseParserError(f"an answer of more than {largest} bytes")
        return Reply(self.status, headers, body)


class Connection(asyncio.Protocol):
    """`open` until either side ends it, or an answer was not what HTTP says it should be."""

    def __init__(self, limits: Limits) -> None:
        self.open, self.idle_since = True, 0.0
        self._limits, self._loop = limits, asyncio.get_running_loop()
        self._transport: asyncio.WriteTransport | None = None
        self._waiting: asyncio.Future[Reply] | None = None
        self._answer = Answer(False)
        self._url, self._begun, self._heard = "", 0.0, 0.0
        self._clock: asyncio.TimerHandle | None = None

    async def ask(self, url: str, message: bytes, *, bodiless: bool = False) -> Reply:
        """The answer to a request that is ready to be sent.  `url` is only for errors to name.

        Raises botocore's HTTPClientError and its kin, and ResponseParserError for a good answer that is not whole.
        """
        if self._transport is None or not self.open:
            raise self._named(boto.ConnectionClosedError, "closed")
        self._answer, self._url = Answer(bodiless), url
        self._begun = self._heard = self._loop.time()
        self._waiting = self._loop.create_future()
        self._transport.write(message)
        self._look()
        try:
            return await self._waiting
        except BaseException:
            self.close()
            raise
        finally:
            self._waiting, self.idle_since = None, self._loop.time()
            if self._clock:
                self._clock.cancel()

    async def secured(self, context: ssl.SSLContext, host: str) -> Connection:
        """The same with TLS inside, to whom a proxy has made a tunnel.  Raises OSError."""
        inner = Connection(self._limits)
        transport = await self._loop.start_tls(self._transport, inner, context, server_hostname=host)  # type: ignore[arg-type]
        if transport is None:
            raise ConnectionResetError("closed")
        inner.connection_made(transport)
        return inner

    def close(self) -> None:
        self.open = False
        if self._transport:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # of a stream it is always one that writes

    def data_received(self, piece: bytes) -> None:
        answer, self._heard = self._answer, self._loop.time()
        if self._waiting is None or self._waiting.done():  # nobody asked
            self.close()
            return
        try:
            answer.feed(piece)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as odd:
            self._broken(f"this is no HTTP: {odd}")
            return
        if answer.endless:
            self._waiting.set_exception(boto.HTTPClientError(error=f"headers of more than {LONGEST_HEAD} bytes"))
        elif answer.whole or answer.size > self._limits.largest:
            self.open = answer.whole and answer.stays
            self._done()

    def connection_lost(self, why: Exception | None) -> None:
        self.open, answer = False, self._answer
        if self._waiting is None or self._waiting.done():
            return
        if not answer.status:
            self._waiting.set_exception(self._named(boto.ConnectionClosedError, why or "closed"))
        elif answer.tells_its_length:
            self._broken(f"the answer was cut off: {why or 'closed'}")
        else:  # its end is the connection's
            self._done()

    def _broken(self, sentence: str) -> None:
        """What came is not an answer; of a refusal, though, the status alone says enough."""
        self.open = False
        if self._answer.status >= 300:
            self._done()
        elif self._waiting:
            good = self._answer.status
            self._waiting.set_exception(ResponseParserError(sentence) if good else boto.HTTPClientError(error=sentence))

    def _done(self) -> None:
        if self._waiting is None:
            return
        try:
            self._waiting.set_result(self._answer.reply(self._limits.largest))
        except ResponseParserError as odd:
            self._waiting.set_exception(odd)
        if not self.open:
            self.close()

    def _look(self) -> None:
        """Give up on an answer that takes too long, or look again when it may have."""
        latest = min(self._heard + self._limits.silence, self._begun + self._limits.whole)
        if self._loop.time() < latest:
            self._clock = self._loop.call_at(latest, self._look)
        elif self._waiting and not self._waiting.done():
            self._waiting.set_exception(self._named(boto.ReadTimeoutError, "nothing came for too long"))

    def _named(self, kind: type[Exception], why: object) -> Exception:
        return kind(endpoint_url=self._url.partition("?")[0], error=why)  # type: ignore[call-arg]  # botocore's form
