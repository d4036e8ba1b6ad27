"""Records the sample accounts as evidence archives: `python -m tests.replies.record`.

Tests judge what is recorded here without an emulator.  To be done anew when a collector asks more than it did.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from posture.runtime.sample.azure.estate import SUBSCRIPTION
from posture.runtime.sample.azure.server import sample_subscription
from posture.runtime.sample.gcp.server import sample_project
from posture.runtime.sample.start import sample_cloud
from scanners import scan
from scanners.collectors.aws import account as aws
from scanners.collectors.azure import account as azure
from scanners.collectors.cloud import Caller, Transport
from scanners.collectors.door import Door
from scanners.collectors.evidence import Writer, header, key_name
from scanners.collectors.gcp import account as gcp
from scanners.model import Provider

HERE = Path(__file__).parent
DOOR = Door(b"recorded for tests")
PROJECT = "fernhollow-shop"


@contextmanager
def clouds(home: Path) -> Iterator[list[tuple[Transport, Caller, tuple[str, ...]]]]:
    """(transport, who we are there, its regions) of each sample account."""
    with sample_cloud(home=home) as shop, sample_project() as project, sample_subscription() as subscription:
        yield [
            (
                aws.connect(aws.Connection(endpoint=shop.endpoint)),
                Caller(shop.account, "aws", f"arn:aws:sts::{shop.account}:user/posture"),
                shop.regions[:3],
            ),
            (
                gcp.connect(gcp.Connection(PROJECT, endpoint=project.endpoint)),
                Caller(PROJECT, "gcp", "posture", Provider.GCP),
                (),
            ),
            (
                azure.connect(azure.Connection(SUBSCRIPTION, endpoint=subscription.endpoint)),
                Caller(SUBSCRIPTION, "azure", azure.SAMPLE_PRINCIPAL, Provider.AZURE),
                (),
            ),
        ]


def record(transport: Transport, who: Caller, regions: Iterable[str]) -> Path:
    path, now = HERE / f"{who.provider}.jsonl.zst", datetime.now(UTC)
    units = scan.plan(regions, provider=who.provider)
    told = header(
        provider=who.provider,
        account=who.account,
        partition=who.partition,
        caller=who.arn,
        asked_at=now,
        regions=tuple(regions),
        services=(),
        enabled=tuple(regions),
        not_opted_in=(),
        gap=None,
        units=len(units),
        digests=key_name(DOOR),
    )
    with path.open("wb") as file:
        writer = Writer(file, told)
        for seen in scan.collect(transport, who, units, DOOR):
            if seen:
                writer.unit(seen, at=now)
        writer.close(at=now)
    return path


if __name__ == "__main__":
    with TemporaryDirectory() as home, clouds(Path(home)) as found:
        for transport, who, regions in found:
            print(record(transport, who, regions))
            transport.close()
