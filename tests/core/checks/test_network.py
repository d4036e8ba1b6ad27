"""Networks: CASES are run by tests/house/test_checks.py; tests of their own say what cases cannot."""

from dataclasses import replace

import pytest

from scanners.catalog.ports import ADMINISTRATION, STORES
from scanners.model import Outcome, Severity
from tests.core.cases import ACCOUNT, Case, Cases, refused, resource

WORLD, WORLD6, OFFICE = "0.0.0.0/0", "::/0", "203.0.113.0/24"
ADMIN, DATA, ALL = "aws.ec2.sg_open_admin", "aws.ec2.sg_open_data", "aws.ec2.sg_open_all"


def arn(noun, name, region="eu-west-1"):
    return f"arn:aws:ec2:{region}:{ACCOUNT}:{noun}/{name}"


def rule(ports, *cidrs, protocol="tcp", lists=()):
    said = {
        "IpProtocol": protocol,
        "IpRanges": [{"CidrIp": cidr} for cidr in cidrs if ":" not in cidr],
        "Ipv6Ranges": [{"CidrIpv6": cidr} for cidr in cidrs if ":" in cidr],
        "PrefixListIds": [{"PrefixListId": name} for name in lists],
    }
    return said | ({"FromPort": ports[0], "ToPort": ports[1]} if ports else {})


def group(*rules, subject="", around=()):
    described = {"GroupId": "sg-1", "IpPermissions": list(rules)}
    return Case(
        resource("AWS::EC2::SecurityGroup", arn("security-group", "sg-1"), DescribeSecurityGroups=described),
        around=around,
        subject=subject,
    )


def prefix_list(name, *cidrs, owner=ACCOUNT):
    entries = {} if owner == "AWS" else {"GetManagedPrefixListEntries": [{"Cidr": cidr} for cidr in cidrs]}
    listed = {"PrefixListId": name, "OwnerId": owner}
    ref = arn("prefix-list", name)
    return resource("AWS::EC2::PrefixList", ref, DescribeManagedPrefixLists=listed, **entries)


def interface(*groups, public=None, region="eu-west-1", name="eni-1", **more):
    told = {"Groups": [{"GroupId": one} for one in groups], **({"Association": {"PublicIp": public}} if public else {})}
    ref = arn("network-interface", name, region)
    return resource("AWS::EC2::NetworkInterface", ref, region=region, DescribeNetworkInterfaces=told | more)


def network(*around, owner=ACCOUNT):
    described = {"VpcId": "vpc-1", "OwnerId": owner}
    return Case(resource("AWS::EC2::VPC", arn("vpc", "vpc-1"), DescribeVpcs=described), around=around)


def subnet(name, of="vpc-1"):
    return resource("AWS::EC2::Subnet", arn("subnet", name), DescribeSubnets={"SubnetId": name, "VpcId": of})


def log(resource_id="vpc-1", traffic="ALL", status="ACTIVE", delivery="SUCCESS", region="eu-west-1", name="fl-1"):
    told = {"ResourceId": resource_id, "TrafficType": traffic, "FlowLogStatus": status, "DeliverLogsStatus": delivery}
    return resource("AWS::EC2::FlowLog", arn("vpc-flow-log", name, region), region=region, DescribeFlowLogs=told)


WIDE, NARROW = prefix_list("pl-wide", OFFICE, WORLD), prefix_list("pl-narrow", OFFICE)
CLOUDFRONT = prefix_list("pl-aws", owner="AWS")

CASES = {
    ADMIN: Cases(
        fails=(
            group(rule((22, 22), WORLD), subject="22"),
            group(rule((22, 22), WORLD6), subject="22"),
            group(rule((20, 25), OFFICE, WORLD), subject="22"),
            group(rule(None, WORLD, protocol="-1"), subject="3389"),
            group(rule((3389, 3389), WORLD6, protocol="udp"), subject="3389"),
            group(rule((22, 22), WORLD, protocol="6"), subject="22"),
            group(rule((22, 22), "0.0.0.0/1"), subject="22"),
            group(rule((22, 22), "2000::/3"), subject="22"),
            group(rule((22, 22), lists=("pl-wide",)), subject="22", around=(WIDE,)),
        ),
        passes=(
            group(subject="22"),
            group(rule((22, 22), OFFICE, "10.0.0.0/8"), subject="22"),
            group(rule((22, 22), "fd00::/8", "fc00::/7"), subject="22"),
            group(rule((443, 443), WORLD, WORLD6), subject="22"),
            group(rule((22, 22), WORLD, protocol="udp"), subject="22"),
            group(rule((-1, -1), WORLD, protocol="icmp"), subject="22"),
            group(rule((22, 22), lists=("pl-narrow",)), subject="22", around=(NARROW,)),
            group(rule((22, 22), lists=("pl-aws",)), subject="22", around=(CLOUDFRONT,)),
        ),
        unknown=(
            group(rule((22, 22), lists=("pl-lost",)), subject="22", around=(NARROW,)),
            group(rule((22, 22), "anywhere"), subject="22"),
        ),
    ),
    DATA: Cases(
        fails=(
            group(rule((5432, 5432), WORLD), subject="5432"),
            group(rule((5000, 6500), WORLD6), subject="6379"),
            group(rule((11211, 11211), WORLD, protocol="udp"), subject="11211"),
            group(rule(None, WORLD, protocol="-1"), subject="27017"),
        ),
        passes=(
            group(rule((5432, 5432), "10.20.0.0/16"), subject="5432"),
            group(rule((5433, 6378), WORLD), subject="5432"),
            group(rule((5432, 5432), WORLD, protocol="udp"), subject="5432"),
            group(rule((5432, 5432), lists=("pl-narrow",)), subject="5432", around=(NARROW,)),
        ),
    ),
    ALL: Cases(
        fails=(
            group(rule(None, WORLD, protocol="-1")),
            group(rule((0, 65535), WORLD6)),
            group(rule((1, 65535), WORLD, protocol="udp")),
            group(rule(None, protocol="-1", lists=("pl-wide",)), around=(WIDE,)),
        ),
        passes=(
            group(),
            group(rule((0, 65534), WORLD)),
            group(rule(None, OFFICE, protocol="-1")),
            group(rule((8, -1), WORLD, protocol="icmp")),
            group(rule(None, protocol="-1", lists=("pl-narrow",)), around=(NARROW,)),
        ),
        unknown=(group(rule(None, protocol="-1", lists=("pl-lost",))),),
    ),
    "aws.vpc.flow_logs": Cases(
        fails=(
            network(),
            network(log("vpc-2")),
            network(log("subnet-1")),
            network(subnet("subnet-1"), subnet("subnet-2"), log("subnet-1")),
            network(subnet("subnet-1"), log("subnet-1", status="INACTIVE")),
            network(subnet("subnet-1", of="vpc-2"), log("subnet-1")),
            network(log(status="INACTIVE")),
            network(log(delivery="FAILED")),
            network(log(traffic="ACCEPT")),
            network(log(region="us-east-1")),
        ),
        passes=(
            network(log()),
            network(log(traffic="REJECT")),
            network(log(traffic="ACCEPT", name="fl-0"), log(traffic="REJECT")),
            network(subnet("subnet-1"), subnet("subnet-2"), log("subnet-1"), log("subnet-2", name="fl-2")),
            network(
                subnet("subnet-1"), subnet("subnet-9", of="vpc-2"), log("subnet-1"), log(traffic="ACCEPT", name="f")
            ),
        ),
        neutral=(network(owner="444455556666"),),
    ),
}


