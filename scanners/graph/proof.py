"""Why a step is possible: the statement that allows each thing it needs, and the condition that must hold beside."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from scanners.access.aws.arns import target
from scanners.access.aws.principals import Principal
from scanners.access.truth import NO, YES
from scanners.catalog.escalation import Need, Rule, by_id
from scanners.graph.account import Entity
from scanners.graph.callers import Request, request
from scanners.graph.cases import canonical
from scanners.graph.scene import FULL, Scene
from scanners.graph.sheets import Line, bit, sheet
from scanners.graph.states import State
from scanners.graph.trust import ASSUME, asker, service_request
from scanners.graph.universe import members


@dataclass(frozen=True, slots=True)
class Reason:
    """A statement that a step rests on.  `condition` is what must hold, as policies write it, when it is not known."""

    permission: str
    resource: str
    policy: str
    statement: str  # its Sid, or its place in the policy
    condition: dict[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        shown = {
            "permission": self.permission,
            "resource": self.resource,
            "policy": self.policy,
            "statement": self.statement,
        }
        return shown | ({"if": self.condition} if self.condition else {})


def reasons(scene: Scene, state: State, rule: Rule, place: int) -> list[Reason]:
    """Of a step that a state makes by a rule, to the principal at a place."""
    if rule.made_of:
        return [one for part in rule.made_of for one in reasons(scene, state, by_id()[part], place)]
    found: list[Reason] = []
    entity = scene.principals[state.place]
    goal = scene.principals[place] if place >= 0 else entity
    for need in rule.needs:
        reason = _best(scene, state, need, list(_resources(scene, rule, need, goal, place)))
        if reason is not None:
            found.append(reason)
    if "self" in rule.target.trusts:
        found += _trust(scene, goal, Principal("aws", entity.arn), request(scene.account, entity))
    services = [one for one in rule.target.trusts if one != "self"]
    for service in services:
        asking, action = asker(service)
        if letting := _trust(scene, goal, asking, service_request(scene.account, asking), action):
            found += letting
            break
    return found


def _resources(scene: Scene, rule: Rule, need: Need, goal: Entity, place: int) -> Iterator[str]:
    """What a need was found to be allowed on: the candidates, best first."""
    if need.on in ("target", "runs_as"):
        yield goal.arn
    elif need.on == "policy":
        yield from (arn for arn in _policies(scene, rule, goal) if arn in scene.own_policies)
    elif need.on == "group":
        joined = scene.groups if rule.gives == "join" else scene.groups_of(goal)
        yield from (group.arn for group in joined)
    elif need.on == "resource":
        kind = canonical(rule.target.runs_as or rule.target.exists)
        for one in members(scene.kinds.get(kind, 0)):
            if rule.target.exists or scene.run_by(1 << one, kind, ()) >> place & 1:
                yield scene.things.arns[one]
    elif need.on == "new":
        yield f"arn:{scene.account.partition}:{need.arn.replace('{account}', scene.account.id)}"
    else:
        yield "*"


def _policies(scene: Scene, rule: Rule, goal: Entity) -> Iterable[str]:
    if rule.target.through == "boundary":
        return [goal.boundary] if isinstance(goal.boundary, str) else []
    return [*goal.attached, *(arn for group in scene.groups_of(goal) for arn in group.attached)]


def _best(scene: Scene, state: State, need: Need, resources: list[str]) -> Reason | None:
    """The statement that surely allows it, else one that does if a condition holds."""
    entity = scene.principals[state.place]
    context = request(scene.account, entity)
    action = need.permission.lower()
    doubtful: Reason | None = None
    for resource in resources:
        for where, line in _lines(scene, state, entity, bit(action)):
            holds = line.rule.condition.evaluate(context)
            reached = line.rule.resources.reach(target(resource), context, wildcard_only=need.on == "any")[0]
            if NO in (holds, reached):
                continue
            reason = _reason(need.permission, resource, where, line, context)
            if holds == YES and not line.rule.flaw:
                return reason
            doubtful = doubtful or reason
    return doubtful


def _lines(scene: Scene, state: State, entity: Entity, asked: int) -> Iterator[tuple[str, Line]]:
    written = scene.documents(entity)
    for place in members(state.joined):
        written += scene.documents(scene.groups[place])
    for where, document in written:
        for line in sheet(document, "identity").allows:
            if line.mask & asked:
                yield where, line
    if state.edited:
        for line in sheet(FULL, "identity").allows:
            yield f"what was written for {entity.name}", line


def _trust(scene: Scene, role: Entity, who: Principal, context: Request, action: str = ASSUME) -> list[Reason]:
    for line in sheet(role.trust, "resource").allows if role.trust is not None else ():
        if line.mask & bit(action) and line.rule.match(who) and line.rule.condition.evaluate(context) != NO:
            return [_reason("sts:AssumeRole", role.arn, f"trust of {role.name}", line, context)]
    return []


def _reason(permission: str, resource: str, where: str, line: Line, context: Request) -> Reason:
    statement = line.rule.statement
    open_atoms = [atom for atom in line.rule.condition.atoms if atom.evaluate(context) not in (YES, NO)]
    condition: dict[str, Any] = {}
    for atom in open_atoms:
        for operator, keys in atom.as_condition().items():
            condition.setdefault(operator, {}).update(keys)
    return Reason(permission, resource, where, statement.sid or str(statement.place), condition or None)
