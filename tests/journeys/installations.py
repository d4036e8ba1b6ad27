"""Real installations for the journeys: started as a person starts them, each in a home of its own."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
START_SECONDS = 60
END_SECONDS = 20
OF_THE_TESTS = ("POSTURE_THROW_AWAY", "POSTURE_TRIAL", "DATABASE_URL", "BROKER_URL", "DJANGO_SETTINGS_MODULE")


class Home:
    """A POSTURE_HOME in a folder that can be passed through, so that root's Postgres account can enter it."""

    def __init__(self, **environment: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="posture-journey-"))
        self.folder.chmod(0o711)
        self.path = self.folder / "home"
        inherited = {name: value for name, value in os.environ.items() if name not in OF_THE_TESTS}
        self.environment = inherited | {"POSTURE_HOME": str(self.path)} | environment
        self.started: list[Up] = []

    def start(self, *arguments: str) -> "Up":
        self.started.append(Up(self, arguments))
        return self.started[-1]

    def command(self, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=REPOSITORY,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )

    def inhabitants(self) -> list[str]:
        """Every program that belongs to this home: named by its environment, its arguments or where it works."""
        return [line for pid in Path("/proc").glob("[0-9]*") if (line := self._described(pid))]

    def is_empty(self) -> bool:
        """Wait a little for the last ones to go."""
        return eventually(lambda: not self.inhabitants(), END_SECONDS)

    def remove(self) -> None:
        for up in self.started:
            up.end()
        assert self.is_empty(), self.inhabitants()
        shutil.rmtree(self.folder)

    def _described(self, pid: Path) -> str | None:
        try:
            words = (pid / "cmdline").read_bytes()
            environment = (pid / "environ").read_bytes()
            place = str((pid / "cwd").readlink())
        except OSError:
            return None
        ours = os.fsencode(self.path)
        belongs = ours in words or b"POSTURE_HOME=" + ours in environment or place.startswith(str(self.path))
        return f"{pid.name} {words.decode(errors='replace')}" if belongs else None


def _as_from_a_terminal() -> None:
    """Whoever runs the tests under nohup ignores SIGHUP, and would hand that down."""
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


class Up:
    """A running `manage.py up`."""

    def __init__(self, home: Home, arguments: tuple[str, ...]) -> None:
        self._said = home.folder / f"said-{len(home.started)}.txt"
        with self._said.open("w") as said:
            self.program = subprocess.Popen(
                [sys.executable, "manage.py", "up", "--workers", "1", *arguments],
                cwd=REPOSITORY,
                env=home.environment,
                stdout=said,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=_as_from_a_terminal,
            )

    def ready(self) -> "Up":
        self.until("Ctrl-C stops everything")
        return self

    def until(self, words: str) -> None:
        arrived = eventually(lambda: words in self.said() or self.program.poll() is not None, START_SECONDS)
        assert arrived and words in self.said(), self.said()

    def said(self) -> str:
        return self._said.read_text()

    @property
    def address(self) -> str:
        found = re.search(r"http://\S+", self.said())
        assert found, self.said()
        return found[0]

    def end(self, number: int = signal.SIGTERM) -> int:
        if self.program.poll() is None:
            self.program.send_signal(number)
        return self.program.wait(END_SECONDS)


def eventually(true: Callable[[], object], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.02)
    return False
