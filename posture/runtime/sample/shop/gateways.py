"""Builds the APIs of `gateway_table.py`, with their stages, authorizers and domains."""

from __future__ import annotations

from typing import Any

from posture.runtime.sample.emulator import ACCOUNT
from posture.runtime.sample.shop import EDGE, MAIN
from posture.runtime.sample.shop.account import Account, policy
from posture.runtime.sample.shop.gateway_table import DOMAINS, RESTS, TAGS, WEBS, Rest, Web


def build(account: Account, ids: dict[str, str]) -> None:
    with account.past(500):
        wall, apis = make_walls(account), dict[str, str]()
        for rest in RESTS:
            apis[rest.name] = made = make_rest(account, rest, ids)
            if rest.walled:
                account.client("wafv2").associate_web_acl(
                    WebACLArn=wall,
                    ResourceArn=f"arn:aws:apigateway:{rest.region}::/restapis/{made}/stages/{rest.stage}",
                )
            if rest.name == "storefront":
                account.client("apigateway").create_usage_plan(
                    name="carriers",
                    apiStages=[{"apiId": made, "stage": "prod"}],
                    throttle={"rateLimit": 20.0, "burstLimit": 40},
                    quota={"limit": 50000, "period": "DAY"},
                )
        for web in WEBS:
            apis[web.name] = make_web(account, web)
        for generation, name, tls, region, api, certified in DOMAINS:
            make_domain(account, generation, name, tls, region, certified)
            if api and generation == 1:
                account.client("apigateway", region).create_base_path_mapping(
                    domainName=name, restApiId=apis[api], stage="prod"
                )
            elif api:
                account.client("apigatewayv2", region).create_api_mapping(
                    DomainName=name, ApiId=apis[api], Stage="$default"
                )


def make_walls(account: Account) -> str:
    """One that somebody meant to fill later, and the one before the CDN.  Gives the ARN of the first."""
    empty = make_wall(account, "storefront", MAIN, "REGIONAL", [])
    edge = make_wall(account, "edge", EDGE, "CLOUDFRONT", [COMMON, FLOOD])
    logs = f"arn:aws:logs:{EDGE}:{ACCOUNT}:log-group:aws-waf-logs-edge"
    account.client("wafv2", EDGE).put_logging_configuration(
        LoggingConfiguration={"ResourceArn": edge, "LogDestinationConfigs": [logs]}
    )
    return empty


def make_wall(account: Account, name: str, region: str, scope: str, rules: list[dict[str, Any]]) -> str:
    made = account.client("wafv2", region).create_web_acl(
        Name=name, Scope=scope, DefaultAction={"Allow": {}}, Rules=rules, VisibilityConfig=watched(name)
    )
    return str(made["Summary"]["ARN"])


def watched(name: str) -> dict[str, Any]:
    return {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name}


COMMON: dict[str, Any] = {
    "Name": "common",
    "Priority": 1,
    "OverrideAction": {"None": {}},
    "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}},
    "VisibilityConfig": watched("common"),
}
FLOOD: dict[str, Any] = {
    "Name": "flood",
    "Priority": 2,
    "Action": {"Block": {}},
    "Statement": {"RateBasedStatement": {"Limit": 2000, "AggregateKeyType": "IP"}},
    "VisibilityConfig": watched("flood"),
}


def function_uri(region: str, function: str) -> str:
    """How a gateway names a function that it calls."""
    arn = f"arn:aws:lambda:{region}:{ACCOUNT}:function:{function}"
    return f"arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"


def make_rest(account: Account, rest: Rest, ids: dict[str, str]) -> str:
    api = account.client("apigateway", rest.region)
    said = policy(*rest.statements).replace('"VPCE"', f'"{ids["private-api"]}"')
    made: str = api.create_rest_api(
        name=rest.name,
        description=rest.note,
        endpointConfiguration={"types": [rest.kind]},
        tags={"service": rest.name},
        **({"policy": said} if rest.statements else {}),
    )["id"]
    make_methods(api, made, rest)
    deployed = api.create_deployment(restApiId=made)["id"]
    variables = {"stage": rest.stage} | ({"BACKEND_API_TOKEN": rest.token} if rest.token else {})
    api.create_stage(restApiId=made, stageName=rest.stage, deploymentId=deployed, variables=variables)
    if changes := stage_settings(rest):
        said_so = [{"op": "replace", "path": path, "value": value} for path, value in changes.items()]
        api.update_stage(restApiId=made, stageName=rest.stage, patchOperations=said_so)
    return made


