"""The files of one embedded Postgres: where they are, how they are made, and with which programs they are opened."""

import hashlib
import os
import re
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from posture.runtime import account, binaries, home
from posture.runtime.mistakes import FULL_DISK, Mistake

LONGEST_SOCKET = 100  # the kernel allows 107 bytes
NO_SPACE = "No space left on device"
HALF_WRITTEN = "Check free disk space"  # Postgres's hint when a write got only a part of its page in
PORT = "5432"
USER = "posture"
DATABASE = "posture"


@dataclass(frozen=True)
class Cluster:
    """Everything follows from the root, so that settings can be read while no server runs."""

    root: Path
    throw_away: bool = False

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def sockets(self) -> Path:
        return short(self.root / "run", f".s.PGSQL.{PORT}")

    @property
    def made(self) -> bool:
        return self.data.exists()

    def address(self, database: str = DATABASE) -> dict[str, str]:
        """In libpq's words. The password is the second lock on a door that only this account can see."""
        return {
            "host": str(self.sockets),
            "port": PORT,
            "dbname": database,
            "user": USER,
            "password": home.postgres_password(),
        }

    def make(self) -> None:
        """The folders and, once, the files of an empty cluster."""
        tenant = account.for_postgres()
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o711 if tenant else 0o700)
        self._private_folder(self.sockets, tenant)
        home.make_keys()
        if not self.made:
            self._initialise(tenant)

    def programs(self) -> Path:
        """The folder with binaries of the right version that the account running Postgres can read."""
        version = (self.data / "PG_VERSION").read_text().strip() if self.made else None
        found = binaries.postgres(version)
        tenant = account.for_postgres()
        if tenant is None or tenant.may_read(found / "postgres"):
            return found
        return self._copied(found)

    def _initialise(self, tenant: account.Account | None) -> None:
        """Made under another name first, so that data that are there are whole."""
        draft = self.root / "data.draft"
        shutil.rmtree(draft, ignore_errors=True)
        self._private_folder(draft, tenant)
        with tempfile.NamedTemporaryFile("w") as password:
            password.write(home.postgres_password())
            password.flush()
            if tenant:
                tenant.owns(Path(password.name))
            command: list[str | Path] = [
                *(self.programs() / "initdb", "-D", draft, "-U", USER, "--pwfile", password.name),
                *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"),
                *(["--no-sync"] if self.throw_away else []),
            ]
            lent: dict[str, Any] = {"user": tenant.uid, "group": tenant.gid, "extra_groups": []} if tenant else {}
            made = subprocess.run(
                command, capture_output=True, text=True, cwd="/", env=environment(), check=False, **lent
            )
        if made.returncode != 0:
            shutil.rmtree(draft, ignore_errors=True)
            full, reason = disk_was_full(made.stderr), last_words(made.stderr)
            raise Mistake(FULL_DISK if full else f"Postgres could not make its files in {self.data}: {reason}.")
        draft.rename(self.data)

    @staticmethod
    def _private_folder(folder: Path, tenant: account.Account | None) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        if tenant:
            tenant.owns(folder)

    def _copied(self, found: Path) -> Path:
        """A copy beside the data, when the environment lies in a folder such as /root that stays closed."""
        package = found.parent.parent
        stamp = hashlib.sha256(f"{found}{(found / 'postgres').stat().st_mtime_ns}".encode()).hexdigest()[:12]
        copy = self.root / "programs" / stamp
        if not copy.exists():
            draft = copy.with_name(f"{stamp}.{os.getpid()}")
            shutil.copytree(found.parent, draft / package.name / found.parent.name, symlinks=True)
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.is_dir():
                shutil.copytree(libraries, draft / libraries.name)
            for path in (draft.parent, draft, *draft.rglob("*")):
                if not path.is_symlink():
                    mode = path.stat().st_mode
                    path.chmod(mode | (0o555 if path.is_dir() or mode & stat.S_IXUSR else 0o444))
            draft.rename(copy)
        return copy / package.name / found.parent.name / found.name


def short(folder: Path, name: str) -> Path:
    """The folder itself, or one with a short path that stands for it when a socket in it could not be opened."""
    if len(os.fsencode(folder / name)) <= LONGEST_SOCKET:
        return folder
    stand_in = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"posture-{os.geteuid()}-{stand_in}"


def environment() -> dict[str, str]:
    """Without the variables that steer libpq, and without the secrets that the server has no use for."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    return kept | {"LC_ALL": "C.UTF-8", "TZ": "UTC"}


def disk_was_full(log: str) -> bool:
    return NO_SPACE in log or HALF_WRITTEN in log


def last_words(log: str) -> str:
    """The line of a server's log that says why it ended, without its time."""
    lines = [line.strip().rstrip(".") for line in log.splitlines() if line.strip()]
    for telling in (NO_SPACE, "PANIC:", "FATAL:", "error:", "could not"):
        for line in reversed(lines):
            if telling in line:
                return re.sub(r"^.*?(PANIC|FATAL|ERROR|error): +", "", line)
    return lines[-1] if lines else "it gave no reason"
