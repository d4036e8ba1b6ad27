"""The port that was asked for, or the next free one; never one that somebody else holds."""

import socket

import pytest

from posture.runtime import ports
from posture.runtime.mistakes import Mistake

HERE = "127.0.0.1"


@pytest.fixture
def taken():
    with socket.create_server((HERE, 0), reuse_port=True) as squatter:
        yield squatter.getsockname()[1]


def test_a_port_that_listens_is_not_free_even_when_it_may_be_shared(taken):
    assert not ports.free(HERE, taken)


def test_a_taken_port_that_was_asked_for_is_refused(taken):
    with pytest.raises(Mistake, match=f"Port {taken} on {HERE} is in use"):
        ports.choose(HERE, taken, patient=False)


def test_the_usual_port_gives_way_to_the_next_free_one(monkeypatch, taken):
    monkeypatch.setattr(ports, "USUAL", taken)

    assert taken < ports.choose(HERE, None, patient=False) < taken + ports.TRIED


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host"])
def test_an_address_of_another_machine_is_refused(host):
    with pytest.raises(Mistake, match="no address of this machine"):
        ports.free(host, 8000)