def make_methods(api: Any, made: str, rest: Rest) -> None:
    root = api.get_resources(restApiId=made)["items"][0]["id"]
    door, validator, paths = {}, {}, {}
    if rest.authorizer:
        uri = function_uri(rest.region, "identity-authorizer")
        header = "method.request.header.Authorization"
        made_door = api.create_authorizer(
            restApiId=made, name="identity", type="TOKEN", identitySource=header, authorizerUri=uri
        )
        door = {"authorizerId": made_door["id"]}
    if rest.validated:
        both = {"validateRequestBody": True, "validateRequestParameters": True}
        validator = {"requestValidatorId": api.create_request_validator(restApiId=made, name="all", **both)["id"]}
    for path, verb, authorised in rest.methods:
        if path not in paths:
            paths[path] = api.create_resource(restApiId=made, parentId=root, pathPart=path)["id"]
        place = {"restApiId": made, "resourceId": paths[path], "httpMethod": verb}
        more = (door if authorised == "CUSTOM" else {}) | (validator if verb not in ("GET", "OPTIONS") else {})
        kind = "NONE" if authorised == "KEY" else authorised
        api.put_method(**place, authorizationType=kind, apiKeyRequired=authorised == "KEY", **more)
        if verb == "OPTIONS":
            api.put_integration(**place, type="MOCK")
        else:
            kind = "HTTP_PROXY" if rest.backend else "AWS_PROXY"
            uri = rest.backend or function_uri(rest.region, "orders-api")
            api.put_integration(**place, type=kind, integrationHttpMethod="POST", uri=uri)


def stage_settings(rest: Rest) -> dict[str, str]:
    settings = {}
    if rest.logged:
        settings["/accessLogSettings/destinationArn"] = log_group(rest.region, rest.logged)
        settings["/accessLogSettings/format"] = "$context.requestId $context.status"
    if rest.traced:
        settings["/*/*/logging/dataTrace"] = "true"
    if rest.calm:
        settings["/*/*/throttling/rateLimit"] = "200"
        settings["/*/*/throttling/burstLimit"] = "400"
        settings["/*/*/logging/loglevel"] = "ERROR" if rest.logged else "OFF"
    if rest.cache:
        settings["/cacheClusterEnabled"] = settings["/*/*/caching/enabled"] = "true"
        settings["/*/*/caching/dataEncrypted"] = "true" if rest.cache == "sealed" else "false"
    if rest.certificate:
        settings["/clientCertificateId"] = rest.certificate
    return settings


def log_group(region: str, name: str) -> str:
    return f"arn:aws:logs:{region}:{ACCOUNT}:log-group:{name}"


def make_web(account: Account, web: Web) -> str:
    api = account.client("apigatewayv2")
    more: dict[str, Any] = {"CorsConfiguration": web.cors} if web.cors else {}
    if web.protocol == "WEBSOCKET":
        more["RouteSelectionExpression"] = "$request.body.action"
    more["DisableExecuteApiEndpoint"] = web.only_by_domain
    made: str = api.create_api(Name=web.name, ProtocolType=web.protocol, Tags={"service": web.name}, **more)["ApiId"]
    door = {}
    if web.jwt:
        made_door = api.create_authorizer(
            ApiId=made,
            Name="customers",
            AuthorizerType="JWT",
            IdentitySource=["$request.header.Authorization"],
            JwtConfiguration={"Audience": list(web.audience), "Issuer": "https://identity.fernhollow.test"},
        )
        door = {"AuthorizerId": made_door["AuthorizerId"], "AuthorizationScopes": ["shop/read"]}
    function = "search-api" if web.name == "search" else "catalog-api"
    target = api.create_integration(
        ApiId=made,
        IntegrationType="AWS_PROXY",
        IntegrationUri=f"arn:aws:lambda:{MAIN}:{ACCOUNT}:function:{function}",
        PayloadFormatVersion="2.0" if web.protocol == "HTTP" else "1.0",
    )["IntegrationId"]
    for key, authorised in web.routes:
        through = {"AuthorizationType": authorised, "Target": f"integrations/{target}"}
        api.create_route(ApiId=made, RouteKey=key, **through, **(door if authorised == "JWT" else {}))
    stage: dict[str, Any] = {"StageName": "$default" if web.protocol == "HTTP" else "prod", "AutoDeploy": True}
    if web.logged:
        stage["AccessLogSettings"] = {"DestinationArn": log_group(MAIN, web.logged), "Format": "$context.requestId"}
    if web.calm:
        calm = {"ThrottlingRateLimit": 100.0, "ThrottlingBurstLimit": 200, "DetailedMetricsEnabled": True}
        stage["DefaultRouteSettings"] = calm
    api.create_stage(ApiId=made, **stage)
    return made


def make_domain(account: Account, generation: int, name: str, tls: str, region: str, asks: bool) -> None:
    certificate = f"arn:aws:acm:{region}:{ACCOUNT}:certificate/00000000-0000-4000-8000-{generation:012d}"
    if generation == 1:
        account.client("apigateway", region).create_domain_name(
            domainName=name,
            regionalCertificateArn=certificate,
            securityPolicy=tls,
            endpointConfiguration={"types": ["REGIONAL"]},
            tags=TAGS.get(name, {}),
        )
    else:
        account.client("apigatewayv2", region).create_domain_name(
            DomainName=name,
            DomainNameConfigurations=[
                {"CertificateArn": certificate, "EndpointType": "REGIONAL", "SecurityPolicy": tls}
            ],
            **({"MutualTlsAuthentication": {"TruststoreUri": "s3://fernhollow-edge-config/ca.pem"}} if asks else {}),
        )
