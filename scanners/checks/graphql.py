"""AppSync's GraphQL APIs: how callers show who they are."""

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
