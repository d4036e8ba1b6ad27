"""EC2: every kind is named and kept as it should be, and no secret of user data passes the door."""

import base64
import gzip
import json
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest

from scanners.collectors.aws import ec2, network
from scanners.collectors.cloud import ParseError, at
from tests.core.cases import ACCOUNT, REGION
from tests.core.collectors.replies import DOOR, gathered

KINDS = {collector.kind.rpartition("::")[2]: collector for collector in (*ec2.COLLECTORS, *network.COLLECTORS)}
CANARY = "Fernhollow-canary-4417-Zx9"
SCRIPT = f"#!/bin/bash\nexport AWS_ACCESS_KEY_ID=AKIAFAKE4FERNHOLLOW7\nexport DB_PASSWORD='{CANARY}'\n".encode()


def packed(plain):
    return base64.b64encode(plain).decode()


def archive(*scripts):
    message = MIMEMultipart()
    for script in scripts:
        message.attach(MIMEText(script.decode(), "x-shellscript", "utf-8"))
    return message.as_bytes()


def machines(user_data, *listed):
    listed = listed or ({"InstanceId": "i-1", "State": {"Name": "running"}},)
    reservations = [{"OwnerId": ACCOUNT, "Instances": [one]} for one in listed]
    answers = {"DescribeInstances": {"Reservations": reservations}, "DescribeInstanceAttribute": user_data}
    return gathered(KINDS["Instance"], **answers).resources


@pytest.mark.parametrize("plain", [SCRIPT, gzip.compress(SCRIPT), archive(b"#!/bin/sh\n", SCRIPT)])
def test_user_data_leaves_only_the_kinds_of_its_secrets(plain):
    (machine,) = machines({"InstanceId": "i-1", "UserData": {"Value": packed(plain)}})

    kept = machine["DescribeInstanceAttribute"]
    assert {one["secret"].value for one in kept["UserData"]["secrets"]} == {"AWS Access Key", "Secret by name"}
    assert CANARY not in json.dumps(machine.documents)
    assert packed(plain)[:40] not in json.dumps(machine.documents)


def test_a_machine_without_user_data_says_so():
    (machine,) = machines({"InstanceId": "i-1", "UserData": {}})

    assert machine["DescribeInstanceAttribute"].value == {}


@pytest.mark.parametrize(
    "answer", ["UnauthorizedOperation", {"UserData": {"Value": "not base64!"}}, {"InstanceId": "i-1"}]
)
def test_user_data_that_could_not_be_read_is_a_gap(answer):
    (machine,) = machines(answer)

    assert "DescribeInstanceAttribute" not in machine.documents
    assert machine.gaps["DescribeInstanceAttribute"][0].permission == "ec2:DescribeInstanceAttribute"


@pytest.mark.parametrize(
    "bad",
    [
        gzip.compress(b"0" * (ec2.LARGEST + 1)),
        ec2.GZIP + b"torn",
        gzip.compress(SCRIPT)[:30],
        gzip.compress(SCRIPT) * 2,
    ],
    ids=["bomb", "no archive", "torn", "two"],
)
def test_a_bomb_or_a_torn_archive_is_not_taken_for_a_script(bad):
    with pytest.raises(ParseError):
        ec2.user_data({"UserData": {"Value": packed(bad)}}, DOOR)


def test_machines_of_all_reservations_are_found_and_terminated_ones_are_not():
    found = machines(
        {"UserData": {}},
        {"InstanceId": "i-1", "State": {"Name": "stopped"}, "Tags": [{"Key": "Name", "Value": "bastion"}]},
        {"InstanceId": "i-2", "State": {"Name": "terminated"}},
    )

    assert [(one.ref, one.name) for one in found] == [(f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1", "bastion")]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("Reservations.Instances", [1, 2, 3]),
        ("Reservations", [{"Instances": [1, 2]}, {"Instances": [3]}, {}]),
        ("Nothing.Instances", None),
    ],
)
def test_a_path_walks_through_lists(path, found):
    assert at(path, {"Reservations": [{"Instances": [1, 2]}, {"Instances": [3]}, {}]}) == found


KEYS = {
    "VPC": "VpcId",
    "Subnet": "SubnetId",
    "SecurityGroup": "GroupId",
    "NetworkInterface": "NetworkInterfaceId",
    "NetworkAcl": "NetworkAclId",
    "RouteTable": "RouteTableId",
    "InternetGateway": "InternetGatewayId",
    "NatGateway": "NatGatewayId",
    "VPCEndpoint": "VpcEndpointId",
    "EIP": "AllocationId",
    "FlowLog": "FlowLogId",
    "PrefixList": "PrefixListId",
}


@pytest.mark.parametrize(("kind", "key"), KEYS.items())
def test_every_kind_is_found_by_its_own_listing(kind, key):
    listing = KINDS[kind].listing

    seen = gathered(KINDS[kind], **{listing.operation: {listing.items: [{key: "x-1", "OwnerId": ACCOUNT}]}})

    (resource,) = seen.resources
    assert seen.listed == {KINDS[kind].kind}
    assert resource.ref.startswith(f"arn:aws:ec2:{REGION}:{ACCOUNT}:")
    assert resource.ref.endswith("/x-1")


@pytest.mark.parametrize("kind", KINDS)
def test_a_refused_listing_lists_nothing(kind):
    seen = gathered(KINDS[kind], **{KINDS[kind].listing.operation: "UnauthorizedOperation"})

    assert seen.listed == frozenset()
    assert seen.gaps[KINDS[kind].kind][0].code == "UnauthorizedOperation"


def test_entries_are_asked_of_the_lists_that_are_not_aws_own():
    lists = [{"PrefixListId": "pl-1", "OwnerId": ACCOUNT}, {"PrefixListId": "pl-2", "OwnerId": "AWS"}]

    seen = gathered(
        KINDS["PrefixList"],
        DescribeManagedPrefixLists={"PrefixLists": lists},
        GetManagedPrefixListEntries={"Entries": [{"Cidr": "0.0.0.0/0"}]},
    )

    own, theirs = sorted(seen.resources, key=lambda one: one.name)
    assert own["GetManagedPrefixListEntries"].value == [{"Cidr": "0.0.0.0/0"}]
    assert "GetManagedPrefixListEntries" not in theirs.documents


def test_policies_of_endpoints_are_documents():
    endpoint = {"VpcEndpointId": "vpce-1", "PolicyDocument": '{"Statement": []}', "State": "available"}

    seen = gathered(
        KINDS["VPCEndpoint"], DescribeVpcEndpoints={"VpcEndpoints": [endpoint, {**endpoint, "State": "deleted"}]}
    )

    (resource,) = seen.resources
    assert resource["DescribeVpcEndpoints"]["PolicyDocument"].value == {"Statement": []}
