"""The account that escalation is judged in: who is in it, what they hold, and what runs under which role.

Shapes only, no judgement.  A document is what IAM keeps: a JSON object, or its text.  `None` for a number or a flag
means that nobody said.  `unread` names what could not be looked at: the answer may not be "safe" where it matters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from scanners.access.explorer import Principal

PRINCIPALS = ("iam:user", "iam:role", "iam:group", "iam:policy", "organizations:policy")  # kinds that concern everybody
Document = Any  # JSON as IAM keeps it; read tolerantly by scanners.access.aws.documents


@dataclass(frozen=True, slots=True)
class Inline:
    name: str
    document: Document


@dataclass(frozen=True, slots=True)
class Entity:
    """A user, role or group.  `boundary` is a document, the ARN of a managed policy, or None."""

    kind: str  # "user", "role" or "group"
    arn: str
    name: str
    inline: tuple[Inline, ...] = ()
    attached: tuple[str, ...] = ()
    boundary: Document | None = None
    groups: tuple[str, ...] = ()  # names or ARNs
    trust: Document | None = None
    access_keys: int | None = None
    login_profile: bool | None = None
    instance_profiles: tuple[str, ...] | None = None
    tags: Mapping[str, str] | None = None

    @property
    def principal(self) -> Principal:
        return Principal(self.arn, self.name, self.kind)

    @property
    def account(self) -> str:
        return self.arn.split(":", 5)[4] if self.arn.count(":") >= 5 else ""


@dataclass(frozen=True, slots=True)
class ManagedPolicy:
    arn: str
    default: str
    versions: Mapping[str, Document]


@dataclass(frozen=True, slots=True)
class Thing:
    """What runs under a role: `kind` as the rules write it ("lambda:function"); `state` by plain name, when known."""

    kind: str
    arn: str
    roles: tuple[str, ...] = ()  # ARNs of roles
    profiles: tuple[str, ...] = ()  # ARNs or names of instance profiles, where the role was not given
    state: Mapping[str, bool] = field(default_factory=dict)
    tags: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Account:
    id: str
    partition: str
    entities: tuple[Entity, ...]
    policies: tuple[ManagedPolicy, ...] = ()
    things: tuple[Thing, ...] = ()
    scps: tuple[tuple[Document, ...], ...] = ()  # by level, root first
    region: str = "us-east-1"
    management: bool = False  # SCPs do not bind the management account
    now: str | None = None  # ISO 8601, of the scan; for conditions on the time
    unread: Mapping[str, str] = field(default_factory=dict)  # what was not read: kind or ARN → because
    caveats: tuple[str, ...] = ()  # what was not looked at and can only take paths away
