"""The whole way from calls to verdicts without a database: what the house tests sweep over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from posture.runtime.sample.start import SampleCloud
from scanners import scan
from scanners.collectors.aws import account as aws
from scanners.collectors.aws import event_history
from scanners.collectors.aws.family import family
from scanners.collectors.door import Door
from scanners.collectors.gather import Gathered
from scanners.model import Gap, Outcome, Resource, Unit, Verdict
from scanners.model.estate import Estate
from tests.core.cases import NOW

WISHES = (event_history.WISH,)
Answers = dict[tuple[str, str, str], Verdict]  # (check, ref, subject) → verdict


@dataclass
class Sweep:
    """One sample account, collected as often as a test likes."""

    cloud: SampleCloud
    door: Door = field(default_factory=lambda: Door(b"house test"))

    def collect(self, units: Iterable[Unit]) -> dict[Unit, Gathered]:
        transport = aws.connect(aws.Connection(endpoint=self.cloud.endpoint))
        try:
            who = aws.Caller(self.cloud.account, "aws", f"arn:aws:sts::{self.cloud.account}:user/posture")
            found = scan.collect(transport, who, units, self.door, wishes=WISHES)
            return {seen.unit: seen for seen in found if seen}
        finally:
            transport.close()

    def all_units(self) -> list[Unit]:
        return scan.plan(self.cloud.regions[:3])


def answers(seen: Iterable[Gathered], cloud: SampleCloud) -> Answers:
    """Every verdict on what was seen.  What one refused listing hides is unknown, as the store would say it."""
    seen = list(seen)
    of_kind: dict[str, list[Resource]] = {}
    gaps: dict[str, tuple[Gap, ...]] = {}
    for unit in seen:
        for resource in unit.resources:
            of_kind.setdefault(resource.kind, []).append(resource)
        for kind, missing in unit.gaps.items():
            gaps[kind] = gaps.get(kind, ()) + missing
    estate = Estate(cloud.account, NOW, lambda kind: of_kind.get(kind, []), gaps, _family(cloud))
    return {(check.id, resource.ref, verdict.subject): verdict for resource, check, verdict in scan.decide(estate)}


@cache
def _family(cloud: SampleCloud) -> frozenset[str]:
    transport = aws.connect(aws.Connection(endpoint=cloud.endpoint))
    try:
        return frozenset(member.ref for member in family(transport).members)
    finally:
        transport.close()


def worsened(before: Answers, after: Answers) -> list[str]:
    """What a fault must never do: turn a failure or an unknown into a pass, or accuse what passed."""
    wrong = []
    for key, verdict in after.items():
        known = before.get(key)
        if known is None:
            if verdict.outcome is not Outcome.UNKNOWN:
                wrong.append(f"{key} appeared as {verdict.outcome}: {verdict.sentence}")
        elif verdict.outcome not in (known.outcome, Outcome.UNKNOWN):
            wrong.append(f"{key} went from {known.outcome} to {verdict.outcome}: {verdict.sentence}")
    return wrong
