"""`manage.py test`: pytest with a database and a broker of its own, which nobody else sees and nothing outlives.

POSTURE_TEST_DATABASE_URL and POSTURE_TEST_BROKER_URL name others to test against, such as an ordinary Postgres 15.
"""

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from posture.runtime import broker, chromium, programs, services
from posture.runtime.mistakes import Mistake

# What a person's shell may carry, and a test must not meet: their installation, and their clouds.
PERSONAL = ("POSTURE_", "AWS_", "GOOGLE_", "AZURE_", "CLOUDSDK_", "KUBE", "DATABASE_URL", "BROKER_URL", "DJANGO_", "PG")
KEPT = (
    "POSTURE_APT",
    "POSTURE_CHROMIUM",
    "POSTURE_PG_BINDIR",
    "POSTURE_PG_USER",
    "POSTURE_VALKEY_BIN",
    "AWS_CA_BUNDLE",
)
BROKER_SECONDS = 15


def run(arguments: list[str]) -> int:
    """Everything after `manage.py test` is pytest's. The answer is pytest's exit code."""
    try:
        import pytest
    except ModuleNotFoundError:
        raise Mistake(
            f"pytest is not installed for {sys.executable}: run pip install -r requirements-dev.txt there."
        ) from None
    signal.signal(signal.SIGTERM, _leave)
    chromium.fetch()
    with own_services():
        return int(pytest.main(arguments))


@contextmanager
def own_services() -> Iterator[None]:
    """A throw-away home with its Postgres and broker; the environment points at it, also for xdist's processes."""
    database, queue = os.environ.get("POSTURE_TEST_DATABASE_URL"), os.environ.get("POSTURE_TEST_BROKER_URL")
    for name in [name for name in os.environ if name.startswith(PERSONAL) and name not in KEPT]:
        del os.environ[name]
    place = Path(tempfile.mkdtemp(prefix="posture-test-"))
    os.environ |= {"POSTURE_HOME": str(place), "POSTURE_THROW_AWAY": "1", "POSTURE_TRIAL": "1"}
    os.environ |= {"DATABASE_URL": database} if database else {}
    os.environ |= {"BROKER_URL": queue} if queue else {}
    cluster = services.embedded_postgres().cluster
    try:
        with _postgres(), _broker():
            yield
        if services.embedded_database():
            services.embedded_postgres().wait_until_left()
    finally:
        for rest in (cluster.root, cluster.sockets, broker.socket_path().parent, place):
            shutil.rmtree(rest, ignore_errors=True)


@contextmanager
def _postgres() -> Iterator[None]:
    if not services.embedded_database():
        yield
        return
    with services.embedded_postgres().in_use():
        yield


@contextmanager
def _broker() -> Iterator[None]:
    if not services.embedded_broker():
        yield
        return
    child = programs.the_broker()
    child.start()
    try:
        child.wait_until(broker.answers, BROKER_SECONDS)
        yield
    finally:
        child.ask_to_stop()
        child.make_stop()


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)
