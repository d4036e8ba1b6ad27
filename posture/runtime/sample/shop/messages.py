"""Queues and topics."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from posture.runtime.sample.emulator import ACCOUNT
from posture.runtime.sample.shop import EDGE, FORMULA, MAIN, REPORTS, STRANGER
from posture.runtime.sample.shop.account import Account, policy, statement


def topic_arn(name: str, region: str = MAIN) -> str:
    return f"arn:aws:sns:{region}:{ACCOUNT}:{name}"


def queue_arn(name: str, region: str = MAIN) -> str:
    return f"arn:aws:sqs:{region}:{ACCOUNT}:{name}"


FROM_ORDERS = statement("Allow", "*", "sqs:SendMessage", ArnEquals={"aws:SourceArn": topic_arn("order-events")})
FROM_ANYONE = statement("Allow", "*", ["sqs:SendMessage", "sqs:ReceiveMessage"])
TLS_ONLY = {
    **statement("Allow", "*", "sqs:*", Bool={"aws:SecureTransport": "false"}),
    "Effect": "Deny",
}
PUBLISH = "sns:Publish"


@dataclass(frozen=True, slots=True)
class Queue:
    name: str
    region: str = MAIN
    key: str | None = None
    managed: bool = True
    statements: tuple[dict[str, Any], ...] = ()
    dead_letters: str | None = None
    tags: dict[str, str] = field(default_factory=dict)


QUEUES = (
    Queue("orders-dead-letters", key="orders", managed=False),
    Queue(
        "orders", key="orders", managed=False, statements=(FROM_ORDERS, TLS_ONLY), dead_letters="orders-dead-letters"
    ),
    Queue("notifications", statements=(FROM_ORDERS,), tags={"team": "notifications"}),
    Queue("images-to-resize"),
    Queue("catalog-changes"),
    Queue("partner-inbox", statements=(FROM_ANYONE,), tags={"note": FORMULA}),
    Queue("legacy-exports", EDGE, managed=False),
    Queue("report-requests", REPORTS),
)


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    region: str = MAIN
    key: str | None = None
    statements: tuple[dict[str, Any], ...] = ()


TOPICS = (
    Topic("order-events", key="orders"),
    Topic(
        "stock-alerts",
        key="alias/aws/sns",
        statements=(
            statement("Allow", {"Service": "s3.amazonaws.com"}, PUBLISH, StringEquals={"aws:SourceAccount": ACCOUNT}),
        ),
    ),
    Topic("shop-announcements", statements=(statement("Allow", "*", [PUBLISH, "sns:Subscribe"]),)),
    Topic(
        "partner-drops",
        statements=(statement("Allow", {"AWS": "*"}, PUBLISH, StringEquals={"aws:SourceOwner": ACCOUNT}),),
    ),
    Topic("security-alerts", key="alias/aws/sns"),
    Topic("on-call", EDGE, key="alias/aws/sns"),
    Topic("finance-reports", REPORTS, key="reports"),
)

SUBSCRIPTIONS = (
    (MAIN, "order-events", "sqs", queue_arn("orders")),
    (MAIN, "order-events", "sqs", queue_arn("notifications")),
    (MAIN, "shop-announcements", "http", "http://hooks.fernhollow.test/announce"),
    (MAIN, "stock-alerts", "https", "https://hooks.fernhollow.test/stock"),
    (MAIN, "partner-drops", "sqs", f"arn:aws:sqs:{MAIN}:{STRANGER}:drops"),
    (MAIN, "security-alerts", "email", "security@fernhollow.test"),
    (EDGE, "on-call", "email", "on-call@fernhollow.test"),
)


def build_queues(account: Account, keys: dict[str, str]) -> None:
    for queue in QUEUES:
        attributes = {"SqsManagedSseEnabled": "true" if queue.managed else "false"}
        if queue.key:
            attributes["KmsMasterKeyId"] = keys[queue.key]
        if queue.statements:
            attributes["Policy"] = policy(
                *({**said, "Resource": queue_arn(queue.name, queue.region)} for said in queue.statements)
            )
        if queue.dead_letters:
            attributes["RedrivePolicy"] = json.dumps(
                {"deadLetterTargetArn": queue_arn(queue.dead_letters, queue.region), "maxReceiveCount": 5}
            )
        with account.past(350):
            account.client("sqs", queue.region).create_queue(
                QueueName=queue.name, Attributes=attributes, tags=queue.tags
            )


def build_topics(account: Account, keys: dict[str, str]) -> None:
    for topic in TOPICS:
        sns = account.client("sns", topic.region)
        attributes = {"KmsMasterKeyId": keys.get(topic.key, topic.key)} if topic.key else {}
        if topic.statements:
            attributes["Policy"] = policy(
                *({**said, "Resource": topic_arn(topic.name, topic.region)} for said in topic.statements)
            )
        sns.create_topic(Name=topic.name, Attributes=attributes)
    for region, name, protocol, target in SUBSCRIPTIONS:
        account.client("sns", region).subscribe(TopicArn=topic_arn(name, region), Protocol=protocol, Endpoint=target)
