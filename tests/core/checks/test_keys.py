"""Keys: CASES are run by tests/house/test_checks.py."""

from tests.core.cases import ACCOUNT, Case, Cases, resource

KEY = "AWS::KMS::Key"
OURS = {"KeyManager": "CUSTOMER", "KeyState": "Enabled", "KeySpec": "SYMMETRIC_DEFAULT", "Origin": "AWS_KMS"}
OWN = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}


def key(*statements, rotated=None, **said):
    sections = {"ListKeys": {"KeyId": "k"}, "DescribeKey": {**OURS, **said}}
    if said.get("KeyManager") != "AWS":
        sections["GetKeyPolicy"] = {"Policy": {"Statement": [OWN, *statements]}, "PolicyName": "default"}
    if rotated is not None:
        sections["GetKeyRotationStatus"] = {"KeyRotationEnabled": rotated}
    return Case(resource(KEY, **sections))


def allow(principal, action="kms:Decrypt", **conditions):
    more = {"Condition": {"StringEquals": conditions}} if conditions else {}
    return {"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*", **more}


CALLER, VIA = "kms:CallerAccount", "kms:ViaService"
OTHERS = {"StringNotEquals": {"aws:PrincipalOrgID": "o-abc"}}
CASES = {
    "aws.kms.public_key_policy": Cases(
        fails=(
            key(allow("*")),
            key(allow({"AWS": "*"})),
            key(allow({"AWS": ["111122223333", "*"]}, ["kms:Decrypt", "kms:GenerateDataKey"])),
            key(allow("*", **{VIA: "s3.eu-west-1.amazonaws.com"})),
            key(allow("*", "kms:CreateGrant", **{"kms:GranteePrincipal": f"arn:aws:iam::{ACCOUNT}:role/r"})),
            key(allow("*", **{"kms:EncryptionContext:team": "orders"})),
            key(allow("*"), {**allow("*", "kms:Encrypt"), "Effect": "Deny", "Condition": OTHERS}),
        ),
        passes=(
            key(),
            key(allow("*", **{CALLER: ACCOUNT})),
            key(allow({"AWS": "*"}, **{CALLER: ACCOUNT, VIA: "s3.eu-west-1.amazonaws.com"})),
            key(allow({"AWS": "arn:aws:iam::999988887777:root"})),
            key(allow({"Service": "logs.eu-west-1.amazonaws.com"})),
            key(allow("*"), {**allow("*", "kms:*"), "Effect": "Deny", "Condition": OTHERS}),
        ),
        neutral=(key(KeyManager="AWS"),),
    ),
    "aws.kms.rotation": Cases(
        fails=(key(rotated=False), key(rotated=False, KeyState="Disabled")),
        passes=(key(rotated=True),),
        neutral=(
            key(KeyManager="AWS"),
            key(KeySpec="RSA_2048"),
            key(KeySpec="HMAC_256"),
            key(Origin="EXTERNAL"),
            key(Origin="AWS_CLOUDHSM"),
            key(KeyState="PendingDeletion"),
        ),
    ),
    "aws.kms.pending_deletion": Cases(
        fails=(
            key(KeyState="PendingDeletion", DeletionDate="2026-12-20T10:00:00Z"),
            key(KeyState="PendingReplicaDeletion"),
        ),
        passes=(key(), key(KeyState="Disabled")),
    ),
}


def test_the_date_of_a_deletion_is_said_and_not_how_long_it_is_away():
    leaving = key(KeyState="PendingDeletion", DeletionDate="2026-12-20T10:00:00Z")

    assert leaving.verdict("aws.kms.pending_deletion").sentence == "KMS will delete the key on 2026-12-20"
