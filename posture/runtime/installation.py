"""Everything of one installation, started together and stopped together: the story behind `manage.py up`."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from posture.runtime import home, ports, programs, services
from posture.runtime.child import Child
from posture.runtime.mistakes import Mistake
from posture.runtime.sample.clouds import SAMPLES, Sample
from posture.runtime.supervisor import Supervisor

PAGE_SECONDS = 90
SAMPLE_SECONDS = 120
TRIES_AT_START = 3


@dataclass(frozen=True)
class Wanted:
    host: str
    port: int | None
    workers: int
    demo: bool


def run(wanted: Wanted, say: Callable[[str], None]) -> None:
    """Until a signal comes. Whatever ends it, nothing that it started stays behind."""
    supervisor = Supervisor(say)
    services.refuse_dead_broker()
    with supervisor.signals(), only_one() as after_a_crash:
        port = ports.choose(wanted.host, wanted.port, patient=after_a_crash)
        if port != (wanted.port or ports.USUAL):
            say(f"Port {ports.USUAL} is in use, so the page is on port {port}.")
        try:
            # What takes long and needs no database begins first.
            if wanted.demo:
                for sample in SAMPLES:
                    supervisor.start(programs.sample(sample))
            if services.embedded_broker():
                supervisor.start(programs.the_broker())
            with services.database_running(migrated=False):
                try:
                    _serve(supervisor, wanted, port)
                finally:
                    say("Stopping …")
                    supervisor.stop("broker")
        finally:
            supervisor.stop()
            if services.embedded_database():
                services.embedded_postgres().wait_until_left()
        say("Stopped. The data are kept for the next start.")


def _serve(supervisor: Supervisor, wanted: Wanted, port: int) -> None:
    services.migrate()
    web = programs.web(wanted.host, port)
    for child in (web, programs.worker(wanted.workers), programs.beat()):
        supervisor.start(child)
    sign_in = _first_sign_in()
    if not supervisor.wait_until(lambda: _first_page(web, wanted.host, port), PAGE_SECONDS):
        if supervisor.stopping:
            return
        raise Mistake(f"The page does not come: the log of the web server is {web.log}.")
    supervisor.say(f"posture is at http://{_shown(wanted.host)}:{port}/")
    if sign_in:
        supervisor.say(f"Sign in as {sign_in[0]} with the password {sign_in[1]} (shown only this once).")
    supervisor.say(f"Logs are in {home.logs()}. Ctrl-C stops everything.")
    if wanted.demo:
        _show_sample(supervisor)
    supervisor.run(_database_kept_alive())


def _first_sign_in() -> tuple[str, str] | None:
    from posture.actions.people import first_sign_in

    found: tuple[str, str] | None = first_sign_in()
    return found


def _first_page(web: Child, host: str, port: int) -> bool:
    if web.failures >= TRIES_AT_START:
        raise Mistake(f"The web server does not start ({web.last_words()}): its log is {web.log}.")
    return web.ended() is None and programs.page_answers(host, port)


def _show_sample(supervisor: Supervisor) -> None:
    from posture.actions.sample import connect_and_scan

    missing = []
    for sample in SAMPLES:
        if address := _sample_address(supervisor, sample):
            connect_and_scan(sample, *address)
        else:
            missing.append(sample.program)
    if supervisor.stopping:
        return
    if missing:
        logs = ", ".join(f"{program}.log" for program in missing)
        supervisor.say(f"Sample accounts did not come up: see {logs} in {home.logs()}. All the rest works.")
    if len(missing) < len(SAMPLES):
        supervisor.say("The sample accounts are connected, and their first scan is on its way.")


def _sample_address(supervisor: Supervisor, sample: Sample) -> tuple[str, str] | None:
    supervisor.wait_until(lambda: programs.sample_address(sample) is not None, SAMPLE_SECONDS)
    return None if supervisor.stopping else programs.sample_address(sample)


def _database_kept_alive() -> Callable[[], None]:
    if not services.embedded_database():
        return lambda: None
    postgres = services.embedded_postgres()
    return lambda: None if postgres.runs() else postgres.ensure()


def _shown(host: str) -> str:
    return programs.LOOPBACK if host in ("0.0.0.0", "::") else host  # noqa: S104


@contextmanager
def only_one() -> Iterator[bool]:
    """Hold the home for one `up`. Its value: the last one was killed, and its children may still be going."""
    with (home.home() / "up.lock").open("a+") as lock:
        lock.seek(0)
        holder = lock.read().strip()
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Mistake(
                f"This installation already runs, as pid {holder or 'unknown'} on {home.home()}: "
                "stop that one first, or set POSTURE_HOME to another folder."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        try:
            yield bool(holder)
        finally:
            lock.truncate(0)
