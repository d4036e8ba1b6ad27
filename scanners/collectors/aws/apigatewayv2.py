"""API Gateway HTTP and WebSocket APIs: who may call which route, what guards the stages, and the domains in front."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from scanners.collectors.aws.apigateway import READ, address, named, with_variables
from scanners.collectors.aws.metrics import Counted, by_stage
from scanners.collectors.cloud import Call, Collector, Detail
from scanners.collectors.door import Door
from scanners.model import Resource

PAGE = {"MaxResults": "100"}  # no largest size is published; 100 is what others are known to get
VOLATILE = frozenset({"CreatedDate", "LastUpdatedDate", "LastDeploymentStatusMessage", "Warnings", "ImportInfo"})
OF_AN_INTEGRATION = (
    "IntegrationId",
    "IntegrationType",
    "IntegrationSubtype",
    "IntegrationMethod",
    "IntegrationUri",
    "ConnectionType",
    "ConnectionId",
    "CredentialsArn",
    "TlsConfig",
)


def call(operation: str) -> Call:
    return Call("apigatewayv2", operation, items="Items", params=PAGE, permission=READ, drop=VOLATILE)


def of_api(api: Resource) -> dict[str, str]:
    return {"ApiId": api["GetApis"].need("ApiId").text()}


def calls_by_stage(api: Resource) -> list[Counted]:
    """Of a WebSocket API connections are counted, of an HTTP API requests."""
    said = api["GetApis"]
    metric = "ConnectCount" if said.need("ProtocolType").value == "WEBSOCKET" else "Count"
    number, stages = said.need("ApiId").text(), {stage.need("StageName").text() for stage in api["GetStages"]}
    return [(stage, metric, {"ApiId": number, "Stage": stage}) for stage in sorted(stages)]


def authorizers_in_use(api: Resource) -> Iterator[tuple[str, dict[str, str]]]:
    for route in api["GetRoutes"]:
        if (authorizer := route["AuthorizerId"]).value:
            yield authorizer.text(), {**of_api(api), "AuthorizerId": authorizer.text()}


def integrations(found: Any, door: Door) -> list[Any]:
    """Of each integration what decides; its templates and parameters stay behind, in which people write credentials."""
    kept = [{key: one[key] for key in OF_AN_INTEGRATION if key in one} for one in found]
    return [
        {**one, "IntegrationUri": address(one["IntegrationUri"])} if "IntegrationUri" in one else one for one in kept
    ]


def configurations(found: Any, door: Door) -> Any:
    passing = ("DomainNameStatus", "DomainNameStatusMessage")
    settled = [
        {k: v for k, v in one.items() if k not in passing} for one in found.get("DomainNameConfigurations") or ()
    ]
    return {**found, "DomainNameConfigurations": settled}


def if_regional(domain: Resource) -> dict[str, str] | None:
    """Only APIs of the first generation stand behind a domain at the edge, and that generation tells them."""
    said = domain["GetDomainNames"]
    types = [one["EndpointType"].value for one in said["DomainNameConfigurations"]]
    return {"DomainName": said.need("DomainName").text()} if "REGIONAL" in types else None


COLLECTORS = (
    Collector(
        kind="AWS::ApiGatewayV2::Api",
        listing=call("GetApis"),
        identify=named("apis", "ApiId", "Name"),
        details=(
            Detail(call("GetRoutes"), bind=of_api),
            Detail(
                replace(call("GetStages"), drop=VOLATILE - {"CreatedDate"}),
                bind=of_api,
                shape=with_variables("StageVariables"),
            ),
            Detail(call("GetIntegrations"), bind=of_api, shape=integrations),
            Detail(
                Call("apigatewayv2", "GetAuthorizer", permission=READ, absent=frozenset({"NotFoundException"})),
                each=authorizers_in_use,
                after="GetRoutes",
            ),
        ),
        pooled=(by_stage(calls_by_stage),),
    ),
    Collector(
        kind="AWS::ApiGatewayV2::DomainName",
        listing=call("GetDomainNames"),
        identify=named("domainnames", "DomainName", "DomainName"),
        shape=configurations,
        details=(Detail(call("GetApiMappings"), bind=if_regional),),
    ),
)
