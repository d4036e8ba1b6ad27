"""User pools: CASES are run by tests/house/test_checks.py; tests of their own say what cases cannot."""

from scanners.model import Severity
from tests.core.cases import Case, Cases, resource


def pool(**said):
    return Case(resource("AWS::Cognito::UserPool", DescribeUserPool={"Id": "eu-west-1_a", **said}))


def mode(said):
    return pool(UserPoolAddOns={"AdvancedSecurityMode": said})


def app(**said):
    client = {"ClientId": "1a", "ClientName": "desk", "AllowedOAuthFlowsUserPoolClient": True, **said}
    return Case(resource(POOL, DescribeUserPoolClient={"1a": client}), subject="desk")


POOL = "AWS::Cognito::UserPool"
CASES = {
    "aws.cognito.mfa": Cases(
        fails=(pool(MfaConfiguration="OFF"), pool(MfaConfiguration="OPTIONAL")),
        passes=(pool(MfaConfiguration="ON"), pool(MfaConfiguration="ON", UserPoolTier="LITE")),
        unknown=(pool(),),
    ),
    "aws.cognito.self_signup": Cases(
        fails=(pool(), pool(AdminCreateUserConfig={"AllowAdminCreateUserOnly": False})),
        passes=(pool(AdminCreateUserConfig={"AllowAdminCreateUserOnly": True}),),
    ),
    "aws.cognito.threat_protection": Cases(
        fails=(pool(), mode("OFF"), mode("AUDIT")),
        passes=(mode("ENFORCED"),),
    ),
    "aws.cognito.client_flows": Cases(
        fails=(
            app(AllowedOAuthFlows=["code", "implicit"]),
            app(CallbackURLs=["http://shop.example/in"]),
            app(CallbackURLs=["http://localhost.shop.example/in"]),
            app(ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH"]),
            app(ExplicitAuthFlows=["USER_PASSWORD_AUTH"]),
            app(EnableTokenRevocation=False),
        ),
        passes=(
            app(AllowedOAuthFlows=["code"], CallbackURLs=["https://shop.example/in"], EnableTokenRevocation=True),
            app(CallbackURLs=["http://localhost:3000/in", "shop-app://in"]),
            app(ExplicitAuthFlows=["ALLOW_USER_SRP_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"]),
            app(AllowedOAuthFlowsUserPoolClient=False, AllowedOAuthFlows=["implicit"]),
        ),
        neutral=(Case(resource(POOL, DescribeUserPoolClient={})),),
    ),
}


def test_a_second_factor_that_users_may_leave_out_is_the_lighter_case():
    assert pool(MfaConfiguration="OPTIONAL").verdict("aws.cognito.mfa").severity is Severity.LOW
