"""AppSync's GraphQL APIs: how callers show who they are, how far they may ask, and what is written down.

What is left out of an API's settings is what AWS sets by default: introspection on, no limit of depth, visible to all
("CreateGraphqlApi", AWS AppSync API reference, read 2026-11).
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.registry import Fix, check
from scanners.model import Resource, Severity, Verdict, failed, passed
from scanners.model.estate import Estate

API = "AWS::AppSync::GraphQLApi"


@check(
    "aws.appsync.api_key_auth",
    on=API,
    severity=Severity.HIGH,
    title="GraphQL API guarded by an API key only",
    reads=("ListGraphqlApis",),
    fix=Fix(
        console="AppSync > the API > Settings > Default authorization mode: Cognito, OIDC, IAM or Lambda.",
        cli="aws appsync update-graphql-api --api-id ID --name NAME --authentication-type AWS_IAM",
        terraform='resource "aws_appsync_graphql_api" "this" { authentication_type = "AWS_IAM" }',
    ),
)
def api_key_auth(api: Resource, estate: Estate) -> Iterator[Verdict]:
    """The key is the same for all, stands in every copy of the app, and says nothing of who is calling."""
    said = api["ListGraphqlApis"]
    mode, others = said.need("authenticationType"), said["additionalAuthenticationProviders"]
    if mode.value == "API_KEY":
        severity = Severity.MEDIUM if said["visibility"].value == "PRIVATE" else None
        yield failed("Whoever has the API key may call every field that asks for nothing else", mode, severity=severity)
    elif any(other["authenticationType"].value == "API_KEY" for other in others):
        yield passed(
            f"By default callers show who they are ({mode.value}); an API key serves marked fields", mode, others
        )
    else:
        yield passed(f"Callers show who they are ({mode.value})", mode)


@check(
    "aws.appsync.introspection",
    on=API,
    severity=Severity.LOW,
    title="GraphQL schema and depth unrestricted",
    reads=("ListGraphqlApis",),
    fix=Fix(
        console="AppSync > the API > Settings > Edit: introspection queries off, and a limit of query depth.",
        cli="aws appsync update-graphql-api --api-id ID --name NAME --introspection-config DISABLED"
        " --query-depth-limit 10",
        terraform='resource "aws_appsync_graphql_api" "this" { introspection_config = "DISABLED"'
        "  query_depth_limit = 10 }",
    ),
)
def introspection(api: Resource, estate: Estate) -> Iterator[Verdict]:
    """The API explains itself to whoever looks for a way in, and one query may ask for all there is."""
    said = api["ListGraphqlApis"]
    said.need("authenticationType")
    shown, depth, seen = said["introspectionConfig"], said["queryDepthLimit"], said["visibility"]
    if seen.value == "PRIVATE":
        yield passed("The API can be reached through VPC endpoints only", seen)
    elif shown.value == "DISABLED":
        yield passed("The API does not explain itself", shown)
    elif depth.value:
        yield passed(f"Queries may be {depth.value} levels deep at most", depth)
    else:
        yield failed("Anyone may ask for the schema, and queries may be as deep as they like", shown, depth)


@check(
    "aws.appsync.no_logging",
    on=API,
    severity=Severity.MEDIUM,
    title="GraphQL API without field logging",
    reads=("ListGraphqlApis",),
    fix=Fix(
        console="AppSync > the API > Settings > Logging > Edit: enable, field resolver log level Error.",
        cli="aws appsync update-graphql-api --api-id ID --name NAME --log-config"
        " fieldLogLevel=ERROR,cloudWatchLogsRoleArn=ARN",
        terraform='resource "aws_appsync_graphql_api" "this" { log_config { field_log_level = "ERROR"'
        "  cloudwatch_logs_role_arn = aws_iam_role.logs.arn } }",
    ),
)
def no_logging(api: Resource, estate: Estate) -> Iterator[Verdict]:
    """Nobody can say afterwards who asked for what, and what was refused."""
    said = api["ListGraphqlApis"]
    said.need("authenticationType")
    level = said["logConfig"]["fieldLogLevel"]
    if level.value and level.value != "NONE":
        yield passed(f"What resolvers do is logged ({level.value})", level)
    else:
        yield failed("What resolvers do is not logged", level)
