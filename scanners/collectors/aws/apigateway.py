"""API Gateway REST APIs: who may call which method, what guards the stages, and the domains in front.

Limits: what is read is the present definition; a stage may still serve an older deployment of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from scanners.collectors.aws.metrics import Counted, by_stage
from scanners.collectors.cloud import Call, Collector, Detail, ParseError, Shape
from scanners.collectors.door import Door
from scanners.collectors.parse import policy_document
from scanners.model import Identity, Place, Resource

READ = "apigateway:GET"  # the one action of every read, in both generations
PAGE = {"limit": 500}
BY_AUTHORIZER = {"CUSTOM", "COGNITO_USER_POOLS"}
VOLATILE = frozenset(
    {"createdDate", "lastUpdatedDate", "cacheClusterStatus", "warnings", "apiStatus", "apiStatusMessage"}
)
_NOT_OF_AN_ADDRESS = re.compile(r"(?<=://)[^/@\s]*@|\?.*$")  # the places of an HTTP address where secrets stand


def call(operation: str, items: str, **params: Any) -> Call:
    return Call("apigateway", operation, items=items, params=params, permission=READ, drop=VOLATILE)


def named(path: str, key: str, name: str) -> Callable[[Place, Any], Identity]:
    """Resources of API Gateway are known by ARNs that name no account: arn:aws:apigateway:eu-west-1::/restapis/abc."""

    def identify(place: Place, item: Any) -> Identity:
        return Identity(
            f"arn:{place.partition}:apigateway:{place.region}::/{path}/{item[key]}", item.get(name) or item[key]
        )

    return identify


def api(found: Any, door: Door) -> Any:
    """A policy that cannot be read stays a text, which no check takes for a document; the rest of the API is known."""
    try:
        return {**found, "policy": policy_document(unescaped(found["policy"])) if found.get("policy") else None}
    except ParseError:
        return found


def unescaped(policy: Any) -> Any:
    """AWS answers with the inside of a JSON string, each quote behind a backslash; emulators with the document."""
    if not isinstance(policy, str) or policy.find('"') != policy.find('\\"') + 1:
        return policy
    try:
        return json.loads(f'"{policy}"')
    except ValueError as broken:
        raise ParseError(f"the policy is not properly escaped: {broken}") from broken


def address(uri: str) -> str:
    return _NOT_OF_AN_ADDRESS.sub("", uri) if uri.startswith("http") else uri


def resources(found: Any, door: Door) -> list[Any]:
    """Of each method what decides; templates and mappings stay behind, in which people write credentials."""
    return [
        {
            **resource,
            "resourceMethods": {verb: _method(said) for verb, said in resource.get("resourceMethods", {}).items()},
        }
        for resource in found
    ]


def _method(said: Any) -> dict[str, Any]:
    kept = {key: value for key, value in said.items() if key not in ("methodResponses", "methodIntegration")}
    if backend := said.get("methodIntegration"):
        wanted = ("type", "httpMethod", "uri", "connectionType", "connectionId", "credentials", "tlsConfig")
        kept["methodIntegration"] = {key: backend[key] for key in wanted if key in backend}
        if "uri" in backend:
            kept["methodIntegration"]["uri"] = address(backend["uri"])
    return kept


def with_variables(field: str) -> Shape:
    """Stages, of whose variables only names, kinds of secrets and digests are kept."""

    def shape(stages: Any, door: Door) -> list[Any]:
        return [_closed(stage, field, door) for stage in stages]

    return shape


def _closed(stage: Any, field: str, door: Door) -> Any:
    kept = dict(stage)
    if kept.get(field):
        kept[field] = door.variables(kept[field])
    if canary := kept.get("canarySettings"):
        overrides = door.variables(canary.get("stageVariableOverrides") or {})
        kept["canarySettings"] = {**canary, "stageVariableOverrides": overrides}
    return kept


def of_api(api: Resource) -> dict[str, str]:
    return {"restApiId": api["GetRestApis"].need("id").text()}


def if_some_method(uses: Callable[[Any], bool]) -> Callable[[Resource], dict[str, str] | None]:
    """Asked only where some method refers to what the answer lists."""

    def bind(api: Resource) -> dict[str, str] | None:
        methods = (
            method.value for resource in api["GetResources"] for _, method in resource["resourceMethods"].items()
        )
        return of_api(api) if any(uses(method) for method in methods) else None

    return bind


def calls_by_stage(api: Resource) -> list[Counted]:
    """The metric of an API of the first generation goes by the API's name."""
    name = api["GetRestApis"].need("name").text()
    stages = {stage.need("stageName").text() for stage in api["GetStages"]}
    return [(stage, "Count", {"ApiName": name, "Stage": stage}) for stage in sorted(stages)]


def of_domain(domain: Resource) -> dict[str, str]:
    """A private domain is told from its namesakes by an id."""
    said = domain["GetDomainNames"]
    asked = {"domainName": said.need("domainName").text()}
    return asked | ({"domainNameId": said["domainNameId"].text()} if said["domainNameId"].present else {})


def domain_name(place: Place, item: Any) -> Identity:
    """Private domains may share a name, and are told apart by an id."""
    if item.get("domainNameId") and item.get("domainNameArn"):
        return Identity(item["domainNameArn"], item["domainName"])
    return named("domainnames", "domainName", "domainName")(place, item)


COLLECTORS = (
    Collector(
        kind="AWS::ApiGateway::RestApi",
        listing=call("GetRestApis", "items", **PAGE),
        identify=named("restapis", "id", "name"),
        shape=api,
        details=(
            Detail(call("GetResources", "items", embed=["methods"], **PAGE), bind=of_api, shape=resources),
            Detail(
                replace(call("GetStages", "item"), drop=VOLATILE - {"createdDate"}),
                bind=of_api,
                shape=with_variables("variables"),
            ),
            Detail(
                call("GetAuthorizers", "items", **PAGE),
                bind=if_some_method(lambda method: method.get("authorizationType") in BY_AUTHORIZER),
                after="GetResources",
            ),
            Detail(
                call("GetRequestValidators", "items", **PAGE),
                bind=if_some_method(lambda method: bool(method.get("requestValidatorId"))),
                after="GetResources",
            ),
        ),
        pooled=(by_stage(calls_by_stage),),
    ),
    Collector(
        kind="AWS::ApiGateway::UsagePlan",
        listing=call("GetUsagePlans", "items", **PAGE),
        identify=named("usageplans", "id", "name"),
    ),
    Collector(
        kind="AWS::ApiGateway::DomainName",
        listing=Call(
            "apigateway",
            "GetDomainNames",
            items="items",
            params=PAGE,
            permission=READ,
            drop=frozenset({"domainNameStatus", "domainNameStatusMessage", "policy", "managementPolicy"}),
        ),
        identify=domain_name,
        details=(Detail(call("GetBasePathMappings", "items", **PAGE), bind=of_domain),),
    ),
)
