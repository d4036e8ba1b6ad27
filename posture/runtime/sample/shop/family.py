"""The organisation: this account manages it, and two others belong to it."""

from __future__ import annotations

from posture.runtime.sample.shop.account import Account


def build(account: Account) -> tuple[str, str]:
    """The organisation's id, and the number of the data account, which our functions may trust."""
    organizations = account.client("organizations", "us-east-1")
    with account.past(1500):
        organisation = organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
        made = [
            organizations.create_account(AccountName=f"fernhollow-{name}", Email=f"{name}@fernhollow.test")[
                "CreateAccountStatus"
            ]["AccountId"]
            for name in ("data", "sandbox")
        ]
    return organisation, made[0]
