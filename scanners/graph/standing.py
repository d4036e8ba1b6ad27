"""Every principal of a stored account with the policies that stand around it, as the access engine asks them.

`view(estate).standings` holds users, roles and the root user, by ARN; groups are folded into their members.  What was
not read is a `Doubt` of the layer it belongs to: with one, `judging` answers *unknown because*, and neither an allow
nor a deny that the unread could overturn.
Limits: sessions are asked as their role; sessions' own policies and tags are taken to be none and unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from scanners.access.aws import ABSENT, UNKNOWN, Layers, Principal
from scanners.access.aws.context import Known
from scanners.access.aws.policies import Group, group, unread
from scanners.access.aws.requests import compiled
from scanners.access.explorer import Cut, NotFound, Written
from scanners.graph.account import Account, Entity
from scanners.graph.callers import Request as Asking
from scanners.graph.callers import request
from scanners.graph.cuts import climbers, cuts
from scanners.graph.graph import Graph, build
from scanners.graph.guardrails import GuardRails, Levels, guard_rails
from scanners.graph.scene import Scene
from scanners.graph.stored import account_of
from scanners.model.estate import Estate

_CONCERNS = {"user": ("iam:user", "iam:group"), "role": ("iam:role",), "root": (), "policy": ("iam:policy",)}


@dataclass(frozen=True, slots=True)
class Doubt:
    """Something of a layer ("identity", "boundary", "scp", "rcp", "resource") that nobody has read."""

    layer: str
    because: str


@dataclass(frozen=True, eq=False)
class Standing:
    """A principal, its policies as written, layer by layer, and what is known of the requests it makes."""

    arn: str
    name: str
    kind: str  # "user", "role" or "root"
    identity: tuple[Written, ...]
    boundary: tuple[Written, ...] | None
    scps: Levels
    doubts: tuple[Doubt, ...]
    context: Asking
    _layers: dict[bool, Layers] = field(default_factory=dict, repr=False)

    @cached_property
    def who(self) -> Principal:
        return Principal("aws", self.arn)

    @property
    def layers(self) -> Layers:
        """What was read."""
        return self._compiled(doubting=False)

    @property
    def doubtful(self) -> Layers:
        """With policies that may say anything where something was not read."""
        return self._compiled(doubting=bool(self.doubts))

    def _compiled(self, *, doubting: bool) -> Layers:
        if doubting not in self._layers:
            missing = self.doubts if doubting else ()
            scps = tuple(policies("scp", level) for level in self.scps)
            self._layers[doubting] = Layers.of(
                identity=documents(self.identity, missing, "identity"),
                boundary=None if self.boundary is None else documents(self.boundary, missing, "boundary"),
            ).around(scps=(*scps, *levels_unread("scp", missing)))
        return self._layers[doubting]

    def written(self, layer: str, level: int | None, place: int) -> Written:
        """The policy that a decision refers to by its place."""
        if layer == "scp":
            return self.scps[level or 0][place]
        return self.identity[place] if layer == "identity" else (self.boundary or ())[place]


def documents(rows: Iterable[Written], doubts: Iterable[Doubt] = (), layer: str = "") -> list[object]:
    """Read ones first: a place in the list is a place in `rows`."""
    return [*(row.document for row in rows), *(unread(one.because) for one in doubts if one.layer == layer)]


def policies(kind: str, rows: Iterable[Written]) -> Group:
    return compiled(kind, documents(rows))


def levels_unread(layer: str, doubts: Iterable[Doubt]) -> tuple[Group, ...]:
    return tuple(group(layer, (unread(one.because),)) for one in doubts if one.layer == layer)


@dataclass(frozen=True, eq=False)
class View:
    """An account as of a scan.  `gaps` says what of it was not read, for the top of every answer."""

    estate: Estate
    account: Account
    rails: GuardRails
    _managed: dict[str, Written] = field(default_factory=dict, repr=False)

    @cached_property
    def scene(self) -> Scene:
        return Scene(self.account)

    @cached_property
    def graph(self) -> Graph:
        return build(account_of(self.estate))

    @cached_property
    def cuts(self) -> list[Cut]:
        """The edits that stop most who can come to an administrator's power."""
        return cuts(self.graph) if climbers(self.graph) else []

    @cached_property
    def standings(self) -> Mapping[str, Standing]:
        principals = sorted(self.scene.principals, key=lambda one: one.arn)
        return {one.arn: one for one in (self._root(), *map(self._standing, principals))}

    @property
    def gaps(self) -> tuple[str, ...]:
        """Of identities and the organisation, which concern every answer."""
        kinds = [because for kind, because in self.account.unread.items() if kind.startswith("iam:")]
        return tuple(dict.fromkeys((*kinds, *self.rails.unread)))

    def named(self, text: str) -> Standing:
        """A principal by ARN, or by a name that only one has (`user/x` and `role/x` tell them apart).

        Raises NotFound.
        """
        if text in self.standings:
            return self.standings[text]
        tail = f":{text}" if "/" in text else f"/{text}"
        found = [one for one in self.standings.values() if one.name == text or one.arn.endswith(tail)]
        if len(found) == 1:
            return found[0]
        if not found:
            raise NotFound(f"There is no user or role “{text[:200]}” in account {self.account.id}.")
        listed = ", ".join(one.arn for one in found[:4])
        raise NotFound(f"“{text[:200]}” is the name of {len(found)} principals: {listed}. Say which by its ARN.")

    def _standing(self, entity: Entity) -> Standing:
        scene = self.scene
        bounded = None if entity.boundary is None else self._boundary(entity)
        written = list(self._held(entity))
        doubts = [*self._doubts(entity.kind, entity.arn), *_unread_of("identity", written)]
        if any(self._own_policy(one.ref) for one in (*written, *(bounded or ()))):
            doubts += self._doubts("policy", entity.arn)
        doubts += [Doubt("identity", f"group {name} was not read") for name in _missing_groups(scene, entity)]
        doubts += _unread_of("boundary", bounded or ())
        return Standing(
            arn=entity.arn,
            name=entity.name,
            kind=entity.kind,
            identity=tuple(written),
            boundary=bounded,
            scps=self.rails.scps if scene.bound_by(entity) else (),
            doubts=tuple(dict.fromkeys(doubts)),
            context=request(self.account, entity, **self.facts(ours=True)),
        )

    def _held(self, entity: Entity) -> Iterator[Written]:
        """Named as `graph.proof` names them; a policy that many share is read once."""
        for one in entity.inline:
            yield Written(f"inline policy {one.name} of {entity.name}", one.document, entity.arn)
        for arn in entity.attached:
            if arn not in self._managed:
                self._managed[arn] = Written(arn, self.scene.policy(arn), arn)
            yield self._managed[arn]
        for one_of_its in self.scene.groups_of(entity):
            yield from self._held(one_of_its)

    def _own_policy(self, ref: str) -> bool:
        return f":{self.account.id}:policy/" in ref

    def _boundary(self, entity: Entity) -> tuple[Written, ...]:
        bounds = entity.boundary
        if not self.scene.names_policy(bounds):
            return (Written(f"boundary of {entity.name}", bounds, entity.arn),)
        return (Written(str(bounds), self.scene.policy(str(bounds)), str(bounds)),)

    def _root(self) -> Standing:
        arn = f"arn:{self.account.partition}:iam::{self.account.id}:root"
        facts: dict[str, Known] = {"aws__principalarn": arn, "aws__principaltype": "Account", "aws__username": ABSENT}
        context = request(self.account, None, **facts, **self.facts(ours=True))
        doubts = self._doubts("root", arn)
        return Standing(arn, "root", "root", (), None, self.rails.scps, doubts, context)

    def facts(self, *, ours: bool) -> dict[str, Known]:
        """What the organisation tells of requests for this account's resources; `ours`: by its own principals."""
        rails = self.rails
        organisation: Known = ABSENT if rails.alone else rails.organisation or UNKNOWN
        found: dict[str, Known] = {"aws__resourceorgid": organisation}
        if ours:
            found["aws__principalorgid"] = organisation
        if ours and rails.path:
            found["aws__principalorgpaths"] = (rails.path,)
        return found

    def _doubts(self, kind: str, arn: str) -> tuple[Doubt, ...]:
        unread = self.account.unread
        found = [Doubt("identity", unread[one]) for one in (*_CONCERNS[kind], arn) if one in unread]
        if not arn.partition(":role/")[2].startswith("aws-service-role/"):
            found += [Doubt("scp", because) for because in self.rails.unread]
        return tuple(dict.fromkeys(found))


def view(estate: Estate) -> View:
    return View(estate, account_of(estate, things=False), guard_rails(estate))


def _missing_groups(scene: Scene, entity: Entity) -> Iterator[str]:
    return (name for name in entity.groups if name not in scene.groups_by_name)


def _unread_of(layer: str, rows: Iterable[Written]) -> Iterator[Doubt]:
    return (Doubt(layer, f"{row.name} was not read") for row in rows if row.document is None)
