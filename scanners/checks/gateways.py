"""API Gateway: who may come in, on REST, HTTP and WebSocket APIs.

Limits: a domain is not matched with the APIs it leads to, so that an API counts as closed by client certificates only
where every custom domain of its region asks for them; what an authorizer itself decides is not looked into.
Source: "Controlling and managing access to REST APIs in API Gateway", developer guide, read 2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from scanners.access.aws.statements import Statement, kept_out, matches, open_to_anyone, resources_of
from scanners.checks.registry import Fix, check
from scanners.model import Node, Resource, Severity, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

REST = "AWS::ApiGateway::RestApi"
HTTP = "AWS::ApiGatewayV2::Api"
INVOKE = "execute-api:Invoke"
DOMAINS = (
    ("AWS::ApiGateway::DomainName", ("mutualTlsAuthentication", "truststoreUri")),
    ("AWS::ApiGatewayV2::DomainName", ("MutualTlsAuthentication", "TruststoreUri")),
)
JOINS = tuple((kind, "GetDomainNames") for kind, _ in DOMAINS)
VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_PARAMETER = re.compile(r"\{[^/]*\}")
RESTRICT = Fix(
    console="API Gateway > the API > Resource policy: allow only known addresses, endpoints or organisations, then"
    " deploy; or API settings > Edit: endpoint type Private.",
    cli="aws apigateway update-rest-api --rest-api-id ID --patch-operations op=replace,path=/policy,value=POLICY",
    terraform='resource "aws_api_gateway_rest_api_policy" "this" { policy = data.aws_iam_policy_document.known.json }',
)


def methods(api: Resource) -> Iterator[tuple[str, str, str, Node]]:
    """(verb and path, verb, path, method) of every method but OPTIONS, which answers before anyone can sign in."""
    for resource in api["GetResources"]:
        path = resource.need("path").text()
        for verb, method in resource["resourceMethods"].items():
            if verb != "OPTIONS":
                yield f"{verb} {path}", verb, path, method


def private(api: Resource) -> Node | None:
    """Where it says that the API can be reached through VPC endpoints only."""
    types = api["GetRestApis"].need("endpointConfiguration").need("types")
    return types if [one.value for one in types] == ["PRIVATE"] else None


def open_statements(api: Resource) -> list[Statement]:
    """Those of the API's policy by which strangers may call it."""
    policy = api["GetRestApis"]["policy"]
    found = (statement for statement, _ in open_to_anyone(policy) if statement.may(INVOKE))
    return [statement for statement in found if not kept_out(policy, statement)]


def unguarded(api: Resource) -> Node | None:
    """What lets strangers reach a public API: the policy that is not there, or the statement that lets them in."""
    policy = api["GetRestApis"]["policy"]
    return next((statement.node for statement in open_statements(api)), None) if policy.present else policy


def certified(api: Resource, listing: str, flag: str, estate: Estate) -> Node | None:
    """Where an API's own address is off, and every domain that could lead to it asks for a client certificate."""
    off = api[listing][flag]
    if off.value is not True:
        return None
    asks: dict[str, bool] = {}
    for kind, (part, store) in DOMAINS:  # both generations list the same domains
        for domain in estate.all(kind):
            if domain.region == api.region:
                trusts = bool(domain["GetDomainNames"][part][store].value)
                asks[domain.ref] = asks.get(domain.ref, False) or trusts
    return off if all(asks.values()) else None


