"""Which port the web server gets."""

import errno
import socket
import time

from posture.runtime.mistakes import Mistake

USUAL = 8000
TRIED = 50
PATIENCE = 5.0


def free(host: str, port: int) -> bool:
    """Whether nobody listens there. The web server shares ports by itself, so it would not notice."""
    try:
        kind, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(kind, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (socket.gaierror, UnicodeError, OverflowError):
        raise Mistake(f"{host} with port {port} is no address of this machine: try --host 127.0.0.1.") from None
    except OSError as failure:
        if failure.errno == errno.EADDRNOTAVAIL:
            raise Mistake(f"{host} is no address of this machine: try --host 127.0.0.1.") from None
        if failure.errno == errno.EACCES:
            raise Mistake(f"Port {port} is only for root: choose one from 1024 on with --port.") from None
        return False
    return True


def choose(host: str, wanted: int | None, *, patient: bool) -> int:
    """The port asked for, or the first free one. Patient after a crash: its web server may still be going."""
    port = wanted or USUAL
    deadline = time.monotonic() + (PATIENCE if patient else 0)
    while not (vacant := free(host, port)) and time.monotonic() < deadline:
        time.sleep(0.1)
    if vacant:
        return port
    if wanted:
        raise Mistake(f"Port {wanted} on {host} is in use: stop what listens there, or choose another with --port.")
    for other in range(USUAL + 1, USUAL + TRIED):
        if free(host, other):
            return other
    raise Mistake(f"All ports from {USUAL} to {USUAL + TRIED - 1} on {host} are in use: choose one with --port.")
