"""Networks with all that belongs to one, security groups, machines and load balancers."""

from __future__ import annotations

from typing import Any

from posture.management.benchmarks.scan.build.site import Site
from posture.management.benchmarks.scan.design import Item
from posture.runtime.sample.shop.account import tags
from posture.runtime.sample.shop.network import OLD_USER_DATA, QUIET_USER_DATA, WORLD

VPC, GROUP = "AWS::EC2::VPC", "AWS::EC2::SecurityGroup"
WAYS_IN = {  # flaw: protocol, first port, last port, source
    "": ("tcp", 443, 443, "10.0.0.0/8"),
    "SSH open to the internet": ("tcp", 22, 22, WORLD),
    "database port open to the internet": ("tcp", 5432, 5432, WORLD),
    "every port open to the internet": ("-1", -1, -1, WORLD),
}
TLS = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
FORWARD, REDIRECT = "forward", {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}


def named(kind: str, item: Item) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": tags(item.name)}]


def network(site: Site, item: Item) -> str:
    """Two subnets with their routes, a way out and in, an access list, an endpoint and, unless flawed, flow logs."""
    ec2, block = site.client("ec2", item), f"10.{item.number % 250}.0.0/16"
    vpc: str = ec2.create_vpc(CidrBlock=block, TagSpecifications=named("vpc", item))["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.{item.number % 250}.{part}.0/24", AvailabilityZone=item.region + zone
        )
        for part, zone in enumerate("ab")
    ]
    gate = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gate, VpcId=vpc)
    routes = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=routes, DestinationCidrBlock=WORLD, GatewayId=gate)
    ec2.associate_route_table(RouteTableId=routes, SubnetId=subnets[0]["Subnet"]["SubnetId"])
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ec2.create_nat_gateway(SubnetId=subnets[0]["Subnet"]["SubnetId"], AllocationId=address)
    ec2.create_network_acl(VpcId=vpc)
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{item.region}.s3", RouteTableIds=[routes])
    ec2.create_managed_prefix_list(
        PrefixListName=item.name, AddressFamily="IPv4", MaxEntries=2, Entries=[{"Cidr": "203.0.113.0/24"}]
    )
    if not item.flaw:
        to = {"LogDestinationType": "s3", "LogDestination": f"arn:aws:s3:::{site.one('AWS::S3::Bucket', item)}"}
        ec2.create_flow_logs(ResourceIds=[vpc], ResourceType="VPC", TrafficType="ALL", **to)
    return ",".join([vpc, *(made["Subnet"]["SubnetId"] for made in subnets)])


def group(site: Site, item: Item) -> str:
    """Its id, and that of its network."""
    ec2 = site.client("ec2", item)
    vpc = (site.some(VPC, item) or default_network(site, item)).split(",")[0]
    made: str = ec2.create_security_group(
        GroupName=item.name, Description="bench", TagSpecifications=named("security-group", item), VpcId=vpc
    )["GroupId"]
    protocol, first, last, source = WAYS_IN[item.flaw]
    ports = {} if protocol == "-1" else {"FromPort": first, "ToPort": last}
    way_in = {"IpProtocol": protocol, "IpRanges": [{"CidrIp": source}], **ports}
    ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[way_in])
    return f"{made},{vpc}"


def machine(site: Site, item: Item) -> str:
    vpc, subnet, *_ = (site.some(VPC, item) or default_network(site, item)).split(",")
    behind = site.some(GROUP, item, within=vpc)
    where = {"SubnetId": subnet} | ({"SecurityGroupIds": [behind.split(",")[0]]} if behind else {})
    made = site.client("ec2", item).run_instances(
        ImageId="ami-0abcdef1234567890",
        MinCount=1,
        MaxCount=1,
        InstanceType="t3.micro",
        UserData=OLD_USER_DATA if item.flaw == "secret in user data" else QUIET_USER_DATA,
        MetadataOptions={"HttpTokens": "optional" if item.flaw == "machine with metadata v1" else "required"},
        TagSpecifications=named("instance", item),
        **where,
    )
    return str(made["Instances"][0]["InstanceId"])


def balancer(site: Site, item: Item) -> str:
    elb, place = site.client("elbv2", item), site.some(VPC, item)
    if place is None:  # a region too small for a network of its own has none
        place = default_network(site, item)
    vpc, *subnets = place.split(",")
    made = elb.create_load_balancer(Name=item.name, Scheme="internal", Type="application", Subnets=subnets[:2])
    own: str = made["LoadBalancers"][0]["LoadBalancerArn"]
    group = elb.create_target_group(Name=item.name, Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip")
    to = group["TargetGroups"][0]["TargetGroupArn"]
    forward = [{"Type": FORWARD, "TargetGroupArn": to}]
    first = forward if item.flaw else [{"Type": "redirect", "RedirectConfig": REDIRECT}]
    elb.create_listener(LoadBalancerArn=own, Protocol="HTTP", Port=80, DefaultActions=first)
    certificate = [{"CertificateArn": site.some("AWS::CertificateManager::Certificate", item) or certified(site, item)}]
    elb.create_listener(
        LoadBalancerArn=own, Protocol="HTTPS", Port=443, DefaultActions=forward, SslPolicy=TLS, Certificates=certificate
    )
    return own


def certified(site: Site, item: Item) -> str:
    made = site.client("acm", item).request_certificate(DomainName=f"{item.name}.example.test")
    return str(made["CertificateArn"])


def default_network(site: Site, item: Item) -> str:
    ec2 = site.client("ec2", item)
    vpc = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    return ",".join([vpc, *(subnet["SubnetId"] for subnet in subnets)])


BUILDERS = {
    VPC: network,
    GROUP: group,
    "AWS::EC2::Instance": machine,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": balancer,
}
