"""Ways to a function from the internet: its URLs, and what else is exposed.

Limits: a grant to a gateway counts as a way in from outside, private gateways included; whether a bucket whose events
call the function is public is not looked at here.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.aws.statements import open_to_anyone, statements
from scanners.checks.callers import FUNCTION, auth_types, part
from scanners.checks.registry import Fix, check
from scanners.model import Node, Resource, Severity, Verdict, failed, passed
from scanners.model.estate import Estate

INVOKE_URL = "lambda:InvokeFunctionUrl"
ANY_ORIGIN = {"*", "http://*", "https://*"}
LONGEST = 60  # seconds; API Gateway waits half as long by default ("quotas", read 2026-11)
FROM_OUTSIDE = {
    "apigateway.amazonaws.com": "API Gateway",
    "elasticloadbalancing.amazonaws.com": "a load balancer",
    "vpc-lattice.amazonaws.com": "VPC Lattice",
    "alexa-appkit.amazon.com": "Alexa",
    "alexa-connectedhome.amazon.com": "Alexa",
    "cloudfront.amazonaws.com": "CloudFront",
}


@check(
    "aws.lambda.url_no_auth",
    on=FUNCTION,
    severity=Severity.CRITICAL,
    title="Function URL answers without authentication",
    reads=("GetFunctionUrlConfig", "GetPolicy"),
    fix=Fix(
        console="Lambda > the function > Configuration > Function URL > Edit: auth type AWS_IAM, or delete the URL.",
        cli="aws lambda update-function-url-config --function-name NAME --auth-type AWS_IAM",
        terraform='resource "aws_lambda_function_url" "this" { authorization_type = "AWS_IAM" }',
    ),
)
def url_no_auth(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """Anyone who learns or guesses the address runs the function; nothing stands before your code.

    A URL without authentication answers only where the policy, too, lets everyone call it.
    """
    for qualifier, url in function.each("GetFunctionUrlConfig"):
        if url.present and url.need("AuthType").value == "NONE":
            for statement, _ in open_to_anyone(_policy(function, qualifier)):
                if statement.may(INVOKE_URL) and auth_types(statement) <= {"NONE"}:
                    sentence = f"The URL of {part(qualifier)} asks nobody who they are, and its policy lets everyone in"
                    yield failed(sentence, url["AuthType"], statement.node)
    yield passed("No URL of it answers strangers", function["GetFunctionUrlConfig"])


@check(
    "aws.lambda.url_cors_any_origin",
    on=FUNCTION,
    severity=Severity.MEDIUM,
    title="Function URL accepts every web origin",
    reads=("GetFunctionUrlConfig",),
    fix=Fix(
        console="Lambda > the function > Configuration > Function URL > Edit > CORS: list the origins of your own"
        " pages.",
        cli="aws lambda update-function-url-config --function-name NAME --cors AllowOrigins=https://app.example.com",
        terraform='resource "aws_lambda_function_url" "this" { cors { allow_origins = ["https://app.example.com"] } }',
    ),
)
def url_cors_any_origin(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """Any web page can call the function from a visitor's browser; with credentials allowed, as that visitor."""
    for qualifier, url in function.each("GetFunctionUrlConfig"):
        cors = url["Cors"]
        for origin in cors["AllowOrigins"]:
            if origin.value in ANY_ORIGIN:
                credentials = cors["AllowCredentials"]
                worse = credentials.value is True
                sentence = f"The URL of {part(qualifier)} accepts {origin.value} as origin"
                sentence += " and allows credentials" if worse else ""
                yield failed(sentence, origin, credentials, severity=Severity.HIGH if worse else None)
    yield passed("No URL of it accepts every origin", function["GetFunctionUrlConfig"])


@check(
    "aws.lambda.no_concurrency_limit",
    on=FUNCTION,
    severity=Severity.LOW,
    title="No concurrency cap on an exposed function",
    reads=("GetFunctionConcurrency", "GetFunctionUrlConfig", "GetPolicy"),
    fix=Fix(
        console="Lambda > the function > Configuration > Concurrency > Edit: reserve concurrency.",
        cli="aws lambda put-function-concurrency --function-name NAME --reserved-concurrent-executions 50",
        terraform='resource "aws_lambda_function" "this" { reserved_concurrent_executions = 50 }',
    ),
)
def no_concurrency_limit(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """A flood from outside costs money and uses up the concurrency that every other function of the region needs."""
    for way, where in _ways_in(function):
        cap = function["GetFunctionConcurrency"]["ReservedConcurrentExecutions"]
        if cap.present:
            yield passed("Concurrency is reserved, which caps it", cap)
            return
        yield failed(f"It can be called through {way} and has no concurrency cap", cap, where)
    yield passed("Nothing from outside can call it", function["GetFunctionUrlConfig"], function["GetPolicy"])


@check(
    "aws.lambda.long_timeout_exposed",
    on=FUNCTION,
    severity=Severity.INFO,
    title="Exposed function may run for many minutes",
    reads=("ListFunctions", "GetFunctionUrlConfig", "GetPolicy"),
    fix=Fix(
        console=f"Lambda > the function > Configuration > General configuration > Edit: a timeout of {LONGEST} s or"
        " less; longer work belongs behind a queue.",
        cli=f"aws lambda update-function-configuration --function-name NAME --timeout {LONGEST}",
        terraform=f'resource "aws_lambda_function" "this" {{ timeout = {LONGEST} }}',
    ),
)
def long_timeout_exposed(function: Resource, estate: Estate) -> Iterator[Verdict]:
    """The front door gives up long before, the function goes on: a few requests a minute keep it busy and paid for."""
    limit = function["ListFunctions"].need("Timeout")
    if limit.value <= LONGEST:
        yield passed(f"A call ends after {limit.value} s at the latest", limit)
        return
    for way, where in _ways_in(function):
        yield failed(f"It can be called through {way}, and a call may last {limit.value} s", limit, where)
        return
    yield passed("Nothing from outside can call it", function["GetFunctionUrlConfig"], function["GetPolicy"])


def _ways_in(function: Resource) -> Iterator[tuple[str, Node]]:
    for _, url in function.each("GetFunctionUrlConfig"):
        if url.present and url.need("AuthType").value == "NONE":
            yield "a URL without authentication", url["AuthType"]
    for _, policy in function.each("GetPolicy"):
        for _, who in open_to_anyone(policy):
            yield "a policy that lets in anyone", who
        for statement in statements(policy):
            for service, where in statement.services() if statement.allows else ():
                if service in FROM_OUTSIDE:
                    yield FROM_OUTSIDE[service], where


def _policy(function: Resource, qualifier: str) -> Node:
    """The policy of one qualifier; raises Unread when it was not read."""
    for key, policy in function.each("GetPolicy"):
        if key == qualifier:
            return policy
    return function["GetPolicy"].need(qualifier)
