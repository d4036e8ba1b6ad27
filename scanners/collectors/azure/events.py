"""Event Grid and Logic Apps: who may send events and start workflows, and what these call.

Of a workflow's definition, in which secrets may stand, are kept its triggers' types and the functions that it calls.
Limits: domains, namespaces and partner topics of Event Grid are not read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scanners.collectors.azure.words import ask, by_id, keep, two_roads
from scanners.collectors.cloud import Detail
from scanners.collectors.door import Door

TOPIC, SYSTEM_TOPIC, WORKFLOW = (
    "Microsoft.EventGrid/topics",
    "Microsoft.EventGrid/systemTopics",
    "Microsoft.Logic/workflows",
)
DESTINATION = (
    "endpointType", "properties.resourceId", "properties.azureActiveDirectoryTenantId", "properties.endpointBaseUrl",
)  # fmt: skip
LIMITS = keep(
    "state", "accessControl.triggers.allowedCallerIpAddresses", "accessControl.triggers.openAuthenticationPolicies",
    "accessControl.triggers.sasAuthenticationPolicy",
)  # fmt: skip
DEEPEST = 20


def subscriptions(operation: str, kind: str) -> Detail:
    return Detail(
        ask("eventgrid", operation, f"{kind}/eventSubscriptions/read", items="value"),
        bind=by_id,
        shape=keep("id", "name", *(f"properties.destination.{field}" for field in DESTINATION),
                   *(f"properties.deliveryWithResourceIdentity.destination.{field}" for field in DESTINATION)),
    )  # fmt: skip


def definition(answer: Any, door: Door) -> dict[str, Any]:
    told = answer.get("properties") or {}
    inner = told.get("definition")
    plan = inner if isinstance(inner, dict) else {}
    triggers, actions = plan.get("triggers"), plan.get("actions")
    return {
        **LIMITS(told, door),
        "triggers": None if inner is None else _types(triggers),
        "functions": sorted(set(_functions(actions, DEEPEST))),
    }


def _types(triggers: Any) -> dict[str, Any]:
    some = triggers.items() if isinstance(triggers, dict) else ()
    return {name: {"type": one.get("type"), "kind": one.get("kind")} for name, one in some if isinstance(one, dict)}


def _functions(part: Any, left: int) -> Iterator[str]:
    """The ids of functions that actions call, those within other actions included."""
    if not isinstance(part, dict) or not left:
        return
    if isinstance(called := part.get("function"), dict) and isinstance(called.get("id"), str):
        yield called["id"]
    for inner in part.values():
        yield from _functions(inner, left - 1)


COLLECTORS = (
    two_roads(
        TOPIC,
        service="eventgrid",
        listed="topics.list_by_subscription",
        fields=("disableLocalAuth", "publicNetworkAccess", "inboundIpRules", "minimumTlsVersionAllowed"),
        details=(subscriptions("topic_event_subscriptions.list", TOPIC),),
    ),
    two_roads(
        SYSTEM_TOPIC,
        service="eventgrid",
        listed="system_topics.list_by_subscription",
        fields=("source", "topicType"),
        details=(subscriptions("system_topic_event_subscriptions.list_by_system_topic", SYSTEM_TOPIC),),
    ),
    two_roads(
        WORKFLOW,
        service="logic",
        listed="workflows.list_by_subscription",
        fields=("state",),
        details=(Detail(ask("logic", "workflows.get", f"{WORKFLOW}/read"), bind=by_id, shape=definition),),
    ),
)
