"""Runs the programs of one installation in the foreground: restarts what crashes, and stops all of it on one signal."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from posture.runtime.child import Child

GLANCE_SECONDS = 0.1


class Supervisor:
    """Used from the main thread only: a child dies with the thread that started it."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.children: list[Child] = []
        self.hurried = False
        self._stop = threading.Event()

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    @contextmanager
    def signals(self) -> Iterator[None]:
        """Ctrl-C, `kill` and a closed terminal all mean: stop everything, cleanly. `nohup` keeps its meaning."""
        caught = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            caught.append(signal.SIGHUP)
        before = {number: signal.signal(number, self._told_to_stop) for number in caught}
        try:
            yield
        finally:
            for number, was in before.items():
                signal.signal(number, was)

    def start(self, child: Child) -> None:
        child.start()
        self.children.append(child)

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> bool:
        """Tend the children meanwhile. False when time ran out or a signal came first."""
        deadline = time.monotonic() + seconds
        while not self.stopping and time.monotonic() < deadline:
            if ready():
                return True
            self._stop.wait(GLANCE_SECONDS / 4)
            self.tend()
        return False

    def run(self, each_time: Callable[[], None]) -> None:
        """Until a signal comes."""
        while not self._stop.wait(GLANCE_SECONDS):
            self.tend()
            each_time()

    def tend(self) -> None:
        for child in self.children:
            if child.due_at:
                if time.monotonic() >= child.due_at:
                    child.start()
            elif (code := child.ended()) is not None and not self.stopping:
                pause = child.put_off()
                self.say(
                    f"{child.name} ended ({_named(code)}) and starts again in {pause:.1f} s; its log is {child.log}"
                )

    def stop(self, *last: str) -> None:
        """All at once, but those named last wait until the others, which use them, are gone."""
        first = [child for child in self.children if child.name not in last]
        for group in (first, [child for child in self.children if child.name in last]):
            for child in group:
                child.ask_to_stop()
            for child in group:
                child.make_stop(at_once=self.hurried)
        self.children.clear()

    def _told_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.hurried = self.stopping  # asked twice: no more waiting
        self._stop.set()


def _named(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name


def outspoken(write: Callable[[str], object]) -> Callable[[str], None]:
    """Says a line, and goes on without a word when the terminal is gone."""

    def say(line: str) -> None:
        try:
            write(f"{line}{os.linesep}")
        except OSError:
            return

    return say
