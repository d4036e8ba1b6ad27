"""The decision: what all layers together say of one request.

An explicit deny in any layer wins.  Without one, every level of SCPs and RCPs and the endpoint's policy must allow, and
in one account identity *or* resource policy, across accounts both.  In one account a resource policy that names a user
or a session, or everyone, grants by itself; one that names a role grants within its boundary and session policy; one
that names the account leaves it to identity policies.  A KMS key and a role's trust must themselves let the caller or
the caller's account in.  Sources: "Policy evaluation logic", "Cross-account policy evaluation logic", "Permissions
boundaries for IAM entities", "Session policies" (IAM User Guide); "Key policies in AWS KMS"; "Service control
policies", "Resource control policies" (AWS Organizations User Guide).

Limits: an action with several required resources is asked one resource at a time; ACLs and KMS grants are not seen;
whether SCPs come from a management account, which they do not bind, the caller of this module knows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from scanners.access.aws.context import EMPTY, Context
from scanners.access.aws.policies import Group
from scanners.access.aws.principals import Match
from scanners.access.aws.requests import Layers, Request
from scanners.access.aws.s3_public import is_public
from scanners.access.aws.scope import applies, bound_by_rcps, bound_by_scps, keeps_its_own_door
from scanners.access.aws.truth import NO, YES, Truth
from scanners.access.aws.witnesses import needed, witnesses


class Outcome(Enum):
    ALLOWED = "Allowed"
    ALLOWED_IF = "AllowedIf"  # the residual condition must hold
    EXPLICITLY_DENIED = "ExplicitlyDenied"
    IMPLICITLY_DENIED = "ImplicitlyDenied"


_ALWAYS = frozenset({"sts:getcalleridentity"})  # "No permissions are required" (STS API reference)


class Answers(NamedTuple):
    """What each layer says; YES of a layer that does not stand in the way."""

    denied: Truth
    scp: Truth
    rcp: Truth
    vpce: Truth
    boundary: Truth
    session: Truth
    identity: Truth
    direct: Truth  # the resource policy: to the caller itself, or to everyone
    role: Truth  # to the caller's role
    account: Truth  # to the caller's account
    allowed: Truth


@dataclass(slots=True, eq=False)
class Decision:
    """`sure`: allowed whatever the unknown keys hold.  `possible`: allowed for some of what they may hold."""

    outcome: Outcome
    sure: bool
    possible: bool
    answers: Answers
    request: Request
    layers: Layers
    context: Context

    @property
    def blocked_by(self) -> str | None:
        """The layer that says no: of several the first, in the order in which AWS asks."""
        from scanners.access.aws.explain import blocked_by

        return blocked_by(self)

    @property
    def because(self) -> list[dict[str, object]]:
        """The statements that decide, each with its layer, place and Sid."""
        from scanners.access.aws.explain import because

        return because(self)

    @property
    def residual(self) -> object:
        """What must hold for a possible permission: None when nothing must."""
        from scanners.access.aws.residual import residual

        return residual(self)


def decide(request: Request, layers: Layers, context: Context = EMPTY) -> Decision:
    answers = weigh(request, layers, context)
    sure, possible = _bounds(answers, request, layers, context)
    if sure:
        outcome = Outcome.ALLOWED
    elif answers.denied == YES:
        outcome = Outcome.EXPLICITLY_DENIED
    else:
        outcome = Outcome.ALLOWED_IF if possible else Outcome.IMPLICITLY_DENIED
    return Decision(outcome, sure, possible, answers, request, layers, context)


def bounds(request: Request, layers: Layers, context: Context = EMPTY) -> tuple[bool, bool]:
    """(sure, possible), without a decision to look at."""
    return _bounds(weigh(request, layers, context), request, layers, context)


def _bounds(answers: Answers, request: Request, layers: Layers, context: Context) -> tuple[bool, bool]:
    possible = answers.allowed != NO and answers.denied != YES
    sure = answers.allowed == YES and answers.denied == NO
    if not possible or request.asked.exact or not needed(layers.groups(), request, context):
        return sure, possible
    sure = possible = False
    for resource in witnesses(layers.groups(), request, context):
        one = weigh(request.about(resource), layers, context)
        possible = possible or (one.allowed != NO and one.denied != YES)
        sure = sure or (one.allowed == YES and one.denied == NO)
        if sure:
            break
    return sure, possible


def weigh(request: Request, layers: Layers, context: Context) -> Answers:
    if request.name in _ALWAYS:
        return Answers(NO, YES, YES, YES, YES, YES, YES, NO, NO, NO, YES)
    who = request.principal
    scps = layers.scps if layers.scps and bound_by_scps(request) else ()
    rcps = layers.rcps if layers.rcps and bound_by_rcps(request) else ()
    own = who.kind == "aws"
    bounded = layers.boundary is not None and own
    denied = NO
    for one in (*rcps, *scps, layers.resource, layers.vpce):
        if one is not None and denied != YES:
            denied = max(denied, denies(one, request, context, bounded))
    if own:
        for one in (layers.identity, layers.boundary, layers.session):
            if one is not None and denied != YES:
                denied = max(denied, denies(one, request, context, bounded))
    scp, rcp = YES, YES
    for one in scps:
        scp = min(scp, allows(one, request, context))
    for one in rcps:
        rcp = min(rcp, allows(one, request, context))
    vpce = YES if layers.vpce is None else allows(layers.vpce, request, context)
    boundary = YES if layers.boundary is None or not own else allows(layers.boundary, request, context)
    session = YES if layers.session is None or not own else allows(layers.session, request, context)
    identity = _identity(request, layers, context)
    direct, role, account = granted(layers, request, context)
    limits = min(boundary, session)
    if not own:
        allowed = direct
    elif not request.same_account:
        allowed = min(identity, max(direct, role, account), limits)
    else:
        trusted = max(direct, role, account) if keeps_its_own_door(request) else YES
        allowed = max(direct, min(max(role, min(identity, trusted)), limits))
    allowed = min(allowed, scp, rcp, vpce)
    return Answers(denied, scp, rcp, vpce, boundary, session, identity, direct, role, account, allowed)


def _identity(request: Request, layers: Layers, context: Context) -> Truth:
    who = request.principal
    if who.kind != "aws":
        return NO
    if who.is_root:
        return YES
    if who.what == "federated" and layers.session is None:  # GetFederationToken without a policy gives nothing
        return NO
    return allows(layers.identity, request, context)


def granted(layers: Layers, request: Request, context: Context) -> tuple[Truth, Truth, Truth]:
    """What the resource policy gives: (to the caller itself, to the caller's role, to the caller's account)."""
    found = [NO, NO, NO, NO]
    if layers.resource is None or not _public_access(layers, request):
        return NO, NO, NO
    for rule in layers.resource.candidates(request.name)[0]:
        match = rule.match(request.principal)
        if match and found[match] != YES:
            found[match] = max(found[match], applies(rule, request, context)[0])
    return found[Match.DIRECT], found[Match.ROLE], found[Match.ACCOUNT]


def _public_access(layers: Layers, request: Request) -> bool:
    """RestrictPublicBuckets leaves of a public policy what is for the account itself and for services."""
    if not layers.public_is_blocked or request.service != "s3" or layers.resource is None:
        return True
    if request.same_account or request.principal.kind == "service":
        return True
    return not any(is_public(policy) for policy in layers.resource.policies)


def allows(group: Group, request: Request, context: Context) -> Truth:
    """Whether some statement allows it for some of the resources asked for."""
    best = NO
    for rule in group.candidates(request.name)[0]:
        if not rule.match(request.principal):
            continue
        best = max(best, applies(rule, request, context)[0])
        if best == YES:
            break
    return best


def denies(group: Group, request: Request, context: Context, bounded: bool) -> Truth:
    """Whether some statement denies it for all of the resources asked for."""
    worst = NO
    for rule in group.candidates(request.name)[1]:
        if not rule.match(request.principal, bounded=bounded):
            continue
        worst = max(worst, applies(rule, request, context)[1])
        if worst == YES:
            break
    return worst
