"""The root user: whether it can be used, and whether it is."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.credential_report import ACCOUNT, KEYS, REPORT, in_words, within
from scanners.checks.registry import Fix, check
from scanners.model import Node, Resource, Severity, Verdict, failed, passed
from scanners.model.estate import Estate

SUMMARY = "GetAccountSummary"
ROOT = "<root_account>"
RECENT = 30  # days
REMOVED = 'resource "aws_iam_organizations_features" "this" { enabled_features = ["RootCredentialsManagement"] }'


@check(
    "aws.iam.root_mfa",
    on=ACCOUNT,
    severity=Severity.CRITICAL,
    title="Root user without MFA",
    reads=(SUMMARY, REPORT),
    fix=Fix(
        console="Sign in as root > Security credentials > Assign MFA; in an organisation, rather remove the root"
        " credentials of member accounts (IAM > Root access management).",
        cli="aws iam enable-organizations-root-credentials-management",
        terraform=REMOVED,
    ),
)
def root_mfa(account: Resource, estate: Estate) -> Iterator[Verdict]:
    """One stolen password gives away the account, and nothing in the account can stop the root user."""
    factor = account[SUMMARY].need("AccountMFAEnabled")
    if factor.value:
        yield passed("The root user has a second factor", factor)
    elif removed := _without_root_credentials(account):
        yield passed("The root user has no credentials", *removed)
    else:
        yield failed("The root user has no second factor", factor)


@check(
    "aws.iam.root_access_key",
    on=ACCOUNT,
    severity=Severity.CRITICAL,
    title="Root user has access keys",
    reads=(SUMMARY,),
    fix=Fix(
        console="Sign in as root > Security credentials > Access keys: deactivate, see what breaks, delete.",
        cli="aws iam delete-access-key --access-key-id ID (signed in as root)",
        terraform=REMOVED,
    ),
)
def root_access_key(account: Resource, estate: Estate) -> Iterator[Verdict]:
    """Such a key may do everything, cannot be limited, and needs no second factor."""
    keys = account[SUMMARY].need("AccountAccessKeysPresent")
    if keys.value:
        yield failed("The root user has access keys", keys)
    else:
        yield passed("The root user has no access key", keys)


@check(
    "aws.iam.root_recent_use",
    on=ACCOUNT,
    severity=Severity.HIGH,
    title="Root user was used recently",
    reads=(REPORT,),
    fix=Fix(
        console="CloudTrail > Event history, user name root: find out who did what and why, and give them a role for"
        " it.",
        cli="aws cloudtrail lookup-events --lookup-attributes AttributeKey=Username,AttributeValue=root",
        terraform='resource "aws_cloudwatch_log_metric_filter" "root" { pattern = "{ $.userIdentity.type = Root }" }',
    ),
)
def root_recent_use(account: Resource, estate: Estate) -> Iterator[Verdict]:
    """Daily work needs no root user: using it is a habit to end, or somebody else at work."""
    root = account[REPORT].need(ROOT)
    uses = [("its password", root.need("password_last_used"))]
    uses += [(in_words(key), root.need(f"{key}_last_used_date")) for key in KEYS]
    for what, used in uses:
        if within(used, RECENT, estate):
            yield failed(f"The root user used {what} on {used.value}", used)
            return
    yield passed(f"The root user was not used within {RECENT} days", *(used for _, used in uses))


def _without_root_credentials(account: Resource) -> tuple[Node, ...]:
    """What proves that there is nothing to sign in with as root: credentials that were removed centrally."""
    password, keys = account[SUMMARY]["AccountPasswordPresent"], account[SUMMARY].need("AccountAccessKeysPresent")
    if keys.value:
        return ()
    if password.present:
        return () if password.value else (password, keys)
    enabled = account[REPORT][ROOT]["password_enabled"]  # an answer from before AWS counted root passwords
    return (enabled, keys) if str(enabled.value).lower() == "false" else ()
