"""KMS keys and secrets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from posture.runtime.sample.emulator import ACCOUNT
from posture.runtime.sample.shop import CONFETTI, EDGE, MAIN, REPORTS, STRANGER
from posture.runtime.sample.shop.account import Account, policy, statement

OWN = statement("Allow", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "kms:*")
ANYONE = statement("Allow", "*", ["kms:Decrypt", "kms:DescribeKey"])
ANYONE_HERE = statement(
    "Allow", {"AWS": "*"}, ["kms:Decrypt", "kms:GenerateDataKey"], StringEquals={"kms:CallerAccount": ACCOUNT}
)


@dataclass(frozen=True, slots=True)
class Key:
    alias: str
    note: str
    region: str = MAIN
    rotated: bool = True
    statements: tuple[dict[str, Any], ...] = (OWN,)
    spec: str = "SYMMETRIC_DEFAULT"
    age: int = 600
    leaving: bool = False


KEYS = (
    Key("orders", "Order tables and queues"),
    Key("payments", "Card tokens and payment secrets", statements=(OWN, ANYONE_HERE)),
    Key("audit", "Trail and log groups"),
    Key("reports", "Exports for finance", REPORTS, rotated=False, age=410),
    Key("images-shared", f"Product photographs, {CONFETTI}", rotated=False, statements=(OWN, ANYONE), age=300),
    Key("receipts-signing", "Signs receipts", rotated=False, spec="RSA_2048", age=200),
    Key("old-exports", "Replaced by reports", EDGE, rotated=False, age=900, leaving=True),
)


@dataclass(frozen=True, slots=True)
class Secret:
    name: str
    value: str
    note: str = ""
    region: str = MAIN
    key: str | None = None
    rotated: bool = False
    age: int = 20
    statements: tuple[dict[str, Any], ...] = ()


READ = "secretsmanager:GetSecretValue"
SECRETS = (
    Secret(
        "payments/provider",
        "a-value-nobody-should-store",
        "Token of the payment provider",
        key="payments",
        rotated=True,
        age=300,
    ),
    Secret("orders/database", "another-value-nobody-should-store", "Owner of the orders schema", key="orders", age=430),
    Secret("search/cluster", "young-value", "Written by the pipeline", age=12),
    Secret(
        "partner/api-token", "open-value", "Shared with carriers", age=40, statements=(statement("Allow", "*", READ),)
    ),
    Secret(
        "exports/sftp",
        "lent-value",
        "Nightly upload",
        age=45,
        statements=(statement("Allow", {"AWS": f"arn:aws:iam::{STRANGER}:root"}, READ),),
    ),
    Secret(
        "reporting/warehouse",
        "guarded-value",
        "Warehouse reader",
        REPORTS,
        key="reports",
        age=25,
        statements=(statement("Allow", {"AWS": f"arn:aws:iam::{ACCOUNT}:role/reporting-daily-role"}, READ),),
    ),
)


def build_keys(account: Account) -> dict[str, str]:
    """Alias → key ARN."""
    arns = {}
    for key in KEYS:
        kms = account.client("kms", key.region)
        with account.past(key.age):
            made = kms.create_key(
                Description=key.note,
                Policy=policy(*key.statements),
                KeySpec=key.spec,
                KeyUsage="ENCRYPT_DECRYPT" if key.spec == "SYMMETRIC_DEFAULT" else "SIGN_VERIFY",
                Tags=[{"TagKey": "Name", "TagValue": key.alias}],
            )["KeyMetadata"]
            kms.create_alias(AliasName=f"alias/{key.alias}", TargetKeyId=made["KeyId"])
            if key.rotated:
                kms.enable_key_rotation(KeyId=made["KeyId"])
        if key.leaving:
            with account.past(3):
                kms.schedule_key_deletion(KeyId=made["KeyId"], PendingWindowInDays=30)
        arns[key.alias] = made["Arn"]
    account.client("kms").create_grant(
        KeyId=arns["orders"],
        GranteePrincipal=f"arn:aws:iam::{ACCOUNT}:role/orders-worker-role",
        Operations=["Decrypt", "GenerateDataKey"],
    )
    account.client("kms", REPORTS).create_grant(
        KeyId=arns["reports"],
        GranteePrincipal=f"arn:aws:iam::{STRANGER}:role/auditor",
        RetiringPrincipal=f"arn:aws:iam::{ACCOUNT}:role/reporting-daily-role",
        Operations=["Decrypt", "DescribeKey"],
        Constraints={"EncryptionContextSubset": {"year": "2025"}},
        Name="auditor",
    )
    return arns


def build_secrets(account: Account, keys: dict[str, str]) -> None:
    for secret in SECRETS:
        vault = account.client("secretsmanager", secret.region)
        with account.past(secret.age):
            key = {"KmsKeyId": keys[secret.key]} if secret.key else {}
            vault.create_secret(
                Name=secret.name,
                Description=secret.note,
                SecretString=secret.value,
                Tags=[{"Key": "team", "Value": secret.name.split("/")[0]}],
                **key,
            )
        if secret.statements:
            vault.put_resource_policy(SecretId=secret.name, ResourcePolicy=policy(*secret.statements))


def build_rotation(account: Account) -> None:
    """After the functions, since one of them rotates."""
    for secret in SECRETS:
        if secret.rotated:
            with account.past(10):
                account.client("secretsmanager", secret.region).rotate_secret(
                    SecretId=secret.name,
                    RotationLambdaARN=f"arn:aws:lambda:{secret.region}:{ACCOUNT}:function:secrets-rotator",
                    RotationRules={"AutomaticallyAfterDays": 30},
                    RotateImmediately=False,
                )
