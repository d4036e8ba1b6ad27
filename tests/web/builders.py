"""People and accounts for tests of pages.  What scans saw is published through the store: tests/publishing.py."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

from posture.actions import accounts
from posture.models import Account, AccountGroup, Person, Scan
from tests.core.cases import refused, resource
from tests.publishing import an_account, publish, saw

HOSTILE = "<script>alert(1)</script>\"'"
START = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
QUEUE = "AWS::SQS::Queue"
OPEN_POLICY = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}]}
TLS_ONLY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "sqs:*",
    "Resource": "*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
_numbers = count(1)


def a_person(role: str = "viewer", *groups: AccountGroup, **fields: object) -> Person:
    person = Person.objects.create_user(f"{role}{next(_numbers)}@example.test", None, role=role, **fields)
    person.account_groups.set(groups)
    return person


def an_admin() -> Person:
    return a_person("admin")


def account_in(group: str, ref: str = "111122223333", **fields: object) -> Account:
    """An account in a group of its own, so that a test can say who is given it."""
    return an_account(ref, group=accounts.group(group), **fields)


def a_queue(name: str = "orders", *, account: str = "111122223333", region: str = "eu-west-1", unread: bool = False,
            **attributes: object):  # fmt: skip
    """A queue: encrypted, closed and with a place for what fails, unless `attributes` (of GetQueueAttributes) say
    otherwise; whatever policy it has denies what comes without TLS.
    """
    arn = f"arn:aws:sqs:{region}:{account}:{name}"
    sections = {"ListQueues": {"QueueUrl": f"https://sqs/{account}/{name}"}}
    if unread:
        gaps = {"GetQueueAttributes": refused("GetQueueAttributes", "sqs")}
        return resource(QUEUE, arn, region=region, gaps=gaps, **sections)
    said = {"SqsManagedSseEnabled": "true", "RedrivePolicy": "{}", **attributes}
    policy = attributes.get("Policy") or {"Statement": []}
    said["Policy"] = {**policy, "Statement": [*policy["Statement"], TLS_ONLY]}
    sections["GetQueueAttributes"] = said
    return resource(QUEUE, arn, region=region, **sections)


def queues_scanned(account: Account, *queues: object, at: datetime = START, refused: tuple[str, ...] = ()) -> Scan:
    """One scan of the queues of eu-west-1."""
    return publish(account, saw("eu-west-1", "sqs", *queues, refused=refused), at=at)
