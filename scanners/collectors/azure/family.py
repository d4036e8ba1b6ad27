"""The subscriptions under a management group, at any depth.

The group's descendants say which there are, and are refused as a whole where they may not be read ("Management Groups -
Get Descendants", Azure REST API, read 2026-11); their states stand in the list of the subscriptions that we may see.
Resource Graph would tell both, and leaves out what we may not see without a word, so it is not asked.

A subscription of the group that we may not see is one of the family all the same: its scan says that we are not let in.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from typing import Any

from scanners.collectors.asker import Asker
from scanners.collectors.azure.authorization import SUBSCRIPTION_KIND
from scanners.collectors.azure.transport import Transport
from scanners.collectors.azure.words import ask
from scanners.collectors.cloud import Caller
from scanners.collectors.family import UNSEEN, Family, Member, odd, whole
from scanners.model import Place, Provider

NOWHERE = Place("", "global", "azure")  # no subscription is looked at
DESCENDANTS = ask(
    "managementgroups",
    "management_groups.get_descendants",
    "Microsoft.Management/managementGroups/descendants/read",
    items="value",
)
SUBSCRIPTIONS = ask("resource", "subscriptions.list", f"{SUBSCRIPTION_KIND}/read", items="value")
CALLS = (DESCENDANTS, SUBSCRIPTIONS)
SUBSCRIPTION = re.compile(r"/subscriptions/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)
GROUP = re.compile(r"/providers/Microsoft\.Management/managementGroups/[^/]+", re.IGNORECASE)


def family(transport: Transport) -> Family:
    """Raises Unread, and Refusal for a list that was not understood."""
    below, seen = asyncio.run(_listed(Asker(transport, NOWHERE, {}), transport.root))
    known = {
        str(one["subscriptionId"]).lower(): one for one in seen if isinstance(one, dict) and "subscriptionId" in one
    }
    members = whole(_members(below, known))
    tenants = {str(known[member.ref].get("tenantId") or "") for member in members if member.ref in known}
    tenant = tenants.pop() if len(tenants) == 1 else ""
    return Family(transport.root, members, Caller("", "azure", "", Provider.AZURE), tenant)


async def _listed(asker: Asker, group: str) -> tuple[list[Any], list[Any]]:
    below = await asker.listing(DESCENDANTS, {"groupId": group})
    return below, await asker.listing(SUBSCRIPTIONS)


def _members(below: list[Any], known: Mapping[str, Mapping[str, Any]]) -> Iterator[Member]:
    for item in below:
        ref = str(item.get("id")) if isinstance(item, dict) else ""
        if found := SUBSCRIPTION.fullmatch(ref):
            id, told = found[1].lower(), item.get("properties")
            seen = known.get(id, {})
            name = (told.get("displayName") if isinstance(told, dict) else None) or seen.get("displayName") or id
            yield Member(id, str(name)[:200], str(seen.get("state") or UNSEEN))
        elif not GROUP.fullmatch(ref):
            raise odd("something in it is neither a subscription nor a management group")
