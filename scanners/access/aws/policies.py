"""Compiled policies: a document is read once by its content, and compiled once for each kind it is used as."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b

from scanners.access.aws.actions import Actions, actions
from scanners.access.aws.arns import ANY_RESOURCE, FILLED, Resources, resources
from scanners.access.aws.conditions import ALWAYS, Condition
from scanners.access.aws.documents import Document, Statement, read, unreadable
from scanners.access.aws.principals import Match, Named, Principal, named

_EVERYONE = named("*")
_NAMING = frozenset({"resource", "grant", "rcp", "vpce"})  # kinds whose statements name principals
_MAPPED = 10_000  # compiled policies kept by content


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """A compiled statement of one policy, used as one kind."""

    statement: Statement
    allows: bool
    denies: bool
    actions: Actions
    resources: Resources
    who: Named | None  # None: whoever the policy is attached to
    spared: Named | None  # a NotPrincipal
    condition: Condition
    flaw: str | None
    names_nobody: bool = field(init=False)  # it speaks of whoever it is attached to, or of everyone
    everywhere: bool = field(init=False)
    unconditional: bool = field(init=False)  # for everyone, everywhere, always

    def __post_init__(self) -> None:
        nobody = self.spared is None and (self.who is None or self.who.everyone)
        everywhere = self.resources.stars and not self.resources.negated
        free = self.condition is ALWAYS and self.flaw is None
        object.__setattr__(self, "names_nobody", nobody)
        object.__setattr__(self, "everywhere", everywhere)
        object.__setattr__(self, "unconditional", nobody and everywhere and free)

    def match(self, who: Principal, *, bounded: bool = False) -> Match:
        """How the statement names a caller.  `bounded`: a Deny with NotPrincipal spares nobody with a boundary."""
        if self.spared is not None:
            if self.denies:
                return Match.DIRECT if bounded or not self.spared.spares(who) else Match.NO
            return Match.DIRECT if self.spared.match(who) is Match.NO else Match.NO
        if self.who is None:
            return Match.DIRECT
        found = self.who.match(who)
        if found is Match.DIRECT and who.what == "role" and not self.who.everyone:
            return Match.ROLE
        return found


Candidates = tuple[tuple[Rule, ...], tuple[Rule, ...]]  # that may allow, that may deny
_NOBODY: Candidates = ((), ())
_REMEMBERED = 50_000  # actions of one policy


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """A policy document, compiled.  Equal documents are one object."""

    digest: str
    document: Document
    rules: dict[str, tuple[Rule, ...]] = field(default_factory=dict, repr=False)
    index: dict[str, dict[str, tuple[Rule, ...]]] = field(default_factory=dict, repr=False)
    memo: dict[tuple[str, str], Candidates] = field(default_factory=dict, repr=False)

    def used_as(self, kind: str) -> tuple[Rule, ...]:
        found = self.rules.get(kind)
        if found is None:
            found = tuple(_rule(one, kind, self.document.variables) for one in self.document.statements)
            self.rules[kind] = found
        return found

    def candidates(self, kind: str, action: str) -> Candidates:
        """The rules that speak of an action, in lower case."""
        found = self.memo.get((kind, action))
        if found is None:
            speaking = [rule for rule in self._near(kind, action) if rule.actions.covers(action)]
            found = _NOBODY
            if speaking:
                found = tuple(r for r in speaking if r.allows), tuple(r for r in speaking if r.denies)
            if len(self.memo) > _REMEMBERED:
                self.memo.clear()
            self.memo[kind, action] = found
        return found

    def _near(self, kind: str, action: str) -> tuple[Rule, ...]:
        """The rules that speak of the action's service, or of all services."""
        index = self.index.get(kind)
        if index is None:
            rules = [(rule, rule.actions.services) for rule in self.used_as(kind)]
            services = {service for _, mine in rules for service in mine or ()}
            index = {
                service: tuple(rule for rule, mine in rules if mine is None or service in mine) for service in services
            }
            index[""] = tuple(rule for rule, mine in rules if mine is None)
            self.index[kind] = index
        return index.get(action.partition(":")[0], index[""])

    @property
    def flaws(self) -> tuple[str, ...]:
        return self.document.flaws + tuple(flaw for one in self.document.statements for flaw in one.flaws)


