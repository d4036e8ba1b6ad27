"""Which statements of a caller's layers speak of an action: looked up once for each action, then remembered."""

from __future__ import annotations

from typing import NamedTuple

from scanners.access.aws.policies import Group, Rule
from scanners.access.aws.requests import Layers, Request
from scanners.access.aws.scope import bound_by_rcps, bound_by_scps

_MOST = 50_000  # actions remembered for one caller
Rules = tuple[Rule, ...]


class Plan(NamedTuple):
    """Allowing statements by layer; None of a layer that allows the action to everyone, everywhere, always."""

    denies: Rules
    scps: tuple[Rules, ...]
    rcps: tuple[Rules, ...]
    vpce: Rules | None
    boundary: Rules | None
    session: Rules | None
    identity: Rules | None
    resource: Rules
    grant: Rules


def plan(layers: Layers, request: Request) -> Plan:
    own = request.principal.kind == "aws"
    scps = bool(layers.scps) and bound_by_scps(request)
    rcps = bool(layers.rcps) and bound_by_rcps(request)
    key = (request.name, own, scps, rcps)
    found: Plan | None = layers.memo.get(key)
    if found is None:
        if len(layers.memo) > _MOST:
            layers.memo.clear()
        found = layers.memo[key] = _plan(layers, request.name, own=own, scps=scps, rcps=rcps)
    return found


def _plan(layers: Layers, action: str, *, own: bool, scps: bool, rcps: bool) -> Plan:
    guards = (*(layers.rcps if rcps else ()), *(layers.scps if scps else ()))
    mine = (layers.identity, layers.boundary, layers.session) if own else (None, None, None)
    counted = [group for group in (*guards, layers.resource, layers.grant, *mine, layers.vpce) if group is not None]
    return Plan(
        denies=tuple(rule for group in counted for rule in group.candidates(action)[1]),
        scps=_levels(layers.scps, action) if scps else (),
        rcps=_levels(tuple(filter(gives_leave, layers.rcps)), action) if rcps else (),
        vpce=_allowing(layers.vpce, action),
        boundary=_allowing(mine[1], action),
        session=_allowing(mine[2], action),
        identity=_allowing(mine[0], action) if own else (),
        resource=layers.resource.candidates(action)[0] if layers.resource else (),
        grant=layers.grant.candidates(action)[0] if layers.grant else (),
    )


def _levels(groups: tuple[Group, ...], action: str) -> tuple[Rules, ...]:
    found = (_allowing(group, action) for group in groups)
    return tuple(rules for rules in found if rules is not None)


def gives_leave(level: Group) -> bool:
    """Whether a level of RCPs has an Allow to weigh: where it has none, RCPFullAWSAccess is meant.

    AWS attaches that one everywhere, nobody can detach it, and RCPs that people write can only deny ("RCP syntax").
    """
    return any(rule.allows for _, rule in level.places())


def _allowing(group: Group | None, action: str) -> Rules | None:
    if group is None:
        return None
    rules = group.candidates(action)[0]
    return None if any(rule.unconditional for rule in rules) else rules
