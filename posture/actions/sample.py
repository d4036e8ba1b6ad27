"""The sample data of `up --demo`: an account on a loopback emulator, labelled as such everywhere."""

from __future__ import annotations

from django.utils import timezone

from posture.actions import accounts, bell, scans
from scanners.collectors.aws import account as aws
from scanners.collectors.aws.family import family


def connect_and_scan(endpoint: str) -> None:
    """Connect the emulator's account and ask for a scan; at a later start, tell where the emulator listens now."""
    cloud = aws.connect(aws.Connection(endpoint=endpoint))
    try:
        who = aws.caller(cloud)
        relatives = [member.ref for member in family(cloud, who).members]
    finally:
        cloud.close()
    account = accounts.sample(ref=who.account, endpoint=endpoint, regions=[], trusted=relatives)
    try:
        scan = scans.ask(account=account, cause="sample", now=timezone.now())
    except scans.AlreadyRunning as running:
        scan = running.scan
    bell.ring(scan)
