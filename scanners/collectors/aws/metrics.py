"""Whether something happened at all in the last days, by its metric: asked of up to 500 things at once.

Neither when nor how often is kept, which moves with every call.  AWS takes a price for each metric that is asked for
(GetMetricData, Amazon CloudWatch pricing, read 2026-11: 0.01 USD for a thousand).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from scanners.collectors.cloud import Call, Pooled
from scanners.model import Resource

WINDOW = 90  # days
AT_ONCE = 500  # metrics a call ("GetMetricData", CloudWatch API reference)
Counted = tuple[str, str, dict[str, str]]  # stage, metric, dimensions
METRICS = Call("cloudwatch", "GetMetricData", items="MetricDataResults")


def questions(namespace: str, metric: str, things: Iterable[tuple[str, Mapping[str, str]]]) -> Iterator[dict[str, Any]]:
    """`things` are (label, dimensions): parameters for many of them each."""
    wanted = sorted(things, key=lambda thing: thing[0])
    for start in range(0, len(wanted), AT_ONCE):
        queries = [
            _query(number, label, {"Namespace": namespace, "MetricName": metric, "Dimensions": _pairs(dimensions)})
            for number, (label, dimensions) in enumerate(wanted[start : start + AT_ONCE])
        ]
        yield {"MetricDataQueries": queries, "@days": WINDOW}


def _query(number: int, label: str, metric: dict[str, Any]) -> dict[str, Any]:
    return {"Id": f"m{number}", "Label": label, "MetricStat": {"Metric": metric, "Period": 86_400, "Stat": "Sum"}}


def _pairs(dimensions: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in dimensions.items()]


def by_stage(parts: Callable[[Resource], list[Counted]]) -> Pooled:
    """Asked about all APIs of a region together; `parts` are those of one API."""
    return Pooled(METRICS, parts, _together, of=lambda result: int(result["Id"].removeprefix("m")), shape=_called,
                  most=AT_ONCE)  # fmt: skip


def _together(parts: list[Counted]) -> dict[str, Any]:
    queries = [
        _query(number, stage, {"Namespace": "AWS/ApiGateway", "MetricName": metric, "Dimensions": _pairs(dimensions)})
        for number, (stage, metric, dimensions) in enumerate(parts)
    ]
    return {"MetricDataQueries": queries, "@days": WINDOW}


def _called(answered: list[tuple[Any, list[Any]]]) -> dict[str, bool | None]:
    """By stage."""
    return {stage: happened(results) for (stage, *_), results in sorted(answered, key=lambda one: one[0][0])}


def happened(results: list[Mapping[str, Any]]) -> bool | None:
    """What the results for one thing say; None where they are not whole.  Of several pages the last one completes."""
    if any(value > 0 for one in results for value in one.get("Values") or ()):
        return True
    states = [one.get("StatusCode", "Complete") for one in results]
    whole = bool(states) and states[-1] == "Complete" and set(states) <= {"Complete", "PartialData"}
    return False if whole else None
