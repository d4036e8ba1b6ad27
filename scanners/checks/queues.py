"""Queues: who may use them, and whether messages rest encrypted."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.checks.open_policies import anyone_let_in
from scanners.checks.registry import Fix, check
from scanners.model import Resource, Severity, Verdict, failed, passed
from scanners.model.estate import Estate

QUEUE = "AWS::SQS::Queue"


@check(
    "aws.sqs.public",
    on=QUEUE,
    severity=Severity.CRITICAL,
    title="Queue open to anyone",
    reads=("GetQueueAttributes",),
    fix=Fix(
        console="SQS > the queue > Access policy > Edit: name the accounts or add an aws:SourceArn condition.",
        cli="aws sqs set-queue-attributes --queue-url URL --attributes Policy=file://policy.json",
        terraform='resource "aws_sqs_queue_policy" "this" { policy = data.aws_iam_policy_document.known_senders.json }',
    ),
)
def public(queue: Resource, estate: Estate) -> Iterator[Verdict]:
    """Anyone on the internet can read what the queue holds, or feed the functions behind it with messages of theirs."""
    policy = queue["GetQueueAttributes"]["Policy"]
    yield from anyone_let_in("queue", policy)
    yield passed("No statement of the queue's policy lets in strangers", policy)


@check(
    "aws.sqs.unencrypted",
    on=QUEUE,
    severity=Severity.MEDIUM,
    title="Queue stores messages unencrypted",
    reads=("GetQueueAttributes",),
    fix=Fix(
        console="SQS > the queue > Encryption > Edit: enable server-side encryption (SSE-SQS or a KMS key).",
        cli="aws sqs set-queue-attributes --queue-url URL --attributes SqsManagedSseEnabled=true",
        terraform='resource "aws_sqs_queue" "this" { sqs_managed_sse_enabled = true }',
    ),
)
def unencrypted(queue: Resource, estate: Estate) -> Iterator[Verdict]:
    """Messages often carry the personal and payment details that the rest of the system protects."""
    attributes = queue["GetQueueAttributes"]
    key, managed = attributes["KmsMasterKeyId"], attributes["SqsManagedSseEnabled"]
    if key.present:
        yield passed("Messages are encrypted with a KMS key", key)
    elif managed.value == "true":
        yield passed("Messages are encrypted with a key that SQS manages", managed)
    else:
        yield failed("Messages are stored without encryption", key, managed)
