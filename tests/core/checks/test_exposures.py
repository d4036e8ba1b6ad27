"""What the internet reaches: CASES are run by tests/house/test_checks.py."""

import pytest

from scanners.model import Severity
from tests.core.cases import Case, Cases, resource

WORLD = "0.0.0.0/0"


def database(*around, flag=True, unread=()):
    said = {
        "PubliclyAccessible": flag,
        "Endpoint": {"Port": 5432},
        "VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1"}],
        "DBSubnetGroup": {"VpcId": "vpc-1", "Subnets": [{"SubnetIdentifier": "subnet-1"}]},
    }
    return Case(resource("AWS::RDS::DBInstance", DescribeDBInstances=said), around, unread=frozenset(unread))


def group(source=WORLD, port=5432, name="sg-1"):
    rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": source}]}
    said = {"GroupId": name, "GroupName": "database", "IpPermissions": [rule]}
    return resource("AWS::EC2::SecurityGroup", "sg", DescribeSecurityGroups=said)


def routes(gateway="igw-1", *, main=True, state="active"):
    link = {"Main": True} if main else {"Main": False, "SubnetId": "subnet-1"}
    said = {
        "VpcId": "vpc-1",
        "Associations": [link],
        "Routes": [{"DestinationCidrBlock": WORLD, "GatewayId": gateway, "State": state}],
    }
    return resource("AWS::EC2::RouteTable", f"table-{main}", DescribeRouteTables=said)


def entry(number, action="allow", egress=False, **more):
    return {"RuleNumber": number, "RuleAction": action, "Egress": egress, "Protocol": "-1", "CidrBlock": WORLD, **more}


def access_list(*entries):
    entries = entries or (entry(100), entry(100, egress=True))
    said = {"Associations": [{"SubnetId": "subnet-1"}], "Entries": [*entries, entry(32767, "deny")]}
    return resource("AWS::EC2::NetworkAcl", "acl", DescribeNetworkAcls=said)


OPEN = database(group(), routes(), access_list())
OUT = entry(100, egress=True)
HALF_SHUT = {
    "another group": database(group(name="sg-2"), routes(), access_list()),
    "named networks alone": database(group("203.0.113.0/24"), routes(), access_list()),
    "another port": database(group(port=22), routes(), access_list()),
    "no way out": database(group(), routes("nat-1"), access_list()),
    "a dead route": database(group(), routes(state="blackhole"), access_list()),
    "a table of its own": database(group(), routes(), routes("nat-1", main=False), access_list()),
    "a list that forbids": database(group(), routes(), access_list(entry(10, "deny"), entry(100), OUT)),
    "a list for another port": database(
        group(), routes(), access_list(entry(100, Protocol="6", PortRange={"From": 443, "To": 443}), OUT)
    ),
    "no way for answers": database(group(), routes(), access_list(entry(100))),
}

CASES = {
    "aws.rds.public": Cases(
        fails=(OPEN, *HALF_SHUT.values()),
        passes=(database(flag=False), database(group(), routes(), access_list(), flag=False)),
    ),
}


@pytest.mark.parametrize("case", HALF_SHUT.values(), ids=HALF_SHUT)
def test_what_keeps_the_internet_out_makes_it_less_grave(case):
    assert OPEN.verdict("aws.rds.public").severity is None
    assert case.verdict("aws.rds.public").severity is Severity.MEDIUM


@pytest.mark.parametrize("kind", ["SecurityGroup", "RouteTable", "NetworkAcl"])
def test_a_road_that_was_not_read_is_not_said_to_be_open(kind):
    around = tuple(one for one in OPEN.around if one.kind != f"AWS::EC2::{kind}")

    verdict = database(*around, unread={f"AWS::EC2::{kind}"}).verdict("aws.rds.public")

    assert verdict.severity is Severity.MEDIUM
    assert "was not read" in verdict.sentence
