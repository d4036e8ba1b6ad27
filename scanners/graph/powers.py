"""What the layers of one principal let it do to others, rule by rule: the targets of each as bits.

A row depends on policies alone unless a policy speaks of its caller, so principals with equal policies share one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from scanners.access.aws.context import ABSENT, Known
from scanners.access.truth import NO, Truth
from scanners.catalog.escalation import Need, Rule, rules
from scanners.graph.account import Entity
from scanners.graph.administrator import is_administrator
from scanners.graph.cases import canonical
from scanners.graph.layers import Asked, Layers
from scanners.graph.names import nameable
from scanners.graph.scene import FULL, Scene
from scanners.graph.sheets import REGISTERS, bit, sheet

ASSUME = "sts:assumerole"


@dataclass(frozen=True, slots=True)
class Ways:
    """A rule and the bits of its targets."""

    rule: Rule
    bits: int


@dataclass(frozen=True, slots=True)
class Doors:
    """What the layers say of assuming roles, apart from what the roles' trust says; bits of roles."""

    by_identity: int
    barred: int  # by a Deny
    left_by_scps: int
    left_by_boundary: int


@dataclass(frozen=True, slots=True)
class Row:
    """Of an administrator no more is asked."""

    admin: bool
    registers: bool  # a machine that runs as it is seen by Systems Manager
    doors: Doors
    becomes: tuple[Ways, ...] = ()
    edits: tuple[Ways, ...] = ()
    unbinds: tuple[Ways, ...] = ()
    creates: tuple[Rule, ...] = ()
    joins: int = 0  # bits of groups, from the first group on
    unsure: tuple[str, ...] = ()  # kinds of things that were not read and might lead further


@cache
def _mask(rule: Rule) -> int:
    found = 0
    for need in rule.needs:
        found |= bit(need.permission.lower())
    return found


@cache
def _simple() -> tuple[Rule, ...]:
    """Rules that are asked one by one: not those made of two others, not assuming, which the trust decides."""
    return tuple(rule for rule in rules() if not rule.made_of and rule.target.trusts != ("self",))


