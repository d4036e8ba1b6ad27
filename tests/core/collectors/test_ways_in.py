"""What is kept of triggers and addresses, so that pages can say what stands in front of a function."""

from __future__ import annotations

import pytest

from scanners.collectors.azure.web import bindings
from scanners.collectors.door import Door
from scanners.collectors.gcp import functions, run

DOOR = Door(b"ways in")
ORDERS = "projects/shop/topics/orders"
TRIGGERS = [
    {"eventType": "google.pubsub.topic.publish", "resource": ORDERS},
    {"eventType": "google.cloud.pubsub.topic.v1.messagePublished", "pubsubTopic": ORDERS},
    {"eventType": "google.cloud.storage.object.v1.finalized", "eventFilters": [{"attribute": "bucket", "value": "b"}]},
]


@pytest.mark.parametrize("trigger", TRIGGERS)
def test_what_a_trigger_listens_to_is_kept(trigger):
    body = {"name": "f", "serviceConfig": {}, "eventTrigger": {**trigger, "retryPolicy": "RETRY_POLICY_RETRY"}}

    assert functions.as_v2(body, DOOR)["eventTrigger"] == trigger


NOTES = [
    ('["https://a.run.app", "https://b.run.app"]', ["https://a.run.app", "https://b.run.app"]),
    ('["https://a.run.app", 7]', ["https://a.run.app"]),
    ("[", None),
    ('{"a": 1}', None),
    ("[" * 100_000, None),
    (7, None),
]


@pytest.mark.parametrize(("note", "urls"), NOTES)
def test_all_addresses_of_a_service_are_kept(note, urls):
    body = {"metadata": {"name": "pay", "annotations": {"run.googleapis.com/urls": note}}}

    assert run.as_v2(body, DOOR).get("urls") == urls


def test_a_binding_keeps_what_it_listens_to_and_no_connection():
    way = {"type": "queueTrigger", "queueName": "orders", "connection": "AccountKey=x", "direction": "in"}

    (kept,) = bindings([{"properties": {"name": "app/ship", "config": {"bindings": [way]}}}], DOOR)

    assert kept["bindings"] == [{"type": "queueTrigger", "queueName": "orders"}]
