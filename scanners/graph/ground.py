"""What an account is like to the rules of escalation where grants stand on scopes: its things, and their questions.

Each cloud has a `Ground` of its own; `scanners.graph.leads` and `chains` know this protocol alone.

A `kind` is the word that rules use in `target.kind` (or in `target.runs_as`, where that is "resource").  Four kinds of
use: an identity or a group, whose power comes with it; something that runs as an identity; a scope or a role, which is
rewritten; a guard, which is lifted.  All are things.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Protocol

from scanners.access.explorer import Decided, Engine, Principal, Target, Via
from scanners.catalog.escalation import Rule


@dataclass(frozen=True, slots=True)
class Thing:
    """`identities`: refs of the principals whose power comes with it; of a role, those that hold it on a scope.

    `within`: refs of the scopes it lies in.  `marks` are what rules may ask for in `target.state`; "principal" marks a
    thing that is the one principal of its `identities`.  `unsure` says why it may run as others than those.  Things of
    one `likeness` get one answer to who holds nothing on them by themselves; None: each has its own.
    """

    kind: str
    target: Target
    identities: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    marks: frozenset[str] = frozenset()
    unsure: tuple[str, ...] = ()
    likeness: Hashable = None

    @property
    def ref(self) -> str:
        return self.target.ref


@dataclass(frozen=True, slots=True)
class Removal:
    """One grant that is taken away: from whom, and where it stands.  `words` for people."""

    at: Principal
    layer: str
    ref: str
    mark: str
    words: str


class Ground(Protocol):
    """One account.  All answers are of what a scan read; nothing is fetched."""

    @property
    def engine(self) -> Engine: ...

    @property
    def rules(self) -> Sequence[Rule]: ...

    @property
    def caveats(self) -> tuple[str, ...]:
        """What was not looked at and might forbid a step."""

    def principals(self) -> Sequence[Principal]:
        """The engine's, and who else can be become."""

    def things(self) -> Sequence[Thing]: ...

    def scopes(self) -> Sequence[Thing]:
        """Scopes that a grant may stand on, the widest first.  They are among the things."""

    def made_in(self, rule: Rule) -> Collection[str]:
        """Refs of the scopes in which something new can be made."""

    def missing(self, kind: str) -> tuple[str, ...]:
        """Why things of that kind may be there that are not among `things`; nothing: all of them are."""

    def possible(self, kind: str) -> Collection[str]:
        """Refs of the principals whose power may come with things of that kind that are not among `things`."""

    def idle(self, who: Principal) -> bool:
        """Whether it can act no more: it is disabled."""

    def spots(self, who: Principal, permission: str) -> Collection[str] | None:
        """Refs of scopes and things whose grants give it, or might, being unread.  None: nobody has worked it out.

        Elsewhere the engine is not asked: to leave one out that gives it hides a way.
        """

    def settles(self, who: Principal, permission: str, scope: Thing, decided: Decided) -> bool:
        """Whether an answer on a scope is the answer on all that lies in it and has no grant of its own.

        What is allowed on it must then be allowed on all that lies in it, whatever is granted or denied there.
        """

    def decide(self, who: Principal, permission: str, on: Thing) -> Decided:
        """The engine's answer; of a bond that no policy tells (the owner of a group), the cloud's own."""

    def administrator(self, who: Principal) -> Decided:
        """Allowed: it is one, on no condition.  Unknown: nobody knows."""

    def crowned(self, who: Principal, by: Thing) -> Decided:
        """Whether `who` is an administrator once a scope or a role is rewritten in its favour, with all that denies."""

    def forbids(self, constraint: str) -> bool | None:
        """Whether a constraint of the organisation is in force; None: it was not read."""

    def without(self, guards: frozenset[str]) -> Ground:
        """The account with these guards lifted (refs of things that rules with `unbound` are about), else as it is."""

    def removal(self, via: Via, who: Principal) -> Removal | None:
        """The grant that a decision rests on, if it can be taken away."""

    def after(self, removal: Removal) -> tuple[Ground, frozenset[str] | None]:
        """The account without that grant, and the refs of those whom it concerns; None: anybody."""
