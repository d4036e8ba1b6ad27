"""The road to the cloud, as a process: `python -m posture.management.benchmarks.scan.proxy --to URL …`.

Adds latency and rate limits, counts, and replays what it has seen: the emulator answers some 300 calls a second, and
without the replay it would be the emulator that is measured.  `PUT /_bench/road` sets the road and begins to count
anew, `GET /_bench/report` tells what passed, `POST /_bench/refresh` asks the emulator again for all that is replayed.

`mirrored` regions are shown as the first region is: the same answers with the region's name in them, so that an account
too large for the emulator can be walked.  Known limits: request bodies come with a length; no HTTP pipelining.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import http.client
import json
import os
import re
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from posture.management.benchmarks.scan import limits
from posture.management.benchmarks.scan.traffic import Asked, Journal, Known, latency

SCOPE = re.compile(rb"Credential=[^/,\s]+/\d{8}/([^,\s]+)/aws4_request")
HEADERS = ("content-type", "x-amz-target", "authorization", "x-amz-account-id", "x-amz-content-sha256", "accept")
ASKING = 8  # threads that speak to the emulator
PR_SET_PDEATHSIG = 1


@dataclass
class Road:
    """How the road is at present."""

    latency_ms: float = 0.0
    seed: int = 7
    limited: bool = False
    regions: tuple[str, ...] = ()
    mirrored: tuple[str, ...] = ()  # the first one is the one that is shown


@dataclass
class Proxy:
    to: str
    road: Road = field(default_factory=Road)
    journal: Journal = field(default_factory=Journal)
    replayed: dict[Asked, Known] = field(default_factory=dict)
    headers: dict[Asked, dict[str, str]] = field(default_factory=dict)
    buckets: limits.Buckets = field(default_factory=limits.Buckets)

    def __post_init__(self) -> None:
        self._pool = ThreadPoolExecutor(ASKING)
        self._own = threading.local()

    async def answer(self, asked: Asked, headers: dict[str, str]) -> bytes:
        """The bytes to send, when it is time to."""
        loop = asyncio.get_running_loop()
        shown, region, asked = self._mirrored(asked)
        known = self.replayed.get(asked)
        if known is None:
            known = await loop.run_in_executor(self._pool, self.ask, asked, headers)
            self.replayed[asked], self.headers[asked] = known, headers
        if shown:
            known = known._replace(region=region.decode(), reply=_renamed(known.reply, shown, region))
        now = loop.time()
        throttled = self.road.limited and not self.buckets.admits(known.service, known.operation, known.region, now)
        nth = self.journal.answered[known.identity] + self.journal.throttled[known.identity[:3]]
        wait = latency(self.road.latency_ms, self.road.seed, known, nth)
        self.journal.note(known, throttled=throttled, at=now, waited=wait)
        if wait:
            await asyncio.sleep(wait)
        return known.throttled if throttled else known.reply

    def _mirrored(self, asked: Asked) -> tuple[bytes, bytes, Asked]:
        """(what is shown, the region it is shown as, the question about what is shown); nothing, if it is itself."""
        region = asked.scope.partition(b"/")[0]
        if region.decode() not in self.road.mirrored[1:] or asked.scope.endswith((b"/s3", b"/sts", b"/iam")):
            return b"", b"", asked
        first = self.road.mirrored[0].encode()
        return first, region, asked.elsewhere(region, first)

    def ask(self, asked: Asked, headers: dict[str, str]) -> Known:
        """Let the emulator answer.  Whatever it cannot do becomes a clean refusal, which no client asks again."""
        from posture.runtime.sample.emulator.wire import Refused, Reply, answered, recognise, refused

        path, _, query = asked.target.decode().partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": asked.method.decode(),
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(path).encode().decode("latin-1"),
            "QUERY_STRING": query,
            "RAW_URI": asked.target.decode(),
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http",
            "HTTP_HOST": "127.0.0.1",
            "CONTENT_TYPE": asked.kind.decode(),
            "HTTP_X_AMZ_TARGET": asked.action.decode(),
            "HTTP_AUTHORIZATION": headers.get("authorization", ""),
            "HTTP_X_AMZ_ACCOUNT_ID": headers.get("x-amz-account-id", ""),
        }
        call = recognise(environ, asked.body)
        if (call.service, call.operation) == ("ec2", "DescribeRegions") and self.road.regions:
            reply = answered(call, {"Regions": [open_region(name) for name in self.road.regions]})
        else:
            reply = Reply(*self._forwarded(asked, headers))
        if reply.status >= 500 or not reply.status:
            reply = refused(call, Refused("UnsupportedOperation", "The emulator cannot do this", 400))
        no = refused(call, Refused(*_throttling(call.service)))
        return Known(
            call.service, call.operation or asked.target.decode()[:80], call.region, call.digest, reply.status,
            _sent(reply.status, reply.headers, reply.body), _sent(no.status, no.headers, no.body),
        )  # fmt: skip

    def _forwarded(self, asked: Asked, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        """Over the thread's own connection; a second one when the first has been closed meanwhile."""
        for _ in range(2):
            road = getattr(self._own, "road", None)
            if road is None:
                road = self._own.road = http.client.HTTPConnection(urlsplit(self.to).netloc, timeout=120)
            try:
                road.request(asked.method.decode(), asked.target.decode(), body=asked.body or None, headers=headers)
                got = road.getresponse()
                return got.status, dict(got.getheaders()), got.read()
            except (OSError, http.client.HTTPException):
                road.close()
                self._own.road = None
        return 0, {}, b""

    def control(self, method: str, path: str, body: bytes) -> Any:
        if (method, path) == ("PUT", "/_bench/road"):
            said = json.loads(body)
            self.road = Road(**{**said, **{k: tuple(said[k]) for k in ("regions", "mirrored") if k in said}})
            self.journal, self.buckets = Journal(), limits.Buckets()
            self.replayed = {k: v for k, v in self.replayed.items() if v.operation != "DescribeRegions"}
            return {}
        if (method, path) == ("GET", "/_bench/report"):
            return {**self.journal.report(), "cpu": round(sum(os.times()[:2]), 2)}
        if (method, path) == ("POST", "/_bench/refresh"):
            self.replayed = dict(zip(self.replayed, self._pool.map(self._again, self.replayed), strict=True))
            return {"asked": len(self.replayed)}
        raise KeyError(path)

    def _again(self, asked: Asked) -> Known:
        return self.ask(asked, self.headers[asked])