@pytest.mark.parametrize(
    ("check", "ports", "opened"),
    [
        (ADMIN, (22, 22), {"22"}),
        (ADMIN, (0, 65535), {str(port.number) for port in ADMINISTRATION}),
        (DATA, (5000, 6500), {"5432", "5439", "5601", "6379"}),
        (DATA, (443, 443), set()),
    ],
)
def test_reports_each_port_by_itself(check, ports, opened):
    verdicts = group(rule(ports, WORLD)).verdicts(check)

    assert {one.subject for one in verdicts if one.outcome is Outcome.FAIL} == opened
    assert {one.subject for one in verdicts} == {str(p.number) for p in (ADMINISTRATION if check == ADMIN else STORES)}


@pytest.mark.parametrize(
    ("around", "admin", "everything"),
    [
        ((), Severity.LOW, Severity.MEDIUM),
        ((interface("sg-2", public="198.51.100.7"),), Severity.LOW, Severity.MEDIUM),
        ((interface("sg-1", region="us-east-1"),), Severity.LOW, Severity.MEDIUM),
        ((interface("sg-1"),), None, None),
        ((interface("sg-1", name="eni-0"), interface("sg-1", public="1.2.3.4")), Severity.CRITICAL, Severity.CRITICAL),
        ((interface("sg-1", Ipv6Addresses=[{"Ipv6Address": "2001:db8::7"}]),), Severity.CRITICAL, Severity.CRITICAL),
    ],
)  # fmt: skip
def test_an_opening_weighs_what_stands_behind_it(around, admin, everything):
    port = group(rule((22, 22), WORLD), around=around, subject="22")
    whole = group(rule(None, WORLD, protocol="-1"), around=around)

    assert port.verdict(ADMIN).severity == admin
    assert whole.verdict(ALL).severity == everything


def test_a_group_open_on_every_port_is_critical_once_and_not_for_each_port():
    whole = group(rule(None, WORLD, protocol="-1"), around=(interface("sg-1", public="1.2.3.4"),), subject="22")

    assert whole.verdict(ADMIN).outcome is Outcome.FAIL
    assert whole.verdict(ADMIN).severity is None


def test_an_opening_stays_one_when_nobody_may_see_what_uses_it():
    opened = replace(group(rule((22, 22), WORLD), subject="22"), unread=frozenset({"AWS::EC2::NetworkInterface"}))

    verdict = opened.verdict(ADMIN)

    assert (verdict.outcome, verdict.severity) == (Outcome.FAIL, None)
    assert "nothing uses" not in verdict.sentence


def test_a_hidden_prefix_list_hides_only_the_ports_of_its_rule():
    mixed = group(rule((22, 22), WORLD), rule((3389, 3389), lists=("pl-lost",)))

    outcomes = {one.subject: one.outcome for one in mixed.verdicts(ADMIN)}

    assert outcomes == {"22": Outcome.FAIL, "": Outcome.UNKNOWN}
    assert mixed.verdicts(ALL)[0].outcome is Outcome.PASS


def test_a_region_that_was_not_read_blinds_no_network_of_another():
    case = network()
    gap = replace(refused("DescribeFlowLogs"), region="us-east-1")
    estate = replace(case.estate(), gaps={"AWS::EC2::FlowLog": (gap,)})
    from scanners.checks.registry import checks, evaluate

    (verdict,) = evaluate(checks()["aws.vpc.flow_logs"], case.resource, estate)

    assert verdict.outcome is Outcome.FAIL


def test_the_same_interfaces_in_another_order_give_the_same_proof():
    two = (
        interface("sg-1", public="198.51.100.7", name="eni-2"),
        interface("sg-1", public="198.51.100.8", name="eni-3"),
    )
    there, back = (group(rule((22, 22), WORLD), subject="22", around=order) for order in (two, two[::-1]))

    assert there.verdict(ADMIN) == back.verdict(ADMIN)
