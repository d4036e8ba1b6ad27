"""The collectors of topics, tables, networks, trails and log groups against the emulator, which answers as AWS does."""

from __future__ import annotations

import json
from collections import Counter

import boto3
import pytest

from scanners import scan
from scanners.collectors.aws import cloudtrail, dynamodb, ec2, logs, network, sns
from scanners.collectors.aws.account import Connection, connect
from scanners.collectors.door import Door

COLLECTORS = [c for m in (sns, dynamodb, ec2, network, cloudtrail, logs) for c in m.COLLECTORS]
SERVICES = sorted({collector.unit_service for collector in COLLECTORS})
CANARY = "Fernhollow-fake-4417-Zx9"


@pytest.fixture
def seen(cloud, monkeypatch):
    """All units of these services, read anew; of the services' collectors only those of this file's subject."""
    monkeypatch.setattr(
        scan, "of_unit", lambda service, provider: tuple(c for c in COLLECTORS if c.unit_service == service)
    )

    def read():
        transport = connect(Connection(endpoint=cloud.endpoint))
        try:
            arrival = scan.arrive(transport)
            units = [scan.Unit(region, service) for region in arrival.regions.enabled for service in SERVICES]
            return [one for one in scan.collect(transport, arrival.who, units, Door(b"key")) if one]
        finally:
            transport.close()

    yield read
    cloud.clear()


def test_everything_is_read_without_a_gap(seen):
    gathered = seen()

    found = Counter(resource.kind for one in gathered for resource in one.resources)
    assert not [(one.unit, cell.gap) for one in gathered for cell in one.cells.values() if cell.gap]
    assert {collector.kind for collector in COLLECTORS} - {"AWS::EC2::FlowLog"} <= found.keys()


def test_no_secret_of_the_machines_is_kept(seen):
    kept = json.dumps([resource.documents for one in seen() for resource in one.resources])

    assert "Secret by name" in kept
    assert CANARY not in kept


def test_a_second_look_at_an_unchanged_cloud_is_equal(seen):
    first, second = (
        sorted((r.ref, json.dumps(r.documents, sort_keys=True)) for one in seen() for r in one.resources) for _ in "12"
    )

    assert first == second


def test_a_refused_detail_is_a_gap_of_every_machine(cloud, seen):
    refusal = {"code": "UnauthorizedOperation", "status": 403}
    cloud.faults([{"service": "ec2", "operation": "DescribeInstanceAttribute", "error": refusal}])

    machines = [r for one in seen() for r in one.resources if r.kind == "AWS::EC2::Instance"]

    assert machines
    assert {machine.gaps["DescribeInstanceAttribute"][0].code for machine in machines} == {"UnauthorizedOperation"}
    assert not any("DescribeInstanceAttribute" in machine.documents for machine in machines)


def test_a_prefix_list_gives_its_entries(cloud, seen):
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "y", "region_name": "eu-south-1"}
    client = boto3.client("ec2", endpoint_url=cloud.endpoint, **keys)
    entries = [{"Cidr": f"10.{n}.0.0/16"} for n in range(3)]
    client.create_managed_prefix_list(PrefixListName="branches", MaxEntries=9, AddressFamily="IPv4", Entries=entries)

    (offices,) = [r for one in seen() for r in one.resources if r.name == "branches"]

    assert [entry["Cidr"].value for entry in offices["GetManagedPrefixListEntries"]] == [e["Cidr"] for e in entries]
