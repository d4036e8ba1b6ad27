"""Networks: default security groups, private ways to AWS, and what may pass through them.

Limits: which services a function really needs is not weighed; one endpoint of those listed shows that somebody thought
of private ways.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.aws.statements import Statement, affirmed, statements
from scanners.checks.callers import FUNCTION
from scanners.checks.registry import Fix, check
from scanners.checks.ways_in import nearby
from scanners.model import Node, Resource, Severity, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

GROUP, NETWORK, ENDPOINT = "AWS::EC2::SecurityGroup", "AWS::EC2::VPC", "AWS::EC2::VPCEndpoint"
USUAL = {"dynamodb", "kms", "s3", "secretsmanager", "sns", "sqs", "ssm", "sts"}
FAMILY = {
    "aws:principalaccount", "aws:principalorgid", "aws:principalorgpaths", "aws:resourceaccount", "aws:resourceorgid",
    "aws:resourceorgpaths", "aws:principalarn", "s3:resourceaccount", "s3:dataaccesspointaccount",
}  # fmt: skip
NAMED = {"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"}


@check(
    "aws.ec2.default_sg",
    on=GROUP,
    severity=Severity.LOW,
    title="Default security group in use",
    reads=("DescribeSecurityGroups",),
    fix=Fix(
        console="VPC > Security groups > default > delete every inbound and outbound rule, after moving what uses it to"
        " groups of its own.",
        cli="aws ec2 revoke-security-group-ingress --group-id ID --security-group-rule-ids RULE; aws ec2"
        " revoke-security-group-egress --group-id ID --security-group-rule-ids RULE",
        terraform='resource "aws_default_security_group" "this" { vpc_id = aws_vpc.this.id }',
    ),
)
def default_sg(group: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whatever is started without a thought lands in this group, and may talk to all else that was."""
    said = group["DescribeSecurityGroups"]
    name, ways_in, ways_out = said.need("GroupName"), said["IpPermissions"], said["IpPermissionsEgress"]
    if name.value != "default":
        yield not_applicable("It is not the default group of a network", name)
    elif ways_in.value or ways_out.value:
        which = [words for words, rules in (("in", ways_in), ("out", ways_out)) if rules.value]
        yield failed(f"The network's default group has rules for ways {' and '.join(which)}", ways_in, ways_out)
    else:
        yield passed("The network's default group lets nothing pass", ways_in, ways_out)


@check(
    "aws.vpc.no_endpoints",
    on=NETWORK,
    severity=Severity.LOW,
    title="Private functions reach AWS over the internet",
    reads=("DescribeVpcs",),
    joins=((FUNCTION, "ListFunctions"), (ENDPOINT, "DescribeVpcEndpoints")),
    fix=Fix(
        console="VPC > Endpoints > Create: gateway endpoints for S3 and DynamoDB (no charge), interface endpoints for"
        " the other services that the functions call.",
        cli="aws ec2 create-vpc-endpoint --vpc-id ID --service-name com.amazonaws.REGION.s3 --route-table-ids ID",
        terraform='resource "aws_vpc_endpoint" "s3" { vpc_id = aws_vpc.this.id  service_name ='
        ' "com.amazonaws.eu-west-1.s3" }',
    ),
)
def no_endpoints(network: Resource, estate: Estate) -> Iterator[Verdict]:
    """Their only way to AWS is a way to the whole internet, and no policy can say to which accounts data may go."""
    number = network["DescribeVpcs"].need("VpcId")
    inside = [
        function["ListFunctions"]["VpcConfig"]["VpcId"]
        for function in nearby(network, FUNCTION, estate)
        if function["ListFunctions"]["VpcConfig"]["VpcId"].value == number.value
    ]
    if not inside:
        yield not_applicable("No function runs in the network", number)
        return
    ways = [
        said["ServiceName"]
        for said in (endpoint["DescribeVpcEndpoints"] for endpoint in nearby(network, ENDPOINT, estate))
        if said.need("VpcId").value == number.value
        and said.need("ServiceName").text().rpartition(".")[2] in USUAL
        and str(said["State"].value).lower() == "available"
    ]
    if ways:
        yield passed("The network has private ways to AWS", *ways)
    else:
        yield failed("Functions run in the network, and it has no private way to AWS", number, *inside)


@check(
    "aws.vpc.endpoint_policy_open",
    on=ENDPOINT,
    severity=Severity.MEDIUM,
    title="Endpoint allows any account",
    reads=("DescribeVpcEndpoints",),
    fix=Fix(
        console="VPC > Endpoints > the endpoint > Policy > Edit: allow only where aws:PrincipalOrgID and"
        " aws:ResourceOrgID are yours.",
        cli="aws ec2 modify-vpc-endpoint --vpc-endpoint-id ID --policy-document file://policy.json",
        terraform='condition { test = "StringEquals"  variable = "aws:ResourceOrgID"  values = ["o-example"] }',
    ),
)
def endpoint_policy_open(endpoint: Resource, estate: Estate) -> Iterator[Verdict]:
    """Code that was taken over can carry data to buckets and queues of a stranger's account."""
    said = endpoint["DescribeVpcEndpoints"]
    kind, policy = said.need("VpcEndpointType"), said["PolicyDocument"]
    if not policy.value:
        yield not_applicable("The endpoint has no policy", kind, policy)
        return
    fenced = next((one.node for one in statements(policy) if one.against_strangers() and _keeps_out(one)), None)
    for statement in statements(policy):
        if fenced is None and _of_everything(statement):
            yield failed("The policy lets everyone do everything with every account's things", statement.node, kind)
    yield passed("The policy says who may do what with whose things", fenced or policy)


def _of_everything(statement: Statement) -> bool:
    everyone = statement.allows and statement.anyone() is not None
    anything = any(one.value == "*" for one in statement.node["Resource"]) or statement.node["NotResource"].present
    named = any(key in FAMILY and operator in NAMED for operator, key, _ in _plain(statement))
    return everyone and anything and "*" in _of_a_service(statement) and not named


def _of_a_service(statement: Statement) -> set[str]:
    """ "*" also for all actions of one service: an endpoint leads to one only."""
    return {"*" if action.endswith(":*") else action for action in statement.actions()}


def _plain(statement: Statement) -> Iterator[tuple[str, str, Node]]:
    """Conditions without the prefix for keys of many values; IfExists holds nobody who brings no such key."""
    for operator, key, values in statement.conditions():
        yield operator.removeprefix("foranyvalue:"), key, values


def _keeps_out(deny: Statement) -> bool:
    """A Deny of everything where the key names somebody else."""
    conditions = list(deny.conditions())
    return (
        "*" in _of_a_service(deny)
        and bool(conditions)
        and all(key in FAMILY and (affirmed(operator) or "") in NAMED for operator, key, _ in conditions)
    )
