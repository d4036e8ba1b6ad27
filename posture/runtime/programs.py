"""The programs of an installation: how each is started, and how one knows that it is ready."""

import http.client
import json
import signal
import sys
from pathlib import Path

from posture.runtime import broker, home, ports
from posture.runtime.child import Child
from posture.runtime.sample.clouds import Sample

LOOPBACK = "127.0.0.1"


def the_broker() -> Child:
    return Child("broker", broker.command, grace=10)


def web(host: str, port: int) -> Child:
    return Child("web", lambda: web_command(host, port), {"POSTURE_ROLE": "web"})


def web_command(host: str, port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)),
        *("--workers", "1", "--blocking-threads", "8", "--workers-kill-timeout", "3", "--no-ws"),
        *("--log-level", "error", "posture.wsgi:application"),
    ]


def worker(count: int) -> Child:
    """As an orphan it stops at once: its unfinished tasks are rung again, so waiting for them would be of no use."""
    command = [
        *(sys.executable, "-m", "celery", "-A", "posture", "worker", "--concurrency", str(count)),
        *("--without-gossip", "--without-mingle", "--loglevel", "WARNING"),
    ]
    return Child("worker", lambda: command, {"POSTURE_ROLE": "worker"}, orphan_signal=signal.SIGQUIT)


def beat() -> Child:
    """Its schedule is a constant, so it keeps nothing on disk."""
    command = [
        *(sys.executable, "-m", "celery", "-A", "posture", "beat", "--pidfile", ""),
        *("--scheduler", "celery.beat.Scheduler", "--loglevel", "WARNING"),
    ]
    return Child("beat", lambda: command, {"POSTURE_ROLE": "beat"})


def sample(of: Sample) -> Child:
    """A sample cloud. It comes back on the port it had, which its account remembers as its endpoint."""
    return Child(of.program, lambda: _sample_command(of))


def sample_address(of: Sample) -> tuple[str, str] | None:
    """Where a sample cloud answers and which account is in it, once it is filled."""
    try:
        told = json.loads(_address_file(of).read_text())
        return str(told["endpoint"]), str(told["account"])
    except (OSError, ValueError, KeyError):
        return None


def page_answers(host: str, port: int) -> bool:
    """Whether the first page comes, from where a person would ask for it."""
    line = http.client.HTTPConnection(LOOPBACK if host in ("0.0.0.0", "::") else host, port, timeout=10)  # noqa: S104
    try:
        line.request("GET", "/", headers={"Host": f"localhost:{port}"})
        return line.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def _sample_command(of: Sample) -> list[str]:
    endpoint, _ = sample_address(of) or ("", "")
    known = endpoint.rpartition(":")[2]
    port = known if known.isdigit() and ports.free(LOOPBACK, int(known)) else "0"
    _address_file(of).unlink(missing_ok=True)
    return [sys.executable, "-m", of.module, "--port", port, "--address-file", str(_address_file(of))]


def _address_file(of: Sample) -> Path:
    return home.home() / f"{of.program}.json"
