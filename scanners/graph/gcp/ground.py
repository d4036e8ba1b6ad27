"""A project of Google Cloud as the rules of escalation see it.

An administrator may rewrite the policy of the project, act as its service accounts and read its secrets, on no
condition; what deny rules forbid beside is not missed, for an administrator is one all the same.

Limits: grants on things that are not collected; who may join a group by its settings; constraints that are not
collected; whether an API is switched on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from scanners.access.explorer import Answer, Decided, Principal, Target, Via, Written
from scanners.access.gcp.deciding import Change
from scanners.access.gcp.engine import GoogleEngine
from scanners.access.gcp.kinds import ACCOUNT, RECOGNISED, service_of
from scanners.access.gcp.members import ALL, AUTHENTICATED, is_set, key_of
from scanners.access.gcp.roles import OF_ORGANIZATION
from scanners.access.gcp.society import MEMBERS
from scanners.access.gcp.statements import ALLOW, Statement
from scanners.access.gcp.targets import listed
from scanners.access.gcp.tree import Level, email_of
from scanners.access.truth import NO, YES
from scanners.catalog.escalation import Rule, rules
from scanners.graph.gcp import things
from scanners.graph.gcp.altered import altered, without_bounds, without_denies, without_member, without_tags
from scanners.graph.ground import Removal, Thing
from scanners.model import Node, Provider, Unread
from scanners.model.estate import Estate

REWRITES = "resourcemanager.projects.setIamPolicy"
ADMINISTERS = (REWRITES, "iam.serviceAccounts.actAs", "secretmanager.versions.access")
PUBLIC = frozenset({ALL, AUTHENTICATED})
MANAGERS = frozenset({"OWNER", "MANAGER"})
JOINS = "cloudidentity.memberships.create"
EFFECTIVE = "projects.policies.getEffectivePolicy"
DENIED, MANAGES = Decided(Answer.DENIED, Answer.DENIED), Decided(Answer.ALLOWED, Answer.ALLOWED)
CAVEATS = (
    "Grants on things that are not collected (machines, jobs, triggers) are not seen",
    "That the APIs of a way are switched on is assumed",
    "What other organisations and projects bind to their own principals is not read; it could only take access away",
)


class GoogleGround:
    """A `Ground` (scanners.graph.ground).  `lifted` are guards that are gone."""

    caveats = CAVEATS

    def __init__(
        self,
        engine: GoogleEngine,
        estate: Estate,
        lifted: frozenset[str] = frozenset(),
        principals: tuple[Principal, ...] | None = None,
    ) -> None:
        self.engine, self.estate, self.lifted = engine, estate, lifted
        self.deciding = engine.deciding
        self.rules: Sequence[Rule] = rules(Provider.GCP)
        self._principals = tuple(engine.principals()) if principals is None else principals
        self._scopes = things.scopes(engine)
        self._things = (*self._scopes, *map(_alike, things.things(engine, self._principals)))
        self._project = things.target_of(self.deciding.tree.project)
        self._asked = {thing.ref: self._target(thing) for thing in self._things}
        self._denying = self.deciding.bounding.any or any(level.denies for level in self.deciding.tree.chain)
        self._of_nobody: dict[tuple[str, str], Decided] = {}  # what all get of whom no grant speaks
        self._untold: dict[str, tuple[str, ...]] = {}
        self._standing: dict[str, tuple[tuple[Level, tuple[Statement, ...]], ...]] = {}

    def principals(self) -> Sequence[Principal]:
        return self._principals

    def things(self) -> Sequence[Thing]:
        return self._things

    def scopes(self) -> Sequence[Thing]:
        return self._scopes

    def made_in(self, rule: Rule) -> Collection[str]:
        return (self._project.ref,)

    def missing(self, kind: str) -> tuple[str, ...]:
        if kind in things.UNCOLLECTED:
            return (things.UNCOLLECTED[kind],)
        unread = self.deciding.tree.unread_kinds
        return tuple(unread[one] for one in things.OF_KINDS.get(kind, ()) if one in unread)

    def possible(self, kind: str) -> Collection[str]:
        if kind == "deployment":
            return [thing.identities[0] for thing in self._things if thing.kind == "deployer"]
        return [one.ref for one in self._principals if one.ref.startswith("serviceAccount:")]

    @cached_property
    def _idle(self) -> frozenset[str]:
        resources = self.deciding.tree.resources.values()
        off = (one for one in resources if one.kind == ACCOUNT and things.disabled(one))
        return frozenset(key_of(f"serviceAccount:{email_of(one)}") for one in off)

    def idle(self, who: Principal) -> bool:
        return who.ref in self._idle

    # where grants stand

    def spots(self, who: Principal, permission: str) -> Collection[str]:
        if permission == JOINS:
            return self._managed.get(key_of(who.ref), ())
        found = [level.ref for level, some in self._grants(who) if any(one.speaks_of(permission) for one in some)]
        if permission not in self._untold:
            self._untold[permission] = tuple(self._unread(permission))
        return [*found, *self._untold[permission]]

    def _unread(self, permission: str) -> Iterator[str]:
        """Where grants may stand that nobody read."""
        tree = self.deciding.tree
        for level in tree.chain:
            if level.unread or tree.unread:
                yield level.ref
        for level in tree.policed():
            if level.unread or any(listed(level, permission)):
                yield level.ref

    @cached_property
    def _by_member(self) -> dict[str, list[tuple[Level, Statement]]]:
        found: dict[str, list[tuple[Level, Statement]]] = {}
        tree = self.deciding.tree
        for level in (*tree.chain, *tree.policed()):
            for member, some in level.by_member.items():
                found.setdefault(member, []).extend((level, one) for one in some)
        return found

    @cached_property
    def _sets(self) -> tuple[str, ...]:
        return tuple(member for member in self._by_member if is_set(member))

    def _grants(self, who: Principal) -> tuple[tuple[Level, tuple[Statement, ...]], ...]:
        """By level, the bindings that may mean somebody."""
        if who.ref not in self._standing:
            key = key_of(who.ref)
            meant = dict.fromkeys((key, *(one for one in self._sets if self.deciding.belongs(key, one).truth != NO)))
            by_level: dict[str, tuple[Level, list[Statement]]] = {}
            for member in meant:
                for level, statement in self._by_member.get(member, ()):
                    by_level.setdefault(level.ref, (level, []))[1].append(statement)
            self._standing[who.ref] = tuple((level, tuple(some)) for level, some in by_level.values())
        return self._standing[who.ref]

    @cached_property
    def _managed(self) -> dict[str, list[str]]:
        """Groups whose members somebody may add, as far as members were read ("Membership", Cloud Identity API)."""
        found: dict[str, list[str]] = {}
        for level in self.deciding.tree.chain:
            try:
                for group, members in level.resource.each(MEMBERS) if level.resource else ():
                    for key in _managers(members):
                        found.setdefault(key, []).append(key_of(f"group:{group}"))
            except Unread:
                continue
        return found

    def settles(self, who: Principal, permission: str, scope: Thing, decided: Decided) -> bool:
        """On the project, where no condition speaks of it, or a grant on no condition gives it whatever others say.

        What is allowed on a folder may be denied on the project.
        """
        chain = self.deciding.tree.chain
        if scope.ref != self._project.ref:
            return False
        if any(one.expression is not None and one.speaks_of(permission) for level in chain for one in level.denies):
            return False
        above, key = {level.ref for level in chain}, key_of(who.ref)
        grants = [one for level, some in self._grants(who) if level.ref in above for one in some]
        speaking = [one for one in grants if one.speaks_of(permission)]
        if permission.startswith("storage.") and any(PUBLIC & set(one.members) for one in speaking):
            return False  # buckets may keep everybody out
        if all(one.expression is None for one in speaking):
            return True
        sure = (one for one in speaking if one.expression is None and self._meant(key, one))
        return decided.read is Answer.ALLOWED and any(sure)

    def _meant(self, key: str, statement: Statement) -> bool:
        return any(self.deciding.belongs(key, member).truth == YES for member in statement.members)

    # questions

    def decide(self, who: Principal, permission: str, on: Thing) -> Decided:
        if permission == JOINS:
            return MANAGES if on.ref in self._managed.get(key_of(who.ref), ()) else DENIED
        target = self._asked[on.ref]
        if self._denying or self._speaks(who, permission):
            return self.engine.decide(who, permission, target)
        key = permission, target.ref
        if key not in self._of_nobody:
            self._of_nobody[key] = self.engine.decide(who, permission, target)
        return self._of_nobody[key]

    def _speaks(self, who: Principal, permission: str) -> bool:
        return any(one.speaks_of(permission) for _, some in self._grants(who) for one in some)

    def _target(self, thing: Thing) -> Target:
        """Guards and leaves are asked of the scope they belong to; so are roles of the organisation."""
        if "#" in thing.ref or thing.target.kind == OF_ORGANIZATION:
            scope = thing.ref.partition("#")[0] if "#" in thing.ref else thing.within[-1]
            return next((one.target for one in self._scopes if one.ref == scope), self._project)
        return thing.target

    def administrator(self, who: Principal) -> Decided:
        first = self.engine.decide(who, REWRITES, self._project)
        if first.answer in (Answer.DENIED, Answer.IF):
            return first
        said = [first]
        for permission in ADMINISTERS[1:]:
            one = self.engine.decide(who, permission, self._project)
            if one.answer in (Answer.DENIED, Answer.IF) and one.blocked_by in (None, ALLOW):
                return DENIED
            said += [one] if one.answer is not Answer.DENIED else []
        unknown = [one for one in said if one.answer is Answer.UNKNOWN]
        if not unknown:
            return first
        read = Answer.ALLOWED if all(one.read is Answer.ALLOWED for one in said) else Answer.DENIED
        because = dict.fromkeys(why for one in unknown for why in one.unknown_because)
        return replace(first, answer=Answer.UNKNOWN, read=read, unknown_because=tuple(because))

    def crowned(self, who: Principal, by: Thing) -> Decided:
        """The engine is asked with the scope rewritten, or with the role widened where it is bound."""
        if by.kind == "role":
            more = tuple(self._widened(by))
        else:
            written = Written("the policy as it would be", None, by.ref, "", by.target.name)
            via = Via(ALLOW, "Allow", written, "a binding more")
            more = (Statement(ALLOW, by.target.name, via, (key_of(who.ref),), on=frozenset({REWRITES})),)
        return self.deciding.decide(key_of(who.ref), REWRITES, self._project, Change(more=more))

    def _widened(self, role: Thing) -> list[Statement]:
        name = role.ref.removeprefix("//iam.googleapis.com/")
        chain = self.deciding.tree.chain
        bound = (one for level in chain for one in level.allows if one.role is not None and one.role.name == name)
        return [replace(one, role=None, on=frozenset({REWRITES})) for one in bound if one.members]

    def forbids(self, constraint: str) -> bool | None:
        """Of a constraint that is enforced or not; one that is enforced on a condition is not known."""
        project = self.deciding.tree.project
        if project.ref + things.CONSTRAINTS in self.lifted:
            return False
        try:
            for name, told in project.resource.each(EFFECTIVE) if project.resource else ():
                if name == constraint:
                    enforced = [one for one in told["spec"]["rules"] if one["enforce"].value is True]
                    return None if any(one["condition"].present for one in enforced) else bool(enforced)
        except Unread:
            return None
        return None

    # as it would be

    def without(self, guards: frozenset[str]) -> GoogleGround:
        denies, bounds = (_levels_of(guards, word) for word in (things.DENIES, things.BINDINGS))
        estate = altered(self.estate, without_denies(denies)) if denies else self.estate
        if any(one.endswith(things.BOUNDARIES) for one in guards):
            estate = altered(estate, without_bounds(None))
        elif bounds:
            estate = altered(estate, without_bounds(bounds))
        if any(one.endswith(things.TAGGED) for one in guards):
            estate = altered(estate, without_tags(things.on_tags))
        engine = self.engine if estate is self.estate else GoogleEngine(estate)
        return GoogleGround(engine, estate, self.lifted | guards, self._principals)

    def removal(self, via: Via, who: Principal) -> Removal | None:
        level = self.deciding.tree.level(via.written.ref)
        statement = next((one for one in level.allows if one.via.mark == via.mark), None) if level else None
        if level is None or statement is None or statement.role is None or "/bindings/" not in via.mark:
            return None
        key = key_of(who.ref)
        means = [one for one in statement.members if one == key or self.deciding.belongs(key, one).truth != NO]
        if not means:
            return None
        member = key if key in means else means[0]
        at = who if member == key else self.engine.principal(member)
        name = level.name if level in self.deciding.tree.chain or level.resource is None else level.resource.name
        return Removal(at, ALLOW, level.ref, via.mark, f"take {statement.role.name} on {name} from {at.name}")

    def after(self, removal: Removal) -> tuple[GoogleGround, frozenset[str] | None]:
        key = key_of(removal.at.ref)
        estate = altered(self.estate, without_member(removal.ref, removal.mark, key))
        ground = GoogleGround(GoogleEngine(estate), estate, self.lifted, self._principals)
        return ground, None if is_set(key) else frozenset({removal.at.ref})


def _levels_of(guards: frozenset[str], word: str) -> frozenset[str]:
    return frozenset(one.removesuffix(word) for one in guards if one.endswith(word))


def _managers(members: Node) -> Iterator[str]:
    for one in members:
        if MANAGERS & {str(role["name"].value) for role in one["roles"]}:
            email = one["preferredMemberKey"].need("id").text()
            yield key_of(f"{'serviceAccount' if email.endswith('.gserviceaccount.com') else 'user'}:{email}")


def _alike(thing: Thing) -> Thing:
    """Conditions tell things of most services apart by nothing ("Resource attributes for IAM Conditions", 2026-11)."""
    domain = service_of(thing.ref)
    known = domain in RECOGNISED or "#" in thing.ref or thing.target.kind == OF_ORGANIZATION
    return thing if known else replace(thing, likeness=(domain, thing.target.kind))
