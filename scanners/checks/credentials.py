"""Passwords, second factors and access keys of people and workloads, as the credential report tells them."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.credential_report import (
    ACCOUNT,
    KEYS,
    REPORT,
    day_of,
    in_words,
    not_understood,
    row_of,
    said_yes,
    within,
)
from scanners.checks.registry import Fix, check
from scanners.model import Resource, Severity, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

USER = "AWS::IAM::User"
REPORTED = ((ACCOUNT, REPORT),)
OLDEST_KEY = 90  # days, as all that follow
LONGEST_UNUSED = 45
IN_USE = 90
ROTATION = 14  # in which an old key and its successor may both be active
ROLE = 'resource "aws_iam_role" "workload" { assume_role_policy = data.aws_iam_policy_document.workload.json }'


@check(
    "aws.iam.user_mfa",
    on=USER,
    severity=Severity.HIGH,
    title="Console user without MFA",
    joins=REPORTED,
    fix=Fix(
        console="IAM > Users > the user > Security credentials > Assign MFA device; until then, delete the password.",
        cli="aws iam enable-mfa-device --user-name NAME --serial-number ARN --authentication-code1 N"
        " --authentication-code2 N",
        terraform='resource "aws_iam_group_policy" "mfa" { policy ='
        " data.aws_iam_policy_document.deny_without_mfa.json }",
    ),
)
def user_mfa(user: Resource, estate: Estate) -> Iterator[Verdict]:
    """A password that was guessed, phished or used elsewhere is enough to sign in as this user."""
    row = row_of(user, estate)
    password, factor = row.need("password_enabled"), row.need("mfa_active")
    if not said_yes(password):
        yield passed("The user has no password", password)
    elif said_yes(factor):
        yield passed("The user has a second factor", factor)
    else:
        yield failed("The user signs in with a password alone", password, factor)


@check(
    "aws.iam.access_key_age",
    on=USER,
    severity=Severity.MEDIUM,
    title="Access key older than the limit",
    joins=REPORTED,
    fix=Fix(
        console="IAM > Users > the user > Security credentials: create a second key, switch to it, deactivate and"
        " delete"
        " the old one; better, replace the key with a role.",
        cli="aws iam create-access-key --user-name NAME; aws iam update-access-key --access-key-id OLD --status"
        " Inactive",
        terraform=ROLE,
    ),
)
def access_key_age(user: Resource, estate: Estate) -> Iterator[Verdict]:
    """Keys leak into logs, images and repositories; the older one is, the more places it has been in."""
    row = row_of(user, estate)
    any_key = False
    for key in KEYS:
        active, made = row.need(f"{key}_active"), row.need(f"{key}_last_rotated")
        name, day = in_words(key), day_of(made)
        if not said_yes(active):
            if day:
                yield passed(f"{name.capitalize()} is not active", active, subject=name)
        elif day is None:
            raise not_understood(made)
        elif within(made, OLDEST_KEY, estate):
            yield passed(f"{name.capitalize()} was made on {day}", made, subject=name)
        else:
            yield failed(f"{name.capitalize()} was made on {day} and is still active", made, active, subject=name)
        any_key = any_key or day is not None
    if not any_key:
        yield not_applicable("The user has no access key", row["access_key_1_active"], row["access_key_2_active"])


@check(
    "aws.iam.unused_credentials",
    on=USER,
    severity=Severity.MEDIUM,
    title="Credentials not used",
    joins=REPORTED,
    fix=Fix(
        console="IAM > Users > the user > Security credentials: deactivate the keys, disable console access; delete"
        " both"
        " when nobody misses them.",
        cli="aws iam update-access-key --user-name NAME --access-key-id ID --status Inactive; aws iam"
        " delete-login-profile"
        " --user-name NAME",
        terraform='resource "aws_iam_access_key" "this" { status = "Inactive" }',
    ),
)
def unused_credentials(user: Resource, estate: Estate) -> Iterator[Verdict]:
    """Nobody would miss them, and nobody notices when somebody else starts to use them."""
    row = row_of(user, estate)
    credentials = [("password", "password_enabled", "password_last_used", "password_last_changed")]
    credentials += [(in_words(k), f"{k}_active", f"{k}_last_used_date", f"{k}_last_rotated") for k in KEYS]
    unused, proof = [], []
    for name, active, used, made in ((n, row.need(a), row.need(u), row.need(m)) for n, a, u, m in credentials):
        proof += [active]
        if not said_yes(active):
            continue
        since = used if day_of(used) else made
        if day_of(since) is None:
            raise not_understood(made)
        proof += [since]
        if not within(since, LONGEST_UNUSED, estate):
            words = f"last used on {day_of(used)}" if day_of(used) else f"never used since {day_of(made)}"
            unused.append(f"{name} {words}")
    if unused:
        yield failed(f"Active, but not used within {LONGEST_UNUSED} days: {', '.join(unused)}", *proof)
    else:
        yield passed(f"Every active credential was made or used within {LONGEST_UNUSED} days", *proof)


@check(
    "aws.iam.long_lived_user_keys",
    on=USER,
    severity=Severity.MEDIUM,
    title="Workload signs in with a user key",
    joins=REPORTED,
    fix=Fix(
        console="Give the workload a role: an instance profile or execution role inside AWS, OIDC federation for"
        " pipelines,"
        " IAM Roles Anywhere elsewhere; then delete the key.",
        cli="aws iam create-role --role-name NAME --assume-role-policy-document file://workload.json",
        terraform=ROLE,
    ),
)
def long_lived_user_keys(user: Resource, estate: Estate) -> Iterator[Verdict]:
    """A key on a server or in a pipeline works for whoever copies it, until somebody remembers to replace it."""
    row = row_of(user, estate)
    password = row.need("password_enabled")
    if said_yes(password):
        yield passed("The user is a person's: it has a password", password)
        return
    for key in KEYS:
        active, used = row.need(f"{key}_active"), row.need(f"{key}_last_used_date")
        if said_yes(active) and within(used, IN_USE, estate):
            yield failed("The user has no password and its access key is in use", active, used, password)
            return
    yield passed("No access key of the user is in use", row["access_key_1_active"], row["access_key_2_active"])


@check(
    "aws.iam.two_active_keys",
    on=USER,
    severity=Severity.LOW,
    title="User keeps two active keys",
    joins=REPORTED,
    fix=Fix(
        console="IAM > Users > the user > Security credentials: see which key is used, deactivate the other, and delete"
        " it when nobody misses it.",
        cli="aws iam update-access-key --user-name NAME --access-key-id OTHER --status Inactive",
        terraform=ROLE,
    ),
)
def two_active_keys(user: Resource, estate: Estate) -> Iterator[Verdict]:
    """A second key is there so that the first can be replaced without a pause; kept, it is one more to lose."""
    row = row_of(user, estate)
    active = [row.need(f"{key}_active") for key in KEYS]
    made = [row.need(f"{key}_last_rotated") for key in KEYS]
    if not all(map(said_yes, active)):
        yield passed("The user has one active key at the most", *active)
    elif fresh := [day for day in made if within(day, ROTATION, estate)]:
        yield passed(f"One key was made on {day_of(fresh[-1])}, to replace the other", *made)
    else:
        yield failed("Both keys of the user are active, and neither is new", *active, *made)
