"""All accounts of an organisation scanned by one command: several at a time, each in a thread with its own connection.

The account that manages an organisation comes first and alone: its scan tells the others what binds them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from django.db import connection
from django.utils import timezone

from posture.actions import organisations, scans
from posture.models import Account, Organisation, Scan
from posture.queries import summaries
from posture.runtime.mistakes import Mistake

AT_ONCE = 4  # accounts: their waiting for answers overlaps; what is judged of one stands in memory meanwhile
Scanned = Callable[[Account], Scan]


def looked(organisation: Organisation) -> None:
    """Who is there now, told on stderr."""
    change = organisations.refresh(organisation=organisation, now=timezone.now())
    if organisation.gap:
        said = f"The accounts were not listed ({organisation.gap['code']}): those known are scanned."
        sys.stderr.write(f"{said}\n")
    for word, accounts in (("joined", change.joined), ("left", change.left)):
        sys.stderr.writelines(f"{account.ref} {account} {word}.\n" for account in accounts)


def reports(accounts: list[Account], scanned: Scanned, at_once: int) -> list[dict[str, Any]]:
    """A report of each, in the order given.  One that fails stops no other; Ctrl-C cancels those under way.

    A mistake of ours in one of them is raised when the others are done.
    """
    management = {account.organisation.management for account in accounts if account.organisation}
    first = [account for account in accounts if account.ref in management]
    rest = [account for account in accounts if account.ref not in management]
    found: dict[int, Future[dict[str, Any]]] = {}
    pool = ThreadPoolExecutor(max(1, at_once), thread_name_prefix="account")
    try:
        for group in (first, rest):
            found |= {account.pk: pool.submit(_in_thread, account, scanned) for account in group}
            wait(found.values())
    except KeyboardInterrupt:
        pool.shutdown(wait=False, cancel_futures=True)
        for scan in Scan.objects.filter(account__in=accounts, cause="command", state__in=Scan.ACTIVE):
            scans.cancel(scan=scan, now=timezone.now())
        raise
    finally:
        pool.shutdown()
    return [found[account.pk].result() for account in accounts]


def _in_thread(account: Account, scanned: Scanned) -> dict[str, Any]:
    try:
        report = _report(account, scanned)
        sys.stderr.write(f"{account.ref} {account}: {report['state']}{_spent(report)}\n")
        return report
    finally:
        connection.close()


def _report(account: Account, scanned: Scanned) -> dict[str, Any]:
    try:
        return summaries.of_scan(scanned(account))
    except Mistake as mistake:
        return {"scan": None, "account": account.ref, "state": Scan.State.FAILED.value, "sentence": str(mistake)}


def _spent(report: dict[str, Any]) -> str:
    return f" after {report['seconds']:.1f} s, {report['calls']} calls" if report.get("seconds") else ""
