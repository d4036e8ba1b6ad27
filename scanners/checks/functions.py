"""What a function is made of: its runtime, its layers, its environment, its event sources."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from scanners.catalog.layers import PUBLISHED_BY_AWS
from scanners.catalog.runtimes import END_OF_SUPPORT
from scanners.checks.facets import secrets_in, supported
from scanners.checks.registry import Fix, check
from scanners.checks.ways_in import nearby
from scanners.model import Gap, Node, Resource, Severity, State, Unread, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

FUNCTION = "AWS::Lambda::Function"
MAPPING = "AWS::Lambda::EventSourceMapping"
NOTICE = timedelta(days=120)
MOVE = Fix(
    console="Lambda > the function > Code > Runtime settings > Edit: a supported runtime, after testing the code on"
    " it.",
    cli="aws lambda update-function-configuration --function-name NAME --runtime python3.14",
    terraform='resource "aws_lambda_function" "this" { runtime = "python3.14" }',
)


@check(
    "aws.lambda.runtime_deprecated",
    on=FUNCTION,
    severity=Severity.HIGH,
    title="Runtime past end of support",
    reads=("ListFunctions",),
    fix=MOVE,
)
def runtime_deprecated(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """Nobody patches the language and the libraries the code runs on any more, whatever is found in them."""
    if image := _image(function):
        yield image
        return
    runtime, end = _runtime(function)
    yield from supported(runtime, end, estate.now.date())


@check(
    "aws.lambda.runtime_near_eol",
    on=FUNCTION,
    severity=Severity.LOW,
    title="Runtime loses support soon",
    reads=("ListFunctions",),
    fix=MOVE,
)
def runtime_near_eol(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """Moving to another runtime needs tests and a release: planned now, it is done before patches stop."""
    if image := _image(function):
        yield image
        return
    (runtime, end), today = _runtime(function), estate.now.date()
    if end <= today:
        yield not_applicable(f"Support for {runtime.value} has ended already, on {end}", runtime)
    elif end <= today + NOTICE:
        yield failed(f"Support for {runtime.value} ends on {end}", runtime)
    else:
        yield passed(f"{runtime.value} is supported until {end}", runtime)


@check(
    "aws.lambda.env_secret",
    on=FUNCTION,
    severity=Severity.CRITICAL,
    title="Secret value in environment variables",
    reads=("ListFunctions",),
    fix=Fix(
        console="Put the value into Secrets Manager, let the code read it there, delete the variable under"
        " Configuration >"
        " Environment variables, and replace the secret: it has been readable.",
        cli="aws secretsmanager create-secret --name NAME; aws lambda update-function-configuration --function-name"
        " NAME"
        " --environment Variables={SECRET_ARN=ARN}",
        terraform='resource "aws_lambda_function" "this" { environment { variables = { SECRET_ARN = '
        "aws_secretsmanager_secret.this.arn } } }",
    ),
)
def env_secret(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """Everyone who may look at the function's settings reads the secret, and so does every tool that copies them."""
    environment = function["ListFunctions"]["Environment"]
    if (error := environment["Error"]).present:
        code = str(error["ErrorCode"].value)
        raise Unread(Gap(error.call, "kms:Decrypt", State.DENIED, code, error.region))
    variables = environment["Variables"]
    yield from secrets_in(variables.items(), variables)


@check(
    "aws.lambda.foreign_layer",
    on=FUNCTION,
    severity=Severity.MEDIUM,
    title="Layer owned by an unknown account",
    reads=("ListFunctions",),
    fix=Fix(
        console="Read the layer's content, publish it in your own account (Lambda > Layers > Create layer), and choose"
        " yours under the function's Layers.",
        cli="aws lambda publish-layer-version --layer-name NAME --zip-file fileb://layer.zip; aws lambda"
        " update-function-configuration --function-name NAME --layers OWN-ARN",
        terraform='resource "aws_lambda_function" "this" { layers = [aws_lambda_layer_version.own.arn] }',
    ),
)
def foreign_layer(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """A layer is code that runs with the function's rights; whoever owns it decides what the next version does."""
    known = {estate.account, *estate.trusted_accounts, *PUBLISHED_BY_AWS}
    layers = function["ListFunctions"]["Layers"]
    foreign = [arn for layer in layers if _account(arn := layer.need("Arn")) not in known]
    if foreign:
        owners = ", ".join(sorted({_account(arn) for arn in foreign}))
        yield failed(f"It loads code that belongs to account {owners}", *foreign)
    else:
        yield passed("Its layers belong to this account, a trusted one or AWS", layers)


@check(
    "aws.lambda.foreign_event_source",
    on=FUNCTION,
    severity=Severity.MEDIUM,
    title="Function consumes events from another account",
    reads=("ListFunctions",),
    joins=((MAPPING, "ListEventSourceMappings"),),
    fix=Fix(
        console="Lambda > the function > Configuration > Triggers: delete the trigger, or find out who produces its"
        " events"
        " and add that account to the trusted ones.",
        cli="aws lambda delete-event-source-mapping --uuid UUID",
        terraform='resource "aws_lambda_event_source_mapping" "this" { event_source_arn = aws_sqs_queue.own.arn }',
    ),
)
def foreign_event_source(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever writes to that queue or stream decides what this function works on."""
    known = {estate.account, *estate.trusted_accounts}
    own = function["ListFunctions"].need("FunctionArn")
    for mapping in nearby(function, MAPPING, estate):
        document = mapping["ListEventSourceMappings"]
        source = document["EventSourceArn"]  # left out for brokers that run outside AWS
        mine = _is_of(document.need("FunctionArn").text(), function.ref)
        if mine and source.present and document["State"].value != "Disabled" and _account(source) not in known:
            yield failed(f"It consumes events of account {_account(source)}", source)
    yield passed("Its event sources belong to this account or a trusted one", own)


def _image(function: Resource) -> Verdict | None:
    package = function["ListFunctions"]["PackageType"]
    if package.value == "Image":
        return not_applicable("It is a container image, which brings its own runtime", package)
    return None


def _runtime(function: Resource) -> tuple[Node, date]:
    """Raises Unread for a runtime that the table does not know: its end of support is not known here."""
    runtime = function["ListFunctions"].need("Runtime")
    end = END_OF_SUPPORT.get(runtime.text())
    if end is None:
        code = f"{runtime.value} is not in the table of runtimes"
        raise Unread(Gap(runtime.call, "", State.UNSUPPORTED, code, runtime.region))
    return runtime, end


def _account(arn: Node) -> str:
    """The account in an ARN; an ARN without one belongs to nobody we know."""
    return (arn.text().split(":") + [""] * 5)[4]


def _is_of(arn: str, function: str) -> bool:
    return arn == function or arn.startswith(f"{function}:")
