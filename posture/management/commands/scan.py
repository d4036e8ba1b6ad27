"""One scan in this process, with progress on stderr and a summary on stdout."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from contextlib import closing
from typing import Any

from django.utils import timezone

from posture.actions import accounts, scans
from posture.management.command import Command as Base
from posture.models import Account, Finding, Scan, Unit
from posture.queries import summaries
from posture.runtime.mistakes import Mistake
from scanners import scan as core
from scanners.collectors.aws import account as aws
from scanners.collectors.cloud import Refusal
from scanners.model import Severity

EXIT = {Scan.State.COMPLETE: 0, Scan.State.INCOMPLETE: 3}


class Command(Base):
    help = "Scan an account: `scan aws` with this machine's AWS credentials, or `scan ACCOUNT` for a connected one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("target", help="aws, or the id or name of a connected account")
        parser.add_argument("--regions", nargs="+", default=[], metavar="REGION")
        parser.add_argument("--services", nargs="+", default=[], metavar="SERVICE")
        parser.add_argument("--fail-on", choices=[s.label for s in Severity], help="exit 2 when such a finding is open")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        services, regions = _names(options["services"]), _names(options["regions"])
        if unknown := sorted(set(services) - set(core.services())):
            raise Mistake(f"No such service: {', '.join(unknown)}. Known are {', '.join(core.services())}.")
        account = _account(options["target"], regions)
        try:
            scan = scans.ask(account=account, cause="command", now=timezone.now(), services=services, regions=regions)
        except scans.AlreadyRunning as running:
            scan = running.scan
            if scan.pk not in scans.unattended():
                raise Mistake(f"{running} Wait for it, or cancel it on its page.") from None
            sys.stderr.write("Going on with a scan that broke off.\n")
        try:
            scans.work(scan_id=scan.pk, clock=timezone.now, told=_progress)
        except KeyboardInterrupt:
            scans.cancel(scan=scan, now=timezone.now())
            raise
        scan.refresh_from_db()
        if scan.state == Scan.State.FAILED:
            raise Mistake(scan.sentence)
        report = summaries.of_scan(scan)
        self.stdout.write(json.dumps(report, indent=2) if options["format"] == "json" else summaries.as_text(report))
        if options["fail_on"] and _open_at(account, options["fail_on"]):
            sys.exit(2)
        sys.exit(EXIT[Scan.State(scan.state)])


def _names(values: list[str]) -> list[str]:
    return [name for value in values for name in value.split(",") if name]


def _account(target: str, regions: list[str]) -> Account:
    if target != "aws":
        found = Account.objects.filter(ref=target).first() or Account.objects.filter(name=target).first()
        if found is None:
            raise Mistake(f"No account “{target}” is connected. `scan aws` uses this machine's own AWS credentials.")
        return found
    try:
        with closing(aws.connect(aws.Connection())) as cloud:
            arrival = core.arrive(cloud, fallback=regions)
    except Refusal as refusal:
        raise Mistake(_no_entry(refusal)) from None
    if unknown := sorted(set(regions) - set(arrival.regions.enabled)) if not arrival.gap else []:
        raise Mistake(
            f"Not enabled in this account: {', '.join(unknown)}. Enabled are {', '.join(arrival.regions.enabled)}."
        )
    return accounts.ambient(ref=arrival.who.account, partition=arrival.who.partition)


def _no_entry(refusal: Refusal) -> str:
    if refusal.state == "unreachable":
        return (
            f"AWS cannot be reached ({refusal.code}): check the network, the proxy, and AWS_ENDPOINT_URL if it is set."
        )
    if refusal.code == "NoCredentialsError":
        return "No AWS credentials were found: run `aws configure` or `aws sso login`, or set AWS_PROFILE."
    if refusal.code == "ProfileNotFound":
        return f"{refusal.message}: see `aws configure list-profiles`, and correct AWS_PROFILE."
    return f"AWS refused these credentials ({refusal.code}): {refusal.message}"


def _progress(unit: Unit) -> None:
    done = unit.scan.units.filter(state=Unit.State.DONE).count()
    total = unit.scan.units.count()
    sys.stderr.write(f"{done:4}/{total} {unit.service} in {unit.region}: {unit.seen} resources, {unit.calls} calls\n")


def _open_at(account: Account, severity: str) -> bool:
    least = Severity[severity.upper()]
    return Finding.objects.filter(account=account, state=1, outcome=1, severity__gte=least).exists()
