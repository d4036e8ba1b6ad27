"""Queues: CASES are run by tests/house/test_checks.py; tests of their own say what cases cannot."""

from dataclasses import replace

from tests.core.cases import Case, Cases, resource

QUEUE = "AWS::SQS::Queue"
TOPIC = "arn:aws:sns:eu-west-1:111122223333:t"


def queue(**attributes):
    return Case(resource(QUEUE, ListQueues={"QueueUrl": "https://sqs/1/q"}, GetQueueAttributes=attributes))


def allow(principal, **more):
    return {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sqs:*", "Resource": "*", **more}]}


def when(**condition):
    return queue(Policy=allow("*", Condition={name.replace("__", ":"): keys for name, keys in condition.items()}))


def unless(principal="NotPrincipal", named="*", **condition):
    """A policy that lets everyone in, and then denies."""
    deny = {"Effect": "Deny", principal: named, "Action": "sqs:*", "Resource": "*"}
    if condition:
        deny["Condition"] = {name.replace("__", ":"): keys for name, keys in condition.items()}
    return queue(Policy={"Statement": [*allow("*")["Statement"], deny]})


ORG, UNIT = "o-abcdefghij", "o-abcdefghij/r-ab12/ou-ab12-11111111/*"
ROOT = "arn:aws:iam::111122223333:root"

PLAIN = {"Bool": {"aws:SecureTransport": "false"}}
REDRIVE = '{"deadLetterTargetArn": "arn:aws:sqs:eu-west-1:111122223333:dead", "maxReceiveCount": 5}'
MAPPING = "AWS::Lambda::EventSourceMapping"


def over_tls(**other):
    """The usual Deny, with something else in it."""
    said = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*", "Condition": PLAIN, **other}
    return queue(Policy={"Statement": [said]})


def fed(case, source=None, region="eu-west-1"):
    said = {"EventSourceArn": source or case.resource.ref, "FunctionArn": "arn:f"}
    return replace(case, around=(resource(MAPPING, "m", region=region, ListEventSourceMappings=said),))


CASES = {
    "aws.sqs.public": Cases(
        fails=(
            queue(Policy=allow("*")),
            queue(Policy=allow({"AWS": "*"})),
            queue(Policy=allow({"AWS": ["arn:aws:iam::111122223333:root", "*"]})),
            queue(Policy=allow("*", Condition={"StringLike": {"aws:SourceArn": "*"}})),
            queue(Policy=allow("*", Condition={"Bool": {"aws:SecureTransport": "true"}})),
            when(StringEquals={"aws:PrincipalTag/team": "payments"}),
            when(StringEquals={"aws:username": "alice"}),
            when(IpAddressIfExists={"aws:SourceIp": "203.0.113.0/24"}),
            when(ForAnyValue__StringLike={"aws:PrincipalOrgPaths": ["o-*/r-ab12/*"]}),
            when(ForAllValues__StringLike={"aws:PrincipalOrgPaths": [UNIT]}),
            when(StringLike={"aws:userId": "AROA*:*"}),
            when(StringLike={"aws:userId": "AROAEXAMPLE*"}),
            when(ArnLike={"aws:SourceArn": "arn:aws:s3:::orders*"}),
            unless("Principal", ForAnyValue__StringNotLike={"aws:PrincipalOrgPaths": [UNIT]}),
            unless("NotPrincipal", {"AWS": ["*"]}),
        ),
        passes=(
            queue(),
            queue(Policy=allow({"AWS": "111122223333"})),
            queue(Policy=allow("*", Condition={"ArnEquals": {"aws:SourceArn": TOPIC}})),
            queue(Policy=allow("*", Condition={"StringEquals": {"aws:SourceAccount": "111122223333"}})),
            when(ForAnyValue__StringLike={"aws:PrincipalOrgPaths": [UNIT, f"{ORG}/*"]}),
            when(StringLike={"aws:userId": ["AROAEXAMPLEEXAMPLEAAA:*", "111122223333"]}),
            unless("Principal", ForAllValues__StringNotLike={"aws:PrincipalOrgPaths": [UNIT]}),
            when(ArnLike={"aws:SourceArn": "arn:aws:s3:*:*:orders"}),
            when(StringEquals={"aws:SourceAccount": 111122223333}),
            unless("Principal", StringNotEqualsIfExists={"aws:PrincipalOrgID": ORG}),
            unless("NotPrincipal", {"AWS": [ROOT, "arn:aws:iam::111122223333:role/app"]}),
        ),
        unknown=(
            queue(Policy={"Version": "2012-10-17"}),
            queue(Policy=allow("*", Effect=None)),
            queue(Policy=allow({"AWS": [999988887777]})),
        ),
    ),
    "aws.sqs.no_tls_deny": Cases(
        fails=(
            queue(),
            queue(Policy=allow("*")),
            over_tls(Effect="Allow"),
            over_tls(Principal={"AWS": "arn:aws:iam::111122223333:role/app"}),
            over_tls(Action="sqs:SendMessage"),
            over_tls(Resource="arn:aws:sqs:eu-west-1:111122223333:another"),
            over_tls(Condition={"Bool": {"aws:SecureTransport": "true"}}),
            over_tls(Condition={**PLAIN, "StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}),
            over_tls(Condition={}),
        ),
        passes=(
            over_tls(),
            over_tls(Action="*"),
            over_tls(Principal={"AWS": "*"}, Resource=resource(QUEUE).ref),
            over_tls(Condition={"BoolIfExists": {"aws:securetransport": False}}),
        ),
        unknown=(queue(Policy={"Version": "2012-10-17"}),),
    ),
    "aws.sqs.no_dlq": Cases(
        fails=(fed(queue()), fed(queue(FifoQueue="true"))),
        passes=(
            fed(queue(RedrivePolicy=REDRIVE)),
            queue(),
            fed(queue(), "arn:aws:sqs:eu-west-1:111122223333:another"),
            fed(queue(), region="eu-west-3"),
        ),
    ),
    "aws.sqs.unencrypted": Cases(
        fails=(queue(), queue(SqsManagedSseEnabled="false")),
        passes=(queue(SqsManagedSseEnabled="true"), queue(KmsMasterKeyId="alias/aws/sqs")),
    ),
}
