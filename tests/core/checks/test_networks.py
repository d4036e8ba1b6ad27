"""Default groups and private ways to AWS: CASES are run by tests/house/test_checks.py."""

from tests.core.cases import ACCOUNT, Case, Cases, resource

GROUP, NETWORK, ENDPOINT = "AWS::EC2::SecurityGroup", "AWS::EC2::VPC", "AWS::EC2::VPCEndpoint"
ANY = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
AMONG_US = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-1"}]}
ORG = {"aws:PrincipalOrgID": "o-abcdefghij"}


def group(*ways_in, out=(), name="default"):
    said = {"GroupName": name, "IpPermissions": list(ways_in), "IpPermissionsEgress": list(out)}
    return Case(resource(GROUP, DescribeSecurityGroups=said))


def network(*around):
    return Case(resource(NETWORK, DescribeVpcs={"VpcId": "vpc-1"}), around)


def function(vpc="vpc-1", region="eu-west-1"):
    inside = {"VpcConfig": {"VpcId": vpc}} if vpc is not None else {}
    return resource("AWS::Lambda::Function", f"arn:{vpc}", region=region, ListFunctions=inside)


def way(service="s3", vpc="vpc-1", state="available"):
    said = {"VpcId": vpc, "ServiceName": f"com.amazonaws.eu-west-1.{service}", "State": state}
    return resource(ENDPOINT, f"arn:{service}", DescribeVpcEndpoints=said)


def endpoint(*statements, kind="Interface"):
    policy = {"PolicyDocument": {"Statement": list(statements)}} if statements else {}
    return Case(resource(ENDPOINT, DescribeVpcEndpoints={"VpcEndpointType": kind, **policy}))


def said(effect="Allow", principal="*", action="*", where="*", **condition):
    tests = {"Condition": condition} if condition else {}
    return {"Effect": effect, "Principal": principal, "Action": action, "Resource": where, **tests}


CASES = {
    "aws.ec2.default_sg": Cases(
        fails=(group(AMONG_US, out=[ANY]), group(out=[ANY]), group(ANY)),
        passes=(group(),),
        neutral=(group(ANY, name="web"),),
    ),
    "aws.vpc.no_endpoints": Cases(
        fails=(
            network(function()),
            network(function(), way("execute-api")),
            network(function(), way(vpc="vpc-2")),
            network(function(), way(state="pendingAcceptance")),
        ),
        passes=(network(function(), way()), network(function(), way("secretsmanager", state="Available"))),
        neutral=(network(), network(function("vpc-2"), function(None), function("")), network(way())),
    ),
    "aws.vpc.endpoint_policy_open": Cases(
        fails=(
            endpoint(said()),
            endpoint(said(), kind="Gateway"),
            endpoint(said(principal={"AWS": "*"}, action="s3:*")),
            endpoint(said(StringEqualsIfExists=ORG)),
            endpoint(said(), said("Deny", action="s3:DeleteBucket")),
            endpoint(said(), said("Deny", StringNotEquals={"aws:SourceVpc": "vpc-1"})),
        ),
        passes=(
            endpoint(said(StringEquals=ORG)),
            endpoint(said(StringEquals={"aws:ResourceOrgID": "o-abcdefghij"})),
            endpoint(said(StringEquals={"aws:ResourceAccount": ACCOUNT})),
            endpoint(said(where="arn:aws:s3:::orders/*")),
            endpoint(said(action="s3:GetObject")),
            endpoint(said(principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})),
            endpoint(said(), said("Deny", StringNotEquals={"aws:ResourceOrgID": "o-abcdefghij"})),
        ),
        neutral=(endpoint(kind="GatewayLoadBalancer"),),
    ),
}
