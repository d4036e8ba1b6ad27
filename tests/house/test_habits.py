"""The habits of the house, kept by the same command as all other tests."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
TOOLS = Path(sys.executable).parent
MANAGE = (sys.executable, "manage.py")

HABITS = {
    "ruff finds nothing": (TOOLS / "ruff", "check", "."),
    "mypy --strict finds nothing": (TOOLS / "mypy", "--strict", "scanners", "posture"),
    "the walls between the rooms stand": (TOOLS / "lint-imports", "--no-cache"),
}


@pytest.mark.parametrize("command", HABITS.values(), ids=HABITS)
def test_habit(command: tuple[str | Path, ...]) -> None:
    done = run(*command)

    assert done.returncode == 0, done.stdout + done.stderr


def test_every_change_of_a_model_has_its_migration() -> None:
    done = run(*MANAGE, "makemigrations", "--check", "--dry-run")

    assert done.returncode == 0, done.stdout + done.stderr


def test_a_deployment_behind_https_has_nothing_to_warn_of() -> None:
    done = run(
        *MANAGE, "check", "--deploy", "--fail-level", "INFO", POSTURE_HTTPS="1", POSTURE_ALLOWED_HOSTS="a.example"
    )

    assert (done.returncode, "no issues" in done.stdout) == (0, True), done.stdout + done.stderr


def test_debug_is_refused_where_others_can_see_it() -> None:
    done = run(*MANAGE, "check", POSTURE_DEBUG="1", POSTURE_ALLOWED_HOSTS="a.example")

    assert done.returncode == 1
    assert done.stderr.startswith("POSTURE_DEBUG shows the inside of the program")


def test_the_pins_of_the_tests_contain_those_of_the_program() -> None:
    program, tests = (pins(REPOSITORY / name) for name in ("requirements.txt", "requirements-dev.txt"))

    assert program <= tests


def pins(path: Path) -> set[str]:
    return {line.split(" ")[0] for line in path.read_text().splitlines() if line[:1].isalpha()}


def run(*command: str | Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    inherited = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    return subprocess.run(
        command, cwd=REPOSITORY, env=inherited | environment, capture_output=True, text=True, timeout=600, check=False
    )