@check(
    "aws.apigw.method_no_auth",
    on=REST,
    severity=Severity.HIGH,
    title="REST method without authorization",
    reads=("GetRestApis", "GetResources"),
    joins=JOINS,
    fix=Fix(
        console="API Gateway > the API > Resources > the method > Method request > Edit: choose an authorizer or AWS"
        " IAM, then deploy. An authorizer that exists protects only the methods that name it.",
        cli="aws apigateway update-method --rest-api-id ID --resource-id ID --http-method GET --patch-operations"
        " op=replace,path=/authorizationType,value=AWS_IAM",
        terraform='resource "aws_api_gateway_method" "this" { authorization = "CUSTOM"  authorizer_id = '
        "aws_api_gateway_authorizer.this.id }",
    ),
)
def method_no_auth(api: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever finds the address runs what stands behind it.

    An API key identifies a customer for counting; it is sent along in clear, shared and logged, and proves nothing.
    """
    closed = private(api)
    seen = False
    for subject, verb, path, method in methods(api):
        seen = True
        kind, key = method.need("authorizationType"), method["apiKeyRequired"]
        if kind.value != "NONE":
            yield passed(f"The method asks for authorization of the kind {kind.value}", kind, subject=subject)
        elif closed:
            yield passed("The API is private: only VPC endpoints lead to it", kind, closed, subject=subject)
        elif (way := _reachable(api, verb, path)) is None:
            policy = api["GetRestApis"]["policy"]
            yield passed("The API's policy keeps strangers from the method", kind, policy, subject=subject)
        elif off := certified(api, "GetRestApis", "disableExecuteApiEndpoint", estate):
            yield passed("No way leads to the API without a client certificate", kind, off, subject=subject)
        elif key.value is True:
            sentence = "The method asks only for an API key, which is no authorization"
            yield failed(sentence, kind, key, way, subject=subject, severity=Severity.MEDIUM)
        else:
            yield failed(
                "Anyone on the internet can call the method: it asks for no authorization", kind, way, subject=subject
            )
    if not seen:
        yield not_applicable("The API has no method that does anything", api["GetResources"])


def _reachable(api: Resource, verb: str, path: str) -> Node | None:
    """What lets strangers call one method of a public API."""
    policy = api["GetRestApis"]["policy"]
    if not policy.present:
        return policy
    speaking = (s.node for s in open_statements(api) if any(_covers(one, verb, path) for one in resources_of(s)))
    return next(speaking, None)


def _covers(pattern: str, verb: str, path: str) -> bool:
    """Whether "stage/VERB/path" covers a method in some stage; a parameter of the path may have any value."""
    stage = re.sub(r"[*?]", "s", pattern.split("/")[0])
    return any(
        matches(pattern, f"{stage}/{one}{path}") or matches(f"*/{one}{_PARAMETER.sub('*', path)}", pattern)
        for one in (VERBS if verb == "ANY" else (verb,))
    )


@check(
    "aws.apigw.v2_route_no_auth",
    on=HTTP,
    severity=Severity.HIGH,
    title="HTTP or WebSocket route without authorization",
    reads=("GetApis", "GetRoutes"),
    joins=JOINS,
    fix=Fix(
        console="API Gateway > the API > Authorization > Attach authorizers to routes: choose route and authorizer.",
        cli="aws apigatewayv2 update-route --api-id ID --route-id ID --authorization-type JWT --authorizer-id ID",
        terraform='resource "aws_apigatewayv2_route" "this" { authorization_type = "JWT"  authorizer_id = '
        "aws_apigatewayv2_authorizer.this.id }",
    ),
)
def v2_route_no_auth(api: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever finds the address runs what stands behind it; a socket is asked only once, when it is opened."""
    socket = api["GetApis"].need("ProtocolType").value == "WEBSOCKET"
    routes = {route.need("RouteKey").text(): route for route in api["GetRoutes"]}
    asked = {key: route for key, route in routes.items() if key == "$connect" or not socket}
    asked = {key: route for key, route in asked.items() if not key.startswith("OPTIONS ")}
    off = "DisableExecuteApiEndpoint"
    for key, route in asked.items():
        kind = route["AuthorizationType"]
        if kind.present and kind.value != "NONE":
            yield passed(f"The route asks for authorization of the kind {kind.value}", kind, subject=key)
        elif closed := certified(api, "GetApis", off, estate):
            yield passed("No way leads to the API without a client certificate", kind, closed, subject=key)
        else:
            yield failed("Anyone on the internet can call the route: it asks for no authorization", kind, subject=key)
    if socket and not asked and routes:
        sentence = "Sockets are opened for anyone: no route $connect asks who they are"
        yield failed(sentence, api["GetRoutes"], subject="$connect")
    elif not asked:
        yield not_applicable("The API has no route that does anything", api["GetRoutes"])


@check(
    "aws.apigw.public_endpoint",
    on=REST,
    severity=Severity.MEDIUM,
    title="API reachable from the internet",
    reads=("GetRestApis",),
    joins=JOINS,
    fix=RESTRICT,
)
def public_endpoint(api: Resource, estate: Estate) -> Iterator[Verdict]:
    """What the whole internet can reach is tried by the whole internet; an API for few should be reachable by few."""
    types = api["GetRestApis"]["endpointConfiguration"]["types"]
    if closed := private(api):
        yield passed("The API is private: only VPC endpoints lead to it", closed)
    elif (way := unguarded(api)) is None:
        yield passed("The API's policy limits who may call it", api["GetRestApis"]["policy"])
    elif off := certified(api, "GetRestApis", "disableExecuteApiEndpoint", estate):
        yield passed("No way leads to the API without a client certificate", off)
    else:
        yield failed("The API can be reached from the internet, and no policy limits who may call it", types, way)


@check(
    "aws.apigw.policy_open_private",
    on=REST,
    severity=Severity.HIGH,
    title="Private API whose policy allows everyone",
    reads=("GetRestApis",),
    fix=Fix(
        console="API Gateway > the API > Resource policy: add a condition that names aws:SourceVpce or aws:SourceVpc,"
        " then deploy.",
        cli=RESTRICT.cli,
        terraform='condition { test = "StringEquals"  variable = "aws:SourceVpce"  values = [aws_vpc_endpoint.a.id] }',
    ),
)
def policy_open_private(api: Resource, estate: Estate) -> Iterator[Verdict]:
    """A private API is private to AWS, not to you: an open policy lets in any VPC of any customer."""
    if not (closed := private(api)):
        types = api["GetRestApis"]["endpointConfiguration"]["types"]
        yield not_applicable("The API is not private", types)
        return
    policy = api["GetRestApis"]["policy"]
    for statement in open_statements(api):
        yield failed("The private API's policy lets in every VPC endpoint of every account", statement.node, closed)
    yield passed(
        "The private API's policy names whom it lets in"
        if policy.present
        else "Without a policy, a private API answers nobody",
        policy,
        closed,
    )


@check(
    "aws.apigw.cors_any",
    on=HTTP,
    severity=Severity.MEDIUM,
    title="API accepts every origin",
    reads=("GetApis",),
    fix=Fix(
        console="API Gateway > the API > CORS > Configure: list the origins of your own pages.",
        cli="aws apigatewayv2 update-api --api-id ID --cors-configuration AllowOrigins=https://app.example.com",
        terraform='resource "aws_apigatewayv2_api" "this" { cors_configuration { allow_origins = '
        '["https://app.example.com"] } }',
    ),
)
def cors_any(api: Resource, estate: Estate) -> Iterator[Verdict]:
    """Any web page can call the API from a visitor's browser; with credentials allowed, as that visitor."""
    cors = api["GetApis"]["CorsConfiguration"]
    for origin in cors["AllowOrigins"]:
        if origin.value in ("*", "http://*", "https://*"):
            credentials = cors["AllowCredentials"]
            worse = credentials.value is True
            sentence = f"The API accepts {origin.value} as origin{' and allows credentials' if worse else ''}"
            yield failed(sentence, origin, credentials, severity=Severity.HIGH if worse else None)
    yield passed("The API does not accept every origin", cors)
