"""KMS keys: who may use them, and whether they are looked after.

Limits: grants are not read: they name one principal each and can be given only by those whom the policy lets in.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.aws.statements import kept_out, open_to_anyone
from scanners.checks.registry import Fix, check
from scanners.model import Node, Resource, Severity, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

KEY = "AWS::KMS::Key"


def of_aws(key: Resource) -> Node | None:
    """Where it says that AWS made the key and keeps it."""
    keeper = key["DescribeKey"].need("KeyManager")
    return keeper if keeper.value == "AWS" else None


@check(
    "aws.kms.public_key_policy",
    on=KEY,
    severity=Severity.CRITICAL,
    title="Key usable by everyone",
    reads=("DescribeKey", "GetKeyPolicy"),
    fix=Fix(
        console="KMS > Customer managed keys > the key > Key policy > Edit: name principals, or add a kms:CallerAccount"
        " condition.",
        cli="aws kms put-key-policy --key-id KEY --policy-name default --policy file://policy.json",
        terraform='resource "aws_kms_key_policy" "this" { policy = data.aws_iam_policy_document.known_users.json }',
    ),
)
def public_key_policy(key: Resource, estate: Estate) -> Iterator[Verdict]:
    """Anyone with an AWS account can use the key, so that encrypting with it protects nothing from them.

    kms:ViaService says through which service a call comes, not from whom: strangers use the same services.
    """
    if keeper := of_aws(key):
        yield not_applicable("AWS keeps this key and its policy", keeper)
        return
    policy = key["GetKeyPolicy"].need("Policy")
    for statement, who in open_to_anyone(policy):
        if kept_out(policy, statement):
            continue
        actions = ", ".join(statement.actions())
        services = [
            str(one.value) for _, at, values in statement.conditions() if at == "kms:viaservice" for one in values
        ]
        way = f" who comes through {', '.join(services)}" if services else ""
        severity = Severity.HIGH if services else None
        yield failed(f"The key's policy allows {actions} to anyone{way}", who, statement.node, severity=severity)
    yield passed("No statement of the key's policy lets in strangers", policy)


@check(
    "aws.kms.rotation",
    on=KEY,
    severity=Severity.LOW,
    title="Key not rotated",
    reads=("DescribeKey", "GetKeyRotationStatus"),
    fix=Fix(
        console="KMS > Customer managed keys > the key > Key rotation > Edit: enable automatic rotation.",
        cli="aws kms enable-key-rotation --key-id KEY",
        terraform='resource "aws_kms_key" "this" { enable_key_rotation = true }',
    ),
)
def rotation(key: Resource, estate: Estate) -> Iterator[Verdict]:
    """The longer one key material encrypts, the more is lost with it on the day it leaks."""
    if reason := _not_rotatable(key):
        yield not_applicable(*reason)
        return
    enabled = key["GetKeyRotationStatus"].need("KeyRotationEnabled")
    if enabled.value is True:
        yield passed("KMS rotates the key by itself", enabled)
    else:
        yield failed("Automatic rotation is off", enabled)


def _not_rotatable(key: Resource) -> tuple[str, Node] | None:
    """KMS rotates by itself only symmetric keys whose material it made ("Rotate AWS KMS keys", read 2026-11)."""
    if keeper := of_aws(key):
        return "AWS rotates its own keys every year", keeper
    said = key["DescribeKey"]
    spec, origin, state = said.need("KeySpec"), said.need("Origin"), said.need("KeyState")
    if spec.value != "SYMMETRIC_DEFAULT":
        return f"KMS does not rotate keys of the kind {spec.value}", spec
    if origin.value != "AWS_KMS":
        return f"KMS does not rotate key material that comes from {origin.value}", origin
    if state.value in ("PendingDeletion", "PendingReplicaDeletion"):
        return "The key is on its way out", state
    return None


@check(
    "aws.kms.pending_deletion",
    on=KEY,
    severity=Severity.MEDIUM,
    title="Key about to be deleted",
    reads=("DescribeKey",),
    fix=Fix(
        console="KMS > Customer managed keys > the key > Key actions > Cancel key deletion, if anything needs it.",
        cli="aws kms cancel-key-deletion --key-id KEY",
        terraform='resource "aws_kms_key" "this" { deletion_window_in_days = 30 }',
    ),
)
def pending_deletion(key: Resource, estate: Estate) -> Iterator[Verdict]:
    """What was encrypted with a deleted key can never be read again, by anyone."""
    said = key["DescribeKey"]
    state, date = said.need("KeyState"), said["DeletionDate"]
    if state.value == "PendingDeletion":
        when = f" on {date.text()[:10]}" if date.present else ""
        yield failed(f"KMS will delete the key{when}", state, date)
    elif state.value == "PendingReplicaDeletion":
        yield failed("KMS will delete the key once its replicas in other regions are gone", state)
    else:
        yield passed("No deletion is scheduled", state)
