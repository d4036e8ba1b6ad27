"""AWS's published rates, as the proxy keeps them."""

from __future__ import annotations

import pytest

from posture.management.benchmarks.scan.limits import Buckets, least_seconds, of_call
from scanners.collectors.aws import quotas
from scanners.collectors.registry import collectors

HERE = "eu-west-1"
BURSTS = [
    # service, operation, so many at once, then one more after so many seconds
    ("lambda", "GetPolicy", 15, 1 / 15),
    ("ec2", "DescribeVpcs", 100, 1 / 20),
    ("apigateway", "GetStages", 40, 1 / 10),
    ("apigateway", "GetResources", 5, 1 / 2.5),
]


@pytest.mark.parametrize(("service", "operation", "burst", "wait"), BURSTS)
def test_a_burst_passes_and_the_next_call_waits_for_its_token(service, operation, burst, wait):
    buckets = Buckets()

    passed = [buckets.admits(service, operation, HERE, 100.0) for _ in range(burst + 1)]

    assert passed == [True] * burst + [False]
    assert not buckets.admits(service, operation, HERE, 100.0 + wait * 0.9)
    assert buckets.admits(service, operation, HERE, 100.0 + wait * 1.1)


def test_the_scanner_paces_itself_by_the_same_buckets():
    """Each bucket of the proxy that a call of ours must pass is one that the scanner knows, and no faster there."""
    for collector in collectors():
        for call in collector.every_call():
            bucket, rate = quotas.rate(call.service, call.operation)
            for limit in of_call(call.service, call.operation):
                assert rate <= limit.rate, call.name
                assert limit.quota.format(operation=call.operation).startswith(bucket.partition("/")[0])


def test_listings_of_machines_and_of_networks_do_not_wait_for_each_other():
    assert quotas.rate("ec2", "DescribeVpcs") == ("ec2/DescribeVpcs", 20.0)
    assert quotas.rate("ec2", "DescribeInstances") == ("ec2/DescribeInstances", 20.0)


def test_both_generations_of_gateways_share_one_bucket():
    buckets = Buckets()
    for _ in range(40):
        buckets.admits("apigateway", "GetStages", HERE, 0.0)

    assert not buckets.admits("apigatewayv2", "GetApis", HERE, 0.0)


@pytest.mark.parametrize(
    ("service", "operation", "region"),
    [("lambda", "ListFunctions", HERE), ("lambda", "GetPolicy", "us-east-1"), ("s3", "GetBucketAcl", HERE)],
)
def test_other_quotas_other_regions_and_services_without_a_number_are_not_touched(service, operation, region):
    buckets = Buckets()
    for _ in range(20):
        buckets.admits("lambda", "GetPolicy", HERE, 0.0)

    assert buckets.admits(service, operation, region, 0.0)


def test_a_refused_call_costs_no_token():
    buckets = Buckets()
    for _ in range(1000):
        buckets.admits("lambda", "GetPolicy", HERE, 0.0)

    assert buckets.admits("lambda", "GetPolicy", HERE, 0.1)


def test_the_least_time_is_that_of_the_narrowest_quota():
    calls = {("lambda", "GetPolicy", HERE): 150, ("ec2", "DescribeVpcs", HERE): 300, ("s3", "GetBucketAcl", HERE): 9000}

    assert least_seconds(calls) == (10.0, f"ec2/DescribeVpcs in {HERE}")
    assert least_seconds({("lambda", "GetPolicy", HERE): 14}) == (0.0, f"lambda/GetPolicy in {HERE}")
