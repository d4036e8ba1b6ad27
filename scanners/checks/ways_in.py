"""How a security group lets in the internet, and what stands behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scanners.catalog.ports import Port
from scanners.checks.facets import Ports
from scanners.model import Gap, Node, Resource, Severity, State, Unread
from scanners.model.estate import Estate
from scanners.model.ranges import is_internet

INTERFACE, PREFIX_LIST = "AWS::EC2::NetworkInterface", "AWS::EC2::PrefixList"
NUMBERS = {"6": "tcp", "17": "udp"}


@dataclass(frozen=True, slots=True)
class Way:
    """A rule, and the place that names the internet as its source; without one, the gaps that hide whether it does."""

    rule: Node
    source: Node | None = None
    gaps: tuple[Gap, ...] = ()

    @property
    def protocol(self) -> str:
        name = self.rule.need("IpProtocol").text()
        return NUMBERS.get(name, name)

    @property
    def span(self) -> tuple[int, int]:
        return int(self.rule.need("FromPort").value), int(self.rule.need("ToPort").value)

    @property
    def ports(self) -> Ports:
        if self.protocol in ("tcp", "udp"):
            return Ports(self.protocol, *self.span)
        return Ports("all" if self.protocol == "-1" else self.protocol)

    @property
    def everything(self) -> bool:
        return self.ports.everything

    def reaches(self, port: Port) -> bool:
        return self.ports.reach(port)


def ways_in(group: Resource, estate: Estate) -> Iterator[Way]:
    """Every rule and source by which the internet comes in, or by which it may."""
    for rule in group["DescribeSecurityGroups"].need("IpPermissions"):
        yield from (Way(rule, one["CidrIp"]) for one in rule["IpRanges"] if is_internet(one.need("CidrIp")))
        yield from (Way(rule, one["CidrIpv6"]) for one in rule["Ipv6Ranges"] if is_internet(one.need("CidrIpv6")))
        for named in rule["PrefixListIds"]:
            try:
                entries = entries_of(group, named.need("PrefixListId"), estate)
                yield from (Way(rule, entry["Cidr"]) for entry in entries if is_internet(entry.need("Cidr")))
            except Unread as unread:
                yield Way(rule, gaps=unread.gaps)


def entries_of(group: Resource, name: Node, estate: Estate) -> Iterable[Node]:
    """The ranges of a prefix list.  Raises Unread, also for a list that its owner has stopped showing us."""
    for listed in nearby(group, PREFIX_LIST, estate):
        told = listed["DescribeManagedPrefixLists"]
        if told.need("PrefixListId").value == name.value:
            return () if told.need("OwnerId").value == "AWS" else listed["GetManagedPrefixListEntries"]
    call = "ec2.GetManagedPrefixListEntries"
    raise Unread(Gap(call, "ec2:GetManagedPrefixListEntries", State.SKIPPED, "ListNotVisible", group.region))


def sources(ways: Iterable[Way]) -> str:
    return " and ".join(sorted({str(way.source.value) for way in ways if way.source}))


@dataclass(frozen=True, slots=True)
class Use:
    """What uses a group: the words on it, how many steps graver or lighter it makes an opening, and the proof."""

    words: str = ""
    steps: int = 0
    because: tuple[Node, ...] = ()

    def weigh(self, severity: Severity) -> Severity | None:
        return Severity(min(severity + self.steps, Severity.CRITICAL)) if self.steps else None


def use_of(group: Resource, estate: Estate) -> Use:
    """Where the interfaces were not all read and none of those read uses the group, the check's own severity stands."""
    me, found = group["DescribeSecurityGroups"].need("GroupId").value, Use(", and nothing uses the group", -2)
    try:
        for interface in nearby(group, INTERFACE, estate):
            told = interface["DescribeNetworkInterfaces"]
            mine = [one["GroupId"] for one in told["Groups"] if one["GroupId"].value == me]
            address = told["Association"]["PublicIp"]
            if mine and (address.present or told["Ipv6Addresses"].value):
                where = address if address.present else told["Ipv6Addresses"]
                return Use(", with a public address behind it", 1, (mine[0], where))
            if mine:
                found = Use("", 0, (mine[0],))
    except Unread:
        return Use("", 0, found.because)
    return found


def proofs(ways: Iterable[Way], use: Use) -> list[Node]:
    return [node for way in ways for node in (way.source, way.rule) if node] + list(use.because)


def nearby(me: Resource, kind: str, estate: Estate) -> Iterator[Resource]:
    """The resources of a kind in the same region, by id; raises Unread after them if not all of them were read."""
    here, gaps = list[Resource](), list[Gap]()
    try:
        here.extend(other for other in estate.all(kind) if other.region == me.region)
    except Unread as unread:
        gaps.extend(gap for gap in unread.gaps if gap.region == me.region)
    yield from sorted(here, key=lambda other: other.ref)
    if gaps:
        raise Unread(*gaps)
