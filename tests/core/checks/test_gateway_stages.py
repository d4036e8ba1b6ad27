"""API Gateway's stages, domains and requests: CASES are run by tests/house/test_checks.py."""

from dataclasses import replace

from tests.core.cases import Case, Cases, resource
from tests.core.checks.test_gateways import HTTP, PRIVATE, allow, domain, rest

LOGS = "arn:aws:logs:eu-west-1:111122223333:log-group:api"
KEYED = {"apiKeyRequired": True}


def first(
    *, settings=None, methods=(("/a/b", "GET"),), stages=1, around=(), statements=(), types=("REGIONAL",), **said
):
    """A REST API with one stage named prod, or with none."""
    found = rest(methods, *statements, types=types).resource
    stage = {"stageName": "prod", "methodSettings": settings or {}, **said}
    documents = {**found.documents, "GetStages": [stage] * stages}
    calls = {**found.calls, "GetStages": "apigateway.GetStages"}
    return Case(replace(found, documents=documents, calls=calls), around=around, subject="prod")


def second(*, routes=("GET /a",), stages=1, **said):
    stage = {
        "StageName": "prod",
        "RouteSettings": {},
        "DefaultRouteSettings": {"DetailedMetricsEnabled": False},
        **said,
    }
    named = [{"RouteKey": key} for key in routes]
    return Case(resource(HTTP, GetRoutes=named, GetStages=[stage] * stages), subject="prod")


def plan(api="abc", stage="prod", **limits):
    said = {"id": "p", "apiStages": [{"apiId": api, "stage": stage}], **limits}
    return resource("AWS::ApiGateway::UsagePlan", "arn:aws:apigateway:eu-west-1::/usageplans/p", GetUsagePlans=said)


def rate(number, where="*/*"):
    return {where: {"throttlingRateLimit": number, "throttlingBurstLimit": 10, "loggingLevel": "OFF"}}


SLOW = {"throttle": {"rateLimit": 5.0, "burstLimit": 2}}
BOUND = {"methods": (("/a/b", "GET", KEYED),)}
SEEN = {"secret": None, "digest": "d"}
SECRET = {"secret": "AWS Access Key", "digest": "d"}


def tls(*policies):
    sides = [{"EndpointType": "REGIONAL", "SecurityPolicy": one} for one in policies]
    found = domain(kind="AWS::ApiGatewayV2::DomainName")
    said = {**found.documents["GetDomainNames"], "DomainNameConfigurations": sides}
    return Case(replace(found, documents={"GetDomainNames": said}))


def old_tls(policy):
    found = domain()
    return Case(replace(found, documents={"GetDomainNames": {"domainName": "d", "securityPolicy": policy}}))


def method(*, verb="POST", validators=None, **said):
    found = rest([("/a", verb, said)]).resource
    documents, calls = dict(found.documents), dict(found.calls)
    if validators is not None:
        documents["GetRequestValidators"] = list(validators)
        calls["GetRequestValidators"] = "apigateway.GetRequestValidators"
    return Case(replace(found, documents=documents, calls=calls), subject=f"{verb} /a")


def validator(*, body=True, parameters=True):
    return {"id": "v", "validateRequestBody": body, "validateRequestParameters": parameters}


NAMED = {"method.request.querystring.page": True}
V = {"requestValidatorId": "v"}


def backend(**said):
    return replace(rest([("/a", "GET", {"methodIntegration": said})]), subject="GET /a")


def integration(**said):
    return Case(resource(HTTP, GetIntegrations=[{"IntegrationId": "i", **said}]), subject="i")


def cached(encrypted=True, on=True, where="*/*", caching=True):
    return first(settings={where: {"cachingEnabled": caching, "cacheDataEncrypted": encrypted}}, cacheClusterEnabled=on)


def calling(kind="HTTP_PROXY", link="INTERNET", **said):
    """A REST API whose only method calls a backend."""
    case = first(**said)
    backend = {"type": kind, "connectionType": link, "uri": "https://backend.test/"}
    method = {"httpMethod": "GET", "methodIntegration": backend}
    documents = {**case.resource.documents, "GetResources": [{"path": "/a", "resourceMethods": {"GET": method}}]}
    return replace(case, resource=replace(case.resource, documents=documents))


