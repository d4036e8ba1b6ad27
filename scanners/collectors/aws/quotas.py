"""Request rates that AWS publishes for the calls we make, per account and region.  Dated; sources beside each.

A bucket is shared by the calls that share a quota; with {operation} in its name, each has its own.  Calls of services
without a published number start at DEFAULT, and slow down when told to.
"""

from __future__ import annotations

import os

DEFAULT = 50.0

# (service, operation or "*") → (bucket, requests a second)
RATES = {
    # "Lambda quotas", API requests: GetFunction 100/s; GetPolicy 15/s; other control plane 15/s.  Read 2026-11.
    ("lambda", "GetPolicy"): ("lambda/GetPolicy", 15.0),
    ("lambda", "*"): ("lambda", 15.0),
    # "Amazon API Gateway quotas": GetResources 5 per 2 s; all management calls 10/s with a burst of 40.  Read 2026-11.
    ("apigateway", "GetResources"): ("apigateway/GetResources", 2.5),
    ("apigateway", "*"): ("apigateway", 10.0),
    ("apigatewayv2", "*"): ("apigateway", 10.0),
    # "Request throttling for the Amazon EC2 API": each API has a bucket of its own, of one that changes nothing 100
    # tokens and 20/s.  Smaller are those of some listings that are neither filtered nor paged: ours are.  Read 2026-11.
    ("ec2", "*"): ("ec2/{operation}", 20.0),
    # "Quotas in AWS CloudTrail": get, describe and list calls 10/s.  Read 2026-11.
    ("cloudtrail", "*"): ("cloudtrail", 10.0),
    # "LookupEvents", AWS CloudTrail API reference: 2/s.  Read 2026-11.
    ("cloudtrail", "LookupEvents"): ("cloudtrail/LookupEvents", 2.0),
    # "DescribeContinuousBackups", Amazon DynamoDB API reference: 10/s.  Read 2026-11.
    ("dynamodb", "DescribeContinuousBackups"): ("dynamodb/DescribeContinuousBackups", 10.0),
    # "Request quotas", AWS KMS Developer Guide: ListGrants 100/s.  Read 2026-11.
    ("kms", "ListGrants"): ("kms/ListGrants", 100.0),
    # None is published for reports of last use: IAM makes them one by one, and other tools order them as well.
    ("iam", "GenerateServiceLastAccessedDetails"): ("iam/last-accessed", 20.0),
    ("iam", "GetServiceLastAccessedDetails"): ("iam/last-accessed", 20.0),
    # "ListTopics", Amazon SNS API reference: 30/s.  None is published for GetTopicAttributes.  Read 2026-11.
    ("sns", "*"): ("sns", 30.0),
    # "Welcome", AWS Security Hub API reference: 10/s with a burst of 30 for all operations we use.  Read 2026-11.
    ("securityhub", "*"): ("securityhub", 10.0),
}


def rate(service: str, operation: str) -> tuple[str, float]:
    bucket, a_second = RATES.get((service, operation)) or RATES.get((service, "*")) or (service, DEFAULT)
    return bucket.format(operation=operation), a_second


def kept_for_emulators() -> bool:
    """Whether an endpoint of our own choosing is to be paced as AWS is: POSTURE_AWS_QUOTAS=published."""
    return os.environ.get("POSTURE_AWS_QUOTAS") == "published"
