"""API Gateway's ways in: CASES are run by tests/house/test_checks.py; tests of their own say what cases cannot."""

from dataclasses import replace

from scanners.model import Outcome, Severity
from tests.core.cases import ACCOUNT, Case, Cases, resource

REST, HTTP = "AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"
ID = "arn:aws:apigateway:eu-west-1::/restapis/abc"
OFF = {"disableExecuteApiEndpoint": True}


def domain(trusted="", kind="AWS::ApiGateway::DomainName", region="eu-west-1"):
    part, store = ("mutualTlsAuthentication", "truststoreUri")
    if "V2" in kind:
        part, store = ("MutualTlsAuthentication", "TruststoreUri")
    said = {"DomainName": "d", "domainName": "d", part: {store: trusted} if trusted else {}}
    return resource(kind, f"arn:aws:apigateway:{region}::/domainnames/d", region=region, GetDomainNames=said)


def rest(methods=(), *statements, types=("REGIONAL",), subject="", around=(), **said):
    """`methods`: (path, verb, what it says), of which the last may be left out."""
    listed = {"id": "abc", "endpointConfiguration": {"types": list(types)}, **said}
    if statements:
        listed["policy"] = {"Version": "2012-10-17", "Statement": list(statements)}
    paths: dict = {}
    for path, verb, *more in methods:
        method = {"httpMethod": verb, "authorizationType": "NONE", "apiKeyRequired": False, **(more[0] if more else {})}
        paths.setdefault(path, {})[verb] = method
    resources = [{"path": path, "resourceMethods": verbs} for path, verbs in paths.items()]
    found = resource(REST, ID, GetRestApis=listed, GetResources=[{"path": "/"}, *resources])
    return Case(found, around=around, subject=subject)


def orders(*statements, verb="GET", path="/orders", method=None, **more):
    return rest([(path, verb, method or {})], *statements, subject=f"{verb} {path}", **more)


