"""A request, and the policies that stand around it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from scanners.access.aws.actions import wildcard_only
from scanners.access.aws.arns import Target, target
from scanners.access.aws.policies import Group, Policy, compile_policy, group
from scanners.access.aws.principals import Principal


@dataclass(slots=True, eq=False)
class Request:
    """`resource` is an ARN, a pattern of ARNs, or `*`.  `resource_account` is taken from the ARN when not given.

    `wildcard_only`: the action names no resource (ListBuckets); None looks it up in the catalogue.
    Never changed once made; not frozen because freezing doubles the cost of making one.
    """

    principal: Principal
    action: str
    resource: str = "*"
    resource_account: str | None = None
    wildcard_only: bool | None = None
    name: str = field(init=False)  # the action in lower case
    service: str = field(init=False)
    asked: Target = field(init=False)
    same_account: bool = field(init=False)

    def __post_init__(self) -> None:
        self.name = self.action.lower()
        self.service = self.name.partition(":")[0]
        self.asked = target(self.resource)
        if self.resource_account is None:
            self.resource_account = self._account()
        if self.wildcard_only is None:
            self.wildcard_only = wildcard_only(self.name)
        account = self.principal.account
        self.same_account = account is not None and account == self.resource_account

    def _account(self) -> str | None:
        """The account an ARN names; where it names none, as of a bucket, the caller's own."""
        parts = self.resource.split(":", 5)
        named = parts[4] if len(parts) == 6 else ""
        return named if named.isdigit() else self.principal.account

    def about(self, resource: str) -> Request:
        """The same question about another resource of the same account."""
        return Request(self.principal, self.action, resource, self.resource_account, self.wildcard_only)


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """Compiled once, used for many requests.  None: there is no such layer; an empty level allows nothing.

    `grant` lets callers in as the resource's policy does, and is none: grants of a key, the access list of a bucket.
    """

    identity: Group
    boundary: Group | None
    scps: tuple[Group, ...]
    rcps: tuple[Group, ...]
    resource: Group | None
    session: Group | None
    vpce: Group | None
    public_is_blocked: bool = False  # S3 Block Public Access: RestrictPublicBuckets
    grant: Group | None = None
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        *,
        identity: Iterable[object] = (),
        boundary: Iterable[object] | None = None,
        scps: Iterable[Iterable[object]] = (),
        rcps: Iterable[Iterable[object]] = (),
        resource: object = None,
        session: object = None,
        vpce: Iterable[object] | None = None,
        public_is_blocked: bool = False,
    ) -> Layers:
        """From documents (JSON, text) or compiled policies.  `scps` and `rcps` by level, root first."""
        return cls(
            identity=compiled("identity", identity),
            boundary=None if boundary is None else compiled("boundary", boundary),
            scps=tuple(compiled("scp", level) for level in scps),
            rcps=tuple(compiled("rcp", level) for level in rcps),
            resource=None if resource is None else compiled("resource", (resource,)),
            session=None if session is None else compiled("session", (session,)),
            vpce=None if vpce is None else compiled("vpce", vpce),
            public_is_blocked=public_is_blocked,
        )

    def around(self, **others: Any) -> Layers:
        """The same layers with others in place of some: compiled groups, by the names of fields."""
        return replace(self, **others, memo={})

    def groups(self) -> tuple[Group, ...]:
        """In the order in which AWS asks them."""
        single = (self.resource, self.grant, self.identity, self.boundary, self.session, self.vpce)
        return (*self.rcps, *self.scps, *(one for one in single if one is not None))


def compiled(kind: str, documents: Iterable[object]) -> Group:
    """From documents or compiled policies, in order."""
    return group(kind, tuple(one if isinstance(one, Policy) else compile_policy(one) for one in documents))


NOBODY = Layers.of()
