"""The exact read-only policy that the collectors need, derived from the calls they declare."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from posture.management.command import Command as Base
from posture.queries.permissions import MOST_CHARACTERS, documents, size


class Command(Base):
    help = (
        "Print the policy that scanning needs. With --format json one policy document, ready for `aws iam "
        f"create-policy`; a list of several where one would pass {MOST_CHARACTERS:,} characters."
    )
    needs_database = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("provider", choices=["aws"], help="whose permissions: aws")
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        policies = documents()
        if options["format"] == "json":
            self.stdout.write(json.dumps(policies[0] if len(policies) == 1 else policies, indent=2))
            return
        actions = sum(len(policy["Statement"][0]["Action"]) for policy in policies)
        self.stderr.write(f"Scanning an AWS account needs {actions} actions, all of them reading.")
        for number, policy in enumerate(policies, 1):  # stdout holds the policies alone: it can be sent to a file
            self.stderr.write(f"Policy {number} of {len(policies)}, {size(policy):,} characters:")
            self.stdout.write(json.dumps(policy, indent=2))
