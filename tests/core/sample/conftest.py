"""One sample account for all tests of this folder, and what it answered before any test touched it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from posture.runtime.sample.start import SampleCloud, sample_cloud
from tests.core.sample.reads import Answers, Reader, read_everything


@pytest.fixture(scope="package")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SampleCloud, Answers, Path]]:
    home = tmp_path_factory.mktemp("sample")
    with sample_cloud(home=home) as cloud:
        yield cloud, read_everything(cloud.endpoint, cloud.regions), home


@pytest.fixture
def answers(started: tuple[SampleCloud, Answers, Path]) -> Answers:
    return started[1]


@pytest.fixture
def cloud(started: tuple[SampleCloud, Answers, Path]) -> Iterator[SampleCloud]:
    cloud = started[0]
    cloud.clear()
    yield cloud
    cloud.clear()


@pytest.fixture
def reader(cloud: SampleCloud) -> Reader:
    return Reader(cloud.endpoint)
