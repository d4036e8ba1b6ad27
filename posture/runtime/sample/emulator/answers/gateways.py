"""API Gateway, both generations: the authorizers of a version 2 API as a list, pages."""

from __future__ import annotations

from typing import Any

from moto.apigatewayv2.exceptions import ApiNotFound
from moto.apigatewayv2.models import apigatewayv2_backends

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


ANSWERS: dict[tuple[str, str], Answer] = {
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
}
