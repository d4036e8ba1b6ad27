"""What of a function can be lost, read or slipped in: failed events, variables, unsigned code, ways out and ways in.

Limits: an event that a program sends asynchronously, or a schedule through a role, leaves no trace in the function's
settings; so only functions whose known callers all wait for the answer, or fetch events themselves, are left alone.
Sources: "Invoking a function asynchronously", "Using code signing to verify code integrity with Lambda" (AWS Lambda
developer guide), read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.aws.statements import Statement, statements
from scanners.checks.callers import FUNCTION, part
from scanners.checks.functions import MAPPING
from scanners.checks.registry import Fix, check
from scanners.checks.ways_in import NUMBERS, nearby
from scanners.model import Gap, Node, Resource, Severity, State, Unread, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate
from scanners.model.ranges import is_internet

SIGNING, GROUP = "AWS::Lambda::CodeSigningConfig", "AWS::EC2::SecurityGroup"
SUBNET = "AWS::EC2::Subnet"
GATEWAY = "apigateway.amazonaws.com"
WAITING = {  # services that wait for the answer, or retry by themselves until they have one
    GATEWAY, "alexa-appkit.amazon.com", "alexa-connectedhome.amazon.com", "bedrock.amazonaws.com",
    "cloudfront.amazonaws.com", "cognito-idp.amazonaws.com", "connect.amazonaws.com",
    "elasticloadbalancing.amazonaws.com", "firehose.amazonaws.com", "lex.amazonaws.com", "lexv2.amazonaws.com",
    "secretsmanager.amazonaws.com", "vpc-lattice.amazonaws.com",
}  # fmt: skip


@check(
    "aws.lambda.apigw_wildcard_source",
    on=FUNCTION,
    severity=Severity.LOW,
    title="API Gateway grant covers every stage and method",
    reads=("GetPolicy",),
    fix=Fix(
        console="Lambda > the function > Configuration > Permissions > Resource-based policy: delete the statement and"
        " add one whose source ARN names stage, method and path.",
        cli="aws lambda add-permission --function-name NAME --statement-id SID --action lambda:InvokeFunction"
        " --principal apigateway.amazonaws.com --source-arn arn:aws:execute-api:REGION:ACCOUNT:API/prod/POST/orders",
        terraform='resource "aws_lambda_permission" "this" { principal = "apigateway.amazonaws.com"'
        '  source_arn = "${aws_api_gateway_rest_api.this.execution_arn}/prod/POST/orders" }',
    ),
)
def apigw_wildcard_source(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """A route that somebody adds to the API later reaches the function at once, whatever it asks of its callers."""
    for qualifier, policy in function.each("GetPolicy"):
        for statement in statements(policy):
            named = [where for service, where in statement.services() if service == GATEWAY]
            if statement.allows and named and (wide := _any_route(statement)):
                yield failed(f"The policy of {part(qualifier)} lets every route of an API call it", *wide, *named)
    yield passed("No grant to API Gateway covers every route", function["GetPolicy"])


def _any_route(statement: Statement) -> list[Node]:
    """Where a statement leaves the route open: the source's pattern, or the condition that is not there."""
    wide: list[Node] = []
    for operator, key, values in statement.conditions():
        if key == "aws:sourcearn" and operator in ("arnlike", "arnequals", "stringlike", "stringequals"):
            open_ones = [one for one in values if operator != "stringequals" and _leaves_open(one.text())]
            if not open_ones:
                return []
            wide.extend(open_ones)
    return wide or [statement.node["Condition"]]


def _leaves_open(source: str) -> bool:
    """arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH, of which a star may be the end of any part."""
    _, _, route = source.partition("/")
    if not route:
        return source.endswith("*")
    steps = route.split("/", 2)
    if steps[0] == "authorizers":
        return False
    return steps[2].strip("*/") == "" if len(steps) == 3 else steps[-1] == "*"


