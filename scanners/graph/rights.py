"""What a principal of a stored account may do, and the statements that say so, as nodes of the evidence.

All layers count: identity policies with groups', boundary, the organisation's policies.  `sure` answers hold whatever
is not known of a request; a grant on a condition that is not known gives nothing surely.  What decides and was not read
raises Unread, but for policies of the organisation: those can only take away, most member accounts may not read them,
and `caveat` says so.
Limits: policies of resources and KMS grants count where a question brings them, session policies never; policies that
AWS manages are known from the snapshot of `scanners.catalog.managed_policies`, and stand as proof where attached.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from scanners.access.aws.context import ABSENT, Context
from scanners.access.aws.effective import allowed
from scanners.access.aws.policies import Group, Policy, Rule, compile_policy
from scanners.access.aws.policies import group as grouped
from scanners.access.aws.principals import Principal
from scanners.access.aws.requests import Layers, Request
from scanners.access.aws.scope import applies
from scanners.access.explorer import Written
from scanners.access.truth import NO, YES
from scanners.catalog import managed_policies
from scanners.graph.account import Account
from scanners.graph.callers import request
from scanners.graph.guardrails import GuardRails, guard_rails
from scanners.graph.stored import DETAILS, account_of
from scanners.model import Gap, Node, Resource, State, Unread
from scanners.model.estate import Estate

ROLE, USER, GROUP, POLICY = "AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::ManagedPolicy"
JOINS = ((ROLE, DETAILS), (POLICY, DETAILS))  # what the rights of a role rest on
INLINE = {USER: "UserPolicyList", ROLE: "RolePolicyList", GROUP: "GroupPolicyList"}
CAVEAT = ", unless a policy of the organisation forbids it: those were not read"
ANY = "nosuchservice:anything"  # an action that nobody could have named: only wildcards cover it


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A policy that counts for a principal.  `node`: its document; of one that AWS manages, where it is attached."""

    name: str  # as the graph of escalation calls it: an ARN, or "inline policy x of y"
    policy: Policy
    node: Node
    own: bool  # written in this account: its statements are evidence

    def at(self, rule: Rule) -> Node:
        return self.statement(rule.statement.place) if self.own else self.node

    def statement(self, place: int) -> Node:
        found = list(self.node["Statement"]) if isinstance(self.node.value, dict) else []
        return found[place] if place < len(found) else self.node


@dataclass(frozen=True, slots=True, eq=False)
class Rights:
    """`resource` holds the evidence on the principal."""

    resource: Resource
    principal: Principal
    held: tuple[Held, ...]
    layers: Layers
    context: Context
    boundary: Node | None
    caveat: str
    _places: dict[Rule, Held] = field(default_factory=dict)

    def sure(self, action: str, on: str = "*") -> bool:
        """Whether the action is surely allowed on some resource that the ARN or pattern stands for."""
        return allowed(self.principal, self.layers, action, on, self.context)[0]

    def possible(self, action: str, on: str = "*") -> bool:
        return allowed(self.principal, self.layers, action, on, self.context)[1]

    def wholly(self, action: str, on: str) -> Rule | None:
        """The identity statement by which the action is surely allowed on all that a pattern stands for.

        None also where the parts of the pattern are allowed by several statements.
        """
        asked = Request(self.principal, action, on, self.principal.account)
        identity, *limits = self._limits()
        if any(
            applies(rule, asked, self.context)[1] != NO
            for group in (identity, *limits)
            for rule in _denies(group, asked)
        ):
            return None
        if not all(self._covering(group, asked) for group in limits):
            return None
        return self._covering(identity, asked)

    def giving(self, action: str, on: str = "*", *, whole: bool = False) -> Iterator[Rule]:
        """The identity statements that surely give the action on some, or on all, of that; other layers aside."""
        asked = Request(self.principal, action, on, self.principal.account)
        for rule in self.layers.identity.candidates(asked.name)[0]:
            if applies(rule, asked, self.context)[whole] == YES:
                yield rule

    def with_resource(self, document: object, grants: Iterable[Written] = ()) -> Layers:
        """The layers with the policy of a resource among them (None: it has none), and what it gives beside."""
        given = tuple(compile_policy(one.meaning) for one in grants)
        return self.layers.around(
            resource=None if document is None else grouped("resource", (compile_policy(document),)),
            grant=grouped("grant", given) if given else None,
        )

    def at(self, rule: Rule) -> Node:
        """Where a statement of the identity policies stands."""
        if not self._places:
            for held in self.held:
                for one in held.policy.used_as("identity"):
                    self._places.setdefault(one, held)
        return self._places[rule].at(rule)

    def _limits(self) -> Iterator[Group]:
        """Identity, boundary, levels of SCPs."""
        yield self.layers.identity
        if self.layers.boundary is not None:
            yield self.layers.boundary
        yield from () if self.principal.service_linked else self.layers.scps

    def _covering(self, group: Group, asked: Request) -> Rule | None:
        rules = group.candidates(asked.name)[0]
        return next((rule for rule in rules if applies(rule, asked, self.context)[1] == YES), None)


