"""SNS topics: who may publish and subscribe, and how messages are encrypted."""

from __future__ import annotations

from typing import Any

from scanners.collectors.cloud import Call, Collector, Detail
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


COLLECTORS = (
    Collector(
        kind="AWS::SNS::Topic",
        listing=LIST,
        identify=topic,
        details=(Detail(ATTRIBUTES, bind=address, shape=with_policy("Policy")),),
    ),
)
