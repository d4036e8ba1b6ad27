"""Networks and the few machines that a serverless shop still has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from posture.runtime.sample.emulator import ACCOUNT
from posture.runtime.sample.shop import CONFETTI, EDGE, FORMULA, LONG, MAIN, REPORTS, SCRIPT, SHOP
from posture.runtime.sample.shop.account import Account, policy, statement, tags

WORLD, WORLD6, OFFICE, INSIDE = "0.0.0.0/0", "::/0", "203.0.113.0/24", "10.20.0.0/16"
EVERY_PORT = (-1, -1)

# The password is planted: a scan must say that user data holds a secret, and must not keep it.
OLD_USER_DATA = """#!/bin/bash
yum install -y mysql
export DB_PASSWORD='Fernhollow-fake-4417-Zx9!'
export AWS_ACCESS_KEY_ID=AKIAFAKE4FERNHOLLOW7
mysqldump -h legacy-db.internal -u report -p"$DB_PASSWORD" shop > /tmp/shop.sql
"""
QUIET_USER_DATA = "#!/bin/bash\nsystemctl enable --now amazon-ssm-agent\n"


@dataclass(frozen=True, slots=True)
class Group:
    """A security group and its ways in: ((first port, last port), source)."""

    name: str
    note: str
    ways_in: tuple[tuple[tuple[int, int], str], ...] = ()
    network: str = "shop"
    region: str = MAIN
    out: str = ""  # the only addresses it may talk to, over HTTPS; without, all of them


OWN_BUCKETS = statement("Allow", "*", "*", StringEquals={"aws:ResourceAccount": ACCOUNT})
GROUPS = (
    Group("functions", "Functions in the private subnets"),
    Group("orders-functions", "Functions that talk to our own networks only", out=INSIDE),
    Group("web", "Public entrance", (((443, 443), WORLD), ((443, 443), WORLD6))),
    Group("orders-database", "Orders cluster, from functions only", (((5432, 5432), INSIDE),)),
    Group("bastion", "SSH from the office", (((22, 22), OFFICE),)),
    Group("vendor-support", "TEMP for the vendor, remove after migration", (((22, 22), WORLD),)),
    Group("windows-jump", SCRIPT.replace("<", "[").replace(">", "]"), (((3389, 3389), WORLD6),)),
    Group("legacy-database", "old shop", (((3306, 3306), WORLD), ((6379, 6379), WORLD)), "legacy", EDGE),
    Group("allow-all-temp", "debugging, 2023", ((EVERY_PORT, WORLD),), "legacy", EDGE),
    Group("warehouse", "Warehouse loaders", (((5439, 5439), "10.40.0.0/16"),), "reports", REPORTS),
)

NETWORKS = {  # name: region, range, watched by flow logs
    "shop": (MAIN, "10.20.0.0/16", True),
    "legacy": (EDGE, "10.30.0.0/16", False),
    "reports": (REPORTS, "10.40.0.0/16", True),
}


PEERINGS = (  # network, region, where in the region's default network its private subnet is led to
    ("shop", MAIN, "172.31.0.0/16"),
    ("reports", REPORTS, "172.31.0.0/24"),
)


@dataclass(frozen=True, slots=True)
class Machine:
    name: str
    network: str
    region: str
    groups: tuple[str, ...]
    public: bool
    tokens: str  # whether metadata asks for a session token: required (v2) or optional (v1)
    user_data: str
    tag: str


MACHINES = (
    Machine("bastion", "shop", MAIN, ("bastion", "vendor-support"), True, "required", QUIET_USER_DATA, CONFETTI),
    Machine("search-warmup", "shop", MAIN, ("functions",), False, "required", QUIET_USER_DATA, FORMULA),
    Machine("legacy-reporting", "legacy", EDGE, ("allow-all-temp",), True, "optional", OLD_USER_DATA, LONG),
)


def build(account: Account) -> dict[str, str]:
    """Name → id, of networks, subnets (`shop-private`) and security groups."""
    ids: dict[str, str] = {}
    with account.past(800):
        for name in NETWORKS:
            build_network(account, name, ids)
        build_second(account, ids)
        for group in GROUPS:
            build_group(account, group, ids)
        for machine in MACHINES:
            build_machine(account, machine, ids)
        build_extras(account, ids)
        empty_default_group(account, ids["shop"])
    name_default_networks(account)
    with account.past(300):
        for network, region, span in PEERINGS:
            build_peering(account, ids, network, region, span)
    return ids


def empty_default_group(account: Account, network: str) -> None:
    ec2 = account.client("ec2")
    wanted = [{"Name": "vpc-id", "Values": [network]}, {"Name": "group-name", "Values": ["default"]}]
    group = ec2.describe_security_groups(Filters=wanted)["SecurityGroups"][0]
    for rules, revoke in (
        ("IpPermissions", ec2.revoke_security_group_ingress),
        ("IpPermissionsEgress", ec2.revoke_security_group_egress),
    ):
        if group[rules]:
            revoke(GroupId=group["GroupId"], IpPermissions=group[rules])
    ec2.create_tags(Resources=[group["GroupId"]], Tags=tags("shop-default"))


def build_network(account: Account, name: str, ids: dict[str, str]) -> None:
    region, span, watched = NETWORKS[name]
    ec2 = account.client("ec2", region)
    ids[name] = vpc = ec2.create_vpc(CidrBlock=span, TagSpecifications=labelled("vpc", name))["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway(TagSpecifications=labelled("internet-gateway", name))["InternetGateway"][
        "InternetGatewayId"
    ]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    for place, kind in enumerate(("public", "private")):
        block = span.replace("0.0/16", f"{place * 16}.0/20")
        subnet = ec2.create_subnet(
            VpcId=vpc,
            CidrBlock=block,
            AvailabilityZone=f"{region}a",
            TagSpecifications=labelled("subnet", f"{name}-{kind}"),
        )
        ids[f"{name}-{kind}"] = subnet["Subnet"]["SubnetId"]
        if (name, kind) == ("legacy", "public"):
            ec2.modify_subnet_attribute(SubnetId=ids[f"{name}-{kind}"], MapPublicIpOnLaunch={"Value": True})
        ids[f"{name}-{kind}-routes"] = ec2.create_route_table(
            VpcId=vpc, TagSpecifications=labelled("route-table", f"{name}-{kind}")
        )["RouteTable"]["RouteTableId"]
        ec2.associate_route_table(RouteTableId=ids[f"{name}-{kind}-routes"], SubnetId=ids[f"{name}-{kind}"])
    ec2.create_route(RouteTableId=ids[f"{name}-public-routes"], DestinationCidrBlock=WORLD, GatewayId=gateway)
    if watched:
        ec2.create_flow_logs(
            ResourceIds=[vpc],
            ResourceType="VPC",
            TrafficType="ALL",
            LogDestinationType="s3",
            LogDestination=f"arn:aws:s3:::{SHOP}-access-logs",
        )


def build_second(account: Account, ids: dict[str, str]) -> None:
    """A private subnet of the shop in another zone."""
    ec2 = account.client("ec2")
    made = ec2.create_subnet(
        VpcId=ids["shop"],
        CidrBlock="10.20.32.0/20",
        AvailabilityZone=f"{MAIN}b",
        TagSpecifications=labelled("subnet", "shop-second"),
    )
    ids["shop-second"] = made["Subnet"]["SubnetId"]
    ec2.associate_route_table(RouteTableId=ids["shop-private-routes"], SubnetId=ids["shop-second"])


def build_peering(account: Account, ids: dict[str, str], network: str, region: str, span: str) -> None:
    ec2 = account.client("ec2", region)
    other = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
    made = ec2.create_vpc_peering_connection(
        VpcId=ids[network], PeerVpcId=other, TagSpecifications=labelled("vpc-peering-connection", f"{network}-old")
    )["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=made)
    ec2.create_route(
        RouteTableId=ids[f"{network}-private-routes"], DestinationCidrBlock=span, VpcPeeringConnectionId=made
    )


def build_group(account: Account, group: Group, ids: dict[str, str]) -> None:
    ec2 = account.client("ec2", group.region)
    made = ec2.create_security_group(
        GroupName=group.name,
        Description=group.note,
        VpcId=ids[group.network],
        TagSpecifications=labelled("security-group", group.name),
    )
    ids[group.name] = made["GroupId"]
    if group.ways_in:
        ec2.authorize_security_group_ingress(
            GroupId=made["GroupId"], IpPermissions=[way_in(*way) for way in group.ways_in]
        )
    if group.out:
        ec2.revoke_security_group_egress(GroupId=made["GroupId"], IpPermissions=[way_in(EVERY_PORT, WORLD)])
        ec2.authorize_security_group_egress(GroupId=made["GroupId"], IpPermissions=[way_in((443, 443), group.out)])


def way_in(ports: tuple[int, int], source: str) -> dict[str, Any]:
    sources = {"Ipv6Ranges": [{"CidrIpv6": source}]} if ":" in source else {"IpRanges": [{"CidrIp": source}]}
    if ports == EVERY_PORT:
        return {"IpProtocol": "-1", **sources}
    return {"IpProtocol": "tcp", "FromPort": ports[0], "ToPort": ports[1], **sources}


def build_machine(account: Account, machine: Machine, ids: dict[str, str]) -> None:
    account.client("ec2", machine.region).run_instances(
        ImageId="ami-0fe4a4011e9a0b1c2",
        InstanceType="t3.micro",
        MinCount=1,
        MaxCount=1,
        UserData=machine.user_data,
        MetadataOptions={
            "HttpTokens": machine.tokens,
            "HttpEndpoint": "enabled",
            "HttpPutResponseHopLimit": 1 if machine.tokens == "required" else 2,
        },
        NetworkInterfaces=[
            {
                "DeviceIndex": 0,
                "SubnetId": ids[f"{machine.network}-{'public' if machine.public else 'private'}"],
                "Groups": [ids[group] for group in machine.groups],
                "AssociatePublicIpAddress": machine.public,
            }
        ],
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags(machine.name, note=machine.tag)}],
    )


def build_extras(account: Account, ids: dict[str, str]) -> None:
    """The way out of the private subnets, private ways to AWS, and a stricter access list for the database subnets."""
    ec2 = account.client("ec2")
    address = ec2.allocate_address(Domain="vpc", TagSpecifications=labelled("elastic-ip", "nat"))["AllocationId"]
    ec2.allocate_address(Domain="vpc", TagSpecifications=labelled("elastic-ip", "forgotten"))
    nat = ec2.create_nat_gateway(
        SubnetId=ids["shop-public"], AllocationId=address, TagSpecifications=labelled("natgateway", "shop")
    )["NatGateway"]["NatGatewayId"]
    ec2.create_route(RouteTableId=ids["shop-private-routes"], DestinationCidrBlock=WORLD, NatGatewayId=nat)
    for service in ("s3", "dynamodb"):
        ec2.create_vpc_endpoint(
            VpcId=ids["shop"],
            ServiceName=f"com.amazonaws.{MAIN}.{service}",
            VpcEndpointType="Gateway",
            RouteTableIds=[ids["shop-private-routes"]],
            TagSpecifications=labelled("vpc-endpoint", f"shop-{service}"),
            **({"PolicyDocument": policy(OWN_BUCKETS)} if service == "s3" else {}),
        )
    ids["private-api"] = ec2.create_vpc_endpoint(
        VpcId=ids["shop"],
        ServiceName=f"com.amazonaws.{MAIN}.execute-api",
        VpcEndpointType="Interface",
        SubnetIds=[ids["shop-private"]],
        SecurityGroupIds=[ids["functions"]],
        PrivateDnsEnabled=True,
        TagSpecifications=labelled("vpc-endpoint", "shop-api"),
    )["VpcEndpoint"]["VpcEndpointId"]
    ec2.create_managed_prefix_list(
        PrefixListName="offices",
        AddressFamily="IPv4",
        MaxEntries=5,
        Entries=[{"Cidr": OFFICE, "Description": "Head office"}],
        TagSpecifications=labelled("prefix-list", "offices"),
    )
    access_list = ec2.create_network_acl(
        VpcId=ids["shop"], TagSpecifications=labelled("network-acl", "shop-databases")
    )["NetworkAcl"]["NetworkAclId"]
    for number, (verdict, ports) in enumerate((("allow", (5432, 5432)), ("deny", (22, 22))), start=1):
        ec2.create_network_acl_entry(
            NetworkAclId=access_list,
            RuleNumber=number * 100,
            Protocol="6",
            RuleAction=verdict,
            Egress=False,
            CidrBlock=INSIDE,
            PortRange={"From": ports[0], "To": ports[1]},
        )


def name_default_networks(account: Account) -> None:
    """Every account has them; a name makes them easier to speak of. In quiet regions they are watched."""
    for region in (MAIN, EDGE, REPORTS, "eu-south-1"):
        ec2 = account.client("ec2", region)
        default = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
        ec2.create_tags(Resources=[default], Tags=tags(f"default-{region}"))
        if region in (MAIN, "eu-south-1"):
            ec2.create_flow_logs(
                ResourceIds=[default],
                ResourceType="VPC",
                TrafficType="REJECT",
                LogDestinationType="s3",
                LogDestination=f"arn:aws:s3:::{SHOP}-access-logs",
            )


def labelled(kind: str, name: str) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": tags(name, owner=ACCOUNT if kind == "vpc" else "platform")}]
