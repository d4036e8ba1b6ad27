"""People, their keys, groups, policies, and who from outside may come in."""

from __future__ import annotations

import json
import urllib.request
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from posture.runtime.sample.emulator import ACCOUNT
from posture.runtime.sample.shop import CONFETTI, FORMULA, MAIN, PARTNER, SCRIPT, SHOP, STRANGER
from posture.runtime.sample.shop.account import Account, allow, policy, statement

AWS_POLICY = "arn:aws:iam::aws:policy/"
OWN_POLICY = f"arn:aws:iam::{ACCOUNT}:policy/"
PASSWORD = "Fake-but-long-9921-phrase"  # noqa: S105 - of people who do not exist


@dataclass(frozen=True, slots=True)
class Person:
    """`seen`: days since the password was used. `keys`: (age, days since use or None, active)."""

    name: str
    groups: tuple[str, ...] = ()
    seen: float | None = None
    mfa: bool = False
    keys: tuple[tuple[int, int | None, bool], ...] = ()
    age: int = 500
    own: tuple[str, ...] = ()  # policies attached to nobody else
    tags: dict[str, str] = field(default_factory=dict)


PEOPLE = (
    Person("alice.martin", ("admins",), seen=1, mfa=True),
    Person("carla.reyes", ("engineers",), seen=3, mfa=True, keys=((35, 2, True),)),
    Person("ben.osei", ("engineers",), seen=6, tags={"note": SCRIPT}),
    Person("dmitri.novak", ("finance",), seen=190, mfa=True),
    Person(
        "ci-deploy",
        ("deployers",),
        keys=((410, 1, True),),
        own=(OWN_POLICY + "read-orders",),
        tags={"purpose": "old pipeline"},
    ),
    Person("reporting-sync", ("readers",), keys=((30, 1, True), (45, 2, True)), tags={"note": FORMULA}),
    Person(
        "old-contractor", ("readers",), keys=((700, None, True), (900, 800, False)), age=950, tags={"note": CONFETTI}
    ),
)

