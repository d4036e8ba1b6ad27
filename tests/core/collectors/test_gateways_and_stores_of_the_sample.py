"""API Gateway, S3, KMS and Secrets Manager against the emulator: what is read, asked, refused and found."""

from __future__ import annotations

import json
from collections import Counter, defaultdict

import pytest

from posture.runtime.sample.mistakes import GATEWAYS, SECRETS, STORES
from posture.runtime.sample.shop import keys
from scanners import scan
from scanners.collectors.aws import apigateway, apigatewayv2, kms, s3, secretsmanager
from scanners.collectors.aws.account import Connection, connect
from scanners.collectors.door import Door
from scanners.model import Outcome
from scanners.model.estate import Estate
from tests.core.cases import NOW

COLLECTORS = [c for module in (apigateway, apigatewayv2, s3, kms, secretsmanager) for c in module.COLLECTORS]
SERVICES = {collector.unit_service for collector in COLLECTORS}
OURS = {check: found for check, found in {**GATEWAYS, **STORES}.items() if check.split(".")[1] in {"apigw", *SERVICES}}


@pytest.fixture(scope="module")
def look(cloud):
    """All units of these services, read anew."""

    def read():
        transport = connect(Connection(endpoint=cloud.endpoint))
        try:
            arrival = scan.arrive(transport)
            units = scan.plan(cloud.regions, sorted(SERVICES))
            return [one for one in scan.collect(transport, arrival.who, units, Door(b"key")) if one]
        finally:
            transport.close()

    return read


@pytest.fixture(scope="module")
def units(cloud, look):
    """What is seen while the cloud answers everything; its journal is that of one look."""
    cloud.clear()
    return look()


@pytest.fixture
def broken(cloud):
    yield cloud
    cloud.clear()


def resources(units):
    return [resource for unit in units for resource in unit.resources]


def judged(units, account):
    """check id → outcome → names of resources."""
    found, gaps = resources(units), defaultdict(tuple)
    for unit in units:
        for kind, missing in unit.gaps.items():
            gaps[kind] += missing
    estate = Estate(account, NOW, lambda kind: [r for r in found if r.kind == kind], gaps)
    told = {check: defaultdict(set) for check in OURS}
    for resource, check, verdict in scan.decide(estate, OURS):
        told[check.id][verdict.outcome].add(resource.name)
    return told


def test_most_of_the_checks_have_something_to_find():
    assert len(OURS) >= 17


def test_everything_is_read_without_a_gap_and_nothing_is_asked_twice(cloud, units):
    assert not [(unit.unit, cell.gap) for unit in units for cell in unit.cells.values() if cell.gap]
    assert {c.kind for c in COLLECTORS} <= {resource.kind for resource in resources(units)}
    calls = (json.dumps(call, sort_keys=True) for call in cloud.calls() if call["service"] not in ("sts", "ec2"))
    assert set(Counter(calls).values()) == {1}


def test_the_mistakes_of_the_sample_are_found_and_no_others(cloud, units):
    told = judged(units, cloud.account)

    for check, wanted in OURS.items():
        assert (check, told[check][Outcome.FAIL]) == (check, wanted.fails)
        assert wanted.passes <= told[check][Outcome.PASS], check
        assert not told[check][Outcome.UNKNOWN], check


def test_a_second_look_at_an_unchanged_cloud_is_equal(units, look):
    first, second = (
        sorted((r.ref, r.name, json.dumps(r.documents, sort_keys=True)) for r in resources(seen))
        for seen in (units, look())
    )

    assert first == second


def test_no_planted_secret_is_kept(units):
    kept = json.dumps([resource.documents for resource in resources(units)])

    planted = {*SECRETS.values(), *(secret.value for secret in keys.SECRETS)}
    assert not [value for value in planted if value in kept]


@pytest.mark.parametrize(
    ("service", "operation", "kind", "check"),
    [
        ("apigateway", "GetResources", "AWS::ApiGateway::RestApi", "aws.apigw.method_no_auth"),
        ("apigatewayv2", "GetRoutes", "AWS::ApiGatewayV2::Api", "aws.apigw.v2_route_no_auth"),
        ("s3", "GetBucketPolicy", "AWS::S3::Bucket", "aws.s3.tls_only"),
        ("kms", "GetKeyPolicy", "AWS::KMS::Key", "aws.kms.public_key_policy"),
        ("secretsmanager", "GetResourcePolicy", "AWS::SecretsManager::Secret", "aws.secretsmanager.public"),
    ],
)
def test_a_refused_detail_is_a_gap_and_lets_nothing_pass(broken, look, service, operation, kind, check):
    broken.faults([{"service": service, "operation": operation, "error": {"code": "AccessDenied", "status": 403}}])

    units = look()

    blinded = [resource for resource in resources(units) if resource.kind == kind]
    assert {operation in resource.gaps for resource in blinded} == {True}
    assert not [resource.ref for resource in blinded if operation in resource.documents]
    assert judged(units, broken.account)[check].keys() == {Outcome.UNKNOWN}


def test_without_the_list_of_buckets_none_is_gone_and_none_passes(broken, look):
    broken.faults([{"service": "s3", "operation": "ListBuckets", "error": {"code": "AccessDenied", "status": 403}}])

    units = look()

    (unit,) = [one for one in units if one.unit.service == "s3"]
    assert "AWS::S3::Bucket" not in unit.listed
    assert "AWS::S3::AccountPublicAccessBlock" in unit.listed
    assert not judged(units, broken.account)["aws.s3.public"]
