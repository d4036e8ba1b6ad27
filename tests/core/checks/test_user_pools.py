"""User pools: CASES are run by tests/house/test_checks.py; tests of their own say what cases cannot."""

from scanners.model import Severity
from tests.core.cases import Case, Cases, resource


def pool(**said):
    return Case(resource("AWS::Cognito::UserPool", DescribeUserPool={"Id": "eu-west-1_a", **said}))


CASES = {
    "aws.cognito.mfa": Cases(
        fails=(pool(MfaConfiguration="OFF"), pool(MfaConfiguration="OPTIONAL")),
        passes=(pool(MfaConfiguration="ON"), pool(MfaConfiguration="ON", UserPoolTier="LITE")),
        unknown=(pool(),),
    ),
}


def test_a_second_factor_that_users_may_leave_out_is_the_lighter_case():
    assert pool(MfaConfiguration="OPTIONAL").verdict("aws.cognito.mfa").severity is Severity.LOW
