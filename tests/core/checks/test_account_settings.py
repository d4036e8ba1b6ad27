"""Settings of the whole account: CASES are run by tests/house/test_checks.py."""

from tests.core.cases import Case, Cases, resource


def contact(said):
    return Case(resource("AWS::Account", "arn:aws:iam::111122223333:root", GetAlternateContact=said))


def passwords(said):
    return Case(resource("AWS::Account", "arn:aws:iam::111122223333:root", GetAccountPasswordPolicy=said))


CASES = {
    "aws.account.security_contact": Cases(
        fails=(
            contact(None),
            contact({"AlternateContactType": "SECURITY"}),
            contact({"AlternateContactType": "SECURITY", "EmailAddress": ""}),
        ),
        passes=(contact({"AlternateContactType": "SECURITY", "EmailAddress": "security@example.com"}),),
    ),
    "aws.iam.password_policy": Cases(
        fails=(
            passwords(None),
            passwords({"MinimumPasswordLength": 8}),
            passwords({"MinimumPasswordLength": 14}),
            passwords({"MinimumPasswordLength": 13, "PasswordReusePrevention": 24}),
            passwords({"MinimumPasswordLength": 14, "PasswordReusePrevention": 23}),
        ),
        passes=(
            passwords({"MinimumPasswordLength": 14, "PasswordReusePrevention": 24}),
            passwords({"MinimumPasswordLength": 20, "PasswordReusePrevention": 24, "RequireSymbols": False}),
        ),
        unknown=(passwords({"MinimumPasswordLength": "many"}),),
    ),
}
