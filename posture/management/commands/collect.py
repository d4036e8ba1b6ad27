"""Only the calls: what an account says, in an archive that `scan --from` audits elsewhere, without credentials."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.utils import timezone

from posture.actions import work
from posture.management.command import Command as Base
from posture.management.entrance import account_named, entered, machine, names, services_named
from posture.management.output import private
from posture.models import Account
from posture.queries.clouds import CLOUDS
from posture.runtime import services
from posture.runtime.mistakes import Mistake
from scanners import scan as core
from scanners.collectors import evidence
from scanners.collectors.asker import Tally
from scanners.model import Provider, State


class Command(Base):
    help = (
        "Collect evidence into a file, and judge nothing: `collect aws` and `collect gcp` with this machine's own "
        "credentials need no database, `collect ACCOUNT` enters a connected account by its own way."
    )
    needs_database = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("target", help="aws, gcp, or the id or name of a connected account")
        parser.add_argument("-o", "--output", required=True, metavar="FILE", help="written whole or not at all")
        parser.add_argument("--regions", nargs="+", default=[], metavar="REGION")
        parser.add_argument("--services", nargs="+", default=[], metavar="SERVICE")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        target = options["target"]
        chosen = names(options["regions"]), services_named(options["services"], target if target in CLOUDS else None)
        if target in CLOUDS:
            report = _collect(options["output"], *chosen, machine(target))
        else:
            with services.database_running():
                report = _collect(options["output"], *chosen, account_named(target))
        self.stdout.write(json.dumps(report, indent=2) if options["format"] == "json" else _as_text(report))
        sys.exit(0 if report["state"] == "complete" else 3)


def _collect(output: str, regions: list[str], chosen: list[str], account: Account) -> dict[str, Any]:
    asked_at, door, tally, resources = timezone.now(), work.door(), Tally(), 0
    provider, regions = Provider(account.provider), regions or list(account.regions)
    with private(output) as file, entered(regions, account) as (cloud, arrival):
        if account.ref and arrival.who.account != account.ref:
            raise Mistake(work.elsewhere(arrival, account))
        enabled = arrival.regions.enabled
        wanted = regions or list(enabled)
        units = core.plan([region for region in wanted if region in enabled or arrival.gap], chosen, provider)
        states = Counter(cell["state"] for cell in work.arrived(arrival, wanted)["arrival"])
        key = evidence.key_name(door)
        writer = evidence.Writer(file, _header(arrival, asked_at, regions, chosen, len(units), key))
        done = 0
        for seen in core.collect(cloud, arrival.who, units, door):
            if seen is None:
                continue
            writer.unit(seen, at=timezone.now())
            done, resources = done + 1, resources + len(seen.resources)
            states.update(cell.state.value for cell in seen.cells.values())
            tally.calls += seen.tally.calls
            tally.retries += seen.tally.retries
            tally.throttled += seen.tally.throttled
            sys.stderr.write(f"{done:4}/{len(units)} {seen.unit.service} in {seen.unit.region}\n")
        seal = writer.close(at=timezone.now())
    return {
        "file": output,
        "account": arrival.who.account,
        "state": "complete" if all(State(state).known for state in states) else "incomplete",
        "coverage": dict(states),
        "units": done,
        "resources": resources,
        "calls": tally.calls,
        "retries": tally.retries,
        "throttled": tally.throttled,
        "seconds": (seal.finished_at - asked_at).total_seconds(),
        "sha256": seal.sha256,
    }


def _header(
    arrival: core.Arrival, asked_at: Any, regions: list[str], services: list[str], units: int, digests: str
) -> evidence.Header:
    return evidence.header(
        provider=arrival.who.provider,
        account=arrival.who.account,
        partition=arrival.who.partition,
        caller=arrival.who.arn,
        asked_at=asked_at,
        regions=tuple(regions),
        services=tuple(services),
        enabled=arrival.regions.enabled,
        not_opted_in=arrival.regions.not_opted_in,
        gap=arrival.gap,
        units=units,
        digests=digests,
    )


def _as_text(report: dict[str, Any]) -> str:
    unread = sum(count for state, count in report["coverage"].items() if not State(state).known)
    lines = [
        f"Account {report['account']}: {report['resources']} resources in {report['file']}, {report['state']}.",
        f"{report['calls']} calls in {report['seconds']:.1f} s, {report['retries']} retries, "
        f"{report['throttled']} throttled.",
    ]
    if unread:
        lines.append(f"{unread} coverage cells have a gap: `scan --from` says which checks it blinds.")
    return "\n".join(lines)
