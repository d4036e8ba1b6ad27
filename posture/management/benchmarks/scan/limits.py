"""The rates at which AWS answers, as it publishes them, for the proxy to keep: per account and region, token buckets.

Written from AWS's documents, not from what the scanner believes of them.  Services without a published number are not
limited.  Read 2026-11:
- "Lambda quotas": GetPolicy 15/s; GetFunction 100/s; the rest of the control plane together 15/s.  No burst is told.
- "Amazon API Gateway quotas": GetResources 5 every 2 s; all management calls together 10/s with a burst of 40.
- "Request throttling for the Amazon EC2 API": each API for itself, 100 tokens, 20/s, where it changes nothing.
- "Quotas in AWS CloudTrail": get, describe and list calls 10/s.
- "DescribeContinuousBackups", Amazon DynamoDB API reference: 10/s.   - "ListTopics", Amazon SNS API reference: 30/s.
- "Welcome", AWS Security Hub API reference: 10/s with a burst of 30; for each operation or for all is not told.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class Limit(NamedTuple):
    quota: str  # calls that share a name share the bucket; {operation}: each for itself
    rate: float  # a second
    burst: float


PUBLISHED = {  # (service, operation or "*"): every limit that a call must pass
    ("lambda", "GetPolicy"): (Limit("lambda/GetPolicy", 15, 15),),
    ("lambda", "GetFunction"): (Limit("lambda/GetFunction", 100, 100),),
    ("lambda", "*"): (Limit("lambda", 15, 15),),
    ("apigateway", "GetResources"): (Limit("apigateway/GetResources", 2.5, 5), Limit("apigateway", 10, 40)),
    ("apigateway", "*"): (Limit("apigateway", 10, 40),),
    ("apigatewayv2", "*"): (Limit("apigateway", 10, 40),),
    ("ec2", "*"): (Limit("ec2/{operation}", 20, 100),),
    ("cloudtrail", "*"): (Limit("cloudtrail", 10, 10),),
    ("dynamodb", "DescribeContinuousBackups"): (Limit("dynamodb/DescribeContinuousBackups", 10, 10),),
    ("securityhub", "*"): (Limit("securityhub", 10, 30),),
    ("sns", "ListTopics"): (Limit("sns/ListTopics", 30, 30),),
}
# How a refusal looks: (code, status).  Of the others, what the JSON protocols say.
CODES = {
    "lambda": ("TooManyRequestsException", 429),
    "apigateway": ("TooManyRequestsException", 429),
    "apigatewayv2": ("TooManyRequestsException", 429),
    "ec2": ("RequestLimitExceeded", 503),
    "sns": ("Throttling", 400),
}
OTHERWISE = ("ThrottlingException", 400)


def of_call(service: str, operation: str) -> tuple[Limit, ...]:
    return PUBLISHED.get((service, operation)) or PUBLISHED.get((service, "*")) or ()


@dataclass
class Buckets:
    """All token buckets of an account.  `now` is in seconds of any clock that does not jump."""

    _left: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)  # (tokens, when)

    def admits(self, service: str, operation: str, region: str, now: float) -> bool:
        """Whether a call passes; only then it costs tokens."""
        asked = [(limit, (limit.quota.format(operation=operation), region)) for limit in of_call(service, operation)]
        tokens = [self._now_in(key, limit, now) for limit, key in asked]
        passes = all(left >= 1 for left in tokens)
        for (_, key), left in zip(asked, tokens, strict=True):
            self._left[key] = (left - passes, now)
        return passes

    def _now_in(self, key: tuple[str, str], limit: Limit, now: float) -> float:
        left, then = self._left.get(key, (limit.burst, now))
        return min(limit.burst, left + (now - then) * limit.rate)


def least_seconds(calls: dict[tuple[str, str, str], int]) -> tuple[float, str]:
    """How long AWS itself makes these calls last, (service, operation, region) → how many, and which quota does."""
    asked: dict[tuple[str, str], tuple[Limit, int]] = {}
    for (service, operation, region), count in calls.items():
        for limit in of_call(service, operation):
            key = (limit.quota.format(operation=operation), region)
            asked[key] = (limit, asked.get(key, (limit, 0))[1] + count)
    waits = (
        (max(0.0, count - limit.burst) / limit.rate, f"{key[0]} in {key[1]}") for key, (limit, count) in asked.items()
    )
    return max(waits, default=(0.0, ""))
