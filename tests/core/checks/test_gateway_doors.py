"""What callers must show, and ways around it: CASES are run by tests/house/test_checks.py."""

from dataclasses import replace

from scanners.model import Severity
from tests.core.cases import Case, Cases, resource
from tests.core.checks.test_gateways import HTTP, orders, rest

FIRST, SECOND = "AWS::ApiGateway::DomainName", "AWS::ApiGatewayV2::DomainName"
ISSUER = "https://identity.example"
SCOPE = ("orders/read",)


def jwt(audience=("orders",), issuer=ISSUER, scopes=SCOPE, kind="JWT", authorizer="a1"):
    route = {"RouteKey": "GET /orders", "AuthorizationType": kind, "AuthorizationScopes": list(scopes)}
    route |= {"AuthorizerId": "a1"} if kind in ("JWT", "CUSTOM") else {}
    told = {"AuthorizerType": "JWT", "JwtConfiguration": {"Audience": list(audience), "Issuer": issuer}}
    doors = {authorizer: told} if authorizer else {"a1": None}
    return Case(resource(HTTP, GetRoutes=[route], GetAuthorizer=doors), subject="GET /orders")


def key(kind="NONE", needed=True):
    return orders(method={"authorizationType": kind, "apiKeyRequired": needed})


def domain(kind=FIRST, trusts="", around=(), **tags):
    part, store, named = ("mutualTlsAuthentication", "truststoreUri", "tags")
    if kind == SECOND:
        part, store, named = ("MutualTlsAuthentication", "TruststoreUri", "Tags")
    said = {"DomainName": "d", part: {store: trusts} if trusts else {}, named: tags}
    return Case(resource(kind, "arn:aws:apigateway:eu-west-1::/domainnames/d", GetDomainNames=said), around)


def mapped(kind, *ids, region="eu-west-1"):
    section, field = ("GetBasePathMappings", "restApiId") if kind == FIRST else ("GetApiMappings", "ApiId")
    ref = f"arn:aws:apigateway:{region}::/domainnames/{kind}"
    return resource(kind, ref, region=region, GetDomainNames={}, **{section: [{field: one} for one in ids]})


EDGE = resource(SECOND, "arn:aws:apigateway:eu-west-1::/domainnames/edge", GetDomainNames={})


def web(*around, **said):
    return Case(resource(HTTP, GetApis={"ApiId": "abc", **said}), around)


CASES = {
    "aws.apigw.jwt_no_audience": Cases(
        fails=(jwt(audience=()), jwt(issuer="http://identity.example"), jwt(scopes=())),
        passes=(jwt(), jwt(authorizer=None)),
        neutral=(replace(jwt(kind="NONE"), subject=""), replace(jwt(kind="AWS_IAM"), subject="")),
    ),
    "aws.apigw.apikey_only": Cases(
        fails=(key(), orders(verb="ANY", path="/{proxy+}", method={"apiKeyRequired": True})),
        passes=(key("AWS_IAM"), key("CUSTOM", needed=False), key("COGNITO_USER_POOLS")),
        neutral=(key(needed=False), rest(), rest([("/orders", "OPTIONS", {"apiKeyRequired": True})])),
    ),
    "aws.apigw.no_mtls": Cases(
        fails=(
            domain(audience="partner"),
            domain(Partners="yes"),
            domain(SECOND, traffic="service-to-service"),
            domain(use="M2M"),
        ),
        passes=(domain(trusts="s3://trust/ca.pem"), domain(SECOND, trusts="s3://trust/ca.pem", audience="partner")),
        neutral=(
            domain(),
            domain(team="checkout"),
            domain(team="partnerships-2"),
            domain(SECOND, audience="partner", around=(domain().resource,)),
        ),
    ),
    "aws.apigw.default_endpoint_open": Cases(
        fails=(
            rest(around=(mapped(FIRST, "abc"),), disableExecuteApiEndpoint=False),
            rest(around=(mapped(SECOND, "xyz", "abc"), EDGE)),
            web(mapped(SECOND, "abc"), DisableExecuteApiEndpoint=False),
        ),
        passes=(
            rest(),
            rest(around=(mapped(FIRST, "abc"),), disableExecuteApiEndpoint=True),
            rest(around=(mapped(FIRST, "xyz"), mapped(SECOND, "xyz"))),
            web(mapped(SECOND, "abc"), DisableExecuteApiEndpoint=True),
            web(mapped(SECOND, "abc", region="us-east-1"), mapped(FIRST, "other")),
        ),
        neutral=(rest(types=("PRIVATE",), around=(mapped(FIRST, "abc"),)),),
    ),
}


def test_a_missing_scope_weighs_less_than_a_missing_audience():
    check = "aws.apigw.jwt_no_audience"

    assert jwt(scopes=()).verdict(check).severity is Severity.LOW
    assert jwt(audience=()).verdict(check).severity is None
