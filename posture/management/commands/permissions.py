"""The exact read-only policy that the collectors need, and whether an identity has it."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from posture.actions import preflights, work
from posture.management.command import Command as Base
from posture.management.entrance import account_named, entered
from posture.models import Preflight
from posture.queries import preflights as queries
from posture.queries.permissions import MOST_CHARACTERS, documents, size
from posture.runtime import services
from posture.runtime.mistakes import Mistake
from scanners import preflight as core
from scanners import scan
from scanners.collectors.aws.clients import HOME_REGION

OWN = "aws"


class Command(Base):
    help = (
        "Print the policy that scanning needs. With --format json one policy document, ready for `aws iam "
        f"create-policy`; a list of several where one would pass {MOST_CHARACTERS:,} characters."
    )
    needs_database = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("provider", choices=["aws"], help="whose permissions: aws")
        parser.add_argument(
            "--check",
            nargs="?",
            const=OWN,
            metavar="ACCOUNT",
            help="try every call once, with this machine's credentials or those of a connected account, and print the "
            "policy for what is missing; exit 3 when something was refused",
        )
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        as_json = options["format"] == "json"
        if options["check"] is None:
            self._policy(documents(), as_json)
        elif options["check"] == OWN:
            self._told(*_tried_ourselves(), as_json)
        else:
            with services.database_running():
                self._told(*_tried_there(options["check"]), as_json)

    def _policy(self, policies: list[dict[str, Any]], as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(policies[0] if len(policies) == 1 else policies, indent=2))
            return
        actions = sum(len(policy["Statement"][0]["Action"]) for policy in policies)
        self.stderr.write(f"Scanning an AWS account needs {actions} actions, all of them reading.")
        self._each(policies)

    def _each(self, policies: list[dict[str, Any]]) -> None:
        for number, policy in enumerate(policies, 1):  # stdout holds the policies alone: it can be sent to a file
            self.stderr.write(f"Policy {number} of {len(policies)}, {size(policy):,} characters:")
            self.stdout.write(json.dumps(policy, indent=2))

    def _told(self, found: queries.Told, who: dict[str, str], as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(queries.as_json(found, **who), indent=2))
        else:
            self.stderr.write(f"Account {who['account']} in {who['region']}, as {who['caller']}")
            self.stderr.write(queries.as_text(found))
            self._each(found.policies)
        sys.exit(3 if found.refused else 0)


def _tried_ourselves() -> tuple[queries.Told, dict[str, str]]:
    """Nothing is stored, and no database is needed."""
    with entered([]) as (cloud, arrival):
        enabled, home = arrival.regions.enabled, HOME_REGION.get(arrival.who.partition, "us-east-1")
        region = home if home in enabled or not enabled else enabled[0]
        units = scan.plan([region])
        tried = [core.about_regions(arrival.gap)]
        for done, found in enumerate(core.rehearse(cloud, arrival.who, units, work.door(), region=region), 1):
            tried += found or ()
            sys.stderr.write(f"{min(done, len(units)):4}/{len(units)} services\n" if found else "")
    who = {"account": arrival.who.account, "caller": arrival.who.arn, "region": region}
    return queries.told(sorted(tried, key=lambda one: one.call), len(enabled)), who


def _tried_there(target: str) -> tuple[queries.Told, dict[str, str]]:
    account = account_named(target)
    preflight = preflights.ask(account=account, now=timezone.now())
    if preflight.pk not in preflights.unattended():
        raise Mistake(f"Access to {account} is being checked already: wait for that.")
    preflights.on(preflight_id=preflight.pk, clock=timezone.now, told=_progress)
    preflight.refresh_from_db()
    if preflight.state != Preflight.State.DONE:
        raise Mistake(preflight.sentence or "Another worker took over: look at the account's page.")
    who = {"account": account.ref, "caller": preflight.caller, "region": preflight.region}
    return queries.of(preflight), who


def _progress(preflight: Preflight) -> None:
    sys.stderr.write(f"{preflight.done:4}/{preflight.total} services\n")
