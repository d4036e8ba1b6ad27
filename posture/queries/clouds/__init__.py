"""What the product says of each cloud, and the documents that allow there what a scan lacks: one row a cloud."""

from __future__ import annotations

from posture.queries.clouds import aws, azure, gcp
from posture.queries.clouds.cloud import Cloud
from scanners.model import Provider

CLOUDS: dict[str, Cloud] = {Provider.AWS: aws.CLOUD, Provider.GCP: gcp.CLOUD, Provider.AZURE: azure.CLOUD}

__all__ = ["CLOUDS", "Cloud"]
