"""The sample account, and all that it answers to somebody who may read everything."""

from collections.abc import Iterator

import pytest

from posture.runtime.sample.start import SampleCloud
from tests.core.sample.reads import Answers, Reader, read_everything


@pytest.fixture(scope="session")
def answers(sample_account: SampleCloud) -> Answers:
    sample_account.clear()
    return read_everything(sample_account.endpoint, sample_account.regions)


@pytest.fixture
def cloud(sample_account: SampleCloud) -> Iterator[SampleCloud]:
    sample_account.clear()
    yield sample_account
    sample_account.clear()


@pytest.fixture
def reader(cloud: SampleCloud) -> Reader:
    return Reader(cloud.endpoint)
