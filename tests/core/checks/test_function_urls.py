"""Ways to a function from the internet: CASES are run by tests/house/test_checks.py."""

from dataclasses import replace

from scanners.model import Outcome, Severity
from tests.core.cases import ACCOUNT, REGION, Case, Cases, refused, resource
from tests.core.checks.test_callers import ARN, FUNCTION, SIGNED, allow, policy, service

URL = "lambda:InvokeFunctionUrl"
OPEN = policy(allow("*", URL, Condition={"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}))
GATEWAY = {"ArnLike": {"AWS:SourceArn": f"arn:aws:execute-api:{REGION}:{ACCOUNT}:a1/*/POST/*"}}


def url(auth="NONE", **cors):
    return {"FunctionUrl": "https://x.lambda-url.on.aws/", "AuthType": auth, **({"Cors": cors} if cors else {})}


def function(urls=None, policies=None, cap=None):
    """`urls` and `policies` by qualifier; a function without any has them proven absent."""
    return Case(
        resource(
            FUNCTION,
            ARN,
            GetFunctionUrlConfig={"$LATEST": None, **(urls or {})},
            GetPolicy={"$LATEST": None, **(policies or {})},
            GetFunctionConcurrency={} if cap is None else {"ReservedConcurrentExecutions": cap},
        )
    )


def lasting(seconds, *args, **kwargs):
    case = function(*args, **kwargs)
    documents = {**case.resource.documents, "ListFunctions": {"Timeout": seconds}}
    calls = dict.fromkeys(documents, "lambda.Some")
    return replace(case, resource=replace(case.resource, documents=documents, calls=calls))


CASES = {
    "aws.lambda.long_timeout_exposed": Cases(
        fails=(
            lasting(61, {"$LATEST": url()}),
            lasting(900, policies={"$LATEST": policy(service("apigateway.amazonaws.com", **GATEWAY))}),
            lasting(900, policies={"live": policy(allow("*"))}),
        ),
        passes=(
            lasting(60, {"$LATEST": url()}),
            lasting(900),
            lasting(900, {"$LATEST": url("AWS_IAM")}),
            lasting(900, policies={"$LATEST": policy(service("sqs.amazonaws.com", **GATEWAY))}),
        ),
        unknown=(lasting(None), lasting("900")),
    ),
    "aws.lambda.url_no_auth": Cases(
        fails=(
            function({"$LATEST": url()}, {"$LATEST": OPEN}),
            function({"$LATEST": url()}, {"$LATEST": policy(allow("*", "lambda:*"))}),
            function({"live": url()}, {"live": OPEN}),
            function({"$LATEST": url("AWS_IAM"), "live": url()}, {"$LATEST": None, "live": OPEN}),
        ),
        passes=(
            function(),
            function({"$LATEST": url("AWS_IAM")}, {"$LATEST": OPEN}),
            function({"$LATEST": url()}),
            function({"$LATEST": url()}, {"$LATEST": policy(allow("*"))}),
            function({"$LATEST": url()}, {"$LATEST": policy(allow("*", URL, Condition=SIGNED))}),
            function({"$LATEST": url()}, {"live": OPEN}),
        ),
    ),
    "aws.lambda.url_cors_any_origin": Cases(
        fails=(
            function({"$LATEST": url(AllowOrigins=["*"])}),
            function({"$LATEST": url("AWS_IAM", AllowOrigins=["https://shop.test", "*"])}),
            function({"live": url(AllowOrigins=["https://*"], AllowCredentials=True)}),
        ),
        passes=(
            function(),
            function({"$LATEST": url()}),
            function({"$LATEST": url(AllowOrigins=["https://*.shop.test"], AllowCredentials=True)}),
        ),
    ),
    "aws.lambda.no_concurrency_limit": Cases(
        fails=(
            function({"$LATEST": url()}),
            function(policies={"$LATEST": policy(service("apigateway.amazonaws.com", **GATEWAY))}),
            function(policies={"live": policy(service("elasticloadbalancing.amazonaws.com", **GATEWAY))}),
            function(policies={"$LATEST": policy(allow("*"))}),
        ),
        passes=(
            function(),
            function({"$LATEST": url()}, cap=20),
            function({"$LATEST": url()}, cap=0),
            function({"$LATEST": url("AWS_IAM")}),
            function(policies={"$LATEST": policy(service("events.amazonaws.com", **GATEWAY))}),
        ),
    ),
}


def test_allowing_credentials_from_every_origin_is_graver():
    case = function({"$LATEST": url(AllowOrigins=["*"], AllowCredentials=True)})

    assert case.verdict("aws.lambda.url_cors_any_origin").severity is Severity.HIGH


def test_an_open_url_whose_own_policy_was_not_read_is_unknown():
    gap = refused("GetPolicy", "lambda")
    blind = resource(
        FUNCTION,
        ARN,
        GetFunctionUrlConfig={"$LATEST": url(), "live": None},
        GetPolicy={"live": None},
        gaps={"GetPolicy": gap},
    )

    assert Case(blind).verdict("aws.lambda.url_no_auth").outcome is Outcome.UNKNOWN
