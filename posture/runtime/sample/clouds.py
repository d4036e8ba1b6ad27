"""The sample accounts of `up --demo`: one row a cloud, each a process that answers on this machine alone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sample:
    """`program` is its name among the installation's programs, of its log, and of the file with its address."""

    provider: str
    account: str  # what people see it called
    program: str
    module: str


SAMPLES = (
    Sample("aws", "Sample shop", "sample", "posture.runtime.sample.server"),
    Sample("gcp", "Sample project", "sample-gcp", "posture.runtime.sample.gcp.server"),
    Sample("azure", "Sample subscription", "sample-azure", "posture.runtime.sample.azure.server"),
)