CASES = {
    "aws.apigw.cache_unencrypted": Cases(
        fails=(cached(False), cached(None), cached(False, where="~1a/GET")),
        passes=(cached(), cached(False, on=False), cached(False, caching=False), first()),
        neutral=(replace(first(stages=0), subject=""),),
    ),
    "aws.apigw.backend_client_cert": Cases(
        fails=(calling(), calling("HTTP")),
        passes=(calling(clientCertificateId="abc"),),
        neutral=(
            replace(calling("AWS_PROXY"), subject=""),
            replace(calling(link="VPC_LINK"), subject=""),
            replace(calling(stages=0), subject=""),
            replace(first(), subject=""),
        ),
    ),
    "aws.apigw.no_waf": Cases(
        fails=(first(), first(webAclArn=""), first(statements=[allow()])),
        passes=(first(webAclArn="arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/w/1"),),
        neutral=(
            first(**PRIVATE),
            first(stages=0),
            first(statements=[allow(IpAddress={"aws:SourceIp": "203.0.113.9"})]),
        ),
    ),
    "aws.apigw.no_access_log": Cases(
        fails=(
            first(),
            first(settings=rate(10)),
            first(settings={"a/GET": {"loggingLevel": "INFO"}}),
            first(accessLogSettings={"format": "$context.requestId"}),
            second(),
            second(DefaultRouteSettings={"LoggingLevel": "OFF"}),
        ),
        passes=(
            first(accessLogSettings={"destinationArn": LOGS}),
            first(settings={"*/*": {"loggingLevel": "ERROR"}}),
            second(AccessLogSettings={"DestinationArn": LOGS}),
            second(DefaultRouteSettings={"LoggingLevel": "INFO"}),
        ),
        neutral=(first(stages=0), second(stages=0)),
    ),
    "aws.apigw.no_throttle": Cases(
        fails=(
            first(),
            first(methods=()),
            first(settings=rate(10_000.0)),
            first(settings=rate(-1)),
            first(settings=rate(5, "~1a~1b/GET"), methods=(("/a/b", "GET"), ("/c", "GET"))),
            first(settings={**rate(5), **rate(10_000, "~1a~1b/GET")}),
            first(around=(plan(**SLOW),)),
            first(**BOUND, around=(plan(),)),
            first(**BOUND, around=(plan(stage="dev", **SLOW), plan(api="other", **SLOW))),
            second(),
            second(routes=()),
            second(DefaultRouteSettings={"ThrottlingRateLimit": 10_000.0}),
            second(routes=("GET /a", "GET /b"), RouteSettings={"GET /a": {"ThrottlingRateLimit": 5.0}}),
        ),
        passes=(
            first(settings=rate(100)),
            first(settings=rate(0)),
            first(settings=rate(5, "~1a~1b/GET")),
            first(settings={**rate(5), **rate(-1, "~1a~1b/GET")}),
            first(**BOUND, around=(plan(**SLOW),)),
            first(**BOUND, around=(plan(quota={"limit": 50, "period": "DAY"}),)),
            second(DefaultRouteSettings={"ThrottlingRateLimit": 100.0, "ThrottlingBurstLimit": 200}),
            second(RouteSettings={"GET /a": {"ThrottlingRateLimit": 5.0}}),
        ),
        neutral=(first(stages=0),),
    ),
    "aws.apigw.full_data_trace": Cases(
        fails=(
            first(settings={"*/*": {"dataTraceEnabled": True}}),
            first(settings={"*/*": {"dataTraceEnabled": False}, "~1a/GET": {"dataTraceEnabled": True}}),
            second(DefaultRouteSettings={"DataTraceEnabled": True}),
            second(RouteSettings={"GET /a": {"DataTraceEnabled": True}}),
        ),
        passes=(first(), first(settings={"*/*": {"dataTraceEnabled": False}}), second()),
        neutral=(first(stages=0),),
    ),
    "aws.apigw.stage_secret": Cases(
        fails=(
            first(variables={"table": SEEN, "key": SECRET}),
            first(canarySettings={"stageVariableOverrides": {"key": SECRET}}),
            second(StageVariables={"key": SECRET}),
        ),
        passes=(first(), first(variables={"table": SEEN}), second(StageVariables={"table": SEEN})),
        neutral=(second(stages=0),),
    ),
    "aws.apigw.tls_policy": Cases(
        fails=(old_tls("TLS_1_0"), tls("TLS_1_0"), tls("TLS_1_2", "TLS_1_0")),
        passes=(
            old_tls("TLS_1_2"),
            old_tls("SecurityPolicy_TLS13_1_2_2021_06"),
            old_tls("SecurityPolicy_TLS13_1_3_2025_09"),
            old_tls("SecurityPolicy_TLS12_2018_EDGE"),
            tls("TLS_1_2"),
        ),
        neutral=(replace(tls("TLS_1_0"), around=(old_tls("TLS_1_0").resource,)),),
        unknown=(old_tls(None),),
    ),
    "aws.apigw.no_request_validation": Cases(
        fails=(
            method(),
            method(verb="ANY"),
            method(verb="GET", requestParameters=NAMED),
            method(**V, validators=()),
            method(**V, validators=[validator(body=False)]),
            method(**V, requestParameters=NAMED, validators=[validator(parameters=False)]),
        ),
        passes=(
            method(**V, validators=[validator()]),
            method(**V, validators=[validator(parameters=False)]),
            method(verb="GET", **V, requestParameters=NAMED, validators=[validator(body=False)]),
        ),
        neutral=(method(verb="GET"), method(verb="OPTIONS"), rest()),
    ),
    "aws.apigw.http_backend": Cases(
        fails=(
            backend(type="HTTP_PROXY", uri="http://orders.example/"),
            backend(type="HTTP", uri="https://orders.example/", tlsConfig={"insecureSkipVerification": True}),
            integration(IntegrationUri="http://orders.example/", ConnectionType="INTERNET"),
        ),
        passes=(
            backend(type="HTTP_PROXY", uri="https://orders.example/"),
            backend(type="HTTP_PROXY", uri="http://orders.internal/", connectionType="VPC_LINK"),
            backend(type="AWS_PROXY", uri="arn:aws:apigateway:eu-west-1:lambda:path/functions/f/invocations"),
            integration(IntegrationUri="http://orders.internal/", ConnectionType="VPC_LINK"),
        ),
        neutral=(rest(), replace(integration(), resource=resource(HTTP, GetIntegrations=[]))),
    ),
}
