"""Workers by the dozen: imports once, then forks one per line of stdin ({"scan", "host", "name", "naive"})."""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.utils import timezone  # noqa: E402

from posture.actions import work as actions  # noqa: E402
from posture.models import Scan  # noqa: E402
from posture.store import inventory, publish  # noqa: E402

honest = publish.publish


def naive(scan: Scan, *, now: datetime, trusted: frozenset[str]) -> bool:
    """What a naive writer does: the resources first, and the rest when there is time."""
    inventory.apply(scan, now)
    return honest(scan, now=now, trusted=trusted)


def work(order: dict[str, object]) -> None:
    database = settings.DATABASES["default"]
    database["HOST"], database["NAME"] = order["host"], order["name"]
    if order["naive"]:
        publish.publish = naive
    actions.on(scan_id=int(str(order["scan"])), clock=timezone.now)


for line in sys.stdin:
    if pid := os.fork():
        print(os.waitpid(pid, 0)[1], flush=True)
        continue
    try:
        work(json.loads(line))
    except BaseException as broken:  # noqa: BLE001  (a fork must not go on with its parent's work)
        print(f"{type(broken).__name__}: {broken}", file=sys.stderr)
        os._exit(1)
    os._exit(0)
