"""The decision: deny rules and boundaries first, then what allow policies add up to.

Source: "Policy evaluation" and "Policy types" (IAM documentation), read 2026-11.

Principal access boundaries take away what deny rules leave, as far as a caller is subject to one.

Limits: what other organisations bind to their own principals is not read; it could only take access away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from scanners.access.explorer import Decided, Target
from scanners.access.gcp.bounding import Bounding
from scanners.access.gcp.cel import Context
from scanners.access.gcp.kinds import BUCKET, LEVELS, LISTED, ON_THE_WHOLE
from scanners.access.gcp.members import ALL, AUTHENTICATED, Belongs, Society, is_set
from scanners.access.gcp.prevention import prevented
from scanners.access.gcp.roles import Roles, roles_of, service_of
from scanners.access.gcp.society import society_of
from scanners.access.gcp.statements import Statement
from scanners.access.gcp.targets import ANY, Scene, anything_within, context, listed, scene
from scanners.access.gcp.tree import Level, Tree, tree_of
from scanners.access.gcp.weighing import Situation, Weighed, decided, weigh
from scanners.access.truth import MAYBE, NO, Truth
from scanners.model.estate import Estate

OPEN = Belongs(NO)
Entry = tuple[Statement, Belongs]


@dataclass(frozen=True, slots=True)
class Change:
    """Policies as they would be: without members of bindings, with more bindings, with more whom denies spare.

    `widened`: names of boundaries that hold the resource as well.
    """

    without: frozenset[tuple[int, str]] = frozenset()  # (id of a statement, key of a member)
    more: tuple[Statement, ...] = ()
    spared: frozenset[tuple[int, str]] = frozenset()
    widened: frozenset[str] = frozenset()


NONE = Change()


@dataclass(frozen=True, slots=True)
class Request:
    """What is known of one request beside its resource: attributes of conditions ("request.host"), and its tags.

    `whole`: that is all there is.  `timed`: the estate's clock is the time of the request; None: it stands for a scan.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] | None = None
    timed: bool | None = None
    whole: bool = False

    def added(self, told: Context) -> Context:
        if self.timed is None:
            return told
        facts = {**told.facts, **self.facts}
        return replace(told, facts=facts, tags=self.tags, at_that_moment=self.timed, timed=self.timed)


OF_A_SCAN = Request()


