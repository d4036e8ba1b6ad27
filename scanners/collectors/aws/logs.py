"""Log groups: how long they keep what is written, with which key, and which of it is counted as a metric."""

from __future__ import annotations

from typing import Any

from scanners.collectors.cloud import Call, Collector
from scanners.model import Identity, Place

LIST = Call(
    "logs",
    "DescribeLogGroups",
    items="logGroups",
    params={"limit": 50},
    drop=frozenset({"storedBytes", "metricFilterCount"}),
)


def group(place: Place, item: Any) -> Identity:
    return Identity(item["arn"].removesuffix(":*"), item["logGroupName"])


FILTERS = Call(
    "logs", "DescribeMetricFilters", items="metricFilters", params={"limit": 50}, drop=frozenset({"creationTime"})
)


def metric_filter(place: Place, item: Any) -> Identity:
    """Filters have no ARN of their own; they are named within their group."""
    group, name = item["logGroupName"], item["filterName"]
    ref = f"arn:{place.partition}:logs:{place.region}:{place.account}:log-group:{group}:metric-filter:{name}"
    return Identity(ref, name)


COLLECTORS = (
    Collector(kind="AWS::Logs::LogGroup", listing=LIST, identify=group),
    Collector(kind="AWS::Logs::MetricFilter", listing=FILTERS, identify=metric_filter),
)
