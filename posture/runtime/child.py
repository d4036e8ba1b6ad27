"""One program that the supervisor starts, watches and stops, with everything that program starts in its turn."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from posture.runtime import home
from posture.runtime.cluster import last_words
from posture.runtime.mistakes import Mistake

SET_PARENT_DEATH_SIGNAL = 1
LARGEST_LOG = 10_000_000
STEADY_SECONDS = 60
LONGEST_PAUSE = 30.0
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None  # found before any fork


@dataclass
class Child:
    """It has a session of its own: Ctrl-C reaches the supervisor alone, and nothing left behind escapes a sweep."""

    name: str
    command: Callable[[], list[str]]
    environment: dict[str, str] = field(default_factory=dict)
    grace: float = 8
    orphan_signal: signal.Signals = signal.SIGTERM  # what it gets when the supervisor dies without a word
    failures: int = 0
    due_at: float = 0.0
    running: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0

    @property
    def log(self) -> str:
        return str(home.logs() / f"{self.name}.log")

    def start(self) -> None:
        self._turn_log()
        log = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self.running = subprocess.Popen(
                self.command(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=home.REPOSITORY,
                env=os.environ | {"PYTHONUNBUFFERED": "1"} | self.environment,
                start_new_session=True,
                preexec_fn=_die_with(os.getpid(), self.orphan_signal),
            )
        finally:
            os.close(log)
        self.started_at = time.monotonic()
        self.due_at = 0.0

    def ended(self) -> int | None:
        """Its exit code, or None while it runs."""
        return self.running.poll() if self.running else None

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """For one that runs without a supervisor."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self.ended() is not None or time.monotonic() > deadline:
                raise Mistake(f"The {self.name} does not start ({self.last_words()}): its log is {self.log}.")
            time.sleep(0.02)

    def put_off(self) -> float:
        """After a crash: the pause before the next start, longer each time until it has once run steadily."""
        self.sweep()
        steady = time.monotonic() - self.started_at > STEADY_SECONDS
        self.failures = 1 if steady else self.failures + 1
        pause: float = min(LONGEST_PAUSE, 0.25 * 2**self.failures)
        self.due_at = time.monotonic() + pause
        return pause

    def ask_to_stop(self) -> None:
        if self.running and self.running.poll() is None:
            self.running.terminate()

    def make_stop(self, *, at_once: bool = False) -> None:
        """Wait for it, no longer than its grace, and leave nothing of it behind."""
        if self.running:
            try:
                self.running.wait(0 if at_once else self.grace)
            except subprocess.TimeoutExpired:
                self.running.kill()
                self.running.wait()
        self.sweep()

    def sweep(self) -> None:
        """A crashed web server leaves a process that keeps the port, a crashed worker one that keeps a task."""
        if self.running:
            try:
                os.killpg(self.running.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                return

    def last_words(self) -> str:
        with open(self.log, "rb") as log:  # noqa: PTH123
            log.seek(max(0, os.fstat(log.fileno()).st_size - 4000))
            return last_words(log.read().decode(errors="replace"))

    def _turn_log(self) -> None:
        if os.path.exists(self.log) and os.path.getsize(self.log) > LARGEST_LOG:  # noqa: PTH110, PTH202
            os.replace(self.log, f"{self.log}.old")  # noqa: PTH105


def _die_with(parent: int, number: signal.Signals) -> Callable[[], None]:
    def arrange() -> None:
        signal.signal(number, signal.SIG_DFL)  # a shell's background jobs ignore SIGQUIT, and hand that down
        if _prctl is not None:
            _prctl(SET_PARENT_DEATH_SIGNAL, int(number))
            if os.getppid() != parent:  # it died in between
                os.kill(os.getpid(), number)

    return arrange
