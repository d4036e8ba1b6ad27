"""API Gateway: what callers must show, and whether there is a way around the door.

Limits: whether machines or people call through a domain only its tags can tell, in the words of MACHINES.  Where a
domain is routed by rules alone, the APIs behind it are not seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from scanners.checks.gateway_domains import FIRST, SECOND
from scanners.checks.gateways import DOMAINS as TRUST
from scanners.checks.gateways import HTTP, REST, methods, private
from scanners.checks.registry import Fix, check
from scanners.checks.ways_in import nearby
from scanners.model import Node, Resource, Severity, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

MACHINES = re.compile(  # what a tag's key or value says of a domain that machines call
    r"\b(partners?|b2b|m2m|s2s|service-to-service|machine-to-machine|mtls|mutual-tls)\b", re.I
)
DOMAINS = dict(TRUST)
MAPPED = ((FIRST, "GetBasePathMappings", "restApiId"), (SECOND, "GetApiMappings", "ApiId"))


@check(
    "aws.apigw.jwt_no_audience",
    on=HTTP,
    severity=Severity.MEDIUM,
    title="JWT authorizer does not bind tokens to the service",
    reads=("GetRoutes", "GetAuthorizer"),
    fix=Fix(
        console="API Gateway > the API > Authorization > Manage authorizers: the audience of this service; then each"
        " route > Attach: the scopes it needs.",
        cli="aws apigatewayv2 update-authorizer --api-id ID --authorizer-id ID --jwt-configuration"
        " Audience=orders,Issuer=https://identity.example.com; aws apigatewayv2 update-route --api-id ID --route-id ID"
        " --authorization-scopes orders/read",
        terraform='resource "aws_apigatewayv2_authorizer" "this" { jwt_configuration { audience = ["orders"]'
        '  issuer = "https://identity.example.com" } }',
    ),
)
def jwt_no_audience(api: Resource, estate: Estate) -> Iterator[Verdict]:
    """A token that the same issuer gave for another service, or another purpose, opens this one as well."""
    judged = False
    for route in api["GetRoutes"]:
        if route["AuthorizationType"].value != "JWT":
            continue
        judged = True
        key, chosen = route.need("RouteKey").text(), route.need("AuthorizerId").text()
        authorizer = next((found for name, found in api.each("GetAuthorizer") if name == chosen), None)
        if authorizer is None or not authorizer.present:
            yield passed("The authorizer is gone, and the route answers nobody", route["AuthorizerId"], subject=key)
            continue
        yield _bound(route, authorizer["JwtConfiguration"], key)
    if not judged:
        yield not_applicable("No route asks for a JWT", api["GetRoutes"])


def _bound(route: Node, token: Node, key: str) -> Verdict:
    audience, issuer, scopes = token["Audience"], token["Issuer"], route["AuthorizationScopes"]
    if not audience.value:
        return failed("A token for any service of the issuer is accepted: no audience is named", audience, subject=key)
    if not str(issuer.value).startswith("https://"):
        return failed("The issuer of tokens is asked over plain HTTP", issuer, subject=key)
    if not scopes.value:
        sentence = "Any token for this service is accepted: the route asks for no scope"
        return failed(sentence, scopes, audience, subject=key, severity=Severity.LOW)
    return passed("The route accepts tokens for this service and this purpose", audience, scopes, subject=key)


@check(
    "aws.apigw.apikey_only",
    on=REST,
    severity=Severity.MEDIUM,
    title="API key is the only protection",
    reads=("GetResources",),
    fix=Fix(
        console="API Gateway > the API > Resources > the method > Method request > Edit: choose an authorizer or AWS"
        " IAM beside the key, then deploy.",
        cli="aws apigateway update-method --rest-api-id ID --resource-id ID --http-method GET --patch-operations"
        " op=replace,path=/authorizationType,value=AWS_IAM",
        terraform='resource "aws_api_gateway_method" "this" { authorization = "AWS_IAM"  api_key_required = true }',
    ),
)
def apikey_only(api: Resource, estate: Estate) -> Iterator[Verdict]:
    """A key says whom to count a request for; it is shared, never runs out, and proves nothing."""
    seen = False
    for subject, _, _, method in methods(api):
        kind, key = method["authorizationType"], method["apiKeyRequired"]
        seen = True
        if kind.present and kind.value != "NONE":
            yield passed(f"The method asks for authorization of the kind {kind.value}", kind, subject=subject)
        elif key.value is True:
            yield failed("An API key is all that the method asks for", kind, key, subject=subject)
        else:
            yield not_applicable("The method asks for nothing, not even a key", kind, key, subject=subject)
    if not seen:
        yield not_applicable("The API has no method that does anything", api["GetResources"])


@check(
    "aws.apigw.no_mtls",
    on=(FIRST, SECOND),
    severity=Severity.LOW,
    title="Partner API without mutual TLS",
    reads=("GetDomainNames",),
    joins=((FIRST, "GetDomainNames"),),
    fix=Fix(
        console="API Gateway > Custom domain names > the domain > Edit: mutual TLS authentication, with the partners'"
        " certificate authorities as trust store.",
        cli="aws apigatewayv2 update-domain-name --domain-name NAME --mutual-tls-authentication"
        " TruststoreUri=s3://BUCKET/partners.pem",
        terraform='resource "aws_api_gateway_domain_name" "this" { mutual_tls_authentication {'
        ' truststore_uri = "s3://trust/partners.pem" } }',
    ),
)
def no_mtls(domain: Resource, estate: Estate) -> Iterator[Verdict]:
    """A machine can prove with a certificate that it is the partner's; a token alone may come from anywhere."""
    said, first = domain["GetDomainNames"], domain.kind == FIRST
    if not first and estate.find(FIRST, domain.ref):
        yield not_applicable(
            "The domain is judged among those of REST APIs, which list it too", said.need("DomainName")
        )
        return
    part, field = DOMAINS[domain.kind]
    store, tags = said[part][field], said["tags" if first else "Tags"]
    words = [value for key, value in tags.items() if MACHINES.search(f"{key} {value.value}")]
    if store.value:
        yield passed("Callers must show a certificate", store)
    elif words:
        yield failed("Its tags say that machines call here, and no certificate is asked for", store, *words)
    else:
        yield not_applicable("No tag says that machines call here", tags)


