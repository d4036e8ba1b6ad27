"""Passwords, factors and keys, of users and of root: CASES are run by tests/house/test_checks.py."""

from dataclasses import replace
from datetime import timedelta

import pytest

from scanners.model import Outcome
from tests.core.cases import ACCOUNT, NOW, Case, Cases, resource

USER, ACCOUNT_KIND = "AWS::IAM::User", "AWS::Account"
NEVER = "N/A"


def ago(days):
    return (NOW - timedelta(days=days)).date().isoformat()


def row(**said):
    """A line of the report on a user who has nothing."""
    nothing = {
        "arn": "arn", "password_enabled": "false", "password_last_used": NEVER, "password_last_changed": NEVER,
        "mfa_active": "false",
    }  # fmt: skip
    for key in ("access_key_1", "access_key_2"):
        nothing |= {f"{key}_active": "false", f"{key}_last_rotated": NEVER, f"{key}_last_used_date": NEVER}
    return nothing | said


def password(used="no_information", changed=400, **said):
    used = used if isinstance(used, str) else ago(used)
    return row(password_enabled="true", password_last_used=used, password_last_changed=ago(changed), **said)


def key(made, used=None, number=1, active="true"):
    name = f"access_key_{number}"
    return {
        f"{name}_active": active,
        f"{name}_last_rotated": ago(made),
        f"{name}_last_used_date": NEVER if used is None else ago(used),
    }


def account(summary=None, **rows):
    return resource(
        ACCOUNT_KIND,
        f"arn:aws:iam::{ACCOUNT}:root",
        region="global",
        GetAccountSummary={"AccountMFAEnabled": 1, "AccountAccessKeysPresent": 0, **(summary or {})},
        GetCredentialReport={name.replace("root", "<root_account>"): said for name, said in rows.items()},
    )


def user(said, subject=""):
    alice = resource(USER, f"arn:aws:iam::{ACCOUNT}:user/alice", GetAccountAuthorizationDetails={"UserName": "alice"})
    return Case(alice, (account(alice=said) if said else account(),), subject=subject)


def root(said=None, **summary):
    return Case(account(summary, root=said or row(password_enabled="not_supported")))


UNREPORTED = user(None)
NO_FACTOR = {"AccountMFAEnabled": 0}

CASES = {
    "aws.iam.two_active_keys": Cases(
        fails=(
            user(row(**key(400, 1), **key(60, 2, number=2))),
            user(row(**key(15), **key(15, number=2))),
        ),
        passes=(
            user(row()),
            user(row(**key(400, 1))),
            user(row(**key(400, 1), **key(60, 2, number=2, active="false"))),
            user(row(**key(400, 1), **key(14, number=2))),
        ),
        unknown=(UNREPORTED, user(row(**key(400), access_key_2_active="perhaps"))),
    ),
    "aws.iam.root_mfa": Cases(
        fails=(
            root(**NO_FACTOR),
            root(**NO_FACTOR, AccountPasswordPresent=1),
            root(row(), **NO_FACTOR, AccountPasswordPresent=1),
            root(row(), **NO_FACTOR, AccountPasswordPresent=0, AccountAccessKeysPresent=1),
            Case(account(NO_FACTOR)),
        ),
        passes=(
            root(),
            root(**NO_FACTOR, AccountPasswordPresent=0),
            root(row(), **NO_FACTOR),
        ),
    ),
    "aws.iam.root_access_key": Cases(fails=(root(AccountAccessKeysPresent=1),), passes=(root(),)),
    "aws.iam.root_recent_use": Cases(
        fails=(
            root(row(password_last_used=ago(3))),
            root(row(access_key_2_last_used_date=ago(30))),
        ),
        passes=(
            root(),
            root(row(password_last_used="no_information")),
            root(row(password_last_used=ago(31), access_key_1_last_used_date=ago(400))),
        ),
        unknown=(Case(account()),),
    ),
    "aws.iam.user_mfa": Cases(
        fails=(user(password(used=1)), user(password(**key(3)))),
        passes=(user(row()), user(password(mfa_active="true")), user(row(**key(3, 1)))),
        unknown=(UNREPORTED, user(row(password_enabled="perhaps"))),
    ),
    "aws.iam.access_key_age": Cases(
        fails=(
            user(row(**key(91)), subject="access key 1"),
            user(row(**key(3), **key(500, 1, number=2)), subject="access key 2"),
        ),
        passes=(
            user(row(**key(90)), subject="access key 1"),
            user(row(**key(500, active="false")), subject="access key 1"),
        ),
        neutral=(user(row()), user(password())),
        unknown=(UNREPORTED, user(row(access_key_1_active="true"), subject="access key 1")),
    ),
    "aws.iam.unused_credentials": Cases(
        fails=(
            user(password(used=46)),
            user(password()),
            user(row(**key(46))),
            user(row(**key(500, 46))),
            user(password(used=1, **key(500, 1), **key(60, number=2))),
        ),
        passes=(
            user(row()),
            user(password(used=45)),
            user(password(changed=10)),
            user(row(**key(500, 3))),
            user(row(**key(20))),
            user(row(**key(500, 400, active="false"))),
        ),
        unknown=(UNREPORTED,),
    ),
    "aws.iam.long_lived_user_keys": Cases(
        fails=(user(row(**key(30, 1))), user(row(**key(500, 400, active="false"), **key(9, 8, number=2)))),
        passes=(
            user(row()),
            user(password(**key(30, 1))),
            user(row(**key(30))),
            user(row(**key(500, 91))),
            user(row(**key(30, 1, active="false"))),
        ),
        unknown=(UNREPORTED,),
    ),
}


def test_each_key_has_a_finding_of_its_own():
    verdicts = user(row(**key(200), **key(10, number=2))).verdicts("aws.iam.access_key_age")

    assert {v.subject: v.outcome for v in verdicts} == {
        "access key 1": Outcome.FAIL,
        "access key 2": Outcome.PASS,
    }


@pytest.mark.parametrize("check", [check for check, cases in CASES.items() if cases.unknown and "user" in check])
def test_the_words_do_not_change_from_day_to_day(check):
    for case in CASES[check].fails:
        tomorrow = replace(case, now=NOW + timedelta(days=1))

        assert case.verdict(check).sentence == tomorrow.verdict(check).sentence
