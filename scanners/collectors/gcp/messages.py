"""Pub/Sub: topics and subscriptions, who may use them and how messages are pushed."""

from __future__ import annotations

from scanners.collectors.cloud import Collector
from scanners.collectors.gcp.words import PAGE, PROJECT, RESOURCE, ask, get_policy, keep, two_roads

TOPIC, SUBSCRIPTION = "pubsub.googleapis.com/Topic", "pubsub.googleapis.com/Subscription"


def of_pubsub(kind: str, word: str, *fields: str) -> Collector:
    return two_roads(
        kind,
        service="pubsub",
        types=(TOPIC, SUBSCRIPTION),
        policies_of=(TOPIC, SUBSCRIPTION),
        listing=ask(
            "pubsub",
            f"projects.{word}.list",
            f"pubsub.{word}.list",
            items=word,
            fills=RESOURCE,
            params={"project": PROJECT, "pageSize": PAGE},
        ),
        full_name=lambda place, body: f"//pubsub.googleapis.com/{body['name']}",
        shape=keep("name", "labels", *fields),
        policy=get_policy("pubsub", f"projects.{word}", f"pubsub.{word}.getIamPolicy"),
    )


COLLECTORS = (
    of_pubsub(TOPIC, "topics", "kmsKeyName"),
    of_pubsub(
        SUBSCRIPTION,
        "subscriptions",
        "topic",
        "pushConfig.pushEndpoint",
        "pushConfig.oidcToken",
        "pushConfig.noWrapper",
        "bigqueryConfig.table",
        "cloudStorageConfig.bucket",
        "deadLetterPolicy",
    ),
)
