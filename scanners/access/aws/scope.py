"""Which layers count for a request, and whether one statement applies to it."""

from __future__ import annotations

from scanners.access.aws.actions import rcp_services
from scanners.access.aws.context import Context
from scanners.access.aws.policies import Rule
from scanners.access.aws.requests import Request
from scanners.access.truth import MAYBE, NO, YES, Truth

ROLE_ACTIONS = frozenset(
    f"sts:{name}"
    for name in ("assumerole", "assumerolewithsaml", "assumerolewithwebidentity", "tagsession", "setsourceidentity")
)
_NEVER_BY_RCP = frozenset({"kms:retiregrant"})  # "Resource control policies in AWS KMS"


def bound_by_scps(request: Request) -> bool:
    """SCPs bind users and roles of member accounts, their root too; no services, strangers, service-linked roles."""
    return request.principal.kind == "aws" and not request.principal.service_linked


def bound_by_rcps(request: Request) -> bool:
    """RCPs bind whoever asks for a resource of a service that supports them, but service-linked roles."""
    return (
        request.service in rcp_services()
        and request.name not in _NEVER_BY_RCP
        and not request.principal.service_linked
        and not (request.service == "kms" and ":alias/aws/" in request.resource)
    )


def keeps_its_own_door(request: Request) -> bool:
    """Whether identity policies count only when the resource's policy lets the account in: keys, and roles' trust."""
    if request.wildcard_only:
        return False
    return request.service == "kms" or (request.name in ROLE_ACTIONS and ":role/" in request.resource)


def applies(rule: Rule, request: Request, context: Context) -> tuple[Truth, Truth]:
    """Of a rule that speaks of the action and the caller: whether it reaches some, and all, of the resources."""
    if rule.unconditional:
        return YES, YES
    if rule.everywhere:
        some = whole = YES
    else:
        some, whole = rule.resources.reach(request.asked, context, wildcard_only=bool(request.wildcard_only))
        if some == NO:
            return NO, NO
    holds = rule.condition.evaluate(context)
    if rule.flaw:
        holds = min(holds, MAYBE)
    return min(some, holds), min(whole, holds)
