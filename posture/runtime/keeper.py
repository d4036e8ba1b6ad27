"""Keeps the embedded Postgres for as long as somebody uses it, and stops it when the last one has gone.

Everyone who uses the database holds a shared lock on one file. The keeper starts Postgres and waits for the exclusive
lock on that file, which the kernel grants when nobody holds it any more: after a clean end, a crash and a kill -9
alike. It is run by its path, with only the standard library, and reads what to start as JSON from its standard input.
"""

import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
from types import FrameType
from typing import Any

STOP_SECONDS = 20
SET_PARENT_DEATH_SIGNAL = 1


class Ended(Exception):
    """Postgres has ended by itself, or the keeper was told to end."""


def keep(order: dict[str, Any]) -> int:
    """Run Postgres until its users are gone. The answer is an exit code: 0 when that is why it stopped."""
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, _end)
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # those are for the command that uses the database
    users = os.open(order["users"], os.O_RDWR | os.O_CLOEXEC)
    postgres = None
    try:
        postgres = _start(order)
        fcntl.flock(users, fcntl.LOCK_EX)
        return 0
    except Ended:
        return 1
    finally:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if postgres is not None:
            _stop(postgres)


def _start(order: dict[str, Any]) -> "subprocess.Popen[bytes]":
    log = os.open(order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    lent = {"user": order["uid"], "group": order["gid"], "extra_groups": []} if order["uid"] is not None else {}
    # Found before the fork: after it the lent account may not be able to read Python's own files.
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def die_with_keeper() -> None:
        if prctl is not None:
            prctl(SET_PARENT_DEATH_SIGNAL, int(signal.SIGINT))

    try:
        return subprocess.Popen(
            order["command"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=order["environment"],
            preexec_fn=die_with_keeper,
            **lent,
        )
    finally:
        os.close(log)


def _stop(postgres: "subprocess.Popen[bytes]") -> None:
    """A fast shutdown: open transactions are rolled back, everything committed is written."""
    if postgres.poll() is not None:
        return
    postgres.send_signal(signal.SIGINT)
    try:
        postgres.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        postgres.send_signal(signal.SIGQUIT)
        postgres.wait()


def _end(number: int, frame: FrameType | None) -> None:
    raise Ended


if __name__ == "__main__":
    sys.exit(keep(json.load(sys.stdin)))
