#!/usr/bin/env python3
"""Django's manage.py, which makes its own virtual environment the first time.

`python3 manage.py up` works on a bare machine: this file needs the standard library only. It makes `.venv` beside
itself, installs the pinned and hashed requirements into it and runs itself again there. Inside a virtual environment,
or with POSTURE_BOOTSTRAP=0 (containers), it is an ordinary manage.py and installs nothing.
"""

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = Path(os.environ.get("POSTURE_VENV") or HERE / ".venv")
PYTHON = VENV / "bin" / "python"
STAMPS = VENV / ".posture-stamps.json"
OLDEST_PYTHON = (3, 11)
PIP_OPTIONS = ["--quiet", "--disable-pip-version-check", "--require-hashes"]


class CannotSetUp(Exception):
    """Why there is no environment, in one sentence that says what to do."""


def say(sentence: str) -> None:
    print(f"set-up | {sentence}", file=sys.stderr, flush=True)


def succeeds(*command: object, show: bool = False) -> bool:
    """Run a command; its output is shown only when a person can do something about it."""
    quiet = None if show else subprocess.DEVNULL
    try:
        return subprocess.run([str(word) for word in command], stdout=quiet, stderr=quiet, check=False).returncode == 0
    except OSError:
        return False


def bootstrap() -> None:
    """Go on in the environment, which is made or brought up to date first."""
    if sys.version_info < OLDEST_PYTHON:
        raise CannotSetUp(f"Python 3.11 or newer is needed, and this is {sys.version.split()[0]}.")
    # The development pins contain all the others, so one file is enough.
    wanted = HERE / ("requirements-dev.txt" if sys.argv[1:2] == ["test"] else "requirements.txt")
    stamp = hashlib.sha256(wanted.read_bytes() + sys.version.encode()).hexdigest()
    if stamps().get(wanted.name) != stamp or not PYTHON.exists():
        with alone():
            if stamps().get(wanted.name) != stamp or not PYTHON.exists():
                make(wanted, stamp)
    os.execv(PYTHON, [str(PYTHON), *sys.argv])  # noqa: S606


def stamps() -> dict[str, str]:
    """Which requirements the environment holds, by the hash of the file and of Python's version."""
    try:
        found = json.loads(STAMPS.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Two first starts at once: the second waits, and finds the work done."""
    import fcntl

    VENV.parent.mkdir(parents=True, exist_ok=True)
    with VENV.with_name(VENV.name + ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make(wanted: Path, stamp: str) -> None:
    began = time.monotonic()
    say(f"installing {wanted.name} into {VENV}, once; this needs the network and takes up to a minute")
    install(wanted, pip())
    held = {wanted.name: stamp}
    if wanted.name == "requirements-dev.txt":
        plain = HERE / "requirements.txt"
        held[plain.name] = hashlib.sha256(plain.read_bytes() + sys.version.encode()).hexdigest()
    STAMPS.write_text(json.dumps(held))
    say(f"ready after {time.monotonic() - began:.0f} s")


def pip() -> list[object]:
    """The command of a pip that fills the environment, which is made when it is missing or of another Python."""
    same_version = f"import sys; raise SystemExit(sys.version_info[:2] != {sys.version_info[:2]!r})"
    if not succeeds(PYTHON, "-c", same_version):
        shutil.rmtree(VENV, ignore_errors=True)
    inner: list[object] = [PYTHON, "-m", "pip"]
    if succeeds(*inner, "--version") or succeeds(sys.executable, "-m", "venv", VENV):
        return inner
    # Debian's python3 comes without ensurepip. A pip outside can fill the environment; PEP 668 does not forbid that.
    shutil.rmtree(VENV, ignore_errors=True)
    if succeeds(sys.executable, "-m", "pip", "--version") and succeeds(
        sys.executable, "-m", "venv", "--without-pip", VENV
    ):
        return [sys.executable, "-m", "pip", "--python", PYTHON]
    if installed_venv_package() and succeeds(sys.executable, "-m", "venv", VENV):
        return inner
    raise CannotSetUp(
        f"{sys.executable} cannot make a virtual environment in {VENV}: it has neither ensurepip nor pip. "
        "Install one, for instance with: apt-get install python3-venv"
    )


def installed_venv_package() -> bool:
    """As root on Debian the missing part is one package away; POSTURE_APT=0 forbids it."""
    ours = sys.executable.startswith("/usr/bin/") and shutil.which("apt-get") and os.geteuid() == 0
    if not ours or os.environ.get("POSTURE_APT") == "0":
        return False
    say("Python has no ensurepip here: running apt-get install python3-venv (POSTURE_APT=0 forbids this)")
    os.environ.setdefault("DEBIAN_FRONTEND", "noninteractive")
    install = ("apt-get", "install", "-qq", "-y", "--no-install-recommends", "python3-venv")
    return succeeds(*install) or (succeeds("apt-get", "update", "-qq") and succeeds(*install))


def install(wanted: Path, pip: list[object]) -> None:
    """With uv, which takes seconds, or with pip when uv cannot be had. Both refuse what has another hash."""
    os.environ.setdefault("UV_SYSTEM_CERTS", "1")  # trust what the machine trusts, as pip does
    uv = PYTHON.with_name("uv")
    if os.environ.get("POSTURE_UV") != "0":
        pinned = HERE / "posture" / "runtime" / "uv.txt"
        if succeeds(*pip, "install", *PIP_OPTIONS, "-r", pinned) and succeeds(
            uv, "pip", "install", "--quiet", "--require-hashes", "--python", PYTHON, "-r", wanted
        ):
            return
        say("uv did not do it: installing with pip, which takes a little longer")
    if not succeeds(*pip, "install", *PIP_OPTIONS, "-r", wanted, show=True):
        raise CannotSetUp(
            f"pip could not install {wanted.name} (its own words are above). "
            "Check the network, the proxy and the free disk space, then run the same command again."
        )


def main() -> None:
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # without compiled files every start costs about 3 s more
    sys.dont_write_bytecode = False
    try:
        if sys.prefix == sys.base_prefix and os.environ.get("POSTURE_BOOTSTRAP", "1") != "0":
            bootstrap()
        from posture.runtime.entry import run
    except CannotSetUp as reason:
        sys.exit(f"set-up | {reason}")
    except ModuleNotFoundError as missing:
        sys.exit(f"{missing.name} is not installed for {sys.executable}: run pip install -r requirements.txt there.")
    except OSError as failure:
        sys.exit(f"set-up | {VENV} cannot be made: {failure}.")
    except KeyboardInterrupt:
        sys.exit(130)
    sys.exit(run(sys.argv))


if __name__ == "__main__":
    main()
