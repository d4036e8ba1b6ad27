"""The subscription itself, and who may do what in it: assignments, definitions, denials, and what may be activated.

The calls are those of azure-mgmt-authorization, with its API versions.  Assignments of the levels above (management
groups, the root) come with the subscription's own ("List Azure role assignments using the REST API", read 2026-11).
Which management groups these are, and in which order, Resource Graph tells ("Azure Resource Graph sample queries for
management groups"), and else the list of all that we may see ("Entities - List", Azure REST API; read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from scanners.collectors.azure.web import DIAGNOSTICS, diagnostics
from scanners.collectors.azure.words import (
    RESOURCE,
    SUBSCRIPTION,
    arm_id,
    ask,
    containers,
    keep,
    listing,
    objects,
    scope,
)
from scanners.collectors.cloud import Attached, Call, Collector, Detail
from scanners.collectors.door import Door
from scanners.model import Identity, Place, Resource

SUBSCRIPTION_KIND = "Microsoft.Resources/subscriptions"
AUTHORIZATION = "Microsoft.Authorization"
ASSIGNMENT, DEFINITION = f"{AUTHORIZATION}/roleAssignments", f"{AUTHORIZATION}/roleDefinitions"
DENIAL, ELIGIBLE = f"{AUTHORIZATION}/denyAssignments", f"{AUTHORIZATION}/roleEligibilityScheduleInstances"
THE_SUBSCRIPTION = ask(
    "resource", "subscriptions.get", f"{SUBSCRIPTION_KIND}/read", params=SUBSCRIPTION, fills=RESOURCE
)
MANAGEMENT = "/providers/microsoft.management/managementgroups/"
HERE = "subscriptions/{subscription}"
ASSIGNMENTS = listing("authorization", "role_assignments.list_for_subscription", f"{ASSIGNMENT}/read", fills=RESOURCE)
DEFINITIONS = ask(
    "authorization",
    "role_definitions.list",
    f"{DEFINITION}/read",
    items="value",
    params={"scope": HERE},
    fills=RESOURCE,
)
ELIGIBILITY = ask(
    "authorization",
    "role_eligibility_schedule_instances.list_for_scope",
    f"{AUTHORIZATION}/roleEligibilityScheduleInstances/read",
    items="value",
    params={"scope": HERE},
    absent=frozenset({"AadPremiumLicenseRequired"}),  # without Entra ID P2 nothing can be activated
    fills=RESOURCE,
)
# Nearest first; nothing where the directory has no management groups, or where they are not shown to us.
ABOVE = containers(
    SUBSCRIPTION_KIND, "id, above = properties.managementGroupAncestorsChain", f"{SUBSCRIPTION_KIND}/read", "above"
)
ENTITIES = ask(
    "managementgroups",
    "entities.list",
    "Microsoft.Management/getEntities/action",
    items="value",
    params={"$filter": "name eq '{subscription}'"},
    fills="above",
)
CONTACTS = ask("security", "security_contacts.list", "Microsoft.Security/securityContacts/read", items="value")
ALERTS = listing("monitor", "activity_log_alerts.list_by_subscription_id", "Microsoft.Insights/activityLogAlerts/read")
PLANS = ask("security", "pricings.list", "Microsoft.Security/pricings/read", items="value")


def named(kind: str) -> Any:
    def identify(place: Place, item: Any) -> Identity:
        told = item.get("properties") or {}
        return Identity(arm_id(item["id"], kind), str(told.get("roleName") or item["name"]))

    return identify


def subscription(place: Place, item: Any) -> Identity:
    return Identity(f"/subscriptions/{item['subscriptionId']}", item.get("displayName") or item["subscriptionId"])


def table(kind: str, call: Call, *fields: str) -> Collector:
    return Collector(
        kind=kind,
        listing=call,
        identify=named(kind),
        shape=keep("id", "name", *(f"properties.{field}" for field in fields)),
        service="authorization",
        everywhere=False,
    )


def above(rows: list[Any]) -> list[str] | None:
    """The management groups above the subscription by their ids in small letters, the nearest first."""
    told = rows[0].get("above") if rows else None
    if not isinstance(told, list) or not all(isinstance(one, dict) and one.get("name") for one in told):
        return None
    return chain(one["name"] for one in told) or None


def entities(answer: Any, door: Door) -> list[str] | None:
    """The same, of a listing that begins at the root."""
    for one in objects(answer):
        told = (one.get("properties") or {}).get("parentNameChain")
        if told and str(one.get("id")).casefold().startswith("/subscriptions/"):
            return chain(reversed(told))
    return None


def chain(names: Iterable[Any]) -> list[str]:
    return [f"{MANAGEMENT}{str(name).casefold()}" for name in names]


def of_itself(resource: Resource) -> dict[str, str]:
    return {"scopeId": resource.ref.lstrip("/")}


COLLECTORS = (
    Collector(
        kind=SUBSCRIPTION_KIND,
        listing=THE_SUBSCRIPTION,
        identify=subscription,
        shape=keep("subscriptionId", "displayName", "state", "tenantId"),
        service="subscription",
        everywhere=False,
        attached=(
            Attached(
                ABOVE,
                of=lambda row: str(row["id"]).casefold(),
                to=lambda subscription: subscription.ref.casefold(),
                shape=above,
                otherwise=Detail(ENTITIES, bind=lambda subscription: {}, shape=entities),
            ),
        ),
        details=(
            Detail(DIAGNOSTICS, bind=scope, shape=diagnostics),
            Detail(
                CONTACTS, bind=lambda subscription: SUBSCRIPTION, shape=keep("name", "properties.emails",
                "properties.alertNotifications", "properties.notificationsByRole", "properties.isEnabled"),
            ),
            Detail(
                ALERTS, bind=lambda subscription: {}, shape=keep("id", "name", "properties.scopes",
                "properties.condition.allOf", "properties.enabled", "properties.actions.actionGroups.actionGroupId"),
            ),
            Detail(
                PLANS, bind=of_itself, shape=keep("name", "properties.pricingTier", "properties.subPlan",
                                                  "properties.deprecated", "properties.replacedBy"),
            ),
        ),
    ),
    table(
        ASSIGNMENT, ASSIGNMENTS, "scope", "roleDefinitionId", "principalId", "principalType", "condition", "createdOn"
    ),
    table(DEFINITION, DEFINITIONS, "roleName", "type", "permissions", "assignableScopes"),
    table(
        DENIAL,
        listing("authorization", "deny_assignments.list", f"{DENIAL}/read", fills=RESOURCE),
        "denyAssignmentName", "permissions", "scope", "doNotApplyToChildScopes", "principals.id", "principals.type",
        "condition",
        "excludePrincipals.id", "excludePrincipals.type",
    ),
    table(
        ELIGIBLE, ELIGIBILITY, "scope", "roleDefinitionId", "principalId", "principalType", "condition", "status"
    ),
)  # fmt: skip
