"""Policies as escalation reads them: which of the few actions that rules ask about a statement speaks of.

A compiled policy becomes a `Sheet` once for each use; many principals share it.  Actions of interest are bits of a
number, so that most principals are passed over without reading a statement.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from scanners.access.aws.policies import Policy, Rule, compile_policy
from scanners.catalog.escalation import rules

IAM_WRITES = (
    "iam:attachuserpolicy", "iam:attachrolepolicy", "iam:putuserpolicy", "iam:putrolepolicy", "iam:createpolicyversion",
)  # fmt: skip
# One action of each of several services, and one of a service that does not exist: who may do them all may do all.
SAMPLES = (
    "s3:getobject", "ec2:terminateinstances", "kms:decrypt", "dynamodb:deletetable", "iam:createuser",
    "sts:assumerole", "secretsmanager:getsecretvalue", "nosuchservice:anything",
)  # fmt: skip
REGISTERS = "ssm:updateinstanceinformation"  # what a machine's role needs for Systems Manager to see the machine
# What such a condition says differs from caller to caller.
_PERSONAL = ("aws:principal", "aws:user")


@cache
def actions() -> tuple[str, ...]:
    named = {need.permission.lower() for rule in rules() for need in rule.needs}
    return tuple(
        sorted(
            named
            | {
                *IAM_WRITES,
                *SAMPLES,
                REGISTERS,
                "iam:passrole",
                "iam:deletepolicyversion",
                "sts:assumerolewithwebidentity",
            }
        )
    )


@cache
def bit(action: str) -> int:
    return 1 << actions().index(action.lower())


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A statement of a policy: `mask` has a bit for every action of interest that it speaks of."""

    policy: Policy
    rule: Rule
    mask: int


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    policy: Policy
    allows: tuple[Line, ...]
    denies: tuple[Line, ...]
    granted: int  # actions that some statement allows
    personal: bool

    def speaking(self, action: str, *, allows: bool) -> Iterable[Line]:
        asked = bit(action)
        return (line for line in (self.allows if allows else self.denies) if line.mask & asked)


_sheets: dict[tuple[Policy, str], Sheet] = {}


def sheet(document: object, use: str) -> Sheet:
    """`use`: identity, boundary, scp or resource."""
    policy = compile_policy(document)
    found = _sheets.get((policy, use))
    if found is None:
        if len(_sheets) > 50_000:
            _sheets.clear()
        lines = [Line(policy, rule, _mask(rule)) for rule in policy.used_as(use)]
        granted = 0
        for line in lines:
            granted |= line.mask if line.rule.allows else 0
        found = _sheets[policy, use] = Sheet(
            policy,
            tuple(line for line in lines if line.rule.allows),
            tuple(line for line in lines if line.rule.denies),
            granted,
            any(_personal(line.rule) for line in lines),
        )
    return found


def _mask(rule: Rule) -> int:
    """Services that the element does not speak of are passed over."""
    named = rule.actions
    spoken = {*named.patterns, *(name.partition(":")[0] for name in named.names)}
    found = 0
    for service, rows in _by_service().items():
        if named.every or service in spoken:
            found |= sum(asked for action, asked in rows if named.covers(action) != named.negated)
    return everything() & ~found if named.negated else found


@cache
def everything() -> int:
    return (1 << len(actions())) - 1


@cache
def _by_service() -> dict[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = {}
    for place, action in enumerate(actions()):
        found.setdefault(action.partition(":")[0], []).append((action, 1 << place))
    return found


def _personal(rule: Rule) -> bool:
    if rule.resources.moving:
        return True
    return any(
        atom.key.startswith(_PERSONAL) or any("${" in value for value in atom.values) for atom in rule.condition.atoms
    )
