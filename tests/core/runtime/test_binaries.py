"""Existing data open with their own major version only, so that decides which programs are taken."""

from pathlib import Path

import pytest

from posture.runtime import binaries
from posture.runtime.mistakes import Mistake


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Make a folder that pretends to be a PostgreSQL of some version."""
    folders: list[Path] = []

    def install(version: str) -> Path:
        folder = tmp_path / version / "bin"
        folder.mkdir(parents=True)
        for name in ("postgres", "initdb"):
            (folder / name).write_text(f"#!/bin/sh\necho 'postgres (PostgreSQL) {version} (Debian)'\n")
            (folder / name).chmod(0o755)
        folders.append(folder)
        return folder

    monkeypatch.setattr(binaries, "_postgres_folders", lambda: iter(folders))
    return install


def test_new_data_take_the_first_that_is_new_enough(installed):
    installed("14.9")
    good = installed("18.4")
    installed("17.1")

    assert binaries.postgres(None) == good


def test_old_data_take_their_own_version(installed):
    installed("18.4")
    own = installed("16.2")

    assert binaries.postgres("16") == own


def test_data_of_a_version_that_is_not_here_are_one_sentence(installed):
    installed("18.4")

    with pytest.raises(Mistake, match="install postgresql-16"):
        binaries.postgres("16")


def test_what_was_asked_for_is_the_only_one_looked_at(monkeypatch, tmp_path):
    monkeypatch.setenv("POSTURE_PG_BINDIR", str(tmp_path))

    with pytest.raises(Mistake, match="no PostgreSQL"):
        binaries.postgres(None)


def test_the_wheels_bring_both_programs():
    assert (binaries.postgres(None) / "initdb").exists()
    assert binaries.valkey().name == "valkey-server"
