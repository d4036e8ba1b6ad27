"""The exact read-only policy or role that the collectors need, and whether an identity has it."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.utils import timezone

from posture.actions import preflights, work
from posture.management.command import Command as Base
from posture.management.entrance import account_named, entered, machine
from posture.models import Preflight
from posture.queries import preflights as queries
from posture.queries.clouds import CLOUDS, Cloud
from posture.queries.permissions import MOST_CHARACTERS
from posture.runtime import services
from posture.runtime.mistakes import Mistake
from scanners import preflight as core
from scanners import scan
from scanners.collectors.aws.clients import HOME_REGION
from scanners.model import Provider

OWN = "aws"  # what `--check` stands for without an account: this machine's own credentials


class Command(Base):
    help = (
        "Print the policy or role that scanning needs. With --format json one document, ready for `aws iam "
        f"create-policy` or `gcloud iam roles create`; a list of several where one would pass {MOST_CHARACTERS:,} "
        "characters, which is AWS's limit."
    )
    needs_database = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("provider", choices=list(CLOUDS), help=f"whose permissions: {', '.join(CLOUDS)}")
        levels = sorted({level for cloud in CLOUDS.values() for level in cloud.levels})
        parser.add_argument(
            "--level",
            choices=levels,
            help="where the role is made: gcp: organization (all of it) or project; azure: subscription or "
            "management-group",
        )
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
        as_json, provider = options["format"] == "json", Provider(options["provider"])
        if options["check"] is None:
            self._policy(provider, options.get("level"), as_json)
        elif options["check"] in (OWN, provider):
            self._told(*_tried_ourselves(provider), as_json)
        else:
            with services.database_running():
                self._told(*_tried_there(options["check"], provider), as_json)

    def _policy(self, provider: Provider, level: str | None, as_json: bool) -> None:
        cloud = CLOUDS[provider]
        name = level or next(iter(cloud.levels))
        if name not in cloud.levels:
            raise Mistake(f"{cloud.name} has no level “{name}”: leave --level out, or say {' or '.join(cloud.levels)}.")
        made = cloud.levels[name]
        needed, listing = scan.permissions(provider), scan.family_permissions(provider) if made.lists else []
        actions = made.actions(needed)
        policies = (made.documents or cloud.documents)(sorted({*actions, *listing}))
        if as_json:
            self.stdout.write(json.dumps(policies[0] if len(policies) == 1 else policies, indent=2))
            return
        self.stderr.write(f"Scanning {cloud.one} needs {len(needed)} actions, all of them reading.")
        if missing := len(needed) - len(actions):
            self.stderr.write(f"{missing} of them cannot be given by a role of this level; without them what stands "
                              "above it, or in a directory, stays unknown.")  # fmt: skip
        if more := sorted(set(listing) - set(actions)):
            self.stderr.write(f"With {', '.join(more)} every {cloud.account} of {cloud.a_family} is found.")
        self._each(cloud, policies)
        if made.make:
            self.stderr.write(f"Put it into a file, and make it: {made.make}")

    def _each(self, cloud: Cloud, policies: list[dict[str, Any]]) -> None:
        for number, policy in enumerate(policies, 1):  # stdout holds the policies alone: it can be sent to a file
            name = cloud.document_name.capitalize()
            self.stderr.write(f"{name} {number} of {len(policies)}, {cloud.measured(policy)}:")
            self.stdout.write(cloud.written(policy))

    def _told(self, found: queries.Told, who: dict[str, str], as_json: bool) -> None:
        cloud = CLOUDS[found.provider]
        if as_json:
            self.stdout.write(json.dumps(queries.as_json(found, **who), indent=2))
        else:
            where = f" in {who['region']}" if who["region"] else ""
            self.stderr.write(f"{cloud.account.capitalize()} {who['account']}{where}, as {who['caller']}")
            self.stderr.write(queries.as_text(found))
            self._each(cloud, found.policies)
        sys.exit(3 if found.refused else 0)


def _tried_ourselves(provider: Provider) -> tuple[queries.Told, dict[str, str]]:
    """Nothing is stored, and no database is needed."""
    with entered([], machine(provider)) as (cloud, arrival):
        enabled, home = arrival.regions.enabled, HOME_REGION.get(arrival.who.partition, "us-east-1")
        region = home if home in enabled or not enabled else enabled[0]
        region = region if CLOUDS[provider].regional else ""
        units = scan.plan([region] if region else [], provider=provider)
        tried = [core.about_regions(arrival.gap, provider)]
        for done, found in enumerate(core.rehearse(cloud, arrival.who, units, work.door(), region=region), 1):
            tried += found or ()
            sys.stderr.write(f"{min(done, len(units)):4}/{len(units)} services\n" if found else "")
    who = {"account": arrival.who.account, "caller": arrival.who.arn, "region": region}
    return queries.told(sorted(tried, key=lambda one: one.call), len(enabled), provider=provider), who


def _tried_there(target: str, provider: Provider) -> tuple[queries.Told, dict[str, str]]:
    account = account_named(target)
    if account.provider != provider:
        raise Mistake(f"{account} is {CLOUDS[account.provider].one}: check it with `permissions {account.provider}`.")
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
