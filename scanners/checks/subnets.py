"""Subnets and peerings: which machines get public addresses unasked, and how much of two networks can meet.

Limits: of a peering the routes on this side are seen, and on the other one only where that is in the same account.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network

from scanners.checks.registry import Fix, check
from scanners.checks.ways_in import nearby
from scanners.model import Gap, Node, Resource, Severity, State, Unread, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

SUBNET, PEERING, ROUTES = "AWS::EC2::Subnet", "AWS::EC2::VPCPeeringConnection", "AWS::EC2::RouteTable"
CIDR, CIDR6 = "DestinationCidrBlock", "DestinationIpv6CidrBlock"
RANGES = (("CidrBlockSet", "CidrBlock"), ("Ipv6CidrBlockSet", "Ipv6CidrBlock"))


@check(
    "aws.vpc.subnet_auto_public",
    on=SUBNET,
    severity=Severity.LOW,
    title="Subnet gives public addresses by default",
    reads=("DescribeSubnets",),
    fix=Fix(
        console="VPC > Subnets > the subnet > Actions > Edit subnet settings: no auto-assigned public IPv4 address.",
        cli="aws ec2 modify-subnet-attribute --subnet-id ID --no-map-public-ip-on-launch",
        terraform='resource "aws_subnet" "this" { map_public_ip_on_launch = false }',
    ),
)
def subnet_auto_public(subnet: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whatever is started there without a thought stands on the internet, with its security group alone before it."""
    given = subnet["DescribeSubnets"].need("MapPublicIpOnLaunch")
    if given.value is True:
        yield failed("Machines started in the subnet get public addresses", given)
    else:
        yield passed("Machines in the subnet get public addresses only when they are asked for", given)


@check(
    "aws.vpc.peering_wide",
    on=PEERING,
    severity=Severity.LOW,
    title="Peering routes whole networks",
    reads=("DescribeVpcPeeringConnections",),
    joins=((ROUTES, "DescribeRouteTables"),),
    fix=Fix(
        console="VPC > Route tables > the table > Routes > Edit: in place of the whole range, the subnets or addresses"
        " that are needed.",
        cli="aws ec2 delete-route --route-table-id ID --destination-cidr-block WIDE; aws ec2 create-route"
        " --route-table-id ID --destination-cidr-block NARROW --vpc-peering-connection-id ID",
        terraform='resource "aws_route" "peer" { destination_cidr_block = var.needed_subnet'
        "  vpc_peering_connection_id = aws_vpc_peering_connection.this.id }",
    ),
)
def peering_wide(peering: Resource, estate: Estate) -> Iterator[Verdict]:
    """Who breaks into one of the networks can try every address of the other, and not those alone that it is for."""
    said = peering["DescribeVpcPeeringConnections"]
    if (status := said.need("Status").need("Code")).value != "active":
        yield not_applicable("The peering is not active", status)
        return
    number = said.need("VpcPeeringConnectionId")
    whole = [(one, _range(one)) for side in ("AccepterVpcInfo", "RequesterVpcInfo") for one in _blocks(said[side])]
    wide, led = list[Node](), list[Node]()
    for table in nearby(peering, ROUTES, estate):
        for route in table["DescribeRouteTables"]["Routes"]:
            if route["VpcPeeringConnectionId"].value == number.value:
                where = route[CIDR6] if route[CIDR6].present else route[CIDR]
                led.append(where)
                if where.present and any(_covers(_range(where), block) for _, block in whole):
                    wide.append(where)
    if wide:
        yield failed("A route leads to all of the other network", *wide, *(one for one, _ in whole))
    elif led:
        yield passed("Routes lead to parts of the other network", *led)
    else:
        yield passed("No route of this region leads into the peering", number)


def _blocks(side: Node) -> Iterator[Node]:
    """The ranges of one side; none are told of a network that another account has not opened to us."""
    named = [block[field] for group, field in RANGES for block in side[group]]
    yield from named or ([side["CidrBlock"]] if side["CidrBlock"].present else [])


def _range(cidr: Node) -> IPv4Network | IPv6Network:
    try:
        return ip_network(cidr.text(), strict=False)
    except ValueError:
        raise Unread(Gap(cidr.call, "", State.PARSE_ERROR, f"{cidr.pointer} is no range", cidr.region)) from None


def _covers(route: IPv4Network | IPv6Network, block: IPv4Network | IPv6Network) -> bool:
    if isinstance(route, IPv4Network):
        return isinstance(block, IPv4Network) and block.subnet_of(route)
    return isinstance(block, IPv6Network) and block.subnet_of(route)
