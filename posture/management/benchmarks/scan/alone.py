"""A network of one's own: as root, the benchmark goes on in a namespace where there is nothing but loopback.

Auditors try to reach addresses outside; what they would find there must not count, and nobody there wants to be asked.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import struct
import sys

MARK = "POSTURE_BENCH_ALONE"
SIOCSIFFLAGS, IFF_UP = 0x8914, 0x1


def go() -> None:
    """Begin this command anew in such a network, where that is possible; otherwise go on as it is."""
    unshare = shutil.which("unshare")
    if os.environ.get(MARK) or os.geteuid() != 0 or not unshare:
        return
    anew = [unshare, "--net", "--", sys.executable, *sys.argv]
    os.execve(unshare, anew, {**os.environ, MARK: "1"})  # noqa: S606 - this command itself; no shell


def prepare() -> bool:
    """Open loopback there.  Whether we are in such a network."""
    if os.environ.get(MARK) != "1":
        return False
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        fcntl.ioctl(line, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))
    return True
