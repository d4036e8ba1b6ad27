"""Networks: what the internet may reach, and whether traffic is recorded.

Limits: a security group is judged by itself; routes and access lists that may still stop the traffic are the exposure
graph's.  AWS's own prefix lists are taken for what they say they are, parts of AWS and not the internet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scanners.catalog.ports import ADMINISTRATION, STORES, Port
from scanners.checks.registry import Fix, check
from scanners.checks.ways_in import PREFIX_LIST, Use, nearby, proofs, sources, use_of, ways_in
from scanners.model import Gap, Node, Resource, Severity, Unread, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

GROUP, SUBNET = "AWS::EC2::SecurityGroup", "AWS::EC2::Subnet"
JOINS = (  # network interfaces only weigh an opening (see `use_of`), and no verdict needs them
    (PREFIX_LIST, "DescribeManagedPrefixLists"),
    (PREFIX_LIST, "GetManagedPrefixListEntries"),
)
CLOSE = Fix(
    console="EC2 > Security groups > the group > Edit inbound rules: allow only your own networks, or remove the rule "
    "and use Session Manager.",
    cli="aws ec2 revoke-security-group-ingress --group-id ID --protocol tcp --port PORT --cidr 0.0.0.0/0",
    terraform='resource "aws_vpc_security_group_ingress_rule" "this" { cidr_ipv4 = "198.51.100.0/24" }',
)


@check(
    "aws.ec2.sg_open_admin",
    on=GROUP,
    severity=Severity.HIGH,
    title="Administration ports open to the internet",
    reads=("DescribeSecurityGroups",),
    joins=JOINS,
    fix=CLOSE,
)
def open_administration(group: Resource, estate: Estate) -> Iterator[Verdict]:
    """Scanners find such a port within minutes and try stolen passwords and fresh exploits on it.  Graver where a
    public address stands behind the group, lighter where nothing uses it.
    """
    return open_ports(ADMINISTRATION, group, estate)


@check(
    "aws.ec2.sg_open_data",
    on=GROUP,
    severity=Severity.HIGH,
    title="Data store ports open to the internet",
    reads=("DescribeSecurityGroups",),
    joins=JOINS,
    fix=CLOSE,
)
def open_stores(group: Resource, estate: Estate) -> Iterator[Verdict]:
    """A database, cache or search engine that answers the internet is one weak password away from being copied; many
    ask for none.  Graver where a public address stands behind the group, lighter where nothing uses it.
    """
    return open_ports(STORES, group, estate)


@check(
    "aws.ec2.sg_open_all",
    on=GROUP,
    severity=Severity.CRITICAL,
    title="All ports open to the internet",
    reads=("DescribeSecurityGroups",),
    joins=JOINS,
    fix=CLOSE,
)
def open_entirely(group: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whatever is ever started behind the group is on the internet at once, whether anyone meant it or not."""
    ways = [way for way in ways_in(group, estate) if way.everything]
    if found := [way for way in ways if way.source]:
        use = use_of(group, estate)
        which = (
            "Every port" if any(way.protocol == "-1" for way in found) else f"Every {found[0].protocol.upper()} port"
        )
        yield failed(
            f"{which} is open to {sources(found)}{use.words}",
            *proofs(found, use),
            severity=use.weigh(Severity.CRITICAL),
        )
    elif ways:
        raise Unread(*(gap for way in ways for gap in way.gaps))
    else:
        yield passed("No rule opens every port to the internet", group["DescribeSecurityGroups"]["IpPermissions"])


@check(
    "aws.vpc.flow_logs",
    on="AWS::EC2::VPC",
    severity=Severity.MEDIUM,
    title="Network without flow logs",
    reads=("DescribeVpcs",),
    joins=(("AWS::EC2::FlowLog", "DescribeFlowLogs"), (SUBNET, "DescribeSubnets")),
    fix=Fix(
        console="VPC > Your VPCs > the VPC > Flow logs > Create flow log: all traffic, or at least what is rejected.",
        cli="aws ec2 create-flow-logs --resource-type VPC --resource-ids ID --traffic-type ALL "
        "--log-destination-type s3 --log-destination arn:aws:s3:::BUCKET",
        terraform='resource "aws_flow_log" "this" { vpc_id = aws_vpc.this.id, traffic_type = "ALL" }',
    ),
)
def flow_logs(network: Resource, estate: Estate) -> Iterator[Verdict]:
    """Without them nobody can say afterwards what an intruder reached, or what was carried out.  A log of accepted
    traffic alone is not enough: it hides the attempts.  Logs of subnets are enough where each subnet has one.
    """
    listed = network["DescribeVpcs"]
    me, owner = listed.need("VpcId"), listed["OwnerId"]
    if owner.present and owner.value != estate.account:
        yield not_applicable("The network belongs to another account, which alone sees its flow logs", owner)
        return
    whole, short = dict[str, Node](), list[tuple[str, Node]]()
    for log in nearby(network, "AWS::EC2::FlowLog", estate):
        told = log["DescribeFlowLogs"]
        of, (why, where) = told.need("ResourceId").text(), _lack_of(told)
        if not why:
            whole[of] = where
        elif of == me.value:
            short.append((why, where))
    if proof := whole.get(me.text()):
        yield passed(f"A flow log records the network's traffic ({proof.text()})", proof)
        return
    near = (subnet["DescribeSubnets"] for subnet in nearby(network, SUBNET, estate))
    parts = [subnet.need("SubnetId").text() for subnet in near if subnet.need("VpcId").value == me.value]
    if parts and all(part in whole for part in parts):
        yield passed("Flow logs record the traffic of every subnet", *(whole[part] for part in parts))
    elif short:
        yield failed(f"The network's flow log {min(why for why, _ in short)}", *(node for _, node in short))
    else:
        yield failed("No flow log records the network's traffic", me)


def _lack_of(told: Node) -> tuple[str, Node]:
    """(what keeps a flow log from being a record, where it says so); of a complete one, "" and what it records."""
    traffic = told.need("TrafficType")
    if told.need("FlowLogStatus").value != "ACTIVE":
        return "is not active", told["FlowLogStatus"]
    if told["DeliverLogsStatus"].value == "FAILED":
        return "cannot be delivered", told["DeliverLogsStatus"]
    return ("holds accepted traffic only" if traffic.value == "ACCEPT" else ""), traffic


def open_ports(ports: Iterable[Port], group: Resource, estate: Estate) -> Iterator[Verdict]:
    """A verdict for each port; which of them are open is told even where a prefix list hides the rest."""
    ways, hidden, closed = list(ways_in(group, estate)), list[Gap](), list[Verdict]()
    rules = group["DescribeSecurityGroups"]["IpPermissions"]
    use = use_of(group, estate) if any(way.source for way in ways) else Use()
    for port in ports:
        reaching = [way for way in ways if way.reaches(port)]
        name, subject = f"{port.service} (port {port.number})", str(port.number)
        if found := [way for way in reaching if way.source]:
            words, severity = f"{name} is open to {sources(found)}{use.words}", use.weigh(Severity.HIGH)
            if severity is Severity.CRITICAL and all(way.everything for way in found):
                severity = None  # that every port is open is said, and weighed, by sg_open_all
            yield failed(words, *proofs(found, use), subject=subject, severity=severity)
        elif reaching:
            hidden.extend(gap for way in reaching for gap in way.gaps)
        else:
            closed.append(passed(f"{name} is closed to the internet", rules, subject=subject))
    if hidden:
        raise Unread(*hidden)
    yield from closed
