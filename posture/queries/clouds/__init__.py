"""What the product says of each cloud, and the documents that allow there what a scan lacks: one row a cloud."""

from __future__ import annotations

from posture.queries.clouds import aws, azure, gcp
from posture.queries.clouds.cloud import Cloud
from posture.queries.clouds.running import Runs
from scanners.model import Provider

CLOUDS: dict[str, Cloud] = {Provider.AWS: aws.CLOUD, Provider.GCP: gcp.CLOUD, Provider.AZURE: azure.CLOUD}
# Every kind that runs code when it is called.
RUNS: dict[str, Runs] = {one.kind: one for cloud in CLOUDS.values() for one in cloud.runs}

__all__ = ["CLOUDS", "RUNS", "Cloud", "Runs"]
