"""SQS queues: who may send and receive, and how messages are encrypted."""

from __future__ import annotations

from typing import Any

from scanners.collectors.cloud import Call, Collector, Detail
from scanners.collectors.parse import with_policy
from scanners.model import Identity, Place, Resource

LIST = Call("sqs", "ListQueues", items="QueueUrls", params={"MaxResults": 1000})
ATTRIBUTES = Call(
    "sqs",
    "GetQueueAttributes",
    take="Attributes",
    params={
        "AttributeNames": [
            "Policy",
            "KmsMasterKeyId",
            "SqsManagedSseEnabled",
            "RedrivePolicy",
            "FifoQueue",
            "MessageRetentionPeriod",
        ]
    },
)


def queue(place: Place, url: str) -> Identity:
    name = url.rpartition("/")[2]
    return Identity(f"arn:{place.partition}:sqs:{place.region}:{place.account}:{name}", name)


def listed(url: str, door: Any) -> dict[str, str]:
    return {"QueueUrl": url}


def address(queue: Resource) -> dict[str, str]:
    return {"QueueUrl": queue["ListQueues"]["QueueUrl"].text()}


COLLECTORS = (
    Collector(
        kind="AWS::SQS::Queue",
        listing=LIST,
        identify=queue,
        shape=listed,
        details=(Detail(ATTRIBUTES, bind=address, shape=with_policy("Policy")),),
    ),
)
