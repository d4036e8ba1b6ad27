"""Where the account that runs Postgres may go, judged without becoming it."""

import os

import pytest

from posture.runtime import account
from posture.runtime.account import Account
from posture.runtime.mistakes import Mistake

STRANGER = Account("stranger", uid=54321, gid=54321)


@pytest.mark.parametrize(("mode", "may"), [(0o755, True), (0o711, True), (0o750, False), (0o700, False)])
def test_a_stranger_passes_where_everybody_may(tmp_path, monkeypatch, mode, may):
    folder = tmp_path / "folder"
    folder.mkdir(mode=mode)
    folder.chmod(mode)
    monkeypatch.setattr(Account, "may_enter", lambda self, place: self._holds(place, 0o100))

    assert STRANGER.may_enter(folder) is may


def test_one_closed_folder_on_the_way_is_enough(tmp_path):
    closed = tmp_path / "closed"
    (closed / "open").mkdir(parents=True)
    closed.chmod(0o700)

    assert not STRANGER.may_enter(closed / "open")


def test_the_owner_is_judged_by_the_owners_bits(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o700)

    assert Account("me", os.geteuid(), os.getegid())._holds(folder, 0o100)


def test_an_ordinary_person_runs_postgres_as_themselves(monkeypatch):
    monkeypatch.setattr("os.geteuid", lambda: 1000)

    assert account.for_postgres() is None


@pytest.mark.parametrize("chosen", ["root", "nobody-of-that-name"])
def test_root_needs_an_account_that_is_not_root(monkeypatch, chosen):
    monkeypatch.setattr("os.geteuid", lambda: 0)
    monkeypatch.setenv("POSTURE_PG_USER", chosen)

    with pytest.raises(Mistake, match="POSTURE_PG_USER"):
        account.for_postgres()
