"""The browser of the tests: Debian's chromium, fetched when this machine lets us."""

import ctypes.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

PACKAGES = ("chromium", "libatomic1")  # the second is for the node that comes inside playwright
# Debian builds its own sandbox and updater around it; neither works in a container, and no test may phone home.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def found() -> str | None:
    """The program, or None."""
    chosen = os.environ.get("POSTURE_CHROMIUM")
    return chosen or shutil.which("chromium") or shutil.which("chromium", path="/usr/bin")


def lacking() -> str | None:
    """Why there can be no browser test, as a sentence; None when there can."""
    if not found():
        return "There is no chromium: apt-get install chromium libatomic1, or name another in POSTURE_CHROMIUM."
    if not _node_runs():
        return "Playwright needs libatomic.so.1: apt-get install libatomic1."
    return None


def fetch() -> None:
    """Install what is missing, as root on Debian, and say so. POSTURE_APT=0 forbids it."""
    if not lacking() or os.environ.get("POSTURE_APT") == "0" or os.geteuid() != 0:
        return
    if not Path("/etc/debian_version").exists() or not shutil.which("apt-get"):
        return
    print(f"set-up | running apt-get install {' '.join(PACKAGES)} (POSTURE_APT=0 forbids this)", file=sys.stderr)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (("update", "-qq"), ("install", "-qq", "-y", "--no-install-recommends", *PACKAGES)):
        done = subprocess.run(
            ("apt-get", *command), env=environment, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if done.returncode != 0:
            print(f"set-up | apt-get {command[0]} failed: browser tests will say that they lack it", file=sys.stderr)
            return


def _node_runs() -> bool:
    if ctypes.util.find_library("atomic") or sys.platform != "linux":
        return True
    if node := shutil.which("node"):
        os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", node)
    return bool(os.environ.get("PLAYWRIGHT_NODEJS_PATH"))
