"""A subscription and its directory, as the rules of escalation ask about them.

An administrator is who may do anything in the subscription and give others the same, on no condition.  Whoever holds
the directory is one step away: a Global Administrator elevates, and assigns itself Owner.

Known limits: of roles over a part of the directory only the engine's answers are known.  A custom role that is held on
a resource group alone gains nothing when it is widened.  What a role on one resource gives when it is assigned is told
for the kinds that rules name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from scanners.access.azure import (
    APP_ROLE,
    ASSIGN,
    ASSIGNMENT,
    DEFINITION,
    DIRECTORY_ROLE,
    ELIGIBLE,
    PRINCIPAL,
    RESOURCE,
    allows,
    is_wide,
    steps,
)
from scanners.access.azure.deciding_directory import DEFAULTS
from scanners.access.azure.rights import MAY_ACTIVATE, denials
from scanners.access.explorer import Answer, Decided, Engine, Principal, Target, Via
from scanners.catalog.escalation import Rule, rules
from scanners.graph.azure.directory import (
    GLOBAL_ADMINISTRATOR,
    Directory,
    directory,
    group_rows,
    object_id,
    owners_may,
    seen,
    told,
)
from scanners.graph.azure.holders import Held, assignments, holder_of, holders, scopes_of_denials
from scanners.graph.azure.people import ROOT
from scanners.graph.azure.things import Scene, scene
from scanners.graph.ground import Ground, Removal, Thing
from scanners.model import Provider, Unread
from scanners.model.estate import Estate

ELEVATE = "Microsoft.Authorization/elevateAccess/action"
WIDEN = "Microsoft.Authorization/roleDefinitions/write"
# One action of each of several providers, and one of a provider that does not exist: who may do them all may do all.
BASIS = (
    ASSIGN,
    "Microsoft.Compute/virtualMachines/write",
    "Microsoft.KeyVault/vaults/write",
    "Microsoft.Resources/deployments/write",
    "Microsoft.NoSuchProvider/anything/write",
)
PASSWORDS = frozenset(
    f"microsoft.directory/users/{one}"
    for one in ("password/update", "authenticationMethods/create", "authenticationMethods/basic/update")
)
IN_DIRECTORY = frozenset(
    {"directory", "application", "service principal", "user", "group", "conditional access policy", "agent blueprint"}
)
ALLOWED, DENIED = Decided(Answer.ALLOWED, Answer.ALLOWED), Decided(Answer.DENIED, Answer.DENIED)
RANK = (Answer.ALLOWED, Answer.IF, Answer.UNKNOWN, Answer.DENIED)
CAVEATS = (
    "conditional access, second factors and approvals of activations are not looked at",
    "roles over a part of the directory are not looked at",
)


@dataclass
class AzureGround:
    """`engine_of` makes the engine of an estate, for what would be after an edit."""

    estate: Estate
    engine_of: Callable[[Estate], Engine]
    rules: Sequence[Rule] = ()
    _made: dict[tuple[str, str, str], Decided] = field(default_factory=dict, repr=False)
    _spotted: dict[tuple[str, str], frozenset[str] | None] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.rules = self.rules or rules(Provider.AZURE)
        self.engine = self.engine_of(self.estate)
        self.facts: Directory = directory(self.estate)
        self._held, self._ungiven = assignments(self.estate)
        self._by_holder: dict[str, list[Held]] = {}
        for one in self._held:
            self._by_holder.setdefault(one.who, []).append(one)
        self._in_directory, self._parts, self._untold = holders(self.estate)
        self._roles = {object_id(row): row for row in seen(self.estate, DEFINITION, [])}
        self._names: dict[tuple[str, str], bool] = {}
        self._narrow = any(not is_wide(scope) for scope in scopes_of_denials(self.estate))
        self._principals = self._everybody()
        self.scene: Scene = scene(self.estate, self.facts, self._principals)
        listed = {one.ref for one in self._principals}
        more = {who for thing in self.scene.things for who in thing.identities} - listed
        self._principals += [Principal(ref, ref, "managed identity") for ref in sorted(more)]
        self._refs = {thing.ref.casefold(): thing.ref for thing in self.scene.things}
        self._whole = self.scene.scopes[1]

    def _everybody(self) -> list[Principal]:
        found = {one.ref: one for one in self.engine.principals() if one.kind != "group"}
        for row in group_rows(self.estate, []):
            found.setdefault(object_id(row), Principal(object_id(row), row.name, "group"))
        for row in seen(self.estate, PRINCIPAL, []):
            found.setdefault(object_id(row), Principal(object_id(row), row.name, "service principal"))
        return list(found.values())

    # what is there

    @property
    def caveats(self) -> tuple[str, ...]:
        facts = self.facts
        return (*CAVEATS, *dict.fromkeys(why for ref, why in facts.unowned.items() if ref not in facts.hidden))

    def principals(self) -> Sequence[Principal]:
        return self._principals

    def things(self) -> Sequence[Thing]:
        return self.scene.things

    def scopes(self) -> Sequence[Thing]:
        return self.scene.scopes

    def made_in(self, rule: Rule) -> Collection[str]:
        if rule.plane == "directory":
            return (ROOT,)
        return [scope.ref for scope in self.scene.scopes if scope.kind != "directory"]

    def missing(self, kind: str) -> tuple[str, ...]:
        own = (*self.facts.unread, *self.facts.ungrouped) if kind == "user" else ()
        return (*self.scene.missing.get(kind, ()), *own)

    def possible(self, kind: str) -> Collection[str]:
        if kind in ("user", "group", "service principal"):
            return [one.ref for one in self._principals if one.kind == kind]
        return self.scene.possible(kind)

    def idle(self, who: Principal) -> bool:
        return who.ref in self.scene.idle

    def forbids(self, constraint: str) -> bool | None:
        return False

    def without(self, guards: frozenset[str]) -> Ground:
        return self

    # what is asked

    def spots(self, who: Principal, permission: str) -> frozenset[str] | None:
        key = who.ref, permission
        if key not in self._spotted:
            in_directory = _of_directory(permission) or permission == ELEVATE
            self._spotted[key] = (self._spots_of_directory if in_directory else self._spots)(who, permission)
        return self._spotted[key]

    def _spots(self, who: Principal, permission: str) -> frozenset[str] | None:
        if self._ungiven or self.facts.ungrouped:
            return None
        found = set[str]()
        for held in self._assigned(who.ref):
            if self._may(held.role, permission):
                found.add(self._spot(held.scope))
        if found and permission == WIDEN:
            found.update(thing.ref for thing in self.scene.things if thing.kind == "role")
        return frozenset(found)

    def _spots_of_directory(self, who: Principal, permission: str) -> frozenset[str] | None:
        if self._untold or self.facts.unread or self.facts.ungrouped:
            return None
        if permission == ELEVATE:
            return frozenset({ROOT} if self._at_the_root(who.ref) else ())
        owned = self.facts.owned.get(who.ref, frozenset()) | self.facts.hidden
        holds = any(name in self._in_directory for name in self.facts.names(who.ref))
        return owned | {ROOT} if holds else owned

    def _at_the_root(self, who: str) -> bool:
        elevated = any(not steps(one.scope) for one in self._assigned(who))
        return elevated or GLOBAL_ADMINISTRATOR in self.facts.roles.get(who, {})

    def _assigned(self, who: str) -> Iterator[Held]:
        for name in self.facts.names(who):
            yield from self._by_holder.get(name, ())

    def _may(self, role: str, permission: str) -> bool:
        """Whether a role may name an action, on either plane."""
        key = role, permission
        if key not in self._names:
            self._names[key] = self._allows(role, permission)
        return self._names[key]

    def _allows(self, role: str, permission: str) -> bool:
        row = self._roles.get(role)
        if row is None:
            return True
        try:
            said = row[RESOURCE]["properties"]
            return allows(said, permission) or allows(said, permission, data=True)
        except Unread:
            return True

    def _spot(self, scope: str) -> str:
        if is_wide(scope):
            return self._whole.ref
        return self._refs.get(f"/{'/'.join(steps(scope))}", scope)

    def settles(self, who: Principal, permission: str, scope: Thing, decided: Decided) -> bool:
        if permission in PASSWORDS or permission == WIDEN:
            return False
        return decided.answer is Answer.ALLOWED and not (self._narrow and scope.kind != "directory")

    def decide(self, who: Principal, permission: str, on: Thing) -> Decided:
        key = who.ref, permission, on.ref
        if key not in self._made:
            self._made[key] = self._decide(who, permission, on)
        return self._made[key]

    def _decide(self, who: Principal, permission: str, on: Thing) -> Decided:
        if permission == ELEVATE:
            return self._elevates(who)
        if _of_directory(permission) != (on.kind in IN_DIRECTORY) or not self._near(who, permission, on):
            return DENIED
        if permission == WIDEN and on.kind == "role":
            return _worst([self.engine.decide(who, permission, target) for target in self._assignable(on)])
        decided = self.engine.decide(who, permission, on.target)
        if set(decided.unknown_because) == {DEFAULTS}:
            return DENIED  # nothing that rules ask for is any member's by default
        if permission in PASSWORDS and on.kind == "user":
            return self._over(who, on, decided)
        return decided if decided.answer is Answer.ALLOWED else self._owned(who, permission, on, decided)

    def _near(self, who: Principal, permission: str, on: Thing) -> bool:
        """Whether some assignment stands on a thing of Azure or above it: nothing else allows anything."""
        if on.kind in IN_DIRECTORY or on.kind == "role":
            return True
        spots = self.spots(who, permission)
        return spots is None or not spots.isdisjoint((on.ref, self._whole.ref, *on.within))

    def _elevates(self, who: Principal) -> Decided:
        if via := self.facts.roles.get(who.ref, {}).get(GLOBAL_ADMINISTRATOR):
            return Decided(Answer.ALLOWED, Answer.ALLOWED, (via,))
        if why := (*self.facts.unread, *self.facts.ungrouped):
            return Decided(Answer.UNKNOWN, Answer.DENIED, unknown_because=why)
        return self.engine.decide(who, ELEVATE, Target(ROOT, "the root"))

    def _over(self, who: Principal, on: Thing, decided: Decided) -> Decided:
        """Who gives whom a new password: administrators are protected from all but a few."""
        if decided.answer is Answer.DENIED or self.facts.is_over_anybody(who.ref):
            return decided
        if self.facts.protects(on.identities[0]):
            return DENIED
        if why := (*self.facts.unread, *self.facts.ungrouped):
            return Decided(Answer.UNKNOWN, decided.read, decided.via, unknown_because=why)
        return decided

    def _owned(self, who: Principal, permission: str, on: Thing, decided: Decided) -> Decided:
        if not owners_may(on.target.kind, permission):
            return decided
        if via := self.facts.owners.get((who.ref, on.ref)):
            return Decided(Answer.ALLOWED, Answer.ALLOWED, (via,))
        if on.ref in self.facts.hidden and decided.answer is Answer.DENIED:
            return Decided(Answer.UNKNOWN, decided.read, unknown_because=(self.facts.unowned[on.ref],))
        return decided

    def _assignable(self, on: Thing) -> list[Target]:
        """The scopes of a custom role, on each of which it must be allowed to write it."""
        try:
            said = self._roles[on.ref.rpartition("/")[2].casefold()][RESOURCE]["properties"]["assignableScopes"]
            return [Target(one.text(), one.text()) for one in said] or [self._whole.target]
        except (KeyError, Unread):
            return [self._whole.target]

    # administrators

    def administrator(self, who: Principal) -> Decided:
        """By the decisions on a basis of actions; an eligible role makes nobody one before it is activated."""
        asked = []
        for action in BASIS:
            asked.append(self.decide(who, action, self._whole))
            if asked[-1].answer is Answer.DENIED:
                return asked[-1]
        return _worst(asked)

    def crowned(self, who: Principal, by: Thing) -> Decided:
        if by.kind == "role":
            return self._widened(who, by)
        return self._denied(who) if by.kind in ("subscription", "directory") else DENIED

    def _widened(self, who: Principal, by: Thing) -> Decided:
        name = by.ref.rpartition("/")[2].casefold()
        found = [one for one in self._assigned(who.ref) if one.role == name and is_wide(one.scope)]
        if not found or all(one.row.kind == ELIGIBLE for one in found):
            return DENIED
        if all(one.conditional for one in found):
            return Decided(Answer.IF, Answer.IF, condition="the condition of the assignment holds")
        return self._denied(who)

    def _denied(self, who: Principal) -> Decided:
        """Once everything is allowed: what deny assignments leave of it."""
        names = self.facts.names(who.ref)
        try:
            against = [one for action in BASIS for one in denials(names, action, self._whole.ref, self.estate)]
        except Unread as unread:
            return Decided(Answer.UNKNOWN, Answer.ALLOWED, unknown_because=told(list(unread.gaps)))
        if any(not one["condition"].value for one in against):
            return Decided(Answer.DENIED, Answer.DENIED, blocked_by="deny")
        if against:
            return Decided(Answer.IF, Answer.IF, condition="the condition of a deny assignment does not hold")
        return ALLOWED

    # edits

    def removal(self, via: Via, who: Principal) -> Removal | None:
        if via.layer not in ("assignments", "eligible", "directory") or not via.written.ref:
            return None
        for kind in (ASSIGNMENT, ELIGIBLE, DIRECTORY_ROLE, MAY_ACTIVATE, APP_ROLE):
            for row in seen(self.estate, kind, []):
                if row.ref == via.written.ref:
                    holder = self._named(holder_of(row), who)
                    what = f"take {via.written.name} away ({via.place})"
                    return Removal(holder, via.layer, row.ref, "", what)
        return None

    def _named(self, ref: str, otherwise: Principal) -> Principal:
        return next((one for one in self._principals if one.ref == ref), otherwise)

    def after(self, removal: Removal) -> tuple[Ground, frozenset[str] | None]:
        was = self.estate
        left = Estate(
            was.account,
            was.now,
            lambda kind: [row for row in was.load(kind) if row.ref != removal.ref],
            was.gaps,
            was.trusted_accounts,
            was.read,
        )
        members = {member for member, several in self.facts.groups.items() if removal.at.ref in several}
        return AzureGround(left, self.engine_of, self.rules), frozenset({removal.at.ref, *members})


def _of_directory(permission: str) -> bool:
    """An action of the directory, or a permission of Microsoft Graph."""
    return "/" not in permission or permission.startswith(("microsoft.directory/", "microsoft.intune/"))


def _worst(several: Iterable[Decided]) -> Decided:
    return max(several, key=lambda one: RANK.index(one.answer), default=DENIED)
