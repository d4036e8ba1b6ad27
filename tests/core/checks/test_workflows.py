"""Workflows and stacks: CASES are run by tests/house/test_checks.py."""

from scanners.model import Severity
from tests.core.cases import Case, Cases, resource

MACHINE, STACK = "AWS::StepFunctions::StateMachine", "AWS::CloudFormation::Stack"


def machine(*secrets, **more):
    found = [{"line": n, "secret": kind} for n, kind in enumerate(secrets, 3)]
    said = {"definition": {"digest": "d", "lines": 9, "secrets": found}, **more}
    return Case(resource(MACHINE, DescribeStateMachine=said))


def logging(**said):
    return machine(loggingConfiguration=said)


def value(secret=None, *, parameter=None, output=None):
    key = {"ParameterKey": parameter} if parameter else {"OutputKey": output}
    return {**key, "secret": secret, "digest": "d"}


def stack(parameters=(), outputs=()):
    return Case(resource(STACK, DescribeStacks={"Parameters": list(parameters), "Outputs": list(outputs)}))


HIDDEN = {"ParameterKey": "DbPassword", "hidden": True}


def drifted(status):
    return Case(resource(STACK, DescribeStacks={"DriftInformation": {"StackDriftStatus": status}}))


CASES = {
    "aws.cfn.drift": Cases(
        fails=(drifted("DRIFTED"),),
        passes=(drifted("IN_SYNC"),),
        neutral=(drifted("NOT_CHECKED"), drifted("UNKNOWN"), stack()),
    ),
    "aws.sfn.no_logging": Cases(
        fails=(machine(), logging(level="OFF"), logging(level="OFF", includeExecutionData=False)),
        passes=(logging(level="ALL"), logging(level="ERROR"), logging(level="FATAL")),
    ),
    "aws.sfn.definition_secret": Cases(
        fails=(machine("Stripe Access Key"), machine("Secret by name", "AWS Access Key")),
        passes=(machine(), machine(loggingConfiguration={"level": "OFF"})),
        unknown=(Case(resource(MACHINE, DescribeStateMachine={"type": "EXPRESS"})),),
    ),
    "aws.cfn.output_secret": Cases(
        fails=(
            stack([value("AWS Access Key", parameter="Key")]),
            stack(outputs=[value("GitHub Token", output="Token")]),
            stack([HIDDEN, value("Secret by name", parameter="DbPassword")]),
        ),
        passes=(stack(), stack([HIDDEN, value(parameter="Stage")], [value(output="Url")])),
    ),
}


def test_what_only_a_name_tells_is_less_sure():
    sure, guessed = machine("AWS Access Key"), machine("Secret by name")

    assert sure.verdict("aws.sfn.definition_secret").severity is None
    assert guessed.verdict("aws.sfn.definition_secret").severity is Severity.MEDIUM


def test_where_it_stands_is_named():
    verdict = stack([value("AWS Access Key", parameter="Key")]).verdict("aws.cfn.output_secret")

    assert verdict.sentence == "Secrets stand in parameter Key (AWS Access Key) of the stack"
