"""The way in: who guesses passwords is stopped, and told so."""

import pytest

pytestmark = pytest.mark.django_db


def test_who_guesses_passwords_is_stopped_and_told_so(client):
    guess = {"login": "ada@posture.local", "password": "a wrong word"}

    answers = [client.post("/account/login/", guess) for _ in range(12)]

    assert 429 in {answer.status_code for answer in answers} or b"Too many" in answers[-1].content
    assert b"traceback" not in answers[-1].content.lower()


def test_a_stranger_is_led_to_the_way_in_and_back(client):
    answer = client.get("/findings/?severity=high")

    assert answer.status_code == 302
    assert answer.url == "/account/login/?next=/findings/%3Fseverity%3Dhigh"
