"""Addresses come from the environment alone, and no server has to run for that."""

import pytest

from posture.runtime import broker, home, services
from posture.runtime.cluster import LONGEST_SOCKET, short
from posture.runtime.mistakes import Mistake


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    for name in ("DATABASE_URL", "BROKER_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("POSTURE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(home.account, "for_postgres", lambda: None)


URLS = [
    ("postgresql://ann:pw@db.example:5433/posture", ("db.example", "5433", "ann", "pw", "posture")),
    ("postgres://ann@db.example/posture", ("db.example", "", "ann", "", "posture")),
    ("postgresql://ann:p%40ss%2Fword@[::1]:5432/posture", ("::1", "5432", "ann", "p@ss/word", "posture")),
    ("postgresql:///posture?host=/run/postgresql", ("/run/postgresql", "", "", "", "posture")),
    ("postgresql://ann@/posture?host=/run/pg&port=6000", ("/run/pg", "6000", "ann", "", "posture")),
]


@pytest.mark.parametrize(("url", "expected"), URLS)
def test_a_database_url_is_read(monkeypatch, url, expected):
    monkeypatch.setenv("DATABASE_URL", url)

    found = services.database()

    assert tuple(found[name] for name in ("HOST", "PORT", "USER", "PASSWORD", "NAME")) == expected


def test_further_options_reach_libpq(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://ann@db/posture?sslmode=verify-full&connect_timeout=3")

    options = services.database()["OPTIONS"]

    assert (options["sslmode"], options["connect_timeout"]) == ("verify-full", "3")


@pytest.mark.parametrize(
    "url",
    ["mysql://ann:canary@db/posture", "postgresql://ann:canary@db", "postgresql://ann:canary@db:port/x", "canary"],
)
def test_another_url_is_one_sentence_that_does_not_quote_it(monkeypatch, url):
    monkeypatch.setenv("DATABASE_URL", url)

    with pytest.raises(Mistake, match="DATABASE_URL is not of the form") as mistake:
        services.database()

    assert "canary" not in str(mistake.value)


def test_the_embedded_address_is_known_before_the_server_runs(tmp_path):
    first, second = services.database(), services.database()

    assert first == second
    assert first["HOST"] == str(tmp_path / "home" / "postgres" / "run") or len(str(tmp_path)) > 60
    assert not (tmp_path / "home" / "postgres").exists()


def test_a_broker_url_goes_before_the_embedded_broker(monkeypatch):
    embedded = services.broker_url()
    monkeypatch.setenv("BROKER_URL", "amqp://rabbit//")

    assert embedded == f"redis+socket://{broker.socket_path()}?virtual_host=0"
    assert services.broker_url() == "amqp://rabbit//"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("redis://:canary@127.0.0.1:1/0", "The broker at redis://:**@127.0.0.1:1/0 does not answer"),
        ("amqp://ann:canary@127.0.0.1:1//", "The broker at amqp://ann:**@127.0.0.1:1// does not answer"),
        ("nonsense://canary@127.0.0.1/", "BROKER_URL is not of the form"),
        ("redis://:canary@127.0.0.1:port/0", "BROKER_URL is not of the form"),
    ],
)
def test_a_broker_that_does_not_answer_is_one_sentence_without_its_password(monkeypatch, url, words):
    monkeypatch.setenv("BROKER_URL", url)

    with pytest.raises(Mistake) as mistake:
        services.refuse_dead_broker()

    assert str(mistake.value).startswith(words)
    assert "canary" not in str(mistake.value)


def test_a_socket_path_too_long_for_the_kernel_gets_a_short_stand_in(tmp_path):
    deep = tmp_path / ("a" * 100)

    assert short(tmp_path, "s") == tmp_path or len(str(tmp_path)) > LONGEST_SOCKET
    assert len(str(short(deep, "s") / "s")) <= LONGEST_SOCKET
    assert short(deep, "s") == short(deep, "s") != short(tmp_path / ("b" * 100), "s")
