"""API Gateway, both generations, AppSync and web firewalls: lists that moto has not, settings it forgets, pages."""

from __future__ import annotations

from typing import Any

from moto.apigateway.models import apigateway_backends
from moto.apigatewayv2.exceptions import ApiNotFound
from moto.apigatewayv2.models import apigatewayv2_backends
from moto.wafv2.models import wafv2_backends

from posture.runtime.sample.emulator.answers.kinds import Answer, MotoSays
from posture.runtime.sample.emulator.answers.paging import Paged
from posture.runtime.sample.emulator.wire import Call, Refused

FIRST: dict[str, Any] = {
    "limit": "limit",
    "token": "position",
    "next": "position",
    "default": 25,
    "refusal": "BadRequestException",
}
SECOND: dict[str, Any] = {
    "limit": "MaxResults",
    "token": "NextToken",
    "next": "NextToken",
    "refusal": "BadRequestException",
}


def authorizers(call: Call, _: MotoSays) -> dict[str, Any]:
    try:
        api = apigatewayv2_backends[call.account][call.region].get_api(call.params["ApiId"])
    except ApiNotFound as error:
        raise Refused("NotFoundException", str(error.message), 404) from None
    items = [
        {key[0].upper() + key[1:]: value for key, value in door.to_json().items() if value is not None}
        for door in api.authorizers.values()
    ]
    for item in items:
        if jwt := item.get("JwtConfiguration"):
            item["JwtConfiguration"] = {key.capitalize(): value for key, value in jwt.items()}
    return Paged("Items", **SECOND).cut({"Items": items}, call.params.get("MaxResults"), call.params.get("NextToken"))


def base_paths(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    """moto stumbles over a domain that nothing was mapped to yet."""
    backend = apigateway_backends[call.account][call.region]
    name = call.params["domainName"]
    return moto_says() if name in backend.base_path_mappings or name not in backend.domain_names else {"items": []}


CERTIFICATES: dict[tuple[str, str], str] = {}
"""(API, stage) → the client certificate that it shows to backends."""


def update_stage(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    answer = moto_says()
    stage = (call.params["restApiId"], call.params["stageName"])
    for change in call.params.get("patchOperations") or ():
        if change["path"] == "/clientCertificateId":
            CERTIFICATES[stage] = change["value"]
    return answer


def stages(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    answer = moto_says()
    for one in answer["item"]:
        if certificate := CERTIFICATES.get((call.params["restApiId"], one["stageName"])):
            one["clientCertificateId"] = certificate
    return answer


def logging_configurations(call: Call, _: MotoSays) -> dict[str, Any]:
    """moto keeps those of the CDN's firewalls where it does not look for them."""
    wanted = "global" if call.params["Scope"] == "CLOUDFRONT" else "regional"
    regions = {"global", call.region}
    known = [wafv2_backends[call.account][region].logging_configurations for region in regions]
    found = {arn: one.to_dict() for some in known for arn, one in some.items() if f":{wanted}/" in arn}
    return {"LoggingConfigurations": [found[arn] for arn in sorted(found)]}


ORIGINS: dict[str, dict[str, dict[str, Any]]] = {}  # of distributions, by id, by the origin's own


def make_distribution(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    answer = moto_says()
    said = call.params["DistributionConfig"]["Origins"]["Items"]
    kept = ("S3OriginConfig", "OriginAccessControlId")
    ORIGINS[answer["Distribution"]["Id"]] = {one["Id"]: {k: one[k] for k in kept if k in one} for one in said}
    return answer


def distributions(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    """moto forgets how CloudFront shows buckets who it is."""
    answer = moto_says()
    for one in answer["DistributionList"].get("Items", []):
        known = ORIGINS.get(one["Id"], {})
        for origin in one["Origins"]["Items"]:
            origin.update({"OriginAccessControlId": ""} | known.get(origin["Id"], {}))
    return answer


FORGOTTEN: dict[str, dict[str, Any]] = {}  # of GraphQL APIs, by id


def make_graph(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    answer = moto_says()
    kept = ("introspectionConfig", "queryDepthLimit", "resolverCountLimit")
    FORGOTTEN[answer["graphqlApi"]["apiId"]] = {key: call.params[key] for key in kept if key in call.params}
    return answer


def graphs(call: Call, moto_says: MotoSays) -> dict[str, Any]:
    """AWS tells the settings that it sets itself, too."""
    answer = moto_says()
    usual = {"introspectionConfig": "ENABLED", "queryDepthLimit": 0, "resolverCountLimit": 0}
    answer["graphqlApis"] = [{**one, **usual, **FORGOTTEN.get(one["apiId"], {})} for one in answer["graphqlApis"]]
    return answer


ANSWERS: dict[tuple[str, str], Answer] = {
    ("apigateway", "GetStages"): stages,
    ("apigateway", "UpdateStage"): update_stage,
    **{
        ("apigateway", operation): Paged("items", **FIRST)
        for operation in (
            "GetRestApis",
            "GetResources",
            "GetAuthorizers",
            "GetRequestValidators",
            "GetDomainNames",
            "GetUsagePlans",
        )
    },
    **{
        ("apigatewayv2", operation): Paged("Items", **SECOND)
        for operation in ("GetApis", "GetRoutes", "GetStages", "GetIntegrations", "GetDomainNames")
    },
    ("apigatewayv2", "GetAuthorizers"): authorizers,
    ("apigateway", "GetBasePathMappings"): base_paths,
    ("cloudfront", "CreateDistribution"): make_distribution,
    ("cloudfront", "ListDistributions"): distributions,
    ("wafv2", "ListLoggingConfigurations"): logging_configurations,
    ("appsync", "CreateGraphqlApi"): make_graph,
    ("appsync", "ListGraphqlApis"): graphs,
}
