"""Subnets and peerings: CASES are run by tests/house/test_checks.py."""

from tests.core.cases import Case, Cases, resource

SUBNET, PEERING, ROUTES = "AWS::EC2::Subnet", "AWS::EC2::VPCPeeringConnection", "AWS::EC2::RouteTable"
OURS, THEIRS, SIX = "10.0.0.0/16", "172.31.0.0/16", "2001:db8:1::/56"


def subnet(**said):
    return Case(resource(SUBNET, DescribeSubnets=said))


def side(*blocks, lone=""):
    kept = {"CidrBlockSet": [{"CidrBlock": one} for one in blocks if ":" not in one]}
    kept |= {"Ipv6CidrBlockSet": [{"Ipv6CidrBlock": one} for one in blocks if ":" in one]}
    return {"CidrBlock": lone} if lone else kept


def peering(*destinations, theirs=None, status="active", by="pcx-1", region="eu-west-1"):
    said = {
        "VpcPeeringConnectionId": "pcx-1",
        "Status": {"Code": status},
        "RequesterVpcInfo": side(OURS),
        "AccepterVpcInfo": theirs or side(THEIRS, SIX),
    }
    routes = [
        {("DestinationIpv6CidrBlock" if ":" in one else "DestinationCidrBlock"): one, "VpcPeeringConnectionId": by}
        for one in destinations
    ]
    table = resource(ROUTES, "rtb-1", region=region, DescribeRouteTables={"Routes": [{"GatewayId": "local"}, *routes]})
    return Case(resource(PEERING, DescribeVpcPeeringConnections=said), around=(table,))


CASES = {
    "aws.vpc.subnet_auto_public": Cases(
        fails=(subnet(MapPublicIpOnLaunch=True),),
        passes=(subnet(MapPublicIpOnLaunch=False),),
        unknown=(subnet(),),
    ),
    "aws.vpc.peering_wide": Cases(
        fails=(
            peering(THEIRS),
            peering("172.16.0.0/12"),
            peering(OURS),
            peering("10.0.1.0/24", SIX),
            peering("0.0.0.0/0"),
            peering(THEIRS, theirs=side(lone=THEIRS)),
        ),
        passes=(
            peering(),
            peering("172.31.0.0/17"),
            peering("172.31.0.0/24", "2001:db8:1::/64"),
            peering(THEIRS, by="pcx-2"),
            peering(THEIRS, region="eu-west-3"),
        ),
        neutral=(peering(THEIRS, status="pending-acceptance"), peering(THEIRS, status="deleted")),
        unknown=(peering("everywhere"), peering(THEIRS, theirs=side("172.31/16"))),
    ),
}
