"""What the access engine of every cloud is asked, and what it answers with.

An `Engine` stands on one account as a scan left it and decides; an `Explorer` knows the ways to more power as well.
Commands, pages and the graph know these shapes alone; what a cloud calls a thing (`kind`, `layer`) stays in its words.

Four answers: allowed; allowed if a condition holds that is not known; denied; and unknown, because something that could
change the answer was not read.  An explicit deny stands whatever else is unread.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from scanners.model import Resource


class Answer(StrEnum):
    ALLOWED = "allowed"
    IF = "allowed_if"
    UNKNOWN = "unknown"
    DENIED = "denied"


class NotFound(ValueError):
    """What a person named is not there, or more than one thing is; the text says which, for people."""


@dataclass(frozen=True, slots=True)
class Principal:
    """`ref` names it for the engine and in evidence: an ARN, "serviceAccount:…", "user:…", an object id.

    `kind` in the cloud's words ("role", "service account", "managed identity").  `outside`: not of this account, or
    everybody ("allUsers").
    """

    ref: str
    name: str
    kind: str
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Written:
    """A policy as it is written (a document, a binding list, a role assignment with its role) and where it stands.

    `ref` is of the resource that holds it and `pointer` the place in its evidence, "Section/path"; `level` of a tree
    says what it is attached to.  What is no policy and lets somebody in all the same (a grant of a key, an entry of an
    access list) stands in `document` as the cloud told it, and in `reads` as the policy that it amounts to.
    """

    name: str
    document: Any
    ref: str = ""
    pointer: str = ""
    level: str = ""
    reads: Any = None

    @property
    def meaning(self) -> Any:
        """The policy that an engine compiles."""
        return self.document if self.reads is None else self.reads


@dataclass(frozen=True, slots=True)
class Via:
    """A statement that decides.  `place` for people ("statement 2", "binding 3"); `mark` its JSON pointer."""

    layer: str
    effect: str  # "Allow" or "Deny"
    written: Written
    place: str
    mark: str = ""
    sid: str = ""
    unknown: str = ""  # what of it was not understood
    level: int | None = None  # of a tree: how many steps below its root
    statement: int | None = None  # its number in the document, counted from 0, where it has one


@dataclass(frozen=True, slots=True)
class Decided:
    """Of one principal, one action, one resource.  `read`: the answer by what was read, whatever is unread.

    `condition` says in words what must hold, `residual` the same for programs; `blocked_by` is a layer.
    """

    answer: Answer
    read: Answer
    via: tuple[Via, ...] = ()
    condition: str = ""
    residual: object = None
    blocked_by: str | None = None
    unknown_because: tuple[str, ...] = ()

    @property
    def possible(self) -> bool:
        """Whether what was read lets it happen, surely or on a condition."""
        return self.read in (Answer.ALLOWED, Answer.IF)


@dataclass(frozen=True, slots=True)
class Row:
    who: Principal
    decided: Decided


@dataclass(frozen=True, slots=True)
class Target:
    """The resource of a question.  `doubts` say what of it was not read, `notes` what one should know."""

    ref: str
    name: str = ""
    kind: str = ""
    seen: bool = False
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WhoCan:
    """`rows` without those that are denied, who are `denied` of `asked` principals of the account.

    `beyond` counts by answer those that were judged and are not among the rows, where a bound was given.
    """

    action: str
    target: Target
    rows: tuple[Row, ...]
    denied: int
    asked: int
    beyond: Mapping[Answer, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """A statement that speaks of the question.  `holds`: "yes", "if" or "no"; `why_not` for the last."""

    written: Written
    place: str
    mark: str
    effect: str
    holds: str
    sid: str = ""
    condition: str = ""
    why_not: str = ""
    statement: int | None = None  # as in Via

    @property
    def decides(self) -> bool:
        return self.holds != "no"


@dataclass(frozen=True, slots=True)
class LayerSays:
    """`verdict`: allows, may allow, silent, denies, may deny, unread."""

    layer: str
    title: str
    verdict: str
    statements: tuple[Said, ...] = ()
    policies: tuple[Written, ...] = ()
    level: str = ""
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edit:
    """In which layer, and what is done there, in words; found by trying, never guessed."""

    layer: str
    words: str


@dataclass(frozen=True, slots=True)
class Explained:
    """`would_change`: edits that together turn the answer round; none for an unknown one."""

    row: Row
    action: str
    target: Target
    layers: tuple[LayerSays, ...]
    would_change: tuple[Edit, ...] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """A statement and where it stands, for people.  `services` None: it may speak of any."""

    layer: str
    level: int | str | None
    policy: str
    ref: str
    place: str
    sid: str
    effect: str
    sure: bool
    actions: tuple[str, ...]
    all_but_actions: bool
    resources: tuple[str, ...]
    all_but_resources: bool
    condition: str
    unknown: str
    services: frozenset[str] | None
    statement: int | None = None  # as in Via

    @property
    def said(self) -> tuple[object, ...]:
        """What it says, wherever it stands."""
        doing, on = (self.actions, self.all_but_actions), (self.resources, self.all_but_resources)
        return self.layer, self.effect, self.sure, doing, on, self.condition, self.unknown

    def speaks_of(self, service: str) -> bool:
        return self.services is None or service in self.services


@dataclass(frozen=True, slots=True)
class Through:
    """What a principal gained or lost by the policy of one resource.

    `surer`: possible before, now under no condition; `given`, `taken`: the statements that speak of it and changed.
    """

    ref: str
    name: str
    kind: str
    gained: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    surer: tuple[str, ...] = ()
    less_sure: tuple[str, ...] = ()
    given: tuple[Grant, ...] = ()
    taken: tuple[Grant, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """How many actions of a service by level of access, (surely, possibly); `known` is how many it has in all."""

    name: str
    levels: Mapping[str, tuple[int, int]]
    known: int
    gives: tuple[Grant, ...] = ()
    bounds: tuple[Grant, ...] = ()

    @property
    def possible(self) -> int:
        return sum(possible for _, possible in self.levels.values())


@dataclass(frozen=True, slots=True)
class Held:
    """What a principal can do on some resource.  `services` the gravest first; `sure` and `possible` are the actions.

    `doubts`: what was not read and could change it.
    """

    services: tuple[Service, ...]
    grants: tuple[Grant, ...]
    doubts: tuple[str, ...]
    sure: frozenset[str]
    possible: frozenset[str]


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a way: `origin` acts by a rule, and can then act as `target`.  `because`: (permission, on, why)."""

    origin: Principal
    target: Principal
    by: str
    title: str
    because: tuple[tuple[str, str, Decided], ...]
    assumes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """Of one principal to an administrator's power, or to another principal.  `escalates` None: nobody knows."""

    origin: Principal
    escalates: bool | None
    administrator: bool = False
    by: tuple[str, ...] = ()  # all rules by which a first step leads on
    steps: tuple[Hop, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """The one edit after which the principals `stops` can no longer escalate."""

    edit: str
    at: Principal
    stops: tuple[Principal, ...]


@dataclass(frozen=True, slots=True)
class Ways:
    ways: tuple[Way, ...]
    cuts: tuple[Cut, ...] = ()
    caveats: tuple[str, ...] = ()  # what was not looked at and might forbid a step


@dataclass(frozen=True, slots=True)
class SizedService:
    """`seen`: by what its use is known: "action", "service", "role", or nothing."""

    name: str
    last: str | None
    seen: str
    used: tuple[str, ...] = ()
    untracked: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SizedOn:
    """A right-sized policy that also names what was used, where records name it all.  `named`: (action, resources)."""

    document: Any
    confidence: str
    named: tuple[tuple[str, tuple[str, ...]], ...]
    checked: tuple[int, bool]


@dataclass(frozen=True, slots=True)
class Sized:
    """A right-sized policy.  `document` None: none is offered, because `refused`; without that, none is needed.

    `checked`: (questions asked of the engine, whether all held): what was used is allowed, what went is allowed
    nowhere, nothing new is.  `confidence`: high, medium, low, none.
    """

    document: Any
    confidence: str
    services: tuple[SizedService, ...] = ()
    unseen: tuple[str, ...] = ()
    refused: str = ""
    before: int = 0
    after: int = 0
    removed: int = 0
    checked: tuple[int, bool] | None = None
    now: Any = None  # what it holds today, in the same form, for comparison
    told: tuple[str, ...] = ()  # what records of its calls were read, and what they cannot tell
    on: SizedOn | None = None  # a suggestion beside it


class Engine(Protocol):
    """The engine of one cloud over one account.  All methods that take a person's text raise NotFound."""

    @property
    def gaps(self) -> tuple[str, ...]:
        """What of identities and of what stands above was not read: for the top of every answer."""

    def principals(self) -> Sequence[Principal]: ...

    def principal(self, text: str) -> Principal:
        """By ref, or by a name that only one has."""

    def target(self, text: str) -> Target:
        """By ref (wildcards where the cloud has them) or by a name that only one has; "*" or nothing: any."""

    def action(self, text: str) -> str:
        """One action in full, in the cloud's spelling where it is known."""

    def known(self, action: str) -> bool:
        """Whether the catalogue of the cloud has it."""

    def often(self) -> tuple[str, ...]:
        """Actions that people ask about first."""

    def suggested(self, beginning: str) -> Iterable[str]:
        """Actions whose name begins like this."""

    def decide(self, who: Principal, action: str, target: Target) -> Decided: ...

    def who_can(self, action: str, target: Target) -> WhoCan:
        """Principals of the account, and those outside whom a policy names; the surest first."""

    def explain(self, who: Principal, action: str, target: Target) -> Explained: ...

    def held(self, who: Principal) -> Held: ...

    def right_size(self, who: Principal) -> Sized: ...

    def invocation(self, function: Resource) -> tuple[str, ...]:
        """The actions that call a function; empty: this kind is not called by an identity."""

    def runs_as(self, function: Resource) -> tuple[Principal, ...]:
        """The identities whose power its code has.  Raises Unread where that was not read."""


class Explorer(Engine, Protocol):
    def ways(self, origin: Principal | None = None, goal: Principal | None = None) -> Ways:
        """Of one principal or of all, to an administrator's power or to one principal."""
