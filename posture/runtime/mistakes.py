"""What a person can do something about is one clear sentence and an exit code, never a traceback."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

INTERRUPTED = 130
FULL_DISK = "The disk is full: nothing stored so far is lost. Free some space and run it again."
DATABASE_WENT_AWAY = ("08", "57P01", "57P02", "57P03", "28", "3D000", "53300")


class Mistake(Exception):
    """One sentence that says what is wrong and what to do about it."""

    def __init__(self, sentence: str, *, exit_code: int = 1) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


@contextmanager
def in_one_line() -> Iterator[None]:
    """Turn what a person can mend into one line on stderr and an exit code; a bug keeps its traceback."""
    try:
        yield
    except KeyboardInterrupt:
        _leave("Stopped.", INTERRUPTED)
    except BrokenPipeError:
        _leave_quietly()
    except Exception as failure:
        mistake = understood(failure)
        if mistake is None:
            raise
        _leave(str(mistake), mistake.exit_code)


def understood(failure: BaseException) -> Mistake | None:
    """The mistake behind an exception, looking through the exceptions that wrap it; None for a bug."""
    for cause in _causes(failure):
        if isinstance(cause, Mistake):
            return cause
        if (isinstance(cause, OSError) and cause.errno == errno.ENOSPC) or isinstance(cause, psycopg.errors.DiskFull):
            return Mistake(FULL_DISK)
        if isinstance(cause, psycopg.OperationalError) and _went_away(cause):
            first_line = str(cause).strip().partition("\n")[0].rstrip(".")
            return Mistake(f"The database does not answer ({first_line}): start it, or correct DATABASE_URL.")
    return None


def _causes(failure: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = failure
    while cause is not None:
        yield cause
        cause = cause.__cause__


def _went_away(failure: psycopg.OperationalError) -> bool:
    """No connection at all has no SQL state; the listed states are a server that refuses or leaves."""
    return failure.sqlstate is None or failure.sqlstate.startswith(DATABASE_WENT_AWAY)


def _leave(sentence: str, exit_code: int) -> None:
    print(" ".join(sentence.split()), file=sys.stderr, flush=True)
    raise SystemExit(exit_code) from None


def _leave_quietly() -> None:
    """The reader of our output (`| head`) has gone, which is no mistake; Python's flush at exit must not complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    raise SystemExit(0) from None
