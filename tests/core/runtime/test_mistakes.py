"""A person's mistake is one line and an exit code; a bug keeps its traceback."""

import errno

import psycopg
import pytest

from posture.management.commands.scan import Command as Scan
from posture.runtime.mistakes import Mistake, in_one_line


def wrapped(cause: BaseException) -> Exception:
    failure = RuntimeError("around it")
    failure.__cause__ = cause
    return failure


FULL = OSError(errno.ENOSPC, "No space left on device")
CASES = [
    # what happened,                                               exit code, in the line
    (Mistake("There is no such account."), 1, "There is no such account."),
    (Mistake("Found too\nmuch.", exit_code=2), 2, "Found too much."),
    (wrapped(Mistake("Deep inside.")), 1, "Deep inside."),
    (FULL, 1, "The disk is full"),
    (wrapped(FULL), 1, "The disk is full"),
    (psycopg.errors.DiskFull("could not extend file"), 1, "The disk is full"),
    (wrapped(psycopg.OperationalError("connection refused")), 1, "The database does not answer (connection refused)"),
    (psycopg.errors.AdminShutdown("terminating connection"), 1, "The database does not answer"),
    (KeyboardInterrupt(), 130, "Stopped."),
]


@pytest.mark.parametrize(("failure", "code", "words"), CASES)
def test_it_is_one_line_and_an_exit_code(capsys, failure, code, words):
    with pytest.raises(SystemExit) as left, in_one_line():
        raise failure

    said = capsys.readouterr().err
    assert left.value.code == code
    assert words in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("bug", [ValueError("x"), KeyError("x"), psycopg.errors.DeadlockDetected("x"), OSError(5, "x")])
def test_a_bug_is_not_hidden(bug):
    with pytest.raises(type(bug)), in_one_line():
        raise bug


@pytest.mark.parametrize("words", [["--fail-on", "silly", "aws"], ["--nope", "aws"], []])
def test_a_word_that_is_not_understood_is_one_line_and_never_the_code_of_a_finding(capsys, words):
    """argparse leaves with 2 and its usage; `scan` says with 2 that --fail-on found something."""
    with pytest.raises(SystemExit) as left:
        Scan().run_from_argv(["manage.py", "scan", *words])

    said = capsys.readouterr().err
    assert left.value.code == 1
    assert said.count("\n") == 1
    assert "manage.py scan --help" in said
