"""Settings of the whole account: whom AWS writes to when something is wrong, and what passwords must be like."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.registry import Fix, check
from scanners.model import Resource, Severity, Verdict, failed, passed
from scanners.model.estate import Estate

ACCOUNT = "AWS::Account"
SHORTEST = 14  # characters; this and the next: CIS Amazon Web Services Foundations
REMEMBERED = 24  # passwords


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


@check(
    "aws.iam.password_policy",
    on=ACCOUNT,
    severity=Severity.LOW,
    title="Weak password policy",
    reads=("GetAccountPasswordPolicy",),
    fix=Fix(
        console=f"IAM > Account settings > Password policy > Edit: at least {SHORTEST} characters, no reuse of the last"
        f" {REMEMBERED}.",
        cli=f"aws iam update-account-password-policy --minimum-password-length {SHORTEST}"
        f" --password-reuse-prevention {REMEMBERED}",
        terraform=f'resource "aws_iam_account_password_policy" "this" {{ minimum_password_length = {SHORTEST},'
        f" password_reuse_prevention = {REMEMBERED} }}",
    ),
)
def password_policy(account: Resource, estate: Estate) -> Iterator[Verdict]:
    """Short passwords are guessed, and old ones have been seen in other people's leaks."""
    policy = account["GetAccountPasswordPolicy"]
    if not policy.present:
        yield failed("The account has no password policy of its own", policy)
        return
    length, reuse = policy["MinimumPasswordLength"], policy["PasswordReusePrevention"]
    faults = []
    if length.value is None or int(length.value) < SHORTEST:
        faults.append((f"may have fewer than {SHORTEST} characters", length))
    if reuse.value is None or int(reuse.value) < REMEMBERED:
        faults.append((f"may be one of the last {REMEMBERED}", reuse))
    if faults:
        yield failed("A password " + " and ".join(words for words, _ in faults), *(node for _, node in faults))
    else:
        yield passed(
            f"A password has at least {SHORTEST} characters and is none of the last {REMEMBERED}", length, reuse
        )
