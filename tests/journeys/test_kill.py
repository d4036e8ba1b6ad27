"""Kill a worker at any moment: another takes over, and the end is the same, digest for digest."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from posture.actions import accounts, scans, work
from posture.models import Account, Finding, Resource, Scan, Unit
from tests.journeys.crash import CrashingPostgres

SERVICES = ["sqs", "sns"]
POINTS = 10


@pytest.fixture
def crashing(tmp_path):
    host = connection.settings_dict["HOST"]
    postgres = CrashingPostgres(tmp_path, f"{host}/.s.PGSQL.{connection.settings_dict['PORT'] or 5432}")
    yield postgres
    postgres.close()


@pytest.fixture(scope="module")
def workers():
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.journeys.forking_worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "posture.settings", "POSTURE_ROLE": "crash test"},
    )
    with process:
        yield process
        process.stdin.close()
        process.wait(10)


def send(workers, scan, host, *, naive=False):
    """Let a worker do what there is to do; answers its exit status (9: killed)."""
    order = {"scan": scan.pk, "host": str(host), "name": connection.settings_dict["NAME"], "naive": naive}
    workers.stdin.write(json.dumps(order) + "\n")
    workers.stdin.flush()
    return int(workers.stdout.readline())


def fresh_scan(cloud):
    Account.objects.all().delete()
    account = accounts.sample(ref=cloud.account, endpoint=cloud.endpoint, regions=list(cloud.regions)[:2])
    return scans.ask(account=account, cause="person", now=timezone.now(), services=SERVICES)


def leases_run_out():
    Unit.objects.filter(leased_until__isnull=False).update(leased_until=Now())
    Scan.objects.filter(leased_until__isnull=False).update(leased_until=Now())


def finish(workers, scan):
    for _ in range(4):
        leases_run_out()
        send(workers, scan, connection.settings_dict["HOST"])
        scan.refresh_from_db()
        if not scan.active:
            return scan
    return scan


def undisturbed(cloud, workers, crashing):
    scan = fresh_scan(cloud)
    crashing.arm(0)
    assert send(workers, scan, crashing.folder) == 0
    scan.refresh_from_db()
    assert scan.digest
    return scan.digest, crashing.seen


@pytest.mark.django_db(transaction=True)
def test_the_end_is_the_same_wherever_a_worker_is_killed(cloud, workers, crashing):
    digest, length = undisturbed(cloud, workers, crashing)
    moments = [1 + length * n // POINTS for n in range(POINTS)]

    for moment in moments:
        for after in (False, True):
            scan = fresh_scan(cloud)
            crashing.arm(moment, after=after)
            status = send(workers, scan, crashing.folder)
            where = f"killed at {moment} of {length}, {'after' if after else 'before'} the server heard it"
            assert status == 9, where
            scan.refresh_from_db()
            if scan.active:
                assert not Finding.objects.exists(), f"half a scan was seen: {where}"
                assert not Resource.objects.exists(), where
            assert finish(workers, scan).digest == digest, where


@pytest.mark.django_db(transaction=True)
def test_a_naive_writer_would_be_found_out(cloud, workers, crashing):
    _, length = undisturbed(cloud, workers, crashing)
    wrong = 0

    for moment in range(length // 2, length + 4, max(1, length // 20)):
        scan = fresh_scan(cloud)
        crashing.arm(moment, after=True)
        send(workers, scan, crashing.folder, naive=True)
        half_seen = Resource.objects.exists()
        scan.refresh_from_db()
        if scan.active and half_seen:
            wrong += 1

    assert wrong


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_lost_its_lease_writes_nothing(cloud, workers):
    scan = fresh_scan(cloud)
    work.on(scan_id=scan.pk, clock=timezone.now, at_once=1)
    scan.refresh_from_db()
    assert scan.state == Scan.State.COMPLETE
    late = scan.units.select_related("scan__account").first()

    from posture.store import publish

    assert not work.staging.stage(late, None, [])
    assert not publish.publish(scan, now=timezone.now(), trusted=frozenset())
