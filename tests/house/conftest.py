"""The sample account, collected once for all house tests."""

import pytest

from tests.house.sweep import Sweep, answers


@pytest.fixture(scope="session")
def sweep(sample_account):
    sample_account.clear()
    return Sweep(sample_account)


@pytest.fixture(scope="session")
def seen(sweep):
    return sweep.collect(sweep.all_units())


@pytest.fixture(scope="session")
def before(seen, sweep):
    return answers(seen.values(), sweep.cloud)