def _denies(group: Group, asked: Request) -> tuple[Rule, ...]:
    return group.candidates(asked.name)[1]


def rights_of(estate: Estate, principal: Resource, *, region: str = "", workload: bool = False) -> Rights:
    """Of a role or user.  `workload`: a service asks as the role, so that no second factor is ever there."""
    held, layers, boundary = estate.derived(("layers", principal.ref), lambda: _layers(estate, principal))
    rails = rails_of(estate)
    return estate.derived(
        ("rights", principal.ref, region, workload),
        lambda: Rights(
            principal,
            Principal("aws", principal.ref),
            held,
            layers,
            _context(estate, principal, region, workload),
            boundary,
            CAVEAT if rails.unread else "",
        ),
    )


def role_named(estate: Estate, arn: Node) -> Resource | None:
    """The role that a setting names by its ARN; None when it is proven not to be there."""
    if arn.text().split(":")[4:5] != [estate.account]:
        raise Unread(Gap(f"iam.{DETAILS}", "", State.SKIPPED, "RoleOfAnotherAccount", "global"))
    return estate.find(ROLE, arn.text())


def account(estate: Estate) -> Account:
    return estate.derived("account", lambda: account_of(estate))


def rails_of(estate: Estate) -> GuardRails:
    return estate.derived("guard rails", lambda: guard_rails(estate))


def _layers(estate: Estate, principal: Resource) -> tuple[tuple[Held, ...], Layers, Node | None]:
    details, rails = principal[DETAILS], rails_of(estate)
    held = tuple(_held(estate, principal))
    bounds = details["PermissionsBoundary"]["PermissionsBoundaryArn"]
    boundary = _managed(estate, bounds) if bounds.present else None
    layers = Layers.of(
        identity=[one.policy for one in held],
        boundary=None if boundary is None else [boundary.policy],
        scps=[[written.document for written in level] for level in rails.scps],
        rcps=[[written.document for written in level] for level in rails.rcps],
    )
    return held, layers, bounds if boundary else None


def _held(estate: Estate, who: Resource) -> Iterator[Held]:
    details = who[DETAILS]
    for inline in details[INLINE[who.kind]]:
        document = inline.need("PolicyDocument")
        name = f"inline policy {inline.need('PolicyName').text()} of {who.name}"
        yield Held(name, compile_policy(document.value), document, own=True)
    for attached in details["AttachedManagedPolicies"]:
        yield _managed(estate, attached.need("PolicyArn"))
    for group in details["GroupList"] if who.kind == USER else ():
        yield from _held(estate, _group(estate, group))


def _managed(estate: Estate, arn: Node) -> Held:
    """A managed policy by its ARN, its version that is in force."""
    if found := estate.find(POLICY, arn.text()) if ":iam::aws:" not in arn.text() else None:
        for version in found[DETAILS].need("PolicyVersionList"):
            if version["IsDefaultVersion"].value is True:
                document = version.need("Document")
                return Held(arn.text(), compile_policy(document.value), document, own=True)
    if (known := managed_policies.document(arn.text())) is not None:
        return Held(arn.text(), compile_policy(known), arn, own=False)
    raise Unread(Gap("iam.GetPolicyVersion", "", State.UNSUPPORTED, f"{arn.value} is not known", "global"))


def _group(estate: Estate, name: Node) -> Resource:
    for group in estate.all(GROUP):
        if group[DETAILS].need("GroupName").value == name.value:
            return group
    raise Unread(Gap(f"iam.{DETAILS}", f"iam:{DETAILS}", State.SKIPPED, "GroupNotSeen", "global"))


def _context(estate: Estate, principal: Resource, region: str, workload: bool) -> Context:
    rails, model = rails_of(estate), account(estate)
    by_arn = estate.derived("entities", lambda: {one.arn: one for one in model.entities})
    known = request(model, by_arn.get(principal.ref))
    facts = {
        "aws:requestedregion": region,
        "aws:principalorgid": rails.organisation or "",
        "aws:securetransport": "true",
    }
    found = known.with_facts({key: fact for key, fact in facts.items() if fact})
    if rails.alone:
        found = found.with_facts({"aws:principalorgid": ABSENT, "aws:principalorgpaths": ABSENT})
    absent = ("aws:multifactorauthpresent", "aws:multifactorauthage", "sts:externalid")
    return found.with_facts(dict.fromkeys(absent, ABSENT)) if workload else found
