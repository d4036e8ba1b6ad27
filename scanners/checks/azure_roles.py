"""Roles in a subscription: who is its master, and whether that was meant.

Limits: what may be activated for a time (PIM) is not counted as held; conditions are not decided, and sentences say so.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.azure import (
    ASSIGN,
    DEFINITION,
    PRINCIPAL,
    RESOURCE,
    SUBSCRIPTION,
    allows,
    covers,
    definition,
    grants,
    is_wide,
    level,
    people,
    strong,
)
from scanners.checks.app_upkeep import WHO_HOLDS
from scanners.checks.registry import Fix, check
from scanners.model import Gap, Node, Resource, Severity, Unread, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

MOST = 3  # owners: CIS Microsoft Azure Foundations Benchmark 3.0.0, 2.26


def is_owner(role: Node) -> bool:
    return allows(role, "*") and allows(role, ASSIGN)


@check(
    "azure.iam.owner_count",
    on=SUBSCRIPTION,
    severity=Severity.HIGH,
    title="Too many subscription owners",
    reads=(RESOURCE,),
    joins=WHO_HOLDS,
    fix=Fix(
        console="The subscription > Access control (IAM) > Role assignments > Owner: remove those that do not need it;"
        " make the rest eligible in Privileged Identity Management.",
        cli="az role assignment delete --assignee PRINCIPAL --role Owner --scope /subscriptions/SUBSCRIPTION",
        terraform='resource "azurerm_pim_eligible_role_assignment" "owner" { scope ='
        " data.azurerm_subscription.this.id  role_definition_id = ROLE  principal_id = GROUP }",
    ),
)
def owner_count(subscription: Resource, estate: Estate) -> Iterator[Verdict]:
    """Each of them can do everything to everything here; every account more is one more to be stolen."""
    it = subscription[RESOURCE]
    owners: dict[str, Node] = {}
    gaps: list[Gap] = []
    try:
        for grant in grants(estate):
            if covers(grant.scope, subscription.ref) and is_owner(definition(grant, estate)):
                try:
                    owners.update(people(grant, estate))
                except Unread as unread:
                    gaps.extend(unread.gaps)
    except Unread as unread:
        gaps.extend(unread.gaps)
    if len(owners) > MOST:
        yield failed(f"{len(owners)} principals own it, groups counted by their members", *owners.values())
    if gaps:
        raise Unread(*gaps)
    if not owners:
        yield failed("Nobody owns it", it, severity=Severity.LOW)
    elif len(owners) <= MOST:
        yield passed(f"{len(owners)} principals own it, groups counted by their members", *owners.values())


@check(
    "azure.iam.custom_owner",
    on=DEFINITION,
    severity=Severity.HIGH,
    title="Custom role equal to Owner",
    reads=(RESOURCE,),
    fix=Fix(
        console="The subscription > Access control (IAM) > Roles > the role > Edit: name the actions that are needed.",
        cli="az role definition update --role-definition role.json",
        terraform='resource "azurerm_role_definition" "this" { permissions { actions ='
        ' ["Microsoft.Web/sites/read"] } }',
    ),
)
def custom_owner(role: Resource, estate: Estate) -> Iterator[Verdict]:
    """It makes masters without the name: who counts owners overlooks those who hold it."""
    told = role[RESOURCE].need("properties")
    if told["type"].value != "CustomRole":
        return
    wide = [scope for scope in told["assignableScopes"] if is_wide(scope.text())]
    if wide and allows(told, ASSIGN):
        yield failed(f"Who holds it may grant every role on {level(wide[0].text())}", told["permissions"], wide[0])
    elif wide and allows(told, "*"):
        yield failed(f"It allows nearly everything on {level(wide[0].text())}", told["permissions"], wide[0],
                     severity=Severity.MEDIUM)  # fmt: skip
    else:
        yield passed("It names what it allows, or holds for one group", told["permissions"], told["assignableScopes"])


@check(
    "azure.iam.sp_privileged",
    on=PRINCIPAL,
    severity=Severity.HIGH,
    title="Service principal too strong",
    reads=(RESOURCE,),
    joins=WHO_HOLDS,
    fix=Fix(
        console="The subscription > Access control (IAM) > Role assignments: remove the principal; assign a narrower"
        " role on the resource groups that it works in.",
        cli="az role assignment delete --assignee PRINCIPAL --role Contributor --scope /subscriptions/SUBSCRIPTION",
        terraform='resource "azurerm_role_assignment" "this" { scope = azurerm_resource_group.shop.id'
        '  role_definition_name = "Website Contributor"  principal_id = PRINCIPAL }',
    ),
)
def sp_privileged(principal: Resource, estate: Estate) -> Iterator[Verdict]:
    """Its credential is no person's: it is copied into pipelines, no second factor guards it, and it opens all."""
    told = principal[RESOURCE]
    if told["accountEnabled"].value is False:
        yield not_applicable("It is switched off", told["accountEnabled"])
        return
    who = told.need("id")
    for grant, role, proof in strong([who.text()], estate, is_wide):
        sentence = f"It holds {role['roleName'].value} on {level(grant.scope)}{grant.words}"
        yield failed(sentence, *proof)
    yield passed("It is not master of the subscription", who)