class Rows:
    """Rows of a scene, each worked out once; those of an earlier scene are taken over while what they saw is equal."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._rows: dict[object, Row] = {}

    def for_scene(self, scene: Scene) -> Rows:
        """The same rows for a scene that is alike."""
        found = Rows(scene)
        found._rows = self._rows
        return found

    def row(self, layers: Layers, who: Entity) -> Row:
        asking = (who.arn, tuple(sorted((who.tags or {}).items()))) if layers.personal else who.account
        name = (layers, asking)
        found = self._rows.get(name)
        if found is None:
            found = self._rows[name] = Asking(self.scene, layers, who if layers.personal else None).row()
        return found


class Asking:
    """One principal's layers, asked about every rule."""

    def __init__(self, scene: Scene, layers: Layers, who: Entity | None) -> None:
        self.scene, self.layers, self.who = scene, layers, who
        self.weighing = scene.weighing
        self.anywhere = self._asked()
        self.iam = self._asked(aws__requestedregion="us-east-1")
        self.doors = self._doors()

    def _asked(self, **facts: Known) -> Asked:
        return self.weighing.asked(self.who, **facts)

    def _on_names(self, action: str, asked: Asked) -> int:
        return self.weighing.allowed(self.layers, action.lower(), asked, self.scene.names)

    def row(self) -> Row:
        granted = self.layers.granted()
        registers = bool(granted & bit(REGISTERS))
        if is_administrator(self.scene, self.layers, self.iam):
            return Row(True, registers, doors=self.doors)
        found: dict[str, list[Ways]] = {"become": [], "admin_self": [], "unbound": []}
        creates: list[Rule] = []
        joins = 0
        for rule in _simple():
            if _mask(rule) & ~granted:
                continue
            if rule.gives == "create":
                if self.named(rule.needs, self._requests(rule)) and (not rule.target.enters or self._may_enter()):
                    creates.append(rule)
            elif bits := self.targets(rule):
                if rule.gives == "join":
                    joins |= bits
                else:
                    found[rule.gives].append(Ways(rule, bits))
        return Row(
            admin=False,
            registers=registers,
            becomes=tuple(found["become"]),
            edits=tuple(found["admin_self"]),
            unbinds=tuple(found["unbound"]),
            creates=tuple(creates),
            joins=joins,
            doors=self.doors,
            unsure=self._unsure(granted),
        )

    def _unsure(self, granted: int) -> tuple[str, ...]:
        unread = {canonical(kind): kind for kind in self.scene.account.unread}
        wanted = ((canonical(r.target.runs_as or r.target.exists), r) for r in _simple() if not _mask(r) & ~granted)
        return tuple(dict.fromkeys(unread[kind] for kind, _ in wanted if kind in unread))

    def _doors(self) -> Doors:
        weighing, layers, names = self.weighing, self.layers, self.scene.names
        left = within = names.all
        for layer in layers.scps:
            left &= weighing.permitted(layer, ASSUME, self.iam, names)
        if layers.boundary is not None:
            within = weighing.permitted(layers.boundary, ASSUME, self.iam, names)
        return Doors(
            by_identity=weighing.permitted(layers.identity, ASSUME, self.iam, names) & self.scene.mask("role"),
            barred=weighing.denied(layers, ASSUME, self.iam, names),
            left_by_scps=left,
            left_by_boundary=within,
        )

    def _may_enter(self) -> bool:
        """Whether a new role that names the caller could be assumed: SCPs and Denies alone decide."""
        named = Layers((*self.layers.identity, sheet(FULL, "identity")), None, self.layers.scps)
        account = self.scene.account
        return self.weighing.one(named, ASSUME, f"arn:{account.partition}:iam::{account.id}:role/*", self.iam) != NO

    def targets(self, rule: Rule) -> int:
        """Bits of the principals that a rule leads to; of groups, when it is about joining one."""
        if rule.target.kind == "resource":
            return self.run_by(rule)
        if rule.target.trusts:
            return self.passed(rule)
        found = -1
        for asked in self._requests(rule):
            bits = self._named_targets(rule, asked)
            found = bits if found < 0 else found | bits
        if rule.target.enters:
            found &= self.doors.left_by_scps & ~self.doors.barred
        return found if rule.gives == "join" else found & self._fit(rule)

    def _requests(self, rule: Rule) -> list[Asked]:
        """One for each policy that may be attached, or the plain one."""
        if rule.gives == "create" and not rule.target.attaches:
            return [self._asked(aws__requestedregion="us-east-1", iam__permissionsboundary=ABSENT)]
        if not rule.target.attaches:
            return [self.iam]
        facts: list[dict[str, Known]] = [{"iam__policyarn": arn} for arn in self.scene.attachable]
        if rule.gives == "unbound":
            facts = [{"iam__permissionsboundary": arn} for arn in self.scene.attachable]
        if rule.gives == "create":
            facts = [{**one, "iam__permissionsboundary": ABSENT} for one in facts]
        return [self._asked(aws__requestedregion="us-east-1", **one) for one in facts]

    def _named_targets(self, rule: Rule, asked: Asked) -> int:
        scene = self.scene
        found = -1
        for need in rule.needs:
            found &= self._on_names(need.permission, asked)
        if rule.target.through in ("policy", "boundary"):
            found = self._writable(rule, found, asked)
            return scene.holders(found) if rule.target.through == "policy" else scene.bounded_by(found)
        if rule.target.through == "group":
            return scene.members(found)
        if rule.target.through == "join":
            return found >> scene.first_group & (1 << len(scene.groups)) - 1
        return found & scene.everyone

    def _writable(self, rule: Rule, bits: int, asked: Asked) -> int:
        """Policies with room for a version, or with one that may be deleted; or with a wider one already."""
        scene = self.scene
        bits &= scene.mask("own_policy")
        if "wider_version" in rule.target.state:
            return bits & scene.wider
        room = scene.mask("version_slot")
        if bits & ~room >> scene.first_policy << scene.first_policy:
            room |= self._on_names("iam:deletepolicyversion", asked)
        return bits & room

    def _fit(self, rule: Rule) -> int:
        found = self.scene.everyone
        if rule.target.kind in ("user", "role"):
            found &= self.scene.mask(rule.target.kind)
        for state in rule.target.state:
            if state not in ("version_slot", "wider_version"):
                found &= self.scene.mask(state)
        return found

    def passed(self, rule: Rule) -> int:
        """Roles that may be handed to the service, that it may take, if all else that the rule needs is allowed."""
        found = 0
        for service in rule.target.trusts:
            trusting = self.scene.trusts.of_service(service) & self._fit(rule)
            for name in (rule.target.passed_as or (service,)) if trusting & ~found else ():
                found |= trusting & self.handed(name)
        if not found:
            return 0
        rest = [need for need in rule.needs if need.on != "target"]
        if not self.named(rest, [self.anywhere]):
            return 0
        if rule.target.exists and not self.existing(rest, rule.target.exists):
            return 0
        return found

    def handed(self, service: str) -> int:
        return self._on_names(
            "iam:passrole", self._asked(aws__requestedregion="us-east-1", iam__passedtoservice=service)
        )

    def existing(self, needs: Iterable[Need], kind: str) -> int:
        """Things of a kind on which all that is needed of an existing thing is allowed."""
        scene = self.scene
        found = scene.kinds.get(canonical(kind), 0)
        for need in needs:
            if need.on == "resource" and found:
                found &= self.weighing.allowed(self.layers, need.permission.lower(), self.anywhere, scene.things)
        return found

    def run_by(self, rule: Rule) -> int:
        """Roles of existing things that may be turned to run something else."""
        things = self.existing(rule.needs, rule.target.runs_as)
        if not things or not self.named(rule.needs, [self.anywhere]):
            return 0
        found = self.scene.run_by(things, rule.target.runs_as, rule.target.state)
        for need in rule.needs:
            if need.on == "runs_as":
                found &= self._on_names(need.permission, self.iam)
        return found

    def named(self, needs: Iterable[Need], requests: list[Asked]) -> bool:
        """Whether everything that the caller makes, or that is on no resource, is allowed."""
        needs = list(needs)
        return any(self._named(needs, asked) for asked in requests)

    def _alone(self, action: str, asked: Asked) -> Truth:
        """An action that names no resource: "*" alone allows it."""
        return self.weighing.one(self.layers, action, "*", asked, wildcard_only=True)

    def _named(self, needs: list[Need], asked: Asked) -> bool:
        for need in needs:
            if need.on == "any" and self._alone(need.permission.lower(), asked) == NO:
                return False
        return all(
            nameable(self.weighing, self.layers, asked, arn, [n.permission.lower() for n in needs if n.arn == arn])
            for arn in {need.arn for need in needs if need.on == "new"}
        )
