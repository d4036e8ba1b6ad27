"""API Gateway: how APIs are named and kept, what is asked of which, and that no secret of a stage passes the door."""

from __future__ import annotations

import json

import pytest

from scanners.collectors.aws import apigateway, apigatewayv2
from scanners.model import Outcome, State
from tests.core.cases import Case
from tests.core.collectors.replies import gathered

KINDS = {collector.kind: collector for collector in (*apigateway.COLLECTORS, *apigatewayv2.COLLECTORS)}
REST, HTTP = KINDS["AWS::ApiGateway::RestApi"], KINDS["AWS::ApiGatewayV2::Api"]
CANARY = "Fernhollow-canary-2203-Qw7"
POLICY = {"Statement": [{"Sid": 'the "open" one', "Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke"}]}
PLAIN = json.dumps(POLICY)
ESCAPED = json.dumps(PLAIN)[1:-1]


def rest(policy=None, **answers):
    listed = {"id": "abc", "name": "orders", "endpointConfiguration": {"types": ["REGIONAL"]}}
    listed |= {"policy": policy} if policy else {}
    (found,) = gathered(REST, GetRestApis={"items": [listed]}, **answers).resources
    return found


def one_method(**said):
    method = {"httpMethod": "POST", "authorizationType": "NONE", **said}
    return {"items": [{"id": "r", "path": "/a", "resourceMethods": {"POST": method}}]}


def test_arns_are_those_that_aws_gives():
    (first,) = gathered(REST, GetRestApis={"items": [{"id": "abc", "name": "orders"}]}).resources
    (second,) = gathered(HTTP, GetApis={"Items": [{"ApiId": "xyz", "Name": "shop"}]}).resources

    assert (first.ref, first.name) == ("arn:aws:apigateway:eu-west-1::/restapis/abc", "orders")
    assert (second.ref, second.name) == ("arn:aws:apigateway:eu-west-1::/apis/xyz", "shop")


def test_both_generations_name_a_domain_alike():
    (first,) = gathered(
        KINDS["AWS::ApiGateway::DomainName"], GetDomainNames={"items": [{"domainName": "api.example"}]}
    ).resources
    (second,) = gathered(
        KINDS["AWS::ApiGatewayV2::DomainName"], GetDomainNames={"Items": [{"DomainName": "api.example"}]}
    ).resources

    assert first.ref == second.ref == "arn:aws:apigateway:eu-west-1::/domainnames/api.example"


@pytest.mark.parametrize("policy", [PLAIN, ESCAPED, ESCAPED.replace("/", "\\/")])
def test_a_policy_is_read_with_and_without_aws_s_backslashes(policy):
    assert rest(policy)["GetRestApis"]["policy"].value == POLICY


@pytest.mark.parametrize("policy", ['{"Statement": [], "Statement": []}', ESCAPED[:-3], '{\\"Statement\\": \\x}'])
def test_a_policy_that_cannot_be_read_is_no_open_and_no_closed_one(policy):
    case = Case(rest(policy))

    assert case.verdict("aws.apigw.public_endpoint").outcome is Outcome.UNKNOWN
    assert case.verdict("aws.apigw.policy_open_private").outcome is Outcome.NOT_APPLICABLE


def test_no_secret_of_a_stage_or_a_backend_is_kept():
    stage = {
        "stageName": "prod",
        "variables": {"API_TOKEN": CANARY, "table": "orders"},
        "canarySettings": {"stageVariableOverrides": {"DB_PASSWORD": CANARY}},
    }
    backend = {
        "type": "HTTP",
        "uri": f"https://user:{CANARY}@orders.example/v1?key={CANARY}",
        "requestParameters": {"integration.request.header.Authorization": f"'Bearer {CANARY}'"},
        "requestTemplates": {"application/json": f'{{"key": "{CANARY}"}}'},
    }

    found = rest(GetStages={"item": [stage]}, GetResources=one_method(methodIntegration=backend))

    assert CANARY not in json.dumps(found.documents)
    assert found["GetStages"][0]["variables"]["API_TOKEN"]["secret"].value == "Secret by name"
    assert found["GetStages"][0]["variables"]["table"]["secret"].value is None
    uri = found["GetResources"][0]["resourceMethods"]["POST"]["methodIntegration"]["uri"]
    assert uri.value == "https://orders.example/v1"
    assert Case(found, subject="prod").verdict("aws.apigw.stage_secret").outcome is Outcome.FAIL


def test_no_secret_of_a_second_generation_stage_or_backend_is_kept():
    stage = {"StageName": "prod", "StageVariables": {"API_TOKEN": CANARY}}
    backend = {
        "IntegrationId": "i",
        "IntegrationUri": f"http://orders.example/?key={CANARY}",
        "RequestParameters": {"append:header.x-key": CANARY},
    }
    (found,) = gathered(
        HTTP, GetApis={"Items": [{"ApiId": "a"}]}, GetStages={"Items": [stage]}, GetIntegrations={"Items": [backend]}
    ).resources

    assert CANARY not in json.dumps(found.documents)
    assert Case(found, subject="prod").verdict("aws.apigw.stage_secret").outcome is Outcome.FAIL


def test_validators_and_authorizers_are_asked_for_only_where_a_method_names_one():
    without, using = rest(GetResources=one_method()), rest(GetResources=one_method(requestValidatorId="v"))

    assert {"GetRequestValidators", "GetAuthorizers"}.isdisjoint(without.documents)
    assert "GetRequestValidators" in using.documents


def test_only_authorizers_that_a_route_uses_are_asked_for():
    routes = [{"RouteKey": "GET /a", "AuthorizerId": "used"}, {"RouteKey": "GET /b"}]
    (found,) = gathered(
        HTTP,
        GetApis={"Items": [{"ApiId": "a"}]},
        GetRoutes={"Items": routes},
        GetAuthorizer={"AuthorizerId": "used", "AuthorizerType": "JWT"},
    ).resources

    assert found.documents["GetAuthorizer"].keys() == {"used"}


def test_refused_resources_are_a_gap_of_all_that_follows_from_them():
    found = rest(GetResources="AccessDeniedException")

    assert found.gaps.keys() == {"GetResources", "GetAuthorizers", "GetRequestValidators"}
    assert found.gaps["GetResources"][0].permission == "apigateway:GET"
    assert found.gaps["GetResources"][0].state is State.DENIED
    assert "GetResources" not in found.documents
