"""Workers by the dozen: imports once, then forks one per line of stdin ({"scan", "host", "name", "naive"})."""

from __future__ import annotations

import contextlib
import json
import os
import sys

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.utils import timezone  # noqa: E402

from posture.actions import scans  # noqa: E402
from posture.store import publish, staging  # noqa: E402


class NoTransactions:
    """What a naive writer would do: every statement is there for good at once."""

    @staticmethod
    def atomic() -> contextlib.AbstractContextManager[None]:
        return contextlib.nullcontext()


def work(order: dict[str, object]) -> None:
    database = settings.DATABASES["default"]
    database["HOST"], database["NAME"] = order["host"], order["name"]
    if order["naive"]:
        publish.transaction = staging.transaction = NoTransactions
    scans.work(scan_id=int(str(order["scan"])), clock=timezone.now)


for line in sys.stdin:
    if pid := os.fork():
        print(os.waitpid(pid, 0)[1], flush=True)
        continue
    try:
        work(json.loads(line))
    except BaseException as broken:
        print(f"{type(broken).__name__}: {broken}", file=sys.stderr)
        os._exit(1)
    os._exit(0)
