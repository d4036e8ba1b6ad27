"""The programs of an installation: how each is started, and how one knows that it is ready."""

import http.client
import json
import signal
import sys
from pathlib import Path

from posture.runtime import broker, home, ports
from posture.runtime.child import Child

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


def sample() -> Child:
    """The sample cloud. It comes back on the port it had, which its accounts remember as their endpoint."""
    return Child("sample", _sample_command)


def sample_endpoint() -> str | None:
    """Where the sample cloud answers, once it is filled."""
    try:
        return str(json.loads(_sample_address().read_text())["endpoint"])
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


def _sample_command() -> list[str]:
    known = (sample_endpoint() or "").rpartition(":")[2]
    port = known if known.isdigit() and ports.free(LOOPBACK, int(known)) else "0"
    _sample_address().unlink(missing_ok=True)
    module = (sys.executable, "-m", "posture.runtime.sample.server")
    return [*module, "--port", port, "--address-file", str(_sample_address())]


def _sample_address() -> Path:
    return home.home() / "sample.json"