class Deciding:
    """Everything that is known of one estate, compiled once; what was worked out is remembered."""

    def __init__(self, estate: Estate, request: Request = OF_A_SCAN) -> None:
        self.estate, self.request = estate, request
        self.roles: Roles = roles_of(estate)
        self.tree: Tree = tree_of(estate, self.roles)
        self.society: Society = society_of(estate, self.tree, self._holds)
        self.bounding = Bounding(self.tree, self.society, self.estate.account, self.estate.now)
        self._belongs: dict[tuple[str, str], Belongs] = {}
        self._entries: dict[tuple[object, ...], tuple[Entry, ...]] = {}
        self._private: dict[str, Belongs] = {}
        self._denied: dict[tuple[str, str], tuple[tuple[Statement, Belongs, tuple[Belongs, ...]], ...]] = {}
        self._speaking: dict[tuple[str, str], frozenset[Statement]] = {}
        self._levels_of: dict[str, tuple[Level, ...]] = {}
        self._taken: dict[Statement, frozenset[str]] = {}
        self._scenes: dict[tuple[str, str], Scene] = {}
        self._situations: dict[tuple[str, str], Situation] = {}
        self._sets: dict[str, tuple[str, ...]] = {}

    @cached_property
    def counted(self) -> dict[str, int]:
        """How many permissions each service is known to have."""
        return dict(Counter(service_of(one) for one in self.roles.universe))

    def decide(self, caller: str, permission: str, asked: Target, change: Change = NONE) -> Decided:
        """`caller` is a key.  Never raises for what the cloud told."""
        allows, blocks, where = self.weighed(caller, permission, asked, change)
        unread = where.unread_denies
        if self.bounding.any:
            place = self.bounding.place(where)
            blocks = [*blocks, *self.bounding.blocks(caller, permission, place, change.widened)]
            unread = (*unread, *self.bounding.unread(caller, permission, place))
        return decided(allows, blocks, where.unread, unread)

    def weighed(
        self, caller: str, permission: str, asked: Target, change: Change = NONE
    ) -> tuple[list[Weighed], list[Weighed], Scene]:
        """(allows, denies, where) of what may hold; boundaries are not among it."""
        where, situation = self.scene(asked, permission), self.situation(asked, permission)
        denies = self.denying(caller, permission, where, situation, change)
        allows = []
        for level in where.levels if asked.ref != ANY.ref else self.levels_of(caller):
            private = where.private or self.private(level)
            for statement, belongs in self.entries(caller, level, private):
                role = statement.role
                if role is not None and permission not in role.held and not role.unread:
                    continue
                if role is None and permission not in statement.on:
                    continue
                if change.without and self.left_out(caller, statement, change):
                    continue
                mine = self.situation_at(level, asked, permission, situation)
                if found := weigh(statement, belongs, (), mine):
                    allows.append(found)
        added = (self._added(caller, one, situation) for one in change.more if permission in one.on)
        allows += [one for one in added if one]
        return allows, denies, where

    def _added(self, caller: str, statement: Statement, situation: Situation) -> Weighed | None:
        belongs = max((self.belongs(caller, member) for member in statement.members), key=_truth)
        return weigh(statement, belongs, (), situation)

    def situation_at(self, level: Level, asked: Target, permission: str, situation: Situation) -> Situation:
        """Of any resource, that at which the binding stands."""
        if asked.ref != ANY.ref or level.kind in LEVELS:
            return situation
        return self.situation(Target(level.ref, level.name, level.kind), permission)

    def denying(
        self, caller: str, permission: str, where: Scene, situation: Situation, change: Change = NONE
    ) -> list[Weighed]:
        weighed = (
            weigh(statement, belongs, spared, situation)
            for level in where.guards
            if (about := self._about(level, permission))
            for statement, belongs, spared in self.denials(caller, level)
            if statement in about and (id(statement), caller) not in change.spared
        )
        return [one for one in weighed if one]

    def _about(self, level: Level, permission: str) -> frozenset[Statement]:
        """The deny rules of a level that speak of a permission."""
        key = (level.ref, permission)
        found = self._speaking.get(key)
        if found is None:
            found = self._speaking[key] = frozenset(one for one in level.denies if one.speaks_of(permission))
        return found

    def taken_by(self, rule: Statement) -> frozenset[str]:
        """The permissions that are known and that a deny rule speaks of."""
        if rule not in self._taken:
            self._taken[rule] = frozenset(one for one in self.roles.universe if rule.speaks_of(one))
        return self._taken[rule]

    def levels_of(self, caller: str) -> tuple[Level, ...]:
        """All of the project's levels and resources at which a binding may mean the caller; what stands above first."""
        found = self._levels_of.get(caller)
        if found is None:
            members = [one for one in self._standing if self.belongs(caller, one).truth] if caller else []
            refs = {ref for member in members for ref in self._standing[member]}
            found = self._levels_of[caller] = tuple(one for one in self.every_level if one.ref in refs)
        return found

    @cached_property
    def every_level(self) -> tuple[Level, ...]:
        return (*self.tree.chain, *self.tree.policed())

    @cached_property
    def _standing(self) -> dict[str, list[str]]:
        """Member → refs of the levels whose bindings name it."""
        found: dict[str, list[str]] = {}
        for level in self.every_level:
            for member in level.by_member:
                found.setdefault(member, []).append(level.ref)
        return found

    @cached_property
    def doubts(self) -> tuple[str, ...]:
        """What of the whole project was not read and could give somebody something, or take it."""
        tree, levels = self.tree, self.every_level
        found = (
            *tree.unread,
            *(why for level in levels for why in (*level.unread, *level.unread_denies)),
            *tree.unread_kinds.values(),
            *(why for level in levels for why in listed(level, "storage.objects.get")),
        )
        return tuple(dict.fromkeys(found))

    def left_out(self, caller: str, statement: Statement, change: Change) -> bool:
        """Whether nobody is left in a binding through whom the caller may belong to it."""
        gone = {member for place, member in change.without if place == id(statement)}
        return bool(gone) and all(
            member in gone or self.belongs(caller, member).truth == NO for member in statement.members
        )

    def private(self, level: Level) -> Belongs:
        """Whether bindings to everybody have no effect on a resource."""
        if level.kind != BUCKET or level.resource is None:
            return OPEN
        if level.ref not in self._private:
            self._private[level.ref] = prevented(level.resource, self.tree.project.resource)
        return self._private[level.ref]

    def entries(self, caller: str, level: Level, private: Belongs = OPEN) -> tuple[Entry, ...]:
        """The bindings of a level that may mean the caller, and how far."""
        key = (caller, level.ref) if private is OPEN else (caller, level.ref, private)
        found = self._entries.get(key)
        if found is None:
            best: dict[int, Entry] = {}
            for member in dict.fromkeys((caller, *self._sets_at(level))):
                if member not in level.by_member:
                    continue
                belongs = self.belongs(caller, member)
                if member in (ALL, AUTHENTICATED) and private is not OPEN:
                    belongs = Belongs(NO) if private.truth else replace(belongs, shaky=private.shaky)
                for one in level.by_member[member] if belongs.truth else ():
                    before = best.get(id(one))
                    if before is None or _truth(before[1]) < _truth(belongs):
                        best[id(one)] = (one, belongs)
            found = self._entries[key] = tuple(best.values())
        return found

    def _sets_at(self, level: Level) -> tuple[str, ...]:
        if level.ref not in self._sets:
            self._sets[level.ref] = tuple(member for member in level.by_member if is_set(member))
        return self._sets[level.ref]

    def denials(self, caller: str, level: Level) -> tuple[tuple[Statement, Belongs, tuple[Belongs, ...]], ...]:
        key = (caller, level.ref)
        found = self._denied.get(key)
        if found is None:
            found = self._denied[key] = tuple(self._denials(caller, level.denies))
        return found

    def _denials(
        self, caller: str, denies: Iterable[Statement]
    ) -> Iterable[tuple[Statement, Belongs, tuple[Belongs, ...]]]:
        for one in denies:
            belongs = max((self.belongs(caller, member) for member in one.members), key=_truth, default=Belongs(NO))
            if belongs.truth:
                spared = (self.belongs(caller, member) for member in one.spared)
                yield one, belongs, tuple(each for each in spared if each.truth)

    def belongs(self, caller: str, member: str) -> Belongs:
        key = (caller, member)
        found = self._belongs.get(key)
        if found is None:
            found = self._belongs[key] = self.society.belongs(caller, member)
        return found

    def _holds(self, caller: str, role: str) -> Belongs:
        """Whether a caller holds a basic role on the project.  What is inherited is not said to count."""
        best = Belongs(NO)
        for level in self.tree.chain:
            for one in level.allows:
                if one.role is None or one.role.name != role:
                    continue
                for member in one.members:
                    if not member.startswith("project"):
                        said = self.belongs(caller, member)
                        if said.truth and level is not self.tree.project:
                            said = Belongs(MAYBE, f"whether {role} held on {level.name} counts there is not documented")
                        best = max(best, said, key=_truth)
        if best.truth == NO and self.tree.project.unread:
            return Belongs(MAYBE, self.tree.project.unread[0])
        return best

    def scene(self, asked: Target, permission: str) -> Scene:
        key = (asked.ref, permission if permission in LISTED else permission.partition(".")[0])
        found = self._scenes.get(key)
        if found is None:
            found = scene(asked, permission, self.tree)
            if asked.ref != ANY.ref and found.levels and (nearest := self.private(found.levels[0])) is not OPEN:
                found = replace(found, private=nearest)
            found = self._scenes[key] = replace(found, guards=tuple(one for one in found.levels if one.denies))
        return found

    def situation(self, asked: Target, permission: str) -> Situation:
        key = (asked.ref, permission if permission in ON_THE_WHOLE else permission.rpartition(".")[0])
        found = self._situations.get(key)
        if found is None:
            told = context(asked, permission, self.tree, self.estate.account, self.estate.now)
            found = self._situations[key] = Situation(self.request.added(told), self.request.whole)
        return found

    def anything(self, level: Level) -> Situation:
        """Requests for some permission at a level or within it."""
        key = (level.ref, "")
        found = self._situations.get(key)
        if found is None:
            told = anything_within(level, self.tree, self.estate.account, self.estate.now)
            found = self._situations[key] = Situation(told)
        return found


def _truth(belongs: Belongs) -> tuple[Truth, bool]:
    """The surest first; among equals what is a condition, not something unread."""
    return belongs.truth, not belongs.unread
