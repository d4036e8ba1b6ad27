"""What a Postgres that does not come up says of itself is read the way a person would."""

import pytest

from posture.runtime.cluster import disk_was_full, last_words

FULL = (
    'FATAL:  could not write to file "pg_wal/xlogtemp.9950": No space left on device\nchild process exited with code 1',
    # initdb of PostgreSQL 18 on a disk with half a page left
    'FATAL:  could not extend file "base/1/2691": wrote only 4096 of 8192 bytes at block 9\n'
    "HINT:  Check free disk space.\nPANIC:  cannot abort transaction 1, it was already committed\nAborted\n",
)


@pytest.mark.parametrize("log", FULL)
def test_a_full_disk_is_recognised_however_postgres_puts_it(log):
    assert disk_was_full(log)


def test_another_failure_is_told_in_its_own_words():
    log = 'LOG:  starting\n2026-11-22 09:00:00 UTC [1] FATAL:  could not load "pg_hba.conf".\nchild process ended\n'

    assert not disk_was_full(log)
    assert last_words(log) == 'could not load "pg_hba.conf"'
