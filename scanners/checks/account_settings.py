"""Settings of the whole account: whom AWS writes to when something is wrong."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.registry import Fix, check
from scanners.model import Resource, Severity, Verdict, failed, passed
from scanners.model.estate import Estate

ACCOUNT = "AWS::Account"


@check(
    "aws.account.security_contact",
    on=ACCOUNT,
    severity=Severity.LOW,
    title="No security contact",
    reads=("GetAlternateContact",),
    fix=Fix(
        console="Account > Alternate contacts > Edit: under Security, an address that a team reads day and night.",
        cli="aws account put-alternate-contact --alternate-contact-type SECURITY --name NAME --title TITLE"
        " --email-address ADDRESS --phone-number NUMBER",
        terraform='resource "aws_account_alternate_contact" "security" { alternate_contact_type = "SECURITY",'
        " email_address = ADDRESS, name = NAME, phone_number = NUMBER, title = TITLE }",
    ),
)
def security_contact(account: Resource, estate: Estate) -> Iterator[Verdict]:
    """What AWS learns of leaked keys and abuse it writes to the owner of the root address, who may not read it in time,
    or may have left.
    """
    contact = account["GetAlternateContact"]
    address = contact["EmailAddress"]
    if address.value:
        yield passed("AWS has an address to write to about security", address)
    else:
        yield failed("AWS has no address to write to about security", address if contact.present else contact)
