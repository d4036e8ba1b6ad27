"""Keys are made once, kept private, and never replaced beside the data that were made with them."""

from pathlib import Path

import pytest

from posture.runtime import home
from posture.runtime.mistakes import Mistake


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("POSTURE_SECRET_KEY", "POSTURE_DIGEST_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("POSTURE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(home.account, "for_postgres", lambda: None)
    return tmp_path / "home"


@pytest.mark.parametrize("key", [home.secret_key, home.digest_key, home.postgres_password])
def test_a_key_stays_the_same(key):
    assert key() == key()
    assert len(key()) >= 50


def test_a_key_file_is_private(place):
    home.digest_key()

    assert (place / "digest_key").stat().st_mode & 0o777 == 0o600


def test_keys_differ_from_one_another_and_from_home_to_home(tmp_path, monkeypatch):
    first = {home.secret_key().encode(), home.digest_key()}
    monkeypatch.setenv("POSTURE_HOME", str(tmp_path / "another"))
    second = {home.secret_key().encode(), home.digest_key()}

    assert len(first | second) == 4


@pytest.mark.parametrize(
    ("key", "name"),
    [(home.secret_key, "secret_key"), (home.digest_key, "digest_key"), (home.postgres_password, "postgres_password")],
)
def test_a_key_lost_beside_a_database_is_not_made_anew(place, key, name):
    (home.home() / "postgres" / "data").mkdir(parents=True)

    with pytest.raises(Mistake, match=f"{name} is missing"):
        key()

    assert not (place / name).exists()


def test_a_key_from_the_environment_needs_no_file(place, monkeypatch):
    monkeypatch.setenv("POSTURE_SECRET_KEY", "given")

    assert home.secret_key() == "given"
    assert not (place / "secret_key").exists()


def test_an_empty_key_file_is_no_key(place):
    (home.home() / "secret_key").touch()

    with pytest.raises(Mistake, match="is empty"):
        home.secret_key()


def test_of_two_that_make_a_key_at_once_both_get_the_one_that_was_kept(place):
    def slow_draw() -> str:
        (place / "contested").write_text("the other's")
        return "mine"

    assert home.made_once("contested", slow_draw) == "the other's"
    assert sorted(path.name for path in place.iterdir()) == ["contested"]


def test_a_home_that_cannot_be_made_is_one_sentence(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("POSTURE_HOME", str(tmp_path / "file" / "home"))

    with pytest.raises(Mistake, match="set POSTURE_HOME"):
        home.home()


def test_a_folder_that_already_holds_something_keeps_its_mode(tmp_path, monkeypatch):
    lived_in = tmp_path / "lived-in"
    lived_in.mkdir(mode=0o700)
    (lived_in / "diary").touch()
    monkeypatch.setenv("POSTURE_HOME", str(lived_in))
    monkeypatch.setattr("os.geteuid", lambda: 0)

    home.home()

    assert lived_in.stat().st_mode & 0o777 == 0o700
