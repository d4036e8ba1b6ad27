"""A small ground for tests of chains: who holds what where is a table, and so is what nobody has read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from scanners.access.explorer import Answer, Decided, Principal, Target, Via, Written
from scanners.catalog.escalation import Need, Rule
from scanners.catalog.escalation import Target as Goal
from scanners.graph.ground import Removal, Thing

TOP, OTHER = "top", "other"
ALLOWED, DENIED = Decided(Answer.ALLOWED, Answer.ALLOWED), Decided(Answer.DENIED, Answer.DENIED)
IF = Decided(Answer.IF, Answer.IF, condition="on Mondays")


def unread(read: Answer = Answer.DENIED) -> Decided:
    return Decided(Answer.UNKNOWN, read, unknown_because=("the policy was not read",))


def rule(what: str, *needs: tuple[str, str], kind: str = "account", gives: str = "become", **more: Any) -> Rule:
    return Rule(what, what, tuple(Need(name, on) for name, on in needs), Goal(kind, **more), gives)


RULES = (
    rule("token", ("token", "target")),
    rule("start", ("pass", "target"), ("make", "new")),
    rule("update", ("update", "resource"), ("pass", "runs_as"), kind="resource", runs_as="function"),
    rule("machine", ("login", "resource"), kind="resource", runs_as="machine"),
    rule("bind", ("bind", "target"), kind="scope", gives="admin_self"),
    rule("widen", ("widen", "target"), kind="role", gives="admin_self"),
    rule("lift", ("lift", "target"), kind="guard", gives="unbound"),
    rule("read", ("read", "target"), kind="secret", gives="take"),
    rule("key", ("key", "target"), unless="no keys"),
)


@dataclass(frozen=True)
class Nothing:
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True)
class Toy:
    """`grants`: (who, permission, where) → what the engine says.  `denies`: (who, permission), while "guard" stands."""

    grants: dict[tuple[str, str, str], Decided]
    people: tuple[str, ...] = ("dev",)
    accounts: tuple[str, ...] = ("a", "b", "c", "boss")
    around: tuple[Thing, ...] = ()
    absent: dict[str, tuple[str, ...]] = field(default_factory=dict)
    admins: dict[str, Decided] = field(default_factory=lambda: {"boss": ALLOWED})
    denies: frozenset[tuple[str, str]] = frozenset()
    constraints: dict[str, bool | None] = field(default_factory=dict)
    asleep: frozenset[str] = frozenset()
    rules: tuple[Rule, ...] = RULES
    caveats: tuple[str, ...] = ()
    engine: Any = Nothing()

    def principals(self):
        return [Principal(name, name, "user") for name in (*self.people, *self.accounts)]

    def scopes(self):
        return [Thing("scope", Target(TOP))]

    def things(self):
        marks = frozenset({"principal"})
        found = [Thing("account", Target("of " + name), (name,), (TOP,), marks) for name in self.accounts]
        return [*self.scopes(), *found, *self.around]

    def made_in(self, rule):
        return (TOP,)

    def missing(self, kind):
        return self.absent.get(kind, ())

    def possible(self, kind):
        return self.accounts

    def idle(self, who):
        return who.ref in self.asleep

    def spots(self, who, permission):
        return {where for one, what, where in self.grants if (one, what) == (who.ref, permission)}

    def settles(self, who, permission, scope, decided):
        return decided.answer is Answer.ALLOWED

    def decide(self, who, permission, on):
        if (who.ref, permission) in self.denies:
            return DENIED
        found = [self.grants.get((who.ref, permission, where), DENIED) for where in (on.ref, *on.within)]
        best = min(found, key=lambda one: list(Answer).index(one.answer))
        via = Via("allow", "Allow", Written(permission, None, on.ref), "row", who.ref)
        return best if best is DENIED else replace(best, via=(via,))

    def administrator(self, who):
        return self.admins.get(who.ref, DENIED)

    def crowned(self, who, by):
        return DENIED if (who.ref, "bind") in self.denies else ALLOWED

    def forbids(self, constraint):
        return self.constraints.get(constraint, False)

    def without(self, guards):
        return replace(self, denies=frozenset())

    def removal(self, via, who):
        return Removal(who, via.layer, via.written.ref, via.written.name, f"take {via.written.name} from {who.name}")

    def after(self, removal):
        left = {key: said for key, said in self.grants.items() if key[:2] != (removal.at.ref, removal.mark)}
        return replace(self, grants=left), frozenset({removal.at.ref})


def toy(*grants: str, **more: Any) -> Toy:
    """Grants as "who permission where", each surely."""
    return Toy({tuple(one.split(None, 2)): ALLOWED for one in grants}, **more)  # type: ignore[misc]