def _rule(statement: Statement, kind: str, variables: bool) -> Rule:
    flaws = list(statement.flaws)
    who = spared = None
    if kind in _NAMING:
        if statement.not_principal is not None:
            spared = named(statement.not_principal)
        elif statement.principal is not None:
            who = named(statement.principal)
        elif kind == "resource":
            who = _EVERYONE
            flaws.append("no principal is named")
        flaws.extend(one.flaw for one in (who, spared) if one is not None and one.flaw)
    elif statement.principal is not None or statement.not_principal is not None:
        flaws.append("a principal is named where none can be")
    return Rule(
        statement=statement,
        allows=statement.allows,
        denies=statement.denies,
        actions=_actions(statement),
        resources=_resources(statement, kind, variables, flaws),
        who=who,
        spared=spared,
        condition=statement.condition,
        flaw="; ".join(flaws) or statement.condition.flaw,
    )


def _actions(statement: Statement) -> Actions:
    if statement.actions is not None:
        return actions(statement.actions)
    if statement.not_actions is not None:
        return actions(statement.not_actions, negated=True)
    return actions(("*",))


def _resources(statement: Statement, kind: str, variables: bool, flaws: list[str]) -> Resources:
    """A resource policy without Resource speaks of what it is attached to; elsewhere the element must be there."""
    fill = kind in FILLED
    if statement.resources is not None:
        return resources(statement.resources, negated=False, variables=variables, fill=fill)
    if statement.not_resources is not None:
        return resources(statement.not_resources, negated=True, variables=variables, fill=fill)
    if kind not in _NAMING:
        flaws.append("no resource is named")
    return ANY_RESOURCE


_known: OrderedDict[str, Policy] = OrderedDict()


def compile_policy(source: object) -> Policy:
    """A policy from a document, its text, or nonsense: never raises.  Compiled once by content."""
    try:
        digest = _digest(source)
    except (TypeError, ValueError, RecursionError):  # nothing that came from JSON
        return Policy("", read(source))
    policy = _known.get(digest)
    if policy is None:
        policy = _known[digest] = Policy(digest, read(source))
        if len(_known) > _MAPPED:
            _known.popitem(last=False)
    return policy


@lru_cache(maxsize=1024)
def unread(because: str) -> Policy:
    """A policy that nobody has read: it may allow and deny anything, and nothing surely."""
    return Policy("", Document(False, (unreadable(because),), (because,)))


_encode = json.JSONEncoder(separators=(",", ":")).encode


def _digest(source: object) -> str:
    content = source if isinstance(source, (str, bytes)) else _encode(source)
    raw = content if isinstance(content, bytes) else content.encode(errors="surrogatepass")
    return blake2b(type(source).__name__.encode() + raw, digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Policies that count together: all identity policies, the documents of one level of SCPs, one resource policy."""

    kind: str
    policies: tuple[Policy, ...]
    memo: dict[str, Candidates] = field(default_factory=dict, repr=False)

    def candidates(self, action: str) -> Candidates:
        found = self.memo.get(action)
        if found is None:
            each = [policy.candidates(self.kind, action) for policy in self.policies]
            found = tuple(r for allows, _ in each for r in allows), tuple(r for _, denies in each for r in denies)
            if len(self.memo) > 50_000:
                self.memo.clear()
            self.memo[action] = found
        return found

    def places(self) -> Iterable[tuple[int, Rule]]:
        for number, policy in enumerate(self.policies):
            for rule in policy.used_as(self.kind):
                yield number, rule


@lru_cache(maxsize=_MAPPED)
def group(kind: str, policies: tuple[Policy, ...]) -> Group:
    return Group(kind, policies)
