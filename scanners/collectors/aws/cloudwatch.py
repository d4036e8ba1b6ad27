"""CloudWatch alarms on metrics: what they watch and whom they tell.

Limits: composite alarms are not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from scanners.collectors.cloud import Call, Collector
from scanners.collectors.door import Door
from scanners.model import Identity, Place

LIST = Call(
    "cloudwatch", "DescribeAlarms", items="MetricAlarms", params={"AlarmTypes": ["MetricAlarm"], "MaxRecords": 100}
)
KEPT = ("ActionsEnabled", "AlarmActions", "AlarmArn", "AlarmName", "MetricName", "Namespace")


def alarm(place: Place, item: Mapping[str, Any]) -> Identity:
    return Identity(item["AlarmArn"], item["AlarmName"])


def kept(item: Mapping[str, Any], door: Door) -> dict[str, Any]:
    return {field: item[field] for field in KEPT if field in item}


COLLECTORS = (Collector(kind="AWS::CloudWatch::Alarm", listing=LIST, identify=alarm, shape=kept),)