POLICIES = {
    "break-glass": policy(allow("*")),
    "decrypt-anything": policy(allow(["kms:Decrypt", "kms:DescribeKey"])),
    "deploy-functions": policy(
        allow(
            ["lambda:UpdateFunctionCode", "lambda:PublishVersion", "lambda:UpdateAlias"],
            f"arn:aws:lambda:*:{ACCOUNT}:function:*",
        ),
        allow("s3:GetObject", f"arn:aws:s3:::{SHOP}-edge-config/*"),
    ),
    "read-orders": policy(
        allow(["dynamodb:GetItem", "dynamodb:Query"], f"arn:aws:dynamodb:{MAIN}:{ACCOUNT}:table/orders")
    ),
    "decrypt-in-sqs-only": policy(allow("kms:Decrypt", StringEquals={"kms:ViaService": f"sqs.{MAIN}.amazonaws.com"})),
    "no-iam-boundary": policy(
        allow("*", Bool={"aws:MultiFactorAuthPresent": "true"}), {**allow("iam:*"), "Effect": "Deny"}
    ),
    "all-but-people": policy({"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}),
    "queue-keeper": policy(allow(["sqs:*", "cloudwatch:GetMetricData"])),
    "release-anything": policy(allow(["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"])),
    "search-settings": policy(
        allow("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{MAIN}:{ACCOUNT}:secret:search/*")
    ),
    "catalog-hotfix": policy(allow("lambda:UpdateFunctionCode", f"arn:aws:lambda:{MAIN}:{ACCOUNT}:function:catalog-*")),
    "avatars": policy(allow("s3:PutObject", f"arn:aws:s3:::{SHOP}-images-original/avatars/*")),
    "trail-keeper": policy(
        allow(["cloudtrail:StartLogging", "cloudtrail:StopLogging"], f"arn:aws:cloudtrail:*:{ACCOUNT}:trail/*")
    ),
}

GROUPS: dict[str, tuple[str, ...]] = {
    "admins": (AWS_POLICY + "AdministratorAccess",),
    "engineers": (
        AWS_POLICY + "ReadOnlyAccess",
        OWN_POLICY + "read-orders",
        OWN_POLICY + "search-settings",
        OWN_POLICY + "catalog-hotfix",
    ),
    "deployers": (OWN_POLICY + "deploy-functions",),
    "finance": (AWS_POLICY + "job-function/ViewOnlyAccess",),
    "readers": (AWS_POLICY + "SecurityAudit", OWN_POLICY + "decrypt-anything"),
}

GITHUB = "token.actions.githubusercontent.com"
GITHUB_ARN = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{GITHUB}"
SAML_ARN = f"arn:aws:iam::{ACCOUNT}:saml-provider/staff-directory"
ASSUME, WEB = "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"
AUDIENCE = {f"{GITHUB}:aud": "sts.amazonaws.com"}
COGNITO = "cognito-identity.amazonaws.com"
AUDIT_EXTERNAL_ID = "sample-external-id"


def account_root(number: str) -> dict[str, str]:
    return {"AWS": f"arn:aws:iam::{number}:root"}


# Role → (whom it trusts, its policies)
ROLES: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "PostureAudit": (
        statement("Allow", account_root(ACCOUNT), ASSUME, StringEquals={"sts:ExternalId": AUDIT_EXTERNAL_ID}),
        (AWS_POLICY + "SecurityAudit", AWS_POLICY + "job-function/ViewOnlyAccess"),
    ),
    "parcel-partner": (
        statement("Allow", account_root(PARTNER), ASSUME, StringEquals={"sts:ExternalId": "parcel-77120"}),
        (OWN_POLICY + "read-orders",),
    ),
    "analytics-vendor": (
        statement("Allow", account_root(STRANGER), ASSUME),
        (OWN_POLICY + "read-orders", OWN_POLICY + "decrypt-anything"),
    ),
    "open-door": (statement("Allow", {"AWS": "*"}, ASSUME), (AWS_POLICY + "AmazonS3ReadOnlyAccess",)),
    "family-readers": (
        statement("Allow", {"AWS": "*"}, ASSUME, StringEquals={"aws:PrincipalOrgID": "ORGANISATION"}),
        (AWS_POLICY + "ReadOnlyAccess",),
    ),
    "break-glass-role": (
        statement("Allow", account_root(ACCOUNT), ASSUME, Bool={"aws:MultiFactorAuthPresent": "true"}),
        (OWN_POLICY + "break-glass",),
    ),
    "github-deploy": (
        statement(
            "Allow",
            {"Federated": GITHUB_ARN},
            WEB,
            StringEquals={**AUDIENCE, f"{GITHUB}:sub": "repo:fernhollow/shop:ref:refs/heads/main"},
        ),
        (OWN_POLICY + "deploy-functions",),
    ),
    "github-any-repository": (
        statement(
            "Allow", {"Federated": GITHUB_ARN}, WEB, StringEquals=AUDIENCE, StringLike={f"{GITHUB}:sub": "repo:*"}
        ),
        (OWN_POLICY + "deploy-functions", AWS_POLICY + "AWSLambda_FullAccess"),
    ),
    "github-no-subject": (
        statement("Allow", {"Federated": GITHUB_ARN}, WEB, StringEquals=AUDIENCE),
        (OWN_POLICY + "read-orders",),
    ),
    "staff": (
        statement(
            "Allow",
            {"Federated": SAML_ARN},
            "sts:AssumeRoleWithSAML",
            StringEquals={"SAML:aud": "https://signin.aws.amazon.com/saml"},
        ),
        (AWS_POLICY + "ReadOnlyAccess", OWN_POLICY + "catalog-hotfix"),
    ),
    "shop-visitors": (
        statement("Allow", {"Federated": COGNITO}, WEB, StringEquals={f"{COGNITO}:aud": f"{MAIN}:shop-pool"}),
        (),
    ),
    "widget-visitors": (
        statement("Allow", {"Federated": COGNITO}, WEB, StringLike={f"{COGNITO}:aud": f"{MAIN}:*"}),
        (),
    ),
    "avatar-visitors": (
        statement("Allow", {"Federated": COGNITO}, WEB, StringEquals={f"{COGNITO}:aud": f"{MAIN}:avatars-pool"}),
        (OWN_POLICY + "avatars",),
    ),
    "checkout-flow": (
        statement("Allow", {"Service": "states.amazonaws.com"}, ASSUME, StringEquals={"aws:SourceAccount": ACCOUNT}),
        (OWN_POLICY + "read-orders",),
    ),
    "import-flow": (
        statement("Allow", {"Service": "states.amazonaws.com"}, ASSUME, StringEquals={"aws:SourceAccount": ACCOUNT}),
        (OWN_POLICY + "queue-keeper",),
    ),
    "orders-task": (
        statement("Allow", {"Service": "ecs-tasks.amazonaws.com"}, ASSUME, StringEquals={"aws:SourceAccount": ACCOUNT}),
        (OWN_POLICY + "read-orders",),
    ),
    "batch-everything": (
        statement("Allow", {"Service": "ecs-tasks.amazonaws.com"}, ASSUME, StringEquals={"aws:SourceAccount": ACCOUNT}),
        (AWS_POLICY + "AdministratorAccess",),
    ),
    "release-builder": (
        statement("Allow", {"Service": "codebuild.amazonaws.com"}, ASSUME, StringEquals={"aws:SourceAccount": ACCOUNT}),
        (AWS_POLICY + "AdministratorAccess",),
    ),
    "gateway-logs": (
        statement("Allow", {"Service": "apigateway.amazonaws.com"}, ASSUME),
        (AWS_POLICY + "service-role/AmazonAPIGatewayPushToCloudWatchLogs",),
    ),
}

SAML_DOCUMENT = (
    '<?xml version="1.0"?><EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://directory.fernhollow.test/saml">'
    '<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/>'
    + "<!-- staff directory -->" * 45
    + "</EntityDescriptor>"
)


def build(account: Account, organisation: str) -> None:
    iam = account.client("iam")
    with account.past(950):
        iam.update_account_password_policy(
            MinimumPasswordLength=14,
            RequireSymbols=True,
            RequireNumbers=True,
            AllowUsersToChangePassword=True,
            PasswordReusePrevention=5,
        )
        iam.create_open_id_connect_provider(
            Url=f"https://{GITHUB}",
            ClientIDList=["sts.amazonaws.com"],
            ThumbprintList=["6938fd4d98bab03faadb97b34396831e3780aea1"],
        )
        iam.create_saml_provider(Name="staff-directory", SAMLMetadataDocument=SAML_DOCUMENT)
        for name, document in POLICIES.items():
            iam.create_policy(PolicyName=name, PolicyDocument=document)
        for name, attached in GROUPS.items():
            iam.create_group(GroupName=name)
            for arn in attached:
                iam.attach_group_policy(GroupName=name, PolicyArn=arn)
        for name, (trusted, attached) in ROLES.items():
            make_role(account, name, trusted, attached, organisation)
        iam.put_role_policy(
            RoleName="staff", PolicyName="own-dashboards", PolicyDocument=policy(allow("cloudwatch:PutDashboard"))
        )
    for person in PEOPLE:
        welcome(account, person)
    tell_root(account)


def make_role(
    account: Account, name: str, trusted: dict[str, Any], attached: tuple[str, ...], organisation: str
) -> None:
    iam = account.client("iam")
    trust = policy({key: value for key, value in trusted.items() if key != "Resource"}).replace(
        "ORGANISATION", organisation
    )
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, Description=f"Made for {name}")
    for arn in attached:
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)


