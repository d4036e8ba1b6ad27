"""Log groups: how long they keep what is written, with which key, and which of it is counted as a metric.

Limits: policies of a single group are listed group by group, and are not asked for.
"""

from __future__ import annotations

from typing import Any

from scanners.collectors.cloud import Call, Collector
from scanners.collectors.parse import with_policy
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


POLICIES = Call(
    "logs",
    "DescribeResourcePolicies",
    items="resourcePolicies",
    params={"limit": 50},
    drop=frozenset({"lastUpdatedTime", "revisionId"}),
)


def resource_policy(place: Place, item: Any) -> Identity:
    """Of the whole region; they have no ARN either."""
    name = item["policyName"]
    return Identity(f"arn:{place.partition}:logs:{place.region}:{place.account}:resource-policy:{name}", name)


COLLECTORS = (
    Collector(kind="AWS::Logs::LogGroup", listing=LIST, identify=group),
    Collector(kind="AWS::Logs::MetricFilter", listing=FILTERS, identify=metric_filter),
    Collector(
        kind="AWS::Logs::ResourcePolicy",
        listing=POLICIES,
        identify=resource_policy,
        shape=with_policy("policyDocument"),
    ),
)
