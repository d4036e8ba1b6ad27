"""The sample account, collected once for all house tests."""

import pytest

from posture.runtime.sample.start import sample_cloud
from tests.house.sweep import Sweep, answers


@pytest.fixture(scope="session")
def sweep(tmp_path_factory):
    with sample_cloud(home=tmp_path_factory.mktemp("sample")) as cloud:
        yield Sweep(cloud)


@pytest.fixture(scope="session")
def seen(sweep):
    return sweep.collect(sweep.all_units())


@pytest.fixture(scope="session")
def before(seen, sweep):
    return answers(seen.values(), sweep.cloud)
