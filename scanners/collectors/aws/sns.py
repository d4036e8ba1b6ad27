"""SNS: topics, who may publish and subscribe, how messages are encrypted; subscriptions, and how they are delivered.

Of an address only its host is kept, of a person's nothing: there are tokens in the one, and the other is theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from scanners.collectors.cloud import Call, Collector, Detail
from scanners.collectors.door import Door
from scanners.collectors.parse import with_policy
from scanners.model import Identity, Place, Resource

LIST = Call("sns", "ListTopics", items="Topics")
ATTRIBUTES = Call(
    "sns",
    "GetTopicAttributes",
    take="Attributes",
    drop=frozenset(
        {
            "DeliveryPolicy",
            "EffectiveDeliveryPolicy",
            "SubscriptionsConfirmed",
            "SubscriptionsDeleted",
            "SubscriptionsPending",
        }
    ),
)


def topic(place: Place, item: Any) -> Identity:
    arn = item["TopicArn"]
    return Identity(arn, arn.rpartition(":")[2])


def address(topic: Resource) -> dict[str, str]:
    return {"TopicArn": topic.ref}


SUBSCRIPTIONS = Call("sns", "ListSubscriptions", items="Subscriptions")


def subscription(place: Place, item: Mapping[str, Any]) -> Identity:
    return Identity(item["SubscriptionArn"], item["TopicArn"].rpartition(":")[2])


def confirmed(place: Place, item: Mapping[str, Any]) -> bool:
    """One that waits to be confirmed, or is deleted, has a word for its ARN and gets no messages."""
    return bool(item["SubscriptionArn"].startswith("arn:"))


def without_address(item: Mapping[str, Any], door: Door) -> dict[str, str]:
    kept = {field: item[field] for field in ("SubscriptionArn", "Owner", "Protocol", "TopicArn") if field in item}
    endpoint = item.get("Endpoint", "")
    if endpoint.startswith("arn:"):
        kept["Endpoint"] = endpoint
    elif item["Protocol"] in ("http", "https"):
        kept["Endpoint"] = f"{item['Protocol']}://{urlsplit(endpoint).hostname or ''}"
    return kept


COLLECTORS = (
    Collector(
        kind="AWS::SNS::Topic",
        listing=LIST,
        identify=topic,
        details=(Detail(ATTRIBUTES, bind=address, shape=with_policy("Policy")),),
    ),
    Collector(
        kind="AWS::SNS::Subscription",
        listing=SUBSCRIPTIONS,
        identify=subscription,
        choose=confirmed,
        shape=without_address,
    ),
)
