"""What crashes comes back, more slowly each time; what is stopped leaves nothing of it behind."""

import os
import sys
from pathlib import Path

import pytest

from posture.runtime.child import Child
from posture.runtime.mistakes import Mistake
from posture.runtime.supervisor import Supervisor, outspoken


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("POSTURE_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def supervisor():
    said: list[str] = []
    supervisor = Supervisor(said.append)
    supervisor.said = said
    yield supervisor
    supervisor.stop()


def child(code: str, name: str = "child") -> Child:
    return Child(name, lambda: [sys.executable, "-c", code], grace=5)


def test_a_crashed_child_is_started_again(supervisor, place):
    mark = place / "started"
    supervisor.start(child(f"open({str(mark)!r}, 'a').write('x'); raise SystemExit(3)"))

    again = supervisor.wait_until(lambda: mark.exists() and len(mark.read_text()) >= 2, seconds=10)

    assert again
    assert supervisor.said[0].startswith("child ended (exit code 3) and starts again in 0.5 s")


def test_the_pause_grows_with_every_crash():
    crashing = child("raise SystemExit(1)")
    crashing.start()
    crashing.running.wait()

    pauses = [crashing.put_off() for _ in range(8)]

    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (0.5, 30.0)


def test_a_stopped_child_takes_its_own_children_along(supervisor, place):
    mark = place / "grandchild"
    supervisor.start(
        child(
            "import subprocess, sys, time\n"
            "grandchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
            f"open({str(mark)!r}, 'w').write(str(grandchild.pid))\n"
            "time.sleep(60)"
        )
    )
    assert supervisor.wait_until(lambda: mark.exists() and mark.read_text(), seconds=10)

    supervisor.stop()

    assert supervisor.wait_until(lambda: not _runs(int(mark.read_text())), seconds=5)


def test_a_child_that_does_not_start_is_one_sentence_with_its_own_last_words():
    failing = child("print('FATAL: no room'); raise SystemExit(1)")
    failing.start()

    with pytest.raises(Mistake, match=r"does not start \(no room\)"):
        failing.wait_until(lambda: False, seconds=10)


def test_a_closed_terminal_does_not_stop_the_speaker():
    def closed(line: str) -> None:
        raise OSError(5, "Input/output error")

    outspoken(closed)("nobody hears this")


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z" and os.path.exists(f"/proc/{pid}")  # noqa: PTH110
