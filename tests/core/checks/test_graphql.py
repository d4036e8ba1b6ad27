"""GraphQL APIs: CASES are run by tests/house/test_checks.py; tests of their own say what cases cannot."""

from scanners.model import Severity
from tests.core.cases import Case, Cases, resource


def api(mode, *others, **said):
    more = {"additionalAuthenticationProviders": [{"authenticationType": other} for other in others]} if others else {}
    return Case(resource("AWS::AppSync::GraphQLApi", ListGraphqlApis={"authenticationType": mode, **more, **said}))


PRIVATE = api("API_KEY", visibility="PRIVATE")
CASES = {
    "aws.appsync.api_key_auth": Cases(
        fails=(api("API_KEY"), api("API_KEY", "AWS_IAM"), api("API_KEY", visibility="GLOBAL"), PRIVATE),
        passes=(api("AWS_IAM"), api("AMAZON_COGNITO_USER_POOLS", "API_KEY"), api("OPENID_CONNECT"), api("AWS_LAMBDA")),
        unknown=(api(None),),
    ),
    "aws.appsync.introspection": Cases(
        fails=(
            api("AWS_IAM"),
            api("AWS_IAM", introspectionConfig="ENABLED", queryDepthLimit=0, visibility="GLOBAL"),
            api("AWS_IAM", introspectionConfig="ENABLED", resolverCountLimit=100),
        ),
        passes=(
            api("AWS_IAM", introspectionConfig="DISABLED", queryDepthLimit=0),
            api("AWS_IAM", introspectionConfig="ENABLED", queryDepthLimit=8),
            api("AWS_IAM", introspectionConfig="ENABLED", visibility="PRIVATE"),
        ),
    ),
    "aws.appsync.no_logging": Cases(
        fails=(api("AWS_IAM"), api("AWS_IAM", logConfig={"fieldLogLevel": "NONE"})),
        passes=(
            api("AWS_IAM", logConfig={"fieldLogLevel": "ERROR"}),
            api("AWS_IAM", logConfig={"fieldLogLevel": "ALL"}),
        ),
    ),
}


def test_an_api_that_only_private_networks_reach_is_the_lighter_case():
    assert PRIVATE.verdict("aws.appsync.api_key_auth").severity is Severity.MEDIUM
