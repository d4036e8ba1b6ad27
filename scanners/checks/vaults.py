"""Secrets: who outside may read them, and whether their values are ever changed.

Limits: the list of secrets does not tell when a value was written; a new tag moves the date of the last change too.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from scanners.access.aws.statements import kept_out, open_to_anyone
from scanners.checks.open_policies import others_let_in
from scanners.checks.registry import Fix, check
from scanners.model import Node, Resource, Severity, Verdict, failed, not_applicable, passed
from scanners.model.estate import Estate

SECRET = "AWS::SecretsManager::Secret"  # noqa: S105  (a kind of resource)
OLD = timedelta(days=90)


@check(
    "aws.secretsmanager.public",
    on=SECRET,
    severity=Severity.CRITICAL,
    title="Secret open to outsiders",
    reads=("GetResourcePolicy",),
    fix=Fix(
        console="Secrets Manager > the secret > Resource permissions > Edit: name the roles that need it; if the"
        " account belongs to you, add it to the trusted accounts.",
        cli="aws secretsmanager put-resource-policy --secret-id ARN --resource-policy file://policy.json"
        " --block-public-policy",
        terraform='resource "aws_secretsmanager_secret_policy" "this" { block_public_policy = true }',
    ),
)
def public(secret: Resource, estate: Estate) -> Iterator[Verdict]:
    """Whoever may read a secret can be the application that it belongs to, from anywhere."""
    policy = secret["GetResourcePolicy"]["ResourcePolicy"]
    for statement, who in open_to_anyone(policy):
        if not kept_out(policy, statement):
            yield failed(f"The secret's policy allows {', '.join(statement.actions())} to anyone", who, statement.node)
    yield from others_let_in("secret", policy, estate)
    yield passed("The secret's policy lets in nobody from outside", policy)


@check(
    "aws.secretsmanager.rotation",
    on=SECRET,
    severity=Severity.MEDIUM,
    title="Secret not rotated",
    reads=("ListSecrets",),
    fix=Fix(
        console="Secrets Manager > the secret > Rotation > Edit rotation: enable automatic rotation; where it is on and"
        " late, look into the log of the rotation function.",
        cli="aws secretsmanager rotate-secret --secret-id ARN --rotation-lambda-arn FUNCTION --rotation-rules"
        " AutomaticallyAfterDays=30",
        terraform='resource "aws_secretsmanager_secret_rotation" "this" { rotation_rules { automatically_after_days'
        " = 30 } }",
    ),
)
def rotation(secret: Resource, estate: Estate) -> Iterator[Verdict]:
    """A value that never changes stays useful to everyone who ever saw it: former colleagues, old logs, old backups."""
    said = secret["ListSecrets"]
    enabled, due, changed = said["RotationEnabled"], said["NextRotationDate"], said["LastChangedDate"]
    if enabled.value is True:
        if due.present and moment(due) < estate.now:
            yield failed(f"Rotation is on and did not happen: it was due by {due.text()[:10]}", due, enabled)
        else:
            yield passed("Rotation is on and on time", enabled, due)
    elif (keeper := said["OwningService"]).present:
        yield not_applicable(f"The secret belongs to {keeper.value}, which alone may change it", keeper)
    elif (primary := said["PrimaryRegion"]).present and primary.value != secret.region:
        yield not_applicable(f"The secret is a replica, and is rotated in {primary.value}", primary)
    elif estate.now - moment(said.need("LastChangedDate")) > OLD:
        yield failed(f"Rotation is off and the secret has not changed since {changed.text()[:10]}", changed, enabled)
    else:
        yield passed("Rotation is off, and the secret was changed within 90 days", changed, enabled)


def moment(node: Node) -> datetime:
    return datetime.fromisoformat(node.text())
