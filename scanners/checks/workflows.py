"""Workflows and stacks: what is logged of them, and what their definitions give away."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.registry import Fix, check
from scanners.model import Node, Resource, Severity, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

MACHINE, STACK = "AWS::StepFunctions::StateMachine", "AWS::CloudFormation::Stack"
GUESSED = "Secret by name"


@check(
    "aws.sfn.no_logging",
    on=MACHINE,
    severity=Severity.LOW,
    title="Workflow without logs",
    reads=("DescribeStateMachine",),
    fix=Fix(
        console="Step Functions > State machines > the machine > Edit > Config > Logging: level ERROR or ALL.",
        cli="aws stepfunctions update-state-machine --state-machine-arn ARN --logging-configuration file://logging.json",
        terraform='resource "aws_sfn_state_machine" "this" { logging_configuration { level = "ERROR",'
        ' log_destination = "${aws_cloudwatch_log_group.this.arn}:*" } }',
    ),
)
def no_logging(machine: Resource, estate: Estate) -> Iterator[Verdict]:
    """When an execution did what it should not, nobody can say which step it was and with what input."""
    level = machine["DescribeStateMachine"]["loggingConfiguration"]["level"]
    if level.value in (None, "OFF"):
        yield failed("Executions are not logged", level)
    else:
        yield passed(f"Executions are logged at level {level.value}", level)


@check(
    "aws.sfn.definition_secret",
    on=MACHINE,
    severity=Severity.HIGH,
    title="Secret in a workflow definition",
    reads=("DescribeStateMachine",),
    fix=Fix(
        console="Step Functions > State machines > the machine > Edit: fetch the value from Secrets Manager in a step,"
        " or use an EventBridge connection. Replace the secret: it has been readable.",
        cli="aws stepfunctions update-state-machine --state-machine-arn ARN --definition file://definition.json",
        terraform='resource "aws_sfn_state_machine" "this" { definition = templatefile("flow.json", { secret ='
        " aws_secretsmanager_secret.this.arn }) }",
    ),
)
def definition_secret(machine: Resource, estate: Estate) -> Iterator[Verdict]:
    """Everyone who may look at the workflow reads the secret, and the history of every execution repeats it."""
    secrets = machine["DescribeStateMachine"].need("definition").need("secrets")
    found = [(f"line {one.need('line').value}", one.need("secret")) for one in secrets]
    yield from _judged("the definition", found, secrets)


@check(
    "aws.cfn.output_secret",
    on=STACK,
    severity=Severity.HIGH,
    title="Secret in stack outputs or parameters",
    reads=("DescribeStacks",),
    fix=Fix(
        console="CloudFormation > the stack > Update: NoEcho on the parameter, or better a dynamic reference to Secrets"
        " Manager; no secret among the outputs. Replace the secret: it has been readable.",
        cli="aws cloudformation update-stack --stack-name NAME --template-body file://template.yaml (values as"
        " {{resolve:secretsmanager:NAME:SecretString:KEY}})",
        terraform='resource "aws_cloudformation_stack" "this" { template_body = file("template.yaml") }',
    ),
)
def output_secret(stack: Resource, estate: Estate) -> Iterator[Verdict]:
    """Everyone who may list stacks reads the secret, and other stacks import it."""
    said = stack["DescribeStacks"]
    parameters, outputs = said["Parameters"], said["Outputs"]
    named = [(f"parameter {one.need('ParameterKey').value}", one["secret"]) for one in parameters]
    named += [(f"output {one.need('OutputKey').value}", one["secret"]) for one in outputs]
    yield from _judged("the stack", [(where, kind) for where, kind in named if kind.present], parameters, outputs)


@check(
    "aws.cfn.drift",
    on=STACK,
    severity=Severity.INFO,
    title="Deployed state differs from the template",
    reads=("DescribeStacks",),
    fix=Fix(
        console="CloudFormation > the stack > Stack actions > View drift results: take over into the template what is"
        " right, and update the stack to undo the rest.",
        cli="aws cloudformation detect-stack-drift --stack-name NAME; aws cloudformation"
        " describe-stack-resource-drifts --stack-name NAME",
        terraform='resource "aws_cloudformation_stack" "this" { template_body = file("template.yaml") }',
    ),
)
def drift(stack: Resource, estate: Estate) -> Iterator[Verdict]:
    """Somebody changed by hand what was reviewed as code: nobody has agreed to it, and the next update may undo it."""
    status = stack["DescribeStacks"]["DriftInformation"]["StackDriftStatus"]
    if status.value == "DRIFTED":
        yield failed("Resources of the stack are not as its template says", status)
    elif status.value == "IN_SYNC":
        yield passed("When drift was last looked for, the stack was as its template says", status)
    else:
        yield not_applicable("Nobody has looked for drift", status)


def _judged(whole: str, found: list[tuple[str, Node]], *looked: Node) -> Iterator[Verdict]:
    if found:
        where = ", ".join(sorted(f"{place} ({kind.text()})" for place, kind in found))
        only_names = all(kind.value == GUESSED for _, kind in found)
        sentence = f"Secrets stand in {where} of {whole}"
        yield failed(sentence, *(kind for _, kind in found), severity=Severity.MEDIUM if only_names else None)
    else:
        yield passed(f"Nothing in {whole} looks like a secret", *looked)
