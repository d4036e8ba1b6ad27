"""Ring for a worker.  A bell that breaks is no error: the work stands in the database, and is rung for again."""

from __future__ import annotations

import logging

from posture.models import Organisation, Preflight, Scan

TASKS = {
    Scan: ("work_on_scan", "scan_id"),
    Preflight: ("work_on_preflight", "preflight_id"),
    Organisation: ("scan_organisation", "organisation_id"),
}
logger = logging.getLogger(__name__)


def ring(work: Scan | Preflight | Organisation) -> None:
    """After the transaction that asked for it.

    Celery is loaded by the first who rings: a command that does its work itself never needs it.
    """
    from kombu.exceptions import OperationalError

    from posture.celery import app

    task, parameter = next(task for of, task in TASKS.items() if isinstance(work, of))
    try:
        app.send_task(f"posture.tasks.{task}", kwargs={parameter: work.pk}, retry=False)
    except OperationalError as broken:
        logger.warning("The broker did not take the bell for %s: %s", work, type(broken).__name__)
