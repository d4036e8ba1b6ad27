"""One scan in this process, with progress on stderr and a summary on stdout."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from django.utils import timezone

from posture.actions import accounts as account_actions
from posture.actions import archives, scans, work
from posture.management.command import Command as Base
from posture.management.entrance import account_named, entered, machine, names, organisation_named, services_named
from posture.management.family_scan import AT_ONCE, looked
from posture.management.family_scan import reports as family_reports
from posture.models import Account, Finding, Organisation, Scan, Unit
from posture.queries import summaries
from posture.queries.clouds import CLOUDS
from posture.runtime.mistakes import Mistake
from scanners import scan as core
from scanners.collectors.evidence import key_name
from scanners.collectors.evidence_reader import Reader, Unusable
from scanners.model import Severity

EXIT = {Scan.State.COMPLETE: 0, Scan.State.INCOMPLETE: 3}


class Command(Base):
    help = (
        "Scan an account: `scan aws` or `scan gcp` with this machine's own credentials, `scan ACCOUNT` for a connected "
        "one, or `scan ORGANISATION` for all of its accounts, several at a time (with --format json: a list)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("target", help="aws, gcp, or the id or name of a connected account or organisation")
        parser.add_argument("--regions", nargs="+", default=[], metavar="REGION")
        parser.add_argument("--services", nargs="+", default=[], metavar="SERVICE")
        parser.add_argument(
            "--from", dest="archive", metavar="FILE", help="audit this archive of `collect`, with no credentials"
        )
        parser.add_argument("--fail-on", choices=[s.label for s in Severity], help="exit 2 when such a finding is open")
        parser.add_argument("--format", choices=["text", "json"], default="text")
        parser.add_argument(
            "--at-once", type=int, default=AT_ONCE, metavar="N", help="accounts of an organisation at a time"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        cloud = options["target"] if options["target"] in CLOUDS else None
        services, regions = services_named(options["services"], cloud), names(options["regions"])
        if options["archive"] is not None:
            if services or regions:
                raise Mistake("What an archive holds was chosen by `collect`: leave --regions and --services out.")
            scan = _audited(options["archive"], options["target"])
        elif organisation := organisation_named(options["target"]):
            self._all_of(organisation, regions, services, options)
        else:
            account, arrival = _account(options["target"], regions)
            scan = _scanned(account, regions, services, arrival)
        report = summaries.of_scan(scan)
        self.stdout.write(json.dumps(report, indent=2) if options["format"] == "json" else summaries.as_text(report))
        if options["fail_on"] and _open_at([scan.account], options["fail_on"]):
            sys.exit(2)
        sys.exit(EXIT[Scan.State(scan.state)])

    def _all_of(
        self, organisation: Organisation, regions: list[str], services: list[str], options: dict[str, Any]
    ) -> NoReturn:
        """The worst of all scans is the exit code; a list of accounts that was refused is a gap too."""
        looked(organisation)
        accounts = list(organisation.accounts.filter(left_at=None).select_related("organisation"))

        def scanned(account: Account) -> Scan:
            return _scanned(account, regions, services, told=_silently)

        reports = family_reports(accounts, scanned, options["at_once"])
        as_json = options["format"] == "json"
        texts = map(summaries.as_text, reports)
        self.stdout.write(json.dumps(reports, indent=2) if as_json else "\n\n".join(texts))
        states = {report["state"] for report in reports}
        if options["fail_on"] and _open_at(accounts, options["fail_on"]):
            sys.exit(2)
        if Scan.State.FAILED in states:
            sys.exit(1)
        sys.exit(3 if organisation.gap or Scan.State.INCOMPLETE in states else 0)


def _scanned(
    account: Account,
    regions: list[str],
    services: list[str],
    arrival: core.Arrival | None = None,
    told: work.Told | None = None,
) -> Scan:
    try:
        scan = scans.ask(account=account, cause="command", now=timezone.now(), services=services, regions=regions)
    except scans.AlreadyRunning as running:
        scan = running.scan
        if scan.pk not in scans.unattended():
            raise Mistake(f"{running} Wait for it, or cancel it on its page.") from None
        sys.stderr.write("Going on with a scan that broke off.\n")
    try:
        work.on(scan_id=scan.pk, clock=timezone.now, told=told or _progress, arrival=arrival)
    except KeyboardInterrupt:
        scans.cancel(scan=scan, now=timezone.now())
        raise
    scan.refresh_from_db()
    if scan.state == Scan.State.FAILED:
        raise Mistake(scan.sentence)
    return scan


def _audited(path: str, target: str) -> Scan:
    """What an archive tells.  All of it counts or nothing."""
    with _opened(path) as file:
        try:
            archive = Reader(file)
            account = None if target in (archive.header.provider, archive.header.account) else _owner(target)
            if archive.header.digests != key_name(work.door()):
                sys.stderr.write(
                    "Collected by another installation: digests of secret values in it equal none of this one.\n"
                )
            return archives.audit(archive=archive, account=account, now=timezone.now(), told=_read)
        except Unusable as why:
            raise Mistake(f"{path} {why}") from None
        except scans.AlreadyRunning as running:
            raise Mistake(f"{running} Wait for it, or cancel it on its page.") from None


def _owner(target: str) -> Account:
    if target in CLOUDS:
        raise Mistake(f"That archive is of another cloud than {CLOUDS[target].name}.")
    return account_named(target)


def _opened(path: str) -> BinaryIO:
    try:
        return Path(path).open("rb")
    except OSError as failure:
        raise Mistake(f"{path} cannot be read ({failure.strerror}).") from None


def _account(target: str, regions: list[str]) -> tuple[Account, core.Arrival | None]:
    """The account; and what the cloud said at the door, where the door is this machine's own."""
    if target not in CLOUDS:
        return account_named(target), None
    with entered(regions, machine(target)) as (_, arrival):
        who = arrival.who
        account = account_actions.ambient(provider=who.provider, ref=who.account, partition=who.partition)
        elsewhere = account.role_arn or account.way or account.endpoint or arrival.gap
        return account, None if elsewhere else arrival


def _progress(unit: Unit, done: int, total: int) -> None:
    sys.stderr.write(f"{done:4}/{total} {unit.service} in {unit.region}: {unit.seen} resources, {unit.calls} calls\n")


def _silently(unit: Unit, done: int, total: int) -> None:
    """Of several accounts at a time, each has one line, when it is done."""


def _read(unit: Unit, done: int, total: int) -> None:
    sys.stderr.write(f"{done:4}/{total} {unit}\n")


def _open_at(accounts: list[Account], severity: str) -> bool:
    least = Severity[severity.upper()]
    return Finding.objects.filter(account__in=accounts, state=1, outcome=1, severity__gte=least).exists()
