"""How cases of checks are written down: a resource, what stands around it, and what the check must say.

Every check has at least one case that fails and one that passes; tests/house/test_checks.py holds it to that, and
derives the third from the second: with a call refused, the same resource must give *unknown*.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from scanners.checks.registry import checks, evaluate
from scanners.model import Gap, Outcome, Resource, State, Unit, Verdict
from scanners.model.estate import Estate

ACCOUNT = "111122223333"
REGION = "eu-west-1"
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def resource(
    kind: str, ref: str = "", *, region: str = REGION, gaps: dict[str, Gap] | None = None, **sections: Any
) -> Resource:
    """A resource whose evidence is `sections`: the call's operation → the document that is kept of its answer."""
    service = kind.split("::")[1].lower() if "::" in kind else kind.partition(".")[0]
    return Resource(
        kind=kind,
        ref=ref or f"arn:aws:{service}:{region}:{ACCOUNT}:thing",
        name=ref.rpartition(":")[2].rpartition("/")[2] or "thing",
        region=region,
        unit=Unit(region, service),
        documents=sections,
        calls={section: f"{service}.{section}" for section in [*sections, *(gaps or {})]},
        gaps={section: (gap,) for section, gap in (gaps or {}).items()},
    )


def refused(section: str, service: str = "service") -> Gap:
    return Gap(f"{service}.{section}", f"{service}:{section}", State.DENIED, "AccessDenied", REGION)


@dataclass(frozen=True)
class Case:
    """`around` stands in the same account; `unread` names kinds whose listing was refused."""

    resource: Resource
    around: tuple[Resource, ...] = ()
    subject: str = ""
    unread: frozenset[str] = frozenset()
    trusted: frozenset[str] = frozenset()
    now: datetime = NOW

    def estate(self) -> Estate:
        here = (self.resource, *self.around)
        gaps = {kind: (refused("List" + kind),) for kind in self.unread}
        return Estate(ACCOUNT, self.now, lambda kind: [r for r in here if r.kind == kind], gaps, self.trusted)

    def verdicts(self, check: str) -> list[Verdict]:
        return evaluate(checks()[check], self.resource, self.estate())

    def verdict(self, check: str) -> Verdict:
        """The verdict on this case's subject; of a check that said nothing on it, the one on the whole resource."""
        found = {verdict.subject: verdict for verdict in self.verdicts(check)}
        return found.get(self.subject) or found[""]


@dataclass(frozen=True)
class Cases:
    """The cases of one check.  `neutral` are those to which it does not apply."""

    fails: tuple[Case, ...]
    passes: tuple[Case, ...]
    neutral: tuple[Case, ...] = ()
    unknown: tuple[Case, ...] = field(default=())

    def expected(self) -> list[tuple[Outcome, Case]]:
        return [
            *((Outcome.FAIL, case) for case in self.fails),
            *((Outcome.PASS, case) for case in self.passes),
            *((Outcome.NOT_APPLICABLE, case) for case in self.neutral),
            *((Outcome.UNKNOWN, case) for case in self.unknown),
        ]


def without(it: Resource, section: str, call: str) -> Resource:
    """The same resource, with one section that the cloud refused."""
    gap = Gap(call, call, State.DENIED, "AccessDenied", it.region)
    kept = {name: document for name, document in it.documents.items() if name != section}
    return replace(it, documents=kept, gaps={**it.gaps, section: (gap,)})
