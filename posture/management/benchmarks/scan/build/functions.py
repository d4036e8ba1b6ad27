"""Functions, each with a role and a log group of its own, and the gateways in front of them."""

from __future__ import annotations

from typing import Any

from posture.management.benchmarks.scan.build.identities import make_role
from posture.management.benchmarks.scan.build.networks import GROUP, VPC
from posture.management.benchmarks.scan.build.site import Site, arn
from posture.management.benchmarks.scan.design import FUNCTION, Item
from posture.runtime.sample.emulator import ACCOUNT
from posture.runtime.sample.shop.functions import package
from posture.runtime.sample.shop.gateways import function_uri

CODE = package("# nothing runs\n")
LAMBDA = {"Service": "lambda.amazonaws.com"}
PLANTED = "sk_" + "live_" + "FakePostureBenchmark0044"


def function(site: Site, item: Item) -> str:
    client, logs = site.client("lambda", item), site.client("logs", item)
    make_role(site, item, f"{item.name}-role", LAMBDA)
    variables = {"TABLE": "orders", "LOG_LEVEL": "info"}
    if item.flaw == "secret in a function's variables":
        variables["PAYMENT_TOKEN"] = PLANTED
    extra: dict[str, Any] = {}
    if item.number % 4 == 0 and (place := site.some(VPC, item)):
        vpc, subnet, *_ = place.split(",")
        groups = [group.split(",")[0]] if (group := site.some(GROUP, item, within=vpc)) else []
        extra["VpcConfig"] = {"SubnetIds": [subnet], "SecurityGroupIds": groups}
    made: str = client.create_function(
        FunctionName=item.name,
        Runtime="python3.7" if item.flaw == "runtime past its support" else "python3.13",
        Role=f"arn:aws:iam::{ACCOUNT}:role/{item.name}-role",
        Handler="index.run",
        Code={"ZipFile": CODE},
        Environment={"Variables": variables},
        Publish=item.number % 8 == 0,
        **extra,
    )["FunctionArn"]
    if item.number % 8 == 0:
        client.create_alias(FunctionName=item.name, Name="live", FunctionVersion="1")
    for said in grants(item):
        client.add_permission(FunctionName=item.name, **said)
    if item.flaw == "function URL without sign-in":
        client.create_function_url_config(FunctionName=item.name, AuthType="NONE")
    logs.create_log_group(logGroupName=f"/aws/lambda/{item.name}")
    logs.put_retention_policy(logGroupName=f"/aws/lambda/{item.name}", retentionInDays=365)
    return made


def grants(item: Item) -> list[dict[str, str]]:
    """Every second sound function is called by a gateway of ours; the flaws are grants as well."""
    call, gateway = "lambda:InvokeFunction", "apigateway.amazonaws.com"
    if item.flaw == "function that everyone may call":
        return [{"StatementId": "all", "Action": call, "Principal": "*"}]
    if item.flaw == "service permission tied to no source":
        return [{"StatementId": "any", "Action": call, "Principal": "s3.amazonaws.com"}]
    if item.flaw == "function URL without sign-in":
        url = {"Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"}
        return [{"StatementId": "url", "Principal": "*", **url}]
    if item.number % 2:
        source = arn("execute-api", item, f"api{item.number:05}/*/GET/*")
        return [{"StatementId": "gate", "Action": call, "Principal": gateway, "SourceArn": source}]
    return []


def mapping(site: Site, item: Item) -> str:
    """A queue that feeds a function.  One function of a region is fed by several queues."""
    made = site.client("lambda", item).create_event_source_mapping(
        FunctionName=site.one(FUNCTION, item), EventSourceArn=site.one("AWS::SQS::Queue", item), BatchSize=5
    )
    return str(made["UUID"])


def rest(site: Site, item: Item) -> str:
    api = site.client("apigateway", item)
    made: str = api.create_rest_api(name=item.name, endpointConfiguration={"types": ["REGIONAL"]})["id"]
    root = api.get_resources(restApiId=made)["items"][0]["id"]
    backend = function_uri(item.region, site.one(FUNCTION, item).rpartition(":")[2])
    door = api.create_authorizer(
        restApiId=made,
        name="identity",
        type="TOKEN",
        identitySource="method.request.header.Authorization",
        authorizerUri=backend,
    )["id"]
    for number, path in enumerate(("orders", "carts", "stock")):
        place = {
            "restApiId": made,
            "resourceId": api.create_resource(restApiId=made, parentId=root, pathPart=path)["id"],
            "httpMethod": "GET",
        }
        open_ = item.flaw and not number
        through = {"authorizationType": "NONE"} if open_ else {"authorizationType": "CUSTOM", "authorizerId": door}
        api.put_method(**place, **through)
        api.put_integration(**place, type="AWS_PROXY", integrationHttpMethod="POST", uri=backend)
    deployed = api.create_deployment(restApiId=made)["id"]
    api.create_stage(restApiId=made, stageName="prod", deploymentId=deployed)
    return made


def http(site: Site, item: Item) -> str:
    api = site.client("apigatewayv2", item)
    made: str = api.create_api(Name=item.name, ProtocolType="HTTP")["ApiId"]
    door = api.create_authorizer(
        ApiId=made,
        Name="people",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Audience": ["shop"], "Issuer": "https://identity.example.test"},
    )["AuthorizerId"]
    target = api.create_integration(
        ApiId=made, IntegrationType="AWS_PROXY", IntegrationUri=site.one(FUNCTION, item), PayloadFormatVersion="2.0"
    )["IntegrationId"]
    for number, key in enumerate(("GET /orders", "GET /carts")):
        open_ = item.flaw and not number
        through = {"AuthorizationType": "NONE"} if open_ else {"AuthorizationType": "JWT", "AuthorizerId": door}
        api.create_route(ApiId=made, RouteKey=key, Target=f"integrations/{target}", **through)
    api.create_stage(ApiId=made, StageName="$default", AutoDeploy=True)
    return made


BUILDERS = {
    FUNCTION: function,
    "AWS::Lambda::EventSourceMapping": mapping,
    "AWS::ApiGateway::RestApi": rest,
    "AWS::ApiGatewayV2::Api": http,
}
