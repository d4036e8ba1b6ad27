"""What of a function can be lost, read or slipped in: CASES are run by tests/house/test_checks.py."""

import pytest

from scanners.model import Severity
from tests.core.cases import ACCOUNT, REGION, Case, Cases, resource
from tests.core.checks.test_functions import ARN, FUNCTION, PLAIN, mapping

SUBNET = "AWS::EC2::Subnet"
SIGNING, GROUP = "AWS::Lambda::CodeSigningConfig", "AWS::EC2::SecurityGroup"
API = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:abc123"
GATEWAY = "apigateway.amazonaws.com"
SETTINGS = {"FunctionArn": ARN, "FunctionName": "orders", "PackageType": "Zip"}


def function(*around, policies=None, sent=None, **settings):
    told = {"GetPolicy": {"$LATEST": None} if policies is None else policies}
    told["ListFunctionEventInvokeConfigs"] = sent or []
    return Case(resource(FUNCTION, ARN, ListFunctions={**SETTINGS, **settings}, **told), around)


def grant(service, **condition):
    said = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "lambda:InvokeFunction", "Resource": ARN}
    return {"Statement": [said | ({"Condition": condition} if condition else {})]}


def gateway(*routes, operator="ArnLike", qualifier="$LATEST"):
    condition = {operator: {"AWS:SourceArn": list(routes)}} if routes else {}
    return function(policies={qualifier: grant(GATEWAY, **condition)})


def route(path):
    return gateway(f"{API}/{path}")


def variables(**settings):
    return function(Environment={"Variables": {"TABLE": PLAIN}}, **settings)


def signing(policy, *functions):
    return resource(
        SIGNING,
        policy,
        ListCodeSigningConfigs={"CodeSigningPolicies": {"UntrustedArtifactOnDeployment": policy}},
        ListFunctionsByCodeSigningConfig=list(functions),
    )


def group(*ways_out, name="sg-1"):
    return resource(GROUP, name, DescribeSecurityGroups={"GroupId": name, "IpPermissionsEgress": list(ways_out)})


def way_out(protocol="-1", ports=None, **source):
    ranges = {"IpRanges": [{"CidrIp": one} for one in source.get("v4", ())]}
    ranges["Ipv6Ranges"] = [{"CidrIpv6": one} for one in source.get("v6", ())]
    span = {"FromPort": ports[0], "ToPort": ports[1]} if ports else {}
    return {"IpProtocol": protocol, **span, **ranges}


def inside(*groups):
    return function(*groups, VpcConfig={"VpcId": "vpc-1", "SecurityGroupIds": ["sg-1"]})


def sent_to(*qualifiers, where="arn:aws:sqs:eu-west-1:111122223333:failed"):
    return [
        {"FunctionArn": f"{ARN}:{q}", "DestinationConfig": {"OnFailure": {"Destination": where}}} for q in qualifiers
    ]


def called_by(*services, sent=None, **settings):
    statements = [one for service in services for one in grant(service)["Statement"]]
    return function(policies={"$LATEST": {"Statement": statements}}, sent=sent, **settings)


S3 = "s3.amazonaws.com"
EVERYWHERE = ["0.0.0.0/0"]


def zoned(*zones, named=None, region=REGION):
    """A function with a subnet in each zone; `named` are the subnets it has, where that is not all of them."""
    there = [
        resource(SUBNET, f"s{n}", region=region, DescribeSubnets={"SubnetId": f"subnet-{n}", "AvailabilityZone": zone})
        for n, zone in enumerate(zones)
    ]
    own = named if named is not None else [f"subnet-{n}" for n in range(len(zones))]
    return function(*there, VpcConfig={"SubnetIds": own})


