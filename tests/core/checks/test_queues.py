"""Queues: CASES are run by tests/house/test_checks.py; tests of their own say what cases cannot."""

from tests.core.cases import Case, Cases, resource

QUEUE = "AWS::SQS::Queue"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:t"


def queue(**attributes):
    return Case(resource(QUEUE, ListQueues={"QueueUrl": "https://sqs/1/q"}, GetQueueAttributes=attributes))


def allow(principal, **more):
    return {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sqs:*", "Resource": "*", **more}]}


CASES = {
    "aws.sqs.public": Cases(
        fails=(
            queue(Policy=allow("*")),
            queue(Policy=allow({"AWS": "*"})),
            queue(Policy=allow({"AWS": ["arn:aws:iam::111122223333:root", "*"]})),
            queue(Policy=allow("*", Condition={"StringLike": {"aws:SourceArn": "*"}})),
            queue(Policy=allow("*", Condition={"Bool": {"aws:SecureTransport": "true"}})),
        ),
        passes=(
            queue(),
            queue(Policy=allow({"AWS": "111122223333"})),
            queue(Policy=allow("*", Condition={"ArnEquals": {"aws:SourceArn": TOPIC}})),
            queue(Policy=allow("*", Condition={"StringEquals": {"aws:SourceAccount": "111122223333"}})),
        ),
    ),
    "aws.sqs.unencrypted": Cases(
        fails=(queue(), queue(SqsManagedSseEnabled="false")),
        passes=(queue(SqsManagedSseEnabled="true"), queue(KmsMasterKeyId="alias/aws/sqs")),
    ),
}
