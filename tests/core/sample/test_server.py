import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from posture.runtime.sample.start import REPOSITORY, sample_cloud
from tests.core.sample.reads import Reader

ROLE = "arn:aws:iam::424242424242:role/PostureAudit"
COMMAND = [sys.executable, "-m", "posture.runtime.sample.server"]


def refusal(call, **parameters):
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    return caught.value.response["Error"]["Code"]


@pytest.mark.parametrize("external_id", [{}, {"ExternalId": "wrong-one"}])
def test_a_role_is_not_lent_without_its_external_id(reader, external_id):
    assume = reader.client("sts").assume_role

    assert refusal(assume, RoleArn=ROLE, RoleSessionName="scan", **external_id) == "AccessDenied"


def test_a_role_that_is_not_there_is_not_lent(reader):
    assert refusal(reader.client("sts").assume_role, RoleArn=ROLE + "2", RoleSessionName="scan") == "AccessDenied"


def test_a_role_is_lent_for_its_external_id(reader):
    lent = reader.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="scan", ExternalId="sample-external-id")

    assert lent["AssumedRoleUser"]["Arn"] == "arn:aws:sts::424242424242:assumed-role/PostureAudit/scan"


PAGED = [
    ("iam", "get_account_authorization_details", 7),
    ("kms", "list_keys", 2),
    ("kms", "list_aliases", 3),
    ("lambda", "list_functions", 3),
    ("lambda", "list_event_source_mappings", 2),
    ("ec2", "describe_security_groups", 5),
    ("ec2", "describe_instances", 1),
    ("apigateway", "get_rest_apis", 1),
    ("apigatewayv2", "get_apis", 1),
    ("s3", "list_buckets", 4),
    ("logs", "describe_log_groups", 4),
    ("logs", "describe_metric_filters", 2),
    ("organizations", "list_accounts", 2),
    ("secretsmanager", "list_secrets", 2),
    ("dynamodb", "list_tables", 2),
    ("sqs", "list_queues", 2),
]


def paged(reader, service, operation, size):
    """The number of pages, and all rows in their order."""
    paginator = reader.client(service).get_paginator(operation)
    pages = list(paginator.paginate(PaginationConfig={"PageSize": size}))
    return len(pages), [row for key in paginator.result_keys for page in pages for row in key.search(page) or []]


@pytest.mark.parametrize(("service", "operation", "size"), PAGED)
def test_small_pages_hold_all_that_one_page_holds(reader, service, operation, size):
    pages, rows = paged(reader, service, operation, size)
    one, whole = paged(reader, service, operation, 50)

    assert pages > 1
    assert rows == whole
    assert one < pages


def test_regions_that_are_not_open_are_told_when_asked_for(reader):
    ec2 = reader.client("ec2")
    closed = ec2.describe_regions(AllRegions=True, Filters=[{"Name": "opt-in-status", "Values": ["not-opted-in"]}])[
        "Regions"
    ]

    assert {region["RegionName"] for region in closed}.isdisjoint(
        {region["RegionName"] for region in ec2.describe_regions()["Regions"]}
    )
    assert closed


UNKNOWN = [
    ("cloudtrail", "list_channels"),
    ("ec2", "get_allowed_images_settings"),
    ("iam", "list_organizations_features"),
    ("apprunner", "list_services"),
]


@pytest.mark.parametrize(("service", "operation"), UNKNOWN)
def test_what_the_emulator_lacks_is_refused_as_aws_refuses(reader, service, operation):
    assert refusal(getattr(reader.client(service), operation)) in {"UnknownOperationException", "InvalidAction"}


def test_what_a_busy_function_did_has_a_second_page(reader):
    cloudtrail = reader.client("cloudtrail")
    named = [{"AttributeKey": "Username", "AttributeValue": "catalog-api"}]

    first = cloudtrail.lookup_events(LookupAttributes=named, MaxResults=50)
    second = cloudtrail.lookup_events(LookupAttributes=named, MaxResults=50, NextToken=first["NextToken"])

    assert len(first["Events"]) == 50
    assert second["Events"]
    assert cloudtrail.lookup_events(LookupAttributes=[{**named[0], "AttributeValue": "nobody"}])["Events"] == []


def run(*arguments, **options):
    return subprocess.run(
        [*COMMAND, *arguments], cwd=REPOSITORY, capture_output=True, text=True, timeout=30, check=False, **options
    )


def test_a_port_that_is_taken_is_said_in_one_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = run("--empty", "--port", str(taken.getsockname()[1]), "--address-file", str(tmp_path / "address"))

    assert ended.returncode == 1
    assert ended.stderr.startswith("The sample account cannot listen on 127.0.0.1:")
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "address").exists()


def test_it_listens_on_loopback_only(tmp_path):
    ended = run("--host", "192.0.2.1", "--address-file", str(tmp_path / "address"))

    assert ended.returncode == 2
    assert "loopback" in ended.stderr


def test_an_empty_account_is_empty_and_ends_at_once(tmp_path):
    with sample_cloud(empty=True, home=tmp_path) as cloud:
        assert Reader(cloud.endpoint).ask("lambda.list_functions") == {"Functions": []}
        os.kill(cloud.pid, signal.SIGTERM)
        asked = time.monotonic()
        while Path(f"/proc/{cloud.pid}/cmdline").read_bytes():
            assert time.monotonic() - asked < 1
            time.sleep(0.01)


def test_it_dies_with_whoever_started_it(tmp_path):
    address = tmp_path / "address"
    command = [*COMMAND, "--empty", "--address-file", str(address)]
    starter = f"import subprocess, time; print(subprocess.Popen({command!r}).pid, flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", starter], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        child = Path("/proc", parent.stdout.readline().strip(), "cmdline")
        while not address.exists():
            time.sleep(0.05)
        parent.kill()

    deadline = time.monotonic() + 3
    while child.exists() and child.read_bytes():
        assert time.monotonic() < deadline
        time.sleep(0.02)
