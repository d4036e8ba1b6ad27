"""What a function is made of: CASES are run by tests/house/test_checks.py."""

from dataclasses import replace
from datetime import UTC, datetime

from scanners.checks.registry import checks, evaluate
from scanners.model import Outcome, Severity
from tests.core.cases import ACCOUNT, REGION, Case, Cases, refused, resource

FUNCTION, MAPPING = "AWS::Lambda::Function", "AWS::Lambda::EventSourceMapping"
ARN = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:orders"
STRANGER, PARTNER = "999988887777", "444455556666"
KEY = {"secret": "AWS Access Key", "digest": "d1"}
NAMED = {"secret": "Secret by name", "digest": "d2"}
PLAIN = {"secret": None, "digest": "d3"}


def function(runtime="python3.13", *around, trusted=(), now=None, **settings):
    document = {"FunctionArn": ARN, "FunctionName": "orders", "PackageType": "Zip", "Runtime": runtime, **settings}
    if runtime is None:
        del document["Runtime"]
    clock = {"now": now} if now else {}
    return Case(resource(FUNCTION, ARN, ListFunctions=document), around, trusted=frozenset(trusted), **clock)


def variables(**found):
    return function(Environment={"Variables": found})


def layer(owner):
    return {"Arn": f"arn:aws:lambda:{REGION}:{owner}:layer:shim:3"}


def mapping(source, function=ARN, region=REGION, **settings):
    settings = {"UUID": "u1", "FunctionArn": function, "State": "Enabled", **settings}
    if source:
        settings["EventSourceArn"] = f"arn:aws:sqs:{region}:{source}:q"
    ref = f"arn:aws:lambda:{region}:{ACCOUNT}:event-source-mapping:u1"
    return resource(MAPPING, ref, region=region, ListEventSourceMappings=settings)


IMAGE = function(None, PackageType="Image")
UNHEARD_OF = function("cobol85")

CASES = {
    "aws.lambda.runtime_deprecated": Cases(
        fails=(
            function("python3.8"),
            function("nodejs18.x"),
            function("go1.x"),
            function("python3.11", now=datetime(2027, 6, 30, tzinfo=UTC)),
        ),
        passes=(function(), function("python3.11"), function("nodejs24.x"), function("java17.al2023")),
        neutral=(IMAGE,),
        unknown=(UNHEARD_OF, function(None)),
    ),
    "aws.lambda.runtime_near_eol": Cases(
        fails=(
            function("nodejs22.x", now=datetime(2027, 1, 1, tzinfo=UTC)),
            function("python3.11", now=datetime(2027, 6, 29, tzinfo=UTC)),
        ),
        passes=(function(), function("nodejs22.x", now=datetime(2026, 12, 30, tzinfo=UTC))),
        neutral=(IMAGE, function("python3.8")),
        unknown=(UNHEARD_OF,),
    ),
    "aws.lambda.env_secret": Cases(
        fails=(variables(KEY=KEY), variables(A=PLAIN, DB_PASSWORD=NAMED, KEY=KEY)),
        passes=(function(), variables(), variables(TABLE=PLAIN)),
        unknown=(function(Environment={"Variables": {}, "Error": {"ErrorCode": "AccessDeniedException"}}),),
    ),
    "aws.lambda.foreign_layer": Cases(
        fails=(
            function(Layers=[layer(STRANGER)]),
            function(Layers=[layer(ACCOUNT), layer(STRANGER)]),
            function(Layers=[layer(PARTNER)]),
        ),
        passes=(
            function(),
            function(Layers=[]),
            function(Layers=[layer(ACCOUNT), layer("017000801446")]),
            function(Layers=[layer(PARTNER)], trusted=[PARTNER]),
        ),
    ),
    "aws.lambda.foreign_event_source": Cases(
        fails=(
            function("python3.13", mapping(STRANGER)),
            function("python3.13", mapping(STRANGER, f"{ARN}:live")),
        ),
        passes=(
            function(),
            function("python3.13", mapping(ACCOUNT)),
            function("python3.13", mapping(PARTNER), trusted=[PARTNER]),
            function("python3.13", mapping(STRANGER, f"{ARN}-worker")),
            function("python3.13", mapping(STRANGER, State="Disabled")),
            function("python3.13", mapping("", SelfManagedEventSource={"Endpoints": {}})),
        ),
    ),
}


def test_every_variable_with_a_secret_is_named_and_nothing_of_its_value():
    verdict = variables(DB_PASSWORD=NAMED, TABLE=PLAIN, KEY=KEY).verdict("aws.lambda.env_secret")

    assert verdict.sentence == "Secrets stand in variables: DB_PASSWORD (Secret by name), KEY (AWS Access Key)"
    assert verdict.severity is None
    assert variables(DB_PASSWORD=NAMED).verdict("aws.lambda.env_secret").severity is Severity.HIGH


def test_an_environment_that_lambda_could_not_decrypt_names_the_permission():
    verdict = function(Environment={"Error": {"ErrorCode": "AccessDeniedException"}}).verdict("aws.lambda.env_secret")

    assert verdict.outcome is Outcome.UNKNOWN
    assert verdict.missing[0].permission == "kms:Decrypt"


def test_mappings_of_a_region_that_was_not_read_blind_no_function_of_another():
    case = function("python3.13", mapping(ACCOUNT))
    estate = replace(case.estate(), gaps={MAPPING: (replace(refused("ListEventSourceMappings"), region="us-east-1"),)})

    (verdict,) = evaluate(checks()["aws.lambda.foreign_event_source"], case.resource, estate)

    assert verdict.outcome is Outcome.PASS
