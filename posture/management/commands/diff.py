"""What changed between two scans or times: resources, findings, and who can do what."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.utils import timezone

from posture.management.command import Command as Base
from posture.management.entrance import account_named
from posture.queries import differences, moments, visible
from posture.reports import difference
from posture.runtime.mistakes import Mistake


class Command(Base):
    help = "What changed between two scans or times: resources, findings, and who gained or lost what."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="before", required=True, metavar="SCAN|TIME")
        parser.add_argument("--to", dest="after", default="", metavar="SCAN|TIME", help="now unless told")
        parser.add_argument("--account", default="", help="the cloud's id or its name here; all of them unless told")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        everything, now = visible.everything(), timezone.now()
        before, after = _moment(options["before"], now), _moment(options["after"], now)
        if before > after:
            raise Mistake("--from is later than --to: exchange them.")
        chosen = [account_named(options["account"])] if options["account"] else visible.accounts(everything)
        record = differences.difference(everything, chosen, before, after)
        for line in [json.dumps(record)] if options["format"] == "json" else difference.lines(record):
            self.stdout.write(line)


def _moment(asked: str, now: datetime) -> datetime:
    try:
        return moments.moment(visible.everything(), asked, now=now) or now
    except moments.NoSuchMoment:
        raise Mistake(f"“{asked}” is neither a time nor a scan.") from None
