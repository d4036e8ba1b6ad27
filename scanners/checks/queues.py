"""Queues: who may use them, whether messages travel and rest encrypted, and where those go that nobody can read."""

from __future__ import annotations

from collections.abc import Iterator

from scanners.access.aws.statements import matches, statements
from scanners.checks.functions import MAPPING
from scanners.checks.open_policies import anyone_let_in, wants_tls
from scanners.checks.registry import Fix, check
from scanners.checks.ways_in import nearby
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


@check(
    "aws.sqs.no_tls_deny",
    on=QUEUE,
    severity=Severity.LOW,
    title="Queue accepts requests without TLS",
    reads=("GetQueueAttributes",),
    fix=Fix(
        console="SQS > the queue > Access policy > Edit: add a Deny of sqs:* to everyone where aws:SecureTransport is"
        " false.",
        cli="aws sqs set-queue-attributes --queue-url URL --attributes Policy=file://policy.json",
        terraform='condition { test = "Bool"  variable = "aws:SecureTransport"  values = ["false"] }',
    ),
)
def no_tls_deny(queue: Resource, estate: Estate) -> Iterator[Verdict]:
    """What is sent to the queue without TLS can be read and changed on the way, and the queue takes it all the same."""
    policy = queue["GetQueueAttributes"]["Policy"]
    denies = [
        statement.node
        for statement in statements(policy)
        if wants_tls(statement, "sqs:*") and any(matches(on.text(), queue.ref) for on in statement.node["Resource"])
    ]
    if denies:
        yield passed("The queue's policy denies what comes without TLS", *denies)
    else:
        yield failed("No statement of the queue's policy denies everyone what comes without TLS", policy)


@check(
    "aws.sqs.no_dlq",
    on=QUEUE,
    severity=Severity.LOW,
    title="Queue of a function without dead letter queue",
    reads=("GetQueueAttributes",),
    joins=((MAPPING, "ListEventSourceMappings"),),
    fix=Fix(
        console="SQS > the queue > Edit > Dead-letter queue: Enabled, with a queue that somebody looks at.",
        cli="aws sqs set-queue-attributes --queue-url URL --attributes"
        ' \'{"RedrivePolicy": "{\\"deadLetterTargetArn\\": \\"ARN\\", \\"maxReceiveCount\\": 5}"}\'',
        terraform='resource "aws_sqs_queue_redrive_policy" "this" { redrive_policy = jsonencode({ deadLetterTargetArn ='
        " aws_sqs_queue.dead.arn, maxReceiveCount = 5 }) }",
    ),
)
def no_dlq(queue: Resource, estate: Estate) -> Iterator[Verdict]:
    """A message that the function cannot digest comes back until it is too old, is paid for each time, and is gone."""
    redrive = queue["GetQueueAttributes"]["RedrivePolicy"]
    if redrive.value:
        yield passed("Messages that fail go to a dead letter queue", redrive)
        return
    fed = [
        source
        for mapping in nearby(queue, MAPPING, estate)
        if (source := mapping["ListEventSourceMappings"]["EventSourceArn"]).value == queue.ref
    ]
    if fed:
        yield failed("The queue feeds a function, and messages that fail are kept nowhere", redrive, *fed)
    else:
        yield passed("The queue feeds no function", redrive)