class Connection(asyncio.Protocol):
    """HTTP/1.1, one request after the other, kept alive."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy, self.buffer, self.busy = proxy, bytearray(), False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - TCP has no other
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.busy:
            self._next()

    def _next(self) -> None:
        end = self.buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        first, *lines = bytes(self.buffer[:end]).split(b"\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(b":")
            headers[name.decode().lower()] = value.strip().decode("latin-1")
        length = int(headers.get("content-length") or 0)
        if headers.get("expect", "").lower() == "100-continue" and len(self.buffer) < end + 4 + length:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if len(self.buffer) < end + 4 + length:
            return
        body = bytes(self.buffer[end + 4 : end + 4 + length])
        del self.buffer[: end + 4 + length]
        method, target, _ = first.split(b" ", 2)
        self.busy = True
        self._task = asyncio.get_running_loop().create_task(self._respond(method, target, headers, body))

    async def _respond(self, method: bytes, target: bytes, headers: dict[str, str], body: bytes) -> None:
        if target.startswith(b"/_bench/"):
            reply = await asyncio.get_running_loop().run_in_executor(None, self._controlled, method, target, body)
        else:
            reply = await self.proxy.answer(
                asked_by(method, target, headers, body), {k: headers[k] for k in HEADERS if k in headers}
            )
        if not self.transport.is_closing():
            self.transport.write(reply if method != b"HEAD" else reply[: reply.index(b"\r\n\r\n") + 4])
            if headers.get("connection", "").lower() == "close":
                self.transport.close()
        self.busy = False
        if self.buffer:
            self._next()

    def _controlled(self, method: bytes, target: bytes, body: bytes) -> bytes:
        try:
            said, status = self.proxy.control(method.decode(), target.decode(), body), 200
        except (KeyError, TypeError, ValueError) as wrong:
            said, status = {"error": repr(wrong)}, 400
        return _sent(status, {"Content-Type": "application/json"}, json.dumps(said).encode())


def asked_by(method: bytes, target: bytes, headers: dict[str, str], body: bytes) -> Asked:
    scope = SCOPE.search(headers.get("authorization", "").encode())
    return Asked(
        method, target, scope[1] if scope else b"", headers.get("x-amz-target", "").encode(),
        headers.get("content-type", "").encode(), body,
    )  # fmt: skip


def open_region(name: str) -> dict[str, str]:
    return {"RegionName": name, "Endpoint": f"ec2.{name}.amazonaws.com", "OptInStatus": "opt-in-not-required"}


def _throttling(service: str) -> tuple[str, str, int]:
    code, status = limits.CODES.get(service, limits.OTHERWISE)
    return code, "Rate exceeded", status


def _renamed(reply: bytes, shown: bytes, region: bytes) -> bytes:
    head, _, body = reply.partition(b"\r\n\r\n")
    body = body.replace(shown, region)
    return re.sub(rb"(?i)content-length: \d+", b"Content-Length: %d" % len(body), head) + b"\r\n\r\n" + body


def _sent(status: int, headers: dict[str, str], body: bytes) -> bytes:
    kept = {k: v for k, v in headers.items() if k.lower() not in ("content-length", "transfer-encoding", "connection")}
    lines = [f"HTTP/1.1 {status} {http.client.responses.get(status, 'Unknown')}"]
    lines += [f"{name}: {value}" for name, value in kept.items()]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode("latin-1") + body


async def serve(proxy: Proxy, address_file: Path) -> None:
    from posture.runtime.sample.server import write_whole

    server = await asyncio.get_running_loop().create_server(lambda: Connection(proxy), "127.0.0.1", 0, backlog=1024)
    port = server.sockets[0].getsockname()[1]
    write_whole(address_file, json.dumps({"endpoint": f"http://127.0.0.1:{port}", "pid": os.getpid()}))
    await server.serve_forever()


def main(arguments: list[str]) -> int:
    words = argparse.ArgumentParser()
    words.add_argument("--address-file", type=Path, required=True)
    words.add_argument("--to", required=True, help="the emulator's endpoint")
    wanted = words.parse_args(arguments)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    from posture.runtime.sample.server import prepare_environment

    prepare_environment()
    from posture.runtime.sample.emulator.moto_setup import share_models

    share_models()
    asyncio.run(serve(Proxy(wanted.to), wanted.address_file))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
