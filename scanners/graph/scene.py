"""An account laid out for questions about many at once: every principal, policy and thing has a bit.

Users and roles come first, so that a number's bits name principals; groups and the account's own policies follow.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TypeGuard

from scanners.access.aws.context import ABSENT, UNKNOWN, Known
from scanners.access.explorer import Principal
from scanners.catalog import managed_policies
from scanners.graph.account import Account, Document, Entity, Thing
from scanners.graph.callers import Request, lowered
from scanners.graph.cases import canonical
from scanners.graph.layers import Layers, Weighing
from scanners.graph.sheets import Sheet, sheet
from scanners.graph.trust import Trusts
from scanners.graph.universe import Universe, members

MOST_VERSIONS = 5  # of a managed policy ("IAM and AWS STS quotas")
MOST_KEYS = 2  # of a user (the same)
FULL: Document = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
# What makes an administrator when attached: the second lets its holder write any policy.
_ADMINISTRATORS = ("arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws:iam::aws:policy/IAMFullAccess")
_RESERVED = ("role/aws-service-role/", "role/aws-reserved/")


@dataclass(eq=False)
class Scene:
    account: Account
    masks: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        account = self.account
        self.principals = tuple(one for one in account.entities if one.kind != "group")
        self.groups = tuple(one for one in account.entities if one.kind == "group")
        self.policies = tuple(account.policies)
        self._entities = {one.arn: one for one in account.entities}
        self.place = {one.arn: place for place, one in enumerate(self.principals)}
        self.names = Universe(
            [*(one.arn for one in self.principals), *(one.arn for one in self.groups), *(p.arn for p in self.policies)],
            self.about_name,
            self._alike_names,
        )
        self.first_group = len(self.principals)
        self.first_policy = self.first_group + len(self.groups)
        self.everyone = (1 << len(self.principals)) - 1
        self.own_policies = {policy.arn: policy for policy in self.policies}
        self.groups_by_name = {key: group for group in self.groups for key in (group.name, group.arn)}
        self.things = Universe((thing.arn for thing in account.things), self.about_thing, self._alike_things)
        self.scps = tuple(tuple(sheet(one, "scp") for one in level) for level in account.scps)
        self._run_by: dict[tuple[int, tuple[str, ...]], int] = {}
        self._identities: dict[str, tuple[Sheet, ...]] = {}
        self._sheets: dict[str, Sheet] = {}
        self.weighing = Weighing(account)
        self._mark()

    def named(self, arn: str) -> Principal:
        """A user, role or group of the account."""
        return self._entities[arn].principal

    # what principals hold

    def documents(self, entity: Entity) -> list[tuple[str, Document]]:
        """(where it stands, document) of every policy that counts for a principal, groups' among them."""
        found = [(f"inline policy {one.name} of {entity.name}", one.document) for one in entity.inline]
        found += [(arn, self.policy(arn)) for arn in entity.attached]
        for group in self.groups_of(entity):
            found += self.documents(group)
        return found

    def groups_of(self, entity: Entity) -> list[Entity]:
        return [self.groups_by_name[name] for name in entity.groups if name in self.groups_by_name]

    def policy(self, arn: str) -> Document | None:
        """The default version of a managed policy; None when nobody knows it."""
        own = self.own_policies.get(arn)
        return own.versions.get(own.default) if own else managed_policies.document(arn)

    def boundary(self, entity: Entity) -> tuple[Sheet, ...] | None:
        if entity.boundary is None:
            return None
        written = entity.boundary if isinstance(entity.boundary, list) else [entity.boundary]
        return tuple(sheet(self.policy(one) if self.names_policy(one) else one, "boundary") for one in written)

    @staticmethod
    def names_policy(boundary: object) -> TypeGuard[str]:
        return isinstance(boundary, str) and boundary.startswith("arn:")

    def layers(self, entity: Entity) -> Layers:
        return Layers(self.identity(entity), self.boundary(entity), self.bound_by(entity))

    def identity(self, entity: Entity) -> tuple[Sheet, ...]:
        found = self._identities.get(entity.arn)
        if found is None:
            own = [sheet(one.document, "identity") for one in entity.inline]
            own += [self._attached(arn) for arn in entity.attached]
            for group in self.groups_of(entity):
                own += self.identity(group)
            found = self._identities[entity.arn] = tuple(own)
        return found

    def _attached(self, arn: str) -> Sheet:
        found = self._sheets.get(arn)
        if found is None:
            own = arn in self.own_policies
            found = self._sheets[arn] = sheet(self.policy(arn), "identity") if own else _managed(arn)
        return found

    def bound_by(self, entity: Entity) -> tuple[tuple[Sheet, ...], ...]:
        """SCPs bind neither the management account nor service-linked roles nor other accounts' principals."""
        free = self.account.management or ":role/aws-service-role/" in entity.arn
        return () if free or entity.account != self.account.id else self.scps

    def unknown(self, entity: Entity) -> str | None:
        """Why nobody knows what a principal may do."""
        if entity.arn in self.account.unread:
            return self.account.unread[entity.arn]
        for where, document in self.documents(entity):
            if document is None:
                return f"{where} was not read"
        if self.names_policy(entity.boundary) and self.policy(entity.boundary) is None:
            return f"the boundary {entity.boundary} was not read"
        return None

    # what things and policies lead to

    def holders(self, bits: int) -> int:
        """Principals that have one of the policies, themselves or by a group.  Bits are those of `names`."""
        return self._mapped(bits >> self.first_policy, self._holders)

    def bounded_by(self, bits: int) -> int:
        return self._mapped(bits >> self.first_policy, self._bounded)

    def members(self, bits: int) -> int:
        """Users in one of the groups."""
        inside = (1 << len(self.groups)) - 1
        return self._mapped(bits >> self.first_group & inside, self._members)

    def run_by(self, bits: int, kind: str, state: tuple[str, ...]) -> int:
        """Roles of the things of a kind among these, as far as their state lets a caller in."""
        kept = bits & self.kinds.get(canonical(kind), 0)
        if (kept, state) in self._run_by:
            return self._run_by[kept, state]
        found = 0
        for place in members(kept):
            if self._fit(self.account.things[place], state):
                found |= self._roles[place]
        self._run_by[kept, state] = found
        return found

    def _fit(self, thing: Thing, state: tuple[str, ...]) -> bool:
        return all(thing.state.get(one, True) for one in state)

    @staticmethod
    def _mapped(bits: int, table: list[int]) -> int:
        found = 0
        for place in members(bits):
            found |= table[place]
        return found

    def _mark(self) -> None:
        self._holders, self._bounded = [0] * len(self.policies), [0] * len(self.policies)
        self._members = [0] * len(self.groups)
        by_arn = {policy.arn: place for place, policy in enumerate(self.policies)}
        groups = {group.arn: place for place, group in enumerate(self.groups)}
        for place, entity in enumerate(self.principals):
            mine = self.groups_of(entity)
            for arn in (*entity.attached, *(arn for group in mine for arn in group.attached)):
                if arn in by_arn:
                    self._holders[by_arn[arn]] |= 1 << place
            if isinstance(entity.boundary, str) and entity.boundary in by_arn:
                self._bounded[by_arn[entity.boundary]] |= 1 << place
            for group in mine:
                self._members[groups[group.arn]] |= 1 << place
            for name, claim in _claims(entity).items():
                if claim:
                    self.masks[name] = self.masks.get(name, 0) | 1 << place
        for place, policy in enumerate(self.policies):
            if ":iam::aws:" in policy.arn:  # nobody edits what AWS manages
                continue
            for name in ("own_policy", *(("version_slot",) if len(policy.versions) < MOST_VERSIONS else ())):
                self.masks[name] = self.masks.get(name, 0) | 1 << self.first_policy + place

    def mask(self, name: str) -> int:
        return self.masks.get(name, 0)

    @cached_property
    def kinds(self) -> Mapping[str, int]:
        found: dict[str, int] = {}
        for place, thing in enumerate(self.account.things):
            kind = canonical(thing.kind)
            found[kind] = found.get(kind, 0) | 1 << place
        return found

    @cached_property
    def _roles(self) -> list[int]:
        """Of every thing the roles it runs as."""
        profiles: dict[str, int] = {}
        for place, entity in enumerate(self.principals):
            for profile in entity.instance_profiles or ():
                for name in (profile, profile.rpartition("/")[2]):
                    profiles[name] = profiles.get(name, 0) | 1 << place
        by_name = {one.name: 1 << place for place, one in enumerate(self.principals) if one.kind == "role"}
        found = []
        for thing in self.account.things:
            bits = 0
            for role in thing.roles:
                bits |= 1 << self.place[role] if role in self.place else by_name.get(role, profiles.get(role, 0))
            for profile in thing.profiles if not bits else ():
                bits |= profiles.get(profile, profiles.get(profile.rpartition("/")[2], 0))
            found.append(bits)
        return found

    def take_over(self, earlier: Scene) -> None:
        """From a scene that was alike: what is already worked out."""
        self.names, self.things, self.weighing = earlier.names, earlier.things, earlier.weighing
        self._run_by = earlier._run_by

    def likeness(self) -> object:
        """What rows of powers rest on beside a principal's own layers: while it is equal, they stay as they were."""
        account = self.account
        return (
            (account.id, account.partition, account.region, account.management, account.now),
            self.names.arns,
            tuple(sorted(self.masks.items())),
            (tuple(self._holders), tuple(self._bounded), tuple(self._members)),
            tuple((one.boundary if isinstance(one.boundary, str) else None, one.tags) for one in self.principals),
            account.things,
            tuple(self._roles),
            self.trusts.likeness(),
            self.attachable,
            self.wider,
        )

    @cached_property
    def wider(self) -> int:
        """Policies of which a version that is not the default makes an administrator."""
        from scanners.graph.administrator import is_full

        found = 0
        for place, policy in enumerate(self.policies):
            others = [document for version, document in policy.versions.items() if version != policy.default]
            if any(is_full(self, document) for document in others):
                found |= 1 << self.first_policy + place
        return found

    def of_account(self, number: str) -> int:
        """Principals of an account."""
        return self._locals.get(number, 0)

    @cached_property
    def _locals(self) -> Mapping[str, int]:
        found: dict[str, int] = {}
        for place, one in enumerate(self.principals):
            found[one.account] = found.get(one.account, 0) | 1 << place
        return found

    @cached_property
    def managed(self) -> int:
        """Roles of machines of which it is said that Systems Manager sees them."""
        bits = sum(1 << place for place, one in enumerate(self.account.things) if one.state.get("managed"))
        return self.run_by(bits, "ec2:instance", ())

    @cached_property
    def trusts(self) -> Trusts:
        return Trusts(self.account, self.principals)

    @cached_property
    def attachable(self) -> tuple[str, ...]:
        """ARNs of policies that make an administrator: AWS's own, and those of the account that allow everything."""
        from scanners.graph.administrator import is_full

        partition = self.account.partition
        own = [policy.arn for policy in self.policies if is_full(self, policy.versions.get(policy.default))]
        return (*(arn.replace("arn:aws:", f"arn:{partition}:", 1) for arn in _ADMINISTRATORS), *own)

    def about_name(self, context: Request, place: int) -> Request:
        """The request as it is for one entity of `names`: what conditions may ask about it."""
        if place >= self.first_policy:
            return context
        entity = self.groups[place - self.first_group] if place >= self.first_group else self.principals[place]
        bounded: Known = ABSENT if entity.boundary is None else UNKNOWN
        if isinstance(entity.boundary, str):
            bounded = entity.boundary
        facts = {} if "iam:permissionsboundary" in context.known else {"iam:permissionsboundary": bounded}
        return context.about(facts, lowered(entity.tags))

    def about_thing(self, context: Request, place: int) -> Request:
        thing = self.account.things[place]
        region = _region(thing)
        return context.about({"aws:requestedregion": region} if region else {}, lowered(thing.tags))

    def _alike_names(self, place: int, tagged: bool) -> Hashable:
        if place >= self.first_policy:
            return None
        entity = self.groups[place - self.first_group] if place >= self.first_group else self.principals[place]
        bounded = entity.boundary if isinstance(entity.boundary, str) else entity.boundary is not None
        return bounded, tuple(sorted((entity.tags or {}).items())) if tagged else None

    def _alike_things(self, place: int, tagged: bool) -> Hashable:
        thing = self.account.things[place]
        return _region(thing), thing.tags and tuple(sorted(thing.tags.items())) if tagged else None


@lru_cache(maxsize=4096)
def _managed(arn: str) -> Sheet:
    """Of a policy that AWS manages; nothing of one that nobody knows."""
    return sheet(managed_policies.document(arn), "identity")


def _region(thing: Thing) -> str:
    return thing.arn.split(":", 5)[3] if thing.arn.count(":") >= 5 else ""


def _claims(entity: Entity) -> dict[str, bool]:
    if entity.kind == "user":
        keys = entity.access_keys
        return {
            "user": True,
            "bounded": entity.boundary is not None,
            "key_slot": keys is None or keys < MOST_KEYS,
            "keys_full": keys is None or keys >= MOST_KEYS,
            "no_password": entity.login_profile is not True,
            "password": entity.login_profile is not False,
        }
    return {
        "role": True,
        "bounded": entity.boundary is not None,
        "editable": not any(part in entity.arn for part in _RESERVED),
        "instance_profile": entity.instance_profiles is None or bool(entity.instance_profiles),
    }
