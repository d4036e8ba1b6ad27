"""Ring for a worker.  A bell that breaks is no error: the work stands in the database, and is rung for again."""

from __future__ import annotations

import logging

from celery import current_app
from kombu.exceptions import OperationalError

from posture.models import Scan

logger = logging.getLogger(__name__)


def ring(scan: Scan) -> None:
    """After the transaction that asked for the scan."""
    try:
        current_app.send_task("posture.tasks.work_on_scan", kwargs={"scan_id": scan.pk}, retry=False)
    except OperationalError as broken:
        logger.warning("The broker did not take the bell for scan %s: %s", scan.pk, type(broken).__name__)
