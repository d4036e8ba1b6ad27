"""Policies, people, roles and who vouches for them."""

from __future__ import annotations

from typing import Any

from posture.management.benchmarks.scan.build.site import Site, role
from posture.management.benchmarks.scan.design import ROLE, Item
from posture.runtime.sample.emulator import ACCOUNT
from posture.runtime.sample.shop.account import allow, policy, statement
from posture.runtime.sample.shop.people import PASSWORD, SAML_DOCUMENT

BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def managed_policy(site: Site, item: Item) -> str:
    said = (
        allow("*") if item.flaw else allow(["sqs:SendMessage", "sqs:GetQueueUrl"], f"arn:aws:sqs:*:{ACCOUNT}:queue-*")
    )
    made = site.client("iam", item).create_policy(PolicyName=item.name, PolicyDocument=policy(said))
    return str(made["Policy"]["Arn"])


def group(site: Site, item: Item) -> str:
    iam = site.client("iam", item)
    iam.create_group(GroupName=item.name)
    iam.attach_group_policy(GroupName=item.name, PolicyArn=READ_ONLY)
    return f"arn:aws:iam::{ACCOUNT}:group/{item.name}"


def user(site: Site, item: Item) -> str:
    """Every second one signs in to the console; whoever does has MFA, unless that is the flaw.  Others have a key."""
    iam = site.client("iam", item)
    iam.create_user(UserName=item.name)
    iam.add_user_to_group(GroupName=site.one("AWS::IAM::Group", item).rpartition("/")[2], UserName=item.name)
    if not item.flaw and item.number % 2:
        iam.create_access_key(UserName=item.name)
        return f"arn:aws:iam::{ACCOUNT}:user/{item.name}"
    iam.create_login_profile(UserName=item.name, Password=PASSWORD)
    if not item.flaw:
        device = iam.create_virtual_mfa_device(VirtualMFADeviceName=item.name)["VirtualMFADevice"]["SerialNumber"]
        codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "654321"}
        iam.enable_mfa_device(UserName=item.name, SerialNumber=device, **codes)
    return f"arn:aws:iam::{ACCOUNT}:user/{item.name}"


def other_role(site: Site, item: Item) -> str:
    who: dict[str, Any] = {"AWS": "*"} if item.flaw else {"Service": "ec2.amazonaws.com"}
    make_role(site, item, item.name, who, site.one("AWS::IAM::ManagedPolicy", item))
    site.client("iam", item).put_role_policy(
        RoleName=item.name, PolicyName="own-logs", PolicyDocument=policy(allow("logs:PutLogEvents"))
    )
    return role(item.name)


def make_role(site: Site, item: Item, name: str, who: dict[str, Any], attached: str = BASIC) -> str:
    trust = statement("Allow", who, "sts:AssumeRole")
    del trust["Resource"]
    iam = site.client("iam", item)
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))
    iam.attach_role_policy(RoleName=name, PolicyArn=attached)
    return role(name)


def oidc(site: Site, item: Item) -> str:
    made = site.client("iam", item).create_open_id_connect_provider(
        Url=f"https://{item.name}.example.test", ClientIDList=["sts.amazonaws.com"], ThumbprintList=["6" * 40]
    )
    return str(made["OpenIDConnectProviderArn"])


def saml(site: Site, item: Item) -> str:
    made = site.client("iam", item).create_saml_provider(Name=item.name, SAMLMetadataDocument=SAML_DOCUMENT)
    return str(made["SAMLProviderArn"])


BUILDERS = {
    "AWS::IAM::ManagedPolicy": managed_policy,
    "AWS::IAM::Group": group,
    "AWS::IAM::User": user,
    ROLE: other_role,
    "AWS::IAM::OIDCProvider": oidc,
    "AWS::IAM::SAMLProvider": saml,
}
