"""Cognito's user pools: how the people in them sign in."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.registry import Fix, check
from scanners.model import Resource, Severity, Verdict, failed, passed
from scanners.model.estate import Estate

POOL = "AWS::Cognito::UserPool"


@check(
    "aws.cognito.mfa",
    on=POOL,
    severity=Severity.MEDIUM,
    title="User pool without multi-factor sign-in",
    reads=("DescribeUserPool",),
    fix=Fix(
        console="Cognito > User pools > the pool > Sign-in > Multi-factor authentication > Edit: require MFA.",
        cli="aws cognito-idp set-user-pool-mfa-config --user-pool-id ID --mfa-configuration ON"
        " --software-token-mfa-configuration Enabled=true",
        terraform='resource "aws_cognito_user_pool" "this" { mfa_configuration = "ON"'
        "  software_token_mfa_configuration { enabled = true } }",
    ),
)
def mfa(pool: Resource, estate: Estate) -> Iterator[Verdict]:
    """A password that was guessed, or stolen elsewhere, is all it takes to be one of your users."""
    asked = pool["DescribeUserPool"].need("MfaConfiguration")
    if asked.value == "ON":
        yield passed("Everyone signs in with a second factor", asked)
    elif asked.value == "OPTIONAL":
        yield failed("Users choose whether they have a second factor", asked, severity=Severity.LOW)
    else:
        yield failed("Nobody is asked for a second factor", asked)
