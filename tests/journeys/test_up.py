"""`manage.py up` as a person meets it: real programs, real signals, a home of its own for each story."""

import os
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from posture.runtime.cluster import Cluster
from tests.journeys.installations import Home, Up, eventually

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def home() -> Iterator[Home]:
    home = Home()
    yield home
    home.remove()


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Home, Up]]:
    """One installation for the stories that leave it as it was."""
    home = Home()
    yield home, home.start("--port", str(vacant())).ready()
    home.remove()


def vacant() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as page:  # noqa: S310
            return bool(page.status == 200)
    except OSError:
        return False


def pid_of(home: Home, *words: str) -> int:
    """The oldest program of this home that was started with these words."""
    found = [line for line in home.inhabitants() if all(word in line for word in words)]
    assert found, home.inhabitants()
    return min(int(line.split()[0]) for line in found)


def postmaster(home: Home) -> int:
    return int(Cluster(home.path / "postgres").data.joinpath("postmaster.pid").read_text().splitlines()[0])


def test_it_prints_the_address_where_the_page_answers(running: tuple[Home, Up]) -> None:
    _, up = running

    assert answers(up.address)


def test_the_first_sign_in_is_shown(running: tuple[Home, Up]) -> None:
    _, up = running

    assert "Sign in as " in up.said()


def test_a_second_one_on_the_same_home_is_refused_by_name(running: tuple[Home, Up]) -> None:
    home, up = running

    second = home.command("up")

    assert second.returncode == 1
    assert second.stderr.count("\n") == 1
    assert f"pid {up.program.pid}" in second.stderr


def test_other_commands_share_its_database(running: tuple[Home, Up]) -> None:
    home, _ = running
    before = postmaster(home)

    seen = home.command("shell", "-v0", "-c", "from posture.models import Person; print(Person.objects.count())")

    assert (seen.returncode, seen.stdout.strip()) == (0, "1"), seen.stderr
    assert postmaster(home) == before


@pytest.mark.parametrize(
    "words", [("granian",), ("celery", "worker"), ("celery", "beat"), ("valkey-server",), ("data", "listen_addresses")]
)
def test_a_killed_part_comes_back(running: tuple[Home, Up], words: tuple[str, ...]) -> None:
    home, up = running
    killed = pid_of(home, *words)

    os.kill(killed, signal.SIGKILL)

    assert eventually(lambda: any(_new(line, killed, words) for line in home.inhabitants()), 20), up.said()
    assert eventually(lambda: answers(up.address), 20), up.said()


def _new(line: str, killed: int, words: tuple[str, ...]) -> bool:
    return int(line.split()[0]) != killed and all(word in line for word in words)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_all_of_it(home: Home, number: signal.Signals) -> None:
    up = home.start("--port", str(vacant())).ready()

    code = up.end(number)

    assert code == 0, up.said()
    assert home.inhabitants() == []


def test_killed_without_a_word_it_leaves_nothing_behind_and_starts_again_with_its_data(home: Home) -> None:
    port = str(vacant())
    killed = home.start("--port", port).ready()

    killed.end(signal.SIGKILL)
    again = home.start("--port", port).ready()

    assert answers(again.address)
    assert "Sign in as" in killed.said()
    assert "Sign in as" not in again.said(), "the first person is still there"
    again.end()
    assert home.is_empty(), home.inhabitants()


def test_a_busy_port_that_was_asked_for_is_one_clear_sentence(home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        port = squatter.getsockname()[1]

        refused = home.command("up", "--port", str(port))

    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        f"Port {port} on 127.0.0.1 is in use: stop what listens there, or choose another with --port.\n"
    )


def test_several_commands_at_once_share_one_new_database_and_the_last_one_stops_it(home: Home) -> None:
    question = ("shell", "-v0", "-c", "from posture.models import Person; print(Person.objects.count())")
    command = [*_manage(), *question]

    together = [
        subprocess.Popen(command, env=home.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(3)
    ]
    said = [program.communicate(timeout=60)[0].strip() for program in together]

    assert said == ["0", "0", "0"]
    assert home.is_empty(), home.inhabitants()


def test_a_missing_key_beside_a_database_is_never_made_anew(home: Home) -> None:
    assert home.command("migrate").returncode == 0
    (home.path / "digest_key").unlink()

    refused = home.command("showmigrations")

    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert f"{home.path / 'digest_key'} is missing" in refused.stderr
    assert not (home.path / "digest_key").exists()


def test_a_database_that_is_down_is_one_clear_sentence_without_its_password(home: Home) -> None:
    url = f"postgresql://posture:canary-password@127.0.0.1:{vacant()}/posture"

    refused = home.command("showmigrations", DATABASE_URL=url)

    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "does not answer" in refused.stderr
    assert "canary-password" not in refused.stdout + refused.stderr


def test_keys_and_logs_are_private(running: tuple[Home, Up]) -> None:
    home, _ = running
    private = [home.path / name for name in ("secret_key", "digest_key", "postgres_password", "logs/web.log")]

    modes = {path.name: path.stat().st_mode & 0o777 for path in private}

    assert set(modes.values()) == {0o600}, modes


@pytest.mark.parametrize("broker", ["ordinary_redis", "ordinary_rabbitmq"])
def test_an_ordinary_postgres_and_broker_do_as_well(
    ordinary_postgres: str, broker: str, request: pytest.FixtureRequest
) -> None:
    home = Home(DATABASE_URL=ordinary_postgres, BROKER_URL=request.getfixturevalue(broker))
    try:
        up = home.start("--port", str(vacant())).ready()

        assert answers(up.address)
        assert not (home.path / "postgres").exists()
        assert not (home.path / "broker").exists()
        assert eventually(lambda: (home.path / "logs" / "worker.log").read_text().count("celery@"), 15)
    finally:
        home.remove()


def test_an_unmigrated_database_of_somebody_else_is_left_alone(ordinary_postgres_empty: str) -> None:
    home = Home(DATABASE_URL=ordinary_postgres_empty)
    try:
        refused = home.command("createsuperuser", "--noinput")

        assert refused.returncode == 1
        assert "run python3 manage.py migrate" in refused.stderr
    finally:
        home.remove()


def _manage() -> list[str]:
    import sys

    from tests.journeys.installations import REPOSITORY

    return [sys.executable, str(Path(REPOSITORY) / "manage.py")]