def allow(where="execute-api:/*", **conditions):
    more = {"Condition": conditions} if conditions else {}
    return {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": where, **more}


def deny(where="execute-api:/*", **conditions):
    return {**allow(where, **conditions), "Effect": "Deny"}


def http(*routes, protocol="HTTP", subject="GET /a", around=(), **said):
    listed = {"ApiId": "abc", "ProtocolType": protocol, "DisableExecuteApiEndpoint": False, **said}
    found = resource(HTTP, "arn:aws:apigateway:eu-west-1::/apis/abc", GetApis=listed, GetRoutes=list(routes))
    return Case(found, around=around, subject=subject)


def route(key="GET /a", kind="NONE", **more):
    return {"RouteKey": key, "AuthorizationType": kind, **more}


def socket(*routes):
    return http(*routes, protocol="WEBSOCKET", subject="$connect")


ARN = f"arn:aws:execute-api:eu-west-1:{ACCOUNT}:abc"
OFFICE = {"aws:SourceIp": ["203.0.113.0/24"]}
ENDPOINT = {"aws:SourceVpce": "vpce-1"}
PRIVATE = {"types": ("PRIVATE",)}
SECOND = "AWS::ApiGatewayV2::DomainName"
STORE = "s3://trust/store.pem"

CASES = {
    "aws.apigw.method_no_auth": Cases(
        fails=(
            orders(),
            orders(verb="ANY", path="/{proxy+}"),
            orders(types=("EDGE",)),
            orders(method={"apiKeyRequired": True}),
            orders(method={"authorizerId": "left-over"}),
            orders(allow()),
            orders(allow(IpAddress={"aws:SourceIp": "0.0.0.0/0"})),
            orders(allow("execute-api:/prod/GET/orders")),
            orders(allow("execute-api:/*/orders")),
            orders(allow(f"{ARN}/prod/GET/*"), verb="ANY"),
            orders(allow("execute-api:/*/GET/orders/7"), path="/orders/{id}"),
            orders(allow(), deny("execute-api:/prod/POST/*", NotIpAddress=OFFICE)),
            orders(around=(domain(STORE),)),
            orders(**OFF, around=(domain(STORE), domain(kind=SECOND, region="eu-west-1"), domain())),
        ),
        passes=(
            orders(method={"authorizationType": "AWS_IAM"}),
            orders(method={"authorizationType": "CUSTOM", "authorizerId": "a"}),
            orders(method={"authorizationType": "COGNITO_USER_POOLS", "authorizerId": "a"}),
            orders(**PRIVATE),
            orders(allow(IpAddress=OFFICE)),
            orders(allow("execute-api:/*/POST/*")),
            orders(allow(), deny(NotIpAddress=OFFICE)),
            orders(allow(f"{ARN}/*"), deny("execute-api:/*", StringNotEquals=ENDPOINT)),
            orders(**OFF, around=(domain(STORE),)),
            orders(**OFF, around=(domain(STORE, SECOND),)),
            orders(**OFF, around=(domain(), domain(STORE, SECOND), domain(region="us-east-1"))),
        ),
        neutral=(rest(), rest([("/orders", "OPTIONS")])),
    ),
    "aws.apigw.v2_route_no_auth": Cases(
        fails=(
            http(route()),
            http({"RouteKey": "GET /a"}),
            http(route(), route("GET /b", "JWT", AuthorizerId="a")),
            http(route(), DisableExecuteApiEndpoint=True, around=(domain(kind=SECOND),)),
            http(route("$default"), subject="$default"),
            socket(route("$connect"), route("$default")),
            socket(route("$default")),
        ),
        passes=(
            http(route(kind="JWT", AuthorizerId="a")),
            http(route(kind="CUSTOM", AuthorizerId="a")),
            http(route(kind="AWS_IAM")),
            http(route(), DisableExecuteApiEndpoint=True, around=(domain(STORE, SECOND),)),
            http(route(), DisableExecuteApiEndpoint=True, around=(domain(STORE),)),
            socket(route("$connect", "AWS_IAM"), route("$default")),
        ),
        neutral=(http(), http(route("OPTIONS /a")), socket()),
    ),
    "aws.apigw.public_endpoint": Cases(
        fails=(
            rest(),
            rest(types=("EDGE",)),
            rest([], allow()),
            rest([], allow(StringLike={"aws:UserAgent": "shop/*"})),
            rest([], allow(), deny("execute-api:/dev/*", NotIpAddress=OFFICE)),
        ),
        passes=(
            rest(**PRIVATE),
            rest([], allow(IpAddress=OFFICE)),
            rest([], allow(StringEquals={"aws:PrincipalOrgID": "o-abc"})),
            rest([], allow(), deny(NotIpAddress=OFFICE)),
            rest(**OFF, around=(domain(STORE),)),
            rest(**OFF, around=(domain(STORE, SECOND),)),
        ),
    ),
    "aws.apigw.policy_open_private": Cases(
        fails=(
            rest([], allow(), **PRIVATE),
            rest([], allow(IpAddress={"aws:VpcSourceIp": "10.0.0.0/16"}), **PRIVATE),
            rest([], allow(StringLike={"aws:SourceVpce": "*"}), **PRIVATE),
        ),
        passes=(
            rest(**PRIVATE),
            rest([], allow(StringEquals=ENDPOINT), **PRIVATE),
            rest([], allow(), deny(StringNotEquals={"aws:SourceVpc": "vpc-1"}), **PRIVATE),
        ),
        neutral=(rest([], allow()),),
    ),
    "aws.apigw.cors_any": Cases(
        fails=(
            http(CorsConfiguration={"AllowOrigins": ["https://a.example", "*"]}),
            http(CorsConfiguration={"AllowOrigins": ["https://*"], "AllowCredentials": True}),
        ),
        passes=(http(), http(CorsConfiguration={"AllowOrigins": ["https://a.example"]})),
    ),
}
OPEN = "aws.apigw.method_no_auth"


def test_a_policy_that_was_not_understood_leaves_the_method_unknown_and_not_open():
    case = orders()
    listed = {**case.resource.documents["GetRestApis"], "policy": "{{"}
    documents = {**case.resource.documents, "GetRestApis": listed}

    verdict = replace(case, resource=replace(case.resource, documents=documents)).verdict(OPEN)

    assert verdict.outcome is Outcome.UNKNOWN


def test_each_method_is_a_finding_of_its_own():
    found = rest([("/a", "GET"), ("/a", "POST", {"authorizationType": "AWS_IAM"}), ("/b", "GET"), ("/b", "OPTIONS")])

    outcomes = {verdict.subject: verdict.outcome.value for verdict in found.verdicts(OPEN)}

    assert outcomes == {"GET /a": "fail", "POST /a": "pass", "GET /b": "fail"}


def test_an_api_key_makes_it_less_grave_and_no_less_open():
    verdict = orders(method={"apiKeyRequired": True}).verdict(OPEN)

    assert verdict.severity is Severity.MEDIUM
    assert "API key" in verdict.sentence
