"""The sample data of `up --demo`: accounts on loopback emulators, labelled as such everywhere."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

from django.utils import timezone

from posture.actions import accounts, bell, entry, scans
from posture.models import Account
from posture.runtime.sample.clouds import Sample
from scanners.collectors.aws.family import family
from scanners.collectors.cloud import Caller
from scanners.model import Provider
from scanners.scan import way_in


def relatives(cloud: Any, who: Caller) -> list[str]:
    """The accounts of the sample shop's organisation: its own, though nobody connected them."""
    return [member.ref for member in family(cloud).members]


TRUSTED: dict[str, Callable[[Any, Caller], list[str]]] = {Provider.AWS: relatives}


def connect_and_scan(sample: Sample, endpoint: str, ref: str) -> None:
    """Connect an emulator's account and ask for a scan; at a later start, tell where the emulator listens now."""
    there = Account(provider=sample.provider, ref=ref, endpoint=endpoint)
    with closing(entry.connect(there)) as cloud:
        who = way_in(Provider(sample.provider)).caller(cloud)
        trusted = TRUSTED[sample.provider](cloud, who) if sample.provider in TRUSTED else []
    account = accounts.sample(
        provider=sample.provider,
        ref=who.account,
        partition=who.partition,
        name=sample.account,
        endpoint=endpoint,
        regions=[],
        trusted=trusted,
    )
    try:
        scan = scans.ask(account=account, cause="sample", now=timezone.now())
    except scans.AlreadyRunning as running:
        scan = running.scan
    bell.ring(scan)