CASES = {
    "aws.lambda.tracing_off": Cases(
        fails=(function(TracingConfig={"Mode": "PassThrough"}), function()),
        passes=(function(TracingConfig={"Mode": "Active"}),),
        unknown=(function(TracingConfig="Active"),),
    ),
    "aws.lambda.vpc_single_az": Cases(
        fails=(zoned("a"), zoned("a", "a"), zoned("a", "b", named=["subnet-1"])),
        passes=(zoned("a", "b"), zoned("a", "b", named=["subnet-0", "subnet-1", "subnet-9"])),
        neutral=(function(), function(VpcConfig={"SubnetIds": []})),
        unknown=(zoned("a", named=["subnet-0", "subnet-9"]), zoned("a", "b", region="eu-west-3")),
    ),
    "aws.lambda.apigw_wildcard_source": Cases(
        fails=(
            route("*/*/*"),
            route("*"),
            route("*/*"),
            route("prod/*"),
            route("prod/*/*"),
            route("*/POST/*"),
            gateway(),
            gateway(f"arn:aws:execute-api:{REGION}:{ACCOUNT}:*"),
            gateway(f"{API}/prod/GET/orders", f"{API}/*/*/*"),
            gateway(f"{API}/*/*/*", operator="StringLike", qualifier="live"),
            function(
                policies={"$LATEST": grant("apigateway.amazonaws.com", StringEquals={"AWS:SourceAccount": ACCOUNT})}
            ),
        ),
        passes=(
            route("prod/GET/orders"),
            route("*/GET/orders"),
            route("prod/GET/orders/*"),
            route("*/$default"),
            route("authorizers/*"),
            gateway(f"{API}/*/*/*", operator="StringEquals"),
            function(),
            called_by(S3),
        ),
    ),
    "aws.lambda.env_cmk": Cases(
        fails=(variables(), variables(KMSKeyArn="")),
        passes=(
            variables(KMSKeyArn="arn:aws:kms:eu-west-1:111122223333:key/1"),
            function(),
            function(Environment={"Variables": {}}),
            function(KMSKeyArn="arn", Environment={"Error": {"ErrorCode": "AccessDeniedException"}}),
        ),
        unknown=(function(Environment={"Error": {"ErrorCode": "AccessDeniedException"}}),),
    ),
    "aws.lambda.code_signing": Cases(
        fails=(
            function(),
            function(signing("Warn", ARN)),
            function(signing("Enforce", ARN + "-of-another")),
            function(signing("Enforce")),
        ),
        passes=(function(signing("Enforce", ARN)), function(signing("Warn"), signing("Enforce", "x", ARN))),
        neutral=(function(PackageType="Image"),),
    ),
    "aws.lambda.vpc_open_egress": Cases(
        fails=(
            inside(group(way_out(v4=EVERYWHERE))),
            inside(group(way_out(v6=["::/0"]))),
            inside(group(way_out("tcp", (0, 65535), v4=EVERYWHERE))),
            inside(group(way_out("tcp", (443, 443), v4=["10.0.0.0/8"]), way_out(v4=["0.0.0.0/1"]))),
        ),
        passes=(
            inside(group()),
            inside(group(way_out("tcp", (443, 443), v4=EVERYWHERE))),
            inside(group(way_out(v4=["10.0.0.0/8"]))),
            inside(group(), group(way_out(v4=EVERYWHERE), name="sg-2")),
        ),
        neutral=(function(), function(VpcConfig={"SubnetIds": [], "SecurityGroupIds": []})),
        unknown=(inside(group(name="sg-2")),),
    ),
    "aws.lambda.async_no_failure_target": Cases(
        fails=(
            function(),
            called_by(S3),
            called_by(GATEWAY, "sns.amazonaws.com"),
            called_by(S3, sent=[{"FunctionArn": ARN + ":$LATEST", "DestinationConfig": {"OnSuccess": {}}}]),
            function(policies={"$LATEST": None, "live": grant(S3)}, sent=sent_to("$LATEST")),
            function(mapping(ACCOUNT, ARN + "-of-another")),
        ),
        passes=(
            called_by(S3, DeadLetterConfig={"TargetArn": "arn:aws:sqs:eu-west-1:111122223333:failed"}),
            called_by(S3, sent=sent_to("$LATEST")),
            function(sent=sent_to("$LATEST")),
            function(policies={"$LATEST": None, "live": grant(S3)}, sent=sent_to("live")),
            called_by(GATEWAY),
            function(mapping(ACCOUNT)),
            function(mapping(ACCOUNT, ARN + ":live")),
        ),
    ),
}


@pytest.mark.parametrize(("policy", "severity"), [("Warn", Severity.INFO), (None, None)])
def test_a_warning_weighs_less_than_nothing_at_all(policy, severity):
    around = (signing(policy, ARN),) if policy else ()

    assert function(*around).verdict("aws.lambda.code_signing").severity is severity