@check(
    "aws.lambda.env_cmk",
    on=FUNCTION,
    severity=Severity.LOW,
    title="Environment not encrypted with a customer key",
    reads=("ListFunctions",),
    fix=Fix(
        console="Lambda > the function > Configuration > Environment variables > Edit > Encryption configuration: a key"
        " of your own.",
        cli="aws lambda update-function-configuration --function-name NAME --kms-key-arn ARN",
        terraform='resource "aws_lambda_function" "this" { kms_key_arn = aws_kms_key.this.arn }',
    ),
)
def env_cmk(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """With a key of your own you decide who may read the variables, see who did, and can shut them at once."""
    said = function["ListFunctions"]
    key, environment = said["KMSKeyArn"], said["Environment"]
    if key.value:
        yield passed("A key of the account encrypts the environment", key)
    elif (error := environment["Error"]).present:
        raise Unread(Gap(error.call, "kms:Decrypt", State.DENIED, str(error["ErrorCode"].value), error.region))
    elif environment["Variables"].value:
        yield failed("The environment is encrypted with a key that Lambda keeps", key, environment["Variables"])
    else:
        yield passed("The function has no environment variables", environment)


@check(
    "aws.lambda.code_signing",
    on=FUNCTION,
    severity=Severity.LOW,
    title="Unsigned code may be deployed",
    reads=("ListFunctions",),
    joins=((SIGNING, "ListCodeSigningConfigs"), (SIGNING, "ListFunctionsByCodeSigningConfig")),
    fix=Fix(
        console="Lambda > Code signing configurations > Create: your signing profile, policy Enforce; then the function"
        " > Configuration > Code signing > Edit.",
        cli="aws lambda put-function-code-signing-config --function-name NAME --code-signing-config-arn ARN",
        terraform='resource "aws_lambda_function" "this" { code_signing_config_arn ='
        " aws_lambda_code_signing_config.this.arn }",
    ),
)
def code_signing(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever may update the function runs any code in it; with signing, only what your pipeline has signed."""
    said = function["ListFunctions"]
    if (package := said["PackageType"]).value == "Image":
        yield not_applicable("Code signing knows no container images", package)
        return
    name = said.need("FunctionArn")
    for config in nearby(function, SIGNING, estate):
        if any(arn.value == function.ref for arn in config["ListFunctionsByCodeSigningConfig"]):
            policy = config["ListCodeSigningConfigs"].need("CodeSigningPolicies").need("UntrustedArtifactOnDeployment")
            if policy.value == "Enforce":
                yield passed("Only signed code can be deployed", policy)
            else:
                yield failed("Unsigned code is deployed with a warning", policy, severity=Severity.INFO)
            return
    yield failed("Nobody asks for a signature when code is deployed", name)


@check(
    "aws.lambda.vpc_open_egress",
    on=FUNCTION,
    severity=Severity.LOW,
    title="Function may talk to any address",
    reads=("ListFunctions",),
    joins=((GROUP, "DescribeSecurityGroups"),),
    fix=Fix(
        console="VPC > Security groups > the function's group > Outbound rules: HTTPS to endpoints and needed hosts,"
        " nothing else.",
        cli="aws ec2 revoke-security-group-egress --group-id ID --protocol all --cidr 0.0.0.0/0",
        terraform='resource "aws_vpc_security_group_egress_rule" "this" { ip_protocol = "tcp"  from_port = 443'
        "  to_port = 443  prefix_list_id = aws_vpc_endpoint.s3.prefix_list_id }",
    ),
)
def vpc_open_egress(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """Code that was tampered with, or a library that was, can send what it reads to any machine in the world."""
    network = function["ListFunctions"]["VpcConfig"]
    named = {one.text(): one for one in network["SecurityGroupIds"]}
    if not named:
        yield not_applicable("The function is in no network of the account", network)
        return
    missing = dict(named)
    for group in nearby(function, GROUP, estate):
        said = group["DescribeSecurityGroups"]
        if missing.pop(said.need("GroupId").text(), None) is not None:
            for place in _open_out(said):
                yield failed("A group of the function lets it talk to any address on every port", place)
    if missing:
        where = next(iter(missing.values()))
        raise Unread(Gap("ec2.DescribeSecurityGroups", "", State.SKIPPED, "GroupNotSeen", where.region))
    yield passed("No group of the function lets it talk to every address on every port", *named.values())


def _open_out(group: Node) -> Iterator[Node]:
    for rule in group["IpPermissionsEgress"]:
        protocol = NUMBERS.get(rule.need("IpProtocol").text(), rule.need("IpProtocol").text())
        every_port = protocol == "tcp" and rule["FromPort"].value in (0, 1) and rule["ToPort"].value == 65535
        if protocol == "-1" or every_port:
            yield from (one["CidrIp"] for one in rule["IpRanges"] if is_internet(one.need("CidrIp")))
            yield from (one["CidrIpv6"] for one in rule["Ipv6Ranges"] if is_internet(one.need("CidrIpv6")))


@check(
    "aws.lambda.async_no_failure_target",
    on=FUNCTION,
    severity=Severity.LOW,
    title="Failed asynchronous events are lost",
    reads=("ListFunctions", "GetPolicy", "ListFunctionEventInvokeConfigs"),
    joins=((MAPPING, "ListEventSourceMappings"),),
    fix=Fix(
        console="Lambda > the function > Configuration > Destinations > Add: asynchronous invocation, on failure, a"
        " queue; for each alias that is called, too.",
        cli="aws lambda put-function-event-invoke-config --function-name NAME"
        " --destination-config OnFailure={Destination=QUEUE-ARN}",
        terraform='resource "aws_lambda_function_event_invoke_config" "this" { destination_config { on_failure {'
        " destination = aws_sqs_queue.failed.arn } } }",
    ),
)
def async_no_failure_target(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """After two more tries the event is dropped without a word: an order, an alarm, a trace of an attack."""
    said = function["ListFunctions"]
    if (queue := said["DeadLetterConfig"]["TargetArn"]).value:
        yield passed("Events that fail go to a dead letter queue", queue)
        return
    kept = {
        _qualifier(config.need("FunctionArn").text(), function.ref): config["DestinationConfig"]["OnFailure"]
        for config in function["ListFunctionEventInvokeConfigs"]
        if config["DestinationConfig"]["OnFailure"]["Destination"].value
    }
    callers = [(qualifier, *caller) for qualifier, policy in function.each("GetPolicy") for caller in _callers(policy)]
    lost = [one for one in callers if one[1] not in WAITING and one[0] not in kept]
    if lost:
        names = ", ".join(sorted({service for _, service, _ in lost}))
        yield failed(f"Events of {names} that fail are kept nowhere", queue, *(where for _, _, where in lost))
    elif kept:
        yield passed("Events that fail are sent on", *kept.values())
    elif callers:
        yield passed("Whoever may call it waits for the answer", *(where for _, _, where in callers))
    elif fetched := _fetched(function, estate):
        yield passed("It is fed by an event source, which keeps what fails", *fetched)
    else:
        nowhere = function["ListFunctionEventInvokeConfigs"]
        yield failed("Asynchronous events that fail are kept nowhere", queue, nowhere)


def _callers(policy: Node) -> Iterator[tuple[str, Node]]:
    for statement in statements(policy):
        yield from statement.services() if statement.allows else ()


def _qualifier(arn: str, function: str) -> str:
    return arn.removeprefix(function).lstrip(":") or "$LATEST"


def _fetched(function: Resource, estate: Estate) -> list[Node]:
    """The event sources that feed it; what one that is paused would feed counts as well."""
    return [
        mapping["ListEventSourceMappings"].need("FunctionArn")
        for mapping in nearby(function, MAPPING, estate)
        if (mapping["ListEventSourceMappings"].need("FunctionArn").text() + ":").startswith(f"{function.ref}:")
    ]


@check(
    "aws.lambda.tracing_off",
    on=FUNCTION,
    severity=Severity.INFO,
    title="Tracing disabled",
    reads=("ListFunctions",),
    fix=Fix(
        console="Lambda > the function > Configuration > Monitoring and operations tools > Edit: service traces.",
        cli="aws lambda update-function-configuration --function-name NAME --tracing-config Mode=Active",
        terraform='resource "aws_lambda_function" "this" { tracing_config { mode = "Active" } }',
    ),
)
def tracing_off(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """Which request called what, and where it got stuck, can then be told from logs alone, function by function."""
    mode = function["ListFunctions"]["TracingConfig"]["Mode"]
    if mode.value == "Active":
        yield passed("Calls of the function are traced", mode)
    else:
        yield failed("Calls of the function are traced only where a caller asks for it", mode)


@check(
    "aws.lambda.vpc_single_az",
    on=FUNCTION,
    severity=Severity.INFO,
    title="Function attached to one zone",
    reads=("ListFunctions",),
    joins=((SUBNET, "DescribeSubnets"),),
    fix=Fix(
        console="Lambda > the function > Configuration > VPC > Edit: subnets in two zones or more.",
        cli="aws lambda update-function-configuration --function-name NAME --vpc-config"
        " SubnetIds=SUBNET-A,SUBNET-B,SecurityGroupIds=GROUP",
        terraform='resource "aws_lambda_function" "this" { vpc_config { subnet_ids = aws_subnet.private[*].id } }',
    ),
)
def vpc_single_az(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """When the zone is out of order, so is the function."""
    network = function["ListFunctions"]["VpcConfig"]
    wanted = {one.text() for one in network["SubnetIds"]}
    if not wanted:
        yield not_applicable("The function is in no network of the account", network)
        return
    zones: dict[str, Node] = {}
    for subnet in nearby(function, SUBNET, estate):
        said = subnet["DescribeSubnets"]
        if said.need("SubnetId").value in wanted:
            wanted.discard(said["SubnetId"].text())
            zones.setdefault(said.need("AvailabilityZone").text(), said["AvailabilityZone"])
    if len(zones) > 1:
        yield passed("The function runs in several zones", *zones.values())
    elif wanted:
        raise Unread(Gap("ec2.DescribeSubnets", "", State.SKIPPED, "SubnetNotSeen", network.region))
    else:
        yield failed("All subnets of the function are in one zone", *zones.values())
