"""Which endpoint of its network a function's requests to a service leave by, and what that endpoint's policy allows.

A gateway endpoint carries what the subnet's route table sends it, an interface endpoint with private DNS what asks for
the service's own name; either for the service in the endpoint's region.  An endpoint binds whoever comes through it:
the same role's credentials elsewhere are not bound.
Sources: "Gateway endpoints", "Access an AWS service using an interface VPC endpoint", "Control access to VPC endpoints
using endpoint policies" (AWS PrivateLink); "Private DNS" of "AWS PrivateLink for Amazon S3" (S3 User Guide); read
2026-11.
Limits: code that asks an endpoint by a name of its own, or brings its own resolver, is not followed; endpoints for
services in other regions are not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from scanners.access.explorer import Written
from scanners.graph.guardrails import because
from scanners.model import Node, Resource, Unread
from scanners.model.estate import Estate

ENDPOINT, ROUTES = "AWS::EC2::VPCEndpoint", "AWS::EC2::RouteTable"
KINDS = (ENDPOINT, ROUTES)
_DESCRIBED, _ROUTED = "DescribeVpcEndpoints", "DescribeRouteTables"
# The last words of an endpoint's service → the service of actions, where they differ.
_NAMED = {
    "ecr.api": "ecr", "ecr.dkr": "ecr", "email": "ses", "kinesis-firehose": "firehose", "kinesis-streams": "kinesis",
    "monitoring": "cloudwatch", "sync-states": "states",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Passage:
    """One way out: by an endpoint, or (`ref` empty) by none.  `policy` None: the endpoint lets everything through."""

    ref: str = ""
    network: str = ""
    policy: Written | None = None

    @property
    def id(self) -> str:
        return self.ref.rpartition("/")[2]


@dataclass(frozen=True)
class Network:
    """Where a function runs.  `subnets` empty: outside of the account's networks, where no endpoint of it counts."""

    estate: Estate
    region: str
    vpc: str
    subnets: tuple[str, ...]

    @classmethod
    def of(cls, function: Resource, estate: Estate) -> Network:
        """Raises Unread."""
        said = function["ListFunctions"]["VpcConfig"]
        subnets = tuple(one.text() for one in said["SubnetIds"])
        return cls(estate, function.region, str(said["VpcId"].value or ""), subnets)

    def passages(self, service: str, region: str) -> tuple[Passage, ...]:
        """The ways that requests to a service may take, each once; nothing where no endpoint can matter.

        `service` as in actions, `region` of the resource.  Raises Unread where there may be an endpoint that was not
        read.
        """
        if not self.subnets or region != self.region:
            return ()
        return self.estate.derived(("passages", self.vpc, self.subnets, service), lambda: self._passages(service))

    def _passages(self, service: str) -> tuple[Passage, ...]:
        mine = [one for one in self._endpoints if _service(one) == service]
        ways = [self._by(mine, subnet) for subnet in self.subnets]
        found = {passage.ref: passage for passage in map(_passage, ways)}
        return tuple(found.values()) if any(ways) else ()

    @cached_property
    def _endpoints(self) -> list[Node]:
        rows = (one[_DESCRIBED] for one in _seen(self.estate, ENDPOINT, self.region))
        return [one for one in rows if one["VpcId"].value == self.vpc and _open(one)]

    def _by(self, mine: list[Node], subnet: str) -> Node | None:
        """A private name that answers inside the network goes before the routes: it leads to the interface."""
        for one in mine:
            if _kind(one) == "interface" and one["PrivateDnsEnabled"].value is True and not _inbound_only(one):
                return one
        for one in mine:
            if _kind(one) == "gateway" and self._table(subnet) in [table.value for table in one["RouteTableIds"]]:
                return one
        return None

    def _table(self, subnet: str) -> str:
        """The route table of a subnet: its own, else the network's main one."""
        main = ""
        for table in self._tables:
            for link in table["Associations"]:
                if link["SubnetId"].value == subnet:
                    return str(table["RouteTableId"].value)
                if link["Main"].value is True:
                    main = str(table["RouteTableId"].value)
        return main

    @cached_property
    def _tables(self) -> list[Node]:
        rows = (one[_ROUTED] for one in _seen(self.estate, ROUTES, self.region))
        return [one for one in rows if one["VpcId"].value == self.vpc]


def unread(gaps: Unread) -> tuple[str, ...]:
    return tuple(f"whether an endpoint of its network forbids it is not known: {one}" for one in because(gaps))


def _seen(estate: Estate, kind: str, region: str) -> Iterator[Resource]:
    """Those of a region.  Raises Unread if there may be more of them."""
    try:
        yield from (one for one in estate.all(kind) if one.region == region)
    except Unread as gaps:
        if here := [gap for gap in gaps.gaps if gap.region in (region, "global", "")]:
            raise Unread(*here) from None


def _passage(said: Node | None) -> Passage:
    if said is None:
        return Passage()
    name, policy = str(said["VpcEndpointId"].value), said["PolicyDocument"]
    written = Written(f"policy of {name}", policy.value, said.ref, policy.pointer) if policy.value else None
    return Passage(said.ref, str(said["VpcId"].value), written)


def _service(said: Node) -> str:
    """ "com.amazonaws.eu-west-1.s3" is about s3."""
    words = str(said["ServiceName"].value).split(".")
    last = ".".join(words[words.index("amazonaws") + 2 :]) if "amazonaws" in words else ""
    return _NAMED.get(last, last)


def _kind(said: Node) -> str:
    return str(said["VpcEndpointType"].value).lower()


def _open(said: Node) -> bool:
    return str(said["State"].value).lower() in ("available", "partial")


def _inbound_only(said: Node) -> bool:
    """The private name of S3 and DynamoDB answers resolvers outside alone, unless that was switched off."""
    return said["DnsOptions"]["PrivateDnsOnlyForInboundResolverEndpoint"].value is True
