"""The policy that a principal needs: what it used, and nothing that it surely did not; then checked by the engine.

From the identity policies of a principal and the report of what it used comes one policy.  Statements keep their
resources and conditions; of their actions stay those that were used, and those of which nobody can say: actions that
IAM does not track (all that touch data), and services of which only the use as a whole is known.  Denies stay.
The check asks the engine: everything that was used is still allowed where it was, everything that was removed is
allowed nowhere, and nothing is allowed that was not before.

Limits: the report does not say which resources were used, so a star for resources stays; denied attempts count as use;
what a principal does once in more than 400 days looks unused; use by way of policies of resources is counted as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from scanners.access.aws.actions import spelling
from scanners.access.aws.effective import bitmap, catalogue
from scanners.access.aws.named import named
from scanners.access.aws.narrowing import narrowed
from scanners.access.aws.policies import compile_policy
from scanners.access.aws.principals import Principal
from scanners.access.aws.proving import prove
from scanners.access.aws.recorded import RECORDED, Told, merged
from scanners.access.aws.requests import Layers
from scanners.access.aws.usage import Fate, Usage
from scanners.access.explorer import Sized, SizedService

_NOTHING = Usage(whole=False)
_DATA = "actions on data (objects, items, messages) are not tracked: those that were granted stay"
LARGEST = 6_144  # characters without white space of a managed policy; all inline policies of a role have 10,240


class Confidence(StrEnum):
    HIGH = "high"  # all that stays was used, all that goes was reported as unused
    MEDIUM = "medium"  # some stays because nobody can say whether it was used
    LOW = "low"  # some goes that no report speaks of
    NONE = "none"  # nothing is known of what was used: nothing goes


@dataclass(slots=True)
class _Made:
    statements: dict[str, dict[str, Any]] = field(default_factory=dict)
    sids: set[str] = field(default_factory=set)

    def add(self, statement: dict[str, Any]) -> None:
        """Allows on the same resources under the same condition become one."""
        rest = {key: value for key, value in statement.items() if key not in ("Sid", "Action")}
        key = json.dumps(rest, sort_keys=True)
        if statement["Effect"] == "Deny":
            key = f"{key} {statement.get('Action')}"
        if key in self.statements:
            held = self.statements[key].get("Action", [])
            held.extend(one for one in statement.get("Action", ()) if one not in held)
            return
        if statement.get("Sid") in self.sids:
            statement = {name: value for name, value in statement.items() if name != "Sid"}
        self.sids.add(statement.get("Sid", ""))
        self.statements[key] = statement


def right_size(
    who: Principal,
    policies: Sequence[tuple[str, object]],
    usage: Usage | None,
    because: str = "",
    trail: Told | None = None,
) -> Sized:
    """`policies`: (name, document) of all identity policies.  `usage` None: not known, `because`.

    `trail`: what records of CloudTrail tell beside IAM's report.
    """
    for name, document in policies:
        policy = compile_policy(document)
        if flaws := [rule.flaw for rule in policy.used_as("identity") if rule.flaw]:
            return Sized(None, Confidence.NONE, refused=f"{name} was not understood: {flaws[0]}")
    if trail is not None and (usage is not None or trail.activity.count or trail.complete):
        return _with_trail(who, policies, usage, because, trail)
    if usage is None:
        unseen: tuple[str, ...] = (f"what it used is not known: {because or 'nobody asked'}; so nothing is taken away",)
        document = _document(policies, None)
        found = _checked(who, policies, document, Usage(), Confidence.NONE, unseen)
        return replace(found, told=trail.said if trail else ())
    return _sized(who, policies, usage)


def _sized(who: Principal, policies: Sequence[tuple[str, object]], usage: Usage, low: bool = False) -> Sized:
    document = _document(policies, usage)
    unseen, gone = _unseen(policies, usage)
    untracked = any(one.ever and not one.by_action for one in usage.services.values())
    confidence = Confidence.LOW if low or gone else Confidence.MEDIUM if untracked else Confidence.HIGH
    return _checked(who, policies, document, usage, confidence, unseen)


def _with_trail(
    who: Principal, policies: Sequence[tuple[str, object]], usage: Usage | None, because: str, trail: Told
) -> Sized:
    """By both; what goes by the trail alone makes the confidence medium at most, and low where the trail is weak."""
    both = merged(usage, trail, _starred(policies))
    alone = [
        name
        for name in trail.unused
        if both.fate(name) is Fate.UNUSED and (usage or _NOTHING).fate(name) is not Fate.UNUSED
    ]
    found = _sized(who, policies, both, low=bool(alone and trail.weak))
    removed = {name.lower() for one in found.services for name in one.removed}
    told = list(trail.said)
    if blind := _blind(policies, trail):
        told.append(f"the records cannot show {_listed(blind)}: what those would tell is left as IAM reports it")
    if usage is None:
        told.append(f"IAM's report is not there ({because or 'nobody asked'}): what the records do not decide stays")
    if gone := sorted(spelling(name) for name in removed.intersection(alone)):
        told.append(f"{_listed(gone)} goes because the records have no use of it")
        told += [trail.weak] if trail.weak else []
    confidence = found.confidence
    if confidence == Confidence.HIGH and (gone or usage is None):
        confidence = Confidence.MEDIUM
    unseen = tuple(f"{one} where the records do not tell" if one == _DATA else one for one in found.unseen)
    on = None if found.document is None else named(who, found.document, trail)
    return replace(found, confidence=confidence, unseen=unseen, told=tuple(told), on=on)


def _blind(policies: Iterable[tuple[str, object]], trail: Told) -> list[str]:
    """Kinds of events that would tell of something that is granted."""
    granted = {name.partition(":")[0] for name in catalogue().named(_granted(policies)) if name in RECORDED}
    return [events for service, events in trail.blind if service in granted]


def _starred(policies: Iterable[tuple[str, object]]) -> list[str]:
    """Actions that a statement gives without naming their service."""
    rules = [rule for _, source in policies for rule in compile_policy(source).used_as("identity") if rule.allows]
    wide = [rule.actions for rule in rules if rule.actions.services is None]
    return [action for action in RECORDED if any(element.covers(action) for element in wide)]


def _document(policies: Iterable[tuple[str, object]], usage: Usage | None) -> dict[str, Any] | None:
    made = _Made()
    for _, source in policies:
        document = compile_policy(source).document
        for statement in document.statements:
            kept = narrowed(statement, usage, variables=document.variables)
            if kept is not None:
                made.add(kept)
    if not any(one["Effect"] == "Allow" for one in made.statements.values()):
        return None
    return {"Version": "2012-10-17", "Statement": list(made.statements.values())}


def _checked(
    who: Principal,
    policies: Sequence[tuple[str, object]],
    document: dict[str, Any] | None,
    usage: Usage,
    confidence: Confidence,
    unseen: tuple[str, ...],
) -> Sized:
    before = Layers.of(identity=[source for _, source in policies])
    after = Layers.of(identity=[document] if document else [])
    known = confidence is not Confidence.NONE
    proved = prove(who, before, after, usage if known else None)
    if not proved.holds:
        return Sized(None, Confidence.NONE, unseen=unseen, refused=proved.sentence, checked=(proved.asked, False))
    services = _services(proved.before, proved.after, usage, known=known)
    if known and confidence is Confidence.HIGH and any(one.untracked for one in services):
        confidence = Confidence.MEDIUM
    size = len(json.dumps(document, separators=(",", ":"))) if document else 0
    if size > LARGEST:
        unseen = (*unseen, f"it has {size:,} characters, and a managed policy takes {LARGEST:,}: split it in two")
    counts = proved.before.bit_count(), proved.after.bit_count()
    return Sized(
        document,
        confidence,
        services,
        unseen,
        before=counts[0],
        after=counts[1],
        removed=sum(len(one.removed) for one in services),
        checked=(proved.asked, True),
        now=_document(policies, None),
    )


def _unseen(policies: Iterable[tuple[str, object]], usage: Usage) -> tuple[tuple[str, ...], bool]:
    """(what could not be seen, whether something goes that no report speaks of)"""
    found = ["which resources were used is not reported: resources stay as they are"]
    whole = sorted(one.service for one in usage.services.values() if one.ever and not one.by_action)
    if whole:
        found.append(f"of {_listed(whole)} only the use of the service is reported: all of it stays as it was granted")
    if any(one.ever and one.by_action for one in usage.services.values()):
        found.append(_DATA)
    if not usage.whole:
        return tuple(found), False
    granted = _granted(policies)
    names = sorted({name.partition(":")[0] for name in catalogue().named(granted)} - usage.services.keys())
    named = _named(policies)
    if kept := [name for name in names if name in named]:
        found.append(f"the report does not name {_listed(kept)}: what policies grant of it by name stays")
    gone = [name for name in names if name not in named]
    if gone:
        found.append(f"the report does not name {_listed(gone)}, granted by a star over all services: it goes")
    return tuple(found), bool(gone)


def _granted(policies: Iterable[tuple[str, object]]) -> int:
    found = 0
    for _, source in policies:
        for rule in compile_policy(source).used_as("identity"):
            found |= bitmap(rule.actions) if rule.allows else 0
    return found


def _named(policies: Iterable[tuple[str, object]]) -> set[str]:
    """Services that a statement names."""
    rules = [rule for _, source in policies for rule in compile_policy(source).used_as("identity") if rule.allows]
    return {service for rule in rules for service in rule.actions.services or ()}


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:6])
    return f"{shown} and {len(names) - 6} more" if len(names) > 6 else shown


def _services(before: int, after: int, usage: Usage, *, known: bool) -> tuple[SizedService, ...]:
    by_service: dict[str, dict[str, list[str]]] = {}
    for name in catalogue().named(before | after):
        kind = "removed" if not after >> catalogue().number[name] & 1 else _kind(usage.fate(name))
        lists = by_service.setdefault(name.partition(":")[0], {"used": [], "untracked": [], "removed": []})
        lists[kind].append(spelling(name))
    made = []
    for service, lists in by_service.items():
        found = usage.services.get(service) if known else None
        seen = "nothing" if found is None else "action" if found.by_action or not found.ever else "service"
        told = {kind: tuple(names) for kind, names in lists.items()}
        made.append(SizedService(service, found.last if found else None, seen, **told))
    return tuple(made)


def _kind(fate: Fate) -> str:
    return "used" if fate is Fate.USED else "untracked"
