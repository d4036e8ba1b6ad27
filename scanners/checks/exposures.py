"""What the internet reaches along the whole road: public address, route, access list, security group.

Limits: peered networks, transit gateways and firewalls on the way are not followed; an access list that allows parts of
the internet one by one is taken to keep it out; answers are taken to leave by port 50000.
Sources: "Working with a DB instance in a VPC" (Amazon RDS User Guide), "Network ACLs", "Route tables" (Amazon VPC User
Guide), read 2026-11: rules of an access list are tried in the order of their numbers, and the first that fits decides.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.catalog.ports import Port
from scanners.checks.databases import INSTANCE
from scanners.checks.registry import Fix, check
from scanners.checks.ways_in import nearby, ways_in
from scanners.model import Node, Resource, Severity, Unread, Verdict, failed, passed
from scanners.model.estate import Estate
from scanners.model.ranges import is_internet

GROUP, ROUTES, LISTS = "AWS::EC2::SecurityGroup", "AWS::EC2::RouteTable", "AWS::EC2::NetworkAcl"
ANSWERS = 50_000  # a port that clients are answered on
Road = tuple[str, list[Node]]  # what keeps the internet out, or "" ; where it says so


@check(
    "aws.rds.public",
    on=INSTANCE,
    severity=Severity.CRITICAL,
    title="Database reachable from the internet",
    reads=("DescribeDBInstances",),  # the road only weighs an opening, and no pass needs it
    fix=Fix(
        console="RDS > the database > Modify > Connectivity > Public access: not publicly accessible; functions reach"
        " it from subnets of its network.",
        cli="aws rds modify-db-instance --db-instance-identifier NAME --no-publicly-accessible --apply-immediately",
        terraform='resource "aws_db_instance" "this" { publicly_accessible = false }',
    ),
)
def public(instance: Resource, estate: Estate) -> Iterator[Verdict]:
    """A database that answers the internet is one guessed password, or one flaw, away from being copied.  Lighter where
    it has a public address, and something on the way still keeps strangers out.
    """
    said = instance["DescribeDBInstances"]
    flag = said.need("PubliclyAccessible")
    if flag.value is not True:
        yield passed("The database has no public address", flag)
        return
    try:
        blocked, proof = _road(instance, said, estate)
    except Unread:
        words = "The database has a public address, and whether something keeps the internet out was not read"
        yield failed(words, flag, severity=Severity.MEDIUM)
        return
    if blocked:
        yield failed(f"The database has a public address, and only {blocked}", flag, *proof, severity=Severity.MEDIUM)
    else:
        yield failed("The internet reaches the database: address, route, access list and group are open", flag, *proof)


def _road(instance: Resource, said: Node, estate: Estate) -> Road:
    port = said["Endpoint"]["Port"]
    number = port.value if isinstance(port.value, int) else said["DbInstancePort"].value or 0
    opening = _opening(instance, said, int(number), estate)
    if not opening:
        return "its security groups keep the internet out", list(said["VpcSecurityGroups"])
    blocked = "no route from the internet leads to it"
    for subnet in said["DBSubnetGroup"]["Subnets"]:
        name, network = subnet.need("SubnetIdentifier").text(), said["DBSubnetGroup"]["VpcId"]
        route = _route(instance, name, str(network.value), estate)
        if route is None:
            continue
        entries = _entries(instance, name, estate)
        ways = [_first(entries, int(number), egress=False), _first(entries, ANSWERS, egress=True)]
        if all(way is not None and way["RuleAction"].value == "allow" for way in ways):
            return "", [*opening, route, *(way for way in ways if way)]
        blocked = "the access list of its subnets keeps the internet out"
    return blocked, [said["DBSubnetGroup"]]


def _opening(instance: Resource, said: Node, number: int, estate: Estate) -> list[Node]:
    """The rules of its groups by which the internet comes in on its port."""
    mine = {one.need("VpcSecurityGroupId").value for one in said["VpcSecurityGroups"]}
    found: list[Node] = []
    for group in nearby(instance, GROUP, estate):
        if group["DescribeSecurityGroups"].need("GroupId").value in mine:
            ways = [way for way in ways_in(group, estate) if way.reaches(Port(number, "the database"))]
            found += [node for way in ways if way.source for node in (way.source, way.rule)]
    return found


def _route(instance: Resource, subnet: str, network: str, estate: Estate) -> Node | None:
    """The route of a subnet to an internet gateway; a subnet without a table of its own has the network's main one."""
    tables = [table["DescribeRouteTables"] for table in nearby(instance, ROUTES, estate)]
    own = [one for one in tables if any(link["SubnetId"].value == subnet for link in one["Associations"])]
    main = [
        one
        for one in tables
        if one["VpcId"].value == network and any(link["Main"].value is True for link in one["Associations"])
    ]
    for table in own or main:
        for route in table["Routes"]:
            ranges = [one for one in (route["DestinationCidrBlock"], route["DestinationIpv6CidrBlock"]) if one.value]
            leads_out = str(route["GatewayId"].value).startswith("igw-") and route["State"].value != "blackhole"
            if leads_out and any(is_internet(one) for one in ranges):
                return route
    return None


def _entries(instance: Resource, subnet: str, estate: Estate) -> list[Node]:
    for one in nearby(instance, LISTS, estate):
        said = one["DescribeNetworkAcls"]
        if any(link["SubnetId"].value == subnet for link in said["Associations"]):
            return sorted(said["Entries"], key=lambda entry: int(entry.need("RuleNumber").value))
    return []


def _first(entries: list[Node], port: int, *, egress: bool) -> Node | None:
    """The rule that decides on the internet's traffic to or from a port."""
    for entry in entries:
        if entry["Egress"].value is not egress or str(entry.need("Protocol").value) not in ("-1", "6"):
            continue
        span = entry["PortRange"]
        within = str(entry["Protocol"].value) == "-1" or (
            span.present and int(span.need("From").value) <= port <= int(span.need("To").value)
        )
        source = entry["CidrBlock"] if entry["CidrBlock"].value else entry["Ipv6CidrBlock"]
        if within and source.value and is_internet(source):
            return entry
    return None
