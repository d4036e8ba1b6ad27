"""A Postgres in front of the Postgres, that kills whoever speaks to it at a chosen round trip: kill -9."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

ROUND_TRIPS = b"QSc"  # simple query, sync, end of COPY: the messages after which a client waits for the server


class CrashingPostgres:
    """`kill_at`: the round trip at which the client dies; `after`: once the server has heard it, rather than before."""

    def __init__(self, folder: Path, real: str) -> None:
        self.folder, self._real = folder, real
        self.kill_at, self.after, self.seen = 0, False, 0
        self._lock = threading.Lock()
        self._door = socket.socket(socket.AF_UNIX)
        self._door.bind(str(folder / ".s.PGSQL.5432"))
        self._door.listen(16)
        self._guests: list[threading.Thread] = []
        self._host = threading.Thread(target=self._welcome, daemon=True)
        self._host.start()

    def arm(self, kill_at: int, *, after: bool = False) -> None:
        self.kill_at, self.after, self.seen = kill_at, after, 0

    def close(self) -> None:
        self._door.shutdown(socket.SHUT_RDWR)  # wakes accept
        self._host.join()
        for guest in self._guests:
            guest.join(5)
        self._door.close()

    def _welcome(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._door.accept()
                guest = threading.Thread(target=self._serve, args=(client,), daemon=True)
                self._guests.append(guest)
                guest.start()

    def _serve(self, client: socket.socket) -> None:
        pid, _, _ = struct.unpack("3i", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
        with client, socket.socket(socket.AF_UNIX) as server:
            server.connect(self._real)
            answers = threading.Thread(target=_copy, args=(server, client), daemon=True)
            answers.start()
            self._listen(client, server, pid)
            answers.join()

    def _listen(self, client: socket.socket, server: socket.socket, pid: int) -> None:
        with contextlib.suppress(OSError), client.makefile("rb") as stream:
            for kind, message in _messages(stream):
                fatal = kind in ROUND_TRIPS and self._count()
                if fatal and not self.after:
                    os.kill(pid, signal.SIGKILL)
                    break
                server.sendall(message)
                if fatal:
                    os.kill(pid, signal.SIGKILL)
                    break
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_WR)  # what the server was told, it still does

    def _count(self) -> bool:
        with self._lock:
            self.seen += 1
            return self.seen == self.kill_at


def _messages(stream: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """(type, whole message); the first one of a connection has no type."""
    first = True
    while True:
        kind = b"" if first else stream.read(1)
        size = stream.read(4)
        if len(size) < 4:
            return
        yield kind or b"-", kind + size + stream.read(struct.unpack("!i", size)[0] - 4)
        first = False


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while chunk := source.recv(65536):
            target.sendall(chunk)
        target.shutdown(socket.SHUT_WR)