@check(
    "aws.apigw.default_endpoint_open",
    on=(REST, HTTP),
    severity=Severity.MEDIUM,
    title="Default hostname bypasses the custom domain",
    reads=("GetRestApis", "GetApis"),
    joins=tuple((kind, section) for kind, section, _ in MAPPED),
    fix=Fix(
        console="API Gateway > the API > API settings > Edit: default endpoint inactive; then deploy.",
        cli="aws apigateway update-rest-api --rest-api-id ID --patch-operations"
        " op=replace,path=/disableExecuteApiEndpoint,value=true",
        terraform='resource "aws_api_gateway_rest_api" "this" { disable_execute_api_endpoint = true }',
    ),
)
def default_endpoint_open(api: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whatever the domain asks for, certificates or a firewall, is not asked at the address that AWS gave the API."""
    rest = api.kind == REST
    said = api["GetRestApis" if rest else "GetApis"]
    off = said["disableExecuteApiEndpoint" if rest else "DisableExecuteApiEndpoint"]
    if rest and (closed := private(api)):
        yield not_applicable("The API is private, and its own address leads nowhere outside", closed)
    elif off.value is True:
        yield passed("The API answers at its domains only", off)
    else:
        number = said.need("id" if rest else "ApiId")
        for mapping in _leading_to(api, number.text(), estate):
            yield failed("The API has a domain, and still answers at the address that AWS gave it", off, mapping)
        yield passed("No domain leads to the API: its own address is its only one", off, number)


def _leading_to(api: Resource, number: str, estate: Estate) -> Iterator[Node]:
    for kind, section, field in MAPPED:
        for domain in nearby(api, kind, estate):
            if section in domain.documents or section in domain.gaps:  # not asked of domains at the edge
                yield from (mapping[field] for mapping in domain[section] if mapping[field].value == number)