def welcome(account: Account, person: Person) -> None:
    iam = account.client("iam")
    with account.past(person.age):
        iam.create_user(UserName=person.name, Tags=[{"Key": key, "Value": value} for key, value in person.tags.items()])
        for group in person.groups:
            iam.add_user_to_group(GroupName=group, UserName=person.name)
        for arn in person.own:
            iam.attach_user_policy(UserName=person.name, PolicyArn=arn)
        if person.seen is not None:
            iam.create_login_profile(UserName=person.name, Password=PASSWORD)
        if person.mfa:
            device = iam.create_virtual_mfa_device(VirtualMFADeviceName=person.name)["VirtualMFADevice"]["SerialNumber"]
            iam.enable_mfa_device(
                UserName=person.name, SerialNumber=device, AuthenticationCode1="123456", AuthenticationCode2="654321"
            )
    for age, used, active in person.keys:
        with account.past(age):
            key = iam.create_access_key(UserName=person.name)["AccessKey"]
        if used is not None:
            with account.past(used):
                account.client("sts", access_key=key["AccessKeyId"]).get_caller_identity()
        if not active:
            iam.update_access_key(UserName=person.name, AccessKeyId=key["AccessKeyId"], Status="Inactive")


def tell_root(account: Account) -> None:
    """What no API call can set: the root user has no MFA, when passwords were used last, when trails delivered."""
    facts = {
        "created": account.days_ago(1700).isoformat(),
        "mfa": False,
        "keys": [],
        "password_used": account.days_ago(240).isoformat(),
        "delivered": (account.today - timedelta(minutes=7)).isoformat(),
        "passwords_used": {
            person.name: account.days_ago(person.seen).isoformat() for person in PEOPLE if person.seen is not None
        },
    }
    request = urllib.request.Request(f"{account.endpoint}/_sample/root", json.dumps(facts).encode(), method="PUT")  # noqa: S310 - our own loopback
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10).close()
