"""A loopback server that says what a test tells it to: over TLS or not, whole or cut, at once or slowly."""

from __future__ import annotations

import asyncio
import datetime
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Answer = Callable[["Server", "Asked", asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Asked:
    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Server:
    answer: Answer
    port: int = 0
    connections: int = 0
    now: int = 0
    most: int = 0  # requests at once
    asked: list[Asked] = field(default_factory=list)
    readers: dict[asyncio.StreamWriter, asyncio.StreamReader] = field(default_factory=dict)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.readers[writer] = reader
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                line, *rest = head.decode().strip().split("\r\n")
                headers = {name.lower(): value for name, value in (each.split(": ", 1) for each in rest)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                self.asked.append(Asked(line, headers, body))
                self.now += 1
                self.most = max(self.most, self.now)
                await self.answer(self, self.asked[-1], writer)
                self.now -= 1
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError):
            pass
        finally:
            writer.transport.abort()


def http(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    said = {"Content-Length": str(len(body)), "Content-Type": "application/x-amz-json-1.1"}
    said |= {name.replace("_", "-"): value for name, value in headers.items()}
    return "\r\n".join([f"HTTP/1.1 {status}", *(f"{k}: {v}" for k, v in said.items()), "", ""]).encode() + body


def says(*parts: bytes, pause: float = 0.0, then: str = "stay") -> Answer:
    """Each request is answered with these bytes, with a pause between the parts; `then` stay, close or reset."""

    async def answer(server: Server, asked: Asked, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        if then == "reset":
            writer.transport.abort()
        if then != "stay":
            raise ConnectionError

    return answer


@contextmanager
def serving(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    server, loop = Server(answer), asyncio.new_event_loop()
    ready = threading.Event()

    async def serve() -> None:
        listening = await asyncio.start_server(server.talk, "127.0.0.1", 0, ssl=tls, backlog=1000)
        server.port = listening.sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
        listening.close()
        talks = asyncio.all_tasks() - {asyncio.current_task()}
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await asyncio.sleep(0.01)

    stop = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        ready.wait(10)
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()


def authority(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """(the file of a made-up authority's certificate, a server's TLS with a certificate that it signed)."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.datetime.now(datetime.UTC)

    def certificate(name: str, subject_key: Any, *extensions: tuple[Any, bool]) -> x509.Certificate:
        made = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a made-up authority")]))
            .public_key(subject_key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
        )
        for extension, critical in extensions:
            made = made.add_extension(extension, critical)
        return made.sign(key, hashes.SHA256())

    own = ec.generate_private_key(ec.SECP256R1())
    root = certificate("a made-up authority", key, (x509.BasicConstraints(ca=True, path_length=None), True))
    leaf = certificate("localhost", own, (x509.SubjectAlternativeName([x509.DNSName("localhost")]), False))
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(root.public_bytes(pem))
    private = own.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(private + leaf.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return folder / "ca.pem", context
