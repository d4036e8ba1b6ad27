"""The decision: what all layers together say of one request.

An explicit deny in any layer wins.  Without one, every level of SCPs and RCPs and the endpoint's policy must allow, and
in one account identity *or* resource policy, across accounts both.  In one account a resource policy that names a user
or a session, or everyone, grants by itself; one that names a role grants within its boundary and session policy; one
that names the account leaves it to identity policies.  A KMS key and a role's trust must themselves let the caller or
the caller's account in.  Sources: "Policy evaluation logic", "Cross-account policy evaluation logic", "Permissions
boundaries for IAM entities", "Session policies" (IAM User Guide); "Key policies in AWS KMS"; "Service control
policies", "Resource control policies" (AWS Organizations User Guide).

Limits: an action with several required resources is asked one resource at a time; access lists and KMS grants are what
the caller of this module gives as a layer, and it knows whether SCPs come from a management account, which they do not
bind.
"""

from __future__ import annotations

from typing import NamedTuple

from scanners.access.aws.context import Context
from scanners.access.aws.plans import Plan, plan
from scanners.access.aws.policies import Rule
from scanners.access.aws.principals import Match
from scanners.access.aws.requests import Layers, Request
from scanners.access.aws.s3_public import is_public
from scanners.access.aws.scope import applies, keeps_its_own_door
from scanners.access.truth import NO, YES, Truth

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


_FREE = Answers(NO, YES, YES, YES, YES, YES, YES, NO, NO, NO, YES)
_DENIED = Answers(YES, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO)


def weigh(request: Request, layers: Layers, context: Context) -> Answers:
    """What each layer says.  Of a request that is denied for sure nothing else is asked."""
    if request.name in _ALWAYS:
        return _FREE
    rules = plan(layers, request)
    bounded = layers.boundary is not None
    denied = denies(rules.denies, request, context, bounded) if rules.denies else NO
    if denied == YES:
        return _DENIED
    scp = min((allows(level, request, context) for level in rules.scps), default=YES) if rules.scps else YES
    rcp = min((allows(level, request, context) for level in rules.rcps), default=YES) if rules.rcps else YES
    vpce = YES if rules.vpce is None else allows(rules.vpce, request, context)
    boundary = YES if rules.boundary is None else allows(rules.boundary, request, context)
    session = YES if rules.session is None else allows(rules.session, request, context)
    identity = _identity(rules, request, layers, context)
    direct, role, account = _granted(rules, request, layers, context) if rules.resource or rules.grant else (NO, NO, NO)
    limits = min(boundary, session)
    if request.principal.kind != "aws":
        allowed = direct
    elif not request.same_account:
        allowed = min(identity, max(direct, role, account), limits)
    else:
        trusted = max(direct, role, account) if keeps_its_own_door(request) else YES
        allowed = max(direct, min(max(role, min(identity, trusted)), limits))
    allowed = min(allowed, scp, rcp, vpce)
    return Answers(denied, scp, rcp, vpce, boundary, session, identity, direct, role, account, allowed)


def bounded_by(answers: Answers) -> tuple[bool, bool]:
    """(sure, possible) by what the layers say."""
    return answers.allowed == YES and answers.denied == NO, answers.allowed != NO and answers.denied != YES


def _identity(rules: Plan, request: Request, layers: Layers, context: Context) -> Truth:
    who = request.principal
    if who.is_root:
        return YES
    if who.what == "federated" and layers.session is None:  # GetFederationToken without a policy gives nothing
        return NO
    return YES if rules.identity is None else allows(rules.identity, request, context)


def _granted(rules: Plan, request: Request, layers: Layers, context: Context) -> tuple[Truth, Truth, Truth]:
    """What the resource gives: (to the caller itself, to the caller's role, to the caller's account).

    A block of public policies leaves access lists alone: of those a block of their own decides ("Blocking public
    access to your Amazon S3 storage", read 2026-11), and who gives the grants has heeded it.
    """
    found = [NO, NO, NO, NO]
    for rule in (*rules.resource, *rules.grant) if _public_access(layers, request) else rules.grant:
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


def allows(rules: tuple[Rule, ...], request: Request, context: Context) -> Truth:
    """Whether some statement allows it for some of the resources asked for."""
    best = NO
    for rule in rules:
        if rule.names_nobody or rule.match(request.principal):
            answer = applies(rule, request, context)[0]
            if answer == YES:
                return YES
            best = max(best, answer)
    return best


def denies(rules: tuple[Rule, ...], request: Request, context: Context, bounded: bool) -> Truth:
    """Whether some statement denies it for all of the resources asked for."""
    worst = NO
    for rule in rules:
        if rule.names_nobody or rule.match(request.principal, bounded=bounded):
            answer = applies(rule, request, context)[1]
            if answer == YES:
                return YES
            worst = max(worst, answer)
    return worst
