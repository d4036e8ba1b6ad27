"""Short ways to write a question down."""

from scanners.access.questions import answer

HERE, THERE = "111122223333", "444455556666"
USER = f"arn:aws:iam::{HERE}:user/bob"
ROLE = f"arn:aws:iam::{HERE}:role/app"
SESSION = f"arn:aws:sts::{HERE}:assumed-role/app/s1"
ROOT = f"arn:aws:iam::{HERE}:root"
FEDERATED = f"arn:aws:sts::{HERE}:federated-user/bob"
LINKED = f"arn:aws:iam::{HERE}:role/aws-service-role/lex.amazonaws.com/AWSServiceRoleForLex"
ANYONE = {"kind": "anonymous", "value": None}
SNS = {"kind": "service", "value": "sns.amazonaws.com"}
QUEUE = f"arn:aws:sqs:eu-west-1:{HERE}:orders"
KEY = f"arn:aws:kms:eu-west-1:{HERE}:key/1234"
OBJECT = "arn:aws:s3:::box/a"


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def statement(effect, action="*", resource="*", principal=None, **more):
    found = {"Effect": effect, "Action": action, "Resource": resource, **more}
    return {**found, "Principal": principal} if principal is not None else found


def allow(action="*", resource="*", principal=None, **more):
    return document(statement("Allow", action, resource, principal, **more))


def deny(action="*", resource="*", principal=None, **more):
    return document(statement("Deny", action, resource, principal, **more))


NOTHING = document()
EMPTY = {
    "identity": [], "boundary": None, "scps": [], "rcps": [], "resource": None, "session": None, "vpce": None,
}  # fmt: skip


def ask(who, action, resource, policies, *, account=HERE, mode="strict", context=None, settings=None, known=(), **more):
    principal = {"kind": "aws", "value": who} if isinstance(who, str) else who
    return answer({
        "id": "q", "suite": "decision", "mode": mode,
        "request": {
            "principal": principal, "action": action, "resource": resource, "resource_account": account,
            "context": context or {}, "wildcard_only_action": False, **more,
        },
        "policies": {**EMPTY, **policies},
        "known_context": list(known),
        "settings": settings or {},
    })  # fmt: skip
