"""Settings of the whole account: CASES are run by tests/house/test_checks.py."""

from tests.core.cases import Case, Cases, resource


def contact(said):
    return Case(resource("AWS::Account", "arn:aws:iam::111122223333:root", GetAlternateContact=said))


CASES = {
    "aws.account.security_contact": Cases(
        fails=(
            contact(None),
            contact({"AlternateContactType": "SECURITY"}),
            contact({"AlternateContactType": "SECURITY", "EmailAddress": ""}),
        ),
        passes=(contact({"AlternateContactType": "SECURITY", "EmailAddress": "security@example.com"}),),
    ),
}
