"""The organisation: this account manages it, and two others belong to it, each in a unit of its own."""

from __future__ import annotations

from typing import Any

from posture.runtime.sample.shop.account import Account, allow, policy, statement

UNITS = ("workloads", None), ("production", "workloads"), ("sandboxes", "workloads")
MEMBERS = {"data": "production", "sandbox": "sandboxes"}
FULL = {"SERVICE_CONTROL_POLICY": "p-FullAWSAccess", "RESOURCE_CONTROL_POLICY": "p-RCPFullAWSAccess"}


def build(account: Account) -> tuple[str, str]:
    """The organisation's id, and the number of the data account, which our functions may trust."""
    organizations = account.client("organizations", "us-east-1")
    with account.past(1500):
        organisation = organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
        made = [
            organizations.create_account(AccountName=f"fernhollow-{name}", Email=f"{name}@fernhollow.test")[
                "CreateAccountStatus"
            ]["AccountId"]
            for name in MEMBERS
        ]
        ids = build_units(organizations)
        for number, unit in zip(made, MEMBERS.values(), strict=True):
            organizations.move_account(AccountId=number, SourceParentId=ids["root"], DestinationParentId=ids[unit])
        build_policies(organizations, organisation, ids)
    return organisation, made[0]


def build_units(organizations: Any) -> dict[str, str]:
    """Ids by name; AWS attaches its two full policies to every unit."""
    ids = {"root": organizations.list_roots()["Roots"][0]["Id"]}
    for kind in FULL:
        organizations.enable_policy_type(RootId=ids["root"], PolicyType=kind)
    for name, parent in UNITS:
        made = organizations.create_organizational_unit(ParentId=ids[parent or "root"], Name=name)
        ids[name] = made["OrganizationalUnit"]["Id"]
        for full in FULL.values():
            organizations.attach_policy(PolicyId=full, TargetId=ids[name])
    return ids


def build_policies(organizations: Any, organisation: str, ids: dict[str, str]) -> None:
    def denied(*actions: str, **condition: Any) -> dict[str, Any]:
        return {**allow(list(actions), **condition), "Effect": "Deny"}

    abroad = {
        **denied(StringNotLike={"aws:RequestedRegion": ["eu-*", "us-east-1"]}),
        "NotAction": ["iam:*", "organizations:*", "route53:*", "support:*"],
    }
    del abroad["Action"]
    strangers = statement(
        "Deny",
        "*",
        ["s3:*", "sqs:*", "sts:AssumeRole"],
        StringNotEqualsIfExists={"aws:PrincipalOrgID": organisation},
        BoolIfExists={"aws:PrincipalIsAWSService": "false"},
    )
    for name, kind, target, said in (
        ("keep-the-trail", "SERVICE_CONTROL_POLICY", "root",
         denied("cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "organizations:LeaveOrganization")),
        ("europe-only", "SERVICE_CONTROL_POLICY", "sandboxes", abroad),
        ("family-only", "RESOURCE_CONTROL_POLICY", "workloads", strangers),
    ):  # fmt: skip
        made = organizations.create_policy(Name=name, Description=name, Type=kind, Content=policy(said))
        organizations.attach_policy(PolicyId=made["Policy"]["PolicySummary"]["Id"], TargetId=ids[target])
