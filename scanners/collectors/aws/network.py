"""Networks: what surrounds machines and functions, and the ways in and out of it.  One listing a kind.

Of prefix lists the entries are read, as a security group may name a list where it could name a range.  Those of AWS's
own lists are not: AWS keeps them.
"""

from __future__ import annotations

from scanners.collectors.aws.ec2 import described
from scanners.collectors.cloud import Call, Detail
from scanners.collectors.parse import with_policy
from scanners.model import Resource

ENTRIES = Call("ec2", "GetManagedPrefixListEntries", items="Entries", params={"MaxResults": 100})


def own_list(prefix_list: Resource) -> dict[str, str] | None:
    listed = prefix_list["DescribeManagedPrefixLists"]
    if listed.need("OwnerId").value == "AWS":
        return None
    return {"PrefixListId": listed.need("PrefixListId").text()}


COLLECTORS = (
    described("VPC", "DescribeVpcs", "Vpcs", "VpcId", "vpc"),
    described("Subnet", "DescribeSubnets", "Subnets", "SubnetId", "subnet", drop=("AvailableIpAddressCount",)),
    described("SecurityGroup", "DescribeSecurityGroups", "SecurityGroups", "GroupId", "security-group"),
    described(
        "NetworkInterface",
        "DescribeNetworkInterfaces",
        "NetworkInterfaces",
        "NetworkInterfaceId",
        "network-interface",
        drop=("ConnectionTrackingConfiguration", "MacAddress", "PrivateDnsName", "PublicIpDnsNameOptions"),
    ),
    described("NetworkAcl", "DescribeNetworkAcls", "NetworkAcls", "NetworkAclId", "network-acl"),
    described("RouteTable", "DescribeRouteTables", "RouteTables", "RouteTableId", "route-table", page=100),
    described(
        "InternetGateway", "DescribeInternetGateways", "InternetGateways", "InternetGatewayId", "internet-gateway"
    ),
    described(
        "VPCPeeringConnection",
        "DescribeVpcPeeringConnections",
        "VpcPeeringConnections",
        "VpcPeeringConnectionId",
        "vpc-peering-connection",
        drop=("ExpirationTime",),
    ),
    described("NatGateway", "DescribeNatGateways", "NatGateways", "NatGatewayId", "natgateway"),
    described(
        "VPCEndpoint",
        "DescribeVpcEndpoints",
        "VpcEndpoints",
        "VpcEndpointId",
        "vpc-endpoint",
        shape=with_policy("PolicyDocument"),
    ),
    described("EIP", "DescribeAddresses", "Addresses", "AllocationId", "elastic-ip", page=0),
    described(
        "FlowLog", "DescribeFlowLogs", "FlowLogs", "FlowLogId", "vpc-flow-log", drop=("DeliverLogsErrorMessage",)
    ),
    described(
        "PrefixList",
        "DescribeManagedPrefixLists",
        "PrefixLists",
        "PrefixListId",
        "prefix-list",
        page=100,
        details=(Detail(ENTRIES, bind=own_list),),
    ),
)
