"""API Gateway: what is asked of requests before they are let through, and how they travel on."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.gateway_stages import no_stage, stages
from scanners.checks.gateways import HTTP, REST, methods
from scanners.checks.registry import Fix, check
from scanners.model import Node, Resource, Severity, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

WITH_BODY = ("POST", "PUT", "PATCH", "ANY")


@check(
    "aws.apigw.no_request_validation",
    on=REST,
    severity=Severity.MEDIUM,
    title="Requests are not validated at the gateway",
    reads=("GetResources", "GetRequestValidators"),
    fix=Fix(
        console="API Gateway > the API > Resources > the method > Method request > Edit: choose a request validator and"
        " a model for the body, then deploy.",
        cli="aws apigateway update-method --rest-api-id ID --resource-id ID --http-method POST --patch-operations"
        " op=replace,path=/requestValidatorId,value=VALIDATOR",
        terraform='resource "aws_api_gateway_method" "this" { request_validator_id = '
        "aws_api_gateway_request_validator.this.id }",
    ),
)
def no_request_validation(api: Resource, estate: Estate) -> Iterator[Verdict]:
    """Everything malformed or oversized reaches your code, which must then be right about all of it."""
    seen = False
    for subject, verb, _, method in methods(api):
        wants = _wants(verb, method)
        if not wants:
            continue
        seen = True
        chosen = method["requestValidatorId"]
        validator = _validator(api, chosen) if chosen.value else None
        if validator is None:
            said = (
                "The request validator that the method names does not exist"
                if chosen.value
                else "The method has no request validator"
            )
            yield failed(said, chosen, subject=subject)
        elif missing := [words for field, words in wants.items() if validator[field].value is not True]:
            sentence = f"The method's request validator does not look at {' and '.join(missing)}"
            yield failed(sentence, chosen, validator, subject=subject)
        else:
            yield passed(
                f"{' and '.join(wants.values()).capitalize()} are validated", chosen, validator, subject=subject
            )
    if not seen:
        yield not_applicable("No method takes a body or names parameters", api["GetResources"])


def _wants(verb: str, method: Node) -> dict[str, str]:
    """What a validator of the method must look at: its field → what that is."""
    wants = {"validateRequestBody": "bodies"} if verb in WITH_BODY else {}
    if method["requestParameters"].value:
        wants["validateRequestParameters"] = "parameters"
    return wants


def _validator(api: Resource, chosen: Node) -> Node | None:
    return next((one for one in api["GetRequestValidators"] if one.need("id").value == chosen.value), None)


@check(
    "aws.apigw.http_backend",
    on=(REST, HTTP),
    severity=Severity.HIGH,
    title="Gateway calls its backend without TLS",
    reads=("GetResources", "GetIntegrations"),
    fix=Fix(
        console="API Gateway > the API > Resources > the method > Integration request > Edit: an https address, or a"
        " VPC link.",
        cli="aws apigateway update-integration --rest-api-id ID --resource-id ID --http-method GET --patch-operations"
        " op=replace,path=/uri,value=https://HOST/PATH",
        terraform='resource "aws_api_gateway_integration" "this" { uri = "https://HOST/PATH" }',
    ),
)
def http_backend(api: Resource, estate: Estate) -> Iterator[Verdict]:
    """Between the gateway and the backend, requests cross the internet for everyone on the way to read and change."""
    seen = False
    for subject, uri, link, lax in _backends(api):
        seen = True
        if lax.value is True:
            yield failed("The backend's certificate is not verified", lax, subject=subject)
        elif str(uri.value).startswith("http://") and link.value != "VPC_LINK":
            yield failed("The backend is called over plain HTTP", uri, link, subject=subject)
        else:
            yield passed("The backend is not called over plain HTTP", uri, link, subject=subject)
    if not seen:
        yield not_applicable("The API calls nothing", api["GetResources" if api.kind == REST else "GetIntegrations"])


def _backends(api: Resource) -> Iterator[tuple[str, Node, Node, Node]]:
    """(subject, address, how it is connected, whether certificates go unverified) of every backend."""
    if api.kind == REST:
        for subject, _, _, method in methods(api):
            backend = method["methodIntegration"]
            if backend["uri"].present:
                lax = backend["tlsConfig"]["insecureSkipVerification"]
                yield subject, backend["uri"], backend["connectionType"], lax
        return
    for backend in api["GetIntegrations"]:
        name = backend.need("IntegrationId").text()
        yield (
            name,
            backend["IntegrationUri"],
            backend["ConnectionType"],
            backend["TlsConfig"]["InsecureSkipVerification"],
        )


@check(
    "aws.apigw.backend_client_cert",
    on=REST,
    severity=Severity.LOW,
    title="Backend cannot verify the gateway",
    reads=("GetStages", "GetResources"),
    fix=Fix(
        console="API Gateway > Client certificates > Generate; then the API > Stages > the stage > Edit: choose it, and"
        " have the backend ask for it.",
        cli="aws apigateway generate-client-certificate; aws apigateway update-stage --rest-api-id ID --stage-name NAME"
        " --patch-operations op=replace,path=/clientCertificateId,value=CERTIFICATE",
        terraform='resource "aws_api_gateway_stage" "this" { client_certificate_id ='
        " aws_api_gateway_client_certificate.this.id }",
    ),
)
def backend_client_cert(api: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever learns the backend's address calls it past the gateway, with its keys, limits and checks left out."""
    called = [method["methodIntegration"]["uri"] for _, _, _, method in methods(api) if _over_http(method)]
    if not called:
        yield not_applicable("The API calls no backend over HTTP", api["GetResources"])
        return
    for name, stage in stages(api):
        certificate = stage["clientCertificateId"]
        if certificate.value:
            yield passed("The stage shows its backends a certificate", certificate, subject=name)
        else:
            yield failed("The stage shows its backends no certificate", certificate, *called[:5], subject=name)
    yield from no_stage(api)


def _over_http(method: Node) -> bool:
    """Over a private link nobody else can call it."""
    backend = method["methodIntegration"]
    return backend["type"].value in ("HTTP", "HTTP_PROXY") and backend["connectionType"].value != "VPC_LINK"
