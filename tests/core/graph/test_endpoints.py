"""What a function may do from inside its network: its endpoints bind it there, and the same role elsewhere not."""

from __future__ import annotations

import pytest

from scanners.access.explorer import Answer
from scanners.graph.endpoints import Network
from scanners.graph.reach import reach_of
from scanners.graph.standing import view
from tests.core.cases import resource
from tests.core.graph.corpus import ACCOUNT, allow, policy
from tests.core.graph.test_functions import QUEUE, ROLE, estate, function, holds, lets, queue
from tests.core.graph.test_given import PHOTOS

IN_NETWORK = {"VpcId": "vpc-1", "SubnetIds": ["subnet-a", "subnet-b"]}
OPEN, SHUT = policy(lets("*", "*", "*")), policy(lets("*", "s3:*", "arn:aws:s3:::other/*"))
READ = ("photos", "read")


def placed(**network):
    found = function()
    found.documents["ListFunctions"]["VpcConfig"] = IN_NETWORK | network
    return found


def endpoint(name="vpce-1", service="s3", document=OPEN, **said):
    shown = {"VpcEndpointId": name, "VpcId": "vpc-1", "ServiceName": f"com.amazonaws.eu-west-1.{service}",
             "VpcEndpointType": "Gateway", "State": "available", "RouteTableIds": ["rtb-1"],
             "PolicyDocument": document}  # fmt: skip
    ref = f"arn:aws:ec2:eu-west-1:{ACCOUNT}:vpc-endpoint/{name}"
    return resource("AWS::EC2::VPCEndpoint", ref, DescribeVpcEndpoints=shown | said)


def routes(name="rtb-1", *subnets, main=False):
    links = [{"SubnetId": one} for one in subnets] + ([{"Main": True}] if main else [])
    shown = {"RouteTableId": name, "VpcId": "vpc-1", "Associations": links}
    return resource(
        "AWS::EC2::RouteTable", f"arn:aws:ec2:eu-west-1:{ACCOUNT}:route-table/{name}", DescribeRouteTables=shown
    )


def bucket(*statements):
    written = {"Policy": policy(*statements)} if statements else None
    return resource("AWS::S3::Bucket", PHOTOS, GetBucketPolicy=written, GetPublicAccessBlock=None)


READS = holds(allow("s3:GetObject"))
BOTH = routes("rtb-1", "subnet-a", "subnet-b")
INSIDE = {"Condition": {"StringEquals": {"aws:SourceVpce": "vpce-1"}}}
OUTSIDE = {"Condition": {"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}}
NOT = "not from the function, through vpce-1"
SAID = [  # what stands there, the answer elsewhere, what is different from the function
    ((READS, bucket(), BOTH, endpoint()), Answer.ALLOWED, ""),
    ((READS, bucket(), BOTH, endpoint(document=SHUT)), Answer.ALLOWED, NOT),
    ((READS, bucket(), BOTH, endpoint(document=None)), Answer.ALLOWED, ""),
    ((READS, bucket(), routes(main=True), endpoint(document=SHUT)), Answer.ALLOWED, NOT),
    ((READS, bucket(), routes("rtb-2", "subnet-a", "subnet-b"), endpoint(document=SHUT)), Answer.ALLOWED, ""),
    ((READS, bucket(), routes("rtb-1", "subnet-a"), endpoint(document=SHUT)), Answer.ALLOWED,
     "from the function by the way that its subnet leads"),
    ((READS, bucket(), BOTH, endpoint(document=SHUT, State="deleted")), Answer.ALLOWED, ""),
    ((READS, bucket(), BOTH, endpoint(document=SHUT, VpcId="vpc-2")), Answer.ALLOWED, ""),
    ((READS, bucket(), BOTH, endpoint(document=SHUT, service="dynamodb")), Answer.ALLOWED, ""),
    ((READS, bucket({**lets("*", "s3:*", f"{PHOTOS}/*", "Deny"), **OUTSIDE}), BOTH, endpoint()), Answer.IF,
     "from the function, through vpce-1"),
    ((holds(), bucket({**lets({"AWS": ROLE}, "s3:GetObject", f"{PHOTOS}/*"), **INSIDE}), BOTH, endpoint()), Answer.IF,
     "from the function, through vpce-1"),
]  # fmt: skip


def touched(shown, *around, unread=()):
    asked = view(estate(shown, *around, unread=unread))
    found = reach_of(asked, asked.standings[ROLE], runs=Network.of(shown, asked.estate))
    return {(one.name, touch.verb): touch for one in found.things for touch in one.touches}, found


@pytest.mark.parametrize(("around", "elsewhere", "words"), SAID)
def test_an_endpoint_binds_what_comes_through_it(around, elsewhere, words):
    found, _ = touched(placed(), *around)

    one = found[READ if ("photos", "read") in found else next(iter(found))]
    assert one.answer is elsewhere
    assert (one.here.words if one.here else "") == words


INTERFACE = {"VpcEndpointType": "Interface", "RouteTableIds": [], "PrivateDnsEnabled": True}
NAMES = [
    (INTERFACE, True),
    ({**INTERFACE, "PrivateDnsEnabled": False}, False),
    ({**INTERFACE, "DnsOptions": {"PrivateDnsOnlyForInboundResolverEndpoint": True}}, False),
]


@pytest.mark.parametrize(("said", "bound"), NAMES)
def test_an_interface_binds_by_the_private_name_of_its_service(said, bound):
    shut = endpoint(service="sqs", document=SHUT, **said)

    found, _ = touched(placed(), holds(allow("sqs:SendMessage", QUEUE)), queue(), shut)

    assert (found["orders", "write"].here is not None) is bound


def test_a_function_outside_of_networks_is_bound_by_none():
    found, _ = touched(function(), READS, bucket(), BOTH, endpoint(document=SHUT))

    assert found[READ].here is None


def test_endpoints_that_were_not_read_leave_open_what_the_function_may_do():
    found, all_ = touched(placed(), READS, bucket(), unread=("AWS::EC2::VPCEndpoint",))

    assert (found[READ].answer, found[READ].here.answer) == (Answer.ALLOWED, Answer.UNKNOWN)
    (doubt,) = all_.doubts
    assert doubt.startswith("whether an endpoint of its network forbids it is not known: service.ListVPCEndpoint")


def test_an_endpoint_of_odd_shape_leaves_it_open():
    odd = endpoint(ServiceName=["x"], RouteTableIds="rtb-1", PolicyDocument="{", PrivateDnsEnabled="yes")

    found, _ = touched(placed(), READS, bucket(), BOTH, odd)

    assert found[READ].here is None
