"""The embedded broker: Valkey on a private Unix socket, with its queue on disk so that a restart forgets nothing."""

import socket
import time
from pathlib import Path

from posture.runtime import binaries, home
from posture.runtime.cluster import short

SOCKET = "valkey.sock"
STOP_SECONDS = 10


def folder() -> Path:
    place = home.home() / "broker"
    place.mkdir(mode=0o700, exist_ok=True)
    return place


def socket_path() -> Path:
    """Where it listens; like the database's address it follows from the home alone."""
    return short(home.home() / "broker", SOCKET) / SOCKET


def url() -> str:
    return f"redis+socket://{socket_path()}?virtual_host=0"


def command() -> list[str]:
    """How to start it, once one of a killed supervisor is gone: two would write the same queue."""
    deadline = time.monotonic() + STOP_SECONDS
    while answers() and time.monotonic() < deadline:
        time.sleep(0.05)
    socket_path().parent.mkdir(mode=0o700, exist_ok=True)
    return [
        *(str(binaries.valkey()), "--port", "0", "--unixsocket", str(socket_path()), "--unixsocketperm", "700"),
        *("--dir", str(folder()), "--save", "", "--appendonly", "yes", "--appendfsync", "everysec"),
        *("--maxmemory-policy", "noeviction", "--daemonize", "no", "--loglevel", "warning"),
    ]


def answers() -> bool:
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            line.connect(str(socket_path()))
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
    except OSError:
        return False
