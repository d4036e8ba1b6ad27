"""Kinesis data streams: how their records are encrypted."""

from __future__ import annotations

from scanners.collectors.cloud import Call, Collector, Detail
from scanners.collectors.door import Door
from scanners.model import Identity, Place, Resource

LIST = Call("kinesis", "ListStreams", items="StreamNames", params={"Limit": 10_000})
DESCRIBE = Call(
    "kinesis",
    "DescribeStreamSummary",
    take="StreamDescriptionSummary",
    drop=frozenset({"ChannelCount", "ConsumerCount", "OpenShardCount", "QueueCount", "StreamStatus", "WarmThroughput"}),
)


def stream(place: Place, name: str) -> Identity:
    return Identity(f"arn:{place.partition}:kinesis:{place.region}:{place.account}:stream/{name}", name)


def listed(name: str, door: Door) -> dict[str, str]:
    return {"StreamName": name}


def itself(stream: Resource) -> dict[str, str]:
    return {"StreamName": stream["ListStreams"].need("StreamName").text()}


COLLECTORS = (
    Collector(
        kind="AWS::Kinesis::Stream",
        listing=LIST,
        identify=stream,
        shape=listed,
        details=(Detail(DESCRIBE, bind=itself),),
    ),
)
