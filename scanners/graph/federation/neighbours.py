"""From one account into another of the same cloud: roles that trust another account, and service accounts with grants
in another project.

A role of AWS is assumed where its trust lets the caller in *and* the caller's own account allows it: both are put to
the engine as one request, with all that bounds the caller.
Source: "Cross-account policy evaluation logic" (IAM User Guide), read 2026-11.

Limits: policies of the organisation of the role's own account (RCPs) are not asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from scanners.access.aws.policies import Rule, compile_policy
from scanners.access.aws.principals import Match
from scanners.access.explorer import Answer, Engine, Principal
from scanners.graph.aws_answers import decided, inside
from scanners.graph.federation.doors import Opened
from scanners.graph.judging import Judging
from scanners.graph.standing import Standing, View
from scanners.graph.targets import TRUST, Target, target

ASSUME = "sts:AssumeRole"


@dataclass(frozen=True, slots=True)
class Passage:
    """One steps from a home into another, by their numbers, and is somebody else or the same there."""

    home: int
    origin: Principal
    into: int
    target: Principal
    rule: str
    title: str
    opened: Opened


def roles(views: Mapping[int, View]) -> Iterator[Passage]:
    """Roles of each account that principals of the others may assume."""
    for into, view in views.items():
        for role in view.standings.values():
            aim = target(view.estate, role.arn) if role.kind == "role" else None
            if aim is None or aim.kind != TRUST or aim.policy is None:
                continue
            rules = compile_policy(aim.policy.document).candidates("resource", ASSUME.lower())[0]
            for home, other in views.items():
                if home != into and _speaks_of(rules, other.account.id):
                    yield from _assuming(home, other, into, role, aim, rules)


def _speaks_of(rules: Sequence[Rule], account: str) -> bool:
    return any(
        rule.who is None
        or rule.who.everyone
        or account in rule.who.accounts
        or any(f"::{account}:" in arn for arn in rule.who.arns)
        for rule in rules
    )


def _assuming(
    home: int, view: View, into: int, role: Standing, aim: Target, rules: Sequence[Rule]
) -> Iterator[Passage]:
    judging = Judging(view, ASSUME, replace(aim, foreign=True))
    for standing in view.standings.values():
        if standing.kind == "root" or not any(rule.match(standing.who) > Match.NO for rule in rules):
            continue
        found = decided(judging.of(standing))
        if found.answer is not Answer.DENIED:
            title = f"Assumes a role that trusts account {view.account.id}"
            opened = Opened(((ASSUME, role.arn, found),))
            yield Passage(home, inside(standing), into, inside(role), "across-aws-assume-role", title, opened)


def granted(engines: Mapping[int, Engine], owned: Mapping[int, Sequence[Principal]]) -> Iterator[Passage]:
    """Service accounts of one project (`owned`) that policies of another one name."""
    known = {home: {one.ref: one for one in engine.principals()} for home, engine in engines.items()}
    for home, mine in owned.items():
        for one in mine:
            for into, theirs in known.items():
                if into != home and one.ref in theirs:
                    title = "A policy of the other project names it"
                    yield Passage(home, one, into, theirs[one.ref], "across-gcp-grant", title, Opened(()))
