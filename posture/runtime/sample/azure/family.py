"""Fernhollow's other subscriptions, and the management groups they stand in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from posture.runtime.sample.azure.estate import SUBSCRIPTION, TENANT, Estate

ROOT, SHOPS = TENANT, "fernhollow-shops"  # the root group has the tenant's id
GROUPS = "/providers/Microsoft.Management/managementGroups"


@dataclass(frozen=True)
class Subscription:
    ref: str
    name: str
    group: str = SHOPS
    state: str = "Enabled"


def family(made: Estate) -> None:
    made.subscriptions = [
        Subscription(SUBSCRIPTION, "Fernhollow-shop"),
        Subscription("5ca11e50-f04e-4011-8000-0000000000ab", "Fernhollow-data"),
        Subscription("5ca11e50-f04e-4011-8000-0000000000ac", "Fernhollow-lab", ROOT),
        Subscription("5ca11e50-f04e-4011-8000-0000000000ad", "Fernhollow-attic", SHOPS, "Disabled"),
    ]
    tell(made)


def tell(made: Estate) -> None:
    """What stands at the addresses of the family, from its subscriptions."""
    shops = {"id": f"{GROUPS}/{SHOPS}", "name": SHOPS, "type": GROUPS.strip("/").removeprefix("providers/")}
    made.put(f"{GROUPS}/{SHOPS}/descendants", [_told(one) for one in made.subscriptions if one.group == SHOPS])
    made.put(f"{GROUPS}/{ROOT}/descendants", [shops | _under(ROOT, "Shops"), *map(_told, made.subscriptions)])
    made.put("/subscriptions", [_seen(one) for one in made.subscriptions])


def _told(one: Subscription) -> dict[str, Any]:
    named = {"id": f"/subscriptions/{one.ref}", "name": one.ref, "type": "/subscriptions"}
    return named | _under(one.group, one.name)


def _under(group: str, name: str) -> dict[str, Any]:
    return {"properties": {"displayName": name, "parent": {"id": f"{GROUPS}/{group}"}}}


def _seen(one: Subscription) -> dict[str, Any]:
    return {
        "id": f"/subscriptions/{one.ref}",
        "subscriptionId": one.ref,
        "displayName": one.name,
        "state": one.state,
        "tenantId": TENANT,
    }


def relatives(estate: Estate) -> list[dict[str, str]]:
    """By which name each is known, beside the shop's."""
    others = (one for one in estate.subscriptions if one.ref != SUBSCRIPTION and one.state == "Enabled")
    return [{SUBSCRIPTION: one.ref} for one in others]
